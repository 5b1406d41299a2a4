//! How a queue has fared lately: whether each of its latest people was answered or left, so that its search can widen at once
//! while too many leave.
//!
//! A fixed number of people and no clock: at night, when few come, an hour-old failure still says more than nothing. Whoever left
//! before [`crate::plan::Timing::short_abandon_ms`] had no time to be answered and is not counted, nor is anybody we called.

/// How many of a queue's latest people are remembered.
pub const LATEST_MAX: u32 = 100;

/// Below so many nothing is said: one person who leaves an empty queue is no sign.
pub const LATEST_MIN: u32 = 20;

/// A queue's latest people.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Answered {
    /// One bit each, the latest lowest: 1 for somebody who was answered.
    pub bits: u128,
    /// How many bits count, at most [`LATEST_MAX`].
    pub count: u32,
}

impl Answered {
    /// The latest of them was answered, or left.
    pub(crate) fn add(&mut self, was_answered: bool) {
        let kept = (1_u128 << LATEST_MAX).wrapping_sub(1);
        self.bits = ((self.bits << 1_u32) | u128::from(was_answered)) & kept;
        self.count = self.count.saturating_add(1).min(LATEST_MAX);
    }

    /// Which part of them was answered, in whole percent, rounded down; none while there are too few to say.
    #[must_use]
    pub fn percent(&self) -> Option<u32> {
        let of_all = self.bits.count_ones().saturating_mul(100).checked_div(self.count)?;
        (self.count >= LATEST_MIN).then_some(of_all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_few_say_nothing() {
        let mut answered = Answered::default();
        for _ in 1..LATEST_MIN {
            answered.add(false);
            assert_eq!(answered.percent(), None);
        }
        answered.add(false);
        assert_eq!(answered.percent(), Some(0));
    }

    #[test]
    fn only_the_latest_count() {
        let mut answered = Answered::default();
        (0..LATEST_MAX).for_each(|_| answered.add(false));
        assert_eq!(answered.percent(), Some(0));
        (0..30).for_each(|_| answered.add(true));
        assert_eq!(answered.percent(), Some(30));
        (0..LATEST_MAX * 3).for_each(|_| answered.add(true));
        assert_eq!((answered.percent(), answered.count), (Some(100), LATEST_MAX));
    }
}
