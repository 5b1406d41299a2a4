//! The core's contacts, counselors and offers as operators, desks and carriers see them.

use super::terms;
use holdfast_core::contact::Contact;
use holdfast_core::counselor::{Counselor, SlotUse};
use holdfast_core::id::{ContactId, CounselorId, OfferId};
use holdfast_core::leg::{Leg, LegState};
use holdfast_core::offer::Offer;
use holdfast_core::plan::Plan;
use holdfast_proto::router::v1 as wire;

/// The room of a contact at the carrier.
#[must_use]
pub fn room(contact: ContactId) -> String {
    format!("contact-{contact}")
}

/// The label of a leg at the carrier: the idempotency key of its dial.
#[must_use]
pub fn label(contact: ContactId, leg: u32) -> String {
    format!("leg-{contact}-{leg}")
}

/// A contact as operators see it.
#[must_use]
pub fn contact(contact: &Contact, closed_at_ms: u64) -> wire::ContactView {
    let with = contact.holder.as_ref().or_else(|| contact.open_offer().map(|offer| &offer.counselor));
    wire::ContactView {
        contact_id: contact.id.to_string(),
        state: terms::contact_state(contact.state) as i32,
        queue: contact.queue.as_ref().map(terms::queue),
        language: contact.language.to_string(),
        arrived_at_ms: contact.arrived_at.0,
        enqueued_at_ms: contact.enqueued_at.map_or(0, |at| at.0),
        connected_at_ms: contact.connected_at.map_or(0, |at| at.0),
        counselor_id: with.map(ToString::to_string).unwrap_or_default(),
        outcome: terms::outcome(contact.outcome) as i32,
        offers: contact.offer.as_ref().map_or(0, |offer| offer.attempt),
        closed_at_ms,
    }
}

/// A counselor of the plan as operators see them, signed in or not.
#[must_use]
pub fn counselor(id: &CounselorId, plan: &Plan, known: Option<&Counselor>) -> wire::CounselorView {
    let count = |wanted: SlotUse| {
        let used = known.map_or(0, |it| it.load.values().filter(|(_, used)| *used == wanted).count());
        u32::try_from(used).unwrap_or(u32::MAX)
    };
    let (readiness, channels) =
        known.map_or((wire::Readiness::Break, Vec::new()), |it| terms::readiness(&it.readiness));
    wire::CounselorView {
        counselor_id: id.to_string(),
        center: plan.members.get(id).map(|it| it.center.to_string()).unwrap_or_default(),
        presence: known.map_or(wire::Presence::Offline, |it| terms::presence(it.presence)) as i32,
        readiness: readiness as i32,
        channels,
        offered: count(SlotUse::Offered),
        held: count(SlotUse::Held),
        wrapping_up: count(SlotUse::WrappingUp),
        idle_since_ms: known.map_or(0, |it| it.idle_since.0),
    }
}

/// An offer as its counselor sees it.
#[must_use]
pub fn desk_offer(contact: &Contact, offer: &Offer) -> wire::DeskOffer {
    wire::DeskOffer {
        offer_id: offer_id(contact, offer),
        contact_id: contact.id.to_string(),
        state: terms::offer_state(offer.state) as i32,
        queue: contact.queue.as_ref().map(terms::queue),
        language: contact.language.to_string(),
        deadline_ms: offer.deadline.0,
        waited_ms: offer.offered_at.since_ms(contact.arrived_at),
        reason: offer.rescinded.map(terms::rescind_reason).unwrap_or_default().to_owned(),
    }
}

fn offer_id(contact: &Contact, offer: &Offer) -> String {
    OfferId { contact: contact.id, attempt: offer.attempt }.to_string()
}

/// A counselor's own state.
#[must_use]
pub fn desk_self(known: &Counselor) -> wire::DeskSelf {
    let (readiness, channels) = terms::readiness(&known.readiness);
    let next = known.readiness_next.as_ref().map_or(wire::Readiness::Unspecified, |it| terms::readiness(it).0);
    wire::DeskSelf {
        presence: terms::presence(known.presence) as i32,
        readiness: readiness as i32,
        channels,
        readiness_next: next as i32,
        session: known.session,
    }
}

/// A contact as its counselor sees it, with its notes unsealed by the caller.
#[must_use]
pub fn desk_contact(contact: &Contact, counselor: &CounselorId, notes: Vec<String>) -> wire::DeskContact {
    let theirs =
        contact.legs.iter().skip(1).next_back().map_or(wire::LegState::Unspecified, |it| terms::leg_state(it.state));
    let writing_up = contact.state == holdfast_core::contact::ContactState::WrappingUp;
    wire::DeskContact {
        contact_id: contact.id.to_string(),
        state: terms::contact_state(contact.state) as i32,
        queue: contact.queue.as_ref().map(terms::queue),
        language: contact.language.to_string(),
        person_leg: contact.legs.first().map_or(wire::LegState::Unspecified, |it| terms::leg_state(it.state)) as i32,
        counselor_leg: theirs as i32,
        held: contact.held,
        wrap_up_ends_at_ms: if writing_up { contact.deadline.map_or(0, |at| at.0) } else { 0 },
        notes,
        outcome: terms::outcome(contact.outcome) as i32,
        yours: contact.holder.as_ref() == Some(counselor),
    }
}

/// A leg that should be at the carrier.
#[must_use]
pub fn expected_leg(contact: &Contact, number: u32, leg: &Leg) -> wire::ExpectedLeg {
    wire::ExpectedLeg {
        contact_id: contact.id.to_string(),
        room: room(contact.id),
        leg: number,
        label: if number == 0 { String::new() } else { label(contact.id, number) },
        external_id: leg.external.as_ref().map(ToString::to_string).unwrap_or_default(),
        state: terms::leg_state(leg.state) as i32,
    }
}

/// Legs of a contact that are not over.
pub fn live_legs(contact: &Contact) -> impl Iterator<Item = wire::ExpectedLeg> {
    contact
        .legs
        .iter()
        .enumerate()
        .filter(|(_, leg)| leg.state < LegState::Ended)
        .filter_map(|(number, leg)| Some(expected_leg(contact, u32::try_from(number).ok()?, leg)))
}
