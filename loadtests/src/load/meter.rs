//! What a run measures: times of each second for the plots, histograms of each phase for the verdict, and counts.

use hdrhistogram::Histogram;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The longest time that is told apart, microseconds: an hour.
const LONGEST_US: u64 = 3_600_000_000;

/// What is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timed {
    /// A webhook, from when it was due to its good answer.
    Ack,
    /// A first offer, from when a person waited and a desk was free until the desk was told.
    Offer,
    /// What a board shows: how much older than its beat.
    Board,
    /// The generator itself: from when a webhook was due until it was begun.
    Late,
}

pub(crate) const TIMED: usize = 4;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counted {
    /// People due.
    Due,
    /// People acknowledged.
    Acked,
    /// People who were offered.
    Told,
    /// People who were accepted.
    Taken,
    /// Webhooks without a good answer in time.
    Unanswered,
    /// Webhooks.
    Hooks,
    /// Texts that Holdfast sent.
    Texts,
}

pub(crate) const COUNTED: usize = 7;

/// One second.
#[derive(Clone, Debug, Default)]
pub(crate) struct Second {
    pub(crate) times_us: [Vec<u32>; TIMED],
    pub(crate) counts: [u64; COUNTED],
}

struct Inner {
    seconds: Vec<Second>,
    phases: Vec<[Histogram<u64>; TIMED]>,
    borders_us: Vec<u64>,
}

/// All measurements of a run.
pub(crate) struct Meter {
    inner: Mutex<Inner>,
    /// When what is measured began, microseconds of the run; before it nothing is.
    began_us: AtomicU64,
}

#[expect(clippy::expect_used, reason = "the bounds are constants, in order, which is all that could be wrong")]
fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, LONGEST_US, 3).expect("constants in order")
}

impl Meter {
    /// For phases with these borders, seconds after the beginning.
    pub(crate) fn new(borders_us: Vec<u64>) -> Self {
        let phases = borders_us.iter().skip(1).map(|_| std::array::from_fn(|_| histogram())).collect();
        Self {
            inner: Mutex::new(Inner { seconds: Vec::new(), phases, borders_us }),
            began_us: AtomicU64::new(u64::MAX),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on it is measured.
    pub(crate) fn begin(&self, now_us: u64) {
        self.began_us.store(now_us, Ordering::Relaxed);
    }

    /// Microseconds since the beginning; none before it.
    pub(crate) fn since_us(&self, now_us: u64) -> Option<u64> {
        now_us.checked_sub(self.began_us.load(Ordering::Relaxed))
    }

    /// A time of something that was due at `due_us`.
    pub(crate) fn time(&self, what: Timed, due_us: u64, took_us: u64) {
        let Some(at_us) = self.since_us(due_us) else { return };
        let mut inner = self.lock();
        let inner = &mut *inner;
        let phase = inner.borders_us.partition_point(|border| *border <= at_us);
        if let Some(of) = phase.checked_sub(1).and_then(|it| inner.phases.get_mut(it)) {
            of[what as usize].saturating_record(took_us.max(1));
        }
        if let Some(second) = second(&mut inner.seconds, at_us) {
            second.times_us[what as usize].push(u32::try_from(took_us).unwrap_or(u32::MAX));
        }
    }

    /// Something happened at `at_us`.
    pub(crate) fn count(&self, what: Counted, at_us: u64) {
        let Some(at_us) = self.since_us(at_us) else { return };
        if let Some(second) = second(&mut self.lock().seconds, at_us) {
            second.counts[what as usize] += 1;
        }
    }

    /// How often something happened in these seconds of the run.
    pub(crate) fn counted(&self, what: Counted, seconds: std::ops::Range<usize>) -> u64 {
        let inner = self.lock();
        seconds.filter_map(|it| inner.seconds.get(it)).map(|second| second.counts[what as usize]).sum()
    }

    /// The times of something in these seconds.
    pub(crate) fn times(&self, what: Timed, seconds: std::ops::Range<usize>) -> Vec<u32> {
        let inner = self.lock();
        seconds
            .filter_map(|it| inner.seconds.get(it))
            .flat_map(|it| it.times_us[what as usize].iter().copied())
            .collect()
    }

    /// Begins anew with other borders, from which on phases are counted; seconds go on.
    pub(crate) fn rephase(&self, borders_us: Vec<u64>) {
        let mut inner = self.lock();
        inner.phases = borders_us.iter().skip(1).map(|_| std::array::from_fn(|_| histogram())).collect();
        inner.borders_us = borders_us;
    }

    /// All seconds, and the histograms of all phases.
    pub(crate) fn read(&self) -> (Vec<Second>, Vec<[Histogram<u64>; TIMED]>) {
        let inner = self.lock();
        (inner.seconds.clone(), inner.phases.clone())
    }
}

fn second(seconds: &mut Vec<Second>, at_us: u64) -> Option<&mut Second> {
    let number = usize::try_from(at_us / 1_000_000).ok()?;
    if seconds.len() <= number {
        seconds.resize_with(number + 1, Second::default);
    }
    seconds.get_mut(number)
}

/// The percentile of some times: the smallest that is not smaller than `part` of them. None of none.
pub(crate) fn percentile(times_us: &mut [u32], part: f64) -> Option<u32> {
    times_us.sort_unstable();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a rank among far fewer than 2^52"
    )]
    let rank = ((times_us.len() as f64 * part).ceil() as usize).saturating_sub(1);
    times_us.get(rank).copied()
}

#[cfg(test)]
mod tests {
    use super::{Counted, Meter, Timed, percentile};

    #[test]
    fn times_belong_to_the_second_and_phase_in_which_they_were_due() {
        let meter = Meter::new(vec![0, 2_000_000, 5_000_000]);
        meter.time(Timed::Ack, 1, 1);
        meter.begin(10_000_000);
        meter.time(Timed::Ack, 9_999_999, 7);
        for (due_us, took_us) in [(10_000_000, 100), (11_500_000, 300), (12_000_000, 4_000_000)] {
            meter.time(Timed::Ack, due_us, took_us);
        }
        meter.count(Counted::Due, 12_100_000);
        let (seconds, phases) = meter.read();
        assert_eq!(seconds.iter().map(|it| it.times_us[0].len()).collect::<Vec<_>>(), [1, 1, 1]);
        assert_eq!((phases[0][0].len(), phases[0][0].max(), phases[1][0].len()), (2, 300, 1));
        assert!((phases[1][0].max() as i64 - 4_000_000).abs() < 8_000);
        assert_eq!((meter.counted(Counted::Due, 0..3), meter.counted(Counted::Due, 0..2)), (1, 0));
    }

    #[test]
    fn a_percentile_is_one_of_the_times() {
        let mut hundred: Vec<u32> = (1..=100).rev().collect();
        assert_eq!(percentile(&mut hundred, 0.99), Some(99));
        assert_eq!(percentile(&mut hundred, 0.5), Some(50));
        assert_eq!(percentile(&mut [7], 0.99), Some(7));
        assert_eq!(percentile(&mut [], 0.5), None);
    }
}
