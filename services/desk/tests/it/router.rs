//! A scripted router: a journal of desk deltas that can be cut, restarted and taken away, and a list of what it was asked.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use holdfast_proto::router::v1::command::Kind;
use holdfast_proto::router::v1::router_service_server::{RouterService, RouterServiceServer};
use holdfast_proto::router::v1::watch_response::{Beat, Frame};
use holdfast_proto::router::v1::{
    Author, Delivery, DeskContact, DeskDelta, DeskMessage, DeskSelf, DeskSnapshot, ExplainRequest, ExplainResponse,
    Position, Presence, Readiness, SendText, SubmitRequest, SubmitResponse, WatchRequest, WatchResponse,
    submit_response,
};
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tonic::{Request, Response, Status};

type Judge = Arc<dyn Fn(&SubmitRequest) -> Option<Status> + Send + Sync>;

pub(crate) struct Inner {
    pub(crate) epoch: u64,
    pub(crate) away: bool,
    pub(crate) presence: Presence,
    pub(crate) session: u64,
    pub(crate) readiness: Readiness,
    log: Vec<(Position, DeskDelta)>,
    /// What a snapshot shows, folded from the deltas.
    contacts: Vec<DeskContact>,
    /// Positions below this are forgotten: a follower from there gets a snapshot.
    pub(crate) kept_from: u64,
    pub(crate) submitted: Vec<SubmitRequest>,
    pub(crate) watched_from: Vec<Option<u64>>,
    judge: Judge,
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
                away: false,
                presence: Presence::Offline,
                session: 0,
                readiness: Readiness::Break,
                log: Vec::new(),
                contacts: Vec::new(),
                kept_from: 0,
                submitted: Vec::new(),
                watched_from: Vec::new(),
                judge: Arc::new(|_| None),
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

    /// Appends a delta and answers its sequence.
    pub(crate) fn append(&self, delta: DeskDelta) -> u64 {
        let sequence = {
            let mut inner = self.lock();
            let sequence = inner.last().sequence + 1;
            let position = Position { epoch: inner.epoch, sequence };
            for contact in &delta.contacts {
                inner.contacts.retain(|known| known.contact_id != contact.contact_id);
                if contact.yours {
                    inner.contacts.push(contact.clone());
                }
            }
            inner.log.push((position, delta));
            sequence
        };
        self.moved.send_modify(|moved| *moved += 1);
        sequence
    }

    /// Appends `count` small deltas.
    pub(crate) fn append_many(&self, count: u64) {
        for _ in 0..count {
            self.append(DeskDelta::default());
        }
    }

    /// Breaks every stream.
    pub(crate) fn cut_streams(&self) {
        self.cut.send_modify(|cut| *cut += 1);
    }

    /// A new writer: streams break, and everybody who was there is unsure.
    pub(crate) fn restart(&self) {
        let mine = {
            let mut inner = self.lock();
            inner.epoch += 1;
            inner.presence = Presence::Unsure;
            inner.mine()
        };
        self.append(DeskDelta { self_: Some(mine), ..DeskDelta::default() });
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
        if let Some(refusal) = (Arc::clone(&inner.judge))(request) {
            inner.submitted.push(request.clone());
            return Err(refusal);
        }
        let repeated = inner.submitted.iter().any(|seen| seen.request_id == request.request_id);
        inner.submitted.push(request.clone());
        let kind = request.command.as_ref().and_then(|command| command.kind.as_ref());
        let changed = match kind {
            Some(Kind::ConnectDesk(connect)) if connect.session >= inner.session => {
                inner.presence = Presence::Connected;
                inner.session = connect.session;
                true
            }
            Some(Kind::LoseDesk(lose)) if lose.session == inner.session => {
                inner.presence = Presence::Unsure;
                true
            }
            Some(Kind::SetReadiness(set)) if !repeated => {
                inner.readiness = set.readiness();
                true
            }
            _ => false,
        };
        let messages = match kind {
            Some(Kind::SendText(text)) if !repeated => vec![inner.message(text, &request.request_id)],
            _ => Vec::new(),
        };
        if changed || !messages.is_empty() {
            let sequence = inner.last().sequence + 1;
            let position = Position { epoch: inner.epoch, sequence };
            let self_ = changed.then(|| inner.mine());
            inner.log.push((position, DeskDelta { self_, messages, ..DeskDelta::default() }));
        }
        Ok(SubmitResponse {
            position: Some(inner.last()),
            outcome: Some(submit_response::Outcome::Done(submit_response::Done {})),
        })
    }
}

