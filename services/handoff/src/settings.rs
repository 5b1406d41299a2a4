//! What an operator may set about the handoff service, with bounds. Reading files is the chassis's business.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The `[handoff]` part of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HandoffSettings {
    /// Streams that may follow at one time; one more is refused with RESOURCE_EXHAUSTED. 1 to 100,000.
    pub followers_max: usize,
    /// Handoffs kept to be shown; at the bound the ones that ended first are let go. All of them fit into one message that every
    /// client takes. 1 to 5,000.
    pub handoffs_max: usize,
    /// How long a command waits for a router that is away, in milliseconds. 100 to 60,000.
    pub command_wait_ms: u64,
    /// How long the answer to a command waits until this service has seen what it caused, in milliseconds. 0 to 5,000.
    pub see_wait_ms: u64,
    /// How often a follower hears a beat, in milliseconds. 100 to 60,000.
    pub beat_ms: u64,
    /// How long the router's feed may be silent before it is followed anew, in milliseconds. 100 to 60,000.
    pub router_silence_ms: u64,
}

impl Default for HandoffSettings {
    fn default() -> Self {
        Self {
            followers_max: 1_000,
            handoffs_max: 5_000,
            command_wait_ms: 5_000,
            see_wait_ms: 250,
            beat_ms: 1_000,
            router_silence_ms: 4_000,
        }
    }
}

/// A setting out of its range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("handoff.{name} is {given}; use {low} to {high}")]
pub struct SettingsError {
    /// Which.
    pub name: &'static str,
    /// What was given.
    pub given: u64,
    /// The least that works.
    pub low: u64,
    /// The most that works.
    pub high: u64,
}

impl HandoffSettings {
    /// Whether every setting is in its range.
    ///
    /// # Errors
    /// [`SettingsError`] names the first that is not.
    pub fn check(&self) -> Result<(), SettingsError> {
        let count = |given: usize| u64::try_from(given).unwrap_or(u64::MAX);
        for (name, given, low, high) in [
            ("followers_max", count(self.followers_max), 1, 100_000),
            ("handoffs_max", count(self.handoffs_max), 1, 5_000),
            ("command_wait_ms", self.command_wait_ms, 100, 60_000),
            ("see_wait_ms", self.see_wait_ms, 0, 5_000),
            ("beat_ms", self.beat_ms, 100, 60_000),
            ("router_silence_ms", self.router_silence_ms, 100, 60_000),
        ] {
            if given < low || given > high {
                return Err(SettingsError { name, given, low, high });
            }
        }
        Ok(())
    }

    pub(crate) fn command_wait(&self) -> Duration {
        Duration::from_millis(self.command_wait_ms)
    }

    pub(crate) fn see_wait(&self) -> Duration {
        Duration::from_millis(self.see_wait_ms)
    }

    pub(crate) fn beat(&self) -> Duration {
        Duration::from_millis(self.beat_ms)
    }

    pub(crate) fn router_silence(&self) -> Duration {
        Duration::from_millis(self.router_silence_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_in_range_and_what_is_not_is_named() {
        HandoffSettings::default().check().unwrap();
        let none = HandoffSettings { followers_max: 0, ..HandoffSettings::default() };
        assert_eq!(none.check().unwrap_err().to_string(), "handoff.followers_max is 0; use 1 to 100000");
        let many = HandoffSettings { handoffs_max: 5_001, ..HandoffSettings::default() };
        assert_eq!(many.check().unwrap_err().to_string(), "handoff.handoffs_max is 5001; use 1 to 5000");
    }
}
