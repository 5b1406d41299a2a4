//! The router's network time against this machine's wall clock, by which the carrier stamps its messages too.
//!
//! Network time begins as the wall clock and goes its own way when that jumps. Only a beat of the feed says what time it is:
//! what else comes says when it was decided. Until a beat of the writer that leads has come nothing is guessed, since by a wrong
//! guess a text that was sent is not found, or an older one of the same words is.

use std::time::{SystemTime, UNIX_EPOCH};

use tokio::sync::watch;
use tokio::time::Instant;

/// How far two machines' clocks may be apart before what one of them stamped is misjudged, in milliseconds. More would take
/// one message for an earlier one of the same words; less would not find what was sent.
pub(crate) const CLOCKS_APART_MS: i64 = 2_000;

/// Network time as one feed tells it.
#[derive(Debug)]
pub(crate) struct NetworkTime {
    heard: watch::Sender<Option<Heard>>,
    began: Instant,
}

#[derive(Debug, Clone, Copy)]
struct Heard {
    ahead_ms: i64,
    /// When this process began to follow, in network time.
    began_ms: i64,
}

impl Default for NetworkTime {
    fn default() -> Self {
        Self { heard: watch::Sender::new(None), began: Instant::now() }
    }
}

impl NetworkTime {
    /// A beat said what time it is.
    pub(crate) fn beat(&self, at_ms: u64) {
        let at_ms = signed(at_ms);
        let since_ms = i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX);
        let (ahead_ms, began_ms) = (at_ms.saturating_sub(wall_ms()), at_ms.saturating_sub(since_ms));
        self.heard.send_modify(|heard| {
            // A beat that comes late makes the beginning earlier than it was: the one that came soonest is right.
            let latest = heard.map_or(began_ms, |before| before.began_ms.max(began_ms));
            *heard = Some(Heard { ahead_ms, began_ms: latest });
        });
    }

    /// Another writer leads, by a clock of its own.
    pub(crate) fn forget(&self) {
        self.heard.send_replace(None);
    }

    /// Waits for a beat; not at all if one was heard. Bounded by the caller.
    pub(crate) async fn heard(&self) {
        let mut watched = self.heard.subscribe();
        // The sender lives as long as `self`, so this cannot end early.
        drop(watched.wait_for(Option::is_some).await);
    }

    /// A moment of network time by the wall clock. `None` before the first beat.
    pub(crate) fn wall(&self, network_ms: u64) -> Option<i64> {
        let heard = *self.heard.borrow();
        heard.map(|heard| signed(network_ms).saturating_sub(heard.ahead_ms))
    }

    /// Whether a moment is certainly after this process began to follow: never before the first beat.
    pub(crate) fn is_after_start(&self, network_ms: u64) -> bool {
        let heard = *self.heard.borrow();
        heard.is_some_and(|heard| signed(network_ms) > heard.began_ms.saturating_add(CLOCKS_APART_MS))
    }

    /// When this process began to follow: no process before it sends anything after that.
    pub(crate) fn began(&self) -> Instant {
        self.began
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
    use std::time::Duration;

    use super::*;

    const HOUR_MS: i64 = 3_600_000;
    /// Longer than a test takes.
    const MINUTE_MS: i64 = 60_000;

    #[test]
    fn network_time_that_went_its_own_way_is_brought_back() {
        for ahead_ms in [-HOUR_MS, 0, HOUR_MS] {
            let time = NetworkTime::default();
            let now = wall_ms();
            let network = now + ahead_ms;
            time.beat(unsigned(network));
            let written = time.wall(unsigned(network)).unwrap();
            assert!((now..now + MINUTE_MS).contains(&written), "{}", written - now);
            assert!(!time.is_after_start(unsigned(network)));
            assert!(time.is_after_start(unsigned(network + 2 * MINUTE_MS)));
        }
    }

    #[test]
    fn nothing_is_guessed_before_the_first_beat_of_a_writer() {
        let time = NetworkTime::default();
        let now = wall_ms();
        let unknown =
            |time: &NetworkTime| time.wall(unsigned(now)).is_none() && !time.is_after_start(unsigned(now + HOUR_MS));
        assert!(unknown(&time));
        time.beat(unsigned(now));
        assert!(!unknown(&time));
        time.forget();
        assert!(unknown(&time));
    }

    #[test]
    fn a_beat_that_comes_late_makes_nothing_newer_than_the_start() {
        let time = NetworkTime::default();
        let now = wall_ms();
        time.beat(unsigned(now));
        time.beat(unsigned(now - HOUR_MS));
        assert!(!time.is_after_start(unsigned(now)));
    }

    #[tokio::test]
    async fn the_wait_for_a_beat_ends_with_it_and_is_none_afterwards() {
        let time = NetworkTime::default();
        assert!(tokio::time::timeout(Duration::from_millis(20), time.heard()).await.is_err());
        tokio::join!(time.heard(), async { time.beat(unsigned(wall_ms())) });
        time.heard().await;
    }

    fn unsigned(ms: i64) -> u64 {
        u64::try_from(ms).unwrap()
    }
}
