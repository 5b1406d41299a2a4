//! The stage of every test: a scripted router, a handoff service on a real port, tokens, and a follower.

use std::net::SocketAddr;
use std::time::Duration;

use holdfast_chassis::access::{AccessLayer, AccessTable, PrincipalSettings, hash_token};
use holdfast_chassis::channel::{Address, Line, RemoteSettings, connect};
use holdfast_chassis::settings::Secret;
use holdfast_chassis::shutdown::Shutdown;
use holdfast_handoff::HandoffSettings;
use holdfast_proto::handoff::v1::handoff_service_client::HandoffServiceClient;
use holdfast_proto::handoff::v1::watch_response::{Beat, Frame, Snapshot};
use holdfast_proto::handoff::v1::{Handoff, WatchRequest, WatchResponse};
use holdfast_proto::router::v1::{
    Channel, ContactState, ContactView, HandoffState, HandoffToward, HandoffView, OfferState, OfferView, Position,
    QueueKey,
};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Status, Streaming};

use crate::router::FakeRouter;

/// A contact's id.
pub(crate) const CONTACT: &str = "0123456789abcdef0123456789abcdef";

/// Long enough for a slow machine; nothing waits for it when all is well.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Stage {
    pub(crate) router: FakeRouter,
    pub(crate) shutdown: Shutdown,
    service: SocketAddr,
}

/// Settings with the patience of a test.
pub(crate) fn hasty() -> HandoffSettings {
    HandoffSettings { command_wait_ms: 2_000, see_wait_ms: 5_000, beat_ms: 100, ..HandoffSettings::default() }
}

impl Stage {
    pub(crate) async fn set(settings: HandoffSettings) -> Self {
        let router = FakeRouter::new();
        let line_to_router = line(router.serve().await, "handoff");
        let shutdown = Shutdown::new();
        let server = holdfast_handoff::bind(settings, line_to_router).unwrap();
        tokio::spawn(server.clone().run(shutdown.clone()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let service = listener.local_addr().unwrap();
        tokio::spawn(
            tonic::transport::Server::builder()
                .layer(AccessLayer::new(principals()))
                .add_service(server.into_service())
                .serve_with_incoming(TcpListenerStream::new(listener)),
        );
        Self { router, shutdown, service }
    }

    pub(crate) fn client(&self, who: &str) -> HandoffServiceClient<Line> {
        HandoffServiceClient::new(line(self.service, who)).max_decoding_message_size(16 * 1_024 * 1_024)
    }

    pub(crate) async fn try_watch(&self, who: &str, from: Option<Position>) -> Result<Viewer, Status> {
        let stream = self.client(who).watch(WatchRequest { from }).await?.into_inner();
        Ok(Viewer { stream, last: from })
    }

    pub(crate) async fn watch(&self, who: &str, from: Option<Position>) -> Viewer {
        self.try_watch(who, from).await.unwrap()
    }

    /// Waits until the service has seen that far.
    pub(crate) async fn sees(&self, position: Position) {
        let mut viewer = self.watch("adam", None).await;
        while viewer.last != Some(position) {
            viewer.hear().await.unwrap();
        }
    }
}

fn line(address: SocketAddr, token: &str) -> Line {
    let remote = RemoteSettings::new(format!("http://{address}"));
    connect(&Address::Remote(remote), Some(&Secret::from(token.to_owned()))).unwrap()
}

/// Everybody who may speak, under a token that is their name.
fn principals() -> AccessTable {
    let entry = |(name, role): (&str, &str)| PrincipalSettings {
        name: name.to_owned(),
        role: role.to_owned(),
        token_sha256: hash_token(name),
    };
    let entries: Vec<_> = [
        ("ana", "counselor"),
        ("bo", "counselor"),
        ("pat", "peer"),
        ("pia", "peer"),
        ("sue", "supervisor"),
        ("opal", "operator"),
        ("adam", "administrator"),
        ("carrier", "carrier"),
        ("desk", "desk"),
        ("dashboard", "dashboard"),
        ("handoff", "handoff"),
        ("router", "router"),
    ]
    .map(entry)
    .into();
    AccessTable::new(&entries).unwrap()
}

/// A follower.
pub(crate) struct Viewer {
    stream: Streaming<WatchResponse>,
    /// The last position heard.
    pub(crate) last: Option<Position>,
}

impl Viewer {
    /// The next word, a beat too.
    pub(crate) async fn hear(&mut self) -> Result<WatchResponse, Status> {
        let heard = tokio::time::timeout(PATIENCE, self.stream.message()).await.unwrap()?;
        let heard = heard.ok_or_else(|| Status::ok("the stream ended well"))?;
        self.last = heard.position.or(self.last);
        Ok(heard)
    }

    /// The next word that is not a beat.
    pub(crate) async fn next(&mut self) -> Result<WatchResponse, Status> {
        loop {
            let heard = self.hear().await?;
            if !matches!(heard.frame, Some(Frame::Beat(_))) {
                return Ok(heard);
            }
        }
    }

    pub(crate) async fn beat(&mut self) -> (WatchResponse, Beat) {
        loop {
            let heard = self.hear().await.unwrap();
            if let Some(Frame::Beat(beat)) = heard.frame {
                return (heard, beat);
            }
        }
    }

    pub(crate) async fn snapshot(&mut self) -> Snapshot {
        let heard = self.next().await.unwrap();
        let Some(Frame::Snapshot(snapshot)) = heard.frame else { panic!("no snapshot: {heard:?}") };
        snapshot
    }

    pub(crate) async fn steps(&mut self) -> Vec<Handoff> {
        let heard = self.next().await.unwrap();
        let Some(Frame::Update(update)) = heard.frame else { panic!("no update: {heard:?}") };
        update.steps
    }

    /// The words of the next update.
    pub(crate) async fn words(&mut self) -> Vec<String> {
        self.steps().await.into_iter().map(|step| step.what).collect()
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

/// A contact of Ana's, in writing, whose handoff is here. `to` is who is reserved or has joined.
pub(crate) fn contact(contact_id: &str, state: HandoffState, to: &str) -> ContactView {
    ContactView {
        contact_id: contact_id.to_owned(),
        state: ContactState::Connected.into(),
        queue: Some(queue()),
        counselor_id: "ana".to_owned(),
        handoff: Some(view(state, to)),
        ..ContactView::default()
    }
}

pub(crate) fn view(state: HandoffState, to: &str) -> HandoffView {
    HandoffView {
        number: 1,
        state: state.into(),
        from_id: "ana".to_owned(),
        to_id: to.to_owned(),
        toward: HandoffToward::Peer.into(),
        started_at_ms: 999_000,
        since_ms: 999_500,
        owner_id: "ana".to_owned(),
        deadline_ms: 1_060_000,
        ..HandoffView::default()
    }
}

pub(crate) fn queue() -> QueueKey {
    QueueKey { region: "north".to_owned(), need: "general".to_owned(), channel: Channel::Text.into() }
}

/// An offer of the contact.
pub(crate) fn offer(attempt: u32, who: &str, state: OfferState) -> OfferView {
    OfferView {
        offer_id: format!("{CONTACT}-{attempt}"),
        counselor_id: who.to_owned(),
        state: state.into(),
        queue: Some(queue()),
    }
}

/// The id of one of many contacts.
pub(crate) fn nth(number: usize) -> String {
    format!("{number:032x}")
}

/// A fresh idempotency key.
pub(crate) fn request_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// The stable reason of a refusal.
pub(crate) fn reason(status: &Status) -> String {
    use tonic_types::StatusExt as _;
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}
