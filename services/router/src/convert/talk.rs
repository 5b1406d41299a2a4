//! The words of conversations and handoffs, both ways: deliveries, authors, states, reasons.

use holdfast_core::contact::Part;
use holdfast_core::conversation::{Acuity, Delivery, OptOut};
use holdfast_core::counselor::HelpLevel;
use holdfast_core::handoff::{HandoffState, ReturnReason, Toward};
use holdfast_proto::router::v1 as wire;

/// How far a message has come.
#[must_use]
pub const fn delivery(delivery: Delivery) -> wire::Delivery {
    match delivery {
        Delivery::Queued => wire::Delivery::Queued,
        Delivery::InDoubt => wire::Delivery::InDoubt,
        Delivery::Sent => wire::Delivery::Sent,
        Delivery::Delivered => wire::Delivery::Delivered,
        Delivery::Failed => wire::Delivery::Failed,
    }
}

/// How far a message has come; None where it was not said.
#[must_use]
pub fn delivery_in(delivery: i32) -> Option<Delivery> {
    match wire::Delivery::try_from(delivery).ok()? {
        wire::Delivery::Unspecified => None,
        wire::Delivery::Queued => Some(Delivery::Queued),
        wire::Delivery::InDoubt => Some(Delivery::InDoubt),
        wire::Delivery::Sent => Some(Delivery::Sent),
        wire::Delivery::Delivered => Some(Delivery::Delivered),
        wire::Delivery::Failed => Some(Delivery::Failed),
    }
}

/// What the carrier takes a message for.
#[must_use]
pub const fn opt_out(opt_out: OptOut) -> wire::OptOut {
    match opt_out {
        OptOut::None => wire::OptOut::Unspecified,
        OptOut::Stop => wire::OptOut::Stop,
        OptOut::MaybeStop => wire::OptOut::MaybeStop,
        OptOut::Start => wire::OptOut::Start,
        OptOut::Help => wire::OptOut::Help,
    }
}

/// What the carrier takes a message for; None for a number that is nothing.
#[must_use]
pub fn opt_out_in(opt_out: i32) -> Option<OptOut> {
    Some(match wire::OptOut::try_from(opt_out).ok()? {
        wire::OptOut::Unspecified => OptOut::None,
        wire::OptOut::Stop => OptOut::Stop,
        wire::OptOut::MaybeStop => OptOut::MaybeStop,
        wire::OptOut::Start => OptOut::Start,
        wire::OptOut::Help => OptOut::Help,
    })
}

/// How much risk a contact carries.
#[must_use]
pub const fn acuity(acuity: Acuity) -> wire::Acuity {
    match acuity {
        Acuity::Routine => wire::Acuity::Routine,
        Acuity::High => wire::Acuity::High,
    }
}

/// What somebody is to a contact.
#[must_use]
pub const fn part(part: Option<Part>) -> wire::Part {
    match part {
        None => wire::Part::Unspecified,
        Some(Part::Owner) => wire::Part::Owner,
        Some(Part::Joining) => wire::Part::Joining,
        Some(Part::Leaving) => wire::Part::Leaving,
        Some(Part::WritingUp) => wire::Part::WritingUp,
    }
}

/// Where a handoff is.
#[must_use]
pub const fn handoff_state(state: HandoffState) -> wire::HandoffState {
    match state {
        HandoffState::Consenting => wire::HandoffState::Consenting,
        HandoffState::Seeking => wire::HandoffState::Seeking,
        HandoffState::Briefing => wire::HandoffState::Briefing,
        HandoffState::Joining => wire::HandoffState::Joining,
        HandoffState::Together => wire::HandoffState::Together,
        HandoffState::Confirmed => wire::HandoffState::Confirmed,
        HandoffState::Completed => wire::HandoffState::Completed,
        HandoffState::Cancelled => wire::HandoffState::Cancelled,
        HandoffState::Returned => wire::HandoffState::Returned,
    }
}

/// Whom a handoff looks for.
#[must_use]
pub const fn toward(toward: Toward) -> wire::HandoffToward {
    match toward {
        Toward::Peer => wire::HandoffToward::Peer,
        Toward::Counselor => wire::HandoffToward::Counselor,
    }
}

/// Whom a handoff looks for; None where it was not said.
#[must_use]
pub fn toward_in(toward: i32) -> Option<Toward> {
    match wire::HandoffToward::try_from(toward).ok()? {
        wire::HandoffToward::Unspecified => None,
        wire::HandoffToward::Peer => Some(Toward::Peer),
        wire::HandoffToward::Counselor => Some(Toward::Counselor),
    }
}

/// Why a handoff was returned: a stable word.
#[must_use]
pub const fn return_reason(reason: ReturnReason) -> &'static str {
    match reason {
        ReturnReason::ConsentTimedOut => "consent_timed_out",
        ReturnReason::NobodyFree => "nobody_free",
        ReturnReason::PeerSilent => "peer_silent",
        ReturnReason::LegFailed => "leg_failed",
        ReturnReason::LegLost => "leg_lost",
        ReturnReason::DeskLost => "desk_lost",
        ReturnReason::NotConfirmed => "not_confirmed",
        ReturnReason::Withdrew => "withdrew",
        ReturnReason::PersonLeft => "person_left",
        ReturnReason::OwnerLost => "owner_lost",
    }
}

/// How urgent a request for help is.
#[must_use]
pub const fn help_level(level: HelpLevel) -> wire::HelpLevel {
    match level {
        HelpLevel::Question => wire::HelpLevel::Question,
        HelpLevel::Join => wire::HelpLevel::Join,
        HelpLevel::Emergency => wire::HelpLevel::Emergency,
    }
}

/// How urgent a request for help is; None where it was not said.
#[must_use]
pub fn help_level_in(level: i32) -> Option<HelpLevel> {
    match wire::HelpLevel::try_from(level).ok()? {
        wire::HelpLevel::Unspecified => None,
        wire::HelpLevel::Question => Some(HelpLevel::Question),
        wire::HelpLevel::Join => Some(HelpLevel::Join),
        wire::HelpLevel::Emergency => Some(HelpLevel::Emergency),
    }
}
