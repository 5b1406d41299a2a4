//! What the facts about the network as a whole mean for the state: plan, leader, clock, erased people.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "apply/mod.rs dispatches exhaustively; each room sees only its own events"
)]

use crate::contact::ContactState;
use crate::counselor::Presence;
use crate::event::Event;
use crate::id::{ContactId, CounselorId, PersonId};
use crate::offer::OfferState;
use crate::state::State;
use alloc::vec::Vec;

/// What open offers and legs have at the least when a router begins to lead, so that a counselor who was about to answer still can.
const MERCY_MS: u64 = 5_000;

pub(super) fn apply(state: &mut State, event: &Event) {
    match event {
        Event::PlanActivated { plan } => {
            state.parts.plan = Some((**plan).clone());
            state.parts.forget_strangers();
            // What counts as free, and when silence ends, hangs on the plan.
            *state = State::restore(core::mem::take(&mut state.parts));
            let contacts = state.parts.contacts.values();
            let waiting = contacts.filter(|it| it.state == ContactState::Waiting).map(|it| it.id);
            // When the search for each reaches further hangs on the plan too.
            waiting.collect::<Vec<_>>().into_iter().for_each(|id| state.set_clock(id));
        }
        Event::PersonErased { person, .. } => forget_sealed(state, *person),
        Event::LeadingStarted { epoch } => {
            state.parts.epoch = *epoch;
            let now = state.parts.now;
            let connected: Vec<CounselorId> = state
                .parts
                .counselors
                .values()
                .filter(|it| it.presence == Presence::Connected)
                .map(|it| it.id.clone())
                .collect();
            for id in connected {
                state.change_counselor(&id, |it| {
                    it.presence = Presence::Unsure;
                    it.presence_since = now;
                });
            }
        }
        Event::ClockAdvanced { gap_ms } => move_deadlines(state, *gap_ms),
        Event::FormatRaised { format } => state.parts.format = state.parts.format.max(*format),
        _ => {}
    }
}

fn forget_sealed(state: &mut State, person: PersonId) {
    let theirs: Vec<ContactId> = state.contacts_of(person).map(|it| it.id).collect();
    for contact in theirs {
        state.change_contact(contact, |it| {
            it.slot = None;
            it.number = None;
            it.notes.clear();
            if let Some(handoff) = it.handoff.as_mut() {
                handoff.note = None;
            }
        });
    }
}

/// Open offers and legs get the time nobody led, and `MERCY_MS` from now at the least. Not on top each time: a router that starts
/// again and again must not keep a person with a counselor who does not answer.
fn move_deadlines(state: &mut State, gap_ms: u64) {
    let soonest = state.parts.now.plus_ms(MERCY_MS);
    let all: Vec<ContactId> = state.parts.contacts.keys().copied().collect();
    for contact in all {
        state.change_contact(contact, |it| {
            if let Some(offer) = it.offer.as_mut().filter(|offer| offer.state == OfferState::Open) {
                offer.deadline = offer.deadline.plus_ms(gap_ms).max(soonest);
            }
            for leg in it.legs.iter_mut().filter(|leg| !leg.state.is_over()) {
                leg.deadline = leg.deadline.map(|at| at.plus_ms(gap_ms).max(soonest));
            }
            if let Some(handoff) = it.handoff.as_mut().filter(|it| it.state.is_open()) {
                handoff.deadline = handoff.deadline.map(|at| at.plus_ms(gap_ms).max(soonest));
                if let Some(offer) = handoff.offer.as_mut().filter(|offer| offer.state == OfferState::Open) {
                    offer.deadline = offer.deadline.plus_ms(gap_ms).max(soonest);
                }
            }
            if it.channel.is_written() && it.state == ContactState::Connecting {
                it.deadline = it.deadline.map(|at| at.plus_ms(gap_ms).max(soonest));
            }
        });
    }
}
