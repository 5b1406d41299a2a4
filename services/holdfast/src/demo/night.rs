//! The demo's night: who calls, what they are like, and what goes wrong. All neutral, all made up.

use crate::cli::Demo;
use holdfast_loadtests::arrivals::Spread;
use holdfast_loadtests::callers::{Mix, Profile};
use holdfast_loadtests::carrier::{Dial, DialOutcome, DialScript, Faults};
use holdfast_loadtests::desks::Habits;
use holdfast_loadtests::writers::{WriterMix, WritersProfile};

const MAIN: &str = "+12065550100";
const YOUTH: &str = "+12065550101";

/// One kind of caller.
struct Kind {
    line: &'static str,
    area: &'static str,
    state: &'static str,
    presses: Option<char>,
    need: &'static str,
    region: &'static str,
    weight: u32,
}

const fn kind(line: &'static str, area: &'static str, state: &'static str, region: &'static str, weight: u32) -> Kind {
    Kind { line, area, state, presses: None, need: "general", region, weight }
}

/// Who calls.
const PEOPLE: &[Kind] = &[
    kind(MAIN, "206", "WA", "king-county", 5),
    kind(MAIN, "253", "WA", "washington", 3),
    kind(MAIN, "213", "CA", "california", 4),
    kind(MAIN, "312", "IL", "illinois", 3),
    kind(MAIN, "212", "NY", "new-york", 3),
    Kind { presses: Some('1'), need: "veteran", ..kind(MAIN, "214", "TX", "texas", 2) },
    Kind { presses: Some('2'), need: "spanish", ..kind(MAIN, "305", "FL", "florida", 3) },
    Kind { need: "youth", ..kind(YOUTH, "206", "WA", "king-county", 2) },
    Kind { need: "youth", ..kind(YOUTH, "720", "CO", "colorado", 1) },
];

/// The callers of the night. Durations are of human time; the speed divides them.
pub(super) fn profile(verb: &Demo) -> Profile {
    let mix = PEOPLE.iter().map(|it| {
        let mix = Mix {
            line: it.line.to_owned(),
            area_code: it.area.to_owned(),
            state: it.state.to_owned(),
            presses: it.presses,
            class: format!("{}/{}", it.need, it.region),
        };
        (mix, it.weight)
    });
    Profile {
        rate_per_s: verb.rate,
        mix: mix.collect(),
        patience: Spread::Exponential { mean_ms: 180_000.0, most_ms: 900_000 },
        talk: Spread::Exponential { mean_ms: 60_000.0, most_ms: 300_000 },
        press_after: Spread::Even { low_ms: 1_000, high_ms: 4_000 },
        leaves_while_connecting: (0.03, Spread::Even { low_ms: 500, high_ms: 4_000 }),
    }
}

/// The part of people who write instead of calling.
const WRITE: f64 = 0.3;

/// The people who write. The second question of the survey is for the counselor to read.
pub(super) fn writers(verb: &Demo) -> WritersProfile {
    let mix = PEOPLE.iter().filter(|it| it.line == MAIN).map(|it| {
        let digit = it.presses.map_or_else(|| "0".to_owned(), String::from);
        let mix = WriterMix {
            line: it.line.to_owned(),
            area_code: it.area.to_owned(),
            state: it.state.to_owned(),
            survey: vec![digit, "I would rather write tonight.".to_owned()],
            class: format!("{}/{}", it.need, it.region),
        };
        (mix, it.weight)
    });
    WritersProfile::new(verb.rate * WRITE, mix.collect())
}

/// Counselors as people are: they decline, are away from the desk for a moment, take breaks.
pub(super) const fn habits() -> Habits {
    Habits {
        answer_ms: (1_000, 6_000),
        decline_percent: 4,
        miss_percent: 2,
        talk_ms: (20_000, 120_000),
        wrap_up_ms: (5_000, 20_000),
        break_percent: 3,
        break_ms: 30_000,
    }
}

/// A carrier as carriers are: it repeats itself, mixes the order up, is late, and sometimes cannot say what it did.
pub(super) fn faults() -> Faults {
    Faults {
        callback_duplicated: 0.05,
        callback_reordered: 0.03,
        callback_late: 0.01,
        rest_effect_then_500: 0.01,
        rest_effect_then_cut: 0.005,
        text_duplicated: 0.05,
        text_undelivered: 0.01,
        late_ms: 700,
        slow_ms: 300,
        ..Faults::default()
    }
}

/// Counselors' phones: mostly answered, sometimes busy or not heard.
pub(super) fn dial(dial: &Dial) -> Option<DialScript> {
    let outcome = match dial.earlier_dials % 40 {
        17 => DialOutcome::Busy { after_ms: 900 },
        31 => DialOutcome::NoAnswer,
        _ => DialOutcome::Answers { after_ms: 1_500, stays_ms: None },
    };
    Some(DialScript { alerts_after_ms: 300, outcome })
}
