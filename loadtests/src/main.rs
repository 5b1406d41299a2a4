//! `holdfast-loadtests`: measures Holdfast from outside, beside floors that do the same job without deciding anything.
//!
//! Everything listens on loopback, is bounded in count and time, and stops by itself.

use clap::{Args, Parser, Subcommand};
use holdfast_loadtests::compare::freed::{self, Wish};
use holdfast_loadtests::compare::stage::Stage;
use holdfast_loadtests::compare::{self, Plan, table};
use holdfast_loadtests::floor::null_route;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

#[derive(Debug, Parser)]
#[command(name = "holdfast-loadtests", version, about)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Holdfast beside the null route, alternately: rate at the knee, latency in an open loop, processor time.
    Compare(Compare),
    /// From a counselor who becomes free to the next person offered to them.
    Freed(Freed),
    /// Be a floor; started by the others.
    #[command(subcommand, hide = true)]
    Floor(Floor),
}

#[derive(Debug, Args)]
struct Compare {
    /// The program to measure; the one beside this one if absent.
    #[arg(long)]
    holdfast: Option<PathBuf>,
    /// Where journals are made: on the disk to measure, never in memory.
    #[arg(long, default_value = "target")]
    within: PathBuf,
    /// How often each is measured.
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// Desks of each.
    #[arg(long, default_value_t = 1_000)]
    desks: usize,
    /// In flight at the knee.
    #[arg(long, default_value_t = 64)]
    in_flight: usize,
    /// Rounds of each run.
    #[arg(long, default_value_t = 6)]
    rounds: usize,
    /// Arrivals a second in the open loop.
    #[arg(long, default_value_t = 1_000.0)]
    rate: f64,
    /// Bytes of a record of the floor.
    #[arg(long, default_value_t = 300)]
    record_bytes: usize,
    /// Print JSON instead of a table.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Freed {
    /// The program to measure; the one beside this one if absent.
    #[arg(long)]
    holdfast: Option<PathBuf>,
    /// Where journals are made.
    #[arg(long, default_value = "target")]
    within: PathBuf,
    /// How often.
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// Desks, all of them busy.
    #[arg(long, default_value_t = 200)]
    desks: usize,
    /// People who wait.
    #[arg(long, default_value_t = 500)]
    waiting: usize,
    /// Counselors who become free in a second.
    #[arg(long, default_value_t = 200.0)]
    rate: f64,
    /// For how many seconds.
    #[arg(long, default_value_t = 10)]
    seconds: usize,
}

#[derive(Debug, Subcommand)]
enum Floor {
    /// The same wire and durability, and no decision.
    NullRoute {
        #[arg(long)]
        file: PathBuf,
        #[arg(long)]
        record_bytes: usize,
        #[arg(long)]
        auth_token: String,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let verb = Cli::parse().verb;
    let work = async {
        match verb {
            Verb::Compare(verb) => run_compare(verb).await,
            Verb::Freed(verb) => run_freed(verb).await,
            Verb::Floor(floor) => run_floor(floor).await,
        }
    };
    let done = tokio::select! {
        done = work => done,
        told = told_to_stop() => told,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            // There is nowhere else to say it.
            let _ = writeln!(std::io::stderr(), "error: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Resolves at SIGTERM or SIGINT: the servers are then ended and their directories removed, as at any other end.
async fn told_to_stop() -> Result<(), Box<dyn std::error::Error>> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    Err("told to stop".into())
}

async fn run_compare(verb: Compare) -> Result<(), Box<dyn std::error::Error>> {
    let own = std::env::current_exe()?;
    let plan = Plan {
        holdfast: verb.holdfast.unwrap_or_else(|| compare::beside(&own)),
        own,
        within: verb.within,
        runs: verb.runs,
        desks: verb.desks,
        in_flight: verb.in_flight,
        rounds: verb.rounds,
        rate_per_s: verb.rate,
        record_bytes: verb.record_bytes,
    };
    let report = compare::compare(&plan).await?;
    let text = if verb.json { serde_json::to_string_pretty(&report)? } else { table::table(&report) };
    writeln!(std::io::stdout(), "{text}")?;
    Ok(())
}

async fn run_freed(verb: Freed) -> Result<(), Box<dyn std::error::Error>> {
    let own = std::env::current_exe()?;
    let plan = Plan {
        holdfast: verb.holdfast.unwrap_or_else(|| compare::beside(&own)),
        own,
        within: verb.within,
        runs: verb.runs,
        desks: verb.desks,
        ..Plan::default()
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a bounded count"
    )]
    let times = (verb.rate.clamp(1.0, 100_000.0) * verb.seconds as f64) as usize;
    let wish = Wish { desks: verb.desks, waiting: verb.waiting, rate_per_s: verb.rate, times };
    for _ in 0..plan.runs {
        let mut stage = Stage::holdfast(&plan).await?;
        writeln!(std::io::stdout(), "{}", serde_json::to_string(&freed::freed(&mut stage, wish).await?)?)?;
    }
    Ok(())
}

async fn run_floor(floor: Floor) -> Result<(), Box<dyn std::error::Error>> {
    let Floor::NullRoute { file, record_bytes, auth_token } = floor;
    let say = |http, grpc| {
        let _ = writeln!(std::io::stderr(), "{{\"http\":\"{http}\",\"grpc\":\"{grpc}\"}}");
    };
    null_route::serve(&file, record_bytes, &auth_token, say).await?;
    Ok(())
}
