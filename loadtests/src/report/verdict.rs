//! Which limits held: what was measured beside what must be.

use super::outcome::{Found, PhaseFound, Quantiles, SecondFound};
use crate::scenario::Role;
use serde::{Deserialize, Serialize};

/// The length of the stretch in which goodput is judged, seconds.
const STRETCH_S: usize = 10;

/// The part of their time that boards may be away: whoever is cut comes back at once.
const BOARDS_AWAY: f64 = 1.0;

/// One limit and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// What is limited, in words.
    pub what: String,
    /// What was measured; none if nothing was there to measure, which holds nothing.
    pub measured: Option<f64>,
    /// The limit.
    pub limit: f64,
    /// Whether the limit is a least and not a most.
    pub least: bool,
    /// The unit of both.
    pub unit: String,
    /// Whether it held.
    pub held: bool,
}

/// How a run is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// All limits held.
    Held,
    /// One did not.
    Broken,
    /// The generator was late: nothing can be said.
    Invalid,
}

fn most(what: &str, measured: Option<f64>, limit: f64, unit: &str) -> Verdict {
    let held = measured.is_some_and(|measured| measured <= limit);
    Verdict { what: what.to_owned(), measured, limit, least: false, unit: unit.to_owned(), held }
}

fn least(what: &str, measured: Option<f64>, limit: f64, unit: &str) -> Verdict {
    let held = measured.is_some_and(|measured| measured >= limit);
    Verdict { what: what.to_owned(), measured, limit, least: true, unit: unit.to_owned(), held }
}

#[expect(clippy::cast_precision_loss, reason = "counts and microseconds of a run")]
fn float(number: u64) -> f64 {
    number as f64
}

fn ms(us: u64) -> f64 {
    float(us) / 1_000.0
}

/// The worst 99th of 100 of these phases, microseconds.
fn worst<'a>(phases: impl Iterator<Item = &'a PhaseFound>, of: fn(&PhaseFound) -> Quantiles) -> Option<u64> {
    phases.map(of).filter(|it| it.count > 0).map(|it| it.p99_us).max()
}

fn loaded(found: &Found) -> impl Iterator<Item = &PhaseFound> {
    found.phases.iter().filter(|phase| matches!(phase.role, Role::Onset | Role::Load))
}

/// All limits of the scenario.
#[must_use]
pub fn verdicts(found: &Found) -> Vec<Verdict> {
    let limits = &found.scenario.what_it_shows;
    let books = &found.books;
    let mut all = Vec::new();
    let counts = [
        ("people lost", limits.lost, books.lost),
        ("people doubled", limits.doubled, books.doubled),
        ("people out of order", limits.out_of_order, books.out_of_order),
        ("people or desks stuck", limits.stuck, books.stuck),
    ];
    for (what, limit, measured) in counts {
        all.extend(limit.map(|limit| most(what, Some(float(measured)), float(limit), "")));
    }
    let part = (books.hooks > 0).then(|| float(books.unanswered) * 100.0 / float(books.hooks));
    all.extend(limits.unanswered.map(|it| most("webhooks without a good answer", part, it * 100.0, "%")));
    let quiet = worst(found.of_role(Role::Quiet), |it| it.ack).map(ms);
    let ack = worst(loaded(found), |it| it.ack).map(ms);
    all.extend(limits.ack_p99_times_quiet.map(|it| {
        let times = quiet.zip(ack).map(|(quiet, ack)| ack / quiet);
        most(&format!("webhook answered, p99 beside its quiet {:.1} ms", quiet.unwrap_or(0.0)), times, it, "x")
    }));
    all.extend(limits.ack_p99_ms.map(|it| most("webhook answered, p99", ack, it, "ms")));
    let offer = worst(loaded(found), |it| it.offer).map(ms);
    all.extend(limits.offer_p99_ms.map(|it| most("offered after eligible, p99", offer, it, "ms")));
    let board = worst(loaded(found), |it| it.board).map(ms);
    all.extend(limits.board_p99_ms.map(|it| most("board beyond its beat, p99", board, it, "ms")));
    all.extend(limits.board_p99_ms.map(|_| most("boards that were not open", not_open(found), BOARDS_AWAY, "%")));
    all.extend(
        limits.goodput_of_knee.map(|it| least("answered in the worst 10 s beside the knee", goodput(found), it, "x")),
    );
    all.extend(limits.back_within_s.map(|it| most("back to baseline after the load", found.back_after_s, it, "s")));
    all.extend(
        limits
            .desks_back_s
            .map(|it| most("all desks back at work", found.desks_back_s.filter(|it| *it >= 0.0), it, "s")),
    );
    let growths = [
        (
            "memory, growth in the second half",
            limits.memory_growth_percent,
            growth(found, |it| Some(float(it.resident_bytes))),
        ),
        (
            "open files, growth in the second half",
            limits.files_growth_percent,
            growth(found, |it| Some(float(it.files))),
        ),
        (
            "median answer, growth in the second half",
            limits.latency_growth_percent,
            growth(found, |it| it.ack_us.map(|it| f64::from(it[0]))),
        ),
    ];
    for (what, limit, measured) in growths {
        all.extend(limit.map(|limit| most(what, measured, limit, "%")));
    }
    all.extend(limits.knee_per_s.map(|it| least("the knee", found.knee_per_s, it, "people/s")));
    all
}

