//! A contact as far as a board cares. What a person said, and who they are, never comes here.

use holdfast_proto::router::v1::{ContactState, ContactView, HandoffState, HandoffView};

/// The latest handoff of a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Handing {
    pub(crate) number: u32,
    pub(crate) state: HandoffState,
    pub(crate) started_at_ms: u64,
    pub(crate) since_ms: u64,
    pub(crate) from_id: String,
}

impl Handing {
    fn of(view: &HandoffView) -> Self {
        Self {
            number: view.number,
            state: view.state(),
            started_at_ms: view.started_at_ms,
            since_ms: view.since_ms,
            from_id: view.from_id.clone(),
        }
    }

    /// Whether it is over, one way or the other.
    pub(crate) fn is_over(&self) -> bool {
        matches!(
            self.state,
            HandoffState::Completed | HandoffState::Cancelled | HandoffState::Returned | HandoffState::Unspecified
        )
    }

    /// Whether people are talking in this step, so that it may well take minutes.
    pub(crate) fn is_talk(&self) -> bool {
        matches!(self.state, HandoffState::Consenting | HandoffState::Together | HandoffState::Confirmed)
    }
}

/// A contact.
#[derive(Debug, Clone)]
pub(crate) struct Live {
    pub(crate) queue: Option<usize>,
    pub(crate) state: ContactState,
    pub(crate) arrived_at_ms: u64,
    pub(crate) ever_connected: bool,
    pub(crate) entered: bool,
    /// A callback: we reach out to them. They wait like everybody, and are in no share: nobody held the line.
    pub(crate) outbound: bool,
    /// Who has it; empty if nobody.
    pub(crate) held_by: String,
    /// In writing, since when they wait for an answer; 0 if they do not.
    pub(crate) unanswered_since_ms: u64,
    pub(crate) handoff: Option<Handing>,
}

impl Live {
    pub(crate) fn of(view: &ContactView, queue: Option<usize>) -> Self {
        Self {
            queue,
            state: view.state(),
            arrived_at_ms: view.arrived_at_ms,
            ever_connected: view.connected_at_ms > 0,
            entered: view.enqueued_at_ms > 0,
            outbound: view.outbound,
            held_by: view.counselor_id.clone(),
            unanswered_since_ms: view.unanswered_since_ms,
            handoff: view.handoff.as_ref().map(Handing::of),
        }
    }

    /// In a queue and with nobody: being offered counts as waiting.
    pub(crate) fn waits(&self) -> bool {
        self.entered && matches!(self.state, ContactState::Waiting | ContactState::Offered | ContactState::Connecting)
    }

    /// The handoff that is under way.
    pub(crate) fn handing(&self) -> Option<&Handing> {
        self.handoff.as_ref().filter(|handoff| !handoff.is_over())
    }
}
