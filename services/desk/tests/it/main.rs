//! The desk service over the real wire, with a scripted router on its other side.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests: what fails here should fail loudly")]

mod browser;
mod client;
mod commands;
mod cut;
mod drafts;
mod feed;
mod lease;
mod line_mode;
mod line_talk;
mod paced;
mod presence;
mod router;
mod sign_in;
mod stage;
mod window;
mod wire;
