//! The numbered laws that hold after every record: one definition for tests, stories, the simulator and production.
//!
//! Each law is a sentence about the state alone. Laws about what went over the wire are checked from outside.

mod handoff;

use crate::contact::{Channel, Contact, ContactState};
use crate::counselor::{Presence, SlotUse};
use crate::index::Index;
use crate::kept::Kept;
use crate::offer::OfferState;
use crate::policy::eligible;
use crate::state::State;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// A broken law.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    /// Its number in the design (S3, L1 …).
    pub law: &'static str,
    /// What is wrong, without anything personal.
    pub text: String,
}

/// Every law, over the whole state. Costs as much as the state is large: for tests and slow clocks.
#[must_use]
pub fn check(state: &State) -> Vec<Violation> {
    let mut broken = Vec::new();
    for contact in state.parts().contacts.values() {
        single_holder(state, contact, &mut broken);
        offer_matches(contact, &mut broken);
        handoff::one_owner(contact, &mut broken);
        handoff::somebody_is_there(state, contact, &mut broken);
        handoff::ends_by_itself(contact, &mut broken);
        nothing_sticks(state, contact, &mut broken);
    }
    capacity(state, &mut broken);
    nobody_waits_unoffered(state, &mut broken);
    handoff::nobody_seeks_in_vain(state, &mut broken);
    indexes(state, &mut broken);
    broken
}

/// S3: whoever holds or is offered a contact has it in their load, and nobody else has but those in its handoff.
fn single_holder(state: &State, contact: &Contact, broken: &mut Vec<Violation>) {
    let holder = match contact.state {
        ContactState::Offered => contact.open_offer().map(|offer| (offer.counselor.clone(), SlotUse::Offered)),
        ContactState::Connecting | ContactState::Connected => contact.holder.clone().map(|who| (who, SlotUse::Held)),
        ContactState::WrappingUp => contact.holder.clone().map(|who| (who, SlotUse::WrappingUp)),
        ContactState::Arriving | ContactState::Waiting | ContactState::Closed => None,
    };
    let mut expected: BTreeMap<_, _> = holder.clone().into_iter().collect();
    handoff::slots(contact, &mut expected);
    let holders: BTreeMap<_, _> = state
        .parts()
        .counselors
        .values()
        .filter_map(|it| it.load.get(&contact.id).map(|(_, used)| (it.id.clone(), *used)))
        .collect();
    if holders != expected {
        broken.push(Violation {
            law: "S3",
            text: format!("contact {} is {:?}, held by {holders:?}, should be {expected:?}", contact.id, contact.state),
        });
    }
    let needs_holder = matches!(
        contact.state,
        ContactState::Offered | ContactState::Connecting | ContactState::Connected | ContactState::WrappingUp
    );
    if needs_holder && holder.is_none() {
        broken.push(Violation { law: "S3", text: format!("contact {} is {:?} by nobody", contact.id, contact.state) });
    }
}

/// S18: a contact is Offered exactly while its latest offer is open.
fn offer_matches(contact: &Contact, broken: &mut Vec<Violation>) {
    let open = contact.offer.as_ref().is_some_and(|offer| offer.state == OfferState::Open);
    if open != (contact.state == ContactState::Offered) {
        broken.push(Violation {
            law: "S18",
            text: format!("contact {} is {:?} with offer {:?}", contact.id, contact.state, contact.offer),
        });
    }
}

/// L2: whatever ends by itself has a deadline, and whoever waits waits in a queue of the plan.
fn nothing_sticks(state: &State, contact: &Contact, broken: &mut Vec<Violation>) {
    let ends_by_itself = match contact.state {
        ContactState::Arriving | ContactState::Offered | ContactState::Connecting | ContactState::WrappingUp => true,
        ContactState::Connected => contact.channel == Channel::Voice && contact.counselor_leg().is_none(),
        ContactState::Waiting | ContactState::Closed => false,
    };
    if ends_by_itself && contact.next_deadline().is_none() {
        broken.push(Violation { law: "L2", text: format!("contact {} is {:?} for ever", contact.id, contact.state) });
    }
    if contact.state == ContactState::Waiting && contact.deadline != state.widens_at(contact.id) {
        broken.push(Violation { law: "L2", text: format!("the search for contact {} stands still", contact.id) });
    }
    let queued = contact.state == ContactState::Waiting && state.plan().is_some();
    let known = contact.queue.as_ref().is_some_and(|it| state.plan().is_some_and(|plan| plan.queues.contains_key(it)));
    if queued && !known {
        broken.push(Violation { law: "L1", text: format!("contact {} waits in no queue of the plan", contact.id) });
    }
}

/// S4: nobody is asked about more of a channel than the plan gives them. Whoever a new plan gives less keeps what they hold.
fn capacity(state: &State, broken: &mut Vec<Violation>) {
    let Some(plan) = state.plan() else { return };
    for counselor in state.parts().counselors.values() {
        for (channel, used) in counselor.load.values() {
            if *used == SlotUse::Offered && plan.is_over(counselor, *channel) {
                broken.push(Violation { law: "S4", text: format!("{} has too much {channel:?}", counselor.id) });
            }
        }
    }
}

/// L1: no contact waits while somebody eligible is free and not kept for one before it. Holds after every record that had room
/// for its offers.
fn nobody_waits_unoffered(state: &State, broken: &mut Vec<Violation>) {
    let (Some(plan), false) = (state.plan(), state.has_more_to_offer()) else { return };
    let now = state.parts().now;
    let kept = Kept::find(state, now);
    for contact in state.parts().contacts.values().filter(|it| it.state == ContactState::Waiting) {
        for counselor in state.parts().counselors.values().filter(|it| it.presence == Presence::Connected) {
            let free = eligible(state, plan, contact, &counselor.id, now).is_ok();
            if free && kept.allows(&counselor.id, contact).is_ok() {
                broken.push(Violation {
                    law: "L1",
                    text: format!("contact {} waits while {} is free", contact.id, counselor.id),
                });
            }
        }
    }
}

/// S14: the indexes are what a restart would build from the parts.
fn indexes(state: &State, broken: &mut Vec<Violation>) {
    let rebuilt = Index::of(state.parts());
    let waiting = |it: &Index| {
        let all = it.waiting.iter().filter(|(_, waiting)| !waiting.places.is_empty());
        all.map(|(class, waiting)| (class.clone(), waiting.clone())).collect::<Vec<_>>()
    };
    let here = &state.index;
    if waiting(&rebuilt) != waiting(here)
        || rebuilt.waiting_count != here.waiting_count
        || rebuilt.queued != here.queued
        || rebuilt.pools != here.pools
        || rebuilt.standings != here.standings
        || rebuilt.hurried != here.hurried
        || rebuilt.diverted != here.diverted
        || rebuilt.deadlines != here.deadlines
        || rebuilt.dropping != here.dropping
        || rebuilt.people != here.people
        || rebuilt.callbacks != here.callbacks
        || rebuilt.talked != here.talked
        || rebuilt.seeking != here.seeking
        || rebuilt.requests != here.requests
        || rebuilt.externals != here.externals
    {
        broken.push(Violation { law: "S14", text: String::from("an index is not what a restart would build") });
    }
}
