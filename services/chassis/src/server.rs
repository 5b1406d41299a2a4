//! The gRPC server: the same layers, limits and manners in front of every service, over TCP and behind a door.
//!
//! Layers from the outside in: catch panics → access → admission → deadline → health, reflection, services. Message
//! sizes are set where a service is wrapped (`max_decoding_message_size(MESSAGE_BYTES_MAX)`), since only generated code
//! decodes. HTTP has its own server in [`crate::http`].

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::stream::unfold;
use http::Request;
use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::service::Routes;
use tonic::transport::Identity;
use tonic::transport::server::{Server, ServerTlsConfig};
use tonic_health::server::HealthReporter;
use tower::layer::util::{Identity as Plain, Stack};
use tower::util::BoxCloneSyncService;
use tower::{Service, ServiceBuilder};

use crate::access::{AccessLayer, AccessTable};
use crate::admission::{AdmissionLayer, Class, Classes, Permits, WAITING_MAX};
use crate::channel::{self, Door, KEEPALIVE_INTERVAL, KEEPALIVE_WAIT};
use crate::deadline::DeadlineLayer;
use crate::listen::{Cuttable, ListenError, Listener, TLS_HANDSHAKE_MAX, TlsSettings};
use crate::panics::PanicLayer;
use crate::pressure::Pressure;
use crate::shutdown::Shutdown;

/// The largest message a service accepts, in bytes. Give it to each generated server.
pub const MESSAGE_BYTES_MAX: usize = 64 * 1024;

/// The largest request headers accepted, in bytes.
pub const HEADER_BYTES_MAX: u32 = 16 * 1024;

/// A gRPC listener as written in a settings file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GrpcSettings {
    /// Where to listen, e.g. `127.0.0.1:7440`. Without TLS only loopback is accepted. None: the door only.
    pub address: Option<SocketAddr>,
    /// Certificate and key. A door never uses them.
    pub tls: Option<TlsSettings>,
    /// Whether clients may ask for our wire's description.
    pub reflection: bool,
    /// After how long a connection is asked to go away and come back, so that clients spread over nodes; 0 is never.
    /// Streams on it live on until they end.
    pub connection_age_s_max: u64,
    /// Connections at once; one more is closed at once and counted.
    pub connections_max: usize,
    /// Streams one connection may have open: a counselor's desk needs one, a desk service one per desk.
    pub streams_per_connection_max: u32,
    /// The cap on the time to a response head, in milliseconds.
    pub unary_ms_max: u64,
    /// Rpcs in hand at once, over all connections; see [`Permits`].
    pub rpcs_max: usize,
    /// How long connections may take to finish after the shutdown, in milliseconds; then they are cut.
    pub drain_ms_max: u64,
}

impl Default for GrpcSettings {
    fn default() -> Self {
        Self {
            address: None,
            tls: None,
            reflection: false,
            connection_age_s_max: 3_600,
            connections_max: 4_096,
            streams_per_connection_max: 4_096,
            unary_ms_max: 10_000,
            rpcs_max: 512,
            drain_ms_max: 10_000,
        }
    }
}

type Layers = Stack<DeadlineLayer, Stack<AdmissionLayer, Stack<AccessLayer, Stack<PanicLayer, Plain>>>>;

/// A server being put together.
#[expect(missing_debug_implementations, reason = "holds services, which have none")]
pub struct GrpcServer {
    settings: GrpcSettings,
    access: AccessTable,
    classes: Classes,
    permits: Option<Permits>,
    pressure: Pressure,
    streaming: Vec<String>,
    door: Option<Door>,
    descriptors: Vec<Vec<u8>>,
    routes: Routes,
    health: HealthReporter,
}

impl GrpcServer {
    /// A server which lets the principals of `access` in. Every rpc is T1 until [`GrpcServer::classes`] says otherwise.
    /// Health is served from the start, as NOT_SERVING for no service in particular until its reporter is told.
    #[must_use]
    pub fn new(settings: GrpcSettings, access: AccessTable) -> Self {
        let (health, health_service) = tonic_health::server::health_reporter();
        Self {
            settings,
            access,
            classes: Classes::new(Class::T1),
            permits: None,
            pressure: Pressure::default(),
            streaming: Vec::new(),
            door: None,
            descriptors: Vec::new(),
            routes: Routes::new(health_service),
            health,
        }
    }

