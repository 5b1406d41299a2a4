//! The desk feed: a counselor's or peer's own state, their offers, the contacts they have a part in with words unsealed for them,
//! and those a contact could be handed to.

use super::projection::Peers;
use super::touched::Touched;
use super::words::Archive;
use crate::convert::desk_views::{self, Unsealed, sees_handoff_note, sees_message, sees_note};
use crate::convert::terms;
use holdfast_core::contact::Contact;
use holdfast_core::counselor::Counselor;
use holdfast_core::id::{ContactId, CounselorId, OfferId};
use holdfast_core::offer::OfferState;
use holdfast_core::state::State;
use holdfast_proto::router::v1 as wire;
use std::collections::BTreeSet;

/// All that one desk sees.
#[must_use]
pub fn snapshot(state: &State, counselor: &CounselorId, words: &Archive, peers: &Peers) -> wire::DeskSnapshot {
    let fresh = Counselor::new(counselor.clone());
    let known = state.counselor(counselor).unwrap_or(&fresh);
    let mine = || known.load.keys().filter_map(|id| state.contact(*id));
    wire::DeskSnapshot {
        self_: Some(desk_views::own(known, state.plan())),
        offers: mine().filter_map(|it| open_offer(it, counselor)).collect(),
        contacts: mine()
            .filter(|it| it.part(counselor).is_some())
            .map(|it| contact(state, it, counselor, words, true))
            .collect(),
        peers: others(state, counselor, peers),
    }
}

/// What is held out to this counselor: the contact itself, or a handoff of it.
fn open_offer(contact: &Contact, counselor: &CounselorId) -> Option<wire::DeskOffer> {
    let of_handoff = contact.open_handoff().and_then(|it| it.open_offer());
    let open = contact.open_offer().into_iter().chain(of_handoff).find(|offer| offer.counselor == *counselor)?;
    Some(desk_views::offer(contact, open))
}

/// Everybody of the other kind: peers for a counselor, counselors for a peer. Peers are few, and most desks are counselors'.
fn others(state: &State, counselor: &CounselorId, peers: &Peers) -> Vec<wire::DeskPeer> {
    let Some(plan) = state.plan() else { return Vec::new() };
    let view = |id| desk_views::peer(plan, id, state.counselor(id));
    if peers.has(counselor) {
        plan.members.keys().filter(|id| !peers.has(id)).map(view).collect()
    } else {
        peers.all().map(view).collect()
    }
}

fn contact(
    state: &State,
    contact: &Contact,
    counselor: &CounselorId,
    words: &Archive,
    whole: bool,
) -> wire::DeskContact {
    if contact.part(counselor).is_none() {
        return desk_views::contact(contact, counselor, Unsealed::default());
    }
    let talk = contact.conversation.as_ref().filter(|_| whole);
    let shared = sees_handoff_note(contact, counselor);
    let unsealed = Unsealed {
        notes: words.notes(contact, |author| sees_note(contact, counselor, state.plan(), author)),
        handoff_note: if shared { words.handoff_note(contact) } else { String::new() },
        messages: talk
            .into_iter()
            .flat_map(|it| &it.messages)
            .filter(|it| sees_message(contact, counselor, it))
            .map(|it| desk_views::message(contact, it, counselor, words.message(contact.id, it), state.plan()))
            .collect(),
    };
    desk_views::contact(contact, counselor, unsealed)
}

/// What a record changed for one counselor; None if nothing.
#[must_use]
pub fn delta(state: &State, counselor: &CounselorId, touched: &Touched, words: &Archive) -> Option<wire::DeskDelta> {
    let moved: Vec<wire::DeskOffer> = touched
        .offers
        .iter()
        .filter(|(_, _, to, _)| to == counselor)
        .filter_map(|(contact, attempt, _, became)| offer(state, *contact, *attempt, *became))
        .collect();
    let offered: BTreeSet<ContactId> = touched
        .offers
        .iter()
        .filter(|(_, _, to, became)| to == counselor && *became != OfferState::Accepted)
        .map(|(contact, ..)| *contact)
        .collect();
    let mine = touched.involved.get(counselor).into_iter().flatten().filter_map(|id| state.contact(*id));
    let contacts: Vec<wire::DeskContact> = mine
        .filter(|it| it.part(counselor).is_some() || !offered.contains(&it.id))
        .filter(|it| it.part(counselor).is_some() || open_offer(it, counselor).is_none())
        .map(|it| contact(state, it, counselor, words, touched.comes_into_view(it.id)))
        .collect();
    let messages: Vec<wire::DeskMessage> = touched
        .messages
        .iter()
        .filter_map(|(id, number)| {
            let contact = state.contact(*id)?;
            let known = contact.conversation.as_ref()?.message(*number)?;
            let message = Some(known).filter(|it| sees_message(contact, counselor, it))?;
            Some(desk_views::message(contact, message, counselor, words.message(*id, message), state.plan()))
        })
        .collect();
    let own = touched.everybody || touched.plan || touched.counselors.contains(counselor);
    let self_ = state.counselor(counselor).filter(|_| own).map(|it| desk_views::own(it, state.plan()));
    let something = self_.is_some() || !moved.is_empty() || !contacts.is_empty() || !messages.is_empty();
    something.then_some(wire::DeskDelta { self_, offers: moved, contacts, messages, peers: Vec::new() })
}

fn offer(state: &State, contact: ContactId, attempt: u32, became: OfferState) -> Option<wire::DeskOffer> {
    let contact = state.contact(contact)?;
    let of_handoff = contact.handoff.as_ref().and_then(|it| it.offer.as_ref());
    if let Some(latest) = contact.offer.as_deref().into_iter().chain(of_handoff).find(|it| it.attempt == attempt) {
        return Some(desk_views::offer(contact, latest));
    }
    // A newer offer was made in the same record: what is left to tell of this one is how it ended.
    Some(wire::DeskOffer {
        offer_id: OfferId { contact: contact.id, attempt }.to_string(),
        contact_id: contact.id.to_string(),
        state: terms::offer_state(became) as i32,
        queue: contact.queue.as_ref().map(terms::queue),
        language: contact.language.to_string(),
        ..wire::DeskOffer::default()
    })
}
