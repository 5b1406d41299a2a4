//! Single words, both ways: states, channels, causes.

use holdfast_core::contact::{Channel, ContactState, Outcome, RegionMethod};
use holdfast_core::counselor::{Presence, Readiness};
use holdfast_core::leg::{LegCause, LegState};
use holdfast_core::offer::{OfferState, RescindReason};
use holdfast_core::plan::{QueueKey, Ruling};
use holdfast_proto::router::v1 as wire;

/// A channel, or None where it was not said.
#[must_use]
pub fn channel_in(channel: i32) -> Option<Channel> {
    match wire::Channel::try_from(channel).ok()? {
        wire::Channel::Unspecified => None,
        wire::Channel::Voice => Some(Channel::Voice),
        wire::Channel::Text => Some(Channel::Text),
        wire::Channel::Chat => Some(Channel::Chat),
    }
}

/// A channel.
#[must_use]
pub const fn channel(channel: Channel) -> wire::Channel {
    match channel {
        Channel::Voice => wire::Channel::Voice,
        Channel::Text => wire::Channel::Text,
        Channel::Chat => wire::Channel::Chat,
    }
}

/// Where a leg is, or None where it was not said.
#[must_use]
pub fn leg_state_in(state: i32) -> Option<LegState> {
    match wire::LegState::try_from(state).ok()? {
        wire::LegState::Unspecified => None,
        wire::LegState::Dialing => Some(LegState::Dialing),
        wire::LegState::InDoubt => Some(LegState::InDoubt),
        wire::LegState::Alerting => Some(LegState::Alerting),
        wire::LegState::Answered => Some(LegState::Answered),
        wire::LegState::InRoom => Some(LegState::InRoom),
        wire::LegState::Ended => Some(LegState::Ended),
        wire::LegState::Failed => Some(LegState::Failed),
        // Nobody outside plans a leg.
        wire::LegState::Planned => None,
    }
}

/// Where a leg is.
#[must_use]
pub const fn leg_state(state: LegState) -> wire::LegState {
    match state {
        LegState::Dialing => wire::LegState::Dialing,
        LegState::InDoubt => wire::LegState::InDoubt,
        LegState::Alerting => wire::LegState::Alerting,
        LegState::Answered => wire::LegState::Answered,
        LegState::InRoom => wire::LegState::InRoom,
        LegState::Ended => wire::LegState::Ended,
        LegState::Failed => wire::LegState::Failed,
        LegState::Planned => wire::LegState::Planned,
    }
}

/// Why a leg is over, if it was said. `Err` for a number that is no cause.
///
/// # Errors
/// The unknown number.
pub fn leg_cause_in(cause: i32) -> Result<Option<LegCause>, i32> {
    Ok(match wire::LegCause::try_from(cause).map_err(|_| cause)? {
        wire::LegCause::Unspecified => None,
        wire::LegCause::HungUp => Some(LegCause::HungUp),
        wire::LegCause::Dropped => Some(LegCause::Dropped),
        wire::LegCause::Busy => Some(LegCause::Busy),
        wire::LegCause::NoAnswer => Some(LegCause::NoAnswer),
        wire::LegCause::CarrierFailed => Some(LegCause::CarrierFailed),
        wire::LegCause::NotAtCarrier => Some(LegCause::NotAtCarrier),
    })
}

/// What a counselor is ready for; None where it was not said, or where channels are missing.
#[must_use]
pub fn readiness_in(readiness: i32, channels: &[i32]) -> Option<Readiness> {
    Some(match wire::Readiness::try_from(readiness).ok()? {
        wire::Readiness::Unspecified => return None,
        wire::Readiness::Available => Readiness::Available,
        wire::Readiness::AvailableFor => {
            let channels: Option<_> = channels.iter().map(|it| channel_in(*it)).collect();
            Readiness::AvailableFor(channels.filter(|it: &std::collections::BTreeSet<_>| !it.is_empty())?)
        }
        wire::Readiness::Break => Readiness::Break,
        wire::Readiness::Training => Readiness::Training,
        wire::Readiness::CheckIn => Readiness::CheckIn,
        wire::Readiness::Debrief => Readiness::Debrief,
    })
}

/// What a counselor is ready for, and for which channels.
#[must_use]
pub fn readiness(readiness: &Readiness) -> (wire::Readiness, Vec<i32>) {
    match readiness {
        Readiness::Available => (wire::Readiness::Available, Vec::new()),
        Readiness::AvailableFor(channels) => {
            (wire::Readiness::AvailableFor, channels.iter().map(|it| channel(*it) as i32).collect())
        }
        Readiness::Break => (wire::Readiness::Break, Vec::new()),
        Readiness::Training => (wire::Readiness::Training, Vec::new()),
        Readiness::CheckIn => (wire::Readiness::CheckIn, Vec::new()),
        Readiness::Debrief => (wire::Readiness::Debrief, Vec::new()),
    }
}

