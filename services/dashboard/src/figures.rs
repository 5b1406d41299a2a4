//! The numbers of one moment, as ux calls for them: ratios keep both halves, so that "of none" is never shown as 0 or 100.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_proto::router::v1::{ContactState, CounselorView, Presence, Readiness};

use crate::fold::{Queue, State};
use crate::settings::DashboardSettings;
use crate::window::Tally;

/// Longest waits from here on call for action whatever the threshold, in milliseconds.
const ACT_WAIT_MS: u64 = 60_000;

/// Contacts a share must rest on before it calls for action.
const ACT_CONTACTS_MIN: u64 = 20;

/// How much below the target a share may fall before it calls for action, in percent.
const ACT_BELOW_PERCENT: u64 = 10;

/// Which part of contacts may leave before it is worth watching and before it calls for action, in percent.
const LEFT_PERCENT: (u64, u64) = (5, 10);

/// A part of a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Share {
    pub(crate) part: u64,
    pub(crate) whole: u64,
}

impl Share {
    /// In tenths of a percent; none of nothing.
    pub(crate) fn permille(self) -> Option<u64> {
        self.part.saturating_mul(1_000).checked_div(self.whole)
    }

    fn is_below(self, percent: u64) -> bool {
        self.part * 100 < self.whole * percent
    }
}

/// How much something needs a look. Later is more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    Ok,
    Watch,
    Act,
}

/// What is shown of one queue, or of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Line {
    pub(crate) waiting: u64,
    /// Since arrival, in milliseconds; none when nobody waits.
    pub(crate) longest_wait_ms: Option<u64>,
    /// Answered within the threshold, in the last 30 minutes.
    pub(crate) answered: Share,
    /// Left before an answer, in the last 30 minutes.
    pub(crate) left: Share,
    pub(crate) left_short: u64,
    pub(crate) on_contact: u64,
    overdue: u64,
}

/// Counselors, each counted once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct People {
    pub(crate) free: u64,
    pub(crate) on_contact: u64,
    pub(crate) wrapping_up: u64,
    pub(crate) away: u64,
    pub(crate) unsure: u64,
}

/// Everything a board shows.
#[derive(Debug)]
pub(crate) struct Figures {
    pub(crate) network: String,
    pub(crate) all: Line,
    pub(crate) people: People,
    pub(crate) centers_taking: u64,
    pub(crate) centers: u64,
    /// Most urgent first.
    pub(crate) queues: Vec<(Queue, Line, Severity)>,
    /// Whether something was beyond the dashboard's bounds and is missing here.
    pub(crate) incomplete: bool,
}

impl Figures {
    /// The figures at `now_ms` of network time.
    pub(crate) fn of(state: &State, settings: &DashboardSettings, now_ms: u64) -> Self {
        let mut lines: BTreeMap<usize, Line> = (0..state.queues.len()).map(|index| (index, Line::default())).collect();
        let mut all = Line::default();
        for contact in state.contacts() {
            let mut nowhere = Line::default();
            let line = contact.queue.and_then(|queue| lines.get_mut(&queue)).unwrap_or(&mut nowhere);
            if contact.waits() {
                let wait_ms = now_ms.saturating_sub(contact.arrived_at_ms);
                // Who was connected before and waits again has been counted as answered or not.
                let overdue = !contact.ever_connected && wait_ms > settings.answer_within_ms();
                line.wait(wait_ms, overdue);
                all.wait(wait_ms, overdue);
            } else if contact.state == ContactState::Connected {
                line.on_contact += 1;
                all.on_contact += 1;
            }
        }
        let mut sum = Tally::default();
        let sums = state.window.sums(now_ms);
        for (queue, line) in &mut lines {
            let tally = sums.get(queue).copied().unwrap_or_default();
            line.rest_on(&tally, settings);
            sum.merge(&tally);
        }
        all.rest_on(&sum, settings);
        let mut queues: Vec<_> = state
            .queues
            .iter()
            .zip(lines)
            .filter(|(_, (index, line))| state.is_planned(*index) || *line != Line::default())
            .map(|(queue, (_, line))| (queue.clone(), line, line.severity(settings)))
            .collect();
        queues.sort_by(|(a, line_a, severity_a), (b, line_b, severity_b)| {
            (severity_b, line_b.longest_wait_ms, line_b.waiting)
                .cmp(&(severity_a, line_a.longest_wait_ms, line_a.waiting))
                .then_with(|| a.cmp(b))
        });
        let (people, centers_taking, centers) = people(state.counselors());
        Self {
            network: state.network.clone(),
            all,
            people,
            centers_taking,
            centers,
            queues,
            incomplete: state.incomplete,
        }
    }
}

