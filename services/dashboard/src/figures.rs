//! The numbers of one moment, as ux calls for them: ratios keep both halves, so that "of none" is never shown as 0 or 100.
//!
//! Severities here say what is so at this moment. What calls for a decision, and for how long it must have, is in `decisions`.

use std::sync::Arc;

use holdfast_proto::router::v1::ContactState;
use serde::Serialize;

use crate::fold::State;
use crate::live::Live;
use crate::names::Queue;
use crate::people::{Census, Center, Peers, People};
use crate::settings::DashboardSettings;
use crate::window::Tally;

/// Longest waits from here on call for action whatever the threshold, in milliseconds.
const ACT_WAIT_MS: u64 = 60_000;

/// Contacts a share must rest on before it calls for action.
pub(crate) const ACT_CONTACTS_MIN: u64 = 20;

/// How much below the target a share may fall before it calls for action, in percent.
pub(crate) const ACT_BELOW_PERCENT: u64 = 10;

/// Which part of contacts may leave before it is worth watching and before it calls for action, in percent.
pub(crate) const LEFT_PERCENT: (u64, u64) = (5, 10);

/// A part of a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub(crate) struct Share {
    pub(crate) part: u64,
    pub(crate) whole: u64,
}

impl Share {
    /// In tenths of a percent; none of nothing.
    pub(crate) fn permille(self) -> Option<u64> {
        self.part.saturating_mul(1_000).checked_div(self.whole)
    }

    pub(crate) fn is_below(self, percent: u64) -> bool {
        self.part * 100 < self.whole * percent
    }

    pub(crate) fn is_above(self, percent: u64) -> bool {
        self.part * 100 > self.whole * percent
    }
}

/// How much something needs a look. Later is more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Severity {
    #[default]
    Ok,
    Watch,
    Act,
}

/// What is shown of one queue, or of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Line {
    pub(crate) waiting: u64,
    /// When whoever waits longest arrived; none when nobody waits.
    pub(crate) longest_since_ms: Option<u64>,
    /// Answered within the threshold, in the last 30 minutes; who still waits beyond it is in the whole.
    pub(crate) sl: Share,
    /// The same, of those only who wait no more.
    pub(crate) sl_finished: Share,
    /// Left before an answer, in the last 30 minutes.
    pub(crate) left: Share,
    pub(crate) left_short: u64,
    pub(crate) on_contact: u64,
    /// Waiting beyond the threshold, never connected.
    pub(crate) overdue: u64,
}

/// One queue's row.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) queue: Arc<Queue>,
    pub(crate) line: Line,
    pub(crate) severity: Severity,
}

/// Everything a board shows of the moment.
#[derive(Debug)]
pub(crate) struct Figures {
    pub(crate) now_ms: u64,
    pub(crate) all: Line,
    pub(crate) people: People,
    pub(crate) peers: Peers,
    /// Handoffs under way.
    pub(crate) handoffs: u64,
    /// In writing, those with somebody who wait for an answer; and conversations under way.
    pub(crate) writing: Share,
    /// Voice, text and chat: how many wait.
    pub(crate) waiting_by_channel: [u64; 3],
    /// By center, silent ones first, then by name.
    pub(crate) centers: Vec<Center>,
    /// Most urgent first.
    pub(crate) queues: Vec<Row>,
}

impl Figures {
    /// The figures at `now_ms` of network time.
    pub(crate) fn of(state: &State, settings: &DashboardSettings, now_ms: u64) -> Self {
        let mut lines = vec![Line::default(); state.queues.len()];
        let mut all = Line::default();
        let (mut handoffs, mut writing, mut waiting_by_channel) = (0, Share::default(), [0; 3]);
        for (_, contact) in state.contacts() {
            let mut nowhere = Line::default();
            let line = contact.queue.and_then(|queue| lines.get_mut(queue)).unwrap_or(&mut nowhere);
            line.take(contact, settings, now_ms);
            all.take(contact, settings, now_ms);
            handoffs += u64::from(contact.handing().is_some());
            let channel = contact.queue.and_then(|queue| state.queues.get(queue)).map(|queue| queue.channel);
            let slot = match channel {
                Some("voice") => 0,
                Some("text") => 1,
                _ => 2,
            };
            if let Some(waiting) = waiting_by_channel.get_mut(slot).filter(|_| contact.waits()) {
                *waiting += 1;
            }
            if slot != 0 && contact.state == ContactState::Connected {
                writing.whole += 1;
                writing.part += u64::from(contact.unanswered_since_ms > 0);
            }
        }
        let mut sum = Tally::default();
        let sums = state.window.sums(now_ms);
        for (queue, line) in lines.iter_mut().enumerate() {
            let tally = sums.get(&queue).copied().unwrap_or_default();
            line.rest_on(&tally, settings);
            sum.merge(&tally);
        }
        all.rest_on(&sum, settings);
        let queues = rows(state, lines, settings, now_ms);
        let Census { people, peers, centers } = Census::of(state, now_ms);
        Self { now_ms, all, people, peers, handoffs, writing, waiting_by_channel, centers, queues }
    }

