//! What happened in the last thirty minutes, as counts and histograms that add up: never as percentages.
//!
//! One tally per queue and minute, so that a region's figure is summed and not averaged, and forgetting is dropping a
//! minute. The window is exact to the minute.

use std::collections::BTreeMap;

/// The upper edges waits are counted by, in seconds; one more bucket holds the rest.
pub(crate) const EDGES_S: [u64; 14] = [1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600];

/// How far the window reaches, in minutes.
pub(crate) const WINDOW_MIN: u64 = 30;

const BUCKETS: usize = EDGES_S.len() + 1;

/// Waits by edge. A wait of exactly an edge is within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Waits {
    counts: [u64; BUCKETS],
}

impl Waits {
    pub(crate) fn add(&mut self, wait_ms: u64) {
        let bucket = EDGES_S.partition_point(|edge_s| edge_s * 1_000 < wait_ms);
        if let Some(count) = self.counts.get_mut(bucket) {
            *count += 1;
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(other.counts) {
            *count += more;
        }
    }

    pub(crate) fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// How many were at most `edge_s`, which must be one of [`EDGES_S`].
    pub(crate) fn within(&self, edge_s: u64) -> u64 {
        let buckets = EDGES_S.partition_point(|edge| *edge <= edge_s);
        self.counts.iter().take(buckets).sum()
    }
}

/// What happened in one queue in one minute, or in any sum of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Tally {
    /// Contacts that entered the queue.
    pub(crate) entered: u64,
    /// Waits of those that were connected.
    pub(crate) connected: Waits,
    /// Those that left before anybody talked with them, having waited at least the short time.
    pub(crate) left: u64,
    /// Those that left sooner.
    pub(crate) left_short: u64,
    /// Waits of those that another service confirmed to have.
    pub(crate) diverted: Waits,
}

impl Tally {
    pub(crate) fn merge(&mut self, other: &Self) {
        self.entered += other.entered;
        self.connected.merge(&other.connected);
        self.left += other.left;
        self.left_short += other.left_short;
        self.diverted.merge(&other.diverted);
    }
}

/// The last thirty minutes, by queue. Bounded by [`WINDOW_MIN`] tallies a queue; queues are bounded by their owner.
#[derive(Debug, Default)]
pub(crate) struct Window {
    minutes: BTreeMap<u64, BTreeMap<usize, Tally>>,
}

impl Window {
    /// The tally of a queue at a moment, to add to; none if that moment is out of the window.
    pub(crate) fn at(&mut self, queue: usize, at_ms: u64, now_ms: u64) -> Option<&mut Tally> {
        self.forget(now_ms);
        let (minute, now) = (at_ms / 60_000, now_ms / 60_000);
        // A moment in the future is a clock that differs: it counts as now.
        let minute = minute.min(now);
        if minute + WINDOW_MIN <= now {
            return None;
        }
        Some(self.minutes.entry(minute).or_default().entry(queue).or_default())
    }

    /// Sums by queue.
    pub(crate) fn sums(&self, now_ms: u64) -> BTreeMap<usize, Tally> {
        let first = first_minute(now_ms);
        let mut sums: BTreeMap<usize, Tally> = BTreeMap::new();
        for queues in self.minutes.range(first..).map(|(_, queues)| queues) {
            for (queue, tally) in queues {
                sums.entry(*queue).or_default().merge(tally);
            }
        }
        sums
    }

    fn forget(&mut self, now_ms: u64) {
        self.minutes = self.minutes.split_off(&first_minute(now_ms));
    }
}

fn first_minute(now_ms: u64) -> u64 {
    (now_ms / 60_000 + 1).saturating_sub(WINDOW_MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_is_within_itself_and_histograms_add_up() {
        let (mut one, mut two) = (Waits::default(), Waits::default());
        one.add(20_000);
        one.add(20_001);
        two.add(0);
        two.add(700_000);
        assert_eq!((one.within(20), one.within(30), one.total()), (1, 2, 2));
        one.merge(&two);
        assert_eq!((one.within(1), one.within(20), one.within(600), one.total()), (1, 2, 3, 4));
    }

    #[test]
    fn what_is_older_than_thirty_minutes_is_forgotten() {
        let minute = 60_000;
        let mut window = Window::default();
        window.at(0, minute, minute).unwrap().entered = 1;
        window.at(0, 20 * minute, 20 * minute).unwrap().entered = 10;
        let entered = |window: &Window, now_ms| window.sums(now_ms).get(&0).map_or(0, |tally| tally.entered);
        assert_eq!(entered(&window, 30 * minute), 11);
        assert_eq!(entered(&window, 31 * minute), 10);
        assert!(window.at(0, minute, 31 * minute).is_none());
        assert_eq!(entered(&window, 50 * minute), 0);
    }
}
