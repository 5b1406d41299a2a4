//! The transition tables are the truth: whatever happens to a contact, a handoff or a message is a row of its table (S10).

use holdfast_core::contact::{ContactState, Outcome, TABLE};
use holdfast_core::conversation::{DELIVERY_TABLE, Delivery};
use holdfast_core::event::Event;
use holdfast_core::handoff::HandoffState;
use holdfast_core::id::{ContactId, ExternalId};
use holdfast_core::{handoff, leg, offer};
use std::collections::{BTreeMap, BTreeSet};

/// Follows events and holds every move against the tables. A closed contact stays closed (S9), and no message is taken twice (S12).
#[derive(Default)]
pub(crate) struct Tables {
    contacts: BTreeMap<ContactId, ContactState>,
    handoffs: BTreeMap<ContactId, HandoffState>,
    asked: BTreeSet<ContactId>,
    messages: BTreeMap<ContactId, u32>,
    deliveries: BTreeMap<(ContactId, u32), Delivery>,
    received: BTreeSet<ExternalId>,
}

impl Tables {
    pub(crate) fn follow(&mut self, events: &[Event]) {
        for event in events {
            self.contact(event);
            self.handoff(event);
            self.message(event);
        }
    }

    fn contact(&mut self, event: &Event) {
        let Some((contact, next)) = leads_to(event) else { return };
        let from = self.contacts.insert(contact, next);
        let row =
            TABLE.contains(&(from, next)) || (from == Some(ContactState::Waiting) && next == ContactState::Waiting);
        assert!(row, "S10: {contact} went from {from:?} to {next:?} by {event:?}");
    }

    fn handoff(&mut self, event: &Event) {
        if let Event::PeerOffered { contact, .. } = event {
            assert_eq!(self.handoffs.get(contact), Some(&HandoffState::Seeking), "S10: nobody is looked for");
            assert!(self.asked.insert(*contact), "S18: two are asked to take over {contact}");
        }
        if let Event::PeerOfferClosed { contact, .. } | Event::PeerReserved { contact, .. } = event {
            assert!(self.asked.remove(contact), "S18: an offer that is not open is answered: {event:?}");
        }
        let Some((contact, next)) = hands_over(event) else { return };
        let from = self.handoffs.insert(contact, next).filter(|it| it.is_open());
        assert!(handoff::TABLE.contains(&(from, next)), "S10: handoff of {contact} went from {from:?} to {next:?}");
        assert!(next.is_open() || !self.asked.contains(&contact), "a handoff is over and somebody is still asked");
    }

    fn message(&mut self, event: &Event) {
        match event {
            Event::TextReceived { contact, message, external, .. } => {
                self.next(*contact, *message);
                assert!(self.received.insert(external.clone()), "S12: {external:?} was taken twice");
            }
            Event::TextSent { contact, message, .. } => {
                self.next(*contact, *message);
                self.deliveries.insert((*contact, *message), Delivery::Queued);
            }
            Event::TextMoved { contact, message, delivery, .. } => {
                let from = self.deliveries.insert((*contact, *message), *delivery);
                assert!(
                    from.is_some_and(|from| from.may_become(*delivery)),
                    "S10: message {message} of {contact} went from {from:?} to {delivery:?}"
                );
            }
            _ => {}
        }
    }

    fn next(&mut self, contact: ContactId, message: u32) {
        let last = self.messages.insert(contact, message).unwrap_or(0);
        assert_eq!(message, last + 1, "messages are numbered without gaps, in order");
    }
}

fn leads_to(event: &Event) -> Option<(ContactId, ContactState)> {
    Some(match event {
        Event::ContactArrived { contact, .. } => (*contact, ContactState::Arriving),
        Event::ContactQueued { contact, .. }
        | Event::ContactRequeued { contact, .. }
        | Event::OfferDeclined { contact, .. }
        | Event::OfferExpired { contact, .. }
        | Event::OfferRescinded { contact, .. } => (*contact, ContactState::Waiting),
        Event::ContactOffered { contact, .. } => (*contact, ContactState::Offered),
        Event::OfferAccepted { contact, .. } => (*contact, ContactState::Connecting),
        Event::ContactConnected { contact, .. } | Event::ContactReopened { contact } => {
            (*contact, ContactState::Connected)
        }
        Event::WrapUpStarted { contact, .. } => (*contact, ContactState::WrappingUp),
        Event::ContactClosed { contact, .. } => (*contact, ContactState::Closed),
        _ => return None,
    })
}

fn hands_over(event: &Event) -> Option<(ContactId, HandoffState)> {
    Some(match event {
        Event::HandoffStarted { contact, .. } => (*contact, HandoffState::Consenting),
        Event::HandoffConsented { contact, .. } => (*contact, HandoffState::Seeking),
        Event::PeerReserved { contact, .. } => (*contact, HandoffState::Briefing),
        Event::PeerJoining { contact, .. } => (*contact, HandoffState::Joining),
        Event::HandoffTogether { contact, .. } => (*contact, HandoffState::Together),
        Event::HandoffConfirmed { contact, .. } => (*contact, HandoffState::Confirmed),
        Event::HandoffCompleted { contact, .. } => (*contact, HandoffState::Completed),
        Event::HandoffCancelled { contact, .. } => (*contact, HandoffState::Cancelled),
        Event::HandoffReturned { contact, .. } => (*contact, HandoffState::Returned),
        _ => return None,
    })
}

#[test]
fn tables_have_the_states_of_the_design() {
    let states = [
        ContactState::Arriving,
        ContactState::Waiting,
        ContactState::Offered,
        ContactState::Connecting,
        ContactState::Connected,
        ContactState::WrappingUp,
        ContactState::Closed,
    ];
    for state in states {
        assert!(TABLE.iter().any(|(_, to)| *to == state), "{state:?} is never reached");
        let leaves = TABLE.iter().any(|(from, _)| *from == Some(state));
        assert_eq!(leaves, state != ContactState::Closed, "{state:?}");
    }
    let outcomes = [Outcome::Completed, Outcome::Abandoned, Outcome::Diverted, Outcome::Merged];
    assert_eq!(outcomes.len(), 4, "failed is not an outcome for a person");
    assert!(offer::TABLE.iter().all(|(from, to)| *from == offer::OfferState::Open && *to != offer::OfferState::Open));
    assert!(leg::TABLE.iter().all(|(from, to)| from.iter().all(|it| !it.is_over() && it != to)));
}

/// Every open state of a handoff can be called off and can fail, and no ended one leads anywhere.
#[test]
fn a_handoff_can_end_from_everywhere() {
    let open = [
        HandoffState::Consenting,
        HandoffState::Seeking,
        HandoffState::Briefing,
        HandoffState::Joining,
        HandoffState::Together,
        HandoffState::Confirmed,
    ];
    for state in open {
        for end in [HandoffState::Cancelled, HandoffState::Returned] {
            assert!(handoff::TABLE.contains(&(Some(state), end)), "{state:?} cannot become {end:?}");
        }
    }
    assert!(handoff::TABLE.iter().all(|(from, _)| from.is_none_or(HandoffState::is_open)));
    assert!(DELIVERY_TABLE.iter().all(|(from, to)| from.iter().all(|it| *it != Delivery::Delivered && it != to)));
    let after_failed = |to: &Delivery| Delivery::Failed.may_become(*to);
    assert!(DELIVERY_TABLE.iter().all(|(_, to)| after_failed(to) == (*to == Delivery::Delivered)));
}
