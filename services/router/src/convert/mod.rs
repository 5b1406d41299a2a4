//! Between the wire and the core. The only place, with the journal's records, that mentions both.
//!
//! Inbound: a wire command becomes a *wish*, which still carries a person's number or words in clear; the edge seals them and
//! makes the core's command of it. Outbound: states become views, refusals become gRPC statuses.

pub mod answer;
pub mod desk_views;
pub mod directives;
pub mod explain;
pub mod refusal;
pub mod talk;
pub mod terms;
pub mod views;
pub mod wish;