/// The generator's own lateness.
#[must_use]
pub fn lateness(found: &Found) -> Option<Verdict> {
    let late = worst(found.phases.iter(), |it| it.late).map(ms);
    let limit = found.scenario.what_it_shows.generator_late_p99_ms?;
    Some(most("generator late, p99", late.or(Some(0.0)), limit, "ms"))
}

/// Of all the time of boards under load, the part in which one was not open.
fn not_open(found: &Found) -> Option<f64> {
    let (from_s, to_s) = found.load_s()?;
    let (seconds, viewers) = (found.between(from_s, to_s), float(u64::try_from(found.scenario.boards.viewers).ok()?));
    let all = viewers * float(u64::try_from(seconds.len()).ok()?);
    let open: f64 = seconds.iter().map(|it| float(it.boards_open)).sum();
    (all > 0.0).then(|| (1.0 - open / all) * 100.0)
}

/// How the whole run is to be read.
#[must_use]
pub fn outcome(found: &Found) -> Outcome {
    if verdicts(found).iter().any(|it| !it.held) || !found.ended_well {
        // Nothing lost or doubled is excused by a late generator; a time that is too long may be.
        let books = &found.books;
        let late = lateness(found).is_some_and(|it| !it.held);
        let counted = books.lost + books.doubled + books.out_of_order + books.stuck > 0 || !found.ended_well;
        return if late && !counted { Outcome::Invalid } else { Outcome::Broken };
    }
    if lateness(found).is_some_and(|it| !it.held) { Outcome::Invalid } else { Outcome::Held }
}

/// People answered a second in the worst stretch beyond the knee, as a part of the knee.
fn goodput(found: &Found) -> Option<f64> {
    let knee = found.knee_per_s.filter(|knee| *knee > 0.0)?;
    let beyond = found
        .phases
        .iter()
        .zip(&found.scenario.phases)
        .filter(|(_, asked)| asked.times_the_knee.is_some_and(|it| it >= 1.0));
    let worst = |phase: &PhaseFound| {
        let seconds = found.between(phase.from_s, phase.to_s);
        let stretches = seconds.windows(STRETCH_S.min(seconds.len().max(1)));
        let sums = stretches
            .map(|it| float(it.iter().map(|second| second.acked).sum()) / float(u64::try_from(it.len()).unwrap_or(1)));
        sums.min_by(f64::total_cmp)
    };
    beyond.filter_map(|(phase, _)| worst(phase)).min_by(f64::total_cmp).map(|worst| worst / knee)
}

/// Percent by which something grew from the third to the last quarter of the load.
fn growth(found: &Found, of: fn(&SecondFound) -> Option<f64>) -> Option<f64> {
    let (from_s, to_s) = found.load_s()?;
    let quarter_s = (to_s - from_s) / 4.0;
    let median = |from_s: f64, to_s: f64| {
        let mut all: Vec<f64> = found.between(from_s, to_s).iter().filter_map(of).collect();
        all.sort_by(f64::total_cmp);
        all.get(all.len() / 2).copied().filter(|it| *it > 0.0)
    };
    let (third, last) = (median(to_s - 2.0 * quarter_s, to_s - quarter_s)?, median(to_s - quarter_s, to_s)?);
    Some((last / third - 1.0) * 100.0)
}

#[cfg(test)]
mod tests;
