//! A warm handoff from outside of any desk: a counselor's own software hands a person who writes to a peer's, step by step, and a
//! supervisor's tool sees every step of it.

use crate::house::{ACCOUNT, House, MAIN, PATIENCE, Served};
use crate::split::linked;
use crate::wire::{line, reason, request, router, submit};
use holdfast_chassis::channel::Line;
use holdfast_proto::handoff::v1::handoff_service_client::HandoffServiceClient;
use holdfast_proto::handoff::v1::watch_response::Frame as Told;
use holdfast_proto::handoff::v1::{
    CommandResponse, ConfirmRequest, Handoff, JoinRequest, LeaveRequest, RecordConsentRequest, StartRequest,
    WatchRequest, WatchResponse,
};
use holdfast_proto::router::v1::command::Kind;
use holdfast_proto::router::v1::submit_response::Outcome;
use holdfast_proto::router::v1::watch_request::{CapacityFeed, Feed};
use holdfast_proto::router::v1::watch_response::Frame;
use holdfast_proto::router::v1::{
    AcceptOffer, Actor, Channel, ConnectDesk, HandoffState, HandoffToward, JoinHandoff, OfferState, OfferView,
    Readiness, ReceiveText, SendText, SetReadiness, SubmitRequest, WatchRequest as Follow, WatchResponse as Fed,
};
use tonic::{Code, Status, Streaming};

const PERSON: &str = "+12065550147";

fn handoffs(served: &Served, name: &str) -> HandoffServiceClient<Line> {
    HandoffServiceClient::new(line(served, Some(name)))
}

fn id() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// Somebody is there and ready.
async fn is_ready(served: &Served, name: &str) {
    let counselor_id = name.to_owned();
    let connect = ConnectDesk { counselor_id: counselor_id.clone(), session: 1, audio_address: String::new() };
    submit(served, name, Kind::ConnectDesk(connect)).await.unwrap();
    let readiness = Readiness::Available.into();
    let set = SetReadiness { counselor_id, readiness, channels: Vec::new() };
    submit(served, name, Kind::SetReadiness(set)).await.unwrap();
}

/// The person writes; answers which contact it is.
async fn writes(served: &Served, message: &str, words: &str) -> String {
    let text = ReceiveText {
        account: ACCOUNT.to_owned(),
        external_id: message.to_owned(),
        line_number: MAIN.to_owned(),
        person_number: PERSON.to_owned(),
        channel: Channel::Text.into(),
        words: words.to_owned(),
        ..ReceiveText::default()
    };
    let answer = submit(served, "carrier-elsewhere", Kind::ReceiveText(text)).await.unwrap();
    let Some(Outcome::Arrived(arrived)) = answer.outcome else { panic!("{answer:?}") };
    arrived.contact_id
}

/// What operators see, as it comes.
struct Board(Streaming<Fed>);

impl Board {
    async fn open(served: &Served) -> Self {
        let feed = Follow { from: None, feed: Some(Feed::Capacity(CapacityFeed {})) };
        Self(router(served, "operator").watch(feed).await.unwrap().into_inner())
    }

    /// Waits until somebody is held out the contact, and takes it in their name.
    async fn takes(&mut self, served: &Served, name: &str) {
        let offered = async {
            loop {
                let Some(Frame::CapacityDelta(delta)) = self.0.message().await.unwrap().unwrap().frame else {
                    continue;
                };
                let theirs = |it: &OfferView| it.state() == OfferState::Open && it.counselor_id == name;
                if let Some(offer) = delta.offers.into_iter().find(theirs) {
                    return offer.offer_id;
                }
            }
        };
        let offer_id = tokio::time::timeout(PATIENCE, offered).await.unwrap();
        let accept = AcceptOffer { counselor_id: name.to_owned(), offer_id };
        submit(served, name, Kind::AcceptOffer(accept)).await.unwrap();
    }
}

