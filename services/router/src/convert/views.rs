//! The core's contacts, counselors and handoffs as operators and carriers see them. What a desk sees is in `desk_views.rs`.

use super::{talk, terms};
use holdfast_core::contact::{Contact, ContactState, Direction};
use holdfast_core::counselor::{Counselor, Help, SlotUse};
use holdfast_core::handoff::Handoff;
use holdfast_core::id::{ContactId, CounselorId};
use holdfast_core::leg::Leg;
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
        offers: contact.offer.as_ref().map_or(0, |offer| offer.attempt).max(contact.attempts),
        closed_at_ms,
        acuity: talk::acuity(contact.acuity) as i32,
        handoff: contact.handoff.as_ref().map(|it| handoff(contact, it)),
        unanswered_since_ms: unanswered_since_ms(contact),
        outbound: contact.direction == Direction::Outbound,
        opted_out: contact.conversation.as_ref().is_some_and(|it| it.opted_out),
    }
}

/// Since when a person who writes has been waiting for an answer; 0 if they are not, or nobody has them.
#[must_use]
pub fn unanswered_since_ms(contact: &Contact) -> u64 {
    let held = matches!(contact.state, ContactState::Connecting | ContactState::Connected);
    let since = contact.conversation.as_ref().and_then(|it| it.unanswered_since).filter(|_| held);
    since.map_or(0, |at| at.0)
}

/// A handoff as operators see it.
#[must_use]
pub fn handoff(contact: &Contact, it: &Handoff) -> wire::HandoffView {
    wire::HandoffView {
        number: it.number,
        state: talk::handoff_state(it.state) as i32,
        from_id: it.from.to_string(),
        to_id: it.to.as_ref().map(ToString::to_string).unwrap_or_default(),
        toward: talk::toward(it.toward) as i32,
        started_at_ms: it.started_at.0,
        since_ms: it.since.0,
        reason: it.reason.map(talk::return_reason).unwrap_or_default().to_owned(),
        owner_id: contact.holder.as_ref().map(ToString::to_string).unwrap_or_default(),
        deadline_ms: it.deadline.filter(|_| it.state.is_open()).map_or(0, |at| at.0),
    }
}

/// An open request for help.
#[must_use]
pub fn help(it: &Help) -> wire::HelpView {
    wire::HelpView {
        level: talk::help_level(it.level) as i32,
        contact_id: it.contact.map(|id| id.to_string()).unwrap_or_default(),
        asked_at_ms: it.asked_at.0,
        answered_by: it.answered_by.as_deref().unwrap_or_default().to_owned(),
        answered_at_ms: it.answered_at.map_or(0, |at| at.0),
    }
}

/// Counselor or peer, by the plan.
#[must_use]
pub fn member_kind(plan: &Plan, id: &CounselorId) -> wire::MemberKind {
    match plan.members.get(id) {
        None => wire::MemberKind::Unspecified,
        Some(member) if member.peer.is_some() => wire::MemberKind::Peer,
        Some(_) => wire::MemberKind::Counselor,
    }
}

/// How the plan calls somebody on screens.
#[must_use]
pub fn member_name(plan: &Plan, id: &CounselorId) -> String {
    let named = plan.names.as_ref().and_then(|it| it.members.get(id));
    named.cloned().unwrap_or_else(|| id.to_string())
}

/// How many more contacts somebody could take, channel by channel, were they ready for it.
fn rooms(plan: &Plan, id: &CounselorId, known: Option<&Counselor>) -> Vec<wire::counselor_view::Room> {
    let Some(member) = plan.members.get(id) else { return Vec::new() };
    let fresh = Counselor::new(id.clone());
    let known = known.unwrap_or(&fresh);
    member
        .capacity
        .iter()
        .map(|(channel, most)| {
            let used = known.load.values().filter(|(used, _)| used == channel).count();
            let free = if plan.has_room(known, *channel) {
                most.saturating_sub(u32::try_from(used).unwrap_or(u32::MAX))
            } else {
                0
            };
            wire::counselor_view::Room { channel: terms::channel(*channel) as i32, free, most: *most }
        })
        .collect()
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
        kind: member_kind(plan, id) as i32,
        help: known.and_then(|it| it.help.as_ref()).map(help),
        presence_since_ms: known.map_or(0, |it| it.presence_since.0),
        rooms: rooms(plan, id, known),
        name: member_name(plan, id),
    }
}

/// A leg that should be at the carrier.
#[must_use]
pub fn expected_leg(contact: &Contact, number: u32, leg: &Leg) -> wire::ExpectedLeg {
    wire::ExpectedLeg {
        contact_id: contact.id.to_string(),
        room: room(contact.id),
        leg: number,
        // The person's own leg has a label only if we dialed it.
        label: if number == 0 && contact.direction == Direction::Inbound {
            String::new()
        } else {
            label(contact.id, number)
        },
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
        .filter(|(_, leg)| leg.state.is_live())
        .filter_map(|(number, leg)| Some(expected_leg(contact, u32::try_from(number).ok()?, leg)))
}
