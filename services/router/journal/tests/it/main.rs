//! The stores from outside: one conformance suite, crash points without number, flipped bits, golden data.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod crash;
mod erasable;
mod flips;
mod golden;
mod stores;
mod workload;
