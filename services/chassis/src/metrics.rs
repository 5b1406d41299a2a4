//! Every metric the chassis writes, by name, with its description. Labels are classes, reasons and listeners: never who
//! or what a request was about.

use metrics::{counter, describe_counter, describe_gauge, gauge};

/// Rpcs refused because their class had no permit left.
const REFUSED: &str = "holdfast_rpc_refused_total";
/// Rpcs refused for a missing or unknown token.
const UNAUTHENTICATED: &str = "holdfast_rpc_unauthenticated_total";
/// Rpcs whose deadline passed before their answer.
const EXPIRED: &str = "holdfast_rpc_expired_total";
/// Handlers which panicked.
const PANICKED: &str = "holdfast_rpc_panicked_total";
/// Rpcs holding a permit.
const ADMITTED: &str = "holdfast_rpc_admitted";
/// Connections refused at the bound of a listener.
const CONNECTIONS_REFUSED: &str = "holdfast_connections_refused_total";
/// Requests of browsers and scripts that were refused at a web face.
const WEB_REFUSED: &str = "holdfast_web_refused_total";
/// Attempts to sign in at a browser.
const SIGNED_IN: &str = "holdfast_web_sign_ins_total";

/// How hard pressed the writer is, and the two signals it is read from.
const PRESSURE: &str = "holdfast_pressure_level";
const PRESSURE_WAIT: &str = "holdfast_pressure_wait_seconds";
const PRESSURE_COMMIT: &str = "holdfast_pressure_commit_seconds";
/// Rpcs turned away by pressure.
const PRESSED_OUT: &str = "holdfast_pressure_refused_total";

/// Connections ended because their client took nothing.
const STALLED: &str = "holdfast_connections_stalled_total";
/// Retries of our own clients, and those that had to wait for a place.
const RETRIED: &str = "holdfast_retries_total";
const RETRIES_HELD: &str = "holdfast_retries_held_total";
/// Those who were told to come back since too many came at once.
const PACED: &str = "holdfast_paced_total";

/// Describes the metrics to the recorder; called when it is installed.
pub(crate) fn describe() {
    describe_counter!(REFUSED, "rpcs refused because their class had no permit left");
    describe_counter!(UNAUTHENTICATED, "rpcs refused for a missing or unknown token");
    describe_counter!(EXPIRED, "rpcs whose deadline passed before their answer");
    describe_counter!(PANICKED, "handlers which panicked");
    describe_gauge!(ADMITTED, "rpcs holding a permit");
    describe_counter!(CONNECTIONS_REFUSED, "connections refused at the bound of a listener");
    describe_counter!(WEB_REFUSED, "requests refused at a web face: for their origin, token, role or form");
    describe_gauge!(PRESSURE, "how hard pressed the writer is: 0 calm, 1 raised, 2 high, 3 severe");
    describe_gauge!(PRESSURE_WAIT, "mean wait of a command for the writer over about a second");
    describe_gauge!(PRESSURE_COMMIT, "commit latency over about a second");
    describe_counter!(PRESSED_OUT, "requests told to come back because the writer is pressed, by class");
    describe_counter!(STALLED, "connections ended because their client read nothing for too long");
    describe_counter!(RETRIED, "requests of our own clients that were made again, by client");
    describe_counter!(
        RETRIES_HELD,
        "retries that had to wait since a tenth of the requests were retries already, by client"
    );
    describe_counter!(PACED, "arrivals told to come back because many came at once, by door");
    describe_counter!(SIGNED_IN, "attempts to sign in at a browser, by outcome");
}

pub(crate) fn refused(class: &'static str) {
    counter!(REFUSED, "class" => class).increment(1);
}

pub(crate) fn unauthenticated(reason: &'static str) {
    counter!(UNAUTHENTICATED, "reason" => reason).increment(1);
}

/// `side` is `served` for rpcs we answer and `sent` for those we ask.
pub(crate) fn expired(side: &'static str) {
    counter!(EXPIRED, "side" => side).increment(1);
}

pub(crate) fn panicked() {
    counter!(PANICKED).increment(1);
}

pub(crate) fn admitted(count: usize) {
    gauge!(ADMITTED).set(f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
}

pub(crate) fn connection_refused(listener: &'static str) {
    counter!(CONNECTIONS_REFUSED, "listener" => listener).increment(1);
}

pub(crate) fn web_refused(reason: &'static str) {
    counter!(WEB_REFUSED, "reason" => reason).increment(1);
}

pub(crate) fn signed_in(outcome: &'static str) {
    counter!(SIGNED_IN, "outcome" => outcome).increment(1);
}

/// The level, and the signals in seconds.
pub(crate) fn pressure(level: u8, wait_s: f64, commit_s: f64) {
    gauge!(PRESSURE).set(f64::from(level));
    gauge!(PRESSURE_WAIT).set(wait_s);
    gauge!(PRESSURE_COMMIT).set(commit_s);
}

pub(crate) fn pressed_out(class: &'static str) {
    counter!(PRESSED_OUT, "class" => class).increment(1);
}

pub(crate) fn paced(door: &'static str) {
    counter!(PACED, "door" => door).increment(1);
}

pub(crate) fn connection_stalled() {
    counter!(STALLED).increment(1);
}

pub(crate) fn retried(client: &'static str) {
    counter!(RETRIED, "client" => client).increment(1);
}

pub(crate) fn retry_held(client: &'static str) {
    counter!(RETRIES_HELD, "client" => client).increment(1);
}
