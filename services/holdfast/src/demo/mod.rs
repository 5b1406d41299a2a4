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
mod visitor;

use crate::cli::Demo;
use crate::exit;
use crate::serve::{Additions, Serving};
use follow::Follow;
use holdfast_chassis::settings::Secret;
use holdfast_chassis::shutdown::Shutdown;
use holdfast_chassis::web::Web;
use holdfast_loadtests::callers::{place_calls, plan};
use holdfast_loadtests::carrier::Carrier;
use holdfast_loadtests::desks::{Counselors, HandoffHabits, TextHabits};
use holdfast_loadtests::writers;
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
    let (additions, ways) = additions(house);
    let serving = Serving::start_with(config, Some(house.plan.clone()), &[], additions, shutdown).await?;
    let (http, grpc) = serving.addresses()?;
    carrier.set_hooks_base(house.hooks_base(http));
    carrier.on_dial(night::dial);
    let lively = |settings| Counselors::start_with(settings, TextHabits::USUAL, HandoffHabits::LIVELY);
    let counselors = lively(house.counselors_settings(verb, grpc));
    let peers = lively(house.peers_settings(verb, grpc));
    let seen = Follow::start(house.operator_line(grpc)?);
    let ways = announcement(http, ways.recv().ok(), &house.operator_token());
    if !verb.json {
        ways.iter().for_each(|line| exit::err(line));
    }
    wait_for(Duration::from_secs(5), || counselors.signed_in() > 0).await;
    // With a picture the person decides when it is over; where nobody can, it is over soon.
    let pictured = !verb.headless && std::io::stdout().is_terminal();
    let lasting = Duration::from_secs(verb.seconds.unwrap_or(if pictured { 3_600 } else { 20 }));
    let calls = plan(&night::profile(verb), verb.seed, lasting, CALLERS_MOST);
    let texts = writers::plan(&night::writers(verb), verb.seed, lasting, CALLERS_MOST);
    let watching = watch(verb, &seen, &ways, lasting);
    let arriving = async {
        let (called, wrote) = tokio::join!(place_calls(&carrier, calls), writers::start_writers(&carrier, texts));
        called?;
        wrote?;
        anyhow::Ok(())
    };
    tokio::select! {
        arrived = arriving => arrived?,
        quit = watching => quit?,
        () = visitor::keep_company(&carrier, &seen, verb.speed) => {}
        () = stop.wait() => {}
    }
    carrier.finish_writing();
    counselors.finish_quickly();
    peers.finish_quickly();
    let over =
        || carrier.live_persons() == 0 && carrier.callbacks_pending() == 0 && counselors.busy() + peers.busy() == 0;
    wait_for(FAREWELL, over).await;
    counselors.stop().await;
    peers.stop().await;
    let whole = counselors.ledgers_are_whole() && peers.ledgers_are_whole();
    drop(seen);
    anyhow::ensure!(serving.stop().await, "a part of the process failed; see its log");
    let ledger = carrier.stop().await?;
    let desks = [counselors.ledgers(), peers.ledgers()].concat();
    verdict::Verdict::of(&ledger, &desks, house.audit_settings(), whole)
}

/// What the demo adds to the faces, and where the way to the board comes out once they are mounted.
fn additions(house: &House) -> (Additions, std::sync::mpsc::Receiver<String>) {
    let (tell, ways) = std::sync::mpsc::sync_channel(1);
    let (operator, visitor): (Secret, Secret) = (house.operator_token(), house.visitor_token());
    let routes = move |web: &Web| {
        if let Ok(way) = web.one_time(operator) {
            // Nobody waits for it where nothing is announced.
            let _ = tell.try_send(way);
        }
        visitor::routes(web, visitor)
    };
    (Additions { demo: true, routes: Some(Box::new(routes)) }, ways)
}

/// Where the board is, and how to come in: once by the way, or by signing in.
fn announcement(http: std::net::SocketAddr, way: Option<String>, operator: &Secret) -> Vec<String> {
    let mut lines: Vec<String> =
        way.into_iter().map(|way| format!("the board: http://{http}{way} (opens once)")).collect();
    lines.push(format!("or sign in at http://{http}/board with {}", operator.expose()));
    lines
}

/// The picture, or a line a second where there is no terminal. Ends when the person quits; never by itself.
async fn watch(verb: &Demo, seen: &Follow, ways: &[String], lasting: Duration) -> anyhow::Result<()> {
    if verb.headless {
        return std::future::pending().await;
    }
    if std::io::stdout().is_terminal() { picture::show(seen, ways, lasting).await } else { lines::print(seen).await }
}

/// Waits until something is so, but not for ever.
async fn wait_for(longest: Duration, so: impl Fn() -> bool) {
    let started = Instant::now();
    while !so() && started.elapsed() < longest {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
