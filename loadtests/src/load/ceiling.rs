//! Looks for the knee: the rate grows step by step until something gives; then what lies between the last two is halved.

use super::LoadError;
use super::drive::{Driven, acked, watch};
use super::meter::{Counted, Timed, percentile};
use super::people;
use super::stage::Stage;
use crate::prng::Prng;
use crate::report::outcome::Step;
use crate::scenario::{Ceiling, Kind, times};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// How long the people of a step that did not hold may take to be done.
const DONE_MOST: Duration = Duration::from_secs(45);
/// People under way at whom the next step may begin.
const FEW: u64 = 20;

/// The highest rate that held.
pub(crate) fn knee(steps: &[Step]) -> Option<Step> {
    steps.iter().filter(|step| step.held).max_by(|one, other| one.rate_per_s.total_cmp(&other.rate_per_s)).copied()
}

/// Searches; every step is told to `say`.
///
/// # Errors
/// If the server ends by itself.
pub(crate) async fn search(
    stage: &mut Stage,
    search: &Ceiling,
    driven: &mut Driven,
    began: Instant,
    say: &(dyn Fn(String) + Sync),
) -> Result<Vec<Step>, LoadError> {
    let mut steps = Vec::new();
    let (mut rate, mut held, mut broke) = (search.from_rate_per_s, 0.0, None);
    let mut halvings = search.halvings;
    loop {
        let step = step(stage, search, rate, driven, began).await?;
        say(format!(
            "{rate:.0}/s: answered p99 {:.1} ms, {:.1} % in time, server {:.0} % of the machine: {}",
            f64::from(u32::try_from(step.ack_p99_us).unwrap_or(u32::MAX)) / 1_000.0,
            step.part * 100.0,
            step.server_part * 100.0,
            if step.held { "held" } else { "gave" }
        ));
        steps.push(step);
        if step.held {
            held = rate
        } else {
            broke = Some(rate)
        }
        rate = match broke {
            None if rate >= search.most_per_s => break,
            None => (rate * search.growth).min(search.most_per_s),
            Some(_) if halvings == 0 => break,
            Some(broke) => {
                halvings -= 1;
                f64::midpoint(held, broke)
            }
        };
    }
    Ok(steps)
}

async fn step(
    stage: &mut Stage,
    search: &Ceiling,
    rate: f64,
    driven: &mut Driven,
    began: Instant,
) -> Result<Step, LoadError> {
    let world = Arc::clone(&stage.world);
    // Steps begin with whole seconds, so that the seconds of a step are its own.
    let first = began.elapsed().as_secs() + 1;
    let start = began + Duration::from_secs(first);
    let first = usize::try_from(first).unwrap_or(0);
    let mut prng = Prng::keyed(world.scenario.seed, &["step", &first.to_string()]);
    let moments = times(rate, rate, search.step_s, &mut prng);
    let before = stage.process.usage()?;
    let end = start + Duration::from_secs_f64(search.step_s);
    let kind = |prng: &mut Prng| if prng.happens(world.scenario.people.calls) { Kind::Call } else { Kind::Text };
    let due: Vec<_> = moments.into_iter().map(|at| (at, kind(&mut prng))).collect();
    let coming = tokio::spawn(people::come(Arc::clone(&world), start, due, 1, 0.0));
    watch(stage, driven, end, began).await?;
    let after = stage.process.usage()?;
    let seconds = first..first + usize::try_from(end.duration_since(start).as_secs()).unwrap_or(0);
    // The first second warms up.
    let judged = seconds.start + 1..seconds.end.max(seconds.start + 2);
    let answered = acked(&world, judged.clone());
    let due = world.meter.counted(Counted::Due, judged.clone());
    let _ = coming.await;
    done(stage, driven, began).await?;
    let p99_us = u64::from(percentile(&mut world.meter.times(Timed::Ack, judged.clone()), 0.99).unwrap_or(u32::MAX));
    let unanswered = world.meter.counted(Counted::Unanswered, judged);
    #[expect(clippy::cast_precision_loss, reason = "counts and times of a step")]
    let (part, ms, server_part) = (
        answered as f64 / due.max(1) as f64,
        p99_us as f64 / 1_000.0,
        after.cpu_us.saturating_sub(before.cpu_us) as f64
            / 1e6
            / search.step_s
            / std::thread::available_parallelism().map_or(1, std::num::NonZero::get) as f64,
    );
    let held = part >= search.least_part && ms <= search.ack_p99_ms && unanswered == 0;
    let from_s = f64::from(u32::try_from(first).unwrap_or(0));
    Ok(Step { rate_per_s: rate, from_s, ack_p99_us: p99_us, part, server_part, held })
}

/// Waits until nearly everybody of the step has gone.
async fn done(stage: &mut Stage, driven: &mut Driven, began: Instant) -> Result<(), LoadError> {
    let since = Instant::now();
    while stage.world.under_way.load(Ordering::Relaxed) > FEW && since.elapsed() < DONE_MOST {
        watch(stage, driven, Instant::now() + Duration::from_millis(50), began).await?;
    }
    Ok(())
}
