//! What has been counted since midnight, where midnight is the server's business: in the configured zone, with its summer time.
//!
//! Waits are a histogram that can be added to others, and exact sums; percentages and percentiles are only ever made from
//! them, never kept. What happened before this board began to count is not in it, and `since_ms` says from when.

use hdrhistogram::Histogram;
use holdfast_proto::router::v1::HandoffState;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

/// The longest wait told from longer ones, in milliseconds: a day.
const WAIT_MS_MAX: u64 = 86_400_000;

/// Digits a percentile is right to.
const DIGITS: u8 = 3;

/// Handoffs by what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub(crate) struct Handoffs {
    pub(crate) started: u64,
    pub(crate) completed: u64,
    pub(crate) returned: u64,
    pub(crate) cancelled: u64,
}

/// One day's counts.
#[derive(Debug)]
pub(crate) struct Today {
    zone: TimeZone,
    begins_at_ms: u64,
    ends_at_ms: u64,
    /// From when on it counts: midnight, or when this board began if that was later.
    pub(crate) since_ms: u64,
    pub(crate) arrived: u64,
    pub(crate) answered: u64,
    pub(crate) left: u64,
    pub(crate) handoffs: Handoffs,
    waits: Option<Histogram<u64>>,
    waits_sum_ms: u64,
}

impl Today {
    pub(crate) fn new(zone: TimeZone) -> Self {
        Self {
            zone,
            begins_at_ms: 0,
            ends_at_ms: 0,
            since_ms: 0,
            arrived: 0,
            answered: 0,
            left: 0,
            handoffs: Handoffs::default(),
            waits: None,
            waits_sum_ms: 0,
        }
    }

    /// Begins a new day if `now_ms` is in one. Counting began at `counting_since_ms`.
    pub(crate) fn turn(&mut self, now_ms: u64, counting_since_ms: u64) {
        if (self.begins_at_ms..self.ends_at_ms).contains(&now_ms) {
            return;
        }
        let (begins_at_ms, ends_at_ms) = day(&self.zone, now_ms);
        let since_ms = begins_at_ms.max(counting_since_ms);
        *self = Self { begins_at_ms, ends_at_ms, since_ms, ..Self::new(self.zone.clone()) };
    }

    /// Whether what happened at this moment is counted here.
    pub(crate) fn has(&self, at_ms: u64) -> bool {
        at_ms >= self.since_ms && self.ends_at_ms > 0
    }

    /// Somebody was answered after this long.
    pub(crate) fn answer(&mut self, wait_ms: u64) {
        self.answered += 1;
        self.waits_sum_ms = self.waits_sum_ms.saturating_add(wait_ms);
        if self.waits.is_none() {
            // The bounds are constants the histogram takes; if it did not, percentiles would be missing and nothing else.
            self.waits = Histogram::new_with_bounds(1, WAIT_MS_MAX, DIGITS).ok();
        }
        if let Some(waits) = &mut self.waits {
            waits.saturating_record(wait_ms.max(1));
        }
    }

    /// A handoff is over.
    pub(crate) fn hand_over(&mut self, state: HandoffState) {
        match state {
            HandoffState::Completed => self.handoffs.completed += 1,
            HandoffState::Returned => self.handoffs.returned += 1,
            HandoffState::Cancelled => self.handoffs.cancelled += 1,
            _ => {}
        }
    }

    /// Mean wait of those answered; none of nobody.
    pub(crate) fn mean_ms(&self) -> Option<u64> {
        self.waits_sum_ms.checked_div(self.answered)
    }

    /// Which wait so many percent of those answered did not exceed.
    pub(crate) fn percentile_ms(&self, percent: f64) -> Option<u64> {
        let waits = self.waits.as_ref().filter(|waits| !waits.is_empty())?;
        Some(waits.value_at_percentile(percent))
    }
}

/// When the day of a moment begins and ends. A moment no calendar knows counts as one endless day.
fn day(zone: &TimeZone, at_ms: u64) -> (u64, u64) {
    let bounds = || -> Option<(u64, u64)> {
        let moment = Timestamp::from_millisecond(i64::try_from(at_ms).ok()?).ok()?;
        let begins = moment.to_zoned_datetime(zone.clone()).start_of_day().ok()?;
        let ends = begins.tomorrow().ok()?.start_of_day().ok()?;
        let ms = |at: Timestamp| u64::try_from(at.as_millisecond()).unwrap_or(0);
        Some((ms(begins.timestamp()), ms(ends.timestamp())))
    };
    bounds().unwrap_or((0, u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: u64 = 3_600_000;

    fn at(text: &str) -> u64 {
        u64::try_from(text.parse::<Timestamp>().unwrap().as_millisecond()).unwrap()
    }

    #[test]
    fn a_day_with_a_change_of_the_clocks_is_23_or_25_hours_long() {
        let zone = TimeZone::get("America/New_York").unwrap();
        for (moment, begins, hours) in [
            ("2026-03-08T18:00:00Z", "2026-03-08T05:00:00Z", 23),
            ("2026-11-01T18:00:00Z", "2026-11-01T04:00:00Z", 25),
            ("2026-11-27T04:59:59.999Z", "2026-11-26T05:00:00Z", 24),
            ("2026-11-27T05:00:00Z", "2026-11-27T05:00:00Z", 24),
        ] {
            assert_eq!(day(&zone, at(moment)), (at(begins), at(begins) + hours * HOUR_MS), "{moment}");
        }
    }

    #[test]
    fn percentiles_come_from_what_was_counted() {
        let mut today = Today::new(TimeZone::UTC);
        assert_eq!((today.mean_ms(), today.percentile_ms(50.0)), (None, None));
        for second in 1..=100 {
            today.answer(second * 1_000);
        }
        assert_eq!(today.mean_ms(), Some(50_500));
        for (percent, expected_ms) in [(50.0, 50_000_u64), (90.0, 90_000), (99.0, 99_000)] {
            let found_ms = today.percentile_ms(percent).unwrap();
            assert!(found_ms.abs_diff(expected_ms) * 1_000 <= expected_ms, "{percent} %: {found_ms}");
        }
        today.answer(100 * WAIT_MS_MAX);
        assert_eq!(today.answered, 101);
    }
}
