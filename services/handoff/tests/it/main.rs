//! The handoff service over the real wire, with a scripted router on its other side.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests: what fails here should fail loudly")]

mod access;
mod bounds;
mod commands;
mod counted;
mod router;
mod routers_ways;
mod stage;
mod watching;
