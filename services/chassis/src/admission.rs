//! Admission: one global count of rpcs in hand, shared out by what an rpc is worth to a person in crisis.
//!
//! Each lower class may use a share of the permits only, so exports cannot crowd out a heartbeat; the topmost class may
//! use all of them and, when all are used, waits its turn in a bounded queue. Each role has a queue of its own, and they are served
//! in turn: ten thousand desks that come back at once take no turn from a carrier who tells of a person. A permit is held until the response head
//! is out: a stream costs a permit while it opens, not while it lives. Before the permits stands [`Pressure`]: when the writer
//! is pressed, T3 and T2 are turned away here, before anything of theirs is decoded.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use http::{Request, Response};
use tokio::sync::oneshot;
use tonic::body::Body;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};
use tower::{Layer, Service};

use crate::access::{Principal, Role};
use crate::backoff;
use crate::deadline::{Deadline, arrival_deadline, expired_status};
use crate::metrics;
use crate::pressure::Pressure;

/// How many rpcs of the topmost class and one role wait for a permit at most: as many as the writer's own queue holds, and more than
/// there are connections for webhooks or desks that come back at once and are let in. What waits is a few hundred bytes; what is turned away is
/// somebody's call.
pub const WAITING_MAX: usize = 8_192;

/// How long a client which is shed should stay away before its next attempt.
pub const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The longest wait for a permit where the client set no deadline.
pub const QUEUE_WAIT_MAX: Duration = Duration::from_secs(5);

/// What an rpc is worth when not all can be served. T0 goes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Never shed: contacts, offers, heartbeats, health.
    T0,
    /// May degrade: positions, enrichment, typing.
    T1,
    /// May be shed: dashboards, lists.
    T2,
    /// Shed first: exports, replays, bulk work.
    T3,
}

impl Class {
    /// The lowercase label in metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::T0 => "t0",
            Self::T1 => "t1",
            Self::T2 => "t2",
            Self::T3 => "t3",
        }
    }

    /// The share of all permits this class may bring into use, in percent.
    #[must_use]
    pub const fn share_percent(self) -> usize {
        match self {
            Self::T0 => 100,
            Self::T1 => 85,
            Self::T2 => 70,
            Self::T3 => 50,
        }
    }
}

/// Which rpc is of which class, by path prefix; the longest matching prefix decides.
#[derive(Debug, Clone)]
pub struct Classes {
    by_prefix: Vec<(String, Class)>,
    otherwise: Class,
}

impl Classes {
    /// Health checks are T0; every other path is of class `otherwise` until said differently.
    #[must_use]
    pub fn new(otherwise: Class) -> Self {
        let classes = Self { by_prefix: Vec::new(), otherwise };
        classes.with("/grpc.health.v1.Health/", Class::T0)
    }

    /// Puts paths beginning with `prefix` into `class`, e.g. `/holdfast.router.v1.RouterService/Export`.
    #[must_use]
    pub fn with(mut self, prefix: &str, class: Class) -> Self {
        self.by_prefix.push((prefix.to_owned(), class));
        self.by_prefix.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
        self
    }

    /// The class of an rpc by its path.
    #[must_use]
    pub fn of(&self, path: &str) -> Class {
        self.by_prefix
            .iter()
            .find(|(prefix, _)| path.starts_with(prefix.as_str()))
            .map_or(self.otherwise, |(_, class)| *class)
    }
}

/// Who waits, by role; none has no principal: health checks.
type Lane = (Option<Role>, VecDeque<oneshot::Sender<Permit>>);

#[derive(Debug, Default)]
struct Hall {
    in_hand: usize,
    /// As many as there are roles that ever waited.
    lanes: Vec<Lane>,
    /// Whose turn is next.
    turn: usize,
}

impl Hall {
    fn lane(&mut self, role: Option<Role>) -> &mut VecDeque<oneshot::Sender<Permit>> {
        let known = self.lanes.iter().position(|(it, _)| *it == role);
        let at = known.unwrap_or_else(|| {
            self.lanes.push((role, VecDeque::new()));
            self.lanes.len() - 1
        });
        &mut self.lanes[at].1
    }

