//! The outermost layer: a panic in a handler costs its own rpc and nothing else.
//!
//! The panic's words go to neither the client nor the log (they may quote what the handler held); the process's panic
//! hook has the place, and the metric has the count.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::{HeaderMap, Request, Response};
use http_body::{Frame, SizeHint};
use tonic::Status;
use tonic::body::Body;
use tower::{Layer, Service};

use crate::metrics;

/// Turns panics of the services within into INTERNAL.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PanicLayer;

impl<S> Layer<S> for PanicLayer {
    type Service = PanicService<S>;

    fn layer(&self, inner: S) -> PanicService<S> {
        PanicService { inner }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct PanicService<S> {
    inner: S,
}

impl<S, B> Service<Request<B>> for PanicService<S>
where
    S: Service<Request<B>, Response = Response<Body>>,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Response<Body>, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let path: Arc<str> = Arc::from(request.uri().path());
        // The future is dropped after a panic and never polled again, so no broken state is seen.
        let answer = AssertUnwindSafe(self.inner.call(request)).catch_unwind();
        Box::pin(async move {
            match answer.await {
                Ok(answer) => Ok(answer?.map(|inner| Body::new(CatchingBody { inner: Some(inner), path }))),
                Err(_) => Ok(lost(&path).into_http()),
            }
        })
    }
}

fn lost(path: &str) -> Status {
    metrics::panicked();
    tracing::error!(path, "a handler panicked; only its own rpc is lost");
    Status::internal("the handler failed; the request may or may not have been carried out")
}

/// A stream which panics while it lives would take its whole connection with it, and every other stream on that.
struct CatchingBody {
    // None after the end or a panic.
    inner: Option<Body>,
    path: Arc<str>,
}

impl http_body::Body for CatchingBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let Some(inner) = self.inner.as_mut() else {
            return Poll::Ready(None);
        };
        let polled = catch_unwind(AssertUnwindSafe(|| Pin::new(inner).poll_frame(context)));
        polled.unwrap_or_else(|_| {
            self.inner = None;
            let mut trailers = HeaderMap::new();
            // The status is a constant and encodes.
            drop(lost(&self.path).add_header(&mut trailers));
            Poll::Ready(Some(Ok(Frame::trailers(trailers))))
        })
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(http_body::Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.as_ref().map_or_else(|| SizeHint::with_exact(0), http_body::Body::size_hint)
    }
}
