//! A desk service that fits on a page: it hands every request to the test, and says what the test tells it to say.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use holdfast_loadtests::RunClock;
use holdfast_loadtests::auditor::{DeskHappened, DeskLedger};
use holdfast_loadtests::desks::{CounselorScript, Counselors, CounselorsSettings, Habits, HandoffHabits, TextHabits};
use holdfast_proto::desk::v1::desk_service_server::{DeskService, DeskServiceServer};
use holdfast_proto::desk::v1::work_request::{Say, SignIn};
use holdfast_proto::desk::v1::work_response::{Answered, Hear, SignedIn};
use holdfast_proto::desk::v1::{WorkRequest, WorkResponse};
use holdfast_proto::router::v1::{
    ContactState, DeskContact, DeskDelta, DeskOffer, DeskSelf, DeskSnapshot, OfferState, Position, Presence, Readiness,
};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tonic::{Code, Request, Response, Status, Streaming};

/// Prompt people, at real speed.
pub(crate) const PROMPT: Habits = Habits {
    answer_ms: (5, 20),
    decline_percent: 0,
    miss_percent: 0,
    talk_ms: (20, 40),
    wrap_up_ms: (10, 20),
    break_percent: 0,
    break_ms: 30,
};

type Mouth = mpsc::Sender<Result<WorkResponse, Status>>;

struct Reception {
    heard: mpsc::UnboundedSender<WorkRequest>,
    mouth: Arc<Mutex<Option<Mouth>>>,
}

#[tonic::async_trait]
impl DeskService for Reception {
    type WorkStream = ReceiverStream<Result<WorkResponse, Status>>;

    async fn work(&self, request: Request<Streaming<WorkRequest>>) -> Result<Response<Self::WorkStream>, Status> {
        if request.metadata().get("authorization").is_none_or(|token| token != "Bearer desk-ana") {
            return Err(Status::unauthenticated("who is this?"));
        }
        let (mouth, said) = mpsc::channel(64);
        self.mouth.lock().unwrap().replace(mouth);
        let heard = self.heard.clone();
        tokio::spawn(async move {
            let mut inbound = request.into_inner();
            while let Ok(Some(request)) = inbound.message().await {
                if !matches!(request.say, Some(Say::Beat(_))) {
                    heard.send(request).ok();
                }
            }
        });
        Ok(Response::new(ReceiverStream::new(said)))
    }
}

/// The service and the test's hands on it.
pub(crate) struct FakeDesk {
    pub(crate) uri: String,
    heard: mpsc::UnboundedReceiver<WorkRequest>,
    mouth: Arc<Mutex<Option<Mouth>>>,
    pub(crate) sequence: u64,
}

impl FakeDesk {
    pub(crate) async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri = format!("http://{}", listener.local_addr().unwrap());
        let (tell, heard) = mpsc::unbounded_channel();
        let mouth = Arc::new(Mutex::new(None));
        let service = DeskServiceServer::new(Reception { heard: tell, mouth: Arc::clone(&mouth) });
        let serving = tonic::transport::Server::builder().add_service(service);
        tokio::spawn(serving.serve_with_incoming(TcpListenerStream::new(listener)));
        Self { uri, heard, mouth, sequence: 0 }
    }

    /// The next request but for beats.
    pub(crate) async fn hears(&mut self) -> (String, Say) {
        let request = tokio::time::timeout(Duration::from_secs(20), self.heard.recv()).await.unwrap().unwrap();
        (request.request_id, request.say.unwrap())
    }

    pub(crate) async fn says(&mut self, hear: Hear) {
        self.sequence += 1;
        let position = Some(Position { epoch: 1, sequence: self.sequence });
        let response = WorkResponse { position, at_ms: 1_000_000 + self.sequence, hear: Some(hear) };
        let mouth = self.mouth.lock().unwrap().clone().unwrap();
        mouth.send(Ok(response)).await.unwrap();
    }

    pub(crate) async fn answers(&mut self, request_id: String, code: Code, reason: &str) {
        let answered = Answered { request_id, code: code.into(), reason: reason.to_owned(), message: String::new() };
        self.says(Hear::Answered(answered)).await;
    }

    pub(crate) async fn cuts(&mut self) {
        let mouth = self.mouth.lock().unwrap().take().unwrap();
        mouth.send(Err(Status::unavailable("restarting"))).await.unwrap();
    }

    pub(crate) async fn hears_sign_in(&mut self) -> SignIn {
        let (_, say) = self.hears().await;
        let Say::SignIn(sign_in) = say else { panic!("first came {say:?}") };
        self.says(Hear::SignedIn(SignedIn { session: 1, counselor_id: "ana".to_owned() })).await;
        sign_in
    }

    /// Hears the wish for this readiness and grants it.
    pub(crate) async fn grants(&mut self, readiness: Readiness) {
        let (id, say) = self.hears().await;
        let Say::SetReadiness(set) = say else { panic!("instead of readiness came {say:?}") };
        assert_eq!(set.readiness(), readiness);
        self.answers(id, Code::Ok, "").await;
        self.says(delta(Some(own(readiness)), vec![], vec![])).await;
    }

    /// Signs in a counselor with an empty screen and makes them available.
    pub(crate) async fn begins(&mut self) {
        let sign_in = self.hears_sign_in().await;
        assert_eq!((sign_in.from, sign_in.audio_address.as_str()), (None, "sip:ana@desk.example"));
        self.says(snapshot(Readiness::Break, vec![], vec![])).await;
        self.grants(Readiness::Available).await;
    }

    /// Offers a person and hears and grants the accept.
    pub(crate) async fn brings(&mut self, contact: &str) {
        self.says(delta(None, vec![offer(contact, OfferState::Open)], vec![])).await;
        let (id, say) = self.hears().await;
        let Say::AcceptOffer(accept) = say else { panic!("instead of an accept came {say:?}") };
        assert_eq!(accept.offer_id, format!("{contact}-1"));
        self.answers(id, Code::Ok, "").await;
        let connecting = view(contact, ContactState::Connecting);
        self.says(delta(None, vec![offer(contact, OfferState::Accepted)], vec![connecting])).await;
    }
}

