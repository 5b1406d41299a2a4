//! A router whose every frame is given by the test, a clock moved by hand, and eyes on the page.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, Response};
use holdfast_chassis::channel::{Address, RemoteSettings, connect};
use holdfast_chassis::shutdown::Shutdown;
use holdfast_dashboard::{Clock, Dashboard, DashboardSettings, bind_with_clock};
use holdfast_proto::router::v1::router_service_server::{RouterService, RouterServiceServer};
use holdfast_proto::router::v1::watch_response::Frame;
use holdfast_proto::router::v1::{
    CapacityDelta, CapacitySnapshot, Channel, ContactState, ContactView, CounselorView, ExplainRequest,
    ExplainResponse, Position, Presence, QueueKey, Readiness, SubmitRequest, SubmitResponse, WatchRequest,
    WatchResponse,
};
use http_body_util::BodyExt;
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
}

impl Feed {
    pub(crate) async fn send(&mut self, frame: Frame, at_ms: u64) {
        self.sequence += 1;
        let position = Some(Position { epoch: 1, sequence: self.sequence });
        let response = WatchResponse { position, at_ms, frame: Some(frame) };
        self.frames.send(Ok(response)).await.unwrap();
    }

    pub(crate) async fn snapshot(&mut self, snapshot: CapacitySnapshot) {
        self.send(Frame::CapacitySnapshot(snapshot), NOW_MS).await;
    }

    pub(crate) async fn delta(&mut self, delta: CapacityDelta) {
        self.send(Frame::CapacityDelta(delta), NOW_MS).await;
    }

    pub(crate) async fn contacts(&mut self, contacts: Vec<ContactView>) {
        self.delta(CapacityDelta { contacts, ..CapacityDelta::default() }).await;
    }
}

struct FakeRouter {
    feeds: mpsc::Sender<Feed>,
    refusals: Arc<Mutex<Vec<Status>>>,
}

#[tonic::async_trait]
impl RouterService for FakeRouter {
    type WatchStream = ReceiverStream<Result<WatchResponse, Status>>;

    async fn submit(&self, _: tonic::Request<SubmitRequest>) -> Result<tonic::Response<SubmitResponse>, Status> {
        Err(Status::permission_denied("a dashboard writes nothing"))
    }

    async fn watch(&self, request: tonic::Request<WatchRequest>) -> Result<tonic::Response<Self::WatchStream>, Status> {
        if let Some(refusal) = self.refusals.lock().unwrap().pop() {
            return Err(refusal);
        }
        let (frames, stream) = mpsc::channel(16);
        let from = request.into_inner().from;
        let sequence = from.map_or(0, |from| from.sequence);
        self.feeds.send(Feed { from, frames, sequence }).await.unwrap();
        Ok(tonic::Response::new(ReceiverStream::new(stream)))
    }

    async fn explain(&self, _: tonic::Request<ExplainRequest>) -> Result<tonic::Response<ExplainResponse>, Status> {
        Err(Status::unimplemented("not scripted"))
    }
}

pub(crate) struct Stage {
    pub(crate) clock: Arc<HandClock>,
    /// What the next watches are refused with, last first.
    pub(crate) refusals: Arc<Mutex<Vec<Status>>>,
    feeds: mpsc::Receiver<Feed>,
    dashboard: Arc<Dashboard>,
}

impl Stage {
    pub(crate) async fn set() -> Self {
        let (sender, feeds) = mpsc::channel(16);
        let refusals = Arc::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = RouterServiceServer::new(FakeRouter { feeds: sender, refusals: Arc::clone(&refusals) })
            .max_encoding_message_size(64 * 1_024 * 1_024);
        tokio::spawn(
            tonic::transport::Server::builder()
                .add_service(service)
                .serve_with_incoming(TcpListenerStream::new(listener)),
        );
        let clock = Arc::new(HandClock::default());
        let line = connect(&Address::Remote(RemoteSettings::new(format!("http://{address}"))), None).unwrap();
        // The tests send no beats: the router is patient here, and only the clock makes data old.
        let settings = DashboardSettings { router_silence_ms: 60_000, ..DashboardSettings::default() };
        let dashboard = Arc::new(bind_with_clock(settings, line, clock.clone()).unwrap());
        Self { clock, refusals, feeds, dashboard }
    }

    /// Lets the dashboard follow and answers its first stream.
    pub(crate) async fn follow(&mut self) -> Feed {
        let dashboard = Arc::clone(&self.dashboard);
        tokio::spawn(async move { dashboard.run(Shutdown::new()).await });
        self.feed().await
    }

    /// The next stream the dashboard opens.
    pub(crate) async fn feed(&mut self) -> Feed {
        tokio::time::timeout(Duration::from_secs(20), self.feeds.recv()).await.unwrap().unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Response<Body> {
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        self.dashboard.routes().oneshot(request).await.unwrap()
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

pub(crate) fn counselor(id: &str, center: &str, readiness: Readiness, held: u32) -> CounselorView {
    CounselorView {
        counselor_id: id.to_owned(),
        center: center.to_owned(),
        presence: Presence::Connected.into(),
        readiness: readiness.into(),
        held,
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
