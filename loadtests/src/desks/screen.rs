//! What one counselor's screen shows, and the ledger lines that come of every change to it.
//!
//! A snapshot replaces the screen, a delta moves it. Whichever tells first of an accept (its answer, the offer or the contact)
//! confirms it, so that the lines of a contact never come before the line that gave it to the counselor.

use super::book::Book;
use super::network_time::NetworkTime;
use super::page::Page;
use crate::auditor::{DeskHappened, DeskPart, HandoffStep, OfferEnd};
use crate::clock::RunClock;
use holdfast_proto::router::v1::{
    Channel, ContactState, DeskContact, DeskDelta, DeskMessage, DeskOffer, DeskSelf, DeskSnapshot, MemberKind,
    OfferState, Part, Position, Presence, QueueKey, Readiness,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What moved, for the human in front of the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Offered {
        offer: String,
    },
    OfferGone {
        offer: String,
    },
    /// Theirs, in writing, and waiting for their first words.
    WaitsForWords {
        contact: String,
    },
    Connected {
        contact: String,
    },
    /// The person wrote.
    PersonWrote {
        contact: String,
    },
    /// A handoff came to this step; what they are to the contact now.
    HandoffMoved {
        contact: String,
        step: HandoffStep,
        part: DeskPart,
    },
    WritingUp {
        contact: String,
    },
    Gone {
        contact: String,
        talked: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pressed {
    Accept,
    Decline,
}

#[derive(Debug)]
struct Offer {
    contact: String,
    deadline_ms: u64,
    pressed: Option<Pressed>,
    confirmed: bool,
    answered: bool,
    /// Not in the latest snapshot, while the answer to its accept is still to come.
    missing: bool,
    /// To take over from somebody.
    handoff: bool,
    written: bool,
}

fn is_written(queue: Option<&QueueKey>) -> bool {
    queue.is_some_and(|queue| matches!(queue.channel(), Channel::Text | Channel::Chat))
}

/// One desk's screen. Bounded by what Holdfast shows one counselor.
#[derive(Debug)]
pub(super) struct Screen {
    clock: RunClock,
    book: Arc<Book>,
    offers: BTreeMap<String, Offer>,
    contacts: BTreeMap<String, Page>,
    /// Accepts that the screen confirmed before their answers came.
    answers_to_come: BTreeSet<String>,
    own: Option<DeskSelf>,
    /// Whether `own` was heard on the present stream.
    own_is_fresh: bool,
    signed_in: bool,
    shown_available: bool,
    network: NetworkTime,
    changes: Vec<Change>,
}

impl Screen {
    pub(super) fn new(clock: RunClock, book: Arc<Book>) -> Self {
        Self {
            clock,
            book,
            offers: BTreeMap::new(),
            contacts: BTreeMap::new(),
            answers_to_come: BTreeSet::new(),
            own: None,
            own_is_fresh: false,
            signed_in: false,
            shown_available: false,
            network: NetworkTime::default(),
            changes: Vec::new(),
        }
    }

    /// What moved since this was last asked.
    pub(super) fn changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }

    pub(super) fn heard_at(&mut self, position: Option<Position>, network_ms: u64) {
        self.network.heard(position.map(|position| position.epoch), network_ms, self.clock.now_ms());
    }

    pub(super) fn signed_in(&mut self) {
        self.signed_in = true;
        self.book.write(DeskHappened::SignedIn);
    }

    pub(super) fn stream_over(&mut self) {
        self.own_is_fresh = false;
        self.tell_availability();
        if std::mem::replace(&mut self.signed_in, false) {
            self.book.write(DeskHappened::StreamOver);
        }
    }

    pub(super) fn snapshot(&mut self, snapshot: DeskSnapshot) {
        let open: BTreeSet<String> = snapshot.offers.iter().map(|offer| offer.offer_id.clone()).collect();
        let held: BTreeSet<String> = snapshot.contacts.iter().map(|contact| contact.contact_id.clone()).collect();
        for contact in &snapshot.contacts {
            self.contact(contact);
        }
        let missing: Vec<String> = self.offers.keys().filter(|id| !open.contains(*id)).cloned().collect();
        for id in missing {
            self.offer_missing(&id);
        }
        let gone: Vec<String> = self.contacts.keys().filter(|id| !held.contains(*id)).cloned().collect();
        for id in gone {
            self.contact_gone(&id);
        }
        for offer in &snapshot.offers {
            self.offer_open(offer);
        }
        self.own(snapshot.self_);
    }

    pub(super) fn delta(&mut self, delta: DeskDelta) {
        let (open, closed): (Vec<_>, Vec<_>) =
            delta.offers.into_iter().partition(|offer| offer.state() == OfferState::Open);
        for offer in &closed {
            self.offer_closed(offer);
        }
        for contact in &delta.contacts {
            self.contact(contact);
        }
        for message in &delta.messages {
            self.message(message);
        }
        for offer in &open {
            self.offer_open(offer);
        }
        self.own(delta.self_);
    }

    fn own(&mut self, own: Option<DeskSelf>) {
        if own.is_some() {
            self.own = own;
            self.own_is_fresh = true;
        }
        self.tell_availability();
    }

    fn offer_open(&mut self, view: &DeskOffer) {
        if self.offers.contains_key(&view.offer_id) {
            return;
        }
        let deadline_ms = self.network.on_the_run_clock(view.deadline_ms);
        let (offer, contact) = (view.offer_id.clone(), view.contact_id.clone());
        self.book.write(DeskHappened::Offered { offer: offer.clone(), contact: contact.clone(), deadline_ms });
        let (handoff, written) = (view.handoff, is_written(view.queue.as_ref()));
        if handoff || written {
            let (offer, contact) = (offer.clone(), contact.clone());
            let from = handoff.then(|| view.from_id.clone());
            self.book.write(DeskHappened::OfferIs { offer, contact, written, from });
        }
        let (pressed, confirmed, answered, missing) = (None, false, false, false);
        let shown = Offer { contact, deadline_ms, pressed, confirmed, answered, missing, handoff, written };
        self.offers.insert(offer.clone(), shown);
        self.changes.push(Change::Offered { offer });
    }

    fn offer_closed(&mut self, view: &DeskOffer) {
        let end = match view.state() {
            OfferState::Accepted => OfferEnd::Accepted,
            OfferState::Declined => OfferEnd::Declined,
            OfferState::Expired => OfferEnd::Expired,
            OfferState::Rescinded => OfferEnd::Rescinded,
            OfferState::Open | OfferState::Unspecified => return,
        };
        self.close(&view.offer_id, end);
    }

    /// A snapshot does not show the offer any more, nor say why.
    fn offer_missing(&mut self, id: &str) {
        let now_ms = self.clock.now_ms();
        let Some(offer) = self.offers.get_mut(id) else { return };
        let end = match offer.pressed {
            _ if offer.confirmed => OfferEnd::Accepted,
            Some(Pressed::Accept) if !offer.answered => {
                offer.missing = true;
                return;
            }
            Some(Pressed::Decline) => OfferEnd::Declined,
            _ if now_ms >= offer.deadline_ms => OfferEnd::Expired,
            _ => OfferEnd::Rescinded,
        };
        self.close(id, end);
    }

    fn close(&mut self, id: &str, end: OfferEnd) {
        if end == OfferEnd::Accepted {
            self.confirm(id);
        }
        let Some(offer) = self.offers.remove(id) else { return };
        if offer.confirmed && !offer.answered {
            self.answers_to_come.insert(id.to_owned());
        }
        self.book.write(DeskHappened::OfferClosed { offer: id.to_owned(), reason: end });
        self.changes.push(Change::OfferGone { offer: id.to_owned() });
    }

    /// The accept of an offer on the screen is known to have been done.
    fn confirm(&mut self, id: &str) {
        let Some(offer) = self.offers.get_mut(id) else { return };
        if offer.pressed != Some(Pressed::Accept) || std::mem::replace(&mut offer.confirmed, true) {
            return;
        }
        let (contact, handoff, written) = (offer.contact.clone(), offer.handoff, offer.written);
        self.confirmed(id, contact, handoff, written);
    }

    fn confirmed(&mut self, id: &str, contact: String, handoff: bool, written: bool) {
        self.book.write(DeskHappened::AcceptConfirmed { offer: id.to_owned(), contact: contact.clone() });
        let part = if handoff { DeskPart::Joining } else { DeskPart::Owner };
        // In writing it is the view that says that it waits for words.
        let state = if written || handoff { ContactState::Unspecified } else { ContactState::Connecting };
        self.contacts.entry(contact).or_insert_with(|| Page::new(state, part, written));
    }

    fn contact(&mut self, view: &DeskContact) {
        let id = &view.contact_id;
        if !view.yours || (view.state() == ContactState::Closed && view.part() != Part::WritingUp) {
            self.contact_gone(id);
            return;
        }
        let accepted = self.offers.iter().find(|(_, offer)| offer.contact == *id).map(|(offer, _)| offer.clone());
        if let Some(offer) = accepted {
            self.confirm(&offer);
        }
        let written = is_written(view.queue.as_ref());
        let book = &self.book;
        let page = self
            .contacts
            .entry(id.clone())
            .or_insert_with(|| Page::new(ContactState::Unspecified, DeskPart::Owner, written));
        page.written |= written;
        let (owned, talking) = (page.part == DeskPart::Owner, page.state == ContactState::Connected);
        page.take_part(view, book);
        let state = Page::state_of(view);
        let before = std::mem::replace(&mut page.state, state);
        let owns = page.part == DeskPart::Owner;
        match state {
            ContactState::Connecting if page.written && owns && (before != state || !owned) => {
                if before == ContactState::WrappingUp {
                    // They wrote again: it is the counselor's anew.
                    let (contact, written) = (id.clone(), true);
                    book.write(DeskHappened::Part { contact, part: DeskPart::Owner, written });
                }
                self.changes.push(Change::WaitsForWords { contact: id.clone() });
            }
            ContactState::Connected if owns && (before != state || !owned) => {
                page.talked = true;
                book.write(DeskHappened::Connected { contact: id.clone() });
                self.changes.push(Change::Connected { contact: id.clone() });
            }
            ContactState::WrappingUp if before != state => {
                if talking {
                    book.write(DeskHappened::Ended { contact: id.clone() });
                }
                book.write(DeskHappened::WrapUp { contact: id.clone() });
                self.changes.push(Change::WritingUp { contact: id.clone() });
            }
            _ => {}
        }
        let part = page.part;
        if let Some(step) = page.take_handoff(id, view.handoff.as_ref(), book) {
            self.changes.push(Change::HandoffMoved { contact: id.clone(), step, part });
        }
        for message in &view.messages {
            self.message(message);
        }
    }

    fn message(&mut self, message: &DeskMessage) {
        let Some(page) = self.contacts.get_mut(&message.contact_id) else { return };
        if page.take_message(message, &self.book) {
            self.changes.push(Change::PersonWrote { contact: message.contact_id.clone() });
        }
    }

    fn contact_gone(&mut self, id: &str) {
        let Some(held) = self.contacts.remove(id) else { return };
        if held.state == ContactState::Connected {
            self.book.write(DeskHappened::Ended { contact: id.to_owned() });
        }
        self.book.write(DeskHappened::Done { contact: id.to_owned() });
        self.changes.push(Change::Gone { contact: id.to_owned(), talked: held.talked });
    }

    /// The counselor pressed a button; `true` if the offer was there to be answered.
    pub(super) fn press(&mut self, id: &str, pressed: Pressed) -> bool {
        let Some(offer) = self.offers.get_mut(id).filter(|offer| offer.pressed.is_none()) else { return false };
        offer.pressed = Some(pressed);
        let offer = id.to_owned();
        self.book.write(match pressed {
            Pressed::Accept => DeskHappened::AcceptSent { offer },
            Pressed::Decline => DeskHappened::DeclineSent { offer },
        });
        true
    }

    /// Holdfast has answered an accept: `None` = done, otherwise why not.
    pub(super) fn accept_answered(&mut self, id: &str, contact: &str, refused: Option<String>) {
        let seen = self.answers_to_come.remove(id);
        let missing = self.offers.get_mut(id).is_some_and(|offer| {
            offer.answered = true;
            offer.missing
        });
        match refused {
            Some(reason) => {
                self.book.write(DeskHappened::AcceptRefused { offer: id.to_owned(), reason });
                if missing {
                    self.offer_missing(id);
                }
            }
            None if missing => {
                self.close(id, OfferEnd::Accepted);
                // The snapshot that came before the answer did not show the contact: it is over already.
                self.contact_gone(contact);
            }
            None if self.offers.contains_key(id) => self.confirm(id),
            None if seen => {}
            // The offer had left the screen otherwise; what Holdfast says is written down all the same.
            None => self.confirmed(id, contact.to_owned(), false, false),
        }
        self.tell_availability();
    }

    fn tell_availability(&mut self) {
        let available = self.own_is_fresh
            && self.readiness() == Some(Readiness::Available)
            && self.own.as_ref().is_some_and(|own| own.presence() == Presence::Connected)
            && !self.is_busy();
        if std::mem::replace(&mut self.shown_available, available) != available {
            self.book.write(if available { DeskHappened::Available } else { DeskHappened::NotAvailable });
        }
    }

    /// Whether an offer or a contact is on the screen.
    pub(super) fn is_busy(&self) -> bool {
        !self.offers.is_empty() || !self.contacts.is_empty()
    }

    /// What they are ready for, and what after this contact; `None` before anything was heard.
    pub(super) fn readiness(&self) -> Option<Readiness> {
        self.own.as_ref().map(DeskSelf::readiness)
    }

    pub(super) fn will_be_available(&self) -> bool {
        self.own.as_ref().is_some_and(|own| own.readiness_next() == Readiness::Available)
    }

    /// The contact of an offer that nobody has answered yet.
    pub(super) fn unanswered(&self, id: &str) -> Option<String> {
        self.offers.get(id).filter(|offer| offer.pressed.is_none()).map(|offer| offer.contact.clone())
    }

    pub(super) fn all_unanswered(&self) -> Vec<String> {
        self.offers.iter().filter(|(_, offer)| offer.pressed.is_none()).map(|(id, _)| id.clone()).collect()
    }

    /// The contact as it is on the screen.
    pub(super) fn page(&self, contact: &str) -> Option<&Page> {
        self.contacts.get(contact)
    }

    pub(super) fn all_contacts(&self) -> impl Iterator<Item = (&String, &Page)> {
        self.contacts.iter()
    }

    /// Whether the conversation is theirs to end now: not in the middle of a handoff.
    pub(super) fn may_end(&self, contact: &str) -> bool {
        self.contacts.get(contact).is_some_and(|page| {
            let alone = page.part == DeskPart::Owner && page.open_handoff().is_none();
            alone && page.state == ContactState::Connected
        })
    }

    /// Whether this desk is a peer's.
    pub(super) fn is_peer(&self) -> bool {
        self.own.as_ref().is_some_and(|own| own.kind() == MemberKind::Peer)
    }

    /// A message was asked to be sent, or was answered.
    pub(super) fn sending(&self, what: DeskHappened) {
        self.book.write(what);
    }

    pub(super) fn shows(&self, contact: &str, state: ContactState) -> bool {
        self.contacts.get(contact).is_some_and(|held| held.state == state)
    }
}
