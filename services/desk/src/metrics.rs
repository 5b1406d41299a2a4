//! Every metric the desk service writes, by name. Labels are kinds and outcomes: never who.

use metrics::{counter, describe_counter, describe_gauge, gauge};

const CONNECTED: &str = "holdfast_desks_connected";
const COMMANDS: &str = "holdfast_desk_commands_total";
const RESUMES: &str = "holdfast_desk_resumes_total";
const ENDED: &str = "holdfast_desk_streams_ended_total";
const ATTESTED: &str = "holdfast_desk_attested_total";
const LOST: &str = "holdfast_desk_losses_total";
const CLIENTS: &str = "holdfast_ui_clients";
const RESYNC: &str = "holdfast_ui_resync_total";
const LEASES: &str = "holdfast_desk_leases_total";
const WINDOWS: &str = "holdfast_desk_windows_ended_total";
const DRAFTS: &str = "holdfast_desk_drafts_total";

/// Describes the metrics to the recorder. Call once it is installed.
pub fn describe() {
    describe_gauge!(CONNECTED, "desks at work");
    describe_counter!(COMMANDS, "commands from desks, by command and outcome");
    describe_counter!(RESUMES, "streams taken up again: side `router` is the feed, side `desk` a desk that came back");
    describe_counter!(ENDED, "desk streams that ended, by reason");
    describe_counter!(ATTESTED, "times the router was told that a desk is there");
    describe_counter!(LOST, "lost desks, by whether the router was told");
    describe_gauge!(CLIENTS, "browser windows that are open, by view");
    describe_counter!(RESYNC, "snapshots sent to browser windows, by view and why no delta would do");
    describe_counter!(LEASES, "times the lease of a desk moved to another window, by how");
    describe_counter!(WINDOWS, "browser windows that ended, by reason");
    describe_counter!(DRAFTS, "drafts, by whether they were kept");
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

/// A window that is open; counted until it is dropped.
pub(crate) struct Client(());

pub(crate) fn client() -> Client {
    gauge!(CLIENTS, "view" => "desk").increment(1.0);
    Client(())
}

impl Drop for Client {
    fn drop(&mut self) {
        gauge!(CLIENTS, "view" => "desk").decrement(1.0);
    }
}

pub(crate) fn resync(reason: &'static str) {
    counter!(RESYNC, "view" => "desk", "reason" => reason).increment(1);
}

pub(crate) fn lease(how: &'static str) {
    counter!(LEASES, "how" => how).increment(1);
}

pub(crate) fn draft(outcome: &'static str) {
    counter!(DRAFTS, "outcome" => outcome).increment(1);
}

pub(crate) fn window_ended(reason: &'static str) {
    counter!(WINDOWS, "reason" => reason).increment(1);
}
