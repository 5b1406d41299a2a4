//! Every way this service says no or ends a stream, in one place: code, reason and words.

use std::collections::HashMap;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

/// The domain in every `ErrorInfo` of ours.
const DOMAIN: &str = "holdfast";

fn with_reason(code: Code, reason: &str, message: impl Into<String>) -> Status {
    let details = ErrorDetails::with_error_info(reason, DOMAIN, HashMap::new());
    Status::with_error_details(code, message.into(), details)
}

pub(crate) fn may_not_command(role: &str) -> Status {
    with_reason(
        Code::PermissionDenied,
        "ROLE_NOT_ALLOWED",
        format!("only counselors and peers have a part in a handoff; this token is of a {role}"),
    )
}

pub(crate) fn may_not_watch(role: &str) -> Status {
    with_reason(
        Code::PermissionDenied,
        "ROLE_NOT_ALLOWED",
        format!(
            "counselors, peers, supervisors, operators and administrators may follow handoffs; this token is of a {role}"
        ),
    )
}

pub(crate) fn field(field: &'static str, message: impl Into<String>) -> Status {
    let message = message.into();
    let mut details = ErrorDetails::with_bad_request_violation(field, message.clone());
    details.set_error_info("FIELD_INVALID", DOMAIN, HashMap::new());
    Status::with_error_details(Code::InvalidArgument, format!("{field}: {message}"), details)
}

pub(crate) fn router_away() -> Status {
    with_reason(
        Code::Unavailable,
        "ROUTER_AWAY",
        "the router could not be asked in time; send it again under the same request id",
    )
}

/// The router does not know this service, which says nothing of the caller.
pub(crate) fn not_let_in() -> Status {
    with_reason(Code::Internal, "ROUTER_REFUSES_SERVICE", "the router does not let this service in; tell its operator")
}

pub(crate) fn followers_full(bound: usize) -> Status {
    with_reason(
        Code::ResourceExhausted,
        "FOLLOWERS_FULL",
        format!("{bound} streams follow handoffs here, which is the most; try again in a moment"),
    )
}

pub(crate) fn streams_full(bound: usize) -> Status {
    with_reason(
        Code::ResourceExhausted,
        "STREAMS_FULL",
        format!("{bound} streams follow handoffs under this token, which is the most; end one of them"),
    )
}

pub(crate) fn too_slow() -> Status {
    with_reason(Code::Aborted, "TOO_SLOW", "the follower did not read for too long; resume from the last position")
}

pub(crate) fn restarting() -> Status {
    with_reason(Code::Unavailable, "RESTARTING", "restarting")
}
