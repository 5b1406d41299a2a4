//! Every way this service says no or ends a stream, in one place: code, reason and words.

use std::collections::HashMap;
use std::time::Duration;

use holdfast_chassis::admission;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

/// The domain in every `ErrorInfo` of ours.
const DOMAIN: &str = "holdfast";

/// The reason in the `ErrorInfo` of a stream that a newer one ended. A client must not come back by itself.
pub(crate) const SUPERSEDED: &str = "SUPERSEDED";

fn with_reason(code: Code, reason: &str, message: impl Into<String>) -> Status {
    let details = ErrorDetails::with_error_info(reason, DOMAIN, HashMap::new());
    Status::with_error_details(code, message.into(), details)
}

pub(crate) fn wrong_role(role: &str) -> Status {
    with_reason(
        Code::PermissionDenied,
        "ROLE_NOT_ALLOWED",
        format!("only counselors and peers work at a desk; this token is of a {role}"),
    )
}

pub(crate) fn field(field: &'static str, message: impl Into<String>) -> Status {
    let message = message.into();
    let mut details = ErrorDetails::with_bad_request_violation(field, message.clone());
    details.set_error_info("FIELD_INVALID", DOMAIN, HashMap::new());
    Status::with_error_details(Code::InvalidArgument, format!("{field}: {message}"), details)
}

pub(crate) fn desks_full(bound: usize) -> Status {
    with_reason(
        Code::ResourceExhausted,
        "DESKS_FULL",
        format!("{bound} desks are at work here, which is the most; try again in a moment"),
    )
}

pub(crate) fn later(after: Duration) -> Status {
    let details = ErrorDetails::with_error_info("LATER", DOMAIN, HashMap::new());
    admission::later(details, after, "many desks sign in at once; come back after the given delay")
}

pub(crate) fn windows_full() -> Status {
    with_reason(Code::ResourceExhausted, "WINDOWS_FULL", "too many windows of this person are open")
}

pub(crate) fn access_ended() -> Status {
    with_reason(Code::Unauthenticated, "ACCESS_ENDED", "the token is not in the table any more")
}

pub(crate) fn superseded() -> Status {
    with_reason(Code::Aborted, SUPERSEDED, "superseded by a newer desk")
}

pub(crate) fn too_slow() -> Status {
    with_reason(Code::Aborted, "TOO_SLOW", "the desk did not read for too long; sign in again from the last position")
}

pub(crate) fn silent() -> Status {
    with_reason(
        Code::DeadlineExceeded,
        "DESK_SILENT",
        "no word from the desk for too long; sign in again from the last position",
    )
}

pub(crate) fn restarting() -> Status {
    with_reason(Code::Unavailable, "RESTARTING", "restarting")
}

/// The stable reason of a status, if it carries one.
pub(crate) fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}
