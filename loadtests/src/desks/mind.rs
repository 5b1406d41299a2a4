//! What one simulated counselor means to do and when: plans made from what the screen shows, and the commands they become.
//!
//! Nothing here touches the wire; a plan that comes due while the line is down is carried out when it is back.

use super::asked::{Asked, Purpose};
use super::book::Book;
use super::habits::{Choice, Temper};
use super::screen::{Change, Pressed, Screen};
use super::talk::Talk;
use crate::clock::RunClock;
use holdfast_proto::desk::v1::work_response::{Answered, Hear};
use holdfast_proto::desk::v1::{WorkRequest, WorkResponse};
use holdfast_proto::router::v1::{ContactState, Position, Readiness};
use std::collections::BTreeMap;
use std::sync::Arc;
use tonic::Code;

/// When a button that did nothing is pressed again, milliseconds of real time.
pub(super) const PRESS_AGAIN_MS: u64 = 500;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    Accept {
        offer: String,
    },
    Decline {
        offer: String,
    },
    End {
        contact: String,
    },
    FinishWrapUp {
        contact: String,
    },
    /// From a break, or from a missed offer.
    ComeBack,
    Write {
        contact: String,
    },
    StartHandoff {
        contact: String,
    },
    Consent {
        contact: String,
        given: bool,
    },
    Join {
        contact: String,
    },
    Confirm {
        contact: String,
    },
    Leave {
        contact: String,
    },
    CancelHandoff {
        contact: String,
    },
    /// The desk leaves its line, as a closed window does.
    LoseLine {
        away_ms: u64,
    },
}

impl Plan {
    pub(super) fn handoff_of(&self) -> Option<&str> {
        match self {
            Self::StartHandoff { contact }
            | Self::Consent { contact, .. }
            | Self::Join { contact }
            | Self::Confirm { contact }
            | Self::Leave { contact }
            | Self::CancelHandoff { contact } => Some(contact),
            _ => None,
        }
    }

    pub(super) fn written_to(&self) -> Option<&str> {
        if let Self::Write { contact } = self { Some(contact) } else { None }
    }
}

/// One counselor.
#[derive(Debug)]
pub(super) struct Mind {
    clock: RunClock,
    pub(super) temper: Temper,
    pub(super) screen: Screen,
    asked: Asked,
    /// At most one of a kind per offer or contact on the screen, and one to come back.
    pub(super) plans: Vec<(u64, Plan)>,
    /// By contact on the screen.
    pub(super) talks: BTreeMap<String, Talk>,
    /// The line is to be left for this long.
    loses_line: Option<u64>,
    position: Option<Position>,
    signed_in: bool,
    on_shift: bool,
}

impl Mind {
    pub(super) fn new(clock: RunClock, temper: Temper, book: Arc<Book>) -> Self {
        Self {
            clock,
            temper,
            screen: Screen::new(clock, book),
            asked: Asked::default(),
            plans: Vec::new(),
            talks: BTreeMap::new(),
            loses_line: None,
            position: None,
            signed_in: false,
            on_shift: false,
        }
    }

    /// Where the desk stands, to resume.
    pub(super) fn position(&self) -> Option<Position> {
        self.position
    }

    /// The service would not resume from there: ask for a snapshot.
    pub(super) fn forget_position(&mut self) {
        self.position = None;
    }

    pub(super) fn is_signed_in(&self) -> bool {
        self.signed_in
    }

    pub(super) fn is_busy(&self) -> bool {
        self.screen.is_busy()
    }

    pub(super) fn hear(&mut self, response: WorkResponse) {
        self.screen.heard_at(response.position, response.at_ms);
        match response.hear {
            Some(Hear::SignedIn(_)) => self.begin(),
            Some(Hear::Snapshot(snapshot)) => self.screen.snapshot(snapshot),
            Some(Hear::Delta(delta)) => self.screen.delta(delta),
            Some(Hear::Answered(answered)) => self.answered(&answered),
            Some(Hear::Beat(_)) | None => {}
        }
        self.position = response.position.or(self.position);
        for change in self.screen.changes() {
            self.react(change);
        }
        self.consider_coming_back();
    }