impl Line {
    fn wait(&mut self, wait_ms: u64, overdue: bool) {
        self.waiting += 1;
        self.longest_wait_ms = self.longest_wait_ms.max(Some(wait_ms));
        self.overdue += u64::from(overdue);
    }

    /// SL(T) = connected within T ÷ (connected + left + diverted after T + still waiting beyond T).
    fn rest_on(&mut self, tally: &Tally, settings: &DashboardSettings) {
        let within_s = settings.answer_within_s;
        let diverted_late = tally.diverted.total() - tally.diverted.within(within_s);
        self.answered = Share {
            part: tally.connected.within(within_s),
            whole: tally.connected.total() + tally.left + diverted_late + self.overdue,
        };
        self.left = Share { part: tally.left, whole: tally.entered };
        self.left_short = tally.left_short;
    }

    pub(crate) fn wait_severity(&self, settings: &DashboardSettings) -> Severity {
        let (wait_ms, within_ms) = (self.longest_wait_ms.unwrap_or(0), settings.answer_within_ms());
        if wait_ms > ACT_WAIT_MS.min(within_ms * 3).max(within_ms) {
            Severity::Act
        } else if wait_ms > within_ms {
            Severity::Watch
        } else {
            Severity::Ok
        }
    }

    pub(crate) fn answered_severity(&self, settings: &DashboardSettings) -> Severity {
        let target = settings.answer_target_percent;
        if !self.answered.is_below(target) {
            Severity::Ok
        } else if self.answered.whole >= ACT_CONTACTS_MIN
            && self.answered.is_below(target.saturating_sub(ACT_BELOW_PERCENT))
        {
            Severity::Act
        } else {
            Severity::Watch
        }
    }

    pub(crate) fn left_severity(&self) -> Severity {
        let (watch, act) = LEFT_PERCENT;
        let Share { part, whole } = self.left;
        if part * 100 > whole * act && whole >= ACT_CONTACTS_MIN {
            Severity::Act
        } else if part * 100 > whole * watch {
            Severity::Watch
        } else {
            Severity::Ok
        }
    }

    pub(crate) fn severity(&self, settings: &DashboardSettings) -> Severity {
        self.wait_severity(settings).max(self.answered_severity(settings)).max(self.left_severity())
    }
}

fn people<'a>(counselors: impl Iterator<Item = &'a CounselorView>) -> (People, u64, u64) {
    let (mut people, mut taking, mut centers) = (People::default(), BTreeSet::new(), BTreeSet::new());
    for counselor in counselors {
        centers.insert(counselor.center.as_str());
        let ready = matches!(counselor.readiness(), Readiness::Available | Readiness::AvailableFor);
        match counselor.presence() {
            Presence::Offline | Presence::Unspecified => continue,
            Presence::Unsure => people.unsure += 1,
            Presence::Connected if ready => {
                taking.insert(counselor.center.as_str());
            }
            Presence::Connected => {}
        }
        if counselor.held > 0 {
            people.on_contact += 1;
        } else if counselor.wrapping_up > 0 {
            people.wrapping_up += 1;
        } else if counselor.presence() == Presence::Connected && counselor.offered == 0 {
            if ready {
                people.free += 1;
            } else {
                people.away += 1;
            }
        }
    }
    let count = |set: BTreeSet<&str>| u64::try_from(set.len()).unwrap_or(u64::MAX);
    (people, count(taking), count(centers))
}
