//! What an operator may set about the boards, with bounds.

use serde::{Deserialize, Serialize};

use crate::window::EDGES_S;

/// The `[dashboard]` part of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DashboardSettings {
    /// Within how many seconds a contact should be answered; one of the edges waits are counted by.
    pub answer_within_s: u64,
    /// Which part of contacts should be, in percent. 1 to 100.
    pub answer_target_percent: u64,
    /// Up to how many seconds a contact that leaves counts as a misdial and not as having left. 0 to 60.
    pub short_s: u64,
    /// How long the router's feed may be silent before it is followed anew, in milliseconds. 100 to 60,000.
    pub router_silence_ms: u64,
}

impl Default for DashboardSettings {
    fn default() -> Self {
        Self { answer_within_s: 20, answer_target_percent: 90, short_s: 5, router_silence_ms: 4_000 }
    }
}

/// A setting out of its range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("dashboard.{name} is {given}; use {range}")]
pub struct SettingsError {
    /// Which.
    pub name: &'static str,
    /// What was given.
    pub given: u64,
    /// What works.
    pub range: &'static str,
}

impl DashboardSettings {
    /// Whether every setting is in its range.
    ///
    /// # Errors
    /// [`SettingsError`] names the first that is not.
    pub fn check(&self) -> Result<(), SettingsError> {
        let edges = "one of 1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600";
        let checks = [
            ("answer_within_s", self.answer_within_s, EDGES_S.contains(&self.answer_within_s), edges),
            (
                "answer_target_percent",
                self.answer_target_percent,
                (1..=100).contains(&self.answer_target_percent),
                "1 to 100",
            ),
            ("short_s", self.short_s, self.short_s <= 60, "0 to 60"),
            (
                "router_silence_ms",
                self.router_silence_ms,
                (100..=60_000).contains(&self.router_silence_ms),
                "100 to 60000",
            ),
        ];
        match checks.into_iter().find(|(_, _, fits, _)| !fits) {
            Some((name, given, _, range)) => Err(SettingsError { name, given, range }),
            None => Ok(()),
        }
    }

    pub(crate) fn answer_within_ms(&self) -> u64 {
        self.answer_within_s * 1_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threshold_must_be_an_edge() {
        DashboardSettings::default().check().unwrap();
        let odd = DashboardSettings { answer_within_s: 21, ..DashboardSettings::default() };
        assert!(odd.check().unwrap_err().to_string().starts_with("dashboard.answer_within_s is 21; use one of 1, 2"));
    }
}
