//! A router that records every command and answers by script, and whose effects feed the test writes.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use holdfast_proto::router::v1::command::Kind;
use holdfast_proto::router::v1::router_service_server::{RouterService, RouterServiceServer};
use holdfast_proto::router::v1::submit_response::{AlreadyDone, Arrived, Done, Outcome};
use holdfast_proto::router::v1::watch_response::{Beat, Frame};
use holdfast_proto::router::v1::{
    EffectsDelta, EffectsSnapshot, ExplainRequest, ExplainResponse, Position, ReceiveText, ReportText, SettleEffect,
    SubmitRequest, SubmitResponse, WatchRequest, WatchResponse, settle_effect,
};
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tokio_stream::{Stream, StreamExt};
use tonic::{Code, Request, Response, Status};

use crate::world::{CONTACT, PATIENCE, now_ms};

/// How long ago everything was decided that a frame tells of.
const DECIDED_AGO_MS: u64 = 10 * 60 * 1_000;

/// What the router has seen and how it answers.
#[derive(Default)]
pub(crate) struct Book {
    pub(crate) commands: Vec<(String, Kind)>,
    pub(crate) watches: Vec<Option<Position>>,
    pub(crate) menu: Vec<u32>,
    /// Every command is answered with this instead.
    pub(crate) failing: Option<Code>,
    /// A text with these words is set aside each time.
    pub(crate) poison: Option<String>,
    /// So many commands are answered `already_done`.
    pub(crate) already_done: usize,
    /// How far network time is ahead of the wall clock; below zero it is behind.
    pub(crate) ahead_ms: i64,
    feed: Option<mpsc::Sender<Result<WatchResponse, Status>>>,
    sequence: u64,
}

/// Clones are one router.
#[derive(Clone)]
pub(crate) struct FakeRouter {
    pub(crate) address: SocketAddr,
    book: Arc<watch::Sender<Book>>,
}

impl FakeRouter {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let router = Self { address: listener.local_addr().unwrap(), book: Arc::default() };
        let server = RouterServiceServer::new(router.clone());
        let serving = tonic::transport::Server::builder().add_service(server);
        tokio::spawn(serving.serve_with_incoming(TcpListenerStream::new(listener)));
        router
    }

    pub(crate) fn script(&self, change: impl FnOnce(&mut Book)) {
        self.book.send_modify(change);
    }

    pub(crate) fn look<T>(&self, look: impl FnOnce(&Book) -> T) -> T {
        look(&self.book.borrow())
    }

    /// Waits until the book shows what is asked for.
    pub(crate) async fn until(&self, shows: impl FnMut(&Book) -> bool) {
        let mut watched = self.book.subscribe();
        let waiting = watched.wait_for(shows);
        assert!(tokio::time::timeout(PATIENCE, waiting).await.is_ok(), "the router never saw it");
    }

    /// Waits for a follower, then sends it what a router sends first: a snapshot, and soon a beat.
    pub(crate) async fn snapshot(&self, snapshot: EffectsSnapshot) {
        self.frame(1, Frame::EffectsSnapshot(snapshot)).await;
        self.beat(1).await;
    }

    pub(crate) async fn delta(&self, delta: EffectsDelta) {
        self.frame(1, Frame::EffectsDelta(delta)).await;
    }

    /// Says what time it is.
    pub(crate) async fn beat(&self, epoch: u64) {
        self.frame(epoch, Frame::Beat(Beat::default())).await;
    }

    pub(crate) async fn frame(&self, epoch: u64, frame: Frame) {
        self.until(|book| book.feed.is_some()).await;
        let is_beat = matches!(frame, Frame::Beat(_));
        let mut taken = None;
        self.book.send_if_modified(|book| {
            // A beat is no record.
            book.sequence += u64::from(!is_beat);
            taken = book.feed.clone().map(|feed| (feed, book.sequence, book.now_ms()));
            false
        });
        let (feed, sequence, now_ms) = taken.unwrap();
        // Only a beat says what time it is now.
        let at_ms = if is_beat { now_ms } else { now_ms - DECIDED_AGO_MS };
        let position = Some(Position { epoch, sequence });
        feed.send(Ok(WatchResponse { position, at_ms, frame: Some(frame) })).await.unwrap();
    }

    /// Cuts the feed; the next frame waits for the next follower.
    pub(crate) fn cut(&self) {
        self.script(|book| book.feed = None);
    }

    /// Waits for the settlement of an effect: `Ok` with the carrier's id, `Err` with the code.
    pub(crate) async fn settled(&self, number: u32) -> Result<String, String> {
        self.until(|book| book.settlement(number).is_some()).await;
        self.look(|book| book.settlement(number)).unwrap()
    }
}

