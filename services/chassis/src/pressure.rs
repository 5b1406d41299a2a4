//! Pressure: how long a command of the topmost class waits for the writer, and what everybody else gives up for it.
//!
//! The writer reports waits and commits, `meter` smooths them, `ladder` makes a level of them, and whoever serves a lower class
//! asks here first. The signal is the wait and not the load of a processor: it is what a person on the line feels. Nothing of
//! people's own queue is decided here; contacts wait in the journal and are never turned away or put in another order.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::admission::Class;
use crate::backoff::{Dice, SystemDice, between};
use crate::metrics;

mod ladder;
mod meter;

pub use ladder::Level;

use ladder::{Ladder, Signals};
use meter::Meter;

/// The longest any of the times here may be set to, in milliseconds: an hour.
const MS_MAX: u64 = 3_600_000;

/// Above which signals a level is taken. Zero is passed by any wait at all, which is good for a drill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// The mean wait of T0 commands, from their arrival in the process to their decision, in milliseconds.
    pub wait_ms: u64,
    /// The latency of a commit, append and sync, in milliseconds.
    pub commit_ms: u64,
}

impl Threshold {
    fn wait_s(self) -> f64 {
        Duration::from_millis(self.wait_ms).as_secs_f64()
    }

    fn commit_s(self) -> f64 {
        Duration::from_millis(self.commit_ms).as_secs_f64()
    }
}

/// What an operator may set about pressure. The thresholds are judgment, not measurement: a house with slower disks raises them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PressureSettings {
    /// Above it T3 is turned away: exports, replays, erasing.
    pub raised: Threshold,
    /// Above it T2 is turned away too: explanations, lists.
    pub high: Threshold,
    /// Above it T1 degrades: boards are told every ten seconds.
    pub severe: Threshold,
    /// Over how long the signals are smoothed, in milliseconds. 10 to 3,600,000.
    pub smooth_ms: u64,
    /// How long the signals must have stayed below a threshold for its level to be left, in milliseconds. 0 to 3,600,000.
    pub hold_ms: u64,
    /// Over how long those who were turned away are let back in after that, by a growing share, in milliseconds. 0 to 3,600,000.
    pub readmit_ms: u64,
    /// Whoever is turned away is told to come back after this long at the least and twice as long at the most, in milliseconds.
    /// 100 to 3,600,000.
    pub retry_after_ms: u64,
}

impl Default for PressureSettings {
    fn default() -> Self {
        Self {
            raised: Threshold { wait_ms: 5, commit_ms: 250 },
            high: Threshold { wait_ms: 20, commit_ms: 1_000 },
            severe: Threshold { wait_ms: 50, commit_ms: 2_500 },
            smooth_ms: 1_000,
            hold_ms: 60_000,
            readmit_ms: 10_000,
            retry_after_ms: 5_000,
        }
    }
}

/// A setting out of its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("pressure.{name} is {given}; use {range}")]
pub struct PressureSettingsError {
    /// Which.
    pub name: &'static str,
    /// What was given.
    pub given: u64,
    /// What works.
    pub range: &'static str,
}

impl PressureSettings {
    /// Whether every setting is in its range.
    ///
    /// # Errors
    /// [`PressureSettingsError`] names the first that is not.
    pub fn check(&self) -> Result<(), PressureSettingsError> {
        let Self { raised, high, severe, .. } = *self;
        let hour = "0 to 3600000";
        let above = "no less than that of the level before, 3600000 at most";
        let checks = [
            ("raised.wait_ms", raised.wait_ms, 0, hour),
            ("raised.commit_ms", raised.commit_ms, 0, hour),
            ("high.wait_ms", high.wait_ms, raised.wait_ms, above),
            ("high.commit_ms", high.commit_ms, raised.commit_ms, above),
            ("severe.wait_ms", severe.wait_ms, high.wait_ms, above),
            ("severe.commit_ms", severe.commit_ms, high.commit_ms, above),
            ("smooth_ms", self.smooth_ms, 10, "10 to 3600000"),
            ("hold_ms", self.hold_ms, 0, hour),
            ("readmit_ms", self.readmit_ms, 0, hour),
            ("retry_after_ms", self.retry_after_ms, 100, "100 to 3600000"),
        ];
        let wrong = checks.into_iter().find(|(_, given, low, _)| given < low || *given > MS_MAX);
        wrong.map_or(Ok(()), |(name, given, _, range)| Err(PressureSettingsError { name, given, range }))
    }

    fn threshold(&self, level: Level) -> Threshold {
        match level {
            Level::Calm | Level::Raised => self.raised,
            Level::High => self.high,
            Level::Severe => self.severe,
        }
    }

    fn hold(&self) -> Duration {
        Duration::from_millis(self.hold_ms)
    }

    fn readmit(&self) -> Duration {
        Duration::from_millis(self.readmit_ms)
    }
}

/// The pressure of one process. Clones are the same. Until somebody reports anything it is calm.
#[derive(Debug, Clone)]
pub struct Pressure {
    began: Instant,
    settings: PressureSettings,
    known: Arc<Mutex<Known>>,
}

#[derive(Debug)]
struct Known {
    meter: Meter,
    ladder: Ladder,
    said: Level,
}

impl Default for Pressure {
    fn default() -> Self {
        Self::new(PressureSettings::default())
    }
}

