//! The carrier's REST API over HTTP on 127.0.0.1: who asks, what for, and what goes wrong on the way.
//!
//! A subset of the vendor's 2010-04-01 API: conferences, participants, calls, messages. What a request does is in `rest/`.

mod answer;
mod messages;
mod request;
mod rooms;
mod serve;

pub(crate) use serve::router;
