//! Time, as a value that tests can hold still.

use std::time::{SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

/// Where the dashboard takes time from.
pub trait Clock: Send + Sync {
    /// Milliseconds since some moment; never goes back. For ages.
    fn steady_ms(&self) -> u64;
    /// Milliseconds since 1970 in UTC. Only ever shown, never subtracted.
    fn unix_ms(&self) -> u64;
}

/// The machine's clocks.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    began: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { began: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn steady_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn unix_ms(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }
}
