//! The outermost layer: a panic in a handler costs its own rpc and nothing else.
//!
//! The panic's words go to neither the client nor the log (they may quote what the handler held); the process's panic
//! hook has the place, and the metric has the count.

use std::panic::AssertUnwindSafe;
use std::task::{Context, Poll};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::{Request, Response};
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
        let path = request.uri().path().to_owned();
        // The future is dropped after a panic and never polled again, so no broken state is seen.
        let answer = AssertUnwindSafe(self.inner.call(request)).catch_unwind();
        Box::pin(async move {
            match answer.await {
                Ok(answer) => answer,
                Err(_) => {
                    metrics::panicked();
                    tracing::error!(path, "a handler panicked; only its own rpc is lost");
                    Ok(Status::internal("the handler failed; the request may or may not have been carried out")
                        .into_http())
                }
            }
        })
    }
}