    /// Says which rpc is of which class.
    #[must_use]
    pub fn classes(mut self, classes: Classes) -> Self {
        self.classes = classes;
        self
    }

    /// Shares permits with other servers of this process, instead of `rpcs_max` of its own.
    #[must_use]
    pub fn permits(mut self, permits: Permits) -> Self {
        self.permits = Some(permits);
        self
    }

    /// Turns lower classes away by this pressure. Without it there is none.
    #[must_use]
    pub fn pressure(mut self, pressure: Pressure) -> Self {
        self.pressure = pressure;
        self
    }

    /// Lifts the cap on the response head for paths with these prefixes: rpcs whose head may come late, such as
    /// client streams. Server streams answer their head at once and need no entry, unless they open slowly.
    #[must_use]
    pub fn streaming(mut self, prefixes: &[&str]) -> Self {
        self.streaming.extend(prefixes.iter().map(|prefix| (*prefix).to_owned()));
        self
    }

    /// Serves through `door` as well.
    #[must_use]
    pub fn door(mut self, door: Door) -> Self {
        self.door = Some(door);
        self
    }

    /// Adds an encoded file descriptor set to what reflection tells.
    #[must_use]
    pub fn descriptors(mut self, encoded: &[u8]) -> Self {
        self.descriptors.push(encoded.to_vec());
        self
    }

    /// Adds a service.
    #[must_use]
    pub fn service<S>(mut self, service: S) -> Self
    where
        S: Service<Request<Body>, Error = Infallible> + NamedService + Clone + Send + Sync + 'static,
        S::Response: axum::response::IntoResponse,
        S::Future: Send + 'static,
    {
        self.routes = self.routes.add_service(service);
        self
    }

    /// Tells `grpc.health.v1` what serves and what does not. Clones speak for the same server.
    #[must_use]
    pub fn health(&self) -> HealthReporter {
        self.health.clone()
    }

    /// Binds, so that the caller learns the address, and serves nobody yet. Connections made meanwhile wait.
    ///
    /// # Errors
    /// See [`ListenError`]; nothing stays bound.
    pub async fn bind(self) -> Result<BoundGrpc, ListenError> {
        let settings = &self.settings;
        if settings.address.is_none() && self.door.is_none() {
            return Err(ListenError::Nowhere);
        }
        let tls = settings.tls.as_ref().map(server_tls).transpose()?;
        let routes = if settings.reflection { with_reflection(self.routes, &self.descriptors)? } else { self.routes };
        let permits = self.permits.unwrap_or_else(|| Permits::new(settings.rpcs_max, WAITING_MAX));
        let streaming: Vec<&str> = self.streaming.iter().map(String::as_str).collect();
        let cap = Duration::from_millis(settings.unary_ms_max);
        let access = AccessLayer::new(self.access);
        let admission = AdmissionLayer::new(permits, self.classes, self.pressure);
        let deadline = DeadlineLayer::new(cap).streaming(&streaming);
        let routes = routes.prepare();
        // The same layers twice: in front of connections, and behind the door, where there are none.
        let layers = ServiceBuilder::new().layer(PanicLayer).layer(access.clone()).layer(admission.clone());
        let through_door = BoxCloneSyncService::new(layers.layer(deadline.clone()).service(routes.clone()));
        let server = tuned(settings).layer(PanicLayer).layer(access).layer(admission).layer(deadline);
        let over_tcp = match tls {
            Some(tls) => server.tls_config(tls).map_err(|error| ListenError::Tls(chain(&error)))?,
            None => server,
        };
        let listener = match settings.address {
            Some(address) => {
                Some(Listener::bind(address, settings.tls.is_some(), settings.connections_max, "grpc").await?)
            }
            None => None,
        };
        Ok(BoundGrpc {
            listener,
            over_tcp,
            door: self.door,
            through_door,
            routes,
            drain: Duration::from_millis(settings.drain_ms_max),
        })
    }
}

