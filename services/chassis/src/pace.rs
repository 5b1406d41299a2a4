//! Paced arrivals: when many come at one moment, they are let in at a rate, and the others are told when to come back.
//!
//! After a restart ten thousand desks knock within a second, and each of them costs the router a command and a snapshot. Whoever is
//! over the rate is given a turn: the first of them soon, each further one later by one interval, drawn a little apart, so that they
//! do not meet again. Whoever is with a person goes before who is not. Contacts never come through here.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::backoff::{SystemDice, between};
use crate::metrics;
use crate::pressure::{Level, Pressure};

/// How fast somebody may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many a second while the router is calm; at least 1.
    pub per_s: u32,
    /// The same while it is pressed.
    pub pressed_per_s: u32,
    /// How many seconds of the rate may be saved up by those who did not come; at least 1.
    pub saved_s: u32,
    /// The longest that anybody is told to stay away at one time.
    pub away_max: Duration,
}

/// One door's pace. Clones are the same door.
#[derive(Debug, Clone)]
pub struct Pace {
    began: Instant,
    name: &'static str,
    rate: Rate,
    pressure: Pressure,
    before: Option<Arc<Pace>>,
    bucket: Arc<Mutex<Bucket>>,
}

impl Pace {
    /// A door by this name in the metrics, with everything saved up.
    #[must_use]
    pub fn new(name: &'static str, rate: Rate, pressure: Pressure) -> Self {
        let saved = f64::from(rate.per_s.max(1)) * f64::from(rate.saved_s.max(1));
        Self {
            began: Instant::now(),
            name,
            rate,
            pressure,
            before: None,
            bucket: Arc::new(Mutex::new(Bucket::full(saved))),
        }
    }

    /// Lets nobody in here while there are any who were told to come back at `other`.
    #[must_use]
    pub fn after(mut self, other: Self) -> Self {
        self.before = Some(Arc::new(other));
        self
    }

    /// Lets one more in. `ahead`: somebody who is with a person, and goes before those who are not.
    ///
    /// # Errors
    /// Not now; the time to stay away, drawn by lot.
    pub fn enter(&self, ahead: bool) -> Result<(), Duration> {
        let rush = self.before.as_ref().map_or(Duration::ZERO, |other| other.rush());
        let now = self.began.elapsed();
        let calm = self.pressure.level() == Level::Calm;
        let per_s = f64::from(if calm { self.rate.per_s } else { self.rate.pressed_per_s }.max(1));
        let pace = (per_s, per_s * f64::from(self.rate.saved_s.max(1)));
        let entered = self.lock().enter(now, pace, ahead, rush, self.rate.away_max);
        entered.map_err(|turn| {
            metrics::paced(self.name);
            let most = self.rate.away_max;
            // Beyond the bound there are no turns left to be given apart; a lot spreads them.
            if turn >= most {
                between(most / 2, most, &mut SystemDice)
            } else {
                between(turn, turn + turn / 4, &mut SystemDice).min(most)
            }
        })
    }

    /// For how much longer somebody has a turn to come.
    fn rush(&self) -> Duration {
        self.lock().given_until.saturating_sub(self.began.elapsed())
    }

    fn lock(&self) -> MutexGuard<'_, Bucket> {
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A bucket of places that fills at the rate. Pure: time is given in.
#[derive(Debug)]
struct Bucket {
    /// Places there are; below zero when somebody who goes ahead took one of the next moment.
    places: f64,
    at: Duration,
    /// The last turn that was given to somebody who came in vain.
    given_until: Duration,
}

impl Bucket {
    fn full(places: f64) -> Self {
        Self { places, at: Duration::ZERO, given_until: Duration::ZERO }
    }

