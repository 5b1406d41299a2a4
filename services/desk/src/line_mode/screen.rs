//! What the desk knows and says: a fold over events, and the meaning of typed lines given it. No I/O, no clock of its own.

use std::collections::BTreeMap;
use std::time::Duration;

use holdfast_proto::router::v1::{
    Channel, ContactState, DeskContact, DeskOffer, DeskSelf, LegState, OfferState, Readiness,
};
use tokio::time::Instant;

use super::sentences;
use super::words::{Said, understand};
use crate::client::{Answer, DeskCommand, DeskEvent};

/// How long before the deadline the one reminder is said, in milliseconds.
const REMINDER_MS: u64 = 5_000;

/// Commands whose purpose is remembered until they are answered, at most; as many as the client lets wait.
const PURPOSES_MAX: usize = crate::client::UNANSWERED_MAX;

/// Something to do for a typed line.
pub(super) struct Act {
    pub(super) command: DeskCommand,
    pub(super) purpose: Purpose,
}

/// Why a command was sent, for the words at its answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The feed says what became of it.
    Shown,
    /// A note: only the answer says that it is kept.
    Note,
    /// The end of the shift.
    Leave,
}

struct Offer {
    view: DeskOffer,
    deadline: Instant,
    reminded: bool,
}

pub(super) struct Screen {
    mine: DeskSelf,
    offers: BTreeMap<String, Offer>,
    contacts: BTreeMap<String, DeskContact>,
    purposes: BTreeMap<String, Purpose>,
    leaving_since: Option<Instant>,
    /// Network time minus nothing: the router's clock as last heard, and when that was.
    heard: (u64, Instant),
    shown: bool,
}

impl Screen {
    pub(super) fn new() -> Self {
        Self {
            mine: DeskSelf::default(),
            offers: BTreeMap::new(),
            contacts: BTreeMap::new(),
            purposes: BTreeMap::new(),
            leaving_since: None,
            heard: (0, Instant::now()),
            shown: false,
        }
    }

    /// Remembers what a command was for.
    pub(super) fn sent(&mut self, request_id: String, purpose: Purpose) {
        if purpose == Purpose::Leave {
            self.leaving_since = Some(Instant::now());
        }
        if purpose != Purpose::Shown && self.purposes.len() < PURPOSES_MAX {
            self.purposes.insert(request_id, purpose);
        }
    }

    /// Since when the end of the shift waits for its answer.
    pub(super) fn leaving_since(&self) -> Option<Instant> {
        self.leaving_since
    }

    /// When [`Screen::remind`] has something to say.
    pub(super) fn next_reminder(&self) -> Option<Instant> {
        let due = |offer: &Offer| (!offer.reminded).then(|| offer.deadline - Duration::from_millis(REMINDER_MS));
        self.offers.values().filter_map(due).min()
    }

    /// One line at five seconds left.
    pub(super) fn remind(&mut self, now: Instant) -> Vec<String> {
        let mut lines = Vec::new();
        for offer in self.offers.values_mut() {
            if !offer.reminded && offer.deadline <= now + Duration::from_millis(REMINDER_MS) {
                offer.reminded = true;
                lines.push(sentences::FIVE_SECONDS.to_owned());
            }
        }
        lines
    }

    /// Folds an event and says what it means.
    pub(super) fn hear(&mut self, event: DeskEvent, now: Instant) -> Vec<String> {
        match event {
            DeskEvent::SignedIn { counselor_id, .. } => vec![sentences::signed_in(&counselor_id)],
            DeskEvent::Resumed { .. } => vec![sentences::RECONNECTED.to_owned()],
            DeskEvent::Disconnected { returns, code, message } => {
                if code == tonic::Code::Ok {
                    return vec![sentences::SIGNED_OFF.to_owned()];
                }
                vec![sentences::disconnected(returns, &message)]
            }
            DeskEvent::Answered(answer) => self.answered(&answer),
            DeskEvent::Snapshot { at_ms, snapshot, .. } => {
                self.heard = (at_ms, now);
                let mut lines = Vec::new();
                // What is not in the snapshot is over; who has it now is not said there.
                let gone = |id: &String| !snapshot.contacts.iter().any(|contact| contact.contact_id == *id);
                if self.contacts.keys().any(gone) {
                    lines.push("A contact you had is no longer yours.".to_owned());
                }
                let gone = |id: &String| !snapshot.offers.iter().any(|offer| offer.offer_id == *id);
                if self.offers.keys().any(gone) {
                    lines.push(sentences::taken_back("").to_owned());
                }
                self.contacts.retain(|id, _| snapshot.contacts.iter().any(|contact| contact.contact_id == *id));
                self.offers.retain(|id, _| snapshot.offers.iter().any(|offer| offer.offer_id == *id));
                lines.extend(self.fold(snapshot.self_, snapshot.offers, snapshot.contacts, now));
                lines
            }
            DeskEvent::Delta { at_ms, delta, .. } => {
                self.heard = (at_ms, now);
                self.fold(delta.self_, delta.offers, delta.contacts, now)
            }
        }
    }