impl Inner {
    pub(crate) fn last(&self) -> Position {
        let sequence = self.log.last().map_or(0, |(position, _)| position.sequence);
        Position { epoch: self.epoch, sequence }
    }

    fn mine(&self) -> DeskSelf {
        DeskSelf {
            presence: self.presence.into(),
            readiness: self.readiness.into(),
            session: self.session,
            ..DeskSelf::default()
        }
    }

    fn message(&self, text: &SendText, request_id: &str) -> DeskMessage {
        let said: usize = self.log.iter().map(|(_, delta)| delta.messages.len()).sum();
        DeskMessage {
            contact_id: text.contact_id.clone(),
            number: u32::try_from(said).unwrap() + 1,
            author: Author::Counselor.into(),
            words: text.words.clone(),
            delivery: Delivery::Queued.into(),
            request_id: request_id.to_owned(),
            ..DeskMessage::default()
        }
    }

    pub(crate) fn kinds(&self) -> Vec<Kind> {
        let kind = |request: &SubmitRequest| request.command.clone().unwrap().kind.unwrap();
        self.submitted.iter().map(kind).collect()
    }

    /// Sessions attested, in order.
    pub(crate) fn attested(&self) -> Vec<u64> {
        let session = |kind| if let Kind::ConnectDesk(connect) = kind { Some(connect.session) } else { None };
        self.kinds().into_iter().filter_map(session).collect()
    }

    /// Sessions lost, in order.
    pub(crate) fn lost(&self) -> Vec<u64> {
        let session = |kind| if let Kind::LoseDesk(lose) = kind { Some(lose.session) } else { None };
        self.kinds().into_iter().filter_map(session).collect()
    }
}

/// A delta of about this many bytes.
pub(crate) fn large_delta(bytes: usize) -> DeskDelta {
    DeskDelta {
        contacts: vec![DeskContact { notes: vec!["n".repeat(bytes)], ..DeskContact::default() }],
        ..DeskDelta::default()
    }
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
        let from = request.into_inner().from.map(|position| position.sequence);
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

impl FakeRouter {
    async fn feed(&self, from: Option<u64>, frames: &mpsc::Sender<Result<WatchResponse, Status>>) {
        let mut moved = self.moved.subscribe();
        let mut at = match from.filter(|from| *from >= self.lock().kept_from) {
            Some(from) => from,
            None => {
                let (position, snapshot) = {
                    let inner = self.lock();
                    let contacts = inner.contacts.clone();
                    let snapshot = DeskSnapshot { self_: Some(inner.mine()), contacts, ..DeskSnapshot::default() };
                    (inner.last(), snapshot)
                };
                let _ = frames.send(Ok(frame(position, Frame::DeskSnapshot(snapshot)))).await;
                position.sequence
            }
        };
        loop {
            moved.mark_unchanged();
            let next = {
                let inner = self.lock();
                if inner.away {
                    return;
                }
                inner.log.iter().find(|(position, _)| position.sequence > at).cloned()
            };
            let sent = match next {
                Some((position, delta)) => {
                    at = position.sequence;
                    frames.send(Ok(frame(position, Frame::DeskDelta(delta)))).await
                }
                None => tokio::select! {
                    _ = moved.changed() => Ok(()),
                    () = tokio::time::sleep(Duration::from_millis(100)) => {
                        let position = self.lock().last();
                        if position.sequence == at { frames.send(Ok(frame(position, Frame::Beat(Beat::default())))).await } else { Ok(()) }
                    }
                },
            };
            if sent.is_err() {
                return;
            }
        }
    }
}

fn frame(position: Position, frame: Frame) -> WatchResponse {
    WatchResponse { position: Some(position), at_ms: 1_000_000 + position.sequence, frame: Some(frame) }
}
