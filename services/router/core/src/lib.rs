//! The law: every decision Holdfast makes, as a pure state machine.
//!
//! `decide` turns a command into events, `apply` folds events into the state, `step` does both and then offers whoever waits to
//! whoever is free. Time, ids and ciphertext come in as input. No I/O, no clock, no randomness, no hash order: `no_std` makes that
//! a compile error.
//!
//! # Layout
//! Vocabulary: [`id`], [`time`], [`principal`], [`sealed`]. Machines, each opening with its table: [`contact`], [`counselor`],
//! [`offer`], [`leg`], [`handoff`], [`conversation`], with [`effect`] for what must happen at the carrier. Terms of the plan: [`plan`] and
//! [`hours`]; what operators decide beside it: [`directive`], and what both mean for a `center`. Input and output:
//! [`command`], [`event`], [`refusal`]. The whole: [`state`], with its `index` and the `pool`s of the plan. Who is offered to whom:
//! [`policy`] and [`kept`] say who may be, `search` how far is looked, `matching` finds who is; [`answered`] is how a queue has fared.
#![no_std]
#![deny(missing_docs, clippy::wildcard_enum_match_arm, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

extern crate alloc;

pub mod answered;
pub mod apply;
mod center;
pub mod command;
pub mod contact;
pub mod contacts;
pub mod conversation;
pub mod counselor;
pub mod decide;
pub mod directive;
pub mod effect;
pub mod event;
pub mod explain;
pub mod handoff;
pub mod hours;
pub mod id;
mod index;
pub mod invariants;
pub mod kept;
pub mod leg;
mod matching;
pub mod offer;
pub mod plan;
pub mod policy;
mod pool;
pub mod principal;
mod record;
pub mod refusal;
pub mod sealed;
mod search;
pub mod state;
pub mod step;
pub mod time;
