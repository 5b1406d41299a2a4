//! `holdfast demo`: a crisis line at work on this machine. The real roles on a real disk journal; only the people, the carrier and
//! the counselors are simulated, and they come in over real HTTP and gRPC.
//!
//! In the end an auditor, who has seen only the carrier's and the desks' side, says whether anybody was lost or held twice.

mod follow;
mod house;
mod lines;
mod night;
mod picture;
mod verdict;

use crate::cli::Demo;
use crate::exit;
use crate::serve::Serving;
use follow::Follow;
use holdfast_chassis::shutdown::Shutdown;
use holdfast_loadtests::callers::{place_calls, plan};
use holdfast_loadtests::carrier::Carrier;
use holdfast_loadtests::desks::Counselors;
use house::House;
use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// The most callers of one demo.
const CALLERS_MOST: usize = 100_000;
/// How long people on the line are waited for at the end, before the auditor is asked.
const FAREWELL: Duration = Duration::from_secs(15);

pub(crate) async fn run(verb: Demo) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(verb.speed >= 1.0 && verb.speed <= 1_000.0, "--speed is between 1 and 1000");
    anyhow::ensure!(verb.rate > 0.0 && verb.rate <= 1_000.0, "--rate is above 0, and 1000 at most");
    let stop = Shutdown::new();
    stop.on_signals()?;
    let house = House::build(&verb)?;
    let report = live(&verb, &house, &stop).await;
    house.tear_down(verb.keep);
    let report = report?;
    if verb.json {
        exit::out(&serde_json::to_string_pretty(&report)?);
    } else {
        report.lines().iter().for_each(|line| exit::out(line));
    }
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// One night: everything starts, people call, the last are heard, everything stops, the auditor speaks.
async fn live(verb: &Demo, house: &House, stop: &Shutdown) -> anyhow::Result<verdict::Verdict> {
    let carrier = Carrier::start(house.carrier_settings(verb)).await?;
    let shutdown = Shutdown::new();
    let config = house.config(&carrier.rest_base_url())?;
    let serving = Serving::start(config, Some(house.plan.clone()), &[], shutdown).await?;
    let (http, grpc) = serving.addresses()?;
    carrier.set_hooks_base(house.hooks_base(http));
    carrier.on_dial(night::dial);
    let counselors = Counselors::start(house.counselors_settings(verb, grpc));
    let seen = Follow::start(house.operator_line(grpc)?);
    if !verb.json {
        exit::err(&format!("the board: http://{http}/board/plain"));
    }
    wait_for(Duration::from_secs(5), || counselors.signed_in() > 0).await;
    // With a picture the person decides when it is over; where nobody can, it is over soon.
    let pictured = !verb.headless && std::io::stdout().is_terminal();
    let lasting = Duration::from_secs(verb.seconds.unwrap_or(if pictured { 3_600 } else { 20 }));
    let calls = plan(&night::profile(verb), verb.seed, lasting, CALLERS_MOST);
    let watching = watch(verb, &seen, http, lasting);
    tokio::select! {
        placed = place_calls(&carrier, calls) => { placed?; }
        quit = watching => quit?,
        () = stop.wait() => {}
    }
    counselors.finish_quickly();
    wait_for(FAREWELL, || carrier.live_persons() == 0).await;
    counselors.stop().await;
    let whole = counselors.ledgers_are_whole();
    drop(seen);
    anyhow::ensure!(serving.stop().await, "a part of the process failed; see its log");
    let ledger = carrier.stop().await?;
    verdict::Verdict::of(&ledger, &counselors.ledgers(), house.audit_settings(), whole)
}

/// The picture, or a line a second where there is no terminal. Ends when the person quits; never by itself.
async fn watch(verb: &Demo, seen: &Follow, http: std::net::SocketAddr, lasting: Duration) -> anyhow::Result<()> {
    if verb.headless {
        return std::future::pending().await;
    }
    if std::io::stdout().is_terminal() { picture::show(seen, http, lasting).await } else { lines::print(seen).await }
}

/// Waits until something is so, but not for ever.
async fn wait_for(longest: Duration, so: impl Fn() -> bool) {
    let started = Instant::now();
    while !so() && started.elapsed() < longest {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
