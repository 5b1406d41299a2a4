//! One client's retries: paced by a budget that all its calls share, so that a server which fails is not asked ten times as often.
//!
//! A tenth of the requests may be retries, and a few a second whatever happens, so that a quiet client still finds out. A retry that
//! works gives its place back and two more: when the other side is there again, those who wait are through within a few rounds. A
//! command that has to wait for a place waits: it is given up by its own deadline and by nothing else. One layer retries; who
//! stands on it passes failures on.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};
use tonic::Status;

use crate::backoff::{Backoff, SystemDice, between, told};
use crate::metrics;

/// Retries for each request, in the long run.
const SHARE: f64 = 0.1;

/// Retries a second that a client has in any case.
pub const FLOOR_PER_S: f64 = 10.0;

/// Retries saved up by a client that did not need them.
pub const SAVED_MAX: f64 = 10.0;

/// Retries there may be at the most, once they work again.
pub const OPENED_MAX: f64 = 256.0;

/// How often somebody who waits for a place looks whether there is one. Costs the other side nothing.
const LOOK: Duration = Duration::from_millis(50);

/// The retries of one client to one server. Clones are the same.
#[derive(Debug, Clone)]
pub struct Retries {
    name: &'static str,
    began: Instant,
    budget: Arc<Mutex<Budget>>,
}

/// One call and the retries of it.
#[derive(Debug)]
pub struct Tries {
    retries: Retries,
    backoff: Backoff,
    again: u32,
}

impl Retries {
    /// With as much as may be saved up; `name` is the client's in metrics. Must be called inside a runtime.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        Self { name, began: Instant::now(), budget: Arc::new(Mutex::new(Budget::saved())) }
    }

    /// A first attempt is made; `backoff` paces those that follow.
    #[must_use]
    pub fn begin(&self, backoff: Backoff) -> Tries {
        self.asked();
        Tries { retries: self.clone(), backoff, again: 0 }
    }

    /// A request is made that is no retry, by somebody who keeps their own pauses.
    pub fn asked(&self) {
        self.lock().asked();
    }

    /// A retry worked, of somebody who keeps their own pauses.
    pub fn worked(&self) {
        self.lock().worked();
    }

    /// Waits for a place to retry in. Cancel-safe.
    pub async fn place(&self) {
        let mut held = false;
        while !self.lock().withdraw(self.began.elapsed()) {
            if !std::mem::replace(&mut held, true) {
                metrics::retry_held(self.name);
            }
            sleep(between(LOOK / 2, LOOK, &mut SystemDice)).await;
        }
        metrics::retried(self.name);
    }

    fn lock(&self) -> MutexGuard<'_, Budget> {
        self.budget.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tries {
    /// Waits until it may be tried again: the pause, or what the server asks for if that is longer, and then a place. False if
    /// `until` comes before that, and it should be given up.
    pub async fn again(&mut self, failed: Option<&Status>, until: Option<Instant>) -> bool {
        self.again = self.again.saturating_add(1);
        let asked = failed.and_then(told).unwrap_or_default();
        // Those who were told the same do not come back together.
        let asked = between(asked, asked + asked / 4, &mut SystemDice);
        let pause = self.backoff.wait(&mut SystemDice).max(asked);
        let Some(until) = until else {
            sleep(pause).await;
            self.retries.place().await;
            return true;
        };
        if Instant::now() + pause >= until {
            return false;
        }
        sleep(pause).await;
        tokio::time::timeout_at(until, self.retries.place()).await.is_ok()
    }

    /// The server has answered, as done or as refused for good: pauses begin anew.
    pub fn worked(&mut self) {
        self.backoff.reset();
        if std::mem::take(&mut self.again) > 0 {
            self.retries.worked();
        }
    }
}

/// Places for retries. Pure: time is given in.
#[derive(Debug)]
struct Budget {
    places: f64,
    at: Duration,
}

impl Budget {
    fn saved() -> Self {
        Self { places: SAVED_MAX, at: Duration::ZERO }
    }

    fn asked(&mut self) {
        self.earn(SHARE, SAVED_MAX);
    }

    fn worked(&mut self) {
        self.earn(3.0, OPENED_MAX);
    }

    fn withdraw(&mut self, now: Duration) -> bool {
        let since = now.saturating_sub(self.at);
        self.at = now.max(self.at);
        self.earn(since.as_secs_f64() * FLOOR_PER_S, SAVED_MAX);
        let there = self.places >= 1.0;
        if there {
            self.places -= 1.0;
        }
        there
    }

    /// More places, up to `most`; what is there beyond it already stays.
    fn earn(&mut self, places: f64, most: f64) {
        self.places = (self.places + places).min(most.max(self.places));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn when_everything_fails_retries_add_a_tenth_and_a_floor() {
        let mut budget = Budget::saved();
        let mut retries = 0_u32;
        // A thousand requests a second for ten seconds, each of which would be tried again at every millisecond.
        for now_ms in 0..10_000 {
            budget.asked();
            while budget.withdraw(ms(now_ms)) {
                retries += 1;
            }
        }
        assert!((1_090..=1_111).contains(&retries), "{retries}");
    }

    #[test]
    fn a_quiet_client_may_retry_and_one_that_waits_is_never_forgotten() {
        let mut budget = Budget::saved();
        let retries = (0..60_000).filter(|now_ms| budget.withdraw(ms(*now_ms))).count();
        assert!((600..=611).contains(&retries), "{retries}");
    }

    #[test]
    fn once_retries_work_those_who_wait_are_through_within_a_few_rounds() {
        let mut budget = Budget::saved();
        while budget.withdraw(ms(0)) {}
        let (mut waiting, mut rounds) = (1_000_u32, 0_u64);
        while waiting > 0 {
            rounds += 1;
            // One look of everybody each 50 ms; who gets a place is answered.
            let through = (0..waiting).take_while(|_| budget.withdraw(ms(rounds * 50))).count();
            for _ in 0..through {
                budget.worked();
            }
            waiting -= u32::try_from(through).unwrap();
        }
        assert!(rounds <= 20, "{rounds}");
        assert!(budget.places <= OPENED_MAX);
    }

    #[tokio::test(start_paused = true)]
    async fn a_command_without_a_place_waits_for_one_until_its_deadline() {
        let retries = Retries::new("test");
        let backoff = || Backoff::new(ms(1), ms(1));
        // Two hundred that fail together, and go on failing for a second.
        let mut standing = Vec::new();
        for _ in 0..200 {
            let mut tries = retries.begin(backoff());
            standing.push(tokio::spawn(async move {
                let until = Instant::now() + Duration::from_secs(1);
                let mut retried = 0;
                while tries.again(None, Some(until)).await {
                    retried += 1;
                }
                retried
            }));
        }
        let mut retried = 0;
        for one in standing {
            retried += one.await.unwrap();
        }
        assert!((15..=21).contains(&retried), "{retried}: ten saved, ten for the second");
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_server_asks_for_is_kept_unless_the_deadline_comes_before() {
        let retries = Retries::new("test");
        let mut tries = retries.begin(Backoff::new(ms(1), ms(1)));
        let later = crate::admission::later(tonic_types::ErrorDetails::new(), Duration::from_secs(3), "later");
        let began = Instant::now();
        assert!(tries.again(Some(&later), None).await);
        let waited = began.elapsed();
        assert!((ms(3_000)..ms(3_800)).contains(&waited), "{waited:?}");
        assert!(!tries.again(Some(&later), Some(Instant::now() + ms(2_000))).await);
        assert_eq!(told(&Status::unavailable("away")), None);
    }
}