impl Book {
    /// Now, in network time.
    pub(crate) fn now_ms(&self) -> u64 {
        now_ms().checked_add_signed(self.ahead_ms).unwrap()
    }

    pub(crate) fn settlement(&self, number: u32) -> Option<Result<String, String>> {
        self.commands.iter().find_map(|(_, kind)| match kind {
            Kind::SettleEffect(SettleEffect { number: n, settlement: Some(settlement), .. }) if *n == number => {
                Some(match settlement {
                    settle_effect::Settlement::AcceptedExternalId(id) => Ok(id.clone()),
                    settle_effect::Settlement::RefusedCode(code) => Err(code.clone()),
                })
            }
            _ => None,
        })
    }

    pub(crate) fn reports(&self) -> Vec<&holdfast_proto::router::v1::ReportLeg> {
        let report = |(_, kind): &'_ (String, Kind)| matches!(kind, Kind::ReportLeg(_));
        let found = self.commands.iter().filter(|command| report(command));
        found.filter_map(|(_, kind)| if let Kind::ReportLeg(report) = kind { Some(report) } else { None }).collect()
    }

    pub(crate) fn texts(&self) -> Vec<&ReceiveText> {
        let kinds = self.commands.iter().map(|(_, kind)| kind);
        kinds.filter_map(|kind| if let Kind::ReceiveText(text) = kind { Some(text) } else { None }).collect()
    }

    pub(crate) fn receipts(&self) -> Vec<&ReportText> {
        let kinds = self.commands.iter().map(|(_, kind)| kind);
        kinds.filter_map(|kind| if let Kind::ReportText(report) = kind { Some(report) } else { None }).collect()
    }

    pub(crate) fn doubts(&self) -> usize {
        self.commands.iter().filter(|(_, kind)| matches!(kind, Kind::DoubtEffect(_))).count()
    }
}

#[tonic::async_trait]
impl RouterService for FakeRouter {
    async fn submit(&self, request: Request<SubmitRequest>) -> Result<Response<SubmitResponse>, Status> {
        let request = request.into_inner();
        let kind = request.command.unwrap().kind.unwrap();
        let mut answer = Err(Status::unavailable("not scripted"));
        self.book.send_modify(|book| {
            book.commands.push((request.request_id, kind.clone()));
            let known = Arrived { contact_id: CONTACT.to_owned(), menu_digits: book.menu.clone(), repeated: false };
            let poison = matches!(&kind, Kind::ReceiveText(it) if Some(&it.words) == book.poison.as_ref());
            answer = match (&kind, book.failing) {
                _ if poison => Err(Status::internal("set aside")),
                (_, Some(code)) => Err(Status::new(code, "scripted")),
                _ if book.already_done > 0 => {
                    book.already_done -= 1;
                    Ok(Outcome::AlreadyDone(AlreadyDone {}))
                }
                (Kind::ArriveContact(_) | Kind::ReceiveText(_), None) => Ok(Outcome::Arrived(known)),
                _ => Ok(Outcome::Done(Done {})),
            };
        });
        answer.map(|outcome| Response::new(SubmitResponse { position: None, outcome: Some(outcome) }))
    }

    type WatchStream = Pin<Box<dyn Stream<Item = Result<WatchResponse, Status>> + Send>>;

    async fn watch(&self, request: Request<WatchRequest>) -> Result<Response<Self::WatchStream>, Status> {
        let (feed, frames) = mpsc::channel(64);
        self.book.send_modify(|book| {
            book.watches.push(request.into_inner().from);
            book.feed = Some(feed);
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(frames).map(|frame| frame))))
    }

    async fn explain(&self, _: Request<ExplainRequest>) -> Result<Response<ExplainResponse>, Status> {
        Err(Status::unimplemented("not needed"))
    }

    async fn list_directives(
        &self,
        _: Request<holdfast_proto::router::v1::ListDirectivesRequest>,
    ) -> Result<Response<holdfast_proto::router::v1::ListDirectivesResponse>, Status> {
        Err(Status::unimplemented("not needed"))
    }
}
