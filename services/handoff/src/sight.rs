//! What this service sees of the router, and everybody who follows it: folded once, told to all, each through a bounded queue.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use holdfast_chassis::access::Principal;
use holdfast_proto::handoff::v1::Handoff;
use holdfast_proto::router::v1::{CapacityDelta, CapacitySnapshot, Position};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, timeout};
use tonic::Status;

use crate::known::Known;
use crate::metrics;
use crate::refusal;
use crate::settings::HandoffSettings;
use crate::turn::Moment;
use crate::watching::{Frame, Picture, Sees, Update, Watching};

/// Frames that wait for one follower, at most. One that lets them stand is cut and resumes: nothing is dropped in between.
pub(crate) const FOLLOWER_QUEUE: usize = 256;

/// Updates to resume from; who missed more gets a snapshot.
pub(crate) const BACKLOG: usize = 4_096;

/// Streams under one token, at most: a client that leaks them must not keep everybody else out.
pub(crate) const STREAMS_PER_PRINCIPAL: usize = 16;

/// What is seen, shared by the feed, the followers and the commands.
pub(crate) struct Sight {
    inner: Mutex<Inner>,
    /// How far has been seen, for those who wait for it.
    reached: watch::Sender<Option<Position>>,
    followers_max: usize,
}

struct Inner {
    known: Known,
    /// The moment of the last frame; nothing before the first snapshot.
    here: Option<Moment>,
    heard: Instant,
    /// Everything after this place is in the backlog.
    base: Option<Position>,
    backlog: VecDeque<Arc<Update>>,
    followers: Vec<Follower>,
    closed: bool,
}

struct Follower {
    name: String,
    sees: Sees,
    queue: mpsc::Sender<Frame>,
    last: oneshot::Sender<Status>,
}

impl Sight {
    pub(crate) fn new(settings: &HandoffSettings) -> Self {
        let inner = Inner {
            known: Known::new(settings.handoffs_max),
            here: None,
            heard: Instant::now(),
            base: None,
            backlog: VecDeque::new(),
            followers: Vec::new(),
            closed: false,
        };
        Self { inner: Mutex::new(inner), reached: watch::Sender::new(None), followers_max: settings.followers_max }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How far has been seen.
    pub(crate) fn reached(&self) -> Option<Position> {
        self.lock().here.map(|here| here.place)
    }

    /// Waits until it has been seen that far, not longer than `longest`.
    pub(crate) async fn reach(&self, place: Position, longest: Duration) {
        let mut reached = self.reached.subscribe();
        // At the bound the answer says how far was seen.
        drop(timeout(longest, reached.wait_for(|reached| *reached >= Some(place))).await);
    }

    /// All there is: everybody who follows begins anew, and nobody resumes from before it.
    pub(crate) fn snapshot(&self, snapshot: CapacitySnapshot, now: Moment) {
        let mut inner = self.lock();
        inner.known.snapshot(snapshot, now);
        inner.backlog.clear();
        inner.base = Some(now.place);
        inner.stand(now);
        let picture = Frame::Snapshot(Arc::new(inner.picture(now)));
        inner.tell(&picture, |_| true);
        drop(inner);
        self.reached.send_replace(Some(now.place));
    }

    /// What changed. What is not after the last frame was folded before.
    pub(crate) fn delta(&self, delta: CapacityDelta, now: Moment) {
        let mut inner = self.lock();
        if inner.here.is_none_or(|here| now.place <= here.place) {
            return;
        }
        let steps = inner.known.delta(delta, now);
        inner.stand(now);
        if !steps.is_empty() {
            let update = Arc::new(Update { now, steps });
            inner.remember(&update);
            inner.tell(&Frame::Update(Arc::clone(&update)), |sees| update.concerns(sees));
        }
        drop(inner);
        self.reached.send_replace(Some(now.place));
    }

    /// The router is alive and stands here.
    pub(crate) fn alive(&self, now: Moment) {
        let mut inner = self.lock();
        if inner.here.is_none_or(|here| now.place < here.place) {
            return;
        }
        inner.stand(now);
        drop(inner);
        self.reached.send_replace(Some(now.place));
    }

    /// The latest handoff of a contact, if `who` may see it, and how far has been seen.
    pub(crate) fn latest(&self, contact_id: &str, who: &Principal) -> (Option<Handoff>, Option<Position>) {
        let inner = self.lock();
        let latest = inner.known.latest(contact_id).filter(|it| Sees::of(who).is_some_and(|sees| sees.sees(it)));
        (latest.map(|it| (**it).clone()), inner.here.map(|here| here.place))
    }

    /// Begins to follow.
    pub(crate) fn follow(&self, who: &Principal, from: Option<Position>) -> Result<Watching, Status> {
        let Some(sees) = Sees::of(who) else { return Err(refusal::may_not_watch(who.role.name())) };
        let mut inner = self.lock();
        if inner.closed {
            return Err(refusal::restarting());
        }
        inner.followers.retain(|it| !it.queue.is_closed());
        if inner.followers.len() >= self.followers_max {
            return Err(refusal::followers_full(self.followers_max));
        }
        if inner.followers.iter().filter(|it| it.name == who.name).count() >= STREAMS_PER_PRINCIPAL {
            return Err(refusal::streams_full(STREAMS_PER_PRINCIPAL));
        }
        let (queue, receiver) = mpsc::channel(FOLLOWER_QUEUE);
        let (last, last_word) = oneshot::channel();
        let missed = from.and_then(|from| inner.since(from, &sees));
        metrics::begun(if missed.is_some() { "position" } else { "snapshot" });
        let picture = || inner.here.map(|now| Frame::Snapshot(Arc::new(inner.picture(now))));
        let first = missed.unwrap_or_else(|| picture().into_iter().collect());
        for frame in first {
            // There is room: `since` never gives more than the queue takes.
            let _ = queue.try_send(frame);
        }
        inner.followers.push(Follower { name: who.name.clone(), sees: sees.clone(), queue, last });
        metrics::followers(inner.followers.len());
        Ok(Watching::new(sees, receiver, last_word))
    }

    /// Beats: forgets what is old, and tells everybody that this service is alive.
    pub(crate) fn beat(&self) {
        let mut inner = self.lock();
        if let Some(here) = inner.here {
            inner.known.forget(here.at_ms);
        }
        let router_ms = u64::try_from(inner.heard.elapsed().as_millis()).unwrap_or(u64::MAX);
        let beat = Frame::Beat { now: inner.here, router_ms };
        inner.followers.retain(|it| !it.queue.is_closed());
        for follower in &inner.followers {
            // A beat is not worth cutting anybody for.
            let _ = follower.queue.try_send(beat.clone());
        }
        metrics::followers(inner.followers.len());
    }

    /// Ends every stream; nobody begins one any more.
    pub(crate) fn close(&self) {
        let mut inner = self.lock();
        inner.closed = true;
        for follower in inner.followers.drain(..) {
            end(follower, refusal::restarting(), "restarting");
        }
        metrics::followers(0);
    }
}

impl Inner {
    fn stand(&mut self, now: Moment) {
        self.here = Some(now);
        self.heard = Instant::now();
    }

