//! What the facts about a handoff mean for the state: who owns the person, who is reserved, who writes up.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "apply/mod.rs dispatches exhaustively; each room sees only its own events"
)]

use crate::counselor::SlotUse;
use crate::event::Event;
use crate::handoff::{Handoff, HandoffState};
use crate::id::{ContactId, CounselorId};
use crate::offer::{Offer, OfferState};
use crate::state::State;
use crate::time::Timestamp;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;

pub(super) fn apply(state: &mut State, event: &Event) {
    let now = state.parts.now;
    match event {
        Event::HandoffStarted { contact, number, from, toward, wish, deadline } => {
            let new = Handoff {
                number: *number,
                state: HandoffState::Consenting,
                toward: *toward,
                wish: wish.clone(),
                from: from.clone(),
                to: None,
                offer: None,
                rested: BTreeMap::new(),
                started_at: now,
                since: now,
                deadline: Some(*deadline),
                leg: None,
                note: None,
                reason: None,
            };
            state.change_contact(*contact, |it| it.handoff = Some(Box::new(new)));
        }
        Event::HandoffConsented { contact, note, deadline } => {
            let record = state.parts.sequence;
            change(state, *contact, HandoffState::Seeking, Some(*deadline), |it| {
                it.note = note.as_ref().map(|_| record);
            });
        }
        Event::PeerOffered { .. }
        | Event::PeerOfferClosed { .. }
        | Event::PeerReserved { .. }
        | Event::PeerJoining { .. } => somebody_asked(state, event),
        Event::HandoffTogether { contact, deadline } => {
            change(state, *contact, HandoffState::Together, Some(*deadline), |_| {});
        }
        Event::HandoffConfirmed { contact, deadline } => {
            change(state, *contact, HandoffState::Confirmed, Some(*deadline), |_| {});
            state.change_contact(*contact, |it| it.holder = it.handoff.as_ref().and_then(|it| it.to.clone()));
        }
        Event::HandoffCompleted { contact, wrap_up_ends_at } => complete(state, *contact, *wrap_up_ends_at),
        Event::HandoffCancelled { contact, .. } => end(state, *contact, HandoffState::Cancelled),
        Event::HandoffReturned { contact, reason } => {
            state.change_contact(*contact, |it| {
                if let Some(handoff) = it.handoff.as_mut() {
                    handoff.reason = Some(*reason);
                }
            });
            end(state, *contact, HandoffState::Returned);
        }
        Event::HandoffWrapUpExtended { contact, counselor, deadline } => state.change_contact(*contact, |it| {
            if let Some(until) = it.writing_up.get_mut(counselor) {
                *until = *deadline;
            }
        }),
        Event::HandoffWrittenUp { contact, counselor } => {
            state.change_contact(*contact, |it| {
                it.writing_up.remove(counselor);
            });
            give_up_slot(state, *contact, counselor);
        }
        _ => {}
    }
}

/// Somebody is asked to take over, and comes.
fn somebody_asked(state: &mut State, event: &Event) {
    match event {
        Event::PeerOffered { contact, attempt, peer, deadline, .. } => {
            offer(state, *contact, *attempt, peer, *deadline);
        }
        Event::PeerOfferClosed { contact, peer, became, reason, again_at, .. } => {
            give_up_slot(state, *contact, peer);
            state.change_contact(*contact, |it| {
                let Some(handoff) = it.handoff.as_mut() else { return };
                if let Some(offer) = handoff.offer.as_mut() {
                    offer.state = *became;
                    offer.rescinded = *reason;
                }
                if let Some(again_at) = again_at {
                    handoff.rested.insert(peer.clone(), *again_at);
                }
            });
        }
        Event::PeerReserved { contact, peer, deadline, .. } => {
            change(state, *contact, HandoffState::Briefing, Some(*deadline), |it| {
                it.to = Some(peer.clone());
                if let Some(offer) = it.offer.as_mut() {
                    offer.state = OfferState::Accepted;
                }
            });
            use_slot(state, *contact, peer, SlotUse::Held);
        }
        Event::PeerJoining { contact, leg, deadline } => {
            change(state, *contact, HandoffState::Joining, Some(*deadline), |it| it.leg = Some(*leg));
        }
        _ => {}
    }
}

fn change(
    state: &mut State,
    contact: ContactId,
    next: HandoffState,
    deadline: Option<Timestamp>,
    and: impl FnOnce(&mut Handoff),
) {
    let now = state.parts.now;
    state.change_contact(contact, |it| {
        if let Some(handoff) = it.handoff.as_mut() {
            handoff.state = next;
            handoff.since = now;
            handoff.deadline = deadline;
            and(handoff);
        }
    });
}

fn offer(state: &mut State, contact: ContactId, attempt: u32, peer: &CounselorId, deadline: Timestamp) {
    let Some(channel) = state.parts.contacts.get(&contact).map(|it| it.channel) else { return };
    let now = state.parts.now;
    state.change_contact(contact, |it| {
        it.attempts = it.attempts.max(attempt);
        if let Some(handoff) = it.handoff.as_mut() {
            handoff.offer = Some(Offer {
                attempt,
                counselor: peer.clone(),
                state: OfferState::Open,
                offered_at: now,
                deadline,
                rescinded: None,
            });
        }
    });
    state.change_counselor(peer, |it| {
        it.load.insert(contact, (channel, SlotUse::Offered));
    });
}

/// Whoever handed over writes up; the person is somebody else's.
fn complete(state: &mut State, contact: ContactId, until: Timestamp) {
    let from = state.parts.contacts.get(&contact).and_then(|it| it.handoff.as_ref()).map(|it| it.from.clone());
    change(state, contact, HandoffState::Completed, None, |_| {});
    if let Some(from) = from {
        state.change_contact(contact, |it| {
            it.writing_up.insert(from.clone(), until);
        });
        use_slot(state, contact, &from, SlotUse::WrappingUp);
    }
}

/// It is over without having been completed: the person is whose they were, and whoever joined is free.
fn end(state: &mut State, contact: ContactId, how: HandoffState) {
    let ended = state.parts.contacts.get(&contact).and_then(|it| it.handoff.as_ref()).map(|it| {
        let owned = it.state == HandoffState::Confirmed;
        (it.from.clone(), it.to.clone(), owned)
    });
    let Some((from, to, owned)) = ended else { return };
    change(state, contact, how, None, |_| {});
    if owned {
        state.change_contact(contact, |it| it.holder = Some(from));
    }
    if let Some(to) = to {
        give_up_slot(state, contact, &to);
    }
}

fn use_slot(state: &mut State, contact: ContactId, who: &CounselorId, used: SlotUse) {
    state.change_counselor(who, |it| {
        if let Some(slot) = it.load.get_mut(&contact) {
            slot.1 = used;
        }
    });
}

fn give_up_slot(state: &mut State, contact: ContactId, who: &CounselorId) {
    let now = state.parts.now;
    state.change_counselor(who, |it| {
        if it.load.remove(&contact).is_some() {
            it.idle_since = now;
        }
    });
}
