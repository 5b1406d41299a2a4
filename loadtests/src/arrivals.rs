//! Open-loop arrivals: people come when the plan says, whether or not Holdfast keeps up.
//!
//! A plan is pure and comes from a seed; starting it only waits and begins. Who comes, and what they do, is for [`crate::callers`]
//! and [`crate::writers`].

use crate::carrier::PlaceError;
use crate::prng::Prng;
use serde::Serialize;
use std::time::{Duration, Instant};

/// The most arrivals one plan may hold.
pub const ARRIVALS_MOST: usize = 1_000_000;

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

/// One planned arrival.
#[derive(Clone, Debug)]
pub struct Arrival<Script> {
    /// Intended start, after the plan's start.
    pub at: Duration,
    /// Who comes, and what they do.
    pub script: Script,
}

/// How the starting went. Lateness is the generator's own: large numbers mean that this machine is too slow for the plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Started {
    /// Arrivals in the plan.
    pub intended: usize,
    /// Begun.
    pub started: usize,
    /// Not begun because the carrier was full.
    pub not_started: usize,
    /// The worst lateness of a start against its intended time, milliseconds.
    pub latest_ms: u64,
}

/// Who comes how often, Poisson, in one plan.
pub(crate) struct Stream<'a, Mix> {
    pub(crate) rate_per_s: f64,
    pub(crate) mix: &'a [(Mix, u32)],
    pub(crate) lasting: Duration,
    pub(crate) most: usize,
}

impl<Mix> Stream<'_, Mix> {
    /// The plan: `script` is asked for each arrival in order, with its number from 0.
    pub(crate) fn plan<Script>(
        &self,
        prng: &mut Prng,
        script: impl Fn(&Mix, usize, &mut Prng) -> Script,
    ) -> Vec<Arrival<Script>> {
        let mut arrivals = Vec::new();
        if self.rate_per_s <= 0.0 {
            return arrivals;
        }
        let mut at = Duration::ZERO;
        while arrivals.len() < self.most.min(ARRIVALS_MOST) {
            let gap_s = prng.exponential(1.0 / self.rate_per_s);
            at = at.saturating_add(Duration::try_from_secs_f64(gap_s).unwrap_or(self.lasting));
            if at >= self.lasting {
                break;
            }
            let Some(mix) = prng.choose(self.mix) else { break };
            let script = script(mix, arrivals.len(), prng);
            arrivals.push(Arrival { at, script });
        }
        arrivals
    }
}

/// Begins what a plan holds at its intended times, counted from now. Resolves when the last has begun, not when it is over.
///
/// # Errors
/// If the carrier's run has stopped at a bound.
pub(crate) async fn start<Script>(
    plan: Vec<Arrival<Script>>,
    begin: impl Fn(Script) -> Result<(), PlaceError>,
) -> Result<Started, PlaceError> {
    let since = Instant::now();
    let mut how = Started { intended: plan.len(), ..Started::default() };
    for arrival in plan {
        let intended = since + arrival.at;
        tokio::time::sleep_until(intended.into()).await;
        how.latest_ms = how.latest_ms.max(crate::clock::whole_ms(intended.elapsed()));
        match begin(arrival.script) {
            Ok(()) => how.started += 1,
            Err(PlaceError::TooMany | PlaceError::TooManyWriters) => how.not_started += 1,
            Err(stopped) => return Err(stopped),
        }
    }
    Ok(how)
}
