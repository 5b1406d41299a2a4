//! A scripted router: a journal of capacity deltas that can be cut, restarted and taken away, and a list of what it was asked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use holdfast_proto::router::v1::router_service_server::{RouterService, RouterServiceServer};
use holdfast_proto::router::v1::watch_response::{Beat, Frame};
use holdfast_proto::router::v1::{
    CapacityDelta, CapacitySnapshot, ContactState, ContactView, ExplainRequest, ExplainResponse, OfferView, Position,
    SubmitRequest, SubmitResponse, WatchRequest, WatchResponse, submit_response,
};
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tonic::{Request, Response, Status};

type Judge = Arc<dyn Fn(&SubmitRequest) -> Option<Status> + Send + Sync>;

pub(crate) struct Inner {
    epoch: u64,
    sequence: u64,
    /// Network time.
    pub(crate) at_ms: u64,
    away: bool,
    contacts: BTreeMap<String, ContactView>,
    log: Vec<(Position, u64, CapacityDelta)>,
    /// A follower from before this sequence gets a snapshot.
    kept_from: u64,
    pub(crate) submitted: Vec<SubmitRequest>,
    /// From where it was followed, each time.
    pub(crate) watched_from: Vec<Option<Position>>,
    judge: Judge,
    /// What the next command that is new causes, when it is decided.
    next_cause: Option<ContactView>,
}

#[derive(Clone)]
pub(crate) struct FakeRouter {
    inner: Arc<Mutex<Inner>>,
    moved: watch::Sender<u64>,
    cut: watch::Sender<u64>,
}

impl FakeRouter {
    pub(crate) fn new() -> Self {
        Self {
            inner: Arc::new(Mutex::new(Inner {
                epoch: 1,
                sequence: 0,
                at_ms: 1_000_000,
                away: false,
                contacts: BTreeMap::new(),
                log: Vec::new(),
                kept_from: 0,
                submitted: Vec::new(),
                watched_from: Vec::new(),
                judge: Arc::new(|_| None),
                next_cause: None,
            })),
            moved: watch::Sender::new(0),
            cut: watch::Sender::new(0),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) async fn serve(&self) -> std::net::SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = RouterServiceServer::new(self.clone());
        tokio::spawn(
            tonic::transport::Server::builder()
                .add_service(service)
                .serve_with_incoming(TcpListenerStream::new(listener)),
        );
        address
    }

    /// Answers commands by `judge`: a status refuses.
    pub(crate) fn judge(&self, judge: impl Fn(&SubmitRequest) -> Option<Status> + Send + Sync + 'static) {
        self.lock().judge = Arc::new(judge);
    }

    /// The next command brings a contact here.
    pub(crate) fn cause(&self, contact: ContactView) {
        self.lock().next_cause = Some(contact);
    }

    /// Contacts moved, and offers. Answers the position of it.
    pub(crate) fn append(&self, contacts: Vec<ContactView>, offers: Vec<OfferView>) -> Position {
        let position = self.lock().append(contacts, offers);
        self.moved.send_modify(|moved| *moved += 1);
        position
    }

    /// One contact moved.
    pub(crate) fn contact(&self, contact: ContactView) -> Position {
        self.append(vec![contact], Vec::new())
    }

    /// Breaks every stream.
    pub(crate) fn cut_streams(&self) {
        self.cut.send_modify(|cut| *cut += 1);
    }

    /// A new writer over the same journal: streams break, and nobody resumes from before it. `meanwhile` happens unseen.
    pub(crate) fn restart(&self, meanwhile: Vec<ContactView>) {
        {
            let mut inner = self.lock();
            inner.append(meanwhile, Vec::new());
            inner.epoch += 1;
            inner.append(Vec::new(), Vec::new());
            inner.kept_from = inner.sequence;
        }
        self.cut_streams();
    }

    pub(crate) fn go_away(&self) {
        self.lock().away = true;
        self.cut_streams();
    }

    pub(crate) fn come_back(&self) {
        self.lock().away = false;
    }

    /// Waits until what the router was asked satisfies `seen`.
    pub(crate) async fn until(&self, seen: impl Fn(&Inner) -> bool) {
        let mut moved = self.moved.subscribe();
        let wait = async {
            loop {
                moved.mark_unchanged();
                if seen(&self.lock()) {
                    return;
                }
                moved.changed().await.unwrap();
            }
        };
        tokio::time::timeout(Duration::from_secs(20), wait).await.unwrap();
    }