pub(crate) fn own(readiness: Readiness) -> DeskSelf {
    let (presence, readiness) = (Presence::Connected.into(), readiness.into());
    DeskSelf { presence, readiness, session: 1, ..DeskSelf::default() }
}

pub(crate) fn offer(contact: &str, state: OfferState) -> DeskOffer {
    let (offer_id, contact_id) = (format!("{contact}-1"), contact.to_owned());
    DeskOffer { offer_id, contact_id, state: state.into(), deadline_ms: 1_030_000, ..DeskOffer::default() }
}

pub(crate) fn view(contact: &str, state: ContactState) -> DeskContact {
    let yours = state != ContactState::Closed;
    DeskContact { contact_id: contact.to_owned(), state: state.into(), yours, ..DeskContact::default() }
}

pub(crate) fn delta(own: Option<DeskSelf>, offers: Vec<DeskOffer>, contacts: Vec<DeskContact>) -> Hear {
    Hear::Delta(DeskDelta { self_: own, offers, contacts, ..DeskDelta::default() })
}

pub(crate) fn snapshot(readiness: Readiness, offers: Vec<DeskOffer>, contacts: Vec<DeskContact>) -> Hear {
    Hear::Snapshot(DeskSnapshot { self_: Some(own(readiness)), offers, contacts, ..DeskSnapshot::default() })
}

/// Ana alone, at the desk service of `uri`.
pub(crate) fn ana(uri: &str, habits: Habits) -> Counselors {
    ana_with(uri, habits, TextHabits::USUAL, HandoffHabits::WILLING)
}

/// The same, with manners.
pub(crate) fn ana_with(uri: &str, habits: Habits, texts: TextHabits, handoffs: HandoffHabits) -> Counselors {
    let counselor = CounselorScript {
        name: "ana".to_owned(),
        token: "desk-ana".to_owned(),
        audio_address: "sip:ana@desk.example".to_owned(),
    };
    let settings = CounselorsSettings {
        desk_uri: uri.to_owned(),
        counselors: vec![counselor],
        habits,
        seed: 1,
        speed: 1.0,
        clock: RunClock::start(),
    };
    Counselors::start_with(settings, texts, handoffs)
}

/// A ledger in one word a line; offers and contacts are named by their contact.
pub(crate) fn words(ledger: &DeskLedger) -> Vec<String> {
    ledger.entries.iter().map(|entry| word(&entry.what)).collect()
}

fn word(what: &DeskHappened) -> String {
    match what {
        DeskHappened::SignedIn => "signed-in".to_owned(),
        DeskHappened::Available => "available".to_owned(),
        DeskHappened::NotAvailable => "not-available".to_owned(),
        DeskHappened::Offered { contact, .. } => format!("offered {contact}"),
        DeskHappened::AcceptSent { offer } => format!("accept-sent {offer}"),
        DeskHappened::AcceptConfirmed { offer, .. } => format!("confirmed {offer}"),
        DeskHappened::AcceptRefused { offer, reason } => format!("refused {offer} {reason}"),
        DeskHappened::DeclineSent { offer } => format!("decline-sent {offer}"),
        DeskHappened::OfferClosed { offer, reason } => format!("closed {offer} {reason:?}"),
        DeskHappened::Connected { contact } => format!("connected {contact}"),
        DeskHappened::Ended { contact } => format!("ended {contact}"),
        DeskHappened::WrapUp { contact } => format!("wrap-up {contact}"),
        DeskHappened::Done { contact } => format!("done {contact}"),
        DeskHappened::StreamOver => "stream-over".to_owned(),
        DeskHappened::OfferIs { contact, written, from, .. } => format!("offer-is {contact} {written} {from:?}"),
        DeskHappened::Part { contact, part, .. } => format!("part {contact} {part:?}"),
        DeskHappened::TextSeen { contact, number, author, .. } => format!("seen {contact} {number} {author:?}"),
        DeskHappened::TextFailed { contact, number, .. } => format!("failed {contact} {number}"),
        DeskHappened::SendAsked { contact, .. } => format!("send {contact}"),
        DeskHappened::SendDone { contact, .. } => format!("sent {contact}"),
        DeskHappened::SendRefused { contact, reason, .. } => format!("not-sent {contact} {reason}"),
        DeskHappened::Handoff { contact, number, step, .. } => format!("handoff {contact} {number} {step:?}"),
    }
}

/// Waits until the ledger has this many lines, and answers all it has.
pub(crate) async fn lines(counselors: &Counselors, least: usize) -> Vec<String> {
    let seen = tokio::time::timeout(Duration::from_secs(20), async {
        while words(&counselors.ledgers()[0]).len() < least {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    });
    let arrived = seen.await.is_ok();
    let words = words(&counselors.ledgers()[0]);
    assert!(arrived, "only {words:?}");
    words
}
