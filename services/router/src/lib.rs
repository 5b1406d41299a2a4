//! The router: one queue and its one writer.
//!
//! [`Router::open`] recovers the journal, begins to lead, and gives a gRPC service. [`driver`] decides and appends, [`feed`] follows
//! and tells, [`edge`] seals and unseals, [`convert`] stands between the wire and the core, [`access`] says who may ask what.
//! Deliberately absent: any carrier, any screen, any clock of its own beside [`clock`] and
//! what [`hours`] reads off the wall.

pub mod access;
pub mod clock;
pub mod convert;
pub mod driver;
pub mod edge;
pub mod feed;
pub mod grpc;
pub mod hours;
pub mod metrics;
mod open;
pub mod recover;
pub mod settings;
pub mod snapshots;
pub mod watchdog;

pub use edge::master::{MasterKey, MasterKeyError};
pub use open::{OpenError, Router};
