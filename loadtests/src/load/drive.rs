//! Drives a run: people at their moments, phases with what belongs to them, a look each second, and the books at the end.

use super::meter::Counted;
use super::sample::{PATIENT, Sample, look};
use super::stage::Stage;
use super::world::World;
use super::{LoadError, ceiling, people};
use crate::prng::Prng;
use crate::report::outcome::Step;
use crate::scenario::{Due, Kind, Phase, times};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// How long Holdfast and the books may take to agree on who waits.
const AGREE_MOST: Duration = Duration::from_secs(15);
/// How long everybody may take to go home.
const HOME_MOST: Duration = Duration::from_secs(90);
/// A phase's end, past which whoever is due is too late to be begun.
const PAUSE: Duration = Duration::from_millis(250);

/// What driving found.
#[derive(Debug, Default)]
pub(crate) struct Driven {
    pub(crate) samples: Vec<Sample>,
    pub(crate) steps: Vec<Step>,
    pub(crate) knee: Option<Step>,
    pub(crate) desks_back_s: Option<f64>,
    /// Where the phases began and the last one ended, microseconds after the beginning.
    pub(crate) borders_us: Vec<u64>,
    pub(crate) lost: u64,
    /// The server did not say who waits.
    pub(crate) silent: bool,
    pub(crate) stuck: u64,
}

/// Drives it all.
///
/// # Errors
/// If the server ends by itself.
pub(crate) async fn drive(
    stage: &mut Stage,
    plan: Vec<Due>,
    say: &(dyn Fn(String) + Sync),
) -> Result<Driven, LoadError> {
    let mut driven = Driven::default();
    let began = Instant::now();
    stage.world.meter.begin(stage.world.now_us());
    let mut offset = Duration::ZERO;
    if let Some(search) = stage.world.scenario.ceiling.clone() {
        driven.steps = ceiling::search(stage, &search, &mut driven, began, say).await?;
        driven.knee = ceiling::knee(&driven.steps);
        offset = began.elapsed();
    }
    let plan = placed(stage, plan, driven.knee);
    phases(stage, &plan, began + offset, offset, &mut driven, say).await?;
    settle(stage, &mut driven, say).await;
    go_home(stage, &mut driven, say).await?;
    Ok(driven)
}

/// The plan with what the carrier held moved to where it is posted, and rates that depend on the knee.
fn placed(stage: &Stage, mut plan: Vec<Due>, knee: Option<Step>) -> Vec<Due> {
    let scenario = &stage.world.scenario;
    let borders = scenario.borders();
    let mut prng = Prng::keyed(scenario.seed, &["backlog"]);
    let mut moved = |due: &mut Due| {
        if !scenario.phases.get(due.phase).is_some_and(|phase| phase.silent) {
            return;
        }
        let mut later = scenario.phases.iter().enumerate().skip(due.phase + 1);
        if let Some((number, phase)) = later.find(|(_, phase)| phase.backlog.is_some()) {
            let start = borders.get(number).copied().unwrap_or_default();
            // A carrier that is back posts what it holds as fast as it may: over the first nine tenths of the phase.
            due.at = start + Duration::from_secs_f64(prng.unit() * phase.seconds * 0.9);
            due.phase = number;
        }
    };
    plan.iter_mut().for_each(&mut moved);
    for (number, phase) in scenario.phases.iter().enumerate() {
        let (Some(factor), Some(knee), Some(start)) = (phase.times_the_knee, knee, borders.get(number)) else {
            continue;
        };
        let mut prng = Prng::keyed(scenario.seed, &["beyond the knee", &number.to_string()]);
        let rate = knee.rate_per_s * factor;
        let moments = times(phase.from_rate_per_s.unwrap_or(rate), rate, phase.seconds, &mut prng);
        plan.extend(moments.into_iter().map(|at| {
            let kind = if prng.happens(scenario.people.calls) { Kind::Call } else { Kind::Text };
            Due { at: *start + at, phase: number, kind }
        }));
    }
    plan.sort_by_key(|due| due.at);
    plan
}

