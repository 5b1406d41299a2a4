//! One clock for a whole run: carrier, desks and auditor count milliseconds from the same start.
//!
//! It is monotonic; wall time appears only in the stamps the carrier puts on its callbacks (`carrier/stamp.rs`).

use std::time::{Duration, Instant};

/// A run's clock. Copies share their start, so that ledgers written in different places can be compared.
#[derive(Clone, Copy, Debug)]
pub struct RunClock {
    started: Instant,
}

impl RunClock {
    /// Starts the clock at 0.
    #[must_use]
    pub fn start() -> Self {
        Self { started: Instant::now() }
    }

    /// Milliseconds since the start.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        whole_ms(self.started.elapsed())
    }

    /// The instant that lies `at_ms` after the start.
    #[must_use]
    pub fn instant_at(&self, at_ms: u64) -> Instant {
        self.started + Duration::from_millis(at_ms)
    }
}

/// A duration in whole milliseconds, at most `u64::MAX`.
pub(crate) fn whole_ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// A duration in whole microseconds, at most `u64::MAX`.
pub(crate) fn whole_us(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