    fn decide(&self, request: &SubmitRequest) -> Result<SubmitResponse, Status> {
        let mut inner = self.lock();
        if inner.away {
            return Err(Status::unavailable("away"));
        }
        let repeated = inner.submitted.iter().any(|seen| seen.request_id == request.request_id);
        inner.submitted.push(request.clone());
        if let Some(refusal) = (Arc::clone(&inner.judge))(request) {
            return Err(refusal);
        }
        if let Some(contact) = inner.next_cause.take_if(|_| !repeated) {
            inner.append(vec![contact], Vec::new());
        }
        let outcome = if repeated {
            submit_response::Outcome::AlreadyDone(submit_response::AlreadyDone {})
        } else {
            submit_response::Outcome::Done(submit_response::Done {})
        };
        Ok(SubmitResponse { position: Some(inner.here()), outcome: Some(outcome) })
    }

    async fn feed(&self, from: Option<Position>, frames: &mpsc::Sender<Result<WatchResponse, Status>>) {
        let mut moved = self.moved.subscribe();
        let mut at = match from.filter(|from| from.sequence >= self.lock().kept_from) {
            Some(from) => from.sequence,
            None => {
                let (first, sequence) = self.lock().snapshot();
                let _ = frames.send(Ok(first)).await;
                sequence
            }
        };
        loop {
            moved.mark_unchanged();
            let next = {
                let inner = self.lock();
                inner.log.iter().find(|(position, _, _)| position.sequence > at).cloned()
            };
            let frame = match next {
                Some((position, at_ms, delta)) => {
                    at = position.sequence;
                    respond(position, at_ms, Frame::CapacityDelta(delta))
                }
                None => {
                    tokio::select! {
                        _ = moved.changed() => continue,
                        () = tokio::time::sleep(Duration::from_millis(100)) => {}
                    }
                    let inner = self.lock();
                    if inner.sequence != at {
                        continue;
                    }
                    respond(inner.here(), inner.at_ms, Frame::Beat(Beat::default()))
                }
            };
            if frames.send(Ok(frame)).await.is_err() {
                return;
            }
        }
    }
}

impl Inner {
    fn here(&self) -> Position {
        Position { epoch: self.epoch, sequence: self.sequence }
    }

    fn append(&mut self, contacts: Vec<ContactView>, offers: Vec<OfferView>) -> Position {
        self.sequence += 1;
        for contact in &contacts {
            self.contacts.insert(contact.contact_id.clone(), contact.clone());
        }
        let position = self.here();
        let delta = CapacityDelta { contacts, offers, ..CapacityDelta::default() };
        self.log.push((position, self.at_ms, delta));
        position
    }

    fn snapshot(&self) -> (WatchResponse, u64) {
        let contacts = self.contacts.values().filter(|it| it.state() != ContactState::Closed).cloned().collect();
        let snapshot = CapacitySnapshot { contacts, ..CapacitySnapshot::default() };
        (respond(self.here(), self.at_ms, Frame::CapacitySnapshot(snapshot)), self.sequence)
    }
}

fn respond(position: Position, at_ms: u64, frame: Frame) -> WatchResponse {
    WatchResponse { position: Some(position), at_ms, frame: Some(frame) }
}

#[tonic::async_trait]
impl RouterService for FakeRouter {
    type WatchStream = ReceiverStream<Result<WatchResponse, Status>>;

    async fn submit(&self, request: Request<SubmitRequest>) -> Result<Response<SubmitResponse>, Status> {
        let answer = self.decide(request.get_ref());
        self.moved.send_modify(|moved| *moved += 1);
        answer.map(Response::new)
    }

    async fn watch(&self, request: Request<WatchRequest>) -> Result<Response<Self::WatchStream>, Status> {
        let from = request.into_inner().from;
        if self.lock().away {
            return Err(Status::unavailable("away"));
        }
        let (frames, stream) = mpsc::channel(1);
        let (router, mut cut) = (self.clone(), self.cut.subscribe());
        cut.mark_unchanged();
        tokio::spawn(async move {
            // The cut comes first: what is appended after it is not seen on this stream.
            tokio::select! {
                biased;
                _ = cut.changed() => {}
                () = router.feed(from, &frames) => {}
            }
            let _ = frames.try_send(Err(Status::unavailable("cut")));
        });
        self.lock().watched_from.push(from);
        self.moved.send_modify(|moved| *moved += 1);
        Ok(Response::new(ReceiverStream::new(stream)))
    }

    async fn explain(&self, _: Request<ExplainRequest>) -> Result<Response<ExplainResponse>, Status> {
        Err(Status::unimplemented("not scripted"))
    }

    async fn list_directives(
        &self,
        _: Request<holdfast_proto::router::v1::ListDirectivesRequest>,
    ) -> Result<Response<holdfast_proto::router::v1::ListDirectivesResponse>, Status> {
        Err(Status::unimplemented("not scripted"))
    }
}
