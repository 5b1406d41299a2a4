//! Runs a scenario against a Holdfast of its own: an open loop in which people come when the plan says, whatever became of those before.
//!
//! Everybody keeps a book: people of when they came and were acknowledged, desks of whom they were offered and had. What limits held is
//! for [`crate::report`] to say.

mod back;
mod board;
mod ceiling;
mod desk;
mod drive;
mod exchange;
mod gather;
mod ledger;
mod machine;
mod meter;
mod people;
mod posts;
mod sample;
mod stage;
mod world;

use crate::process::StartError;
use crate::report::outcome::Found;
use crate::scenario::{Scenario, ScenarioError};
use std::path::PathBuf;

/// What a run needs beside its scenario.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The `holdfast` program.
    pub holdfast: PathBuf,
    /// Where the journal is made: on the disk that is to be measured.
    pub within: PathBuf,
    /// Where the scenario's traces are.
    pub beside: PathBuf,
    /// The load is fitted to so many minutes.
    pub minutes: Option<f64>,
}

/// Why a scenario could not be run.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It cannot be.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// The server did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The secret that signs is of no use.
    #[error("the auth token is of no use: {0}")]
    Token(#[from] holdfast_carrier_codec::secret::SecretRefusal),
    /// A file could not be written or read.
    #[error("{0}")]
    File(#[from] std::io::Error),
    /// More files are needed than this process may open.
    #[error(
        "this run opens about {wanted} files and may open {may}; raise the limit (ulimit -n), or take fewer desks or boards"
    )]
    Files {
        /// How many it needs.
        wanted: u64,
        /// How many it may.
        may: u64,
    },
    /// Desks or boards did not come to work.
    #[error("only {had} of {of} {what} after {after_s} s; their words: {why}")]
    NotThere {
        /// How many are there.
        had: u64,
        /// Of how many.
        of: u64,
        /// What they are.
        what: &'static str,
        /// How long they had.
        after_s: u64,
        /// What went wrong most.
        why: String,
    },
    /// The server ended in the middle.
    #[error("the server ended by itself after {0:.0} s")]
    Ended(f64),
}

/// Runs a scenario; `say` is told how it goes, a line at a time.
///
/// # Errors
/// If it could not be run to its end. What did not hold is no error.
pub async fn run(mut scenario: Scenario, plan: &Plan, say: &(dyn Fn(String) + Sync)) -> Result<Found, LoadError> {
    if let Some(minutes) = plan.minutes {
        scenario.fit(minutes);
    }
    machine::raise_files(&scenario)?;
    let arrivals = scenario.plan(&plan.beside)?;
    let mut stage = stage::Stage::start(&scenario, plan, say).await?;
    let driven = drive::drive(&mut stage, arrivals, say).await?;
    Ok(gather::gather(stage, driven, plan).await)
}
