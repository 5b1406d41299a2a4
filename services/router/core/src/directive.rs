//! A directive: what an operator decides for a while about a center or a queue. It always has an end, an owner and a reason, so that
//! nothing stays closed because somebody forgot it.
//!
//! | from | what happens | to |
//! |---|---|---|
//! | — | an operator gives one | in force |
//! | in force | another about the same center or queue | that one |
//! | in force | its time is up, or an operator takes it back | — |
//!
//! Deliberately absent: opening hours, which the plan has; a directive goes before them.

use crate::id::CenterId;
use crate::plan::QueueKey;
use crate::time::Timestamp;
use alloc::sync::Arc;

/// The longest a directive may last: whoever wants more changes the plan.
pub const LASTS_MAX_MS: u64 = 7 * 24 * 60 * 60 * 1_000;

/// The longest reason, in bytes.
pub const REASON_MAX_BYTES: usize = 200;

/// Whether a center's counselors are asked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Door {
    /// They are, whatever the hours say.
    Taking,
    /// They get nobody new. Whom they have, or are asked about, they keep.
    Draining,
    /// They get nobody, and open offers are taken back.
    Closed,
}

/// What is decided.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Measure {
    /// About a center.
    Center {
        /// Which.
        center: CenterId,
        /// Whether its counselors are asked.
        door: Door,
    },
    /// People of one queue are searched for as those of another are. They keep their places and their needs.
    Queue {
        /// Whose people.
        queue: QueueKey,
        /// Whose rings.
        to: QueueKey,
    },
}

/// What a directive is about: there is at most one about each.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Subject {
    /// A center.
    Center(CenterId),
    /// A queue.
    Queue(QueueKey),
}

/// A directive in force.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Directive {
    /// What is decided.
    pub measure: Measure,
    /// When it ends by itself.
    pub until: Timestamp,
    /// Who answers for it.
    pub by: Arc<str>,
    /// Why. About the service, never about a person.
    pub reason: Arc<str>,
}

impl Measure {
    /// What it is about.
    #[must_use]
    pub fn subject(&self) -> Subject {
        match self {
            Self::Center { center, .. } => Subject::Center(center.clone()),
            Self::Queue { queue, .. } => Subject::Queue(queue.clone()),
        }
    }
}
