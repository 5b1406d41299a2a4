//! The chassis from outside: real clients and servers over TCP and through a door. One binary, so it links once.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod access;
mod admission;
mod apart;
mod deadlines;
mod door;
mod http;
mod probe;
mod server;
mod settings;
mod web;
