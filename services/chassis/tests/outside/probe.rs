//! A tiny service written by hand: it says who asks, waits at a gate, streams, panics.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream, StreamExt};
use holdfast_chassis::access::{AccessTable, PrincipalSettings, Role, ServiceKind, hash_token, principal};
use holdfast_chassis::channel::{Address, Line, RemoteSettings, connect};
use holdfast_chassis::deadline::Deadline;
use holdfast_chassis::server::{GrpcServer, GrpcSettings};
use holdfast_chassis::settings::Secret;
use holdfast_chassis::shutdown::Shutdown;
use tokio::sync::{Semaphore, watch};
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;
use tower::service_fn;

pub(crate) const TOKEN: &str = "a-token-for-tests";
const CARRIERS_TOKEN: &str = "another-token-for-tests";

pub(crate) fn secret() -> Secret {
    Secret::from(TOKEN.to_owned())
}

/// The token of a carrier service.
pub(crate) fn carriers_secret() -> Secret {
    Secret::from(CARRIERS_TOKEN.to_owned())
}

pub(crate) fn table() -> AccessTable {
    let principal = |name: &str, role: &str, token: &str| PrincipalSettings {
        name: name.to_owned(),
        role: role.to_owned(),
        token_sha256: hash_token(token),
    };
    let carrier = Role::Service(ServiceKind::Carrier);
    AccessTable::new(&[principal("maria", "counselor", TOKEN), principal("carrier", carrier.name(), CARRIERS_TOKEN)])
        .unwrap()
}

#[derive(Clone)]
pub(crate) struct Probe {
    /// Handlers which stand at the gate.
    pub(crate) entered: Arc<watch::Sender<usize>>,
    /// A permit lets one of them through.
    pub(crate) gate: Arc<Semaphore>,
}

impl Probe {
    pub(crate) fn new() -> Self {
        Self { entered: Arc::new(watch::Sender::new(0)), gate: Arc::new(Semaphore::new(0)) }
    }

    pub(crate) async fn at_the_gate(&self, count: usize) {
        self.entered.subscribe().wait_for(|entered| *entered == count).await.unwrap();
    }
}

struct Standing(Arc<watch::Sender<usize>>);

impl Drop for Standing {
    fn drop(&mut self) {
        self.0.send_modify(|entered| *entered -= 1);
    }
}

impl NamedService for Probe {
    const NAME: &'static str = "test.Probe";
}

type Codec = ProstCodec<String, String>;

impl tower::Service<http::Request<Body>> for Probe {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<http::Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let probe = self.clone();
        Box::pin(async move {
            let method = request.uri().path().rsplit('/').next().unwrap().to_owned();
            let mut grpc = tonic::server::Grpc::new(Codec::default());
            if method == "Tear" {
                return Ok(grpc.server_streaming(service_fn(tear), request).await);
            }
            if method == "Follow" {
                return Ok(grpc.server_streaming(service_fn(follow), request).await);
            }
            let unary = service_fn(move |request| answer(probe.clone(), method.clone(), request));
            Ok(grpc.unary(unary, request).await)
        })
    }
}

async fn answer(probe: Probe, method: String, request: Request<String>) -> Result<Response<String>, Status> {
    match method.as_str() {
        "Who" => {
            let principal = principal(&request)?;
            assert!(request.metadata().get("authorization").is_none());
            Ok(Response::new(format!("{} {}", principal.name, principal.role)))
        }
        "Remaining" => {
            let remaining = Deadline::of(&request).map(Deadline::remaining);
            Ok(Response::new(remaining.map_or_else(String::new, |left| left.as_millis().to_string())))
        }
        "Panic" => panic!("on purpose"),
        _ => {
            probe.entered.send_modify(|entered| *entered += 1);
            let _standing = Standing(Arc::clone(&probe.entered));
            probe.gate.acquire().await.unwrap().forget();
            Ok(Response::new("through".to_owned()))
        }
    }
}

async fn follow(_: Request<String>) -> Result<Response<BoxStream<'static, Result<String, Status>>>, Status> {
    let first = stream::iter([Ok("first".to_owned())]);
    Ok(Response::new(first.chain(stream::pending()).boxed()))
}

async fn tear(_: Request<String>) -> Result<Response<BoxStream<'static, Result<String, Status>>>, Status> {
    Ok(Response::new(stream::poll_fn(|_| panic!("on purpose")).boxed()))
}

/// A server over TCP that serves the probe until its test's runtime ends.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
}

pub(crate) fn loopback() -> GrpcSettings {
    GrpcSettings { address: Some(SocketAddr::from(([127, 0, 0, 1], 0))), drain_ms_max: 100, ..GrpcSettings::default() }
}

pub(crate) async fn run(server: GrpcServer) -> Running {
    let bound = server.bind().await.unwrap();
    let address = bound.local_address().unwrap();
    tokio::spawn(async move { bound.serve(Shutdown::new()).await.unwrap() });
    Running { address }
}

impl Running {
    pub(crate) fn line(&self, token: Option<&Secret>) -> Line {
        let remote = RemoteSettings::new(format!("http://{}", self.address));
        connect(&Address::Remote(remote), token).unwrap()
    }
}

pub(crate) async fn call(line: &Line, method: &str) -> Result<String, Status> {
    call_within(line, method, None).await
}

pub(crate) async fn call_within(line: &Line, method: &str, patience: Option<Duration>) -> Result<String, Status> {
    let mut request = Request::new(String::new());
    if let Some(patience) = patience {
        Deadline::after(patience).carry(&mut request);
    }
    let mut grpc = tonic::client::Grpc::new(line.clone());
    grpc.ready().await.map_err(|error| Status::unknown(error.to_string()))?;
    let path = format!("/test.Probe/{method}").parse().unwrap();
    grpc.unary(request, path, Codec::default()).await.map(Response::into_inner)
}

pub(crate) async fn open_stream(line: &Line, patience: Option<Duration>) -> Result<tonic::Streaming<String>, Status> {
    open_method(line, "Follow", patience).await
}

pub(crate) async fn open_method(
    line: &Line,
    method: &str,
    patience: Option<Duration>,
) -> Result<tonic::Streaming<String>, Status> {
    let mut request = Request::new(String::new());
    if let Some(patience) = patience {
        request.set_timeout(patience);
    }
    let mut grpc = tonic::client::Grpc::new(line.clone());
    grpc.ready().await.map_err(|error| Status::unknown(error.to_string()))?;
    let path = format!("/test.Probe/{method}").parse().unwrap();
    grpc.server_streaming(request, path, Codec::default()).await.map(Response::into_inner)
}
