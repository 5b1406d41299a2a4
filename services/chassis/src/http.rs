//! The HTTP server: an axum router behind the limits that axum's own server cannot set.
//!
//! Header count, size and time, body size and time, connections, drain: each has a bound here. Who may see a page is
//! the face's own decision. A page that panics answers 500 and takes nothing with it. HTTP/2 is spoken over TLS only, where the handshake says so; guessing it from the first
//! bytes would leave a silent client waiting for ever.

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use http::{Request, StatusCode};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tower::util::ServiceExt;

use crate::channel::{KEEPALIVE_INTERVAL, KEEPALIVE_WAIT};
use crate::listen::{Cuttable, ListenError, Listener, TLS_HANDSHAKE_MAX, TlsSettings};
use crate::shutdown::Shutdown;

mod body;
mod ops;
mod problem;

pub use ops::{Condition, Ops, Readiness, Unready, Version, ops_routes};
pub use problem::{PROBLEM_JSON, Problem};

use body::BoundedBody;

/// The smallest header buffer hyper can work with, in bytes.
const HEADER_BYTES_MIN: usize = 8 * 1024;

/// Streams one HTTP/2 connection may have open.
const STREAMS_PER_CONNECTION_MAX: u32 = 32;

/// An HTTP listener as written in a settings file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpSettings {
    /// Where to listen. Without TLS only loopback is accepted.
    pub address: SocketAddr,
    /// Certificate and key.
    pub tls: Option<TlsSettings>,
    /// How long a request's head may take, in milliseconds; then the connection closes. Also how long a kept-alive
    /// connection may be idle.
    pub header_read_ms_max: u64,
    /// Header lines in a request; one more is answered 431.
    pub headers_max: usize,
    /// Bytes in a request's head, at least 8192; more are answered 431.
    pub header_bytes_max: usize,
    /// Bytes in a request's body; more are answered 413.
    pub body_bytes_max: usize,
    /// How long a request's body may take, in milliseconds.
    pub body_read_ms_max: u64,
    /// How long a client may take nothing of its answer, in milliseconds; then the connection closes, so that those who do not read
    /// cannot hold every connection there is.
    pub write_ms_max: u64,
    /// Connections at once; one more is closed at once and counted.
    pub connections_max: usize,
    /// How long requests may take to finish after the shutdown, in milliseconds; then they are cut.
    pub drain_ms_max: u64,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            tls: None,
            header_read_ms_max: 10_000,
            headers_max: 64,
            header_bytes_max: 16 * 1024,
            body_bytes_max: 64 * 1024,
            body_read_ms_max: 10_000,
            write_ms_max: 10_000,
            connections_max: 4_096,
            drain_ms_max: 10_000,
        }
    }
}

/// A bound server that serves nobody yet.
#[expect(missing_debug_implementations, reason = "the TLS configuration has none")]
pub struct BoundHttp {
    settings: HttpSettings,
    router: Router,
    listener: Listener,
    tls: Option<TlsAcceptor>,
}

/// Binds, so that the caller learns the address. Connections made before [`BoundHttp::serve`] wait.
///
/// # Errors
/// See [`ListenError`]; nothing stays bound.
pub async fn bind(settings: HttpSettings, router: Router) -> Result<BoundHttp, ListenError> {
    let tls = settings.tls.as_ref().map(acceptor).transpose()?;
    let listener = Listener::bind(settings.address, tls.is_some(), settings.connections_max, "http").await?;
    Ok(BoundHttp { settings, router, listener, tls })
}

fn acceptor(settings: &TlsSettings) -> Result<TlsAcceptor, ListenError> {
    crate::crypto::install_default();
    let malformed = |error: &dyn std::fmt::Display| ListenError::Tls(error.to_string());
    let pair = settings.read()?;
    let certificates = CertificateDer::pem_slice_iter(&pair.certificate)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| malformed(&error))?;
    let key = PrivateKeyDer::from_pem_slice(pair.key.expose().as_bytes()).map_err(|error| malformed(&error))?;
    let mut config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .map_err(|error| malformed(&error))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// What every connection of one server shares.
struct Front {
    router: Router,
    settings: HttpSettings,
    tls: Option<TlsAcceptor>,
    shutdown: Shutdown,
    cut: Shutdown,
}

impl BoundHttp {
    /// Where it listens; with port 0 in the settings, the port that was given.
    #[must_use]
    pub fn local_address(&self) -> Option<SocketAddr> {
        self.listener.local_address()
    }

