//! The boards behind their routes, with a scripted router on the other side and a clock that stands still.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests: what fails here should fail loudly")]

mod board;
mod crowd;
mod decisions;
mod door;
mod language;
mod numbers;
mod paced;
mod page;
mod pressure;
mod sayings;
mod stage;
mod viewer;
