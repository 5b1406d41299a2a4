//! The outside world as cheaply as it can be played: signed webhooks over kept connections, desks that answer at once, a carrier that
//! says yes to everything. No ledgers, no faults, no humans: those are in [`crate::carrier`] and [`crate::desks`].
//!
//! Everything here works the same against `holdfast serve` and against the floors.

pub mod carrier;
pub mod desks;
pub mod hooks;
