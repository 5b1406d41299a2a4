//! What a run found, whether it held, and the page in which a person sees it at a glance.

mod html;
pub mod outcome;
mod plot;
pub mod verdict;

use outcome::{Found, Overtaking};
use std::fmt::Write as _;
use verdict::{Outcome, Verdict};

/// Why a page cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// Nothing was found.
    #[error("a page needs at least one result")]
    Empty,
    /// Runs of different scenarios.
    #[error("the results are of different scenarios: {0} and {1}")]
    Different(String, String),
}

/// The page of one run, or of several of the same scenario.
///
/// # Errors
/// If there is none, or they are of different scenarios.
pub fn page(all: &[Found]) -> Result<String, PageError> {
    let first = all.first().ok_or(PageError::Empty)?;
    if let Some(other) = all.iter().find(|it| it.scenario.name != first.scenario.name) {
        return Err(PageError::Different(first.scenario.name.clone(), other.scenario.name.clone()));
    }
    Ok(html::page(all, all.last().unwrap_or(first)))
}

/// A limit in words: what was measured, and what must be.
#[must_use]
pub fn line(verdict: &Verdict) -> String {
    let measured = verdict.measured.map_or_else(|| "nothing measured".to_owned(), |it| amount(it, &verdict.unit));
    let than = if verdict.least { "at least" } else { "at most" };
    format!("{}: {measured}, {than} {}", verdict.what, amount(verdict.limit, &verdict.unit))
}

/// A number with its unit, with as many digits as say something.
#[must_use]
pub fn amount(number: f64, unit: &str) -> String {
    let digits = if number.fract() == 0.0 || number.abs() >= 1_000.0 {
        0
    } else if number.abs() >= 100.0 {
        1
    } else {
        2
    };
    let between = if unit.is_empty() || unit == "%" || unit == "x" { "" } else { " " };
    format!("{number:.digits$}{between}{unit}")
}

/// How many of those who were offered out of order a terminal shows; the page shows all that were kept.
const OVERTAKINGS_SAID: usize = 5;

/// Who overtook whom, in words; moments are seconds of the run.
fn overtaking(it: &Overtaking) -> String {
    let s = |us: u64| format!("{:.3}", std::time::Duration::from_micros(us).as_secs_f64());
    let end = match it.past_until_us {
        None => "the end".to_owned(),
        Some(until_us) if it.past_left => format!("{}, and hung up", s(until_us)),
        Some(until_us) => format!("their offer at {}", s(until_us)),
    };
    let who = if it.text { "whoever wrote" } else { "whoever called" };
    format!(
        "{who} at {} was offered at {}, and somebody who was in the queue at {} waited on to {end}",
        s(it.posted_us),
        s(it.offered_us),
        s(it.past_answered_us)
    )
}

/// The median of some numbers, the least and the most.
fn spread(values: impl Iterator<Item = f64>, unit: &str) -> String {
    let mut all: Vec<f64> = values.collect();
    all.sort_by(f64::total_cmp);
    let (Some(least), Some(median), Some(most)) = (all.first(), all.get(all.len() / 2), all.last()) else {
        return "nothing".to_owned();
    };
    format!("{} [{}-{}]", amount(*median, unit), amount(*least, ""), amount(*most, ""))
}

/// How a run went, in lines for a terminal.
#[must_use]
pub fn words(found: &Found) -> String {
    let mut out = String::new();
    let mut say = |text: String| {
        // Writing into a string cannot fail.
        let _ = writeln!(out, "{text}");
    };
    say(match verdict::outcome(found) {
        Outcome::Held => format!("{}: held", found.scenario.name),
        Outcome::Broken => format!("{}: not held", found.scenario.name),
        Outcome::Invalid => format!("{}: invalid, the generator was late", found.scenario.name),
    });
    for verdict in verdict::verdicts(found).iter().chain(verdict::lateness(found).as_ref()) {
        say(format!("  {} {}", if verdict.held { "held  " } else { "BROKEN" }, line(verdict)));
    }
    if !found.ended_well {
        say("  BROKEN the server did not end well when it was asked to".to_owned());
    }
    let books = &found.books;
    say(format!(
        "  {} people came, {} acknowledged, {} offered; {} webhooks, {} without a good answer",
        books.people, books.acknowledged, books.offered, books.hooks, books.unanswered
    ));
    for it in found.overtakings.iter().take(OVERTAKINGS_SAID) {
        say(format!("  out of order: {}", overtaking(it)));
    }
    for (why, often) in &found.troubles {
        say(format!("  {often} x {why}"));
    }
    for (name, count) in &found.server_counts {
        say(format!("  the server counts {name} {count}"));
    }
    out
}

#[cfg(test)]
mod tests;
