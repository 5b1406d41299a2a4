//! The last sixty minutes of the whole network, a point a minute: what came, how many waited, how many were answered.
//!
//! A minute's share counts those who still waited beyond the threshold when the minute ended, as the tile does, so that a
//! surge is seen while it lasts.

use std::collections::BTreeMap;

use crate::figures::Share;

/// Points kept, and shown.
pub(crate) const MINUTES_MAX: usize = 60;

/// One minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Minute {
    pub(crate) arrived: u64,
    /// How many waited at its end, or wait now.
    pub(crate) waiting: u64,
    /// Of those, beyond the threshold.
    pub(crate) overdue: u64,
    /// Connected within the threshold.
    pub(crate) within: u64,
    /// Connected at all, left, or diverted late.
    pub(crate) finished: u64,
}

impl Minute {
    pub(crate) fn answered(self) -> Share {
        Share { part: self.within, whole: self.finished + self.overdue }
    }
}

/// The minutes, by their number since 1970.
#[derive(Debug, Default)]
pub(crate) struct Hour {
    minutes: BTreeMap<u64, Minute>,
    first: Option<u64>,
}

impl Hour {
    /// The minute of a moment, to add to; none if it is out of the hour, or before counting began.
    pub(crate) fn at(&mut self, at_ms: u64, now_ms: u64) -> Option<&mut Minute> {
        let now = now_ms / 60_000;
        // A moment in the future is a clock that differs: it counts as now.
        let minute = (at_ms / 60_000).min(now);
        let first = *self.first.get_or_insert(now);
        let oldest = oldest(now).max(first);
        if minute < oldest {
            return None;
        }
        self.minutes = self.minutes.split_off(&oldest);
        Some(self.minutes.entry(minute).or_default())
    }

    /// Notes how many wait now.
    pub(crate) fn sample(&mut self, now_ms: u64, waiting: u64, overdue: u64) {
        if let Some(minute) = self.at(now_ms, now_ms) {
            (minute.waiting, minute.overdue) = (waiting, overdue);
        }
    }

    /// Every minute from the first that was counted, oldest first, with its beginning. A minute in which nobody looked has
    /// as many waiting as the one before.
    pub(crate) fn points(&self, now_ms: u64) -> Vec<(u64, Minute)> {
        let now = now_ms / 60_000;
        let Some(first) = self.first else { return Vec::new() };
        let mut before = Minute::default();
        (first.max(oldest(now))..=now)
            .map(|number| {
                let carried = Minute { waiting: before.waiting, overdue: before.overdue, ..Minute::default() };
                before = self.minutes.get(&number).copied().unwrap_or(carried);
                (number * 60_000, before)
            })
            .collect()
    }
}

fn oldest(now: u64) -> u64 {
    (now + 1).saturating_sub(u64::try_from(MINUTES_MAX).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixty_points_at_most_and_none_from_before_counting() {
        let minute = 60_000;
        let mut hour = Hour::default();
        hour.sample(100 * minute, 4, 1);
        assert!(hour.at(99 * minute, 100 * minute).is_none());
        hour.at(100 * minute, 100 * minute).unwrap().arrived = 3;
        // Nobody looked for two minutes: as many waited, and nobody arrived.
        let points = hour.points(102 * minute);
        assert_eq!(points.len(), 3);
        assert_eq!(points[2], (102 * minute, Minute { waiting: 4, overdue: 1, ..Minute::default() }));
        assert_eq!(points[0].1.arrived, 3);
        hour.sample(170 * minute, 0, 0);
        let points = hour.points(170 * minute);
        assert_eq!((points.len(), points[0].0), (60, 111 * minute));
        assert!(hour.at(110 * minute, 170 * minute).is_none());
    }
}