    /// Takes a place, or gives the time until a turn. Nobody has a turn before `rush` is over. A turn is kept for nobody who is to come
    /// again before it: they knock for another one then, and whoever comes after them would wait for both.
    fn enter(
        &mut self,
        now: Duration,
        (per_s, most): (f64, f64),
        ahead: bool,
        rush: Duration,
        away_max: Duration,
    ) -> Result<(), Duration> {
        self.places = (self.places + now.saturating_sub(self.at).as_secs_f64() * per_s).min(most);
        self.at = now.max(self.at);
        // Who goes ahead may take what comes within the next second: the others have their turn after it.
        let least = if ahead { 1.0 - per_s } else { 1.0 };
        if self.places >= least && (ahead || rush.is_zero()) {
            self.places -= 1.0;
            return Ok(());
        }
        let interval = Duration::from_secs_f64(1.0 / per_s);
        let empty_for = Duration::from_secs_f64((least - self.places).max(0.0) / per_s);
        let soonest = now + empty_for.max(rush);
        let turn = self.given_until.max(soonest) + interval;
        if turn - now < away_max {
            self.given_until = turn;
        }
        Err(turn - now)
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Reverse;
    use std::collections::BinaryHeap;

    use super::*;

    const RUSH: Duration = Duration::ZERO;
    const AWAY: Duration = Duration::from_secs(10);

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn ten_thousand_at_once_are_all_in_within_four_seconds_and_never_faster_than_the_rate() {
        let mut bucket = Bucket::full(2_500.0);
        // When each comes next; every one of them comes first within the same second.
        let mut coming: BinaryHeap<Reverse<Duration>> = (0..10_000).map(|n| Reverse(ms(n / 10))).collect();
        let (mut entered, mut turned_away): (Vec<Duration>, u32) = (Vec::new(), 0);
        while let Some(Reverse(now)) = coming.pop() {
            match bucket.enter(now, (2_500.0, 2_500.0), false, RUSH, AWAY) {
                Ok(()) => entered.push(now),
                Err(turn) => {
                    turned_away += 1;
                    coming.push(Reverse(now + turn));
                }
            }
        }
        assert!(*entered.last().unwrap() <= ms(4_000), "{:?}", entered.last());
        for second in 0..4 {
            let within =
                entered.iter().filter(|at| (ms(second * 1_000)..ms(second * 1_000 + 1_000)).contains(at)).count();
            assert!(within <= 5_001, "{within} in second {second}");
        }
        assert!(turned_away <= 10_000, "nobody comes in vain more than once: {turned_away}");
    }

    #[test]
    fn who_is_with_a_person_goes_before_who_is_not() {
        let mut bucket = Bucket::full(1.0);
        bucket.enter(ms(0), (10.0, 10.0), false, RUSH, AWAY).unwrap();
        bucket.enter(ms(0), (10.0, 10.0), false, RUSH, AWAY).unwrap_err();
        for _ in 0..9 {
            bucket.enter(ms(0), (10.0, 10.0), true, RUSH, AWAY).unwrap();
        }
        // What they took of the next second is missing to the others, who wait for it.
        let turn = bucket.enter(ms(100), (10.0, 10.0), false, RUSH, AWAY).unwrap_err();
        assert!(turn >= ms(900), "{turn:?}");
        bucket.enter(ms(100), (10.0, 10.0), true, RUSH, AWAY).unwrap();
    }

    #[test]
    fn while_others_rush_nobody_enters_behind_them() {
        let mut bucket = Bucket::full(5.0);
        let turn = bucket.enter(ms(0), (5.0, 5.0), false, ms(3_000), AWAY).unwrap_err();
        assert_eq!(turn, ms(3_200));
        bucket.enter(ms(3_200), (5.0, 5.0), false, RUSH, AWAY).unwrap();
    }

    #[test]
    fn who_comes_again_and_again_keeps_nobody_else_away_for_longer() {
        let mut bucket = Bucket::full(1.0);
        bucket.enter(ms(0), (1.0, 1.0), false, RUSH, ms(5_000)).unwrap();
        for _ in 0..1_000 {
            bucket.enter(ms(0), (1.0, 1.0), false, RUSH, ms(5_000)).unwrap_err();
        }
        assert!(bucket.given_until < ms(5_000), "{:?}", bucket.given_until);
    }

    #[test]
    fn nobody_is_kept_away_longer_than_the_bound_and_boards_come_after_desks() {
        let rate = Rate { per_s: 1, pressed_per_s: 1, saved_s: 1, away_max: ms(5_000) };
        let desks = Pace::new("desk", rate, Pressure::default());
        let boards = Pace::new("board", Rate { per_s: 100, ..rate }, Pressure::default()).after(desks.clone());
        desks.enter(false).unwrap();
        boards.enter(false).unwrap();
        for _ in 0..100 {
            assert!(desks.enter(false).unwrap_err() <= ms(5_000));
        }
        let away = boards.enter(false).unwrap_err();
        assert!((ms(2_500)..=ms(5_000)).contains(&away), "{away:?}");
    }
}
