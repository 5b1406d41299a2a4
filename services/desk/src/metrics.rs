//! Every metric the desk service writes, by name. Labels are kinds and outcomes: never who.

use metrics::{counter, describe_counter, describe_gauge, gauge};

const CONNECTED: &str = "holdfast_desks_connected";
const COMMANDS: &str = "holdfast_desk_commands_total";
const RESUMES: &str = "holdfast_desk_resumes_total";
const ENDED: &str = "holdfast_desk_streams_ended_total";
const ATTESTED: &str = "holdfast_desk_attested_total";
const LOST: &str = "holdfast_desk_losses_total";

/// Describes the metrics to the recorder. Call once it is installed.
pub fn describe() {
    describe_gauge!(CONNECTED, "desks at work");
    describe_counter!(COMMANDS, "commands from desks, by command and outcome");
    describe_counter!(RESUMES, "streams taken up again: side `router` is the feed, side `desk` a desk that came back");
    describe_counter!(ENDED, "desk streams that ended, by reason");
    describe_counter!(ATTESTED, "times the router was told that a desk is there");
    describe_counter!(LOST, "lost desks, by whether the router was told");
}

pub(crate) fn connected(desks: usize) {
    gauge!(CONNECTED).set(f64::from(u32::try_from(desks).unwrap_or(u32::MAX)));
}

pub(crate) fn command(command: &'static str, outcome: &'static str) {
    counter!(COMMANDS, "command" => command, "outcome" => outcome).increment(1);
}

pub(crate) fn resumed(side: &'static str) {
    counter!(RESUMES, "side" => side).increment(1);
}

pub(crate) fn ended(reason: &'static str) {
    counter!(ENDED, "reason" => reason).increment(1);
}

pub(crate) fn attested() {
    counter!(ATTESTED).increment(1);
}

pub(crate) fn lost(outcome: &'static str) {
    counter!(LOST, "outcome" => outcome).increment(1);
}