    /// The first of the role whose turn it is, among those for whom somebody still waits.
    fn next(&mut self) -> Option<oneshot::Sender<Permit>> {
        for (_, lane) in &mut self.lanes {
            while lane.front().is_some_and(oneshot::Sender::is_closed) {
                lane.pop_front();
            }
        }
        let count = self.lanes.len();
        let turns = (self.turn..self.turn + count).map(|turn| turn % count.max(1));
        let (at, first) = turns.into_iter().find_map(|at| Some((at, self.lanes.get_mut(at)?.1.pop_front()?)))?;
        self.turn = at + 1;
        Some(first)
    }
}

/// The permits of one process. Clones share them; give one to each listener.
#[derive(Debug, Clone)]
pub struct Permits {
    total: usize,
    waiting_max: usize,
    hall: Arc<Mutex<Hall>>,
}

/// Room for one rpc; given back on drop, to the T0 whose turn it is if one waits.
#[derive(Debug)]
struct Permit {
    // None once it has been handed on.
    permits: Option<Permits>,
}

enum Entry {
    Admitted(Permit),
    Queued(oneshot::Receiver<Permit>),
    Full,
}

impl Permits {
    /// `total` rpcs in hand at once, all classes together, and at most `waiting_max` of the topmost class and one role that wait for
    /// their turn; each at least 1.
    #[must_use]
    pub fn new(total: usize, waiting_max: usize) -> Self {
        Self { total: total.max(1), waiting_max: waiting_max.max(1), hall: Arc::default() }
    }

    /// How many rpcs are in hand now.
    #[must_use]
    pub fn in_hand(&self) -> usize {
        self.hall.lock().unwrap_or_else(PoisonError::into_inner).in_hand
    }

    /// How many T0 rpcs are in line for a permit, those included who have given up and are not passed over yet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.hall.lock().unwrap_or_else(PoisonError::into_inner).lanes.iter().map(|(_, lane)| lane.len()).sum()
    }

    /// How many permits may be in use for one more of `class` to begin; at least one.
    fn limit(&self, class: Class) -> usize {
        (self.total * class.share_percent() / 100).max(1)
    }

    fn enter(&self, class: Class, role: Option<Role>) -> Entry {
        let mut hall = self.hall.lock().unwrap_or_else(PoisonError::into_inner);
        if hall.in_hand < self.limit(class) {
            hall.in_hand += 1;
            metrics::admitted(hall.in_hand);
            return Entry::Admitted(Permit { permits: Some(self.clone()) });
        }
        if class != Class::T0 {
            return Entry::Full;
        }
        let lane = hall.lane(role);
        if lane.len() >= self.waiting_max {
            // Those who gave up waiting take no room.
            lane.retain(|sender| !sender.is_closed());
        }
        if lane.len() >= self.waiting_max {
            return Entry::Full;
        }
        let (sender, receiver) = oneshot::channel();
        lane.push_back(sender);
        Entry::Queued(receiver)
    }

    /// Hands one permit on to the first who still waits of the role whose turn it is, or puts it back. The hand-over happens outside the
    /// lock: a receiver which goes away meanwhile drops its permit, and that comes back here.
    fn leave(&self) {
        loop {
            let mut hall = self.hall.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(next) = hall.next() else {
                hall.in_hand = hall.in_hand.saturating_sub(1);
                metrics::admitted(hall.in_hand);
                return;
            };
            drop(hall);
            let permit = Permit { permits: Some(self.clone()) };
            match next.send(permit) {
                Ok(()) => return,
                Err(mut returned) => returned.permits = None,
            }
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(permits) = self.permits.take() {
            permits.leave();
        }
    }
}

/// When a request came in, waiting for a permit included. In the extensions of every request behind [`AdmissionLayer`].
#[derive(Debug, Clone, Copy)]
pub struct Arrived(Instant);

impl Arrived {
    /// When this one did; now, if it came by no admission.
    #[must_use]
    pub fn of<T>(request: &tonic::Request<T>) -> Instant {
        request.extensions().get::<Self>().map_or_else(Instant::now, |arrived| arrived.0)
    }
}

