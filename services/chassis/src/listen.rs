//! Listening: the one rule about plaintext, the TLS files, and connections that are counted and can be cut.
//!
//! Both servers stand on this. A listener beyond loopback without TLS refuses to start, because what comes through it
//! is a token and a person's words. Which bytes travel inside a connection is the servers' business.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Sleep;
use tonic::transport::server::{Connected, TcpConnectInfo};

use crate::metrics;
use crate::settings::{Secret, SecretError};
use crate::shutdown::{Guard, Shutdown};

/// The pause after a failed accept: out of file descriptors is the usual cause, and spinning would not free one.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How long a TLS handshake may take; a client that is slower is not ours.
pub const TLS_HANDSHAKE_MAX: Duration = Duration::from_secs(5);

/// Where the certificate and its key lie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsSettings {
    /// The certificate chain in PEM, leaf first.
    pub certificate_file: PathBuf,
    /// The key in PEM; mode 0600.
    pub key_file: PathBuf,
}

/// The content of the files named by [`TlsSettings`].
#[derive(Debug, Clone)]
pub(crate) struct TlsPair {
    pub(crate) certificate: Vec<u8>,
    pub(crate) key: Secret,
}

/// Why a server does not listen. Nothing was bound.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListenError {
    /// Plaintext would leave this machine.
    #[error(
        "refusing to listen on {address} without TLS; set tls.certificate_file and tls.key_file, or listen on 127.0.0.1"
    )]
    PlaintextBeyondLoopback {
        /// The address asked for.
        address: SocketAddr,
    },
    /// The address is taken or not ours.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The certificate file cannot be read.
    #[error("cannot read the certificate file {}: {source}", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The key file cannot be used.
    #[error(transparent)]
    Key(#[from] SecretError),
    /// Certificate and key do not make a TLS server.
    #[error("the certificate and key do not fit TLS: {0}")]
    Tls(String),
    /// The file descriptor sets are not protobuf.
    #[error("the file descriptor sets for reflection are malformed: {0}")]
    Reflection(String),
    /// Neither an address nor a door was given.
    #[error("the server has nothing to listen on; give it an address or a door")]
    Nowhere,
}

impl TlsSettings {
    pub(crate) fn read(&self) -> Result<TlsPair, ListenError> {
        let certificate = std::fs::read(&self.certificate_file)
            .map_err(|source| ListenError::Certificate { path: self.certificate_file.clone(), source })?;
        let key = Secret::from_file(&self.key_file)?;
        Ok(TlsPair { certificate, key })
    }
}

/// A bound socket with a bound number of connections.
#[derive(Debug)]
pub(crate) struct Listener {
    socket: TcpListener,
    room: Arc<Semaphore>,
    name: &'static str,
}

impl Listener {
    /// Checks the plaintext rule, then binds.
    pub(crate) async fn bind(
        address: SocketAddr,
        encrypted: bool,
        connections_max: usize,
        name: &'static str,
    ) -> Result<Self, ListenError> {
        if !encrypted && !address.ip().to_canonical().is_loopback() {
            return Err(ListenError::PlaintextBeyondLoopback { address });
        }
        let socket = TcpListener::bind(address).await.map_err(|source| ListenError::Bind { address, source })?;
        Ok(Self { socket, room: Arc::new(Semaphore::new(connections_max.clamp(1, Semaphore::MAX_PERMITS))), name })
    }

    pub(crate) fn local_address(&self) -> Option<SocketAddr> {
        self.socket.local_addr().ok()
    }

    /// The next connection within the bound. One beyond it is closed at once and counted: a person's desk then tries
    /// the next node at once, instead of hanging in a backlog nobody reads.
    pub(crate) async fn accept(&self) -> (TcpStream, OwnedSemaphorePermit) {
        loop {
            match self.socket.accept().await {
                Ok((stream, _)) => {
                    let Ok(permit) = Arc::clone(&self.room).try_acquire_owned() else {
                        metrics::connection_refused(self.name);
                        continue;
                    };
                    // Failing costs latency only.
                    drop(stream.set_nodelay(true));
                    return (stream, permit);
                }
                Err(error) => {
                    tracing::warn!(listener = self.name, %error, "accepting a connection failed");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }
}

/// The patience with a client that does not read.
struct Stall {
    patience: Duration,
    /// Runs while nothing can be written.
    since: Option<Pin<Box<Sleep>>>,
}

impl Stall {
    /// Looks at how a write went; one that has not moved for too long ends the connection.
    fn watch<T>(&mut self, written: Poll<std::io::Result<T>>, context: &mut Context<'_>) -> Poll<std::io::Result<T>> {
        if written.is_ready() {
            self.since = None;
            return written;
        }
        let since = self.since.get_or_insert_with(|| Box::pin(tokio::time::sleep(self.patience)));
        if since.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        metrics::connection_stalled();
        Poll::Ready(Err(std::io::Error::new(std::io::ErrorKind::TimedOut, "the client does not read")))
    }
}

/// A connection which ends when its server's drain is over, whatever runs on it, and when its client reads nothing for too long.
pub(crate) struct Cuttable<I> {
    io: I,
    cut: Option<BoxFuture<'static, ()>>,
    _room: Option<OwnedSemaphorePermit>,
    stall: Option<Stall>,
    // Held as long as the bytes can flow: an upgraded connection outlives the future which served it.
    _open: Guard,
}

impl<I> Cuttable<I> {
    pub(crate) fn new(io: I, cut: &Shutdown, room: Option<OwnedSemaphorePermit>) -> Self {
        Self { io, cut: Some(Box::pin(cut.wait())), _room: room, stall: None, _open: cut.guard("connection") }
    }

    /// The same, ended when nothing of what is written to it is taken for so long.
    pub(crate) fn read_within(mut self, patience: Duration) -> Self {
        self.stall = Some(Stall { patience, since: None });
        self
    }

    fn watch<T>(&mut self, written: Poll<std::io::Result<T>>, context: &mut Context<'_>) -> Poll<std::io::Result<T>> {
        match self.stall.as_mut() {
            Some(stall) => stall.watch(written, context),
            None => written,
        }
    }

    fn poll_cut(&mut self, context: &mut Context<'_>) -> std::io::Result<()> {
        if let Some(cut) = self.cut.as_mut() {
            if cut.as_mut().poll(context).is_pending() {
                return Ok(());
            }
            self.cut = None;
        }
        Err(std::io::Error::new(std::io::ErrorKind::ConnectionAborted, "the server ended its drain"))
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Cuttable<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        self.poll_cut(context)?;
        Pin::new(&mut self.io).poll_read(context, buffer)
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Cuttable<I> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        self.poll_cut(context)?;
        let written = Pin::new(&mut self.io).poll_write(context, bytes);
        self.watch(written, context)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        self.poll_cut(context)?;
        let written = Pin::new(&mut self.io).poll_write_vectored(context, slices);
        self.watch(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}

impl Connected for Cuttable<TcpStream> {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> TcpConnectInfo {
        self.io.connect_info()
    }
}
