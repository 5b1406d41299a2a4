//! People who call, as open-loop arrivals.
//!
//! Numbers are of the fictional 555 exchange and
//! onwards, one per call, so that no two calls of a run are the same person.

use crate::arrivals::{self, Arrival, Spread, Started, Stream};
use crate::carrier::{Carrier, PersonScript, PlaceError};
use crate::prng::Prng;
use std::time::Duration;

/// Numbers per area code, from 555-0000 on.
const NUMBERS_PER_AREA: usize = 4_000_000;

/// Of so many people one hangs up in the middle of a handoff when they have talked for as long as they wanted.
const LEAVES_ONE_IN: usize = 4;

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

/// The plan of a profile: at most `most` calls within `lasting`.
#[must_use]
pub fn plan(profile: &Profile, seed: u64, lasting: Duration, most: usize) -> Vec<Arrival<PersonScript>> {
    let stream = Stream { rate_per_s: profile.rate_per_s, mix: &profile.mix, lasting, most };
    stream.plan(&mut Prng::keyed(seed, &["callers"]), |mix, number, prng| script(profile, mix, number, prng))
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
pub async fn place_calls(carrier: &Carrier, plan: Vec<Arrival<PersonScript>>) -> Result<Started, PlaceError> {
    arrivals::start(plan, |script| carrier.place_call(script).map(drop)).await
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
