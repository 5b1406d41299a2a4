//! Every metric the dashboard writes, by name. Labels are kinds only.

use metrics::{counter, describe_counter};

const FRAMES: &str = "holdfast_dashboard_frames_total";
const FOLLOWED: &str = "holdfast_dashboard_follows_total";
const PAGES: &str = "holdfast_dashboard_pages_total";
const UNTRACKED: &str = "holdfast_dashboard_untracked_total";

/// Describes the metrics to the recorder. Call once it is installed.
pub fn describe() {
    describe_counter!(FRAMES, "frames of the capacity feed, by kind");
    describe_counter!(FOLLOWED, "times the feed was taken up, from a snapshot or a position");
    describe_counter!(PAGES, "pages of the plain board served");
    describe_counter!(UNTRACKED, "contacts, counselors and queues beyond the dashboard's bounds, by kind");
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
