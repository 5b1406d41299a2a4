//! What an operator may set about desks, with bounds. Reading files is the chassis's business.

use std::time::Duration;

use holdfast_chassis::pace::Rate;
use serde::{Deserialize, Serialize};

/// The `[desk]` part of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DeskSettings {
    /// Desks at work at one time, at most; one more is refused with RESOURCE_EXHAUSTED. 1 to 1,000,000.
    pub desks_max: usize,
    /// Desks that may sign in each second while the router is calm; ten thousand are back within four seconds. Whoever is over it is
    /// told when to come back; who is with a person goes first. 1 to 1,000,000.
    pub sign_ins_per_s: u32,
    /// The same while the router is pressed. 1 to 1,000,000.
    pub sign_ins_pressed_per_s: u32,
    /// The longest a desk is told to stay away at one time, in milliseconds. 100 to 60,000.
    pub come_back_ms_max: u64,
    /// How long a desk may be silent before it counts as lost, in milliseconds. 100 to 60,000.
    pub silence_ms: u64,
    /// How long a browser's window may be silent before it counts as lost, in milliseconds; it beats every second, so that nobody
    /// is offered to it five seconds after it was killed. 100 to 60,000.
    pub window_silence_ms: u64,
    /// After how long without a beat a window gives way to the next one of its person, in milliseconds: a new connection need not
    /// wait until the broken one is given up. 100 to 60,000.
    pub window_stale_ms: u64,
    /// How long a window that was closed keeps its person's other windows waiting, in milliseconds: a reload comes back within
    /// that. 0 to 60,000.
    pub lease_grace_ms: u64,
    /// How long a command waits for a router that is away, in milliseconds. 100 to 60,000.
    pub command_wait_ms: u64,
    /// How long a desk may not read before it is cut, in milliseconds. 100 to 60,000.
    pub unread_ms: u64,
    /// After how long without anything else a beat goes to the desk, in milliseconds; a quarter later at the most, since it goes along
    /// with the router's beat where there is one. 100 to 60,000.
    pub beat_ms: u64,
    /// How long the router's feed may be silent before it is followed anew, in milliseconds. 100 to 60,000.
    pub router_silence_ms: u64,
    /// For how long a lost desk is reported to a router that is away, in milliseconds. 100 to 600,000.
    pub lose_wait_ms: u64,
    /// The same while this service is stopping, in milliseconds; the router's own watch covers the rest. 0 to 60,000.
    pub lose_wait_stopping_ms: u64,
}

impl Default for DeskSettings {
    fn default() -> Self {
        Self {
            desks_max: 10_000,
            sign_ins_per_s: 2_500,
            sign_ins_pressed_per_s: 500,
            come_back_ms_max: 5_000,
            silence_ms: 6_000,
            window_silence_ms: 4_000,
            window_stale_ms: 2_000,
            lease_grace_ms: 2_000,
            command_wait_ms: 5_000,
            unread_ms: 5_000,
            beat_ms: 1_000,
            router_silence_ms: 4_000,
            lose_wait_ms: 60_000,
            lose_wait_stopping_ms: 1_000,
        }
    }
}

/// A setting out of its range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("desk.{name} is {given}; use {low} to {high}")]
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

impl DeskSettings {
    /// Whether every setting is in its range.
    ///
    /// # Errors
    /// [`SettingsError`] names the first that is not.
    pub fn check(&self) -> Result<(), SettingsError> {
        let desks_max = u64::try_from(self.desks_max).unwrap_or(u64::MAX);
        for (name, given, low, high) in [
            ("desks_max", desks_max, 1, 1_000_000),
            ("sign_ins_per_s", self.sign_ins_per_s.into(), 1, 1_000_000),
            ("sign_ins_pressed_per_s", self.sign_ins_pressed_per_s.into(), 1, 1_000_000),
            ("come_back_ms_max", self.come_back_ms_max, 100, 60_000),
            ("silence_ms", self.silence_ms, 100, 60_000),
            ("window_silence_ms", self.window_silence_ms, 100, 60_000),
            ("window_stale_ms", self.window_stale_ms, 100, 60_000),
            ("lease_grace_ms", self.lease_grace_ms, 0, 60_000),
            ("command_wait_ms", self.command_wait_ms, 100, 60_000),
            ("unread_ms", self.unread_ms, 100, 60_000),
            ("beat_ms", self.beat_ms, 100, 60_000),
            ("router_silence_ms", self.router_silence_ms, 100, 60_000),
            ("lose_wait_ms", self.lose_wait_ms, 100, 600_000),
            ("lose_wait_stopping_ms", self.lose_wait_stopping_ms, 0, 60_000),
        ] {
            if given < low || given > high {
                return Err(SettingsError { name, given, low, high });
            }
        }
        Ok(())
    }

    pub(crate) fn sign_ins(&self) -> Rate {
        Rate {
            per_s: self.sign_ins_per_s,
            pressed_per_s: self.sign_ins_pressed_per_s,
            saved_s: 1,
            away_max: Duration::from_millis(self.come_back_ms_max),
        }
    }

    pub(crate) fn silence(&self) -> Duration {
        Duration::from_millis(self.silence_ms)
    }

    pub(crate) fn window_silence(&self) -> Duration {
        Duration::from_millis(self.window_silence_ms)
    }

    pub(crate) fn window_stale(&self) -> Duration {
        Duration::from_millis(self.window_stale_ms)
    }

    pub(crate) fn lease_grace(&self) -> Duration {
        Duration::from_millis(self.lease_grace_ms)
    }

    pub(crate) fn command_wait(&self) -> Duration {
        Duration::from_millis(self.command_wait_ms)
    }

    pub(crate) fn unread(&self) -> Duration {
        Duration::from_millis(self.unread_ms)
    }

    pub(crate) fn beat(&self) -> Duration {
        Duration::from_millis(self.beat_ms)
    }

    pub(crate) fn router_silence(&self) -> Duration {
        Duration::from_millis(self.router_silence_ms)
    }

    pub(crate) fn lose_wait(&self) -> Duration {
        Duration::from_millis(self.lose_wait_ms)
    }

    pub(crate) fn lose_wait_stopping(&self) -> Duration {
        Duration::from_millis(self.lose_wait_stopping_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_in_range_and_what_is_not_is_named() {
        DeskSettings::default().check().unwrap();
        let none = DeskSettings { desks_max: 0, ..DeskSettings::default() };
        assert_eq!(none.check().unwrap_err().to_string(), "desk.desks_max is 0; use 1 to 1000000");
    }
}
