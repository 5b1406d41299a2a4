//! The desk: counselors' and peers' sessions and presence, and the client that a desk is made of.
//!
//! A stream is a shift at one desk. This service turns what a counselor says into commands to the router and forwards the
//! router's desk feed to them, in order, without loss or repetition. It keeps no state worth saving: who is where is the
//! router's to know. Who may be offered what is not decided here, and a person's words pass through unread.
//!
//! # Layout
//! `session` is a desk at work, made of `listen` (what the desk says), `orders` (commands, one after the other), `follow`
//! (the feed) and `presence` (attesting and losing). Two wires lead to it: `stream` is gRPC, and `window` a browser's
//! WebSocket, which speaks the JSON of `wire`, has the lease or waits for it, and keeps `drafts`. `registry` has one seat for each
//! person, whichever way they come. `client` is the other end of the gRPC wire, and `line_mode` a whole desk in a terminal.

pub mod client;
mod drafts;
mod face;
mod follow;
mod here;
mod inbound;
pub mod line_mode;
mod listen;
mod metrics;
mod names;
mod orders;
mod outgoing;
mod pause;
mod presence;
mod refusal;
mod registry;
mod router;
mod server;
mod session;
mod settings;
mod spoken;
mod stream;
mod validate;
mod window;
mod wire;

pub use metrics::describe as describe_metrics;
pub use names::Names;
pub use server::{DeskServer, bind};
pub use settings::{DeskSettings, SettingsError};