    /// How many centers take contacts, and how many there are: of those that have counselors.
    pub(crate) fn centers_taking(&self) -> (u64, u64) {
        let (mut taking, mut all) = (0, 0);
        for center in self.centers.iter().filter(|center| center.has_counselors) {
            all += 1;
            taking += u64::from(center.is_taking());
        }
        (taking, all)
    }

    /// Whether somebody waits by a channel for which nobody is free.
    pub(crate) fn is_nobody_free(&self) -> bool {
        self.waiting_by_channel.iter().zip(self.people.free_by_channel).any(|(waiting, free)| *waiting > 0 && free == 0)
    }
}

fn rows(state: &State, lines: Vec<Line>, settings: &DashboardSettings, now_ms: u64) -> Vec<Row> {
    let mut rows: Vec<_> = state
        .queues
        .iter()
        .zip(lines)
        .enumerate()
        .filter(|(index, (_, line))| state.is_planned(*index) || *line != Line::default())
        .map(|(_, (queue, line))| {
            let severity = line.severity(settings, now_ms);
            Row { queue: Arc::clone(queue), line, severity }
        })
        .collect();
    // Everybody's wait grows alike, so that who arrived first is also who comes to the threshold first.
    rows.sort_by(|a, b| {
        let since = |row: &Row| row.line.longest_since_ms.unwrap_or(u64::MAX);
        (b.severity, since(a), b.line.waiting)
            .cmp(&(a.severity, since(b), a.line.waiting))
            .then_with(|| a.queue.cmp(&b.queue))
    });
    rows
}

impl Line {
    fn take(&mut self, contact: &Live, settings: &DashboardSettings, now_ms: u64) {
        if contact.waits() {
            self.waiting += 1;
            let since_ms = contact.arrived_at_ms;
            self.longest_since_ms = Some(self.longest_since_ms.map_or(since_ms, |it| it.min(since_ms)));
            // Who was connected before and waits again has been counted as answered or not.
            let counts = !contact.ever_connected && !contact.outbound;
            self.overdue += u64::from(counts && now_ms.saturating_sub(since_ms) > settings.answer_within_ms());
        } else if contact.state == ContactState::Connected {
            self.on_contact += 1;
        }
    }

    /// SL(T) = connected within T ÷ (connected + left + diverted after T + still waiting beyond T).
    fn rest_on(&mut self, tally: &Tally, settings: &DashboardSettings) {
        let within_s = settings.answer_within_s;
        let diverted_late = tally.diverted.total() - tally.diverted.within(within_s);
        let finished = tally.connected.total() + tally.left + diverted_late;
        self.sl_finished = Share { part: tally.connected.within(within_s), whole: finished };
        self.sl = Share { whole: finished + self.overdue, ..self.sl_finished };
        self.left = Share { part: tally.left, whole: tally.entered };
        self.left_short = tally.left_short;
    }

    pub(crate) fn longest_wait_ms(&self, now_ms: u64) -> Option<u64> {
        self.longest_since_ms.map(|since_ms| now_ms.saturating_sub(since_ms))
    }

    pub(crate) fn wait_severity(&self, settings: &DashboardSettings, now_ms: u64) -> Severity {
        let wait_ms = self.longest_wait_ms(now_ms).unwrap_or(0);
        if wait_ms > act_wait_ms(settings) {
            Severity::Act
        } else if wait_ms > settings.answer_within_ms() {
            Severity::Watch
        } else {
            Severity::Ok
        }
    }

    pub(crate) fn sl_severity(&self, settings: &DashboardSettings) -> Severity {
        let target = settings.answer_target_percent;
        if !self.sl.is_below(target) {
            Severity::Ok
        } else if self.sl.whole >= ACT_CONTACTS_MIN && self.sl.is_below(target.saturating_sub(ACT_BELOW_PERCENT)) {
            Severity::Act
        } else {
            Severity::Watch
        }
    }

    pub(crate) fn left_severity(&self) -> Severity {
        let (watch, act) = LEFT_PERCENT;
        if self.left.is_above(act) && self.left.whole >= ACT_CONTACTS_MIN {
            Severity::Act
        } else if self.left.is_above(watch) {
            Severity::Watch
        } else {
            Severity::Ok
        }
    }

    pub(crate) fn severity(&self, settings: &DashboardSettings, now_ms: u64) -> Severity {
        self.wait_severity(settings, now_ms).max(self.sl_severity(settings)).max(self.left_severity())
    }
}

/// From which wait on somebody's waiting calls for action: 60 s or three thresholds, whichever is sooner, and never within one.
pub(crate) fn act_wait_ms(settings: &DashboardSettings) -> u64 {
    let within_ms = settings.answer_within_ms();
    ACT_WAIT_MS.min(within_ms * 3).max(within_ms)
}
