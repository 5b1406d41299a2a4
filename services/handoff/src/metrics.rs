//! Every metric the handoff service writes, by name. Labels are kinds and outcomes: never who.

use metrics::{counter, describe_counter, describe_gauge, gauge};

const FOLLOWERS: &str = "holdfast_handoff_followers";
const KNOWN: &str = "holdfast_handoff_known";
const COMMANDS: &str = "holdfast_handoff_commands_total";
const STEPS: &str = "holdfast_handoff_steps_total";
const FOLLOWED: &str = "holdfast_handoff_follows_total";
const BEGUN: &str = "holdfast_handoff_watches_total";
const ENDED: &str = "holdfast_handoff_watches_ended_total";
const UNTRACKED: &str = "holdfast_handoff_untracked_total";

/// Describes the metrics to the recorder. Call once it is installed.
pub fn describe() {
    describe_gauge!(FOLLOWERS, "streams that follow handoffs");
    describe_gauge!(KNOWN, "handoffs that are shown: open, or ended within the last ten minutes");
    describe_counter!(COMMANDS, "handoff commands from outside of desks, by command and outcome");
    describe_counter!(STEPS, "steps of handoffs that were seen, by what happened");
    describe_counter!(FOLLOWED, "times the router's feed was taken up, from a snapshot or a position");
    describe_counter!(BEGUN, "streams that began, from a snapshot or a position");
    describe_counter!(ENDED, "streams that ended otherwise than by their client, by reason");
    describe_counter!(UNTRACKED, "handoffs that were let go or not taken up at the bound, by whether they were open");
}

pub(crate) fn followers(count: usize) {
    gauge!(FOLLOWERS).set(f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
}

pub(crate) fn known(count: usize) {
    gauge!(KNOWN).set(f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
}

pub(crate) fn command(command: &'static str, outcome: &'static str) {
    counter!(COMMANDS, "command" => command, "outcome" => outcome).increment(1);
}

pub(crate) fn step(what: &'static str) {
    counter!(STEPS, "what" => what).increment(1);
}

pub(crate) fn followed(from: &'static str) {
    counter!(FOLLOWED, "from" => from).increment(1);
}

pub(crate) fn begun(from: &'static str) {
    counter!(BEGUN, "from" => from).increment(1);
}

pub(crate) fn ended(reason: &'static str) {
    counter!(ENDED, "reason" => reason).increment(1);
}

pub(crate) fn untracked(kind: &'static str) {
    counter!(UNTRACKED, "kind" => kind).increment(1);
}
