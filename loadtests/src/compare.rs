//! Holdfast beside the floors, alternately, in one run: what is reported is the ratio, with its spread.
//!
//! A *stage* is one server with its desks and its webhooks; a *round* is one measurement on it. Rounds of different stages take turns, so
//! that a noisy neighbour meets them all.

pub mod freed;
pub mod peers;
pub mod round;
pub mod stage;
pub mod table;

use crate::floor::append::{self, Disk};
use crate::floor::echo::{self, Echo};
use crate::process::StartError;
use round::Round;
use serde::Serialize;
use stage::{Stage, StageError};
use std::path::{Path, PathBuf};
use std::time::Duration;
use table::Spread;

/// How long the disk alone is measured in each run, and the wire alone.
const FLOOR: Duration = Duration::from_secs(1);

/// What a comparison does.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The `holdfast` program.
    pub holdfast: PathBuf,
    /// This program, which has the floors.
    pub own: PathBuf,
    /// Where the journals are: on the disk that is to be measured.
    pub within: PathBuf,
    /// How often each is measured.
    pub runs: usize,
    /// Desks of each stage, and so the most contacts of a round.
    pub desks: usize,
    /// Webhooks in flight at the knee.
    pub in_flight: usize,
    /// Rounds at the knee in each run.
    pub rounds: usize,
    /// Arrivals a second of the open loop.
    pub rate_per_s: f64,
    /// Bytes of a record of the floor.
    pub record_bytes: usize,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            holdfast: PathBuf::from("holdfast"),
            own: PathBuf::from("holdfast-loadtests"),
            within: PathBuf::from("target"),
            runs: 5,
            desks: 1_000,
            in_flight: 64,
            rounds: 6,
            rate_per_s: 1_000.0,
            record_bytes: 300,
        }
    }
}

/// Why a comparison ended early.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// A server did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// A round broke off.
    #[error(transparent)]
    Stage(#[from] StageError),
    /// A file could not be written.
    #[error("a directory or file could not be made: {0}")]
    File(#[from] std::io::Error),
}

/// What one run found of one stage.
#[derive(Clone, Debug, Serialize)]
pub struct Run {
    /// At the knee: as many in flight as the plan says.
    pub knee: Round,
    /// In the open loop.
    pub open: Round,
}

/// What a comparison found.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The disk alone, run by run: raw append and fdatasync, 1 and as many producers as in flight.
    pub disk: Vec<[Disk; 2]>,
    /// The wire alone, run by run: a word to a desk and its answer, 1 and as many streams as in flight.
    pub echo: Vec<[Echo; 2]>,
    /// Holdfast, run by run.
    pub holdfast: Vec<Run>,
    /// The null route, run by run.
    pub null_route: Vec<Run>,
    /// P1: contacts a second at the knee, Holdfast's divided by the floor's.
    pub p1_rate: Spread,
    /// P2: from webhook to offer told, the same, at the median.
    pub p2_told_p50: Spread,
    /// P2 at the 99th of 100.
    pub p2_told_p99: Spread,
    /// P3: processor time of the server for a contact, the same.
    pub p3_cpu: Spread,
}

/// Compares.
///
/// # Errors
/// If a server does not start, or a contact is not taken.
pub async fn compare(plan: &Plan) -> Result<Report, CompareError> {
    let scratch = tempfile::Builder::new().prefix("holdfast-floor-").tempdir_in(&plan.within)?;
    let file = scratch.path().join("append");
    let append = |producers| append::measure(&file, plan.record_bytes, producers, FLOOR);
    let (mut disk, mut echo, mut holdfast, mut null_route) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for run in 0..plan.runs {
        disk.push([append(1)?, append(plan.in_flight)?]);
        let floor = Stage::null_route(plan, scratch.path()).await?;
        let echoes = async |streams| echo::measure(&floor.process, streams, FLOOR).await;
        echo.push([echoes(1).await?, echoes(plan.in_flight).await?]);
        null_route.push(measure(floor, plan).await?);
        holdfast.push(measure(Stage::holdfast(plan).await?, plan).await?);
        tracing::info!(run, "a run is over");
    }
    let ratio = |of: fn(&Run) -> f64| Spread::of_ratios(holdfast.iter().map(of), null_route.iter().map(of));
    Ok(Report {
        disk,
        echo,
        p1_rate: ratio(|run| run.knee.rate_per_s),
        p2_told_p50: ratio(|run| run.open.told_us.p50),
        p2_told_p99: ratio(|run| run.open.told_us.p99),
        p3_cpu: ratio(|run| run.knee.cpu_us_per_contact),
        holdfast,
        null_route,
    })
}

async fn measure(mut stage: Stage, plan: &Plan) -> Result<Run, CompareError> {
    // The first round warms caches, allocators and connections.
    stage.saturate(plan.desks, plan.in_flight).await?;
    stage.clear().await?;
    let mut knee = round::Sum::default();
    for _ in 0..plan.rounds {
        knee.add(stage.saturate(plan.desks, plan.in_flight).await?);
        stage.clear().await?;
    }
    let mut open = round::Sum::default();
    for _ in 0..plan.rounds.div_ceil(2) {
        open.add(stage.arrive(plan.desks, plan.rate_per_s).await?);
        stage.clear().await?;
    }
    Ok(Run { knee: knee.round(), open: open.round() })
}

/// The directory of this program's siblings: where `holdfast` is, if it was built beside it.
#[must_use]
pub fn beside(own: &Path) -> PathBuf {
    own.with_file_name("holdfast")
}
