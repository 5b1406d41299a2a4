//! The router's network time against this machine's wall clock, by which the carrier stamps its messages too.
//!
//! Network time begins as the wall clock and goes its own way when that jumps. The router tells it with every beat of the feed;
//! before the first they are taken to be the same.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// How far two machines' clocks may be apart before what one of them stamped is misjudged, in milliseconds. More would take
/// one message for an earlier one of the same words; less would not find what was sent.
pub(crate) const CLOCKS_APART_MS: i64 = 2_000;

/// Network time as one feed tells it.
#[derive(Debug)]
pub(crate) struct NetworkTime {
    ahead_ms: AtomicI64,
    /// When this process began to follow, by the wall clock.
    began_ms: i64,
}

impl Default for NetworkTime {
    fn default() -> Self {
        Self { ahead_ms: AtomicI64::new(0), began_ms: wall_ms() }
    }
}

impl NetworkTime {
    /// The router said what time it is.
    pub(crate) fn heard(&self, at_ms: u64) {
        self.ahead_ms.store(signed(at_ms).saturating_sub(wall_ms()), Ordering::Relaxed);
    }

    /// A moment of network time by the wall clock.
    pub(crate) fn wall(&self, network_ms: u64) -> i64 {
        signed(network_ms).saturating_sub(self.ahead_ms.load(Ordering::Relaxed))
    }

    /// Whether a moment is certainly after this process began to follow.
    pub(crate) fn is_after_start(&self, network_ms: u64) -> bool {
        self.wall(network_ms) > self.began_ms.saturating_add(CLOCKS_APART_MS)
    }
}

fn wall_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

fn signed(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_time_that_went_its_own_way_is_brought_back() {
        let time = NetworkTime::default();
        let now = wall_ms();
        assert_eq!(time.wall(signed_back(now)), now);
        let hour = 3_600_000;
        time.heard(signed_back(now - hour));
        let written = time.wall(signed_back(now - hour));
        assert!((now..now + 60_000).contains(&written), "{}", written - now);
        assert!(!time.is_after_start(signed_back(now - hour)));
        assert!(time.is_after_start(signed_back(now - hour + 2 * 60_000)));
    }

    fn signed_back(ms: i64) -> u64 {
        u64::try_from(ms).unwrap()
    }
}
