//! What a scenario may say: ranges, and what goes with what.

use super::{Phase, Role, Scenario, ScenarioError};

fn wrong(field: impl Into<String>, why: impl Into<String>) -> ScenarioError {
    ScenarioError::Wrong { field: field.into(), why: why.into() }
}

fn within(field: impl Into<String>, value: f64, low: f64, high: f64) -> Result<(), ScenarioError> {
    // Not a number is in no range.
    if (low..=high).contains(&value) { Ok(()) } else { Err(wrong(field, format!("is {value}; use {low} to {high}"))) }
}

pub(super) fn check(scenario: &Scenario) -> Result<(), ScenarioError> {
    let named = |name: &str| {
        !name.is_empty()
            && name.len() <= 40
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    if !named(&scenario.name) {
        return Err(wrong("name", "use 1 to 40 of a-z, 0-9 and _"));
    }
    let people = &scenario.people;
    within("people.calls", people.calls, 0.0, 1.0)?;
    within("people.talk_s", people.talk_s, 0.0, 36_000.0)?;
    within("people.patience_s", people.patience_s, 0.0, 36_000.0)?;
    within("people.messages", f64::from(people.messages), 1.0, 100.0)?;
    within("people.message_every_s", people.message_every_s, 0.0, 3_600.0)?;
    let desks = &scenario.desks;
    let count = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    within("people.sessions", count(people.sessions), 0.0, 100_000.0)?;
    within("desks.count", count(desks.count), 1.0, 10_000.0)?;
    within("desks.calls", desks.calls, 0.0, 1.0)?;
    within("desks.web", desks.web, 0.0, 1.0)?;
    within("desks.answer_s", desks.answer_s, 0.0, 15.0)?;
    within("desks.phone_s", desks.phone_s, 0.0, 15.0)?;
    within("desks.wrap_up_s", desks.wrap_up_s, 0.0, 100.0)?;
    within("boards.viewers", count(scenario.boards.viewers), 0.0, 1_000.0)?;
    within("webhooks.connections", count(scenario.webhooks.connections), 1.0, 4_000.0)?;
    within("webhooks.patience_s", scenario.webhooks.patience_s, 0.1, 60.0)?;
    if scenario.phases.is_empty() && scenario.ceiling.is_none() {
        return Err(wrong("phases", "nothing happens: write a [[phases]], or a [ceiling]"));
    }
    for (number, phase) in scenario.phases.iter().enumerate() {
        check_phase(scenario, number, phase)?;
    }
    check_ceiling(scenario)?;
    check_limits(scenario)
}

fn check_phase(scenario: &Scenario, number: usize, phase: &Phase) -> Result<(), ScenarioError> {
    let field = |name: &str| format!("phases[{number}].{name}");
    within(field("seconds"), phase.seconds, 1.0, 360_000.0)?;
    within(field("rate_per_s"), phase.rate_per_s, 0.0, 50_000.0)?;
    within(field("from_rate_per_s"), phase.from_rate_per_s.unwrap_or(0.0), 0.0, 50_000.0)?;
    if phase.trace.is_some() && (phase.rate_per_s > 0.0 || phase.from_rate_per_s.is_some()) {
        return Err(wrong(field("trace"), "is in place of a rate; leave one of the two out"));
    }
    if let Some(backlog) = &phase.backlog {
        within(field("backlog.duplicates"), backlog.duplicates, 0.0, 1.0)?;
        within(field("backlog.disorder"), backlog.disorder, 0.0, 1.0)?;
        if !scenario.phases.iter().take(number).any(|earlier| earlier.silent) {
            return Err(wrong(field("backlog"), "nothing is held: no phase before it is silent"));
        }
    }
    if phase.silent && !scenario.phases.iter().skip(number + 1).any(|later| later.backlog.is_some()) {
        return Err(wrong(field("silent"), "what is held is never posted: no phase after it has a backlog"));
    }
    within(field("desks_back_within_s"), phase.desks_back_within_s.unwrap_or(0.0), 0.0, 600.0)?;
    if let Some(flood) = &phase.flood {
        within(field("flood.rate_per_s"), flood.rate_per_s, 0.0, 10_000.0)?;
        within(field("flood.redials"), flood.redials, 0.0, 1.0)?;
        within(field("flood.silent_s"), flood.silent_s, 0.0, 3_600.0)?;
        if !(1..=1_000_000).contains(&flood.phones) {
            return Err(wrong(field("flood.phones"), format!("is {}; use 1 to 1000000", flood.phones)));
        }
    }
    if phase.times_the_knee.is_some() && scenario.ceiling.is_none() {
        return Err(wrong(field("times_the_knee"), "no knee is looked for: write a [ceiling]"));
    }
    within(field("times_the_knee"), phase.times_the_knee.unwrap_or(1.0), 0.01, 10.0)
}

fn check_ceiling(scenario: &Scenario) -> Result<(), ScenarioError> {
    let Some(ceiling) = &scenario.ceiling else { return Ok(()) };
    within("ceiling.from_rate_per_s", ceiling.from_rate_per_s, 0.1, 50_000.0)?;
    within("ceiling.most_per_s", ceiling.most_per_s, ceiling.from_rate_per_s, 50_000.0)?;
    within("ceiling.growth", ceiling.growth, 1.01, 10.0)?;
    within("ceiling.step_s", ceiling.step_s, 1.0, 600.0)?;
    within("ceiling.halvings", f64::from(ceiling.halvings), 0.0, 10.0)?;
    within("ceiling.ack_p99_ms", ceiling.ack_p99_ms, 0.1, 15_000.0)?;
    within("ceiling.least_part", ceiling.least_part, 0.1, 1.0)
}

fn check_limits(scenario: &Scenario) -> Result<(), ScenarioError> {
    let limits = &scenario.what_it_shows;
    let has = |role: Role| scenario.phases.iter().any(|phase| phase.role == role);
    let without = |field: &str, what: &str| Err(wrong(format!("what_it_shows.{field}"), what.to_owned()));
    if limits.ack_p99_times_quiet.is_some() && !has(Role::Quiet) {
        return without("ack_p99_times_quiet", "there is no quiet phase to compare with");
    }
    if limits.back_within_s.is_some() && !(has(Role::After) && (has(Role::Quiet) || scenario.ceiling.is_some())) {
        return without("back_within_s", "needs a phase after the load, and a quiet phase or a knee to come back to");
    }
    if limits.goodput_of_knee.is_some() && scenario.ceiling.is_none() {
        return without("goodput_of_knee", "no knee is looked for: write a [ceiling]");
    }
    if limits.knee_per_s.is_some() && scenario.ceiling.is_none() {
        return without("knee_per_s", "no knee is looked for: write a [ceiling]");
    }
    if limits.desks_back_s.is_some() && scenario.phases.iter().all(|it| it.desks_back_within_s.is_none()) {
        return without("desks_back_s", "no phase cuts the desks");
    }
    if limits.board_p99_ms.is_some() && scenario.boards.viewers == 0 {
        return without("board_p99_ms", "nobody watches: boards.viewers is 0");
    }
    Ok(())
}
