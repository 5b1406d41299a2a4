//! Trying again without making it worse: capped backoff with full jitter, and the time a server asks for.
//!
//! Whether a call may be repeated at all is the caller's to know. How many retries there may be is [`crate::retries`]'s.

use std::time::Duration;

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// Whether asking again cannot change this answer. Everything else may be a service that is away or moving; UNAUTHENTICATED too,
/// since tokens are replaced while services run.
#[must_use]
pub const fn is_final(code: Code) -> bool {
    matches!(
        code,
        Code::InvalidArgument
            | Code::NotFound
            | Code::AlreadyExists
            | Code::PermissionDenied
            | Code::FailedPrecondition
            | Code::OutOfRange
            | Code::Unimplemented
    )
}

/// The trailer in which gRPC's own retries hear when to come back, in milliseconds.
pub const PUSHBACK: &str = "grpc-retry-pushback-ms";

/// The longest that we let ourselves be told to stay away; a server that says more is mistaken.
pub const PUSHBACK_MAX: Duration = Duration::from_secs(60);

/// When the server of this answer wants to be asked again, if it says so.
#[must_use]
pub fn told(status: &Status) -> Option<Duration> {
    let pushback = || {
        let told_ms = status.metadata().get(PUSHBACK)?.to_str().ok()?.parse().ok()?;
        Some(Duration::from_millis(told_ms))
    };
    let told = status.get_details_retry_info().and_then(|info| info.retry_delay).or_else(pushback)?;
    Some(told.min(PUSHBACK_MAX))
}

/// Where jitter comes from.
pub trait Dice {
    /// A number spread evenly over all of `u64`.
    fn roll(&mut self) -> u64;
}

/// The operating system's randomness. If it ever fails, jitter is lost for that roll and the full wait is taken.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemDice;

impl Dice for SystemDice {
    fn roll(&mut self) -> u64 {
        let mut bytes = [0; 8];
        match SystemRandom::new().fill(&mut bytes) {
            Ok(()) => u64::from_le_bytes(bytes),
            Err(_) => u64::MAX,
        }
    }
}

/// Reproducible jitter for tests and simulations (xorshift64*): the same seed, the same waits.
#[derive(Debug, Clone, Copy)]
pub struct SeededDice(u64);

impl SeededDice {
    /// Every seed is good; zero, on which xorshift would stand still, is replaced.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(if seed == 0 { 0x9e37_79b9_7f4a_7c15 } else { seed })
    }
}

impl Dice for SeededDice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
}

/// A time drawn evenly between `least` and `most`, to the microsecond.
pub fn between(least: Duration, most: Duration, dice: &mut impl Dice) -> Duration {
    let width_us = u64::try_from(most.saturating_sub(least).as_micros()).unwrap_or(u64::MAX);
    let share = (u128::from(dice.roll()) * (u128::from(width_us) + 1)) >> 64;
    least + Duration::from_micros(u64::try_from(share).unwrap_or(width_us))
}

/// Waits that double up to a cap, each drawn evenly from zero to its bound (full jitter), so that clients which failed
/// together do not come back together.
#[derive(Debug, Clone)]
pub struct Backoff {
    base: Duration,
    cap: Duration,
    failures: u32,
}

impl Backoff {
    /// The first wait is at most `base`, every wait at most `cap`.
    #[must_use]
    pub const fn new(base: Duration, cap: Duration) -> Self {
        Self { base, cap, failures: 0 }
    }

    /// The bound of the next wait.
    #[must_use]
    pub fn bound(&self) -> Duration {
        // Beyond 31 doublings any base above zero has long met the cap.
        self.base.saturating_mul(1_u32 << self.failures.min(31)).min(self.cap)
    }

    /// The next wait, after one more failure.
    pub fn wait(&mut self, dice: &mut impl Dice) -> Duration {
        let bound = self.bound();
        self.failures = self.failures.saturating_add(1);
        between(Duration::ZERO, bound, dice)
    }

    /// It worked: the next failure starts from the base again.
    pub const fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_stay_within_their_doubling_bound_and_the_cap() {
        let (base, cap) = (Duration::from_millis(100), Duration::from_secs(5));
        for seed in 0..200 {
            let mut dice = SeededDice::new(seed);
            let mut backoff = Backoff::new(base, cap);
            for failure in 0..40 {
                let bound = (base * (1 << failure.min(10))).min(cap);
                assert_eq!(backoff.bound(), bound);
                assert!(backoff.wait(&mut dice) <= bound);
            }
            backoff.reset();
            assert_eq!(backoff.bound(), base);
        }
    }

    #[test]
    fn jitter_is_full_and_reproducible() {
        let draw = |seed| {
            let mut dice = SeededDice::new(seed);
            let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(1));
            (0..1_000).map(|_| backoff.wait(&mut dice)).collect::<Vec<_>>()
        };
        let waits = draw(7);
        assert_eq!(waits, draw(7));
        assert_ne!(waits, draw(8));
        assert!(waits.iter().min() < Some(&Duration::from_millis(50)));
        assert!(waits.iter().max() > Some(&Duration::from_millis(950)));
        assert_ne!(SystemDice.roll(), SystemDice.roll());
    }
}