    /// Serves until `shutdown` is triggered and every request has finished, or the drain is over and the rest is cut.
    /// Holds a guard named `http` meanwhile. Connections that were upgraded (WebSocket) are waited for and cut like
    /// the others.
    pub async fn serve(self, shutdown: Shutdown) {
        let _guard = shutdown.guard("http");
        let drain = Duration::from_millis(self.settings.drain_ms_max);
        let front = Arc::new(Front {
            router: self.router,
            settings: self.settings,
            tls: self.tls,
            shutdown: shutdown.clone(),
            cut: Shutdown::new(),
        });
        let accepting = async {
            loop {
                let (stream, room) = self.listener.accept().await;
                let patience = Duration::from_millis(front.settings.write_ms_max);
                let io = Cuttable::new(stream, &front.cut, Some(room)).read_within(patience);
                let front = Arc::clone(&front);
                tokio::spawn(front.meet(io));
            }
        };
        tokio::select! {
            () = accepting => {}
            () = shutdown.wait() => {}
        }
        // New clients are refused while the old ones finish.
        drop(self.listener);
        if let Err(left) = front.cut.drain(drain).await {
            tracing::warn!(reason = %left, "the drain is over; cutting the connections that are left");
        }
        front.cut.trigger();
    }
}

impl Front {
    async fn meet(self: Arc<Self>, io: Cuttable<TcpStream>) {
        let Some(tls) = self.tls.clone() else {
            return self.converse(io, false).await;
        };
        match tokio::time::timeout(TLS_HANDSHAKE_MAX, tls.accept(io)).await {
            Ok(Ok(stream)) => {
                let h2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                self.converse(stream, h2).await;
            }
            Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        }
    }

    async fn converse<I>(self: Arc<Self>, io: I, h2: bool)
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let builder = self.builder(h2);
        let begun = Arc::new(AtomicBool::new(false));
        let service = service_fn({
            let front = Arc::clone(&self);
            let begun = Arc::clone(&begun);
            move |request| {
                begun.store(true, Ordering::Relaxed);
                let front = Arc::clone(&front);
                async move { front.answer(request).await }
            }
        });
        let mut connection = pin!(builder.serve_connection_with_upgrades(TokioIo::new(io), service));
        let mut patience = pin!(tokio::time::sleep(Duration::from_millis(self.settings.header_read_ms_max)));
        let mut stopped = pin!(self.shutdown.wait());
        let (mut waiting, mut stopping) = (true, false);
        loop {
            tokio::select! {
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        tracing::debug!(%error, "a connection failed");
                    }
                    return;
                }
                // Covers what hyper's own header timer does not: an HTTP/2 client which never sends its preface.
                () = patience.as_mut(), if waiting => {
                    waiting = false;
                    if !begun.load(Ordering::Relaxed) {
                        return;
                    }
                }
                () = stopped.as_mut(), if !stopping => {
                    stopping = true;
                    connection.as_mut().graceful_shutdown();
                }
            }
        }
    }

    fn builder(&self, h2: bool) -> Builder<TokioExecutor> {
        let settings = &self.settings;
        let builder = Builder::new(TokioExecutor::new());
        let mut builder = if h2 { builder.http2_only() } else { builder.http1_only() };
        let header_bytes = settings.header_bytes_max.max(HEADER_BYTES_MIN);
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(Duration::from_millis(settings.header_read_ms_max))
            .max_headers(settings.headers_max)
            .max_buf_size(header_bytes);
        builder
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(KEEPALIVE_INTERVAL)
            .keep_alive_timeout(KEEPALIVE_WAIT)
            .max_concurrent_streams(STREAMS_PER_CONNECTION_MAX)
            .max_header_list_size(u32::try_from(header_bytes).unwrap_or(u32::MAX));
        builder
    }

    async fn answer(&self, request: Request<Incoming>) -> Result<Response, std::convert::Infallible> {
        let settings = &self.settings;
        let announced = http_body::Body::size_hint(request.body()).lower();
        // The header count of HTTP/2 is nobody else's to bound.
        if request.headers().len() > settings.headers_max {
            let problem = Problem::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
            return Ok(problem.detail("the request has too many headers").into_response());
        }
        if announced > u64::try_from(settings.body_bytes_max).unwrap_or(u64::MAX) {
            let problem = Problem::new(StatusCode::PAYLOAD_TOO_LARGE);
            return Ok(problem.detail("the body is larger than this server accepts").into_response());
        }
        let patience = Duration::from_millis(settings.body_read_ms_max);
        let request = request.map(|body| Body::new(BoundedBody::new(body, settings.body_bytes_max, patience)));
        // A panic costs its own answer; its words stay in the process.
        let answer = AssertUnwindSafe(self.router.clone().oneshot(request)).catch_unwind().await;
        answer.unwrap_or_else(|_| {
            tracing::error!("a page's handler panicked; only its own answer is lost");
            Ok(Problem::new(StatusCode::INTERNAL_SERVER_ERROR).into_response())
        })
    }
}
