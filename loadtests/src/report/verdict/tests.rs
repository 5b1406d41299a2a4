//! Limits, held and broken, on a small run that is made up.

use super::{Outcome, outcome, verdicts};
use crate::report::outcome::{Books, Found};
use crate::report::tests::canned;

fn of(found: &Found, what: &str) -> (Option<f64>, bool) {
    let all = verdicts(found);
    let it = all.iter().find(|it| it.what.starts_with(what)).unwrap_or_else(|| panic!("{what} is not judged"));
    (it.measured, it.held)
}

#[test]
fn a_run_within_its_limits_holds() {
    let found = canned();
    assert_eq!(of(&found, "people lost"), (Some(0.0), true));
    assert_eq!(of(&found, "webhook answered"), (Some(1.5), true));
    assert_eq!(of(&found, "offered after"), (Some(12.0), true));
    assert_eq!(of(&found, "back to baseline"), (Some(1.0), true));
    assert_eq!(outcome(&found), Outcome::Held);
}

#[test]
fn one_person_lost_breaks_it_and_a_late_generator_is_no_excuse() {
    let mut found = canned();
    found.books = Books { lost: 1, ..found.books };
    found.phases[1].late.p99_us = 900_000;
    assert_eq!(of(&found, "people lost"), (Some(1.0), false));
    assert_eq!(outcome(&found), Outcome::Broken);
}

#[test]
fn a_late_generator_makes_a_run_invalid() {
    let mut found = canned();
    found.phases[1].late.p99_us = 900_000;
    assert_eq!(outcome(&found), Outcome::Invalid);
    found.phases[1].ack.p99_us = 90_000;
    assert_eq!(outcome(&found), Outcome::Invalid, "what is slow may be the generator's doing");
}

#[test]
fn slow_answers_and_a_server_that_does_not_end_break_it() {
    let mut found = canned();
    found.phases[1].ack.p99_us = 6_001;
    assert_eq!(of(&found, "webhook answered"), (Some(6.001 / 2.0), false));
    assert_eq!(outcome(&found), Outcome::Broken);
    let mut found = canned();
    found.back_after_s = None;
    assert_eq!(of(&found, "back to baseline"), (None, false), "it never came back");
    let mut found = canned();
    found.ended_well = false;
    assert_eq!(outcome(&found), Outcome::Broken);
}

#[test]
fn boards_that_stay_away_break_it() {
    let mut found = canned();
    found.seconds[6].boards_open = 0;
    let (measured, held) = of(&found, "boards that were not open");
    assert!((measured.unwrap() - 100.0 / 6.0).abs() < 1e-9 && !held, "{measured:?}");
}

#[test]
fn what_was_not_measured_holds_nothing() {
    let mut found = canned();
    for phase in &mut found.phases {
        phase.offer.count = 0;
    }
    assert_eq!(of(&found, "offered after"), (None, false));
}

#[test]
fn goodput_is_that_of_the_worst_stretch_beyond_the_knee() {
    let mut found = canned();
    found.knee_per_s = Some(10.0);
    found.scenario.what_it_shows.goodput_of_knee = Some(0.95);
    found.scenario.phases[1].times_the_knee = Some(2.0);
    for second in &mut found.seconds {
        second.acked = 9;
    }
    assert_eq!(of(&found, "answered in the worst"), (Some(0.9), false));
}