/// Admits rpcs by class. Under pressure T3 and T2 are answered RESOURCE_EXHAUSTED with a `RetryInfo` of a drawn time. At the bound T1 to T3 are answered RESOURCE_EXHAUSTED with a `RetryInfo`; T0 waits until its
/// deadline (or [`QUEUE_WAIT_MAX`]) and is refused the same way only once the queue is full too.
#[derive(Debug, Clone)]
pub struct AdmissionLayer {
    permits: Permits,
    classes: Arc<Classes>,
    pressure: Pressure,
}

impl AdmissionLayer {
    /// Shares `permits` out by `classes`, and turns lower classes away by `pressure`.
    #[must_use]
    pub fn new(permits: Permits, classes: Classes, pressure: Pressure) -> Self {
        Self { permits, classes: Arc::new(classes), pressure }
    }
}

impl<S> Layer<S> for AdmissionLayer {
    type Service = AdmissionService<S>;

    fn layer(&self, inner: S) -> AdmissionService<S> {
        AdmissionService { inner, door: self.clone() }
    }
}

/// The service [`AdmissionLayer`] makes.
#[derive(Debug, Clone)]
pub struct AdmissionService<S> {
    inner: S,
    door: AdmissionLayer,
}

impl<S, B> Service<Request<B>> for AdmissionService<S>
where
    S: Service<Request<B>, Response = Response<Body>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
    B: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Response<Body>, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        // The deadline counts from the arrival, so that waiting here is part of it.
        let deadline = arrival_deadline(request.headers());
        if let Some(deadline) = deadline {
            request.extensions_mut().insert(deadline);
        }
        request.extensions_mut().insert(Arrived(Instant::now()));
        let class = self.door.classes.of(request.uri().path());
        if let Err(retry_after) = self.door.pressure.admits(class) {
            return Box::pin(async move { Ok(pressed(retry_after).into_http()) });
        }
        let role = request.extensions().get::<Principal>().map(|it| it.role);
        match self.door.permits.enter(class, role) {
            Entry::Admitted(permit) => {
                let answer = self.inner.call(request);
                Box::pin(async move {
                    let answer = answer.await;
                    drop(permit);
                    answer
                })
            }
            Entry::Full => {
                metrics::refused(class.name());
                Box::pin(async { Ok(exhausted().into_http()) })
            }
            Entry::Queued(turn) => {
                // The instance that was polled ready takes the call; its fresh clone stays behind.
                let fresh = self.inner.clone();
                let mut inner = std::mem::replace(&mut self.inner, fresh);
                Box::pin(async move {
                    let until = deadline.unwrap_or_else(|| Deadline::after(QUEUE_WAIT_MAX));
                    let Ok(Ok(permit)) = tokio::time::timeout_at(until.at(), turn).await else {
                        metrics::refused(class.name());
                        let status = if deadline.is_some() { expired_status() } else { exhausted() };
                        return Ok(status.into_http());
                    };
                    let answer = inner.call(request).await;
                    drop(permit);
                    answer
                })
            }
        }
    }
}

fn exhausted() -> Status {
    later(
        ErrorDetails::new(),
        RETRY_AFTER,
        "too many requests of this class are in hand; try again after the given delay",
    )
}

/// What somebody hears whom pressure turns away.
#[must_use]
pub fn pressed(retry_after: Duration) -> Status {
    let words = format!("people on the line come first just now; try again in {} s", retry_after.as_secs_f64().ceil());
    later(ErrorDetails::new(), retry_after, words)
}

/// RESOURCE_EXHAUSTED that says when to come back, in both ways clients know: a `RetryInfo`, and the pushback of gRPC's own retries.
#[must_use]
pub fn later(mut details: ErrorDetails, retry_after: Duration, words: impl Into<String>) -> Status {
    details.set_retry_info(Some(retry_after));
    let mut status = Status::with_error_details(Code::ResourceExhausted, words, details);
    let pushback_ms = u64::try_from(retry_after.as_millis()).unwrap_or(u64::MAX);
    status.metadata_mut().insert(backoff::PUSHBACK, pushback_ms.into());
    status
}