/// Somebody who follows handoffs.
struct Viewer(Streaming<WatchResponse>);

impl Viewer {
    async fn open(served: &Served, name: &str) -> Self {
        Self(handoffs(served, name).watch(WatchRequest { from: None }).await.unwrap().into_inner())
    }

    async fn hear(&mut self) -> Told {
        loop {
            let heard = tokio::time::timeout(PATIENCE, self.0.message()).await.unwrap().unwrap().unwrap();
            match heard.frame.unwrap() {
                Told::Beat(_) => {}
                told => return told,
            }
        }
    }

    async fn snapshot(&mut self) -> Vec<Handoff> {
        match self.hear().await {
            Told::Snapshot(snapshot) => snapshot.handoffs,
            told => panic!("no snapshot: {told:?}"),
        }
    }

    /// Everything that happened until this word, and the handoff then.
    async fn until(&mut self, what: &str) -> (Vec<String>, Handoff) {
        let mut words = Vec::new();
        loop {
            let Told::Update(update) = self.hear().await else { panic!("a snapshot in the middle") };
            for step in update.steps {
                words.push(step.what.clone());
                if step.what == what {
                    return (words, step);
                }
            }
        }
    }
}

fn is_at(answer: Result<tonic::Response<CommandResponse>, Status>, what: &str, owner: &str) {
    let answer = answer.unwrap().into_inner();
    let handoff = answer.handoff.unwrap();
    let view = handoff.view.unwrap();
    assert_eq!((handoff.what.as_str(), view.owner_id.as_str()), (what, owner));
    assert!(answer.seen.unwrap().sequence >= answer.position.unwrap().sequence, "it shows what was caused");
}

/// A house that waits longer than any slow machine to show what a command caused.
fn patient() -> House {
    let house = House::new();
    house.edit("holdfast.toml", "see_wait_ms = 250 ", "see_wait_ms = 5000 ");
    house
}

