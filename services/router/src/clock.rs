//! Network time: the last record's time plus what the boot clock has counted since. It looks at the wall clock once, at start.

use holdfast_core::time::Timestamp;
use rustix::time::{ClockId, clock_gettime};
use std::time::{SystemTime, UNIX_EPOCH};

/// The most that a gap may advance network time.
const GAP_MS_MAX: u64 = 24 * 60 * 60 * 1_000;

/// The clock of one leading router.
#[derive(Debug)]
pub struct NetworkClock {
    base: Timestamp,
    boot_ms: u64,
}

impl NetworkClock {
    /// Starts from the last record's time. Gives the clock and how long nobody led, by the wall clock; an empty journal starts at
    /// the wall clock with no gap.
    #[must_use]
    pub fn start(last: Timestamp) -> (Self, u64) {
        let wall_ms = wall_ms();
        let gap_ms = if last.0 == 0 { 0 } else { wall_ms.saturating_sub(last.0).min(GAP_MS_MAX) };
        let base = if last.0 == 0 { Timestamp(wall_ms) } else { last.plus_ms(gap_ms) };
        (Self { base, boot_ms: boot_ms() }, gap_ms)
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.base.plus_ms(boot_ms().saturating_sub(self.boot_ms))
    }
}

/// The wall clock, in Unix milliseconds.
#[must_use]
pub fn wall_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| u64::try_from(it.as_millis()).unwrap_or(0))
}

/// Milliseconds since boot, counting sleep.
fn boot_ms() -> u64 {
    let at = clock_gettime(ClockId::Boottime);
    let seconds = u64::try_from(at.tv_sec).unwrap_or(0);
    seconds.saturating_mul(1_000).saturating_add(u64::try_from(at.tv_nsec).unwrap_or(0) / 1_000_000)
}
