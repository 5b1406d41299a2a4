//! The meter: smooths what the writer reports over about a second. Pure: time is given in.
//!
//! The mean wait is that of the commands of the last second or so, with [`IDLE_COMMANDS`] commands of no wait among them: one slow
//! moment of a quiet night is not pressure, and a surge outweighs them within a few milliseconds. The commit latency follows each
//! commit by a share of the time that it stands for, and never by more than [`SHARE_MAX`], for the same reason.

use std::time::Duration;

use super::ladder::Signals;

/// Commands of no wait that stand beside the real ones.
const IDLE_COMMANDS: f64 = 10.0;

/// The most that one commit counts for.
const SHARE_MAX: f64 = 0.4;

/// A signal below this many seconds is none: what decays would otherwise never be over.
const NOTHING_S: f64 = 0.000_01;

/// What was reported, decaying.
#[derive(Debug)]
pub(super) struct Meter {
    smooth_s: f64,
    /// Commands of the last while, and the seconds they waited, as of `waited_at`.
    commands: f64,
    waited_s: f64,
    waited_at: Duration,
    commit_s: f64,
    committed_at: Duration,
    committing_since: Option<Duration>,
}

impl Meter {
    /// Smooths over `smooth`.
    pub(super) fn new(smooth: Duration) -> Self {
        Self {
            smooth_s: smooth.as_secs_f64().max(0.001),
            commands: 0.0,
            waited_s: 0.0,
            waited_at: Duration::ZERO,
            commit_s: 0.0,
            committed_at: Duration::ZERO,
            committing_since: None,
        }
    }

    /// So many commands were decided, after waiting so long together.
    pub(super) fn waited(&mut self, now: Duration, together: Duration, commands: u32) {
        let kept = self.kept(now, self.waited_at);
        self.commands = self.commands * kept + f64::from(commands);
        self.waited_s = self.waited_s * kept + together.as_secs_f64();
        self.waited_at = now.max(self.waited_at);
    }

    /// A commit begins.
    pub(super) fn commit_begins(&mut self, now: Duration) {
        self.committing_since = Some(now);
    }

    /// It is durable.
    pub(super) fn commit_ends(&mut self, now: Duration) {
        let Some(since) = self.committing_since.take() else { return };
        self.commit_s = self.commit_with(now, since);
        self.committed_at = now;
    }

    /// The signals of this moment. A commit that is under way counts as if it ended now: a disk that hangs is seen while it does.
    pub(super) fn signals(&self, now: Duration) -> Signals {
        let kept = self.kept(now, self.waited_at);
        let wait_s = self.waited_s * kept / (self.commands * kept + IDLE_COMMANDS);
        let under_way = self.committing_since.map_or(0.0, |since| self.commit_with(now, since));
        // Without commits for longer than the smoothing there is nothing slow to speak of.
        let idle_s = now.saturating_sub(self.committed_at).as_secs_f64() - self.smooth_s;
        let rested = self.commit_s * (-idle_s.max(0.0) / self.smooth_s).exp();
        let heard = |signal_s: f64| if signal_s < NOTHING_S { 0.0 } else { signal_s };
        Signals { wait_s: heard(wait_s), commit_s: heard(under_way.max(rested)) }
    }

    fn commit_with(&self, now: Duration, since: Duration) -> f64 {
        let took_s = now.saturating_sub(since).as_secs_f64();
        let share = (1.0 - self.kept(now, self.committed_at)).min(SHARE_MAX);
        self.commit_s + (took_s - self.commit_s) * share
    }

    /// Which part of what was known at `then` still counts.
    fn kept(&self, now: Duration, then: Duration) -> f64 {
        (-now.saturating_sub(then).as_secs_f64() / self.smooth_s).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn one_slow_command_of_a_quiet_night_is_no_pressure() {
        let mut meter = Meter::new(ms(1_000));
        meter.waited(ms(60_000), ms(40), 1);
        let wait_s = meter.signals(ms(60_000)).wait_s;
        assert!(wait_s < 0.005, "{wait_s}");
    }

    #[test]
    fn a_surge_is_seen_within_a_tenth_of_a_second_and_forgotten_with_it() {
        let mut meter = Meter::new(ms(1_000));
        for turn in 0..20 {
            meter.waited(ms(60_000 + turn * 5), ms(30) * 20, 20);
        }
        let during = meter.signals(ms(60_100)).wait_s;
        assert!((0.028..=0.030).contains(&during), "{during}");
        for quiet_s in 1..=10 {
            let after = meter.signals(ms(60_100 + quiet_s * 1_000)).wait_s;
            assert!(after < during);
        }
        assert!(meter.signals(ms(70_100)).wait_s < 0.001);
    }

    #[test]
    fn the_mean_never_leaves_the_range_of_what_was_reported() {
        let mut meter = Meter::new(ms(1_000));
        let mut now = 0;
        for turn in 0_u64..1_000 {
            now += turn * 7_919 % 50;
            let (commands, wait) = (u32::try_from(1 + turn % 40).unwrap(), turn * 31 % 80);
            meter.waited(ms(now), ms(wait) * commands, commands);
            meter.commit_begins(ms(now));
            now += turn % 30;
            meter.commit_ends(ms(now));
            let Signals { wait_s, commit_s } = meter.signals(ms(now));
            assert!((0.0..=0.080).contains(&wait_s), "{wait_s}");
            assert!((0.0..=0.030).contains(&commit_s), "{commit_s}");
        }
    }

    #[test]
    fn one_slow_commit_is_no_pressure_and_four_in_a_row_are() {
        let mut meter = Meter::new(ms(1_000));
        let mut now = 60_000;
        let mut seen = Vec::new();
        for _ in 0..4 {
            meter.commit_begins(ms(now));
            now += 300;
            meter.commit_ends(ms(now));
            seen.push(meter.signals(ms(now)).commit_s);
        }
        assert!(seen[0] < 0.250, "{seen:?}");
        now += 1_000;
        for _ in 0..2 {
            meter.commit_begins(ms(now));
            now += 600;
            meter.commit_ends(ms(now));
        }
        assert!(meter.signals(ms(now)).commit_s > 0.250, "{seen:?}");
        assert!(meter.signals(ms(now + 20_000)).commit_s < 0.001);
    }

    #[test]
    fn a_commit_that_hangs_is_seen_while_it_does() {
        let mut meter = Meter::new(ms(1_000));
        meter.commit_begins(ms(60_000));
        assert!(meter.signals(ms(60_100)).commit_s < 0.250);
        assert!(meter.signals(ms(63_000)).commit_s > 1.0);
    }
}
