//! What a board shows, in the words of the wire between browser and service: every field as `wire.ts` has it.
//!
//! A view is made from the figures of one moment and never changed; frames are made of it, or of the difference of two.

use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::decisions::{Decision, Decisions, Kind};
use crate::figures::{Figures, Line, Row, Severity, Share};
use crate::fold::State;
use crate::names::{Names, Queue};
use crate::people::{Center, CenterState, People};
use crate::settings::DashboardSettings;
use crate::today::Handoffs;

/// Rows of the most urgent queues that everybody gets.
pub(crate) const ROWS_TOP: usize = 40;

/// Rows, at most, for whoever asks for all.
pub(crate) const ROWS_ALL_MAX: usize = 2_000;

/// A number, and how much it needs a look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Waiting {
    value: u64,
    severity: Severity,
}

/// When whoever waits longest arrived; 0 when nobody waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct LongestWait {
    since_ms: u64,
    target_ms: u64,
    severity: Severity,
}

/// Answered in time, in both forms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Answered {
    sl: Share,
    sl_finished: Share,
    within_s: u64,
    target_percent: u64,
    severity: Severity,
}

/// Left before an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Left {
    share: Share,
    short: u64,
    severity: Severity,
}

/// Counselors, each counted once in each number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Counselors {
    free: u64,
    on_contact: u64,
    wrapping_up: u64,
    away: u64,
    unsure: u64,
    severity: Severity,
}

/// Centers that take contacts, of those there are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct CentersTile {
    taking: u64,
    all: u64,
    severity: Severity,
}

/// Peers, and handoffs under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct PeersTile {
    free: u64,
    on_contact: u64,
    handoffs: u64,
}

/// The tiles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Tiles {
    waiting: Waiting,
    longest_wait: LongestWait,
    answered: Answered,
    left: Left,
    counselors: Counselors,
    centers: CentersTile,
    peers: PeersTile,
}

/// One queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct QueueRow {
    pub(crate) key: String,
    #[serde(serialize_with = "whole")]
    queue: Arc<Queue>,
    severity: Severity,
    waiting: u64,
    longest_since_ms: u64,
    sl: Share,
    sl_finished: Share,
    left: Share,
    left_short: u64,
    free: u64,
    on_contact: u64,
}

/// One center.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct CenterRow {
    center: String,
    name: String,
    state: CenterState,
    free: u64,
    on_contact: u64,
    wrapping_up: u64,
    away: u64,
    unsure: u64,
}

/// The last hour, a point a minute.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub(crate) struct Lines {
    minute_ms: Vec<u64>,
    arrived: Vec<u64>,
    waiting: Vec<u64>,
    answered: Vec<Share>,
}

/// Waits of today; null of nobody.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub(crate) struct Waits {
    pub(crate) mean: Option<u64>,
    pub(crate) p50: Option<u64>,
    pub(crate) p90: Option<u64>,
    pub(crate) p99: Option<u64>,
}

/// Today so far.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub(crate) struct Today {
    pub(crate) arrived: u64,
    pub(crate) answered: u64,
    pub(crate) left: u64,
    pub(crate) since_ms: u64,
    pub(crate) zone: String,
    pub(crate) handoffs: Handoffs,
    pub(crate) wait_ms: Waits,
}

/// Everything a board shows at a moment.
#[derive(Debug, Clone)]
pub(crate) struct View {
    pub(crate) at_ms: u64,
    pub(crate) network: String,
    pub(crate) names: Arc<Names>,
    pub(crate) tiles: Tiles,
    /// Most urgent first, [`ROWS_ALL_MAX`] at most.
    pub(crate) rows: Vec<QueueRow>,
    pub(crate) queues_total: usize,
    pub(crate) centers: Vec<CenterRow>,
    pub(crate) decisions: Vec<Decision>,
    pub(crate) lines: Arc<Lines>,
    pub(crate) today: Arc<Today>,
    pub(crate) incomplete: bool,
}

impl View {
    /// The view of a moment. `aggregates` are taken over from before where it is not their turn.
    pub(crate) fn of(
        state: &State,
        figures: &Figures,
        decisions: &Decisions,
        settings: &DashboardSettings,
        aggregates: Option<(Arc<Lines>, Arc<Today>)>,
    ) -> Self {
        let (lines, today) = aggregates
            .unwrap_or_else(|| (Arc::new(lines(state, figures.now_ms)), Arc::new(today(state, &settings.zone))));
        let centers = figures.centers.iter().map(|center| center_row(center, &state.names)).collect();
        Self {
            at_ms: figures.now_ms,
            network: state.network.clone(),
            names: Arc::clone(&state.names),
            tiles: tiles(figures, decisions.shown(), settings),
            rows: figures.queues.iter().take(ROWS_ALL_MAX).map(|row| queue_row(row, &figures.people)).collect(),
            queues_total: figures.queues.len(),
            centers,
            decisions: decisions.shown().to_vec(),
            lines,
            today,
            incomplete: state.incomplete,
        }
    }

