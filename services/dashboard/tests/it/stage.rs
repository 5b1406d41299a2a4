//! A router whose every frame is given by the test, a clock moved by hand, people with tokens, and eyes on the page.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{ACCEPT, AUTHORIZATION};
use axum::http::{Request, Response};
use holdfast_chassis::access::{AccessTable, PrincipalSettings, hash_token};
use holdfast_chassis::channel::{Address, RemoteSettings, connect};
use holdfast_chassis::http::{self, HttpSettings};
use holdfast_chassis::pressure::Pressure;
use holdfast_chassis::shutdown::Shutdown;
use holdfast_chassis::web::{Bundle, Web, WebSettings};
use holdfast_dashboard::{Clock, Dashboard, DashboardSettings, bind_with_clock};
use holdfast_proto::router::v1::router_service_server::{RouterService, RouterServiceServer};
use holdfast_proto::router::v1::watch_response::{Beat, Frame};
use holdfast_proto::router::v1::{
    CapacityDelta, CapacitySnapshot, Channel, ContactState, ContactView, CounselorView, ExplainRequest,
    ExplainResponse, MemberKind, Position, Presence, QueueKey, Readiness, SubmitRequest, SubmitResponse, WatchRequest,
    WatchResponse, counselor_view,
};
use http_body_util::BodyExt;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::sync::mpsc;
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tonic::Status;
use tower::ServiceExt;

/// 14:02:11 UTC on some day; network time is the same here.
pub(crate) const NOW_MS: u64 = (20_000 * 86_400 + 14 * 3_600 + 2 * 60 + 11) * 1_000;

#[derive(Default)]
pub(crate) struct HandClock(AtomicU64);

