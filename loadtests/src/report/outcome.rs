//! What one run found, as it stands in `result.json`. Times are microseconds unless a name says otherwise.

use crate::scenario::{Role, Scenario};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The format of `result.json`; it grows when a field changes its meaning.
pub const FORMAT: u32 = 1;

/// Percentiles of a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Quantiles {
    /// How many were timed.
    pub count: u64,
    /// Half were at most this.
    pub p50_us: u64,
    /// 90 of 100.
    pub p90_us: u64,
    /// 99 of 100.
    pub p99_us: u64,
    /// 999 of 1,000.
    pub p999_us: u64,
    /// The longest.
    pub most_us: u64,
}

/// The machine of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// Processors.
    pub cores: usize,
    /// Their name.
    pub processor: String,
    /// Memory, bytes.
    pub memory_bytes: u64,
    /// Kernel and its release.
    pub kernel: String,
}

/// One phase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhaseFound {
    /// Its name.
    pub name: String,
    /// What it was for.
    pub role: Role,
    /// Seconds of the run.
    pub from_s: f64,
    /// Its end.
    pub to_s: f64,
    /// Webhooks, from when they were due.
    pub ack: Quantiles,
    /// First offers, from eligibility.
    pub offer: Quantiles,
    /// Looks at boards.
    pub board: Quantiles,
    /// The generator's own lateness.
    pub late: Quantiles,
}

/// One second.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SecondFound {
    /// People due.
    pub due: u64,
    /// People acknowledged.
    pub acked: u64,
    /// People offered for the first time.
    pub told: u64,
    /// People accepted.
    pub taken: u64,
    /// Webhooks due.
    pub hooks: u64,
    /// Of them without a good answer in time.
    pub unanswered: u64,
    /// Texts on people's phones.
    pub texts: u64,
    /// Webhooks due in this second: half, 99 and 999 of 1,000; none if none was due.
    pub ack_us: Option<[u32; 3]>,
    /// First offers.
    pub offer_us: Option<[u32; 3]>,
    /// Looks at boards.
    pub board_us: Option<[u32; 3]>,
    /// The latest start of the generator.
    pub late_most_us: u32,
    /// Who waits, as the server says; none if it did not answer.
    pub waiting: Option<u64>,
    /// People under way, as the generator has it.
    pub under_way: u64,
    /// Desks at work.
    pub at_work: u64,
    /// Boards open.
    pub boards_open: u64,
    /// The server's processor time in this second.
    pub cpu_us: u64,
    /// The server's resident memory, bytes.
    pub resident_bytes: u64,
    /// The server's open files.
    pub files: u64,
}

/// One rate of the search for the knee.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// People a second.
    pub rate_per_s: f64,
    /// Seconds of the run.
    pub from_s: f64,
    /// The 99th of 100 webhooks.
    pub ack_p99_us: u64,
    /// The part of people that was answered in the step.
    pub part: f64,
    /// The part of all processor time of the machine that the server used.
    pub server_part: f64,
    /// Whether the rate held.
    pub held: bool,
}

/// The books at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Books {
    /// People who came.
    pub people: u64,
    /// Of them acknowledged.
    pub acknowledged: u64,
    /// Of them offered to a desk.
    pub offered: u64,
    /// Acknowledged, still there, and not known to Holdfast.
    pub lost: u64,
    /// Held out to two at once, or accepted twice.
    pub doubled: u64,
    /// Offered before somebody who had come earlier.
    pub out_of_order: u64,
    /// Not brought to an end, people and desks.
    pub stuck: u64,
    /// Offered though no answer to their call was heard: their answer was lost, which is no fault.
    pub strangers: u64,
    /// Webhooks posted while it was measured.
    pub hooks: u64,
    /// Of them without a good answer in time.
    pub unanswered: u64,
}

/// Somebody was told to a desk while somebody who had come earlier waited on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overtaking {
    /// Whether both write, or both call.
    pub text: bool,
    /// When the webhook was posted that put the one who overtook into the queue.
    pub posted_us: u64,
    /// When a desk heard of them.
    pub offered_us: u64,
    /// When the webhook of whoever waited on had been answered.
    pub past_answered_us: u64,
    /// Until when they waited; none if they still did at the end.
    pub past_until_us: Option<u64>,
    /// Whether they waited until they hung up, and not for an offer.
    pub past_left: bool,
}

/// How many of those who overtook are listed; all are counted.
pub const OVERTAKINGS_MOST: usize = 100;

/// What one run found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// [`FORMAT`].
    pub format: u32,
    /// What was run.
    pub scenario: Scenario,
    /// The load was shortened or lengthened to so many minutes.
    pub fitted_to_minutes: Option<f64>,
    /// When it began, UTC.
    pub began: String,
    /// The server's own words about its version.
    pub version: String,
    /// Where it ran.
    pub machine: Machine,
    /// Phase by phase.
    pub phases: Vec<PhaseFound>,
    /// Second by second.
    pub seconds: Vec<SecondFound>,
    /// The search for the knee.
    pub steps: Vec<Step>,
    /// The knee, people a second.
    pub knee_per_s: Option<f64>,
    /// The 99th of 100 webhooks at the knee.
    pub knee_ack_p99_us: Option<u64>,
    /// The books.
    pub books: Books,
    /// The first [`OVERTAKINGS_MOST`] of those who were offered out of order.
    #[serde(default)]
    pub overtakings: Vec<Overtaking>,
    /// How long after the load the webhooks were answered as before, seconds; none if never, or if nothing was there to compare with.
    #[serde(default)]
    pub back_after_s: Option<f64>,
    /// How long after their cut all desks were back at work; infinite is -1.
    pub desks_back_s: Option<f64>,
    /// What went wrong without being a verdict: reasons and how often.
    pub troubles: BTreeMap<String, u64>,
    /// The server's counters that should be 0, and are not.
    pub server_counts: BTreeMap<String, f64>,
    /// Whether the server ended well when it was asked to.
    pub ended_well: bool,
}

impl Found {
    /// Phases of this role.
    pub fn of_role(&self, role: Role) -> impl Iterator<Item = &PhaseFound> {
        self.phases.iter().filter(move |phase| phase.role == role)
    }

    /// From the start of the first phase that is neither quiet nor after to the end of the last, seconds.
    #[must_use]
    pub fn load_s(&self) -> Option<(f64, f64)> {
        let loaded = || self.phases.iter().filter(|phase| matches!(phase.role, Role::Onset | Role::Load));
        Some((loaded().next()?.from_s, loaded().next_back()?.to_s))
    }

    /// The seconds between these moments.
    pub fn between(&self, from_s: f64, to_s: f64) -> &[SecondFound] {
        let most = self.seconds.len();
        let (from, to) = (whole(from_s).min(most), whole(to_s).min(most));
        self.seconds.get(from..to.max(from)).unwrap_or_default()
    }
}

/// Whole seconds, rounded.
#[must_use]
pub fn whole(seconds: f64) -> usize {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds of a run")]
    let whole = seconds.max(0.0).round() as usize;
    whole
}
