//! The journal's own codec, from outside: what is written is read back, what is not a record is refused, and the past stays.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod described;
mod formats;
mod generate;
mod golden;
mod parts;
mod refused;
mod round_trip;
mod texts_and_handoffs;
