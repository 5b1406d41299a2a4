//! The outgoing side: writes `grpc-timeout` from the deadline carried along, and answers DEADLINE_EXCEEDED itself.
//!
//! tonic's channel would answer CANCELLED at expiry, and would leave the body of a stream unbounded.

use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::BoxFuture;
use http::{Request, Response};
use tonic::body::Body;
use tower::{BoxError, Layer, Service};

use crate::metrics;

use super::{Deadline, SENT, bound_body, client_patience, expired_status, write_patience};

/// Wraps an outgoing channel in [`Timed`].
#[derive(Debug, Clone, Copy)]
pub struct TimedLayer {
    cap: Duration,
}

impl TimedLayer {
    /// No deadline longer than `cap` leaves this process. Requests without one stay without: streams are wanted for ever.
    #[must_use]
    pub fn new(cap: Duration) -> Self {
        Self { cap }
    }
}

impl<S> Layer<S> for TimedLayer {
    type Service = Timed<S>;

    fn layer(&self, inner: S) -> Timed<S> {
        Timed { inner, cap: self.cap }
    }
}

/// A channel on which deadlines hold: `grpc-timeout` = min(remaining of the [`Deadline`] carried, the request's own
/// `set_timeout`, cap).
#[derive(Debug, Clone)]
pub struct Timed<S> {
    inner: S,
    cap: Duration,
}

impl<S> Service<Request<Body>> for Timed<S>
where
    S: Service<Request<Body>, Response = Response<Body>>,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Response<Body>, BoxError>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let carried = request.extensions_mut().remove::<Deadline>();
        let own = client_patience(request.headers()).map(Deadline::after);
        let asked = match (carried, own) {
            (Some(carried), Some(own)) => Some(carried.sooner(own)),
            (carried, own) => carried.or(own),
        };
        let Some(deadline) = asked.map(|deadline| deadline.sooner(Deadline::after(self.cap))) else {
            let answer = self.inner.call(request);
            return Box::pin(async move { answer.await.map_err(Into::into) });
        };
        let remaining = deadline.remaining();
        if remaining.is_zero() {
            return Box::pin(async { Err(BoxError::from(expired_status())) });
        }
        // The channel's own timer must not ring first: it would say CANCELLED.
        write_patience(request.headers_mut(), remaining + Deadline::margin(remaining));
        let answer = self.inner.call(request);
        Box::pin(async move {
            match tokio::time::timeout_at(deadline.at(), answer).await {
                Ok(Ok(response)) => Ok(bound_body(response, Some(deadline), SENT)),
                // A runtime which wakes late polls the channel first, whose own timer says CANCELLED.
                Ok(Err(error)) if !deadline.remaining().is_zero() => Err(error.into()),
                Ok(Err(_)) | Err(_) => {
                    metrics::expired(SENT);
                    Err(BoxError::from(expired_status()))
                }
            }
        })
    }
}
