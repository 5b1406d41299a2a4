//! The ladder: which level holds, by what was measured and when. Pure: time is given in.
//!
//! | level | taken at once when the signals pass its threshold | turns away | left |
//! |---|---|---|---|
//! | calm | never: it is what is left when nothing else holds | nobody | as another is taken |
//! | raised | wait or commit above `raised` | T3 | once both have stayed at or below `raised` for the hold |
//! | high | above `high` | T3, T2 | the same of `high`; then `raised` holds, or calm |
//! | severe | above `severe` | T3, T2; T1 degrades | the same of `severe` |
//!
//! Every threshold keeps its own time, so that an overload which ends at once is over one hold later and not three. After a
//! level is left, those it turned away are let back in by a share that grows from none to all over the readmission time.

use std::time::Duration;

use crate::admission::Class;

use super::PressureSettings;

/// How long a level told by another process holds without being told again: that process tells it every second.
const TOLD_FOR: Duration = Duration::from_secs(5);

/// How hard pressed the writer is. Each level does what the ones before it do, and more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Everybody is served.
    #[default]
    Calm,
    /// T3 is turned away.
    Raised,
    /// T2 is turned away too.
    High,
    /// T1 degrades: what is told to many is told seldom.
    Severe,
}

/// The levels that are taken by a threshold, lowest first.
const TAKEN: [Level; 3] = [Level::Raised, Level::High, Level::Severe];

impl Level {
    /// All, lowest first.
    pub const ALL: [Self; 4] = [Self::Calm, Self::Raised, Self::High, Self::Severe];

    /// 0 for calm to 3 for severe: what the metric and the wire say.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Calm => 0,
            Self::Raised => 1,
            Self::High => 2,
            Self::Severe => 3,
        }
    }

    /// The level of a number; one that is not known yet counts as the highest that is.
    #[must_use]
    pub const fn of_number(number: u32) -> Self {
        match number {
            0 => Self::Calm,
            1 => Self::Raised,
            2 => Self::High,
            _ => Self::Severe,
        }
    }

    /// The lowercase word in logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Calm => "calm",
            Self::Raised => "raised",
            Self::High => "high",
            Self::Severe => "severe",
        }
    }

    /// The level at which a class is turned away, if there is one. T0 never is, and T1 degrades instead.
    #[must_use]
    pub const fn turning_away(class: Class) -> Option<Self> {
        match class {
            Class::T0 | Class::T1 => None,
            Class::T2 => Some(Self::High),
            Class::T3 => Some(Self::Raised),
        }
    }
}

/// What is measured, smoothed.
#[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd)]
pub(super) struct Signals {
    /// From the arrival of a T0 command to its decision, in seconds.
    pub(super) wait_s: f64,
    /// One append with its sync, in seconds.
    pub(super) commit_s: f64,
}

/// When each threshold was last passed.
#[derive(Debug, Default)]
pub(super) struct Ladder {
    /// By level, as in [`TAKEN`].
    passed_at: [Option<Duration>; 3],
    told: Option<(Level, Duration)>,
}

impl Ladder {
    /// Takes the signals of this moment in.
    pub(super) fn observe(&mut self, now: Duration, signals: Signals, settings: &PressureSettings) {
        for (level, passed_at) in TAKEN.iter().zip(&mut self.passed_at) {
            let threshold = settings.threshold(*level);
            if signals.wait_s > threshold.wait_s() || signals.commit_s > threshold.commit_s() {
                *passed_at = Some(now);
            }
        }
    }

    /// What another process says of itself; it has held it as long as it should be.
    pub(super) fn told(&mut self, now: Duration, level: Level) {
        self.told = Some((level, now));
    }

    /// The level that was measured here and holds now.
    pub(super) fn measured(&self, now: Duration, settings: &PressureSettings) -> Level {
        let held = |passed_at: &Option<Duration>| passed_at.is_some_and(|at| now.saturating_sub(at) < settings.hold());
        TAKEN.iter().zip(&self.passed_at).rev().find(|(_, at)| held(at)).map_or(Level::Calm, |(it, _)| *it)
    }

    /// The level that holds now, here or where it is measured.
    pub(super) fn level(&self, now: Duration, settings: &PressureSettings) -> Level {
        let own = self.measured(now, settings);
        let told = self.told.filter(|(_, at)| now.saturating_sub(*at) < TOLD_FOR);
        own.max(told.map_or(Level::Calm, |(level, _)| level))
    }

    /// Which part of a class is let in now, of 1: none while its level holds, all some time after, a growing part in between.
    pub(super) fn share(&self, now: Duration, class: Class, settings: &PressureSettings) -> f64 {
        let Some(off_at) = Level::turning_away(class) else { return 1.0 };
        if self.level(now, settings) >= off_at {
            return 0.0;
        }
        let passed_at = TAKEN.iter().zip(&self.passed_at).find(|(it, _)| **it == off_at).and_then(|(_, at)| *at);
        let Some(passed_at) = passed_at else { return 1.0 };
        let readmit = settings.readmit();
        let since = now.saturating_sub(passed_at).saturating_sub(settings.hold());
        if since >= readmit { 1.0 } else { since.as_secs_f64() / readmit.as_secs_f64() }
    }
}

#[cfg(test)]
#[path = "ladder_tests.rs"]
mod tests;
