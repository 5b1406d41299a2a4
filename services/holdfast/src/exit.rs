//! How a verb ends: exit codes, and the one place that prints to the terminal.
//!
//! 0 ok, 1 failed, 2 usage, 3 a check found problems, 4 unreachable, 5 not allowed, 70 the process had to end.

use std::io::Write as _;
use std::process::ExitCode;

/// A check found problems.
pub(crate) const PROBLEMS: u8 = 3;
/// Nobody answers.
pub(crate) const UNREACHABLE: u8 = 4;
/// The token may not do this.
pub(crate) const NOT_ALLOWED: u8 = 5;
/// The journal or the writer failed: the process must end, and be started anew.
pub(crate) const FATAL: i32 = 70;

/// Ends with an error, told with its causes.
pub(crate) fn failed(error: &anyhow::Error) -> ExitCode {
    err(&format!("holdfast: {error:#}"));
    let status = error.chain().find_map(|cause| cause.downcast_ref::<tonic::Status>());
    match status.map(tonic::Status::code) {
        Some(tonic::Code::Unavailable | tonic::Code::DeadlineExceeded) => ExitCode::from(UNREACHABLE),
        Some(tonic::Code::PermissionDenied | tonic::Code::Unauthenticated) => ExitCode::from(NOT_ALLOWED),
        _ => ExitCode::FAILURE,
    }
}

/// A line for people or programs, on standard output. A closed pipe is not worth an error.
pub(crate) fn out(line: &str) {
    drop(writeln!(std::io::stdout().lock(), "{line}"));
}

/// A line for people, on standard error.
pub(crate) fn err(line: &str) {
    drop(writeln!(std::io::stderr().lock(), "{line}"));
}
