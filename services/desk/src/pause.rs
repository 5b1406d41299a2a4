//! How long to wait before trying again: doubling, with jitter, so that ten thousand desks do not come back at once.

use std::time::Duration;

use uuid::Uuid;

/// Doubles from `first` to `most`; each pause is drawn from the upper half of the current step.
#[derive(Debug, Clone)]
pub(crate) struct Pause {
    first: Duration,
    most: Duration,
    next: Duration,
}

impl Pause {
    pub(crate) fn new(first: Duration, most: Duration) -> Self {
        Self { first, most, next: first }
    }

    /// Between this service and the router.
    pub(crate) fn to_router() -> Self {
        Self::new(Duration::from_millis(50), Duration::from_secs(1))
    }

    pub(crate) fn reset(&mut self) {
        self.next = self.first;
    }

    pub(crate) fn next(&mut self) -> Duration {
        let step = self.next;
        self.next = step.saturating_mul(2).min(self.most);
        // The low bits of a random UUID are random; nothing else here needs a generator.
        let [share, ..] = Uuid::new_v4().into_bytes();
        step / 2 + (step / 2).mul_f64(f64::from(share) / 255.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_most_and_start_over() {
        let (first, most) = (Duration::from_millis(100), Duration::from_millis(300));
        let mut pause = Pause::new(first, most);
        for step in [100, 200, 300, 300] {
            let drawn = pause.next().as_millis();
            assert!((step / 2..=step).contains(&drawn), "{drawn} of {step}");
        }
        pause.reset();
        assert!(pause.next() <= first);
    }
}
