//! Every metric of the carrier service: names, labels, and who counts what. No label comes from a request.

use std::time::Duration;

use metrics::{counter, gauge, histogram};

/// A webhook was answered. `kind` is the hook, `outcome` what became of it.
pub(crate) fn webhook(account: &str, kind: &'static str, outcome: &'static str, took: Duration) {
    counter!("holdfast_webhooks_total", "account" => account.to_owned(), "kind" => kind, "outcome" => outcome)
        .increment(1);
    histogram!("holdfast_webhook_seconds", "kind" => kind).record(took.as_secs_f64());
}

/// A person's text was longer than the router takes, and its end was cut.
pub(crate) fn text_cut(account: &str) {
    counter!("holdfast_texts_cut_total", "account" => account.to_owned()).increment(1);
}

/// A look for texts that no webhook brought ended: `done`, `unlisted` or `untold` (the router did not take some of them yet).
pub(crate) fn missed_round(account: &str, outcome: &'static str) {
    counter!("holdfast_carrier_missed_rounds_total", "account" => account.to_owned(), "outcome" => outcome)
        .increment(1);
}

/// A text that no webhook had brought was told to the router: `taken`, or `refused` although it was written to a line of ours.
pub(crate) fn missed_text(account: &str, outcome: &'static str) {
    counter!("holdfast_carrier_missed_texts_total", "account" => account.to_owned(), "outcome" => outcome).increment(1);
}

/// Entries in the carrier's list of texts that were left out: `unreadable`, or `cut` once for a list longer than is read.
pub(crate) fn missed_left_out(account: &str, why: &'static str, entries: usize) {
    let entries = u64::try_from(entries).unwrap_or(u64::MAX);
    counter!("holdfast_carrier_missed_left_out_total", "account" => account.to_owned(), "why" => why)
        .increment(entries);
}

/// An effect came to an end in this process: `accepted`, `refused`, `doubted`, `fenced` or `barred`.
pub(crate) fn effect(account: &str, kind: &'static str, outcome: &'static str) {
    counter!("holdfast_carrier_effects_total", "account" => account.to_owned(), "kind" => kind, "outcome" => outcome)
        .increment(1);
}

/// A REST request was answered, or not.
pub(crate) fn rest(outcome: &'static str, took: Duration) {
    counter!("holdfast_carrier_rest_total", "outcome" => outcome).increment(1);
    histogram!("holdfast_carrier_rest_seconds").record(took.as_secs_f64());
}

/// The effects feed opened or broke.
pub(crate) fn feed(account: &str, connected: bool) {
    gauge!("holdfast_carrier_feed_connected", "account" => account.to_owned()).set(if connected { 1.0 } else { 0.0 });
}

/// A feed was left because an older writer than one already heard spoke in it.
pub(crate) fn feed_fenced(account: &str) {
    counter!("holdfast_carrier_feed_fenced_total", "account" => account.to_owned()).increment(1);
}

/// Reconciliation repaired something: `leg_gone`, `leg_in_room` or `leg_dropped`.
pub(crate) fn repair(account: &str, kind: &'static str) {
    counter!("holdfast_reconcile_repairs_total", "account" => account.to_owned(), "kind" => kind).increment(1);
}

/// A room of ours has a contact the router does not know. Nobody is hung up for it.
pub(crate) fn unknown_room(account: &str) {
    counter!("holdfast_reconcile_unknown_total", "account" => account.to_owned()).increment(1);
}

/// A reconciliation round ended: `done`, `skipped` or `unlisted`.
pub(crate) fn round(account: &str, outcome: &'static str) {
    counter!("holdfast_reconcile_rounds_total", "account" => account.to_owned(), "outcome" => outcome).increment(1);
}