    /// Whether nothing that is shown differs.
    pub(crate) fn shows_the_same(&self, other: &Self) -> bool {
        self.can_follow(other)
            && self.tiles == other.tiles
            && self.rows == other.rows
            && self.queues_total == other.queues_total
            && self.centers == other.centers
            && self.decisions == other.decisions
            && self.lines == other.lines
            && self.today == other.today
    }

    /// Whether a delta can tell the difference: it has no word for what the network is called, or whether all is there.
    pub(crate) fn can_follow(&self, other: &Self) -> bool {
        self.network == other.network && self.incomplete == other.incomplete && self.names == other.names
    }
}

/// How much the counselors and the line as a whole need a look, beyond what the shares say.
pub(crate) struct Worries {
    pub(crate) waiting: Severity,
    pub(crate) counselors: Severity,
    pub(crate) centers: Severity,
}

impl Worries {
    pub(crate) fn of(figures: &Figures, decisions: &[Decision]) -> Self {
        let watch = |it: bool| if it { Severity::Watch } else { Severity::Ok };
        let (taking, centers) = figures.centers_taking();
        let silent = figures.centers.iter().any(|center| center.state == CenterState::Silent);
        let none_taking = taking == 0 && centers > 0;
        let People { unsure, on_shift, .. } = figures.people;
        // Unreachable in part: worth a look from a tenth, calling for action from a quarter.
        let share = Share { part: unsure, whole: on_shift };
        let unreachable =
            if unsure > 0 && !share.is_below(25) { Severity::Act } else { watch(unsure > 0 && !share.is_below(10)) };
        // At once it is worth a look; what has lasted is a decision, and says how much.
        let lasting = decisions.iter().filter(|it| it.kind == Kind::NoOneFree).map(|it| it.severity).max();
        let nobody_free =
            if figures.is_nobody_free() { lasting.unwrap_or_default().max(Severity::Watch) } else { Severity::Ok };
        Self {
            waiting: nobody_free,
            counselors: unreachable.max(nobody_free),
            centers: if none_taking { Severity::Act } else { watch(silent) },
        }
    }
}

fn tiles(figures: &Figures, decisions: &[Decision], settings: &DashboardSettings) -> Tiles {
    let Figures { all, people, peers, .. } = figures;
    let (taking, centers) = figures.centers_taking();
    let worries = Worries::of(figures, decisions);
    Tiles {
        waiting: Waiting { value: all.waiting, severity: worries.waiting },
        longest_wait: LongestWait {
            since_ms: all.longest_since_ms.unwrap_or(0),
            target_ms: settings.answer_within_ms(),
            severity: all.wait_severity(settings, figures.now_ms),
        },
        answered: Answered {
            sl: all.sl,
            sl_finished: all.sl_finished,
            within_s: settings.answer_within_s,
            target_percent: settings.answer_target_percent,
            severity: all.sl_severity(settings),
        },
        left: Left { share: all.left, short: all.left_short, severity: all.left_severity() },
        counselors: Counselors {
            free: people.free,
            on_contact: people.on_contact,
            wrapping_up: people.wrapping_up,
            away: people.away,
            unsure: people.unsure,
            severity: worries.counselors,
        },
        centers: CentersTile { taking, all: centers, severity: worries.centers },
        peers: PeersTile { free: peers.free, on_contact: peers.on_contact, handoffs: figures.handoffs },
    }
}

fn queue_row(row: &Row, people: &People) -> QueueRow {
    let Row { queue, line, severity } = row;
    let Line { waiting, longest_since_ms, sl, sl_finished, left, left_short, on_contact, .. } = *line;
    QueueRow {
        key: queue.key(),
        queue: Arc::clone(queue),
        severity: *severity,
        waiting,
        longest_since_ms: longest_since_ms.unwrap_or(0),
        sl,
        sl_finished,
        left,
        left_short,
        free: people.free_for(queue.channel()),
        on_contact,
    }
}

/// A shared value, as its own.
fn whole<S: Serializer>(queue: &Arc<Queue>, serializer: S) -> Result<S::Ok, S::Error> {
    queue.serialize(serializer)
}

fn center_row(center: &Center, names: &Names) -> CenterRow {
    let People { free, on_contact, wrapping_up, away, unsure, .. } = center.people;
    CenterRow {
        center: center.id.clone(),
        name: names.center(&center.id).to_owned(),
        state: center.state,
        free,
        on_contact,
        wrapping_up,
        away,
        unsure,
    }
}

fn lines(state: &State, now_ms: u64) -> Lines {
    let mut lines = Lines::default();
    for (minute_ms, minute) in state.hour.points(now_ms) {
        lines.minute_ms.push(minute_ms);
        lines.arrived.push(minute.arrived);
        lines.waiting.push(minute.waiting);
        lines.answered.push(minute.answered());
    }
    lines
}

/// Today's counts, and the percentiles that follow from them.
pub(crate) fn today(state: &State, zone: &str) -> Today {
    let today = &state.today;
    Today {
        arrived: today.arrived,
        answered: today.answered,
        left: today.left,
        since_ms: today.since_ms,
        zone: zone.to_owned(),
        handoffs: today.handoffs,
        wait_ms: Waits {
            mean: today.mean_ms(),
            p50: today.percentile_ms(50.0),
            p90: today.percentile_ms(90.0),
            p99: today.percentile_ms(99.0),
        },
    }
}
