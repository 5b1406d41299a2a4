//! Every metric the dashboard writes, by name. Labels are kinds only.

use std::time::Duration;

use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};

const FRAMES: &str = "holdfast_dashboard_frames_total";
const FOLLOWED: &str = "holdfast_dashboard_follows_total";
const PAGES: &str = "holdfast_dashboard_pages_total";
const UNTRACKED: &str = "holdfast_dashboard_untracked_total";
const CLIENTS: &str = "holdfast_ui_clients";
const FRAME_AGE: &str = "holdfast_ui_frame_age_seconds";
const RESYNC: &str = "holdfast_ui_resync_total";
const FULL: &str = "holdfast_ui_refused_total";

/// The view these are about, where services share a metric.
const BOARD: &str = "board";

/// Describes the metrics to the recorder. Call once it is installed.
pub fn describe() {
    describe_counter!(FRAMES, "frames of the capacity feed, by kind");
    describe_counter!(FOLLOWED, "times the feed was taken up, from a snapshot or a position");
    describe_counter!(PAGES, "pages of the plain board served");
    describe_counter!(UNTRACKED, "contacts, counselors and queues beyond the dashboard's bounds, by kind");
    describe_gauge!(CLIENTS, "open sockets of browsers, by view");
    describe_histogram!(FRAME_AGE, "from the router's word to the frame that tells of it, sent, by view");
    describe_counter!(RESYNC, "snapshots where a delta would not do, by view and reason: asked, rows, slow, changed");
    describe_counter!(FULL, "sockets turned away because as many as may be are open, by view");
}

pub(crate) fn frame(kind: &'static str) {
    counter!(FRAMES, "kind" => kind).increment(1);
}

pub(crate) fn followed(from: &'static str) {
    counter!(FOLLOWED, "from" => from).increment(1);
}

pub(crate) fn page() {
    counter!(PAGES).increment(1);
}

pub(crate) fn untracked(kind: &'static str) {
    counter!(UNTRACKED, "kind" => kind).increment(1);
}

/// Counts an open board while it lives.
pub(crate) struct Open;

pub(crate) fn open() -> Open {
    gauge!(CLIENTS, "view" => BOARD).increment(1.0);
    Open
}

impl Drop for Open {
    fn drop(&mut self) {
        gauge!(CLIENTS, "view" => BOARD).decrement(1.0);
    }
}

pub(crate) fn frame_age(age: Duration) {
    histogram!(FRAME_AGE, "view" => BOARD).record(age.as_secs_f64());
}

pub(crate) fn resync(reason: &'static str) {
    counter!(RESYNC, "view" => BOARD, "reason" => reason).increment(1);
}

pub(crate) fn full() {
    counter!(FULL, "view" => BOARD).increment(1);
}
