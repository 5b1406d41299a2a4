//! Deadlines that mean what gRPC says: DEADLINE_EXCEEDED, streams included, carried from call to call.
//!
//! tonic alone answers CANCELLED, leaves streams unbounded and forgets the deadline on the way out. At expiry the
//! handler's future is dropped where it stands, so **handlers commit in the writer, never in the request**: hand the
//! command over first, then wait for its answer. What was handed over goes on; the client asks again with the same
//! request id and gets the answer of the first time.
//!
//! There is no task-local: a handler passes its deadline on by hand with [`Deadline::carry`], where it can be seen.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body::Frame;
use tokio::time::{Instant, Sleep};
use tonic::body::Body;
use tonic::{Code, Status};
use tower::{Layer, Service};

use crate::metrics;

mod client;
mod wire;

pub use client::{Timed, TimedLayer};
pub(crate) use wire::{client_patience, write_patience};

/// The label of rpcs we answer, and of those we ask.
const SERVED: &str = "served";
const SENT: &str = "sent";

/// How much earlier than the client's own timer we answer, at most: the answer must travel, and tonic's own timer
/// behind this layer would answer CANCELLED at the very same tick.
const MARGIN_MAX: Duration = Duration::from_millis(5);

/// Until when an answer is of use. In the extensions of every request behind [`DeadlineLayer`] that has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline {
    at: Instant,
}

impl Deadline {
    /// This long from now.
    #[must_use]
    pub fn after(patience: Duration) -> Self {
        // A day stands for "as good as never" where the sum would overflow.
        let now = Instant::now();
        Self { at: now.checked_add(patience).unwrap_or(now + Duration::from_secs(86_400)) }
    }

    /// The moment.
    #[must_use]
    pub fn at(self) -> Instant {
        self.at
    }

    /// What is left; zero once it has passed.
    #[must_use]
    pub fn remaining(self) -> Duration {
        self.at.saturating_duration_since(Instant::now())
    }

    /// The earlier of the two.
    #[must_use]
    pub fn sooner(self, other: Self) -> Self {
        self.min(other)
    }

    /// The deadline of a request being served.
    #[must_use]
    pub fn of<T>(request: &tonic::Request<T>) -> Option<Self> {
        request.extensions().get::<Self>().copied()
    }

    /// Puts this deadline on an outgoing request; [`Timed`] turns it into `grpc-timeout`.
    pub fn carry<T>(self, outgoing: &mut tonic::Request<T>) {
        outgoing.extensions_mut().insert(self);
    }

    fn margin(patience: Duration) -> Duration {
        MARGIN_MAX.min(patience / 10)
    }
}

/// The status every expiry of ours ends with.
pub(crate) fn expired_status() -> Status {
    Status::new(
        Code::DeadlineExceeded,
        "the deadline passed before the answer; the request may still be carried out, so ask again with the same request id",
    )
}

/// Bounds each rpc by the client's `grpc-timeout` and by a cap of our own.
///
/// The time to the response head is bounded by the smaller of the two; the head of a unary rpc comes with its answer.
/// The body is bounded by the client's `grpc-timeout` alone, so a stream the client wants for ever lives for ever.
/// Paths declared as streaming have no cap of ours at all.
#[derive(Debug, Clone)]
pub struct DeadlineLayer {
    cap: Duration,
    streaming: Arc<[String]>,
}

impl DeadlineLayer {
    /// Caps the time to each response head at `unary_cap`.
    #[must_use]
    pub fn new(unary_cap: Duration) -> Self {
        Self { cap: unary_cap, streaming: Arc::from([]) }
    }

    /// Lifts the cap for these path prefixes, e.g. `/holdfast.router.v1.RouterService/Follow`.
    #[must_use]
    pub fn streaming(mut self, prefixes: &[&str]) -> Self {
        self.streaming = prefixes.iter().map(|prefix| (*prefix).to_owned()).collect();
        self
    }
}

