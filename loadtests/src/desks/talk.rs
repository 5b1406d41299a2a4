//! What a counselor or peer means to do in conversations and handoffs: the reactions to what the screen shows of them.

use super::asked::Purpose;
use super::mind::{Mind, PRESS_AGAIN_MS, Plan};
use crate::auditor::{DeskHappened, DeskPart, HandoffStep};
use crate::carrier::Hidden;
use crate::mark::Mark;
use holdfast_proto::router::v1::{ContactState, HandoffToward};

/// What somebody keeps in mind about one contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Talk {
    /// Messages written so far, and how many there will be.
    sent: u64,
    most: u64,
    /// A handoff was thought about.
    considered: bool,
}

impl Mind {
    fn talk(&mut self, contact: &str) -> &mut Talk {
        let temper = &mut self.temper;
        let begin = || Talk { sent: 0, most: temper.replies(), considered: false };
        self.talks.entry(contact.to_owned()).or_insert_with(begin)
    }

    pub(super) fn waits_for_words(&mut self, contact: String) {
        let after_ms = self.temper.first_reply_ms();
        self.plan(after_ms, Plan::Write { contact });
    }

    /// They talk with the person: for how long, and whether somebody else would be better.
    pub(super) fn connected(&mut self, contact: String) {
        let Some(page) = self.screen.page(&contact) else { return };
        let (written, handing_over) = (page.written, page.open_handoff().is_some());
        if handing_over {
            // Nothing is ended in the middle of a handoff.
            return;
        }
        let is_peer = self.screen.is_peer();
        let considered = std::mem::replace(&mut self.talk(&contact).considered, true);
        if !considered && self.temper.hands_over(is_peer) {
            let after_ms = self.temper.starts_after_ms();
            self.plan(after_ms, Plan::StartHandoff { contact: contact.clone() });
        }
        self.plan_end(contact, written);
    }

    fn plan_end(&mut self, contact: String, written: bool) {
        let after_ms = if written { self.temper.patience_ms() } else { self.temper.talk_ms() };
        self.plan(after_ms, Plan::End { contact });
    }

    pub(super) fn person_wrote(&mut self, contact: String) {
        let Some(page) = self.screen.page(&contact) else { return };
        let open = page.open_handoff();
        if page.part != DeskPart::Owner {
            return;
        }
        let talk = *self.talk(&contact);
        if talk.sent >= talk.most && open.is_none() {
            return;
        }
        if talk.sent > 0 {
            self.plans.retain(|(_, plan)| !matches!(plan, Plan::End { contact: of } if *of == contact));
        }
        let after_ms = self.temper.reply_ms();
        self.plan(after_ms, Plan::Write { contact });
    }

    /// A handoff came to a step; what this desk has to do with it follows from what it is to the contact.
    pub(super) fn handoff_moved(&mut self, contact: String, step: HandoffStep, part: DeskPart) {
        let takes_over = part == DeskPart::Joining;
        match step {
            HandoffStep::Consenting if part == DeskPart::Owner => {
                let after_ms = self.temper.consent_ms();
                let given = self.temper.person_agrees();
                if let Some(off_ms) = self.temper.calls_off_after_ms() {
                    self.plan(off_ms, Plan::CancelHandoff { contact: contact.clone() });
                }
                self.plan(after_ms, Plan::Consent { contact, given });
            }
            HandoffStep::Briefing if takes_over => {
                let after_ms = self.temper.reads_ms();
                self.plan_step(after_ms, contact, |contact| Plan::Join { contact });
            }
            HandoffStep::Together if takes_over => {
                let after_ms = self.temper.together_ms();
                if self.screen.page(&contact).is_some_and(|page| page.written) {
                    self.plan(after_ms / 3, Plan::Write { contact: contact.clone() });
                }
                self.plan_step(after_ms, contact, |contact| Plan::Confirm { contact });
            }
            HandoffStep::Confirmed if part == DeskPart::Leaving => {
                let after_ms = self.temper.leaves_after_ms();
                self.plan(after_ms, Plan::Leave { contact });
            }
            HandoffStep::Completed | HandoffStep::Cancelled | HandoffStep::Returned => {
                self.forget_handoff(&contact);
                if part == DeskPart::Owner {
                    self.connected(contact);
                }
            }
            _ => {}
        }
    }

