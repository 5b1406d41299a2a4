//! What rounds gather, and what comes of them.

use serde::Serialize;
use std::time::Duration;

/// Percentiles of a time, microseconds.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Times {
    /// Half were at most this.
    pub p50: f64,
    /// 99 of 100.
    pub p99: f64,
    /// 999 of 1000.
    pub p999: f64,
    /// The longest.
    pub most: f64,
}

impl Times {
    /// Of these, in any order.
    #[must_use]
    pub fn of(mut all_us: Vec<u64>) -> Self {
        all_us.sort_unstable();
        let at = |part: f64| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "a rank among far fewer than 2^52"
            )]
            let rank = ((all_us.len() as f64 * part).ceil() as usize).saturating_sub(1);
            #[expect(clippy::cast_precision_loss, reason = "microseconds of a run")]
            let value = all_us.get(rank).copied().unwrap_or(0) as f64;
            value
        };
        Self { p50: at(0.5), p99: at(0.99), p999: at(0.999), most: at(1.0) }
    }
}

/// One round, or several added up.
#[derive(Clone, Debug, Serialize)]
pub struct Round {
    /// People who called and were taken.
    pub contacts: usize,
    /// Of them in a second.
    pub rate_per_s: f64,
    /// Processor time of the server for each, microseconds.
    pub cpu_us_per_contact: f64,
    /// From the moment the webhook was due to its answer.
    pub answered_us: Times,
    /// To the moment a desk was told.
    pub told_us: Times,
    /// To the moment the accept was answered.
    pub taken_us: Times,
}

/// What a round has measured.
#[derive(Debug, Default)]
pub struct Sum {
    /// People who called and were taken.
    pub contacts: usize,
    /// How long it took.
    pub lasted: Duration,
    /// Processor time of the server, microseconds.
    pub cpu_us: u64,
    /// From due to answered.
    pub answered_us: Vec<u64>,
    /// From due to told.
    pub told_us: Vec<u64>,
    /// From due to taken.
    pub taken_us: Vec<u64>,
}

impl Sum {
    /// Another round.
    pub fn add(&mut self, other: Self) {
        self.contacts += other.contacts;
        self.lasted += other.lasted;
        self.cpu_us += other.cpu_us;
        self.answered_us.extend(other.answered_us);
        self.told_us.extend(other.told_us);
        self.taken_us.extend(other.taken_us);
    }

    /// What comes of it.
    #[must_use]
    pub fn round(self) -> Round {
        #[expect(clippy::cast_precision_loss, reason = "counts of a run")]
        let (contacts, cpu_us) = (self.contacts as f64, self.cpu_us as f64);
        Round {
            contacts: self.contacts,
            rate_per_s: contacts / self.lasted.as_secs_f64(),
            cpu_us_per_contact: cpu_us / contacts,
            answered_us: Times::of(self.answered_us),
            told_us: Times::of(self.told_us),
            taken_us: Times::of(self.taken_us),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Times;

    #[test]
    fn percentiles_are_ranks() {
        let times = Times::of((1..=100).rev().collect());
        assert_eq!((times.p50, times.p99, times.most), (50.0, 99.0, 100.0));
        assert_eq!(Times::of(Vec::new()).most, 0.0);
    }
}