    fn begin(&mut self) {
        self.signed_in = true;
        self.screen.signed_in();
        self.asked.all_due(self.clock.now_ms());
        if !std::mem::replace(&mut self.on_shift, true) {
            // Said even by those who still are available from an earlier shift.
            self.plan(0, Plan::ComeBack);
            self.act();
        }
    }

    pub(super) fn stream_over(&mut self) {
        self.signed_in = false;
        self.screen.stream_over();
    }

    fn react(&mut self, change: Change) {
        match change {
            Change::Offered { offer } => {
                let answer_ms = self.temper.answer_ms();
                match self.temper.choice() {
                    Choice::Accept => self.plan(answer_ms, Plan::Accept { offer }),
                    Choice::Decline => self.plan(answer_ms, Plan::Decline { offer }),
                    Choice::Miss => {}
                }
            }
            Change::OfferGone { offer: gone } => self.plans.retain(
                |(_, plan)| !matches!(plan, Plan::Accept { offer } | Plan::Decline { offer } if *offer == gone),
            ),
            Change::WaitsForWords { contact } => self.waits_for_words(contact),
            Change::Connected { contact } => self.connected(contact),
            Change::PersonWrote { contact } => self.person_wrote(contact),
            Change::HandoffMoved { contact, step, part } => self.handoff_moved(contact, step, part),
            Change::WritingUp { contact } => {
                self.forget(&contact);
                let wrap_up_ms = self.temper.wrap_up_ms();
                self.plan(wrap_up_ms, Plan::FinishWrapUp { contact });
            }
            Change::Gone { contact, talked } => {
                self.forget(&contact);
                self.talks.remove(&contact);
                if talked && self.temper.takes_break() && !self.becomes_something() {
                    self.asked.ask(Purpose::Become(Readiness::Break), self.clock.now_ms());
                }
            }
        }
    }

    /// For how long the desk leaves its line, if it does so now.
    pub(super) fn loses_line(&mut self) -> Option<u64> {
        self.loses_line.take()
    }

    pub(super) fn plan(&mut self, after_ms: u64, plan: Plan) {
        if !self.plans.iter().any(|(_, other)| *other == plan) {
            self.plans.push((self.clock.now_ms().saturating_add(after_ms), plan));
        }
    }

    fn forget(&mut self, of: &str) {
        self.forget_handoff(of);
        self.plans.retain(|(_, plan)| {
            let about = match plan {
                Plan::End { contact } | Plan::FinishWrapUp { contact } | Plan::Write { contact } => Some(contact),
                _ => None,
            };
            about.is_none_or(|contact| contact != of)
        });
    }

    fn becomes_something(&self) -> bool {
        self.asked.any(|purpose| matches!(purpose, Purpose::Become(_)))
    }

    /// Whoever is not available, and has nothing under way to become so, comes back after a while.
    fn consider_coming_back(&mut self) {
        let Some(readiness) = self.screen.readiness() else { return };
        if readiness == Readiness::Available {
            self.plans.retain(|(_, plan)| *plan != Plan::ComeBack);
            return;
        }
        let planned = self.plans.iter().any(|(_, plan)| *plan == Plan::ComeBack);
        if planned || self.becomes_something() || self.screen.will_be_available() {
            return;
        }
        let after_ms = if readiness == Readiness::Break { self.temper.break_ms() } else { self.temper.wrap_up_ms() };
        self.plan(after_ms, Plan::ComeBack);
    }

    fn answered(&mut self, answered: &Answered) {
        let Some(purpose) = self.asked.settle(answered, self.clock.now_ms()) else { return };
        let code = Code::from_i32(answered.code);
        let refused = (code != Code::Ok).then(|| match answered.reason.as_str() {
            "" => format!("{code:?}"),
            reason => reason.to_owned(),
        });
        if let Some(reason) = &refused {
            tracing::debug!(?purpose, reason, "a desk was told no");
        }
        match purpose {
            Purpose::Accept { offer, contact } => self.screen.accept_answered(&offer, &contact, refused),
            Purpose::End { contact } if refused.is_some() && self.screen.shows(&contact, ContactState::Connected) => {
                self.plan(PRESS_AGAIN_MS, Plan::End { contact });
            }
            Purpose::FinishWrapUp { contact }
                if refused.is_some() && self.screen.shows(&contact, ContactState::WrappingUp) =>
            {
                self.plan(PRESS_AGAIN_MS, Plan::FinishWrapUp { contact });
            }
            Purpose::Become(Readiness::Available) if refused.is_some() => self.plan(PRESS_AGAIN_MS, Plan::ComeBack),
            Purpose::Send { contact, .. } => self.sent(contact, answered.request_id.clone(), refused),
            // A step that was refused is pressed again, unless the screen has moved on by then.
            Purpose::Join { contact } if refused.is_some() => self.plan(PRESS_AGAIN_MS, Plan::Join { contact }),
            Purpose::Confirm { contact } if refused.is_some() => self.plan(PRESS_AGAIN_MS, Plan::Confirm { contact }),
            Purpose::Leave { contact } if refused.is_some() => self.plan(PRESS_AGAIN_MS, Plan::Leave { contact }),
            _ => {}
        }
    }

