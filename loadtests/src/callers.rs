//! People who call: an open-loop generator. Calls start when the plan says, whether or not Holdfast keeps up.
//!
//! The plan is pure and comes from a seed; running it only waits and places calls. Numbers are of the fictional 555 exchange and
//! onwards, one per call, so that no two calls of a run are the same person.

use crate::carrier::{Carrier, PersonScript, PlaceError};
use crate::prng::Prng;
use serde::Serialize;
use std::time::{Duration, Instant};

/// The most calls one plan may hold.
pub const ARRIVALS_MOST: usize = 1_000_000;
/// Numbers per area code, from 555-0000 on.
const NUMBERS_PER_AREA: usize = 4_000_000;

/// Of so many people one hangs up in the middle of a handoff when they have talked for as long as they wanted.
const LEAVES_ONE_IN: usize = 4;

/// How long something lasts, milliseconds of human time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Spread {
    /// Always this.
    Fixed(u64),
    /// Evenly between two bounds.
    Even {
        /// The least.
        low_ms: u64,
        /// The most.
        high_ms: u64,
    },
    /// Exponential, cut off.
    Exponential {
        /// The mean before the cut.
        mean_ms: f64,
        /// The most.
        most_ms: u64,
    },
}

impl Spread {
    pub(crate) fn draw(self, prng: &mut Prng) -> u64 {
        match self {
            Self::Fixed(value_ms) => value_ms,
            Self::Even { low_ms, high_ms } => prng.between(low_ms, high_ms),
            Self::Exponential { mean_ms, most_ms } => {
                Duration::try_from_secs_f64(prng.exponential(mean_ms.max(0.0)) / 1_000.0)
                    .map_or(most_ms, crate::clock::whole_ms)
                    .min(most_ms)
            }
        }
    }
}

/// One kind of person in the mix.
#[derive(Clone, Debug)]
pub struct Mix {
    /// The line called.
    pub line: String,
    /// Three digits.
    pub area_code: String,
    /// `FromState` of the hook.
    pub state: String,
    /// What is pressed when asked.
    pub presses: Option<char>,
    /// The scenario's class: persons whose order among each other matters.
    pub class: String,
}

/// What a crowd does.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Arrivals per second of real time, Poisson.
    pub rate_per_s: f64,
    /// Kinds of persons with weights.
    pub mix: Vec<(Mix, u32)>,
    /// Patience.
    pub patience: Spread,
    /// Talk time.
    pub talk: Spread,
    /// How long people take to press a digit.
    pub press_after: Spread,
    /// The part of people who hang up while a counselor's phone alerts, 0.0 to 1.0, and after how long.
    pub leaves_while_connecting: (f64, Spread),
}

/// One planned call.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Intended start, after the plan's start.
    pub at: Duration,
    /// Who calls and how they behave.
    pub script: PersonScript,
}

/// How the placing went. Lateness is the generator's own: large numbers mean that this machine is too slow for the plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Placed {
    /// Calls in the plan.
    pub intended: usize,
    /// Calls placed.
    pub placed: usize,
    /// Calls not placed because too many were alive.
    pub not_placed: usize,
    /// The worst lateness of a start against its intended time, milliseconds.
    pub latest_ms: u64,
}

/// The plan of a profile: at most `most` calls within `lasting`.
#[must_use]
pub fn plan(profile: &Profile, seed: u64, lasting: Duration, most: usize) -> Vec<Arrival> {
    let mut prng = Prng::keyed(seed, &["callers"]);
    let mut arrivals = Vec::new();
    if profile.rate_per_s <= 0.0 {
        return arrivals;
    }
    let mut at = Duration::ZERO;
    while arrivals.len() < most.min(ARRIVALS_MOST) {
        let gap_s = prng.exponential(1.0 / profile.rate_per_s);
        at = at.saturating_add(Duration::try_from_secs_f64(gap_s).unwrap_or(lasting));
        if at >= lasting {
            break;
        }
        let Some(mix) = prng.choose(&profile.mix).cloned() else { break };
        arrivals.push(Arrival { at, script: script(profile, &mix, arrivals.len(), &mut prng) });
    }
    arrivals
}