/// Ana has a person who writes, and Quinn is there.
async fn a_conversation(served: &Served) -> (String, Board) {
    let mut board = Board::open(served).await;
    is_ready(served, "ana").await;
    is_ready(served, "quinn").await;
    let contact_id = writes(served, "SM1", "hello?").await;
    assert_eq!(writes(served, "SM2", "no").await, contact_id);
    assert_eq!(writes(served, "SM3", "no").await, contact_id);
    board.takes(served, "ana").await;
    let hello = SendText { counselor_id: "ana".to_owned(), contact_id: contact_id.clone(), words: "Hello.".to_owned() };
    submit(served, "ana", Kind::SendText(hello)).await.unwrap();
    (contact_id, board)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_writes_is_handed_over_from_outside_of_any_desk() {
    let house = patient();
    let served = house.serve_as("holdfast.toml", "router,handoff");
    let (contact_id, mut board) = a_conversation(&served).await;
    let (mut ana, mut quinn) = (handoffs(&served, "ana"), handoffs(&served, "quinn"));
    let mut all = Viewer::open(&served, "operator").await;
    let mut own = Viewer::open(&served, "quinn").await;
    assert!(all.snapshot().await.is_empty() && own.snapshot().await.is_empty());

    let toward = HandoffToward::Peer.into();
    let start = StartRequest { request_id: id(), contact_id: contact_id.clone(), toward, ..StartRequest::default() };
    is_at(ana.start(start.clone()).await, "started", "ana");
    assert!(ana.start(start).await.unwrap().into_inner().already_done);
    let note = "They would like somebody who has been there.".to_owned();
    let consent = RecordConsentRequest { request_id: id(), contact_id: contact_id.clone(), given: true, note };
    is_at(ana.record_consent(consent).await, "asked", "ana");
    let (words, asked) = all.until("asked").await;
    assert_eq!(words, ["started", "consented", "asked"]);
    assert_eq!((asked.asking_id.as_str(), asked.contact_id.as_str()), ("quinn", contact_id.as_str()));
    assert_eq!(asked.queue.unwrap().channel(), Channel::Text);
    assert!(asked.view.unwrap().deadline_ms > asked.at_ms, "seeking ends by itself");
    board.takes(&served, "quinn").await;
    assert_eq!(all.until("reserved").await.0, ["reserved"]);
    let leave = || LeaveRequest { request_id: id(), contact_id: contact_id.clone() };
    let early = ana.leave(leave()).await.unwrap_err();
    assert_eq!((early.code(), reason(&early).as_str()), (Code::FailedPrecondition, "MAY_NOT_LEAVE"));
    let join = JoinRequest { request_id: id(), contact_id: contact_id.clone() };
    is_at(quinn.join(join).await, "together", "ana");
    is_at(
        quinn.confirm(ConfirmRequest { request_id: id(), contact_id: contact_id.clone() }).await,
        "confirmed",
        "quinn",
    );
    is_at(ana.leave(leave()).await, "completed", "quinn");
    let (words, completed) = all.until("completed").await;
    assert_eq!(words, ["together", "confirmed", "completed"]);
    assert_eq!(completed.view.unwrap().state(), HandoffState::Completed);
    let (words, _) = own.until("completed").await;
    assert_eq!(words, ["asked", "reserved", "together", "confirmed", "completed"]);

    let (code, said) = served.terminate();
    assert_eq!(code, Some(0), "{said}");
    assert!(!said.contains("been there") && !said.contains(&PERSON[1..]), "words or a number in a log line");
    assert_eq!(house.events("HandoffCompleted").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_handoff_service_has_a_process_of_its_own_and_may_do_no_more_there() {
    let house = patient();
    let queue = house.serve_as("holdfast.toml", "router");
    linked(&house, &queue.server());
    let elsewhere = house.serve_as("elsewhere.toml", "handoff");
    let (contact_id, _board) = a_conversation(&queue).await;
    let mut all = Viewer::open(&elsewhere, "operator").await;
    assert!(all.snapshot().await.is_empty());
    let toward = HandoffToward::Peer.into();
    let start = StartRequest { request_id: id(), contact_id: contact_id.clone(), toward, ..StartRequest::default() };
    is_at(handoffs(&elsewhere, "ana").start(start.clone()).await, "started", "ana");
    assert_eq!(all.until("started").await.1.contact_id, contact_id);
    let refused = handoffs(&elsewhere, "operator").start(start).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::PermissionDenied, "ROLE_NOT_ALLOWED"));

    // Its token opens nothing else at the router.
    let as_service = |kind: Kind, name: &str, role: &str| {
        let actor = Actor { name: name.to_owned(), role: role.to_owned() };
        let request = SubmitRequest { on_behalf_of: Some(actor), ..request(kind) };
        let mut router = router(&queue, "handoff-elsewhere");
        async move { router.submit(request).await.map(drop).unwrap_err() }
    };
    let join =
        |who: &str| Kind::JoinHandoff(JoinHandoff { counselor_id: who.to_owned(), contact_id: contact_id.clone() });
    let text = SendText { counselor_id: "ana".to_owned(), contact_id: contact_id.clone(), words: "Bye.".to_owned() };
    for (kind, name, role) in [
        (Kind::SendText(text), "ana", "counselor"),
        (join("quinn"), "ana", "counselor"),
        (join("operator"), "operator", "operator"),
    ] {
        let denied = as_service(kind, name, role).await;
        assert_eq!((denied.code(), reason(&denied).as_str()), (Code::PermissionDenied, "NOT_ALLOWED"), "{name} {role}");
    }
    // A command of a handoff it may send: what the core says of it is another matter.
    assert_eq!(as_service(join("quinn"), "quinn", "peer").await.code(), Code::FailedPrecondition);
    assert_eq!(elsewhere.terminate().0, Some(0));
    assert_eq!(queue.terminate().0, Some(0));
}