    fn answered(&mut self, answer: &Answer) -> Vec<String> {
        let purpose = self.purposes.remove(&answer.request_id).unwrap_or(Purpose::Shown);
        if purpose == Purpose::Leave {
            self.leaving_since = None;
        }
        match (answer.is_done(), purpose) {
            (true, Purpose::Note) => vec![sentences::NOTE_SAVED.to_owned()],
            (true, Purpose::Shown | Purpose::Leave) => Vec::new(),
            (false, _) => vec![sentences::did_not_work(&answer.message)],
        }
    }

    fn fold(
        &mut self,
        mine: Option<DeskSelf>,
        offers: Vec<DeskOffer>,
        contacts: Vec<DeskContact>,
        now: Instant,
    ) -> Vec<String> {
        let mut lines = Vec::new();
        let mut missed = false;
        for offer in offers {
            missed |= offer.state() == OfferState::Expired;
            lines.extend(self.offer(offer, now));
        }
        for contact in contacts {
            lines.extend(self.contact(contact, now));
        }
        if let Some(mine) = mine {
            let before = std::mem::replace(&mut self.mine, mine);
            let same = sentences::state(&before) == sentences::state(&self.mine);
            // "Time ran out" has said it already.
            let said = missed && self.mine.readiness() == Readiness::CheckIn;
            if (!same || !self.shown) && !said {
                lines.push(sentences::state(&self.mine));
            }
            if before.readiness_next != self.mine.readiness_next {
                lines.extend(sentences::afterwards(self.mine.readiness_next()).map(str::to_owned));
            }
            self.shown = true;
        }
        lines
    }

    fn offer(&mut self, offer: DeskOffer, now: Instant) -> Option<String> {
        let known = self.offers.contains_key(&offer.offer_id);
        if offer.state() != OfferState::Open {
            self.offers.remove(&offer.offer_id);
        }
        match offer.state() {
            OfferState::Open if known => None,
            OfferState::Open => {
                let left_ms = offer.deadline_ms.saturating_sub(self.heard.0);
                let line = sentences::offer(&offer, left_ms / 1_000);
                let offer = Offer {
                    deadline: now + Duration::from_millis(left_ms),
                    // A short offer needs no second line.
                    reminded: left_ms <= REMINDER_MS,
                    view: offer,
                };
                self.offers.insert(offer.view.offer_id.clone(), offer);
                Some(line)
            }
            OfferState::Accepted => Some(sentences::YOU_HAVE_IT.to_owned()),
            OfferState::Declined => Some(sentences::PASSED_ON.to_owned()),
            OfferState::Expired => Some(sentences::TIME_RAN_OUT.to_owned()),
            OfferState::Rescinded => Some(sentences::taken_back(&offer.reason).to_owned()),
            OfferState::Unspecified => None,
        }
    }

    fn contact(&mut self, contact: DeskContact, now: Instant) -> Vec<String> {
        let before = self.contacts.get(&contact.contact_id).cloned();
        let before = before.unwrap_or_default();
        if !contact.yours {
            self.contacts.remove(&contact.contact_id);
            return vec![sentences::closed(contact.outcome()).to_owned()];
        }
        let left_s = self.left_ms(contact.wrap_up_ends_at_ms, now) / 1_000;
        let mut lines = Vec::new();
        if contact.state() != before.state() {
            match contact.state() {
                ContactState::Connecting if is_voice(&contact) => lines.push(sentences::CONNECTING_YOU.to_owned()),
                ContactState::Connected => lines.push(sentences::CONNECTED.to_owned()),
                ContactState::WrappingUp => lines.push(sentences::wrap_up(left_s)),
                _ => {}
            }
        } else if contact.wrap_up_ends_at_ms > before.wrap_up_ends_at_ms {
            lines.push(sentences::more_time(left_s));
        }
        if contact.counselor_leg() == LegState::Alerting && before.counselor_leg() != LegState::Alerting {
            lines.push(sentences::PHONE_RINGS.to_owned());
        }
        if contact.held != before.held && contact.state() == ContactState::Connected {
            let line = if contact.held { sentences::ON_HOLD } else { sentences::OFF_HOLD };
            lines.push(line.to_owned());
        }
        self.contacts.insert(contact.contact_id.clone(), contact);
        lines
    }