fn script(profile: &Profile, mix: &Mix, number: usize, prng: &mut Prng) -> PersonScript {
    let local = 5_550_000 + number % NUMBERS_PER_AREA;
    let mut script = PersonScript::new(format!("+1{}{local}", mix.area_code), mix.line.clone());
    script.class.clone_from(&mix.class);
    script.from_state.clone_from(&mix.state);
    script.presses = mix.presses;
    script.patience_ms = profile.patience.draw(prng);
    script.talk_ms = profile.talk.draw(prng);
    script.press_after_ms = profile.press_after.draw(prng);
    let (chance, after) = profile.leaves_while_connecting;
    let after_ms = after.draw(prng);
    script.leaves_while_connecting_ms = prng.happens(chance).then_some(after_ms);
    // Told by their place in the plan, so that nothing else of the plan depends on it.
    script.stays_for_handoff = !number.is_multiple_of(LEAVES_ONE_IN);
    script
}

/// Places the calls of a plan at their intended times, counted from now. Resolves when the last is placed, not when it is over.
///
/// # Errors
/// If the carrier's run has stopped at a bound.
pub async fn place_calls(carrier: &Carrier, plan: Vec<Arrival>) -> Result<Placed, PlaceError> {
    let started = Instant::now();
    let mut placed = Placed { intended: plan.len(), ..Placed::default() };
    for arrival in plan {
        let intended = started + arrival.at;
        tokio::time::sleep_until(intended.into()).await;
        placed.latest_ms = placed.latest_ms.max(crate::clock::whole_ms(intended.elapsed()));
        match carrier.place_call(arrival.script) {
            Ok(_) => placed.placed += 1,
            Err(PlaceError::TooMany | PlaceError::TooManyWriters) => placed.not_placed += 1,
            Err(stopped) => return Err(stopped),
        }
    }
    Ok(placed)
}

#[cfg(test)]
mod tests {
    use super::{Mix, Profile, Spread, plan};
    use std::collections::BTreeSet;
    use std::time::Duration;

    fn profile(rate_per_s: f64) -> Profile {
        let mix = |area: &str| Mix {
            line: "988".to_owned(),
            area_code: area.to_owned(),
            state: "CA".to_owned(),
            presses: None,
            class: area.to_owned(),
        };
        Profile {
            rate_per_s,
            mix: vec![(mix("415"), 3), (mix("212"), 1)],
            patience: Spread::Exponential { mean_ms: 60_000.0, most_ms: 120_000 },
            talk: Spread::Even { low_ms: 1_000, high_ms: 2_000 },
            press_after: Spread::Fixed(1_000),
            leaves_while_connecting: (0.5, Spread::Fixed(300)),
        }
    }

    #[test]
    fn a_seed_gives_one_plan_within_its_bounds() {
        let made = |seed| plan(&profile(50.0), seed, Duration::from_secs(20), 10_000);
        let one = made(1);
        let starts = |seed| made(seed).iter().map(|arrival| arrival.at).collect::<Vec<_>>();
        assert_eq!(starts(1), starts(1));
        assert_ne!(starts(1), starts(2));
        assert!((800..1_200).contains(&one.len()));
        assert!(one.iter().all(|arrival| arrival.at < Duration::from_secs(20)));
        assert!(one.iter().all(|a| a.script.patience_ms <= 120_000 && (1_000..=2_000).contains(&a.script.talk_ms)));
        let numbers: BTreeSet<&str> = one.iter().map(|arrival| arrival.script.from.reveal()).collect();
        assert_eq!(numbers.len(), one.len());
        assert!(numbers.iter().all(|number| number.len() == 12));
        assert_eq!(plan(&profile(50.0), 1, Duration::from_secs(20), 7).len(), 7);
        assert!(plan(&profile(0.0), 1, Duration::from_secs(20), 7).is_empty());
    }
}