fn tuned(settings: &GrpcSettings) -> Server {
    let server = Server::builder()
        .http2_keepalive_interval(Some(KEEPALIVE_INTERVAL))
        .http2_keepalive_timeout(Some(KEEPALIVE_WAIT))
        .tcp_nodelay(true)
        .max_concurrent_streams(settings.streams_per_connection_max)
        .http2_max_header_list_size(HEADER_BYTES_MAX);
    // Without a grace: with one tonic never says GOAWAY and simply cuts the streams.
    match settings.connection_age_s_max {
        0 => server,
        age_s => server.max_connection_age(Duration::from_secs(age_s)),
    }
}

fn server_tls(settings: &TlsSettings) -> Result<ServerTlsConfig, ListenError> {
    crate::crypto::install_default();
    let pair = settings.read()?;
    let identity = Identity::from_pem(&pair.certificate, pair.key.expose());
    Ok(ServerTlsConfig::new().identity(identity).timeout(TLS_HANDSHAKE_MAX))
}

fn with_reflection(routes: Routes, descriptors: &[Vec<u8>]) -> Result<Routes, ListenError> {
    let mut builder = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET);
    for encoded in descriptors {
        builder = builder.register_encoded_file_descriptor_set(encoded);
    }
    let service = builder.build_v1().map_err(|error| ListenError::Reflection(error.to_string()))?;
    Ok(routes.add_service(service))
}

/// An error with its causes, in one line: tonic's own says "transport error" and nothing more.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

/// Serving ended otherwise than by shutdown.
#[derive(Debug, thiserror::Error)]
#[error("the gRPC server failed: {0}")]
pub struct ServeError(String);

/// A bound server that serves nobody yet.
#[expect(missing_debug_implementations, reason = "holds services, which have none")]
pub struct BoundGrpc {
    listener: Option<Listener>,
    over_tcp: Server<Layers>,
    door: Option<Door>,
    through_door: channel::Stack,
    routes: Routes,
    drain: Duration,
}

impl BoundGrpc {
    /// Where it listens over TCP; with port 0 in the settings, the port that was given.
    #[must_use]
    pub fn local_address(&self) -> Option<SocketAddr> {
        self.listener.as_ref().and_then(Listener::local_address)
    }

    /// Serves until `shutdown` is triggered and every connection has finished, or the drain is over and the rest is cut.
    /// Holds a guard named `grpc` meanwhile.
    ///
    /// # Errors
    /// [`ServeError`] if the server itself fails; a failing connection is not an error.
    pub async fn serve(self, shutdown: Shutdown) -> Result<(), ServeError> {
        let _guard = shutdown.guard("grpc");
        let cut = Shutdown::new();
        let over_tcp = async {
            match self.listener {
                None => Ok(()),
                Some(listener) => {
                    let incoming = tcp_incoming(listener, cut.clone());
                    serve_on(self.over_tcp, self.routes, incoming, &shutdown, &cut, self.drain).await
                }
            }
        };
        let through_door = async {
            match self.door {
                None => Ok(()),
                Some(door) => {
                    door.serve(self.through_door, &shutdown, self.drain).await;
                    Ok(())
                }
            }
        };
        // Both stop by the same token, so one that fails alone must not leave the other serving unseen.
        tokio::try_join!(over_tcp, through_door).map(|_| ())
    }
}

fn tcp_incoming(
    listener: Listener,
    cut: Shutdown,
) -> impl futures_util::Stream<Item = Result<Cuttable<TcpStream>, Infallible>> + Send {
    unfold((listener, cut), |(listener, cut)| async move {
        let (stream, room) = listener.accept().await;
        Some((Ok(Cuttable::new(stream, &cut, Some(room))), (listener, cut)))
    })
}

async fn serve_on(
    server: Server<Layers>,
    routes: Routes,
    incoming: impl futures_util::Stream<Item = Result<Cuttable<TcpStream>, Infallible>> + Send,
    shutdown: &Shutdown,
    cut: &Shutdown,
    drain: Duration,
) -> Result<(), ServeError> {
    let mut server = server;
    let serving = server.add_routes(routes).serve_with_incoming_shutdown(incoming, shutdown.wait());
    let bound = async {
        shutdown.wait().await;
        tokio::time::sleep(drain).await;
        tracing::warn!("the drain is over; cutting the connections that are left");
        cut.trigger();
        std::future::pending::<()>().await;
    };
    tokio::select! {
        served = serving => served.map_err(|error| ServeError(chain(&error))),
        () = bound => Ok(()),
    }
}
