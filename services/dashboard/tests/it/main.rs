//! The plain board behind its routes, with a scripted router on the other side and a clock that stands still.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests: what fails here should fail loudly")]

mod numbers;
mod page;
mod stage;
