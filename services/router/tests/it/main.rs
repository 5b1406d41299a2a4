//! The router from outside: a real journal in a temporary directory, real gRPC, no carrier and no desk service.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod access;
mod directives;
mod erase;
mod feeds;
mod handoff;
mod house;
mod keys;
mod pressure;
mod restart;
mod texts;
mod upgrade;
