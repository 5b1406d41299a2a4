//! What calls for a decision now, most urgent first, and who has acknowledged it.
//!
//! | kind | worth a look | calls for action | ends | subject | value |
//! |---|---|---|---|---|---|
//! | longest wait | > T for 15 s | > 3 T or 60 s, for 15 s | < 0.7 T for 60 s | queue | how many wait |
//! | service level | < target | < target − 10, of 20 | ≥ target for 5 min | network, or queue of 20 | percent |
//! | left | > 5 % | > 10 %, of 20 | < 4 % for 10 min | network, or queue of 20 | percent |
//! | no one free | somebody waits 10 s | 30 s | somebody free, or nobody waits, for 30 s | channel | how many wait |
//! | center silent | 5 s | 15 s | heard for 30 s | center | silent desks |
//! | help | 30 s unanswered | 60 s, or an emergency | answered | who asks | level, 1 to 3 |
//! | text unanswered | setting | setting | answered | queue | seconds of the threshold |
//! | handoff stuck | setting | setting | moves | queue | number of the handoff |
//!
//! Help is listed from the first moment, so that it can be answered before it is late. The service level is judged by the form
//! that counts people who still wait; where the other form misses the target this one does too, since its whole is larger.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_proto::router::v1::{ContactState, HelpLevel};
use serde::Serialize;

use crate::alarm::{Alarm, Level, Reading, Rule};
use crate::figures::{ACT_BELOW_PERCENT, ACT_CONTACTS_MIN, Figures, LEFT_PERCENT, Line, Severity, act_wait_ms};
use crate::fold::State;
use crate::settings::DashboardSettings;

/// Decisions shown, at most: the most urgent. Nobody takes in more, and the list travels whole.
pub(crate) const DECISIONS_MAX: usize = 40;

/// Below which part leaving counts as well again, in percent.
const LEFT_CLEAR_PERCENT: u64 = 4;

/// How long a request for help may stand, in milliseconds: worth a look, and calling for action.
const HELP_MS: (u64, u64) = (30_000, 60_000);

/// How many times longer than other steps a step of a handoff may take in which people talk.
const TALK_FACTOR: u64 = 5;

/// The threshold of the longest wait below which it counts as well again, in tenths of the threshold.
const WAIT_CLEAR_TENTHS: u64 = 7;

const LONGEST_WAIT: Rule = rule(15, 15, 60);
const SERVICE_LEVEL: Rule = rule(0, 0, 300);
const LEFT: Rule = rule(0, 0, 600);
const NO_ONE_FREE: Rule = rule(10, 30, 30);
const CENTER_SILENT: Rule = rule(5, 15, 30);

const fn rule(watch_s: u64, act_s: u64, clear_s: u64) -> Rule {
    Rule { watch_hold_ms: watch_s * 1_000, act_hold_ms: act_s * 1_000, clear_hold_ms: clear_s * 1_000 }
}

/// What a decision is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    LongestWait,
    Sl,
    Left,
    NoOneFree,
    CenterSilent,
    Help,
    TextUnanswered,
    HandoffStuck,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::LongestWait => "longest_wait",
            Self::Sl => "sl",
            Self::Left => "left",
            Self::NoOneFree => "no_one_free",
            Self::CenterSilent => "center_silent",
            Self::Help => "help",
            Self::TextUnanswered => "text_unanswered",
            Self::HandoffStuck => "handoff_stuck",
        }
    }
}

/// Something that calls for a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Decision {
    pub(crate) id: String,
    pub(crate) kind: Kind,
    pub(crate) severity: Severity,
    pub(crate) subject: String,
    pub(crate) since_ms: u64,
    pub(crate) value: u64,
    pub(crate) who: String,
    pub(crate) contact_id: String,
    pub(crate) acknowledged_by: String,
}

/// What is acknowledged has ended, or never was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this has ended already, or was never there")]
pub(crate) struct Ended;

struct Watched {
    alarm: Alarm,
    round: u64,
}

/// All decisions of one board. Alarms live as long as what they watch; nothing here outlives the process.
#[derive(Default)]
pub(crate) struct Decisions {
    alarms: BTreeMap<String, Watched>,
    acknowledged: BTreeMap<String, String>,
    shown: Vec<Decision>,
    /// How many there are, shown or not.
    pub(crate) total: usize,
    round: u64,
}

impl Decisions {
    /// Those to show, most urgent first.
    pub(crate) fn shown(&self) -> &[Decision] {
        &self.shown
    }

    /// Somebody has seen to it. Said again, the last word stands.
    ///
    /// # Errors
    /// [`Ended`] if there is no such decision now.
    pub(crate) fn acknowledge(&mut self, id: &str, by: &str) -> Result<(), Ended> {
        let decision = self.shown.iter_mut().find(|decision| decision.id == id).ok_or(Ended)?;
        by.clone_into(&mut decision.acknowledged_by);
        self.acknowledged.insert(id.to_owned(), by.to_owned());
        Ok(())
    }

