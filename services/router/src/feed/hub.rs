//! The follower: folds committed records into the committed state, serves every read from it, and feeds whoever follows.
//!
//! The same code that a standby runs. One thread owns the state, so a snapshot and the deltas after it can never miss or repeat
//! a record. Nobody who follows can hold it up: whoever does not keep up is cut and resumes.

use super::followers::Followers;
use super::projection::{self, Feed, Peers, Projection};
use super::words::Archive;
use crate::clock::NetworkClock;
use crate::metrics;
use holdfast_chassis::pressure::Pressure;
use holdfast_core::event::Record;
use holdfast_core::state::State;
use holdfast_proto::router::v1 as wire;
use holdfast_proto::router::v1::watch_response::{Beat, Frame};
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// How many records can be resumed without a snapshot.
pub const BACKLOG: usize = 16_384;
/// How many of them are looked through for one desk: beyond it, all that it sees is less than what it may have missed.
pub const DESK_BACKLOG: usize = 2_048;
/// How many frames one follower may be behind before it is cut.
pub const FOLLOWER_QUEUE: usize = 1_024;
/// How many asks may wait for the hub. The writer waits when it is full: reads never fall behind what was answered by more.
pub const ASKS: usize = 1_024;

/// What the hub is asked.
pub enum Ask {
    /// Fold these in.
    Committed(Vec<Record>),
    /// Somebody wants to follow.
    Follow {
        /// What.
        feed: Feed,
        /// From where.
        from: Option<wire::Position>,
        /// Where the frames come out; an error when there is no room.
        reply: oneshot::Sender<Option<mpsc::Receiver<wire::WatchResponse>>>,
    },
    /// Somebody wants to read.
    Read(Box<dyn FnOnce(&State) + Send>),
    /// A second has passed: tell everybody that we are alive.
    Beat,
}

/// The door to the hub.
pub type HubDoor = mpsc::Sender<Ask>;

/// The follower's thread.
pub struct Hub {
    state: State,
    words: Archive,
    peers: Peers,
    clock: Arc<NetworkClock>,
    backlog: VecDeque<Arc<Projection>>,
    followers: Followers,
    pressure: Pressure,
}

impl Hub {
    /// A hub at the state that was recovered.
    #[must_use]
    pub fn new(state: State, words: Archive, clock: Arc<NetworkClock>, pressure: Pressure) -> Self {
        let peers = Peers::of(&state);
        Self { state, words, peers, clock, backlog: VecDeque::new(), followers: Followers::default(), pressure }
    }

    /// Runs until every door is closed.
    pub fn run(mut self, mut asks: mpsc::Receiver<Ask>) {
        while let Some(ask) = asks.blocking_recv() {
            match ask {
                Ask::Committed(records) => {
                    for record in &records {
                        self.commit(record);
                        metrics::record(&self.state, record);
                    }
                }
                Ask::Follow { feed, from, reply } => {
                    // A caller who is gone already needs nothing.
                    drop(reply.send(self.follow(feed, from.as_ref())));
                }
                Ask::Read(read) => read(&self.state),
                Ask::Beat => self.beat(),
            }
        }
    }

    fn commit(&mut self, record: &Record) {
        let projection = Arc::new(projection::fold(&mut self.state, record, &self.words, &mut self.peers));
        if projection.erased {
            self.backlog.clear();
        }
        self.followers.tell(&projection);
        self.backlog.push_back(projection);
        if self.backlog.len() > BACKLOG {
            self.backlog.pop_front();
        }
    }

    fn follow(&mut self, feed: Feed, from: Option<&wire::Position>) -> Option<mpsc::Receiver<wire::WatchResponse>> {
        let (frames, receiver) = mpsc::channel(FOLLOWER_QUEUE);
        let missed = from.and_then(|from| self.since(&feed, from));
        let first = missed.unwrap_or_else(|| vec![projection::snapshot(&self.state, &feed, &self.words, &self.peers)]);
        for frame in first {
            if frames.try_send(frame).is_err() {
                return None;
            }
        }
        self.followers.add(feed, frames).then_some(receiver)
    }

    /// The frames after a position, if they are all still here.
    fn since(&self, feed: &Feed, from: &wire::Position) -> Option<Vec<wire::WatchResponse>> {
        let here = self.state.parts().sequence;
        if from.sequence > here || from.epoch > self.state.parts().epoch {
            return None;
        }
        let oldest = self.backlog.front().map_or(here.saturating_add(1), |it| it.sequence);
        if from.sequence.saturating_add(1) < oldest {
            return None;
        }
        let after = self.backlog.partition_point(|it| it.sequence <= from.sequence);
        if matches!(feed, Feed::Desk(_)) && self.backlog.len().saturating_sub(after) > DESK_BACKLOG {
            return None;
        }
        let frames: Vec<_> = self.backlog.range(after..).filter_map(|it| it.frame(feed)).collect();
        (frames.len() < FOLLOWER_QUEUE).then_some(frames)
    }

    fn beat(&mut self) {
        // Once a second: what counts everybody is not for every batch.
        metrics::capacity(&self.state);
        let (epoch, sequence) = (self.state.parts().epoch, self.state.parts().sequence);
        let pressure = u32::from(self.pressure.measured().number());
        let beat = projection::respond(epoch, sequence, self.clock.now().0, Frame::Beat(Beat { pressure }));
        self.followers.beat(&beat);
    }
}
