//! A request's body within its bounds of size and time.
//!
//! A body too large ends in `LengthLimitError`, which axum's extractors answer with 413; one too slow ends in an error
//! they answer with 400. A handler which never reads a body is never kept waiting by it.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::Limited;
use hyper::body::Incoming;
use tokio::time::Sleep;
use tower::BoxError;

/// The client took too long to send its body.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the body did not arrive in time")]
struct TooSlow;

pub(super) struct BoundedBody {
    inner: Limited<Incoming>,
    patience: Pin<Box<Sleep>>,
}

impl BoundedBody {
    pub(super) fn new(inner: Incoming, bytes_max: usize, patience: Duration) -> Self {
        Self { inner: Limited::new(inner, bytes_max), patience: Box::pin(tokio::time::sleep(patience)) }
    }
}

impl Body for BoundedBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        if let Poll::Ready(frame) = Pin::new(&mut this.inner).poll_frame(context) {
            return Poll::Ready(frame);
        }
        if this.patience.as_mut().poll(context).is_ready() {
            return Poll::Ready(Some(Err(TooSlow.into())));
        }
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