    fn left_ms(&self, at_ms: u64, now: Instant) -> u64 {
        let (heard_ms, heard) = self.heard;
        let since = u64::try_from(now.saturating_duration_since(heard).as_millis()).unwrap_or(u64::MAX);
        at_ms.saturating_sub(heard_ms.saturating_add(since))
    }

    /// Understands a typed line: words to say at once, and something to do.
    pub(super) fn typed(&mut self, line: &str, now: Instant) -> (Vec<String>, Option<Act>) {
        let said = understand(line);
        let act = match said {
            Said::Nothing => return (Vec::new(), None),
            Said::Help => return (sentences::HELP.iter().map(|line| (*line).to_owned()).collect(), None),
            Said::Status => return (self.status(now), None),
            Said::Unknown => Err(sentences::UNKNOWN),
            Said::NoteWithoutWords => Err(sentences::NOTE_EMPTY),
            Said::Ready => Ok(set(Readiness::Available)),
            Said::Break => Ok(set(Readiness::Break)),
            Said::Training => Ok(set(Readiness::Training)),
            Said::Accept => self.first_offer().map(DeskCommand::AcceptOffer).map(shown),
            Said::NotNow => self.first_offer().map(DeskCommand::DeclineOffer).map(shown),
            Said::Hold => self.person().map(DeskCommand::Hold).map(shown),
            Said::Resume => self.person().map(DeskCommand::Resume).map(shown),
            Said::End => self.person().map(DeskCommand::EndContact).map(shown),
            Said::GiveBack => self.person().map(DeskCommand::GiveBack).map(shown),
            Said::Done => self.written_up().map(DeskCommand::FinishWrapUp).map(shown),
            Said::MoreTime => self.written_up().map(DeskCommand::ExtendWrapUp).map(shown),
            Said::Note(words) => self
                .person()
                .or_else(|_| self.written_up())
                .map(|contact_id| Act { command: DeskCommand::WriteNote { contact_id, words }, purpose: Purpose::Note })
                .map_err(|_| sentences::NO_PERSON),
            Said::Quit if self.person().is_ok() => Err(sentences::STILL_TALKING),
            Said::Quit => Ok(Act { command: DeskCommand::SignOff, purpose: Purpose::Leave }),
        };
        match act {
            Ok(act) => (Vec::new(), Some(act)),
            Err(kind_word) => (vec![kind_word.to_owned()], None),
        }
    }

    /// The offer that ends first.
    fn first_offer(&self) -> Result<String, &'static str> {
        let first = self.offers.values().min_by_key(|offer| offer.deadline);
        first.map(|offer| offer.view.offer_id.clone()).ok_or(sentences::NO_OFFER)
    }

    /// The person one is with.
    fn person(&self) -> Result<String, &'static str> {
        self.in_state(|state| matches!(state, ContactState::Connecting | ContactState::Connected))
            .ok_or(sentences::NO_PERSON)
    }

    fn written_up(&self) -> Result<String, &'static str> {
        let contact = self.in_state(|state| state == ContactState::WrappingUp);
        contact.ok_or(if self.person().is_ok() { sentences::STILL_TALKING } else { sentences::NO_WRAP_UP })
    }

    fn in_state(&self, wanted: impl Fn(ContactState) -> bool) -> Option<String> {
        let found = self.contacts.values().find(|contact| wanted(contact.state()));
        found.map(|contact| contact.contact_id.clone())
    }

    fn status(&self, now: Instant) -> Vec<String> {
        let mut lines = vec![sentences::state(&self.mine)];
        lines.extend(sentences::afterwards(self.mine.readiness_next()).map(str::to_owned));
        for offer in self.offers.values() {
            let left = offer.deadline.saturating_duration_since(now).as_secs();
            lines.push(sentences::offer(&offer.view, left));
        }
        for contact in self.contacts.values() {
            let what = sentences::contact(contact.queue.as_ref(), &contact.language);
            lines.push(match contact.state() {
                ContactState::WrappingUp => {
                    let left_s = self.left_ms(contact.wrap_up_ends_at_ms, now) / 1_000;
                    format!("{what}: {}", sentences::more_time(left_s))
                }
                ContactState::Connected if contact.held => format!("{what}: {}", sentences::ON_HOLD),
                ContactState::Connected => format!("{what}: {}", sentences::CONNECTED),
                _ => format!("{what}: {}", sentences::CONNECTING_YOU),
            });
        }
        lines
    }
}

fn is_voice(contact: &DeskContact) -> bool {
    contact.queue.as_ref().is_none_or(|queue| queue.channel() == Channel::Voice)
}

fn shown(command: DeskCommand) -> Act {
    Act { command, purpose: Purpose::Shown }
}

fn set(readiness: Readiness) -> Act {
    shown(DeskCommand::SetReadiness(readiness, Vec::new()))
}
