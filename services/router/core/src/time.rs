//! Network time: milliseconds that only ever grow, given by the journal and not by a clock on the wall.
//!
//! A timestamp starts near Unix time so that people can read it, but nothing here may rely on that: between two records it
//! advances by the boot clock, and the wall clock enters only through `ClockAdvanced`.

use core::fmt;

/// A moment in network milliseconds.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// This moment, `wait_ms` later. Saturates at the end of time rather than wrapping into the past.
    #[must_use]
    pub const fn plus_ms(self, wait_ms: u64) -> Self {
        Self(self.0.saturating_add(wait_ms))
    }

    /// How long ago `earlier` was, 0 if it is not earlier.
    #[must_use]
    pub const fn since_ms(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}ms", self.0)
    }
}