    /// Carries out what is due. Only somebody who is signed in can press anything.
    pub(super) fn act(&mut self) {
        if !self.signed_in {
            return;
        }
        let now_ms = self.clock.now_ms();
        let (due, later) = std::mem::take(&mut self.plans).into_iter().partition(|(due_ms, _)| *due_ms <= now_ms);
        self.plans = later;
        let due: Vec<(u64, Plan)> = due;
        for (_, plan) in due {
            if !self.carry_out(&plan, now_ms) {
                self.plan(PRESS_AGAIN_MS, plan);
            }
        }
    }

    /// False if too much is under way to press anything.
    fn carry_out(&mut self, plan: &Plan, now_ms: u64) -> bool {
        let purpose = match plan.clone() {
            Plan::Accept { offer } => {
                let Some(contact) = self.screen.unanswered(&offer) else { return true };
                Purpose::Accept { offer, contact }
            }
            Plan::Decline { offer } if self.screen.unanswered(&offer).is_none() => return true,
            Plan::Decline { offer } => Purpose::Decline { offer },
            Plan::End { contact } if !self.screen.may_end(&contact) => return true,
            Plan::End { contact } => Purpose::End { contact },
            Plan::FinishWrapUp { contact } => Purpose::FinishWrapUp { contact },
            Plan::ComeBack => Purpose::Become(Readiness::Available),
            Plan::LoseLine { away_ms } => {
                self.loses_line = Some(away_ms);
                return true;
            }
            other => {
                let Some(purpose) = self.purpose_of(&other) else { return true };
                purpose
            }
        };
        let Some(request) = self.asked.ask(purpose.clone(), now_ms) else { return false };
        if let Purpose::Send { contact, words } = &purpose {
            self.sending(contact, words, request);
        }
        match plan {
            Plan::Accept { offer } => self.screen.press(offer, Pressed::Accept),
            Plan::Decline { offer } => self.screen.press(offer, Pressed::Decline),
            _ => true,
        }
    }

    /// Says the commands that are due, those of a broken stream under their old ids.
    pub(super) fn say_due(&mut self, say: impl FnMut(WorkRequest) -> bool) {
        if self.signed_in {
            self.asked.say_due(self.clock.now_ms(), say);
        }
    }

    /// When there is something to do next, on the run's clock.
    pub(super) fn next_ms(&self) -> Option<u64> {
        let planned = self.plans.iter().map(|(due_ms, _)| *due_ms).min();
        [planned, self.asked.next_ms()].into_iter().flatten().min().filter(|_| self.signed_in)
    }

    /// The run is being drained: everything is answered, brought to an end and finished soon.
    pub(super) fn hurry(&mut self) {
        if !self.temper.hurry() {
            return;
        }
        let now_ms = self.clock.now_ms();
        let soon_ms = now_ms.saturating_add(self.temper.talk_ms());
        for (due_ms, plan) in &mut self.plans {
            match plan {
                Plan::End { .. } => *due_ms = (*due_ms).min(soon_ms),
                Plan::Decline { offer } => *plan = Plan::Accept { offer: std::mem::take(offer) },
                Plan::Accept { .. } => {}
                _ => *due_ms = (*due_ms).min(now_ms),
            }
        }
        self.hurry_handoffs();
        for offer in self.screen.all_unanswered() {
            let answer_ms = self.temper.answer_ms();
            self.plan(answer_ms, Plan::Accept { offer });
        }
    }
}
