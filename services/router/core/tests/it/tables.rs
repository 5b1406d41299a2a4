//! The transition tables are the truth: whatever happens to a contact on a random night is a row of its table (S10).

use holdfast_core::contact::{ContactState, Outcome, TABLE};
use holdfast_core::event::Event;
use holdfast_core::id::ContactId;
use holdfast_core::{leg, offer};
use std::collections::BTreeMap;

/// Follows each contact through these events and holds every move against the table. A closed contact stays closed (S9).
pub(crate) fn check(before: &BTreeMap<ContactId, ContactState>, events: &[Event]) {
    let mut states: BTreeMap<ContactId, Option<ContactState>> =
        before.iter().map(|(id, at)| (*id, Some(*at))).collect();
    for event in events {
        if let Some((contact, next)) = leads_to(event) {
            let from = states.get(&contact).copied().flatten();
            let row =
                TABLE.contains(&(from, next)) || (from == Some(ContactState::Waiting) && next == ContactState::Waiting);
            assert!(row, "S10: {contact} went from {from:?} to {next:?} by {event:?}");
            states.insert(contact, Some(next));
        }
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
        Event::ContactConnected { contact, .. } => (*contact, ContactState::Connected),
        Event::WrapUpStarted { contact, .. } => (*contact, ContactState::WrappingUp),
        Event::ContactClosed { contact, .. } => (*contact, ContactState::Closed),
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
