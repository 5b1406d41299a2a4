//! The in-process way: a call goes straight into the server's own stack of layers, as the HTTP request that gRPC is, without a connection.
//!
//! Messages are encoded and decoded as over TCP, the same layers stand in front, deadlines, tokens and message sizes hold; what is left
//! out is HTTP/2, which was most of what a call within one process cost. A door outlives the services behind it: a second server may take
//! it over after the first one stopped. A call whose caller goes away is dropped where it is, as over TCP.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response};
use http_body::Frame;
use tokio::sync::{Mutex, mpsc, watch};
use tonic::Status;
use tonic::body::Body;
use tower::util::BoxCloneSyncService;
use tower::{Service, ServiceExt as _};

use super::CONNECT_WAIT;
use crate::shutdown::Shutdown;

/// What a server puts behind a door.
pub(crate) type Stack = BoxCloneSyncService<Request<Body>, Response<Body>, Infallible>;

/// A server behind its door.
#[derive(Clone)]
struct Behind {
    stack: Stack,
    /// When calls that are still under way are cut.
    cut: Shutdown,
    /// Held by each call under way, so that a server which stops can wait for them.
    inside: mpsc::Sender<Infallible>,
}

/// A door in this process. Clones are the same door.
#[derive(Clone)]
pub struct Door {
    behind: Arc<watch::Sender<Option<Behind>>>,
    standing: Arc<Mutex<()>>,
}

impl Door {
    /// A door with nobody behind it yet.
    #[must_use]
    pub fn new() -> Self {
        Self { behind: Arc::new(watch::Sender::new(None)), standing: Arc::default() }
    }

    /// Stands behind the door until `shutdown`, then until the calls under way are over or the drain is, and then cuts what is left.
    /// Waits while another server still stands there.
    pub(crate) async fn serve(&self, stack: Stack, shutdown: &Shutdown, drain: Duration) {
        let _standing = tokio::select! {
            standing = self.standing.lock() => standing,
            () = shutdown.wait() => return,
        };
        let cut = Shutdown::new();
        let (inside, mut left) = mpsc::channel(1);
        self.behind.send_replace(Some(Behind { stack, cut: cut.clone(), inside }));
        shutdown.wait().await;
        self.behind.send_replace(None);
        // Nothing is ever sent: the channel ends with the last call.
        if tokio::time::timeout(drain, left.recv()).await.is_err() {
            tracing::warn!("the drain is over; cutting the calls that are left");
            cut.trigger();
        }
    }

    /// Who stands behind it now, or comes within [`CONNECT_WAIT`].
    async fn behind(&self) -> Result<Behind, Status> {
        if let Some(behind) = &*self.behind.borrow() {
            return Ok(behind.clone());
        }
        let mut watched = self.behind.subscribe();
        let come = watched.wait_for(Option::is_some);
        match tokio::time::timeout(CONNECT_WAIT, come).await {
            Ok(Ok(behind)) => behind.clone().ok_or_else(nobody),
            Ok(Err(_)) | Err(_) => Err(nobody()),
        }
    }
}

fn nobody() -> Status {
    Status::unavailable("nobody serves behind the door")
}

fn is_cut() -> Status {
    Status::unavailable("the server behind the door has stopped")
}

impl Default for Door {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Door")
    }
}

impl Service<Request<Body>> for Door {
    type Response = Response<Body>;
    type Error = Status;
    type Future = BoxFuture<'static, Result<Response<Body>, Status>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let door = self.clone();
        Box::pin(async move {
            let Behind { stack, cut, inside } = door.behind().await?;
            let response = tokio::select! {
                biased;
                Ok(response) = stack.oneshot(request) => response,
                () = cut.wait() => return Err(is_cut()),
            };
            if http_body::Body::is_end_stream(response.body()) {
                return Ok(response);
            }
            Ok(response.map(|inner| Body::new(Passing { inner, cut, cutting: None, _inside: inside })))
        })
    }
}

/// A response on its way through a door.
struct Passing {
    inner: Body,
    cut: Shutdown,
    /// Made when the body first makes its reader wait; an answer that is there needs none.
    cutting: Option<BoxFuture<'static, ()>>,
    _inside: mpsc::Sender<Infallible>,
}

impl http_body::Body for Passing {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        if let Poll::Ready(frame) = Pin::new(&mut this.inner).poll_frame(context) {
            return Poll::Ready(frame);
        }
        let cut = &this.cut;
        let cutting = this.cutting.get_or_insert_with(|| Box::pin(cut.wait()));
        if cutting.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        this.inner = Body::empty();
        Poll::Ready(Some(Err(is_cut())))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.inner.size_hint()
    }
}

/// A line's transport: a connection, or a door.
#[derive(Clone, Debug)]
pub enum Way {
    /// To another process.
    Remote(tonic::transport::Channel),
    /// Within this one.
    InProcess(Door),
}

impl Service<Request<Body>> for Way {
    type Response = Response<Body>;
    type Error = tower::BoxError;
    type Future = BoxFuture<'static, Result<Response<Body>, tower::BoxError>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), tower::BoxError>> {
        match self {
            Self::Remote(channel) => channel.poll_ready(context).map_err(Into::into),
            Self::InProcess(door) => door.poll_ready(context).map_err(Into::into),
        }
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        match self {
            Self::Remote(channel) => {
                let answer = channel.call(request);
                Box::pin(async move { answer.await.map_err(Into::into) })
            }
            Self::InProcess(door) => {
                let answer = door.call(request);
                Box::pin(async move { answer.await.map_err(Into::into) })
            }
        }
    }
}
