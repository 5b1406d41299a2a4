//! The carrier service from outside: a scripted router behind gRPC, a small Twilio behind REST, signed webhooks over HTTP.
#![expect(clippy::unwrap_used, reason = "tests")]

mod calling_back;
mod effects;
mod hooks;
mod missed;
mod network_time;
mod outgoing;
mod reconcile;
mod router;
mod sending;
mod settings;
mod texts;
mod three;
mod twilio;
mod world;
