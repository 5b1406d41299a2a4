//! One follower's stream: what it may see, its frames in order, and its last word.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_util::FutureExt as _;
use holdfast_chassis::access::{Principal, Role};
use holdfast_proto::handoff::v1::watch_response::{self, Beat, Snapshot};
use holdfast_proto::handoff::v1::{Handoff, WatchResponse};
use tokio::sync::{mpsc, oneshot};
use tonic::Status;

use crate::step::{Step, parts};
use crate::turn::Moment;

/// Which handoffs a follower may see.
#[derive(Debug, Clone)]
pub(crate) enum Sees {
    All,
    /// Those in which this counselor or peer has a part.
    Own(String),
}

impl Sees {
    /// What this principal may see, if anything.
    pub(crate) fn of(who: &Principal) -> Option<Self> {
        match who.role {
            Role::Counselor | Role::Peer => Some(Self::Own(who.name.clone())),
            Role::Supervisor | Role::Operator | Role::Administrator => Some(Self::All),
            Role::Service(_) => None,
        }
    }

    /// Whether a handoff is theirs to see now.
    pub(crate) fn sees(&self, handoff: &Handoff) -> bool {
        match self {
            Self::All => true,
            Self::Own(name) => parts(handoff).any(|part| part == name),
        }
    }

    /// Whether a step is theirs to see: they have a part, or had one until it.
    fn concerned(&self, step: &Step) -> bool {
        match self {
            Self::All => true,
            Self::Own(name) => step.concerns(name),
        }
    }
}

/// All there is at one moment, for everybody.
#[derive(Debug)]
pub(crate) struct Picture {
    pub(crate) now: Moment,
    pub(crate) handoffs: Vec<Arc<Handoff>>,
    pub(crate) incomplete: bool,
}

/// What one decision did, for everybody.
#[derive(Debug)]
pub(crate) struct Update {
    pub(crate) now: Moment,
    pub(crate) steps: Vec<Step>,
}

impl Update {
    pub(crate) fn concerns(&self, sees: &Sees) -> bool {
        self.steps.iter().any(|step| sees.concerned(step))
    }
}

/// One frame, shared by all who follow.
#[derive(Debug, Clone)]
pub(crate) enum Frame {
    Snapshot(Arc<Picture>),
    Update(Arc<Update>),
    Beat { now: Option<Moment>, router_ms: u64 },
}

impl Frame {
    /// The part of it that a follower may see.
    fn response(&self, sees: &Sees) -> WatchResponse {
        let (now, frame) = match self {
            Self::Snapshot(picture) => {
                let handoffs = picture.handoffs.iter().filter(|it| sees.sees(it)).map(|it| (**it).clone()).collect();
                let snapshot = Snapshot { handoffs, incomplete: picture.incomplete };
                (Some(picture.now), watch_response::Frame::Snapshot(snapshot))
            }
            Self::Update(update) => {
                let steps = update.steps.iter().filter(|it| sees.concerned(it));
                let steps = steps.map(|it| it.handoff.clone()).collect();
                (Some(update.now), watch_response::Frame::Update(watch_response::Update { steps }))
            }
            Self::Beat { now, router_ms } => (*now, watch_response::Frame::Beat(Beat { router_ms: *router_ms })),
        };
        WatchResponse { position: now.map(|now| now.place), at_ms: now.map_or(0, |now| now.at_ms), frame: Some(frame) }
    }
}

/// What one follower hears.
#[derive(Debug)]
pub struct Watching {
    sees: Sees,
    queue: mpsc::Receiver<Frame>,
    last: Option<oneshot::Receiver<Status>>,
}

impl Watching {
    pub(crate) const fn new(sees: Sees, queue: mpsc::Receiver<Frame>, last: oneshot::Receiver<Status>) -> Self {
        Self { sees, queue, last: Some(last) }
    }
}

impl futures_util::Stream for Watching {
    type Item = Result<WatchResponse, Status>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(frame) = ready!(self.queue.poll_recv(context)) {
            return Poll::Ready(Some(Ok(frame.response(&self.sees))));
        }
        let Some(last) = self.last.as_mut() else {
            return Poll::Ready(None);
        };
        let last_word = ready!(last.poll_unpin(context));
        self.last = None;
        Poll::Ready(last_word.ok().map(Err))
    }
}
