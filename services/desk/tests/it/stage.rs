//! The stage of every test: a scripted router, a desk service on a real port, tokens, and a raw desk.

use std::net::SocketAddr;
use std::time::Duration;

use holdfast_chassis::access::{AccessLayer, AccessTable, PrincipalSettings, hash_token};
use holdfast_chassis::channel::{Address, Line, RemoteSettings, connect};
use holdfast_chassis::http::{self, HttpSettings};
use holdfast_chassis::pressure::Pressure;
use holdfast_chassis::settings::Secret;
use holdfast_chassis::shutdown::Shutdown;
use holdfast_chassis::web::{Bundle, Web, WebSettings, harden};
use holdfast_desk::DeskSettings;
use holdfast_desk::client::{ClientSettings, DeskClient, DeskEvent};
use holdfast_proto::desk::v1::desk_service_client::DeskServiceClient;
use holdfast_proto::desk::v1::work_request::{Say, SignIn};
use holdfast_proto::desk::v1::work_response::{Answered, Hear};
use holdfast_proto::desk::v1::{WorkRequest, WorkResponse};
use holdfast_proto::router::v1::Position;
use tokio::sync::mpsc;
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tonic::{Status, Streaming};

use crate::router::FakeRouter;

pub(crate) const CONTACT: &str = "0123456789abcdef0123456789abcdef";

pub(crate) struct Stage {
    pub(crate) router: FakeRouter,
    pub(crate) desk: SocketAddr,
    /// Where browsers come.
    pub(crate) http: SocketAddr,
    pub(crate) access: AccessTable,
    pub(crate) names: holdfast_desk::Names,
    pub(crate) shutdown: Shutdown,
}

/// Settings with the patience of a test.
pub(crate) fn hasty() -> DeskSettings {
    DeskSettings {
        silence_ms: 10_000,
        window_silence_ms: 20_000,
        window_stale_ms: 20_000,
        lease_grace_ms: 300,
        command_wait_ms: 500,
        ..DeskSettings::default()
    }
}

impl Stage {
    pub(crate) async fn set(settings: DeskSettings) -> Self {
        let router = FakeRouter::new();
        let router_address = router.serve().await;
        let shutdown = Shutdown::new();
        let server =
            holdfast_desk::bind(settings, line(router_address, "router"), Pressure::default(), shutdown.clone())
                .unwrap();
        let access = principals();
        let page = |face: &str, boot: &str| Some(format!("<!doctype html><title>{face}</title>{boot}"));
        let bundle = Bundle::new(page, |_| None, "build-1");
        let web = Web::new(access.clone(), &WebSettings::default(), false, bundle).unwrap();
        let pages = harden(server.routes(&web).merge(web.routes()), false);
        let pages = http::bind(HttpSettings::default(), pages).await.unwrap();
        let (http, names) = (pages.local_address().unwrap(), server.names());
        tokio::spawn(pages.serve(shutdown.clone()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let desk = listener.local_addr().unwrap();
        tokio::spawn(
            tonic::transport::Server::builder()
                .layer(AccessLayer::new(access.clone()))
                .add_service(server.into_service())
                .serve_with_incoming(TcpListenerStream::new(listener)),
        );
        Self { router, desk, http, access, names, shutdown }
    }

    pub(crate) fn client(&self, who: &str) -> DeskClient {
        DeskClient::start(line(self.desk, who), "+15555550100".to_owned(), ClientSettings::default())
    }

    /// Opens a stream and says nothing on it.
    pub(crate) async fn open(&self, who: &str) -> Result<RawDesk, Status> {
        let (say, requests) = mpsc::channel(256);
        let hear = DeskServiceClient::new(line(self.desk, who)).work(ReceiverStream::new(requests)).await?.into_inner();
        Ok(RawDesk { say, hear })
    }

    /// Opens a stream and signs in on it.
    pub(crate) async fn sign_in(&self, who: &str, from: Option<Position>) -> RawDesk {
        let desk = self.open(who).await.unwrap();
        desk.say(sign_in(from)).await;
        desk
    }
}

pub(crate) fn sign_in(from: Option<Position>) -> Say {
    Say::SignIn(SignIn { from, ..SignIn::default() })
}

pub(crate) fn line(address: SocketAddr, token: &str) -> Line {
    let remote = RemoteSettings::new(format!("http://{address}"));
    connect(&Address::Remote(remote), Some(&Secret::from(token.to_owned()))).unwrap()
}

fn principals() -> AccessTable {
    let entry = |(name, role): (&str, &str)| PrincipalSettings {
        name: name.to_owned(),
        role: role.to_owned(),
        token_sha256: hash_token(name),
    };
    let entries: Vec<_> =
        [("ana", "counselor"), ("bo", "counselor"), ("pat", "peer"), ("sue", "supervisor")].map(entry).into();
    AccessTable::new(&entries).unwrap()
}

/// A desk that does nothing by itself.
pub(crate) struct RawDesk {
    pub(crate) say: mpsc::Sender<WorkRequest>,
    pub(crate) hear: Streaming<WorkResponse>,
}

impl RawDesk {
    pub(crate) async fn say(&self, say: Say) -> String {
        let request_id = uuid::Uuid::new_v4().to_string();
        let request = WorkRequest { request_id: request_id.clone(), say: Some(say) };
        self.say.send(request).await.unwrap();
        request_id
    }

    /// The next word that is not a beat.
    pub(crate) async fn next(&mut self) -> Result<WorkResponse, Status> {
        let next = async {
            loop {
                match self.hear.message().await {
                    Ok(Some(response)) if matches!(response.hear, Some(Hear::Beat(_))) => {}
                    Ok(Some(response)) => return Ok(response),
                    Ok(None) => return Err(Status::ok("the stream ended well")),
                    Err(status) => return Err(status),
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), next).await.unwrap()
    }

    /// The next answer, whatever else comes before it.
    pub(crate) async fn answer(&mut self) -> Answered {
        loop {
            if let Some(Hear::Answered(answered)) = self.next().await.unwrap().hear {
                return answered;
            }
        }
    }

    /// How the stream ends, whatever else comes before it.
    pub(crate) async fn end(&mut self) -> Status {
        loop {
            if let Err(status) = self.next().await {
                return status;
            }
        }
    }
}

/// The next event of a client.
pub(crate) async fn event(client: &mut DeskClient) -> DeskEvent {
    tokio::time::timeout(Duration::from_secs(20), client.next()).await.unwrap().unwrap()
}