    /// A step of whoever was reserved; or it is given back, or the desk loses its line.
    fn plan_step(&mut self, after_ms: u64, contact: String, step: impl Fn(String) -> Plan) {
        if let Some(away_ms) = self.temper.away_ms() {
            self.plan(after_ms / 2, Plan::LoseLine { away_ms });
        }
        let plan = if self.temper.withdraws() { Plan::CancelHandoff { contact } } else { step(contact) };
        self.plan(after_ms, plan);
    }

    pub(super) fn forget_handoff(&mut self, of: &str) {
        self.plans.retain(|(_, plan)| plan.handoff_of() != Some(of));
    }

    /// What becomes of a plan about a conversation or a handoff; none if the screen has moved on, and so has the human.
    pub(super) fn purpose_of(&mut self, plan: &Plan) -> Option<Purpose> {
        let contact = plan.handoff_of().or(plan.written_to())?.to_owned();
        let page = self.screen.page(&contact)?;
        let (part, step) = (page.part, page.open_handoff());
        let is_peer = self.screen.is_peer();
        let before_joining = matches!(step, Some(HandoffStep::Consenting | HandoffStep::Seeking));
        let purpose = match plan {
            Plan::Write { .. } if matches!(part, DeskPart::Owner | DeskPart::Joining) => {
                Purpose::Send { contact, words: Hidden::new(self.temper.words()) }
            }
            Plan::StartHandoff { .. } if part == DeskPart::Owner && step.is_none() && page.talked => {
                let toward = if is_peer { HandoffToward::Counselor } else { HandoffToward::Peer };
                Purpose::StartHandoff { contact, toward }
            }
            Plan::Consent { given, .. } if step == Some(HandoffStep::Consenting) => {
                Purpose::Consent { contact, given: *given }
            }
            Plan::Join { .. } if step == Some(HandoffStep::Briefing) => Purpose::Join { contact },
            Plan::Confirm { .. } if step == Some(HandoffStep::Together) => Purpose::Confirm { contact },
            Plan::Leave { .. } if part == DeskPart::Leaving => Purpose::Leave { contact },
            Plan::CancelHandoff { .. }
                if part == DeskPart::Joining || (part == DeskPart::Owner && (before_joining || step.is_some())) =>
            {
                Purpose::CancelHandoff { contact }
            }
            _ => return None,
        };
        Some(purpose)
    }

    /// A message is on its way.
    pub(super) fn sending(&mut self, contact: &str, words: &Hidden, request: String) {
        let mark = Mark::of(words.reveal());
        self.screen.sending(DeskHappened::SendAsked { contact: contact.to_owned(), request, mark });
    }

    /// A message was taken, or refused.
    pub(super) fn sent(&mut self, contact: String, request: String, refused: Option<String>) {
        let still_waits = refused.is_some();
        self.screen.sending(match refused {
            None => DeskHappened::SendDone { contact: contact.clone(), request },
            Some(reason) => DeskHappened::SendRefused { contact: contact.clone(), request, reason },
        });
        let Some(page) = self.screen.page(&contact) else { return };
        let (ours, handing_over) = (page.part == DeskPart::Owner, page.open_handoff().is_some());
        if still_waits && page.state == ContactState::Connecting {
            return self.plan(PRESS_AGAIN_MS, Plan::Write { contact });
        }
        let talk = self.talk(&contact);
        talk.sent += 1;
        let over = talk.sent >= talk.most;
        if ours && !handing_over {
            self.plans.retain(|(_, plan)| !matches!(plan, Plan::End { contact: of } if *of == contact));
            let after_ms = if over { self.temper.closes_after_ms() } else { self.temper.patience_ms() };
            self.plan(after_ms, Plan::End { contact });
        }
    }

    /// The run is being drained: handoffs that nobody has joined are called off.
    pub(super) fn hurry_handoffs(&mut self) {
        let early = |step| matches!(step, Some(HandoffStep::Consenting | HandoffStep::Seeking));
        let waiting: Vec<String> = self
            .screen
            .all_contacts()
            .filter(|(_, page)| page.part == DeskPart::Owner && early(page.open_handoff()))
            .map(|(contact, _)| contact.clone())
            .collect();
        self.plans.retain(|(_, plan)| !matches!(plan, Plan::StartHandoff { .. } | Plan::LoseLine { .. }));
        for contact in waiting {
            self.plan(0, Plan::CancelHandoff { contact });
        }
    }
}
