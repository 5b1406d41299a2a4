//! What an operator may set about the boards, with bounds.

use std::time::Duration;

use holdfast_chassis::pace::Rate;
use holdfast_chassis::pressure::Level;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::window::EDGES_S;

/// The longest a threshold of a decision may be, in seconds.
const DECISION_S_MAX: u64 = 3_600;

/// Seconds of boards that may be opened at once after nobody came.
const OPENS_SAVED_S: u32 = 5;

/// The furthest apart that frames may be set, in milliseconds.
const FRAME_MS_MAX: u64 = 60_000;

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
    /// In whose days "today" is counted: a name of the time zone database. The zones are part of this program.
    pub zone: String,
    /// From how many seconds without an answer a person in writing is worth a look. 1 to 3,600.
    pub text_watch_s: u64,
    /// From how many seconds it calls for action. 1 to 3,600.
    pub text_act_s: u64,
    /// From how many seconds in one step a handoff is worth a look; five times as long where people talk. 1 to 3,600.
    pub handoff_watch_s: u64,
    /// From how many seconds it calls for action. 1 to 3,600.
    pub handoff_act_s: u64,
    /// Boards that may be open at once; one more is told to come back. 1 to 10,000.
    pub viewers_max: usize,
    /// Boards that may be opened each second while the router is calm; five seconds of it may be saved up. Whoever is over it is told
    /// when to come back, and while desks have to wait boards wait too. 1 to 1,000,000.
    pub opens_per_s: u32,
    /// The same while the router is pressed. 1 to 1,000,000.
    pub opens_pressed_per_s: u32,
    /// The longest a board is told to stay away at one time, in milliseconds. 100 to 60,000.
    pub away_ms_max: u64,
    /// How far apart the frames of a board come, at the least, while the router is calm, in milliseconds. 50 to 60,000. The others may
    /// not be less than the one before.
    pub frame_ms: u64,
    /// The same at raised pressure.
    pub frame_raised_ms: u64,
    /// The same at high pressure.
    pub frame_high_ms: u64,
    /// The same at severe pressure.
    pub frame_severe_ms: u64,
    /// Whether the plain board is shown without a sign-in, for a television on a closed network.
    pub plain_public: bool,
}

impl Default for DashboardSettings {
    fn default() -> Self {
        Self {
            answer_within_s: 20,
            answer_target_percent: 90,
            short_s: 5,
            router_silence_ms: 4_000,
            zone: "UTC".to_owned(),
            text_watch_s: 120,
            text_act_s: 300,
            handoff_watch_s: 60,
            handoff_act_s: 120,
            viewers_max: 1_000,
            opens_per_s: 100,
            opens_pressed_per_s: 20,
            away_ms_max: 10_000,
            frame_ms: 250,
            frame_raised_ms: 1_000,
            frame_high_ms: 2_000,
            frame_severe_ms: 10_000,
            plain_public: false,
        }
    }
}

/// A setting out of its range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("dashboard.{name} is {given}; use {range}")]
pub struct SettingsError {
    /// Which.
    pub name: &'static str,
    /// What was given.
    pub given: String,
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
        let percent = (1..=100).contains(&self.answer_target_percent);
        let silence = (100..=60_000).contains(&self.router_silence_ms);
        let seconds = |given: u64| (1..=DECISION_S_MAX).contains(&given);
        let opens = |given: u32| (1..=1_000_000).contains(&given);
        let range_s = "1 to 3600";
        let checks = [
            ("answer_within_s", self.answer_within_s, EDGES_S.contains(&self.answer_within_s), edges),
            ("answer_target_percent", self.answer_target_percent, percent, "1 to 100"),
            ("short_s", self.short_s, self.short_s <= 60, "0 to 60"),
            ("router_silence_ms", self.router_silence_ms, silence, "100 to 60000"),
            ("text_watch_s", self.text_watch_s, seconds(self.text_watch_s), range_s),
            ("text_act_s", self.text_act_s, seconds(self.text_act_s), range_s),
            ("handoff_watch_s", self.handoff_watch_s, seconds(self.handoff_watch_s), range_s),
            ("handoff_act_s", self.handoff_act_s, seconds(self.handoff_act_s), range_s),
            ("opens_per_s", self.opens_per_s.into(), opens(self.opens_per_s), "1 to 1000000"),
            ("opens_pressed_per_s", self.opens_pressed_per_s.into(), opens(self.opens_pressed_per_s), "1 to 1000000"),
            ("away_ms_max", self.away_ms_max, (100..=60_000).contains(&self.away_ms_max), "100 to 60000"),
        ];
        if let Some((name, given, _, range)) = checks.into_iter().find(|(_, _, fits, _)| !fits) {
            return Err(SettingsError { name, given: given.to_string(), range });
        }
        if !(1..=10_000).contains(&self.viewers_max) {
            return Err(SettingsError {
                name: "viewers_max",
                given: self.viewers_max.to_string(),
                range: "1 to 10000",
            });
        }
        let frames = [
            ("frame_ms", self.frame_ms, 50),
            ("frame_raised_ms", self.frame_raised_ms, self.frame_ms),
            ("frame_high_ms", self.frame_high_ms, self.frame_raised_ms),
            ("frame_severe_ms", self.frame_severe_ms, self.frame_high_ms),
        ];
        let wrong = frames.into_iter().find(|(_, given, least)| given < least || *given > FRAME_MS_MAX);
        if let Some((name, given, _)) = wrong {
            let range = "50 to 60000, and no less than at the level before";
            return Err(SettingsError { name, given: given.to_string(), range });
        }
        self.time_zone().map(drop)
    }

    /// The zone whose days are counted.
    ///
    /// # Errors
    /// [`SettingsError`] if there is no such zone.
    pub(crate) fn time_zone(&self) -> Result<TimeZone, SettingsError> {
        TimeZone::get(&self.zone).map_err(|_| SettingsError {
            name: "zone",
            given: format!("{:?}", self.zone),
            range: "a name of the time zone database, such as UTC or America/New_York",
        })
    }

    pub(crate) fn opens(&self) -> Rate {
        Rate {
            per_s: self.opens_per_s,
            pressed_per_s: self.opens_pressed_per_s,
            saved_s: OPENS_SAVED_S,
            away_max: Duration::from_millis(self.away_ms_max),
        }
    }

    /// How far apart frames come at a level of pressure.
    pub(crate) fn frame_ms(&self, level: Level) -> u64 {
        match level {
            Level::Calm => self.frame_ms,
            Level::Raised => self.frame_raised_ms,
            Level::High => self.frame_high_ms,
            Level::Severe => self.frame_severe_ms,
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

    #[test]
    fn the_zone_must_be_one_there_is() {
        let here = DashboardSettings { zone: "America/New_York".to_owned(), ..DashboardSettings::default() };
        here.check().unwrap();
        let nowhere = DashboardSettings { zone: "America/Atlantis".to_owned(), ..DashboardSettings::default() };
        let refusal = nowhere.check().unwrap_err().to_string();
        assert!(
            refusal.starts_with("dashboard.zone is \"America/Atlantis\"; use a name of the time zone"),
            "{refusal}"
        );
        let none = DashboardSettings { viewers_max: 0, ..DashboardSettings::default() };
        assert_eq!(none.check().unwrap_err().to_string(), "dashboard.viewers_max is 0; use 1 to 10000");
    }
}