async fn phases(
    stage: &mut Stage,
    plan: &[Due],
    start: Instant,
    offset: Duration,
    driven: &mut Driven,
    say: &(dyn Fn(String) + Sync),
) -> Result<(), LoadError> {
    let world = Arc::clone(&stage.world);
    let us = crate::clock::whole_us;
    driven.borders_us = world.scenario.borders().into_iter().map(|it| us(offset + it)).collect();
    world.meter.rephase(driven.borders_us.clone());
    let mut coming_back = None;
    for (number, phase) in world.scenario.phases.iter().enumerate() {
        let end = start + world.scenario.borders().get(number + 1).copied().unwrap_or_default();
        say(format!("{}: {:.0} s", phase.name, phase.seconds));
        let back = begin(&world, phase);
        let (phones, silent_s) = phase.flood.as_ref().map_or((1, 0.0), |it| (it.phones, it.silent_s));
        let due: Vec<(Duration, Kind)> =
            plan.iter().filter(|it| it.phase == number).map(|it| (it.at, it.kind)).collect();
        let coming = tokio::spawn(people::come(Arc::clone(&world), start, due, phones, silent_s));
        watch(stage, driven, end, start.checked_sub(offset).unwrap_or(start)).await?;
        // Everybody of the phase is due before its end; who is not begun by now is late, and is begun.
        let _ = coming.await;
        coming_back = back.or(coming_back);
        world.posts.fault(None);
        world.posts.hold(false);
    }
    // The phases after it have given them time enough: whoever is not back now does not come.
    if let Some(back) = coming_back {
        let back = tokio::time::timeout(Duration::from_secs(1), back).await;
        driven.desks_back_s = Some(back.map_or(-1.0, |it| it.unwrap_or(-1.0)));
    }
    Ok(())
}

/// Looks once a second of the run until `end`.
pub(crate) async fn watch(
    stage: &mut Stage,
    driven: &mut Driven,
    end: Instant,
    began: Instant,
) -> Result<(), LoadError> {
    loop {
        let looks = u32::try_from(driven.samples.len() + 1).unwrap_or(u32::MAX);
        let next = began + Duration::from_secs(1) * looks;
        if next > end {
            tokio::time::sleep_until(end.into()).await;
            return Ok(());
        }
        tokio::time::sleep_until(next.into()).await;
        driven.samples.push(look(&stage.world, &stage.process, &stage.scrape).await);
        if !stage.process.lives() {
            return Err(LoadError::Ended(began.elapsed().as_secs_f64()));
        }
    }
}

/// What happens at a phase's start. Resolves to the seconds after which all desks are back, if they are cut.
fn begin(world: &Arc<World>, phase: &Phase) -> Option<tokio::task::JoinHandle<f64>> {
    world.posts.fault(phase.backlog.clone());
    world.posts.hold(phase.silent);
    let within_s = phase.desks_back_within_s?;
    let since = Instant::now();
    let within_ms = crate::clock::whole_ms(Duration::from_secs_f64(within_s));
    world.cut.send_modify(|cut| *cut = (cut.0 + 1, within_ms));
    let world = Arc::clone(world);
    let all = u64::try_from(world.scenario.desks.count).unwrap_or(0);
    Some(tokio::spawn(async move {
        tokio::time::sleep(PAUSE.min(Duration::from_secs_f64(within_s / 2.0))).await;
        while world.at_work.load(Ordering::Relaxed) < all {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        since.elapsed().as_secs_f64()
    }))
}

/// Nobody comes any more: Holdfast must know of everybody who waits.
async fn settle(stage: &mut Stage, driven: &mut Driven, say: &(dyn Fn(String) + Sync)) {
    let since = Instant::now();
    loop {
        let ours = stage.world.ledger().waiting();
        let theirs = stage.scrape.waiting(PATIENT).await;
        if theirs == Some(ours) || since.elapsed() > AGREE_MOST {
            // A server that does not answer for so long has lost nobody by that; it is stuck.
            driven.lost = theirs.map_or(0, |theirs| ours.saturating_sub(theirs));
            driven.silent = theirs.is_none();
            say(format!(
                "{ours} people wait, and Holdfast knows of {}",
                theirs.map_or("?".to_owned(), |it| it.to_string())
            ));
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Everybody hangs up, every conversation is ended, every desk writes up.
async fn go_home(stage: &mut Stage, driven: &mut Driven, say: &(dyn Fn(String) + Sync)) -> Result<(), LoadError> {
    let since = Instant::now();
    let mut quiet = 0;
    stage.world.home.send_replace(true);
    loop {
        let under_way = stage.world.under_way.load(Ordering::Relaxed);
        let held = stage.world.ledger().held();
        let waiting = stage.scrape.waiting(PATIENT).await;
        // Twice in a row: somebody may be between the two.
        quiet = if under_way + held == 0 && waiting == Some(0) { quiet + 1 } else { 0 };
        let waiting = waiting.unwrap_or(0);
        if quiet == 2 || since.elapsed() > HOME_MOST {
            driven.stuck = if quiet == 2 { u64::from(driven.silent) } else { waiting.max(held).max(under_way).max(1) };
            say(format!(
                "everybody went home within {:.1} s: {under_way} people under way, {held} with a desk, {waiting} waiting",
                since.elapsed().as_secs_f64()
            ));
            return Ok(());
        }
        if !stage.process.lives() {
            return Err(LoadError::Ended(since.elapsed().as_secs_f64()));
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// People answered in these seconds, for whoever looks for the knee.
pub(crate) fn acked(world: &World, seconds: std::ops::Range<usize>) -> u64 {
    world.meter.counted(Counted::Acked, seconds)
}