    /// Looks at everything anew.
    pub(crate) fn observe(&mut self, state: &State, figures: &Figures, settings: &DashboardSettings) {
        self.round += 1;
        let mut found = Vec::new();
        self.shares(None, &figures.all, settings, figures.now_ms, &mut found);
        for row in &figures.queues {
            self.longest_wait(&row.queue, &row.line, settings, figures.now_ms, &mut found);
            self.shares(Some(&row.queue), &row.line, settings, figures.now_ms, &mut found);
        }
        self.nobody_free(figures, &mut found);
        self.centers(figures, &mut found);
        let round = self.round;
        self.alarms.retain(|_, watched| watched.round == round);
        help(state, figures.now_ms, &mut found);
        contacts(state, settings, figures.now_ms, &mut found);
        self.keep(found);
    }

    fn keep(&mut self, mut found: Vec<Decision>) {
        if !self.acknowledged.is_empty() {
            let ids: BTreeSet<&str> = found.iter().map(|decision| decision.id.as_str()).collect();
            self.acknowledged.retain(|id, _| ids.contains(id.as_str()));
        }
        for decision in &mut found {
            if let Some(by) = self.acknowledged.get(&decision.id) {
                by.clone_into(&mut decision.acknowledged_by);
            }
        }
        found.sort_by(|a, b| {
            let open = |it: &Decision| !it.acknowledged_by.is_empty();
            (b.severity, open(a), a.since_ms).cmp(&(a.severity, open(b), b.since_ms)).then_with(|| a.id.cmp(&b.id))
        });
        self.total = found.len();
        found.truncate(DECISIONS_MAX);
        self.shown = found;
    }

    /// Shows an alarm a reading; gives the decision if it calls for one.
    fn watch(&mut self, kind: Kind, subject: &str, reading: Reading, rule: &Rule, now_ms: u64) -> Option<Decision> {
        let id = identity(kind, subject);
        if !self.alarms.contains_key(&id) && reading.level < Level::Watch {
            return None;
        }
        let watched = self.alarms.entry(id.clone()).or_insert(Watched { alarm: Alarm::default(), round: 0 });
        if watched.alarm.observe(reading, rule, now_ms) {
            watched.round = self.round;
        }
        let Alarm { severity, began_ms, .. } = watched.alarm;
        (severity > Severity::Ok).then(|| Decision { severity, since_ms: began_ms, ..decision(kind, id, subject) })
    }

    fn longest_wait(
        &mut self,
        queue: &crate::names::Queue,
        line: &Line,
        settings: &DashboardSettings,
        now_ms: u64,
        found: &mut Vec<Decision>,
    ) {
        let within_ms = settings.answer_within_ms();
        let act_ms = act_wait_ms(settings);
        let wait_ms = line.longest_wait_ms(now_ms).unwrap_or(0);
        let level = match wait_ms {
            wait_ms if wait_ms > act_ms => Level::Act,
            wait_ms if wait_ms > within_ms => Level::Watch,
            wait_ms if wait_ms * 10 < within_ms * WAIT_CLEAR_TENTHS => Level::Clear,
            _ => Level::Between,
        };
        if level == Level::Clear && self.alarms.is_empty() {
            return;
        }
        // Whoever waits longest says by themselves since when somebody has.
        let since_ms = line.longest_since_ms.unwrap_or(now_ms);
        let reading = Reading { level, watch_since_ms: since_ms + within_ms, act_since_ms: since_ms + act_ms };
        if let Some(decision) = self.watch(Kind::LongestWait, &queue.key(), reading, &LONGEST_WAIT, now_ms) {
            let since_ms = line.longest_since_ms.unwrap_or(decision.since_ms);
            found.push(Decision { since_ms, value: line.waiting, ..decision });
        }
    }

    /// The service level and those who left, of the network or of one queue.
    fn shares(
        &mut self,
        queue: Option<&crate::names::Queue>,
        line: &Line,
        settings: &DashboardSettings,
        now_ms: u64,
        found: &mut Vec<Decision>,
    ) {
        let enough = |whole: u64| queue.is_none() || whole >= ACT_CONTACTS_MIN;
        let target = settings.answer_target_percent;
        let sl = if !enough(line.sl.whole) || !line.sl.is_below(target) {
            Level::Clear
        } else if line.sl.whole >= ACT_CONTACTS_MIN && line.sl.is_below(target.saturating_sub(ACT_BELOW_PERCENT)) {
            Level::Act
        } else {
            Level::Watch
        };
        let (watch, act) = LEFT_PERCENT;
        let left = if !enough(line.left.whole) || line.left.whole == 0 || line.left.is_below(LEFT_CLEAR_PERCENT) {
            Level::Clear
        } else if line.left.whole >= ACT_CONTACTS_MIN && line.left.is_above(act) {
            Level::Act
        } else if line.left.is_above(watch) {
            Level::Watch
        } else {
            Level::Between
        };
        for (kind, level, rule, share) in
            [(Kind::Sl, sl, &SERVICE_LEVEL, line.sl), (Kind::Left, left, &LEFT, line.left)]
        {
            if level < Level::Watch && self.alarms.is_empty() {
                continue;
            }
            let subject = queue.map(crate::names::Queue::key).unwrap_or_default();
            if let Some(decision) = self.watch(kind, &subject, Reading::now(level, now_ms), rule, now_ms) {
                found.push(Decision { value: share.permille().unwrap_or(0) / 10, ..decision });
            }
        }
    }

