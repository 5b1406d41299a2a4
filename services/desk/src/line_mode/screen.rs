//! What the desk knows and says: a fold over events. `contact` folds a contact and its conversation, `typed` has the meaning
//! of typed lines given all that. No I/O, no clock of its own.

use std::collections::BTreeMap;
use std::time::Duration;

use holdfast_proto::router::v1::{ContactState, DeskContact, DeskOffer, DeskSelf, OfferState, Readiness};
use tokio::time::Instant;

use super::sentences;
use crate::client::{Answer, DeskCommand, DeskEvent};

mod contact;
mod typed;

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

/// A contact, with the number it has for the person, how far its conversation was read, and the latest message that did not arrive.
struct Held {
    view: DeskContact,
    number: u32,
    read: u32,
    failed: u32,
}

struct Offer {
    view: DeskOffer,
    deadline: Instant,
    reminded: bool,
}

pub(super) struct Screen {
    mine: DeskSelf,
    offers: BTreeMap<String, Offer>,
    contacts: BTreeMap<String, Held>,
    /// Which contact the person has turned to, among several.
    chosen: Option<String>,
    purposes: BTreeMap<String, Purpose>,
    leaving_since: Option<Instant>,
    /// Network time minus nothing: the router's clock as last heard, and when that was.
    heard: (u64, Instant),
    shown: bool,
    /// Who sits here, to tell one's own words from a third's.
    who: String,
}

impl Screen {
    pub(super) fn new() -> Self {
        Self {
            mine: DeskSelf::default(),
            offers: BTreeMap::new(),
            contacts: BTreeMap::new(),
            chosen: None,
            purposes: BTreeMap::new(),
            leaving_since: None,
            heard: (0, Instant::now()),
            shown: false,
            who: String::new(),
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
            DeskEvent::SignedIn { counselor_id, .. } => {
                let word = sentences::signed_in(&counselor_id);
                self.who = counselor_id;
                vec![word]
            }
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
                let mut lines = self.fold(delta.self_, delta.offers, delta.contacts, now);
                for message in delta.messages {
                    lines.extend(self.message(&message));
                }
                lines
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
            if before.help.is_some() != self.mine.help.is_some() {
                let word =
                    if self.mine.help.is_some() { sentences::talk::HELP_ASKED } else { sentences::talk::HELP_OVER };
                lines.push(word.to_owned());
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

    fn left_ms(&self, at_ms: u64, now: Instant) -> u64 {
        let (heard_ms, heard) = self.heard;
        let since = u64::try_from(now.saturating_duration_since(heard).as_millis()).unwrap_or(u64::MAX);
        at_ms.saturating_sub(heard_ms.saturating_add(since))
    }

    fn status(&self, now: Instant) -> Vec<String> {
        let mut lines = vec![sentences::state(&self.mine)];
        lines.extend(sentences::afterwards(self.mine.readiness_next()).map(str::to_owned));
        for offer in self.offers.values() {
            let left = offer.deadline.saturating_duration_since(now).as_secs();
            lines.push(sentences::offer(&offer.view, left));
        }
        for Held { view: contact, number, .. } in self.contacts.values() {
            let what = sentences::contact(contact.queue.as_ref(), &contact.language);
            let what = if self.contacts.len() > 1 { format!("[{number}] {what}") } else { what };
            lines.push(match contact.state() {
                ContactState::WrappingUp => {
                    let left_s = self.left_ms(contact.wrap_up_ends_at_ms, now) / 1_000;
                    format!("{what}: {}", sentences::more_time(left_s))
                }
                ContactState::Connected if contact.held => format!("{what}: {}", sentences::ON_HOLD),
                ContactState::Connected => format!("{what}: {}", sentences::CONNECTED),
                _ if contact::is_voice(contact) => format!("{what}: {}", sentences::CONNECTING_YOU),
                _ => format!("{what}: {}", sentences::talk::WRITE_NOW),
            });
        }
        lines
    }
}