impl<S> Layer<S> for DeadlineLayer {
    type Service = DeadlineService<S>;

    fn layer(&self, inner: S) -> DeadlineService<S> {
        DeadlineService { inner, limits: self.clone() }
    }
}

/// The service [`DeadlineLayer`] makes.
#[derive(Debug, Clone)]
pub struct DeadlineService<S> {
    inner: S,
    limits: DeadlineLayer,
}

impl<S, B> Service<Request<B>> for DeadlineService<S>
where
    S: Service<Request<B>, Response = Response<Body>>,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Bounded<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        // Admission may have stood before us and counted from the arrival.
        let asked = request.extensions().get::<Deadline>().copied().or_else(|| arrival_deadline(request.headers()));
        let path = request.uri().path();
        let streaming = self.limits.streaming.iter().any(|prefix| path.starts_with(prefix.as_str()));
        let head = if streaming {
            asked
        } else {
            let cap = Deadline::after(self.limits.cap);
            Some(asked.map_or(cap, |asked| asked.sooner(cap)))
        };
        if let Some(head) = head {
            request.extensions_mut().insert(head);
        }
        Bounded {
            inner: Box::pin(self.inner.call(request)),
            head: head.map(|deadline| Box::pin(tokio::time::sleep_until(deadline.at))),
            body: asked,
        }
    }
}

/// The deadline a request arrives with: what its client waits for, less the margin.
pub(crate) fn arrival_deadline(headers: &HeaderMap) -> Option<Deadline> {
    let patience = client_patience(headers)?;
    Some(Deadline::after(patience.saturating_sub(Deadline::margin(patience))))
}

/// An answer awaited until its deadline.
#[expect(missing_debug_implementations, reason = "holds a handler's future, which has none")]
pub struct Bounded<F> {
    inner: Pin<Box<F>>,
    head: Option<Pin<Box<Sleep>>>,
    body: Option<Deadline>,
}

impl<F, E> Future for Bounded<F>
where
    F: Future<Output = Result<Response<Body>, E>>,
{
    type Output = Result<Response<Body>, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if let Poll::Ready(answer) = this.inner.as_mut().poll(context) {
            let body = this.body;
            return Poll::Ready(answer.map(|response| bound_body(response, body, SERVED)));
        }
        let Some(head) = this.head.as_mut() else {
            return Poll::Pending;
        };
        ready!(head.as_mut().poll(context));
        metrics::expired(SERVED);
        Poll::Ready(Ok(expired_status().into_http()))
    }
}

/// Ends a response's body at `deadline`, with DEADLINE_EXCEEDED in its trailers.
fn bound_body(response: Response<Body>, deadline: Option<Deadline>, side: &'static str) -> Response<Body> {
    let Some(deadline) = deadline else {
        return response;
    };
    if http_body::Body::is_end_stream(response.body()) {
        return response;
    }
    response.map(|inner| {
        Body::new(BoundedBody { inner, expiry: Box::pin(tokio::time::sleep_until(deadline.at)), side, ended: false })
    })
}

struct BoundedBody {
    inner: Body,
    expiry: Pin<Box<Sleep>>,
    side: &'static str,
    ended: bool,
}

impl http_body::Body for BoundedBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        if this.ended {
            return Poll::Ready(None);
        }
        // The deadline goes first: a stream which always has a frame ready must still end.
        if this.expiry.as_mut().poll(context).is_ready() {
            this.ended = true;
            this.inner = Body::empty();
            metrics::expired(this.side);
            return Poll::Ready(Some(Ok(Frame::trailers(expired_trailers()))));
        }
        Pin::new(&mut this.inner).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.ended || self.inner.is_end_stream()
    }
}

fn expired_trailers() -> HeaderMap {
    let mut trailers = HeaderMap::new();
    if expired_status().add_header(&mut trailers).is_err() {
        // The message is a constant and encodes; the code alone still says what happened.
        trailers.insert("grpc-status", HeaderValue::from_static("4"));
    }
    trailers
}
