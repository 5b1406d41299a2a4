//! What the facts about an offer mean for the state.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "apply/mod.rs dispatches exhaustively; each room sees only its own events"
)]

use crate::contact::ContactState;
use crate::counselor::SlotUse;
use crate::event::Event;
use crate::id::{ContactId, CounselorId};
use crate::offer::{Offer, OfferState, RescindReason};
use crate::state::State;
use crate::time::Timestamp;
use alloc::boxed::Box;

pub(super) fn apply(state: &mut State, event: &Event) {
    match event {
        Event::ContactOffered { contact, attempt, counselor, deadline, .. } => {
            let offer = Offer {
                attempt: *attempt,
                counselor: counselor.clone(),
                state: OfferState::Open,
                offered_at: state.parts.now,
                deadline: *deadline,
                rescinded: None,
            };
            open(state, *contact, offer);
        }
        Event::OfferAccepted { contact, counselor, write_by, .. } => {
            state.change_contact(*contact, |it| {
                it.state = ContactState::Connecting;
                it.deadline = *write_by;
                it.holder = Some(counselor.clone());
                if let Some(offer) = it.offer.as_mut() {
                    offer.state = OfferState::Accepted;
                }
            });
            state.change_counselor(counselor, |it| {
                if let Some(slot) = it.load.get_mut(contact) {
                    slot.1 = SlotUse::Held;
                }
            });
        }
        Event::OfferDeclined { contact, counselor, again_at, .. } => {
            close(state, *contact, counselor, OfferState::Declined, None, Some(*again_at));
        }
        Event::OfferExpired { contact, counselor, again_at, .. } => {
            close(state, *contact, counselor, OfferState::Expired, None, Some(*again_at));
        }
        Event::OfferRescinded { contact, counselor, reason, .. } => {
            close(state, *contact, counselor, OfferState::Rescinded, Some(*reason), None);
        }
        _ => {}
    }
}

fn open(state: &mut State, contact: ContactId, offer: Offer) {
    let Some(channel) = state.parts.contacts.get(&contact).map(|it| it.channel) else { return };
    let counselor = offer.counselor.clone();
    state.change_contact(contact, |it| {
        it.state = ContactState::Offered;
        it.attempts = it.attempts.max(offer.attempt);
        it.offer = Some(Box::new(offer));
    });
    state.change_counselor(&counselor, |it| {
        it.load.insert(contact, (channel, SlotUse::Offered));
    });
}

/// The offer is over: the contact waits at its place again, and the counselor's slot is free.
fn close(
    state: &mut State,
    contact: ContactId,
    counselor: &CounselorId,
    became: OfferState,
    rescinded: Option<RescindReason>,
    again_at: Option<Timestamp>,
) {
    let now = state.parts.now;
    state.change_counselor(counselor, |it| {
        it.load.remove(&contact);
        it.idle_since = now;
    });
    let widens_at = state.widens_at(contact);
    state.change_contact(contact, |it| {
        it.state = ContactState::Waiting;
        it.deadline = widens_at;
        if let Some(offer) = it.offer.as_mut() {
            offer.state = became;
            offer.rescinded = rescinded;
        }
        if let Some(again_at) = again_at {
            it.rested.insert(counselor.clone(), again_at);
        }
    });
}