    fn nobody_free(&mut self, figures: &Figures, found: &mut Vec<Decision>) {
        let by_channel = figures.waiting_by_channel.into_iter().zip(figures.people.free_by_channel);
        for (channel, (waiting, free)) in ["voice", "text", "chat"].into_iter().zip(by_channel) {
            let level = if waiting > 0 && free == 0 { Level::Act } else { Level::Clear };
            let reading = Reading::now(level, figures.now_ms);
            if let Some(decision) = self.watch(Kind::NoOneFree, channel, reading, &NO_ONE_FREE, figures.now_ms) {
                found.push(Decision { value: waiting, ..decision });
            }
        }
    }

    fn centers(&mut self, figures: &Figures, found: &mut Vec<Decision>) {
        for center in &figures.centers {
            let reading = match center.silent_since_ms {
                Some(since_ms) => Reading { level: Level::Act, watch_since_ms: since_ms, act_since_ms: since_ms },
                None => Reading::now(Level::Clear, figures.now_ms),
            };
            if let Some(decision) = self.watch(Kind::CenterSilent, &center.id, reading, &CENTER_SILENT, figures.now_ms)
            {
                found.push(Decision { value: center.silent_desks, ..decision });
            }
        }
    }
}

fn identity(kind: Kind, subject: &str) -> String {
    format!("{}:{subject}", kind.word())
}

fn decision(kind: Kind, id: String, subject: &str) -> Decision {
    Decision {
        id,
        kind,
        severity: Severity::Ok,
        subject: subject.to_owned(),
        since_ms: 0,
        value: 0,
        who: String::new(),
        contact_id: String::new(),
        acknowledged_by: String::new(),
    }
}

fn by_age(age_ms: u64, watch_ms: u64, act_ms: u64) -> Severity {
    if age_ms >= act_ms {
        Severity::Act
    } else if age_ms >= watch_ms {
        Severity::Watch
    } else {
        Severity::Ok
    }
}

/// Requests for help that nobody has answered.
fn help(state: &State, now_ms: u64, found: &mut Vec<Decision>) {
    for member in state.members() {
        let Some(help) = member.view.help.as_ref().filter(|help| help.answered_by.is_empty()) else { continue };
        let (watch_ms, act_ms) = HELP_MS;
        let severity = match help.level() {
            HelpLevel::Emergency => Severity::Act,
            _ => by_age(now_ms.saturating_sub(help.asked_at_ms), watch_ms, act_ms),
        };
        let view = &member.view;
        let name = if view.name.is_empty() { &view.counselor_id } else { &view.name };
        found.push(Decision {
            severity,
            since_ms: help.asked_at_ms,
            value: u64::try_from(help.level).unwrap_or(0),
            who: view.counselor_id.clone(),
            contact_id: help.contact_id.clone(),
            ..decision(Kind::Help, identity(Kind::Help, &view.counselor_id), name)
        });
    }
}

/// People in writing whom nobody answers, and handoffs that do not move.
fn contacts(state: &State, settings: &DashboardSettings, now_ms: u64, found: &mut Vec<Decision>) {
    for (contact_id, live) in state.contacts() {
        let subject = || live.queue.and_then(|it| state.queues.get(it)).map(|queue| queue.key()).unwrap_or_default();
        let unanswered = live.unanswered_since_ms > 0 && live.state == ContactState::Connected;
        let age_ms = now_ms.saturating_sub(live.unanswered_since_ms);
        let severity = by_age(age_ms, settings.text_watch_s * 1_000, settings.text_act_s * 1_000);
        if unanswered && severity > Severity::Ok {
            let threshold_s = if severity == Severity::Act { settings.text_act_s } else { settings.text_watch_s };
            found.push(Decision {
                severity,
                since_ms: live.unanswered_since_ms,
                value: threshold_s,
                who: live.held_by.clone(),
                contact_id: contact_id.to_owned(),
                ..decision(Kind::TextUnanswered, identity(Kind::TextUnanswered, contact_id), &subject())
            });
        }
        let Some(handoff) = live.handing() else { continue };
        let factor = if handoff.is_talk() { TALK_FACTOR } else { 1 } * 1_000;
        let age_ms = now_ms.saturating_sub(handoff.since_ms);
        let severity = by_age(age_ms, settings.handoff_watch_s * factor, settings.handoff_act_s * factor);
        if severity > Severity::Ok {
            found.push(Decision {
                severity,
                since_ms: handoff.since_ms,
                value: u64::from(handoff.number),
                who: handoff.from_id.clone(),
                contact_id: contact_id.to_owned(),
                ..decision(Kind::HandoffStuck, identity(Kind::HandoffStuck, contact_id), &subject())
            });
        }
    }
}