impl Pressure {
    /// Pressure by these settings, calm.
    #[must_use]
    pub fn new(settings: PressureSettings) -> Self {
        let meter = Meter::new(Duration::from_millis(settings.smooth_ms));
        let known = Known { meter, ladder: Ladder::default(), said: Level::Calm };
        Self { began: Instant::now(), settings, known: Arc::new(Mutex::new(known)) }
    }

    /// The writer has decided so many T0 commands, which waited for it so long together.
    pub fn waited(&self, together: Duration, commands: u32) {
        if commands > 0 {
            let now = self.now();
            self.lock().meter.waited(now, together, commands);
            self.look();
        }
    }

    /// The writer begins to make a batch durable.
    pub fn commit_begins(&self) {
        let now = self.now();
        self.lock().meter.commit_begins(now);
    }

    /// The batch is durable.
    pub fn commit_ends(&self) {
        let now = self.now();
        self.lock().meter.commit_ends(now);
        self.look();
    }

    /// Another process, which measures, says which level holds there. Believed for a few seconds; the higher of it and our own holds.
    pub fn told(&self, level: Level) {
        let now = self.now();
        self.lock().ladder.told(now, level);
        self.look();
    }

    /// The level that was measured in this process and holds now: what it tells others. What it was told itself is not in it, or two
    /// that listen to each other would never be calm again.
    #[must_use]
    pub fn measured(&self) -> Level {
        self.look();
        let now = self.now();
        self.lock().ladder.measured(now, &self.settings)
    }

    /// The level that holds now.
    #[must_use]
    pub fn level(&self) -> Level {
        self.look().0
    }

    /// Puts level and signals into the metrics. For a clock: levels are left by time alone, also when nobody asks.
    pub fn publish(&self) {
        let (level, signals) = self.look();
        metrics::pressure(level.number(), signals.wait_s, signals.commit_s);
    }

    fn look(&self) -> (Level, Signals) {
        let now = self.now();
        let mut known = self.lock();
        let signals = known.meter.signals(now);
        known.ladder.observe(now, signals, &self.settings);
        let level = known.ladder.level(now, &self.settings);
        let said = std::mem::replace(&mut known.said, level);
        drop(known);
        if level > said {
            tracing::warn!(
                level = level.name(),
                wait_s = signals.wait_s,
                commit_s = signals.commit_s,
                "pressure rises"
            );
        } else if level < said {
            tracing::info!(level = level.name(), "pressure falls");
        }
        (level, signals)
    }

    /// Whether one more of `class` may come in now.
    ///
    /// # Errors
    /// It may not; after the time given, drawn by lot, it may ask again. Never of T0 or T1.
    pub fn admits(&self, class: Class) -> Result<(), Duration> {
        if Level::turning_away(class).is_none() {
            return Ok(());
        }
        self.look();
        let now = self.now();
        let share = self.lock().ladder.share(now, class, &self.settings);
        if share >= 1.0 {
            return Ok(());
        }
        #[expect(clippy::cast_precision_loss, reason = "a lot need not be exact")]
        let lot = SystemDice.roll() as f64 / u64::MAX as f64;
        if lot < share {
            return Ok(());
        }
        metrics::pressed_out(class.name());
        let least = Duration::from_millis(self.settings.retry_after_ms);
        Err(between(least, least * 2, &mut SystemDice))
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_out_of_range_are_named_with_what_works() {
        PressureSettings::default().check().unwrap();
        let upside_down =
            PressureSettings { high: Threshold { wait_ms: 4, commit_ms: 1_000 }, ..PressureSettings::default() };
        let refusal = upside_down.check().unwrap_err().to_string();
        assert!(refusal.starts_with("pressure.high.wait_ms is 4; use no less than"), "{refusal}");
        let never = PressureSettings { hold_ms: MS_MAX + 1, ..PressureSettings::default() };
        assert_eq!(never.check().unwrap_err().name, "hold_ms");
    }

    #[test]
    fn a_process_that_hears_itself_is_calm_again_all_the_same() {
        let pressure = Pressure::new(PressureSettings { smooth_ms: 10, hold_ms: 0, ..PressureSettings::default() });
        pressure.told(Level::Severe);
        assert_eq!((pressure.level(), pressure.measured()), (Level::Severe, Level::Calm));
        // What it tells is what it hears, as where router and dashboard share a process.
        pressure.told(pressure.measured());
        assert_eq!(pressure.level(), Level::Calm);
    }

    #[test]
    fn under_pressure_lower_classes_are_told_when_to_come_back_and_t0_is_not() {
        let pressure = Pressure::default();
        for class in [Class::T0, Class::T1, Class::T2, Class::T3] {
            pressure.admits(class).unwrap();
        }
        pressure.waited(Duration::from_millis(30) * 200, 200);
        assert_eq!(pressure.level(), Level::High);
        pressure.admits(Class::T0).unwrap();
        pressure.admits(Class::T1).unwrap();
        let told: Vec<Duration> = (0..200).map(|_| pressure.admits(Class::T2).unwrap_err()).collect();
        assert!(told.iter().all(|it| (Duration::from_secs(5)..=Duration::from_secs(10)).contains(it)), "{told:?}");
        let (least, most) = (told.iter().min().unwrap(), told.iter().max().unwrap());
        assert!(*most - *least > Duration::from_secs(2), "they are not told to come back at one moment");
        pressure.admits(Class::T3).unwrap_err();
    }
}