/// Whether a desk is there.
#[must_use]
pub const fn presence(presence: Presence) -> wire::Presence {
    match presence {
        Presence::Connected => wire::Presence::Connected,
        Presence::Unsure => wire::Presence::Unsure,
        Presence::Offline => wire::Presence::Offline,
    }
}

/// Where a contact is.
#[must_use]
pub const fn contact_state(state: ContactState) -> wire::ContactState {
    match state {
        ContactState::Arriving => wire::ContactState::Arriving,
        ContactState::Waiting => wire::ContactState::Waiting,
        ContactState::Offered => wire::ContactState::Offered,
        ContactState::Connecting => wire::ContactState::Connecting,
        ContactState::Connected => wire::ContactState::Connected,
        ContactState::WrappingUp => wire::ContactState::WrappingUp,
        ContactState::Closed => wire::ContactState::Closed,
    }
}

/// How a contact ended.
#[must_use]
pub const fn outcome(outcome: Option<Outcome>) -> wire::Outcome {
    match outcome {
        None => wire::Outcome::Unspecified,
        Some(Outcome::Completed) => wire::Outcome::Completed,
        Some(Outcome::Abandoned) => wire::Outcome::Abandoned,
        Some(Outcome::Diverted) => wire::Outcome::Diverted,
        Some(Outcome::Merged) => wire::Outcome::Merged,
    }
}

/// Where an offer is.
#[must_use]
pub const fn offer_state(state: OfferState) -> wire::OfferState {
    match state {
        OfferState::Open => wire::OfferState::Open,
        OfferState::Accepted => wire::OfferState::Accepted,
        OfferState::Declined => wire::OfferState::Declined,
        OfferState::Expired => wire::OfferState::Expired,
        OfferState::Rescinded => wire::OfferState::Rescinded,
    }
}

/// Why an offer was taken back: a stable word.
#[must_use]
pub const fn rescind_reason(reason: RescindReason) -> &'static str {
    match reason {
        RescindReason::PersonLeft => "person_left",
        RescindReason::DeskLost => "desk_lost",
        RescindReason::CounselorNotReady => "counselor_not_ready",
        RescindReason::PlanChanged => "plan_changed",
        RescindReason::HandoffEnded => "handoff_ended",
        RescindReason::AcuityRaised => "acuity_raised",
        RescindReason::PersonCalls => "person_calls",
        RescindReason::CenterClosed => "center_closed",
    }
}

/// How a region was resolved: a stable word.
#[must_use]
pub const fn region_method(method: RegionMethod) -> &'static str {
    match method {
        RegionMethod::GeoToken => "geo_token",
        RegionMethod::AreaCode => "area_code",
        RegionMethod::PostalCode => "postal_code",
        RegionMethod::Default => "default",
    }
}

/// What rules a counselor out: a stable word, and what it names.
#[must_use]
pub fn ruling(ruling: &Ruling) -> (&'static str, String) {
    match ruling {
        Ruling::NotInPlan => ("not_in_plan", String::new()),
        Ruling::OtherCenter => ("other_center", String::new()),
        Ruling::RingNotAsked(ring) => ("ring_not_asked", ring.to_string()),
        Ruling::LacksSkill(skill) => ("lacks_skill", skill.to_string()),
        Ruling::LacksLanguage(language) => ("lacks_language", language.to_string()),
        Ruling::OtherKind => ("other_kind", String::new()),
        Ruling::LacksPeerType(kind) => ("lacks_peer_type", kind.to_string()),
        Ruling::CenterDraining => ("center_draining", String::new()),
        Ruling::CenterClosed => ("center_closed", String::new()),
        Ruling::OutOfHours => ("out_of_hours", String::new()),
        Ruling::CredentialExpired(name) => ("credential_expired", name.clone()),
        Ruling::HasPart => ("has_part", String::new()),
        Ruling::NotWanted => ("not_wanted", String::new()),
        Ruling::NoSuchChannel => ("no_such_channel", String::new()),
        Ruling::NotConnected => ("not_connected", String::new()),
        Ruling::NotReady => ("not_ready", String::new()),
        Ruling::AtCapacity => ("at_capacity", String::new()),
        Ruling::Resting => ("resting", String::new()),
        Ruling::PhoneInDoubt => ("phone_in_doubt", String::new()),
        Ruling::KeptForEarlier(contact) => ("kept_for_earlier", contact.to_string()),
    }
}

/// A queue.
#[must_use]
pub fn queue(key: &QueueKey) -> wire::QueueKey {
    wire::QueueKey { region: key.region.to_string(), need: key.need.to_string(), channel: channel(key.channel) as i32 }
}
