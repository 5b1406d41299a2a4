//! How long to wait before trying again: the chassis's backoff with the bounds that fit desks, and real dice.

use std::time::Duration;

use holdfast_chassis::backoff::{Backoff, SystemDice};

/// Waits before trying again.
#[derive(Debug, Clone)]
pub(crate) struct Pause {
    backoff: Backoff,
}

impl Pause {
    pub(crate) fn new(first: Duration, most: Duration) -> Self {
        Self { backoff: Backoff::new(first, most) }
    }

    /// Between two times that a desk says a command which the service could not have decided.
    pub(crate) fn to_router() -> Self {
        Self::new(Duration::from_millis(100), Duration::from_secs(1))
    }

    pub(crate) fn reset(&mut self) {
        self.backoff.reset();
    }

    pub(crate) fn next(&mut self) -> Duration {
        self.backoff.wait(&mut SystemDice)
    }
}
