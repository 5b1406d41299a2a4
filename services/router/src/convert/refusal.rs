//! Refusals as gRPC statuses: one mapping, with a stable reason for programs and a sentence for people.

use holdfast_core::refusal::Refusal;
use std::collections::HashMap;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

/// The domain of our stable reasons.
pub const DOMAIN: &str = "holdfast.router";

/// A status with a stable reason.
#[must_use]
pub fn status(code: Code, reason: &'static str, message: impl Into<String>) -> Status {
    let details = ErrorDetails::with_error_info(reason, DOMAIN, HashMap::new());
    Status::with_error_details(code, message, details)
}

/// A refusal as a status.
#[must_use]
pub fn refusal(refusal: &Refusal) -> Status {
    let (code, reason) = match refusal {
        Refusal::UnknownContact(_) => (Code::NotFound, "UNKNOWN_CONTACT"),
        Refusal::UnknownCounselor(_) => (Code::NotFound, "UNKNOWN_COUNSELOR"),
        Refusal::UnknownLeg { .. } => (Code::NotFound, "UNKNOWN_LEG"),
        Refusal::UnknownOffer(_) => (Code::NotFound, "UNKNOWN_OFFER"),
        Refusal::OfferNotOpen { .. } => (Code::FailedPrecondition, "OFFER_NOT_OPEN"),
        Refusal::OfferExpired(_) => (Code::FailedPrecondition, "OFFER_EXPIRED"),
        Refusal::NotHolder { .. } => (Code::FailedPrecondition, "NOT_HOLDER"),
        Refusal::WrongState { .. } => (Code::FailedPrecondition, "WRONG_STATE"),
        Refusal::WrongHandoffState { .. } => (Code::FailedPrecondition, "WRONG_HANDOFF_STATE"),
        Refusal::MayNotLeave { .. } => (Code::FailedPrecondition, "MAY_NOT_LEAVE"),
        Refusal::HandoffOpen(_) => (Code::FailedPrecondition, "HANDOFF_OPEN"),
        Refusal::NobodyInPlan(_) => (Code::FailedPrecondition, "NOBODY_IN_PLAN"),
        Refusal::NotWritten(_) => (Code::FailedPrecondition, "NOT_WRITTEN"),
        Refusal::NoQueueFor(_) => (Code::FailedPrecondition, "NO_QUEUE"),
        Refusal::CarrierBlocks(_) => (Code::FailedPrecondition, "CARRIER_BLOCKS"),
        Refusal::NoHelpAsked(_) => (Code::FailedPrecondition, "NO_HELP_ASKED"),
        Refusal::DeskNotConnected(_) => (Code::FailedPrecondition, "DESK_NOT_CONNECTED"),
        Refusal::SessionSuperseded(_) => (Code::Aborted, "SESSION_SUPERSEDED"),
        Refusal::TooManyNotes(_) => (Code::FailedPrecondition, "TOO_MANY_NOTES"),
        Refusal::HoldsContact(_) => (Code::FailedPrecondition, "HOLDS_CONTACT"),
        Refusal::PersonIsHere(_) => (Code::FailedPrecondition, "PERSON_IS_HERE"),
        Refusal::PlanUnfit(_) => (Code::FailedPrecondition, "PLAN_UNFIT"),
        Refusal::UnknownCenter(_) => (Code::NotFound, "UNKNOWN_CENTER"),
        Refusal::UnknownQueue(_) => (Code::NotFound, "UNKNOWN_QUEUE"),
        Refusal::DirectiveUnfit(_) => (Code::InvalidArgument, "DIRECTIVE_UNFIT"),
        Refusal::NoPlan => (Code::Unavailable, "NO_PLAN"),
        Refusal::StaleEpoch(_) => (Code::Aborted, "STALE_EPOCH"),
    };
    status(code, reason, refusal.to_string())
}
