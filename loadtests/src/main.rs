//! `holdfast-loadtests`: measures Holdfast from outside, beside floors that do the same job without deciding anything.
//!
//! Everything listens on loopback, is bounded in count and time, and stops by itself.

use clap::{Args, Parser, Subcommand};
use holdfast_loadtests::compare::freed::{self, Wish};
use holdfast_loadtests::compare::peers;
use holdfast_loadtests::compare::stage::Stage;
use holdfast_loadtests::compare::{self, Plan, table};
use holdfast_loadtests::floor::null_route;
use holdfast_loadtests::load;
use holdfast_loadtests::report;
use holdfast_loadtests::report::outcome::Found;
use holdfast_loadtests::report::verdict::{self, Outcome};
use holdfast_loadtests::scenario::Scenario;
use serde::Serialize;
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
    /// Beside Postgres and BullMQ, in turn: rate, told, and from free to told.
    Peers(Peers),
    /// Runs a scenario against a Holdfast of its own and says whether it held: exit code 0 held, 3 not held, 1 could not be run.
    Run(Run),
    /// Makes one page of several result.json of the same scenario.
    Report(ReportOf),
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

#[derive(Debug, Args)]
struct Peers {
    #[command(flatten)]
    freed: Freed,
    /// The peers' programs, with their packages installed.
    #[arg(long, default_value = "loadtests/peers")]
    peers: PathBuf,
    /// Print JSON instead of a table.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Run {
    /// The scenario: a file, or the name of one that ships.
    scenario: String,
    /// The program to run; the one beside this one if absent.
    #[arg(long)]
    holdfast: Option<PathBuf>,
    /// Where the journal is made: on the disk to measure, never in memory.
    #[arg(long, default_value = "target")]
    within: PathBuf,
    /// Fits the load to so many minutes, for a trial; onset, quiet and after stay as they are, and the report says so.
    #[arg(long)]
    minutes: Option<f64>,
    /// Takes this seed instead of the scenario's.
    #[arg(long)]
    seed: Option<u64>,
    /// Takes this many desks instead of the scenario's.
    #[arg(long)]
    desks: Option<usize>,
    /// Where result.json and report.html are written.
    #[arg(long)]
    out: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct ReportOf {
    /// The result.json of each run.
    #[arg(required = true)]
    results: Vec<PathBuf>,
    /// The page to write.
    #[arg(long, default_value = "report.html")]
    out: PathBuf,
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
            Verb::Compare(verb) => run_compare(verb).await.map(|()| ExitCode::SUCCESS),
            Verb::Freed(verb) => run_freed(verb).await.map(|()| ExitCode::SUCCESS),
            Verb::Peers(verb) => run_peers(verb).await.map(|()| ExitCode::SUCCESS),
            Verb::Run(verb) => run_scenario(verb).await,
            Verb::Report(verb) => write_report(&verb).map(|()| ExitCode::SUCCESS),
            Verb::Floor(floor) => run_floor(floor).await.map(|()| ExitCode::SUCCESS),
        }
    };
    let done = tokio::select! {
        done = work => done,
        told = told_to_stop() => told,
    };
    match done {
        Ok(code) => code,
        Err(why) => {
            // There is nowhere else to say it.
            let _ = writeln!(std::io::stderr(), "error: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Resolves at SIGTERM or SIGINT: the servers are then ended and their directories removed, as at any other end.
async fn told_to_stop() -> Result<ExitCode, Box<dyn std::error::Error>> {
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
    show(&compare::compare(&plan).await?, verb.json, table::table)
}

/// Prints what was found, as JSON or as a table.
fn show<T: Serialize>(found: &T, json: bool, table: fn(&T) -> String) -> Result<(), Box<dyn std::error::Error>> {
    let text = if json { serde_json::to_string_pretty(found)? } else { table(found) };
    writeln!(std::io::stdout(), "{text}")?;
    Ok(())
}

impl Freed {
    fn plan(self) -> std::io::Result<(Plan, Wish)> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a bounded count"
        )]
        let times = (self.rate.clamp(1.0, 100_000.0) * self.seconds as f64) as usize;
        let wish = Wish { desks: self.desks, waiting: self.waiting, rate_per_s: self.rate, times };
        let own = std::env::current_exe()?;
        let plan = Plan {
            holdfast: self.holdfast.unwrap_or_else(|| compare::beside(&own)),
            own,
            within: self.within,
            runs: self.runs,
            desks: self.desks,
            rate_per_s: self.rate,
            ..Plan::default()
        };
        Ok((plan, wish))
    }
}

async fn run_peers(verb: Peers) -> Result<(), Box<dyn std::error::Error>> {
    let (plan, wish) = verb.freed.plan()?;
    show(&peers::peers(&plan, wish, &verb.peers).await?, verb.json, peers::table)
}

async fn run_freed(verb: Freed) -> Result<(), Box<dyn std::error::Error>> {
    let (plan, wish) = verb.plan()?;
    for _ in 0..plan.runs {
        let mut stage = Stage::holdfast(&plan).await?;
        writeln!(std::io::stdout(), "{}", serde_json::to_string(&freed::freed(&mut stage, wish).await?)?)?;
    }
    Ok(())
}

/// What a run that did not hold ends with.
const NOT_HELD: u8 = 3;

async fn run_scenario(verb: Run) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let named = PathBuf::from(&verb.scenario);
    let shipped = PathBuf::from("loadtests/scenarios").join(format!("{}.toml", verb.scenario));
    let file = if named.exists() || !shipped.exists() { named } else { shipped };
    let mut scenario = Scenario::read(&file)?;
    scenario.seed = verb.seed.unwrap_or(scenario.seed);
    scenario.desks.count = verb.desks.unwrap_or(scenario.desks.count);
    let plan = load::Plan {
        holdfast: verb.holdfast.unwrap_or(compare::beside(&std::env::current_exe()?)),
        within: verb.within,
        beside: file.parent().map(PathBuf::from).unwrap_or_default(),
        minutes: verb.minutes,
    };
    let say = |line: String| {
        let _ = writeln!(std::io::stderr(), "{line}");
    };
    let found = load::run(scenario, &plan, &say).await?;
    if let Some(out) = &verb.out {
        std::fs::create_dir_all(out)?;
        std::fs::write(out.join("result.json"), serde_json::to_string(&found)?)?;
        std::fs::write(out.join("report.html"), report::page(std::slice::from_ref(&found))?)?;
    }
    write!(std::io::stdout(), "{}", report::words(&found))?;
    Ok(match verdict::outcome(&found) {
        Outcome::Held => ExitCode::SUCCESS,
        Outcome::Broken => ExitCode::from(NOT_HELD),
        Outcome::Invalid => ExitCode::FAILURE,
    })
}

fn write_report(verb: &ReportOf) -> Result<(), Box<dyn std::error::Error>> {
    let mut all = Vec::new();
    for file in &verb.results {
        let found: Found = serde_json::from_str(&std::fs::read_to_string(file)?)?;
        all.push(found);
    }
    std::fs::write(&verb.out, report::page(&all)?)?;
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
