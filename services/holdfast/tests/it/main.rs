//! The binary from outside: real processes over a copy of the example configuration, real HTTP, real gRPC, a simulated carrier.
//!
//! What each role does in detail is tested in its own crate; here stands what only the whole can show.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod access;
mod apart;
mod call;
mod demo;
mod direct;
mod erase;
mod example;
mod handoffs;
mod house;
mod offers;
mod pages;
mod persons;
mod pressure;
mod refusals;
mod split;
mod stops;
mod webhooks;
mod wire;
