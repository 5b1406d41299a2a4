//! The in-process way: gRPC over pipes in memory, through the same client, server and layers as over TCP.
//!
//! A door outlives the services behind it: a second server may take it over after the first one stopped, and lines
//! through it connect again. The stream of connections never ends while the door lives, because tonic's server says
//! GOAWAY as soon as it does.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::{Poll, ready};

use futures_util::future::BoxFuture;
use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::io::DuplexStream;
use tokio::sync::{Mutex, OwnedMutexGuard, mpsc, oneshot};
use tower::util::service_fn;

use super::CONNECT_WAIT;

/// Bytes in flight per direction of one connection; beyond it the writer waits. As large as one message may be.
pub const DOOR_BYTES: usize = 64 * 1024;

/// Connections asked for and not yet accepted, at most; further ones wait until their connect wait is over.
pub const DOOR_BACKLOG: usize = 16;

/// One knock: our half of a fresh pipe, and the word that somebody opened. Who stopped waiting has dropped the receiver.
struct Knock {
    half: DuplexStream,
    opened: oneshot::Sender<()>,
}

/// A door in this process. Clones are the same door.
#[derive(Clone)]
pub struct Door {
    // The sender living here keeps the incoming stream open while no line is connected.
    knocks: mpsc::Sender<Knock>,
    answering: Arc<Mutex<mpsc::Receiver<Knock>>>,
}

impl Door {
    /// A door with nobody behind it yet.
    #[must_use]
    pub fn new() -> Self {
        let (knocks, answering) = mpsc::channel(DOOR_BACKLOG);
        Self { knocks, answering: Arc::new(Mutex::new(answering)) }
    }

    /// Stands behind the door; waits while another server still does. Dropping the result leaves it to the next.
    pub async fn incoming(&self) -> DoorIncoming {
        DoorIncoming { answering: Arc::clone(&self.answering).lock_owned().await, _knocks: self.knocks.clone() }
    }

    /// What an [`Endpoint`](tonic::transport::Endpoint) connects with.
    pub(crate) fn connector(
        &self,
    ) -> impl tower::Service<
        Uri,
        Response = TokioIo<DuplexStream>,
        Error = io::Error,
        Future = BoxFuture<'static, io::Result<TokioIo<DuplexStream>>>,
    > + Clone
    + Send
    + 'static {
        let knocks = self.knocks.clone();
        service_fn(move |_: Uri| {
            let knocks = knocks.clone();
            Box::pin(knock(knocks)) as BoxFuture<'static, _>
        })
    }
}

async fn knock(knocks: mpsc::Sender<Knock>) -> io::Result<TokioIo<DuplexStream>> {
    let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
    let (near, far) = tokio::io::duplex(DOOR_BYTES);
    let (opened, answer) = oneshot::channel();
    let answered = async {
        knocks.send(Knock { half: far, opened }).await.map_err(|_| refused())?;
        answer.await.map_err(|_| refused())
    };
    // Nobody behind the door means UNAVAILABLE, not a call that hangs. The endpoint's own connect wait would say
    // UNKNOWN here, because tonic puts it around the part that names connect errors.
    tokio::time::timeout(CONNECT_WAIT, answered).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    Ok(TokioIo::new(near))
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

/// The connections through a [`Door`], as its server takes them.
pub struct DoorIncoming {
    answering: OwnedMutexGuard<mpsc::Receiver<Knock>>,
    _knocks: mpsc::Sender<Knock>,
}

impl DoorIncoming {
    /// The next connection. Cancel-safe: what is not returned was not opened.
    pub async fn accept(&mut self) -> DuplexStream {
        poll_fn(|context| {
            loop {
                let Some(knock) = ready!(self.answering.poll_recv(context)) else {
                    // Unreachable while `_knocks` lives; if it ever were, waiting is the harmless answer.
                    return Poll::Pending;
                };
                // Otherwise whoever knocked has left meanwhile.
                if knock.opened.send(()).is_ok() {
                    return Poll::Ready(knock.half);
                }
            }
        })
        .await
    }
}

impl fmt::Debug for DoorIncoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DoorIncoming")
    }
}