impl HandClock {
    pub(crate) fn advance(&self, ms: u64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn steady_ms(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    fn unix_ms(&self) -> u64 {
        NOW_MS + self.steady_ms()
    }
}

/// One stream of the feed, as the router sees it.
pub(crate) struct Feed {
    pub(crate) from: Option<Position>,
    frames: mpsc::Sender<Result<WatchResponse, Status>>,
    sequence: u64,
    /// The router's epoch.
    pub(crate) epoch: u64,
    clock: Arc<HandClock>,
}

impl Feed {
    pub(crate) async fn send(&mut self, frame: Frame, at_ms: u64) {
        self.sequence += 1;
        let position = Some(Position { epoch: self.epoch, sequence: self.sequence });
        let response = WatchResponse { position, at_ms, frame: Some(frame) };
        self.frames.send(Ok(response)).await.unwrap();
    }

    /// Network time: the router's clock is moved by the same hand.
    pub(crate) fn now_ms(&self) -> u64 {
        self.clock.unix_ms()
    }

    pub(crate) async fn snapshot(&mut self, snapshot: CapacitySnapshot) {
        self.send(Frame::CapacitySnapshot(snapshot), self.now_ms()).await;
    }

    pub(crate) async fn delta(&mut self, delta: CapacityDelta) {
        self.send(Frame::CapacityDelta(delta), self.now_ms()).await;
    }

    pub(crate) async fn beat(&mut self) {
        self.beat_under(0).await;
    }

    /// A beat of a router under this pressure.
    pub(crate) async fn beat_under(&mut self, pressure: u32) {
        self.send(Frame::Beat(Beat { pressure }), self.now_ms()).await;
    }

    pub(crate) async fn counselors(&mut self, counselors: Vec<CounselorView>) {
        self.delta(CapacityDelta { counselors, ..CapacityDelta::default() }).await;
    }

    pub(crate) async fn contacts(&mut self, contacts: Vec<ContactView>) {
        self.delta(CapacityDelta { contacts, ..CapacityDelta::default() }).await;
    }
}

struct FakeRouter {
    feeds: mpsc::Sender<Feed>,
    commands: mpsc::Sender<SubmitRequest>,
    verdicts: Arc<Mutex<Vec<Status>>>,
    clock: Arc<HandClock>,
    refusals: Arc<Mutex<Vec<Status>>>,
}

#[tonic::async_trait]
impl RouterService for FakeRouter {
    type WatchStream = ReceiverStream<Result<WatchResponse, Status>>;

    async fn submit(&self, request: tonic::Request<SubmitRequest>) -> Result<tonic::Response<SubmitResponse>, Status> {
        self.commands.send(request.into_inner()).await.unwrap();
        let refused = self.verdicts.lock().unwrap().pop();
        refused.map_or_else(|| Ok(tonic::Response::new(SubmitResponse::default())), Err)
    }

    async fn watch(&self, request: tonic::Request<WatchRequest>) -> Result<tonic::Response<Self::WatchStream>, Status> {
        if let Some(refusal) = self.refusals.lock().unwrap().pop() {
            return Err(refusal);
        }
        let (frames, stream) = mpsc::channel(16);
        let from = request.into_inner().from;
        let sequence = from.map_or(0, |from| from.sequence);
        self.feeds.send(Feed { from, frames, sequence, epoch: 1, clock: Arc::clone(&self.clock) }).await.unwrap();
        Ok(tonic::Response::new(ReceiverStream::new(stream)))
    }

    async fn explain(&self, _: tonic::Request<ExplainRequest>) -> Result<tonic::Response<ExplainResponse>, Status> {
        Err(Status::unimplemented("not scripted"))
    }

    async fn list_directives(
        &self,
        _: tonic::Request<holdfast_proto::router::v1::ListDirectivesRequest>,
    ) -> Result<tonic::Response<holdfast_proto::router::v1::ListDirectivesResponse>, Status> {
        Err(Status::unimplemented("not scripted"))
    }
}

/// Everybody with a token, which is their name followed by `-token`.
const PEOPLE: [(&str, &str); 5] =
    [("olga", "operator"), ("sam", "supervisor"), ("ada", "administrator"), ("ana", "counselor"), ("pat", "peer")];

/// The principals, but for those named.
pub(crate) fn people_without(gone: &[&str]) -> Vec<PrincipalSettings> {
    let there = PEOPLE.into_iter().filter(|(name, _)| !gone.contains(name));
    there
        .map(|(name, role)| PrincipalSettings {
            name: name.to_owned(),
            role: role.to_owned(),
            token_sha256: hash_token(&format!("{name}-token")),
        })
        .collect()
}

/// The recorder of this process. Every stage has it from the beginning: a gauge that counts up and down must have seen both.
pub(crate) fn meters() -> PrometheusHandle {
    static METERS: OnceLock<PrometheusHandle> = OnceLock::new();
    let install = || {
        let handle = PrometheusBuilder::new().install_recorder().unwrap();
        holdfast_dashboard::describe_metrics();
        handle
    };
    METERS.get_or_init(install).clone()
}

pub(crate) struct Stage {
    pub(crate) clock: Arc<HandClock>,
    /// What the next watches are refused with, last first.
    pub(crate) refusals: Arc<Mutex<Vec<Status>>>,
    /// What the next commands are refused with, last first.
    pub(crate) verdicts: Arc<Mutex<Vec<Status>>>,
    /// Commands the router got.
    pub(crate) commands: mpsc::Receiver<SubmitRequest>,
    /// Who may speak.
    pub(crate) access: AccessTable,
    /// How hard pressed the process is.
    pub(crate) pressure: Pressure,
    /// Ends the dashboard.
    pub(crate) shutdown: Shutdown,
    /// Where it is served.
    pub(crate) address: SocketAddr,
    feeds: mpsc::Receiver<Feed>,
    dashboard: Arc<Dashboard>,
}

impl Stage {
    pub(crate) async fn set() -> Self {
        Self::set_with(DashboardSettings::default()).await
    }

    /// Begun so much later than others.
    pub(crate) async fn set_after(ms: u64) -> Self {
        let clock = HandClock::default();
        clock.advance(ms);
        Self::build(DashboardSettings::default(), clock).await
    }

    /// With settings; the router's silence is always borne for a minute, since tests send no beats of their own accord.
    pub(crate) async fn set_with(settings: DashboardSettings) -> Self {
        Self::build(settings, HandClock::default()).await
    }

    async fn build(settings: DashboardSettings, clock: HandClock) -> Self {
        meters();
        let (sender, feeds) = mpsc::channel(16);
        let (commands_sender, commands) = mpsc::channel(16);
        let (refusals, verdicts) = <(Arc<Mutex<Vec<Status>>>, Arc<Mutex<Vec<Status>>>)>::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let router = listener.local_addr().unwrap();
        let clock = Arc::new(clock);
        let service = RouterServiceServer::new(FakeRouter {
            clock: Arc::clone(&clock),
            feeds: sender,
            commands: commands_sender,
            verdicts: Arc::clone(&verdicts),
            refusals: Arc::clone(&refusals),
        })
        .max_encoding_message_size(64 * 1_024 * 1_024);
        tokio::spawn(
            tonic::transport::Server::builder()
                .add_service(service)
                .serve_with_incoming(TcpListenerStream::new(listener)),
        );
        let line = connect(&Address::Remote(RemoteSettings::new(format!("http://{router}"))), None).unwrap();
        let settings = DashboardSettings { router_silence_ms: 60_000, ..settings };
        let access = AccessTable::new(&people_without(&[])).unwrap();
        let page = |face: &str, boot: &str| Some(format!("<!doctype html><title>{face}</title><p id=boot>{boot}"));
        let bundle = Bundle::new(page, |_| None, "build-7");
        let web = Web::new(access.clone(), &WebSettings::default(), false, bundle).unwrap();
        let pressure = Pressure::default();
        let dashboard =
            Arc::new(bind_with_clock(settings, line, web.clone(), pressure.clone(), clock.clone()).unwrap());
        let shutdown = Shutdown::new();
        let routes = dashboard.routes().merge(web.routes());
        let server = http::bind(HttpSettings::default(), routes).await.unwrap();
        let address = server.local_address().unwrap();
        tokio::spawn(server.serve(shutdown.clone()));
        Self { clock, refusals, verdicts, commands, access, pressure, shutdown, address, feeds, dashboard }
    }

    pub(crate) fn routes(&self) -> axum::Router {
        self.dashboard.routes()
    }

    /// Lets the dashboard follow and answers its first stream.
    pub(crate) async fn follow(&mut self) -> Feed {
        let dashboard = Arc::clone(&self.dashboard);
        let shutdown = self.shutdown.clone();
        tokio::spawn(async move { dashboard.run(shutdown).await });
        self.feed().await
    }

    /// The next stream the dashboard opens.
    pub(crate) async fn feed(&mut self) -> Feed {
        tokio::time::timeout(Duration::from_secs(20), self.feeds.recv()).await.unwrap().unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Response<Body> {
        self.get_as("olga", path).await
    }

    /// As somebody with a token, or as nobody (`""`).
    pub(crate) async fn get_as(&self, who: &str, path: &str) -> Response<Body> {
        let mut request = Request::builder().uri(path).header(ACCEPT, "text/html");
        if !who.is_empty() {
            request = request.header(AUTHORIZATION, format!("Bearer {who}-token"));
        }
        self.routes().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    pub(crate) async fn page(&self) -> String {
        let body = self.get("/board/plain").await.into_body().collect().await.unwrap();
        String::from_utf8(body.to_bytes().to_vec()).unwrap()
    }

    /// The page once it shows `words`, in the text that people read.
    pub(crate) async fn page_with(&self, words: &str) -> String {
        let wait = async {
            loop {
                let page = self.page().await;
                if text(&page).contains(words) {
                    return page;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        match tokio::time::timeout(Duration::from_secs(10), wait).await {
            Ok(page) => page,
            Err(_) => panic!("never read {words:?} in {}", text(&self.page().await)),
        }
    }
}

/// What a person reads: no tags, single spaces.
pub(crate) fn text(page: &str) -> String {
    let mut inside = false;
    let plain: String = page
        .chars()
        .map(|c| {
            inside = (inside || c == '<') && c != '>';
            if inside || c == '>' { ' ' } else { c }
        })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(crate) fn queue(region: &str) -> QueueKey {
    QueueKey { region: region.to_owned(), need: "general".to_owned(), channel: Channel::Voice.into() }
}

/// A contact that arrived and was queued so many seconds ago.
pub(crate) fn contact(id: &str, region: &str, state: ContactState, ago_s: u64) -> ContactView {
    ContactView {
        contact_id: id.to_owned(),
        state: state.into(),
        queue: Some(queue(region)),
        arrived_at_ms: NOW_MS - ago_s * 1_000,
        enqueued_at_ms: NOW_MS - ago_s * 1_000,
        ..ContactView::default()
    }
}

/// The same, connected after so many seconds.
pub(crate) fn connected(id: &str, region: &str, ago_s: u64, after_s: u64) -> ContactView {
    ContactView {
        connected_at_ms: NOW_MS - ago_s * 1_000 + after_s * 1_000,
        ..contact(id, region, ContactState::Connected, ago_s)
    }
}

/// Somebody with one place by voice and two in writing, who holds so many by voice.
pub(crate) fn counselor(id: &str, center: &str, readiness: Readiness, held: u32) -> CounselorView {
    let room = |channel: Channel, free, most| counselor_view::Room { channel: channel.into(), free, most };
    CounselorView {
        counselor_id: id.to_owned(),
        center: center.to_owned(),
        presence: Presence::Connected.into(),
        readiness: readiness.into(),
        held,
        kind: MemberKind::Counselor.into(),
        rooms: if held > 0 { Vec::new() } else { vec![room(Channel::Voice, 1, 1), room(Channel::Text, 2, 2)] },
        ..CounselorView::default()
    }
}

pub(crate) fn snapshot(regions: &[&str]) -> CapacitySnapshot {
    CapacitySnapshot {
        plan_version: 1,
        network: "Coast".to_owned(),
        queues: regions.iter().map(|region| queue(region)).collect(),
        ..CapacitySnapshot::default()
    }
}