    fn picture(&self, now: Moment) -> Picture {
        Picture { now, handoffs: self.known.all(), incomplete: self.known.incomplete(now.at_ms) }
    }

    fn remember(&mut self, update: &Arc<Update>) {
        self.backlog.push_back(Arc::clone(update));
        if self.backlog.len() > BACKLOG {
            self.base = self.backlog.pop_front().map(|oldest| oldest.now.place);
        }
    }

    /// What came after a place, if all of it is still here and fits into a follower's queue.
    fn since(&self, from: Position, sees: &Sees) -> Option<Vec<Frame>> {
        let (base, here) = (self.base?, self.here?.place);
        if from < base || from > here {
            return None;
        }
        let missed = self.backlog.iter().filter(|it| it.now.place > from && it.concerns(sees));
        let frames: Vec<_> = missed.map(|it| Frame::Update(Arc::clone(it))).take(FOLLOWER_QUEUE).collect();
        (frames.len() < FOLLOWER_QUEUE).then_some(frames)
    }

    /// Tells those for whom it is; who has no room is cut, and resumes from its last position.
    fn tell(&mut self, frame: &Frame, to: impl Fn(&Sees) -> bool) {
        let (mut kept, mut cut) = (Vec::with_capacity(self.followers.len()), Vec::new());
        for follower in self.followers.drain(..) {
            let told = if to(&follower.sees) { follower.queue.try_send(frame.clone()) } else { Ok(()) };
            match told {
                Ok(()) => kept.push(follower),
                Err(mpsc::error::TrySendError::Full(_)) => cut.push(follower),
                Err(mpsc::error::TrySendError::Closed(_)) => {}
            }
        }
        self.followers = kept;
        for follower in cut {
            end(follower, refusal::too_slow(), "too_slow");
        }
        metrics::followers(self.followers.len());
    }
}

/// The last word comes after everything that is queued.
fn end(follower: Follower, last_word: Status, reason: &'static str) {
    metrics::ended(reason);
    // Nobody listens any more if the connection is gone.
    let _ = follower.last.send(last_word);
}
