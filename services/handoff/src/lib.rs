//! The handoff service: warm handoffs for everybody who is not at a desk of ours: a center's own software, a peer organisation's
//! system, the tools of supervisors.
//!
//! It turns requests into commands and keeps people informed. The state of a handoff and its deadlines live in the router's core:
//! this service decides nothing, keeps no note and no word of a person, and has no store. What it shows is folded from the
//! router's capacity feed, which it follows once for everybody.
//!
//! # Layout
//! `server` is the face on gRPC. Commands: `validate` and `order` make them, `router` has them decided. Watching: `follow` keeps
//! up with the feed, `known` folds it into handoffs, `turn` finds the steps that one decision made (`step`), `sight` has it all
//! and the followers, and `watching` is one follower's stream. `refusal` has every way to say no.

mod follow;
mod known;
mod metrics;
mod order;
mod refusal;
mod router;
mod server;
mod settings;
mod sight;
mod step;
mod turn;
mod validate;
mod watching;

pub use metrics::describe as describe_metrics;
pub use server::{HandoffServer, bind};
pub use settings::{HandoffSettings, SettingsError};
