//! What every service is bolted to: settings, telemetry, access, deadlines, admission, servers, channels and shutdown.
//!
//! The chassis knows transport and process manners and nothing of contacts, counselors or carriers; it depends on no
//! crate of ours. What a service does with an admitted request is not its business, and so it never reads a body.

pub mod access;
pub mod admission;
pub mod apart;
pub mod backoff;
pub mod bearer;
pub mod channel;
pub mod crypto;
pub mod deadline;
pub mod http;
pub mod listen;
mod metrics;
pub mod pace;
mod panics;
pub mod pressure;
pub mod retries;
pub mod server;
pub mod settings;
pub mod shutdown;
pub mod telemetry;
pub mod web;
