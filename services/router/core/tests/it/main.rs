//! The core from outside: stories that a counselor lead can review, and laws over random nights.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod kept;
mod laws;
mod legs;
mod likely;
mod moves;
mod night;
mod order;
mod plan;
mod sentences;
mod story;
mod tables;
mod tell;
