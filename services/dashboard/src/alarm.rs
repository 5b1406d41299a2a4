//! The machine behind a decision: it begins only when something has lasted, and ends only when it has stayed well for a while.
//!
//! So that nothing chatters. One alarm holds six times and a severity; who looks, and at what, is not known here.
//!
//! | from | what lasts | for | to |
//! |---|---|---|---|
//! | Ok | worth a look, or worse | the watch hold | Watch |
//! | Ok, Watch | calls for action | the act hold | Act |
//! | Act | does not call for action | the clear hold | Watch |
//! | Watch, Act | well | the clear hold | Ok |

use crate::figures::Severity;

/// What is so at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// Well beyond doubt.
    Clear,
    /// Neither bad enough to begin nor well enough to end.
    Between,
    Watch,
    Act,
}

/// A level, and since when it may have held: not later than now, for what says by itself how long it has lasted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    pub(crate) level: Level,
    pub(crate) watch_since_ms: u64,
    pub(crate) act_since_ms: u64,
}

impl Reading {
    /// What is seen now and not before.
    pub(crate) fn now(level: Level, now_ms: u64) -> Self {
        Self { level, watch_since_ms: now_ms, act_since_ms: now_ms }
    }
}

/// How long it must last, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule {
    pub(crate) watch_hold_ms: u64,
    pub(crate) act_hold_ms: u64,
    pub(crate) clear_hold_ms: u64,
}

/// One alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Alarm {
    pub(crate) severity: Severity,
    /// When what it is about began.
    pub(crate) began_ms: u64,
    watch_ms: Option<u64>,
    act_ms: Option<u64>,
    clear_ms: Option<u64>,
    calmer_ms: Option<u64>,
}

impl Alarm {
    /// Takes a reading. False once there is nothing left to remember.
    pub(crate) fn observe(&mut self, reading: Reading, rule: &Rule, now_ms: u64) -> bool {
        let Reading { level, watch_since_ms, act_since_ms } = reading;
        hold(&mut self.watch_ms, level >= Level::Watch, watch_since_ms.min(now_ms));
        hold(&mut self.act_ms, level == Level::Act, act_since_ms.min(now_ms));
        hold(&mut self.clear_ms, level == Level::Clear, now_ms);
        hold(&mut self.calmer_ms, level < Level::Act, now_ms);
        let lasted = |since: Option<u64>, for_ms: u64| since.is_some_and(|it| now_ms.saturating_sub(it) >= for_ms);
        let before = self.severity;
        let begins = before == Severity::Ok && lasted(self.watch_ms, rule.watch_hold_ms);
        let calms = before == Severity::Act && lasted(self.calmer_ms, rule.clear_hold_ms);
        if lasted(self.act_ms, rule.act_hold_ms) {
            self.severity = Severity::Act;
        } else if begins || calms {
            self.severity = Severity::Watch;
        }
        if before != Severity::Ok && lasted(self.clear_ms, rule.clear_hold_ms) {
            self.severity = Severity::Ok;
        }
        if before == Severity::Ok && self.severity != Severity::Ok {
            self.began_ms = self.watch_ms.unwrap_or(now_ms);
        }
        self.severity != Severity::Ok || level >= Level::Watch
    }
}

fn hold(since: &mut Option<u64>, holds: bool, at_ms: u64) {
    if holds {
        since.get_or_insert(at_ms);
    } else {
        *since = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule = Rule { watch_hold_ms: 10, act_hold_ms: 30, clear_hold_ms: 20 };

    /// Feeds levels at moments and gives the severities.
    fn run(readings: &[(u64, Level)]) -> Vec<Severity> {
        let mut alarm = Alarm::default();
        let observe = |&(now_ms, level): &(u64, Level)| {
            alarm.observe(Reading::now(level, now_ms), &RULE, now_ms);
            alarm.severity
        };
        readings.iter().map(observe).collect()
    }

    #[test]
    fn it_begins_when_it_has_lasted_and_grows_and_calms_down_in_steps() {
        use Level::{Act, Between, Clear, Watch};
        let severities = run(&[
            (0, Act),
            (9, Act),
            (10, Act),
            (29, Act),
            (30, Act),
            (31, Watch),
            (50, Watch),
            (51, Watch),
            (60, Between),
            (200, Between),
            (201, Clear),
            (220, Clear),
            (221, Clear),
        ]);
        use Severity::{Act as A, Ok as O, Watch as W};
        assert_eq!(severities, [O, O, W, W, A, A, A, W, W, W, W, W, O]);
    }

    #[test]
    fn what_does_not_last_begins_nothing_and_a_relapse_starts_the_clearing_anew() {
        use Level::{Clear, Watch};
        use Severity::{Ok as O, Watch as W};
        assert_eq!(run(&[(0, Watch), (9, Watch), (9, Clear), (12, Watch), (21, Watch)]), [O; 5]);
        assert_eq!(
            run(&[(0, Watch), (10, Watch), (11, Clear), (30, Watch), (31, Clear), (50, Clear), (51, Clear)]),
            [O, W, W, W, W, W, O]
        );
    }

    #[test]
    fn what_says_how_long_it_has_lasted_is_believed() {
        let mut alarm = Alarm::default();
        let reading = Reading { level: Level::Act, watch_since_ms: 50, act_since_ms: 70 };
        assert!(alarm.observe(reading, &RULE, 100));
        assert_eq!((alarm.severity, alarm.began_ms), (Severity::Act, 50));
    }
}
