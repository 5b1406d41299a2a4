//! Gathers what a run has written down into what `result.json` says.

use super::Plan;
use super::back::back_after;
use super::drive::Driven;
use super::machine::machine;
use super::meter::{Counted, Second, TIMED, Timed, percentile};
use super::sample::{Sample, lost};
use super::stage::Stage;
use crate::carrier::stamp;
use crate::report::outcome::{Books, FORMAT, Found, OVERTAKINGS_MOST, PhaseFound, Quantiles, SecondFound, Step, whole};
use crate::scenario::{Role, Scenario};
use hdrhistogram::Histogram;
use std::sync::PoisonError;

/// How much slower than before is as before, where a scenario does not say it.
const FACTOR: f64 = 2.0;

fn quantiles(histogram: &Histogram<u64>) -> Quantiles {
    Quantiles {
        count: histogram.len(),
        p50_us: histogram.value_at_quantile(0.5),
        p90_us: histogram.value_at_quantile(0.9),
        p99_us: histogram.value_at_quantile(0.99),
        p999_us: histogram.value_at_quantile(0.999),
        most_us: histogram.max(),
    }
}

fn seconds_of(us: u64) -> f64 {
    std::time::Duration::from_micros(us).as_secs_f64()
}

fn phases(scenario: &Scenario, borders_us: &[u64], timed: &[[Histogram<u64>; TIMED]]) -> Vec<PhaseFound> {
    let spans = borders_us.iter().zip(borders_us.iter().skip(1));
    let all = scenario.phases.iter().zip(spans).zip(timed);
    all.map(|((phase, (from, to)), timed)| PhaseFound {
        name: phase.name.clone(),
        role: phase.role,
        from_s: seconds_of(*from),
        to_s: seconds_of(*to),
        ack: quantiles(&timed[Timed::Ack as usize]),
        offer: quantiles(&timed[Timed::Offer as usize]),
        board: quantiles(&timed[Timed::Board as usize]),
        late: quantiles(&timed[Timed::Late as usize]),
    })
    .collect()
}

fn second(mut it: Second, sample: Option<&Sample>, before: Option<&Sample>) -> SecondFound {
    let mut three = |what: Timed| {
        let times = it.times_us.get_mut(what as usize)?;
        Some([percentile(times, 0.5)?, percentile(times, 0.99)?, percentile(times, 0.999)?])
    };
    let (ack_us, offer_us, board_us) = (three(Timed::Ack), three(Timed::Offer), three(Timed::Board));
    let late_most_us = it.times_us[Timed::Late as usize].iter().copied().max().unwrap_or(0);
    let count = |what: Counted| it.counts[what as usize];
    let sample = sample.copied().unwrap_or_default();
    SecondFound {
        due: count(Counted::Due),
        acked: count(Counted::Acked),
        told: count(Counted::Told),
        taken: count(Counted::Taken),
        hooks: count(Counted::Hooks),
        unanswered: count(Counted::Unanswered),
        texts: count(Counted::Texts),
        ack_us,
        offer_us,
        board_us,
        late_most_us,
        waiting: sample.waiting,
        under_way: sample.under_way,
        at_work: sample.at_work,
        boards_open: sample.boards_open,
        cpu_us: before.map_or(0, |before| sample.usage.cpu_us.saturating_sub(before.usage.cpu_us)),
        resident_bytes: sample.usage.resident_bytes,
        files: sample.usage.files,
    }
}

/// After how many seconds of the phase after the load all was as in the quiet one, or at the knee where there is none.
fn back_after_s(scenario: &Scenario, phases: &[PhaseFound], knee: Option<Step>, seconds: &[Second]) -> Option<f64> {
    let factor = scenario.what_it_shows.ack_p99_times_quiet.unwrap_or(FACTOR);
    let quiet = phases.iter().filter(|it| it.role == Role::Quiet && it.ack.count > 0);
    let before_us = quiet.map(|it| it.ack.p99_us).max().or(knee.map(|it| it.ack_p99_us))?;
    let after = phases.iter().find(|it| it.role == Role::After)?;
    let seconds = seconds.get(whole(after.from_s)..whole(after.to_s).min(seconds.len()))?;
    #[expect(clippy::cast_precision_loss, reason = "microseconds and seconds of a run")]
    let back = back_after(seconds, before_us as f64 * factor).map(|it| it as f64);
    back
}

/// Ends the server and gathers.
pub(crate) async fn gather(stage: Stage, driven: Driven, plan: &Plan) -> Found {
    let (world, version) = (stage.world.clone(), stage.scrape.version().await);
    let server_counts = stage.scrape.wrong().await;
    let ended_well = stage.end();
    let (seconds, timed) = world.meter.read();
    let phases = phases(&world.scenario, &driven.borders_us, &timed);
    let back_after_s = back_after_s(&world.scenario, &phases, driven.knee, &seconds);
    // What came after the last look is the way home.
    let measured = seconds.into_iter().take(driven.samples.len()).enumerate();
    let seconds: Vec<SecondFound> = measured
        .map(|(at, it)| {
            let before = at.checked_sub(1).and_then(|it| driven.samples.get(it));
            second(it, driven.samples.get(at), before)
        })
        .collect();
    let (audit, acknowledged, offered, mut overtakings) = {
        let ledger = world.ledger();
        (ledger.audit(), ledger.acknowledged(), ledger.offered(), ledger.overtaken())
    };
    overtakings.truncate(OVERTAKINGS_MOST);
    let mut troubles = world.troubles.lock().unwrap_or_else(PoisonError::into_inner).clone();
    for (why, often) in &*world.posts.refusals.lock().unwrap_or_else(PoisonError::into_inner) {
        troubles.insert(format!("a webhook: {why}"), *often);
    }
    let sum = |of: fn(&SecondFound) -> u64| seconds.iter().map(of).sum();
    let books = Books {
        people: world.next.load(std::sync::atomic::Ordering::Relaxed),
        acknowledged,
        offered,
        lost: driven.lost.max(lost(&driven.samples)) + audit.unheard,
        doubled: audit.doubled,
        out_of_order: audit.out_of_order,
        stuck: driven.stuck.max(audit.stuck),
        strangers: audit.strangers,
        hooks: sum(|it| it.hooks),
        unanswered: sum(|it| it.unanswered),
    };
    Found {
        format: FORMAT,
        scenario: world.scenario.clone(),
        fitted_to_minutes: plan.minutes,
        began: stamp::rfc2822(stamp::now_s()),
        version,
        machine: machine(),
        phases,
        seconds,
        steps: driven.steps,
        knee_per_s: driven.knee.map(|it| it.rate_per_s),
        knee_ack_p99_us: driven.knee.map(|it| it.ack_p99_us),
        books,
        overtakings,
        back_after_s,
        desks_back_s: driven.desks_back_s,
        troubles,
        server_counts,
        ended_well,
    }
}
