//! Simulated counselors and peers in conversations and handoffs, against a tiny desk service over real gRPC.
#![expect(clippy::panic, reason = "tests")]

mod fake_desk;

use fake_desk::{FakeDesk, PROMPT, ana, ana_with, delta, lines, offer, own, snapshot, view, words};
use holdfast_loadtests::desks::{Counselors, HandoffHabits, TextHabits};
use holdfast_proto::desk::v1::work_request::Say;
use holdfast_proto::desk::v1::work_response::Hear;
use holdfast_proto::router::v1::{
    Author, Channel, ContactState, Delivery, DeskContact, DeskDelta, DeskHandoff, DeskMessage, DeskOffer, DeskSelf,
    HandoffState, HandoffToward, HandoffView, MemberKind, OfferState, Part, QueueKey, Readiness,
};
use std::time::Duration;
use tonic::Code;

const PROMPT_TEXTS: TextHabits = TextHabits {
    first_reply_ms: (5, 10),
    reply_ms: (5, 10),
    replies: (2, 2),
    closes_after_ms: (5, 10),
    patience_ms: (60_000, 60_000),
};

const PROMPT_HANDOFFS: HandoffHabits = HandoffHabits {
    starts_after_ms: (1, 2),
    consent_ms: (5, 10),
    cancels_after_ms: (1, 2),
    reads_ms: (5, 10),
    together_ms: (5, 10),
    leaves_after_ms: (5, 10),
    away_ms: (50, 60),
    ..HandoffHabits::WILLING
};

fn texts() -> Option<QueueKey> {
    let channel = Channel::Text.into();
    Some(QueueKey { region: "us".to_owned(), need: "general".to_owned(), channel })
}

fn message(contact: &str, number: u32, author: Author, words: &str) -> DeskMessage {
    let (contact_id, author) = (contact.to_owned(), author.into());
    DeskMessage { contact_id, number, author, words: words.to_owned(), ..DeskMessage::default() }
}

fn said(messages: Vec<DeskMessage>) -> Hear {
    Hear::Delta(DeskDelta { messages, ..DeskDelta::default() })
}

/// A conversation as its owner's desk shows it.
fn written(contact: &str, state: ContactState, messages: Vec<DeskMessage>) -> DeskContact {
    DeskContact { queue: texts(), part: Part::Owner.into(), messages, ..view(contact, state) }
}

fn handed(contact: &str, part: Part, step: HandoffState) -> DeskContact {
    let reserved = step as i32 >= HandoffState::Briefing as i32;
    let view_of = HandoffView {
        number: 1,
        state: step.into(),
        from_id: "ana".to_owned(),
        to_id: if reserved { "pia".to_owned() } else { String::new() },
        ..HandoffView::default()
    };
    let handoff = Some(DeskHandoff { view: Some(view_of), ..DeskHandoff::default() });
    DeskContact { part: part.into(), handoff, ..view(contact, ContactState::Connected) }
}

impl FakeDesk {
    async fn shows(&mut self, contact: DeskContact) {
        self.says(delta(None, vec![], vec![contact])).await;
    }

    /// The next request, granted.
    async fn does(&mut self) -> Say {
        let (id, say) = self.hears().await;
        self.answers(id, Code::Ok, "").await;
        say
    }

    async fn brings_in_writing(&mut self, contact: &str) {
        let open = DeskOffer { queue: texts(), ..offer(contact, OfferState::Open) };
        self.says(delta(None, vec![open], vec![])).await;
        assert!(matches!(self.does().await, Say::AcceptOffer(accept) if accept.offer_id == format!("{contact}-1")));
        let first = vec![message(contact, 1, Author::Person, "Hi"), message(contact, 2, Author::Line, "One moment.")];
        self.says(delta(None, vec![offer(contact, OfferState::Accepted)], vec![])).await;
        self.shows(written(contact, ContactState::Connecting, first)).await;
    }

    async fn hears_words(&mut self, contact: &str) -> (String, String) {
        let (id, say) = self.hears().await;
        let Say::SendText(send) = say else { panic!("instead of words came {say:?}") };
        assert_eq!(send.contact_id, contact);
        assert!(!send.words.is_empty());
        (id, send.words)
    }
}

/// Waits until the ledger has this line.
async fn line(counselors: &Counselors, wanted: &str) {
    let seen = async {
        while !words(&counselors.ledgers()[0]).iter().any(|word| word == wanted) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    let arrived = tokio::time::timeout(Duration::from_secs(20), seen).await.is_ok();
    assert!(arrived, "{wanted} is not in {:?}", words(&counselors.ledgers()[0]));
}

#[tokio::test]
async fn a_conversation_from_the_first_words_to_the_last() {
    let mut desk = FakeDesk::open().await;
    let counselors = ana_with(&desk.uri, PROMPT, PROMPT_TEXTS, HandoffHabits::WILLING);
    desk.begins().await;
    desk.brings_in_writing("t1").await;
    let (id, first) = desk.hears_words("t1").await;
    desk.answers(id, Code::Ok, "").await;
    desk.shows(written("t1", ContactState::Connected, vec![])).await;
    desk.says(said(vec![message("t1", 3, Author::Counselor, &first), message("t1", 4, Author::Person, "Thanks")]))
        .await;
    let (id, second) = desk.hears_words("t1").await;
    desk.answers(id, Code::Ok, "").await;
    let failed = DeskMessage { delivery: Delivery::Failed.into(), ..message("t1", 5, Author::Counselor, &second) };
    desk.says(said(vec![failed])).await;
    assert!(matches!(desk.does().await, Say::EndContact(end) if end.contact_id == "t1"));
    desk.shows(written("t1", ContactState::WrappingUp, vec![])).await;
    assert!(matches!(desk.does().await, Say::FinishWrapUp(_)));
    desk.shows(written("t1", ContactState::Closed, vec![])).await;
    line(&counselors, "done t1").await;
    let words = lines(&counselors, 20).await;
    let expected = [
        "offered t1",
        "offer-is t1 true None",
        "not-available",
        "accept-sent t1-1",
        "confirmed t1-1",
        "closed t1-1 Accepted",
        "seen t1 1 Person",
        "seen t1 2 Line",
        "send t1",
        "sent t1",
        "connected t1",
        "seen t1 3 Desk",
        "seen t1 4 Person",
        "send t1",
        "sent t1",
        "seen t1 5 Desk",
        "failed t1 5",
        "ended t1",
        "wrap-up t1",
        "done t1",
    ];
    assert_eq!(words[2..22], expected);
}

#[tokio::test]
async fn words_on_a_cut_stream_are_sent_again_under_their_own_id() {
    let mut desk = FakeDesk::open().await;
    let counselors = ana_with(&desk.uri, PROMPT, PROMPT_TEXTS, HandoffHabits::WILLING);
    desk.begins().await;
    desk.brings_in_writing("t1").await;
    let sent = desk.hears_words("t1").await;
    desk.cuts().await;
    desk.hears_sign_in().await;
    assert_eq!(desk.hears_words("t1").await, sent);
    desk.answers(sent.0.clone(), Code::Unavailable, "").await;
    assert_eq!(desk.hears_words("t1").await, sent);
    desk.answers(sent.0, Code::Ok, "").await;
    line(&counselors, "sent t1").await;
    assert_eq!(words(&counselors.ledgers()[0]).iter().filter(|word| *word == "send t1").count(), 1);
}

#[tokio::test]
async fn two_conversations_are_held_at_once() {
    let mut desk = FakeDesk::open().await;
    let _counselors = ana_with(&desk.uri, PROMPT, PROMPT_TEXTS, HandoffHabits::WILLING);
    desk.begins().await;
    for contact in ["t1", "t2"] {
        desk.brings_in_writing(contact).await;
        let (id, _) = desk.hears_words(contact).await;
        desk.answers(id, Code::Ok, "").await;
        desk.shows(written(contact, ContactState::Connected, vec![])).await;
    }
    for contact in ["t1", "t2"] {
        desk.says(said(vec![message(contact, 3, Author::Person, "Thanks")])).await;
        let (id, _) = desk.hears_words(contact).await;
        desk.answers(id, Code::Ok, "").await;
        assert!(matches!(desk.does().await, Say::EndContact(end) if end.contact_id == contact));
        desk.shows(written(contact, ContactState::WrappingUp, vec![])).await;
        assert!(matches!(desk.does().await, Say::FinishWrapUp(_)));
    }
}

#[tokio::test]
async fn who_hands_over_asks_the_person_first_and_leaves_last() {
    let mut desk = FakeDesk::open().await;
    let handoffs = HandoffHabits { starts_percent: 100, ..PROMPT_HANDOFFS };
    let counselors = ana_with(&desk.uri, PROMPT, PROMPT_TEXTS, handoffs);
    desk.begins().await;
    desk.brings("c1").await;
    desk.shows(view("c1", ContactState::Connected)).await;
    let Say::StartHandoff(start) = desk.does().await else { panic!("no handoff") };
    assert_eq!((start.contact_id.as_str(), start.toward()), ("c1", HandoffToward::Peer));
    desk.shows(handed("c1", Part::Owner, HandoffState::Consenting)).await;
    let Say::RecordConsent(consent) = desk.does().await else { panic!("no consent") };
    assert!(consent.given && !consent.note.is_empty());
    for step in [HandoffState::Seeking, HandoffState::Briefing, HandoffState::Joining, HandoffState::Together] {
        desk.shows(handed("c1", Part::Owner, step)).await;
    }
    desk.shows(handed("c1", Part::Leaving, HandoffState::Confirmed)).await;
    // Refused at first: the other phone is not two-way yet.
    let (id, say) = desk.hears().await;
    assert!(matches!(say, Say::LeaveHandoff(_)));
    desk.answers(id, Code::FailedPrecondition, "NOT_TWO_WAY").await;
    assert!(matches!(desk.does().await, Say::LeaveHandoff(_)));
    desk.shows(handed("c1", Part::WritingUp, HandoffState::Completed)).await;
    assert!(matches!(desk.does().await, Say::FinishWrapUp(_)));
    desk.shows(DeskContact { yours: false, ..handed("c1", Part::WritingUp, HandoffState::Completed) }).await;
    line(&counselors, "done c1").await;
    let words = words(&counselors.ledgers()[0]);
    let moved: Vec<&String> =
        words.iter().filter(|word| word.starts_with("part") || word.starts_with("wrap-up")).collect();
    assert_eq!(moved, ["part c1 Leaving", "part c1 WritingUp", "wrap-up c1"]);
    assert_eq!(words.iter().filter(|word| word.starts_with("handoff c1 1")).count(), 7);
}

#[tokio::test]
async fn a_person_may_say_no_and_a_counselor_may_call_it_off() {
    for (consent_percent, cancels_percent) in [(0, 0), (100, 100)] {
        let mut desk = FakeDesk::open().await;
        let slow = (60_000, 60_000);
        let consent_ms = if cancels_percent > 0 { slow } else { PROMPT_HANDOFFS.consent_ms };
        let habits =
            HandoffHabits { starts_percent: 100, consent_percent, cancels_percent, consent_ms, ..PROMPT_HANDOFFS };
        let _counselors = ana_with(&desk.uri, PROMPT, PROMPT_TEXTS, habits);
        desk.begins().await;
        desk.brings("c1").await;
        desk.shows(view("c1", ContactState::Connected)).await;
        assert!(matches!(desk.does().await, Say::StartHandoff(_)));
        desk.shows(handed("c1", Part::Owner, HandoffState::Consenting)).await;
        let say = desk.does().await;
        if cancels_percent > 0 {
            assert!(matches!(say, Say::CancelHandoff(_)), "{say:?}");
        } else {
            assert!(
                matches!(&say, Say::RecordConsent(consent) if !consent.given && consent.note.is_empty()),
                "{say:?}"
            );
        }
        // The conversation goes on, and is ended by whoever had it all the time.
        desk.shows(handed("c1", Part::Owner, HandoffState::Cancelled)).await;
        assert!(matches!(desk.does().await, Say::EndContact(_)));
    }
}

/// Signs in a peer, and has them accept a handoff of "c1".
async fn reserved(desk: &mut FakeDesk) {
    desk.hears_sign_in().await;
    let peer = DeskSelf { kind: MemberKind::Peer.into(), ..own(Readiness::Break) };
    let Hear::Snapshot(mut empty) = snapshot(Readiness::Break, vec![], vec![]) else { panic!("no snapshot") };
    empty.self_ = Some(peer.clone());
    desk.says(Hear::Snapshot(empty)).await;
    assert!(matches!(desk.does().await, Say::SetReadiness(_)));
    let available = DeskSelf { readiness: Readiness::Available.into(), ..peer };
    desk.says(delta(Some(available), vec![], vec![])).await;
    let open = DeskOffer { handoff: true, from_id: "ana".to_owned(), ..offer("c1", OfferState::Open) };
    desk.says(delta(None, vec![open], vec![])).await;
    assert!(matches!(desk.does().await, Say::AcceptOffer(_)));
    let view = handed("c1", Part::Joining, HandoffState::Briefing);
    desk.says(delta(None, vec![offer("c1", OfferState::Accepted)], vec![view])).await;
}

#[tokio::test]
async fn a_peer_reads_joins_confirms_and_may_ask_a_counselor_back() {
    let mut desk = FakeDesk::open().await;
    let handoffs = HandoffHabits { back_percent: 100, ..PROMPT_HANDOFFS };
    let peers = ana_with(&desk.uri, PROMPT, PROMPT_TEXTS, handoffs);
    reserved(&mut desk).await;
    assert!(matches!(desk.does().await, Say::JoinHandoff(join) if join.contact_id == "c1"));
    desk.shows(handed("c1", Part::Joining, HandoffState::Joining)).await;
    desk.shows(handed("c1", Part::Joining, HandoffState::Together)).await;
    assert!(matches!(desk.does().await, Say::ConfirmHandoff(_)));
    desk.shows(handed("c1", Part::Owner, HandoffState::Confirmed)).await;
    desk.shows(handed("c1", Part::Owner, HandoffState::Completed)).await;
    let Say::StartHandoff(back) = desk.does().await else { panic!("no handoff back") };
    assert_eq!(back.toward(), HandoffToward::Counselor);
    let words = words(&peers.ledgers()[0]);
    let expected = [
        "offered c1",
        "offer-is c1 false Some(\"ana\")",
        "not-available",
        "accept-sent c1-1",
        "confirmed c1-1",
        "closed c1-1 Accepted",
        "handoff c1 1 Briefing",
        "handoff c1 1 Joining",
        "handoff c1 1 Together",
        "part c1 Owner",
        "connected c1",
        "handoff c1 1 Confirmed",
        "handoff c1 1 Completed",
    ];
    assert_eq!(words[2..15], expected);
}

#[tokio::test]
async fn a_peer_may_withdraw_or_lose_their_line_and_come_back() {
    let mut desk = FakeDesk::open().await;
    let _withdraws =
        ana_with(&desk.uri, PROMPT, PROMPT_TEXTS, HandoffHabits { withdraws_percent: 100, ..PROMPT_HANDOFFS });
    reserved(&mut desk).await;
    assert!(matches!(desk.does().await, Say::CancelHandoff(_)));

    let mut desk = FakeDesk::open().await;
    let loses = HandoffHabits { loses_desk_percent: 100, reads_ms: (40, 40), ..PROMPT_HANDOFFS };
    let peers = ana_with(&desk.uri, PROMPT, PROMPT_TEXTS, loses);
    reserved(&mut desk).await;
    let sign_in = desk.hears_sign_in().await;
    assert!(sign_in.from.is_some());
    line(&peers, "stream-over").await;
}

#[tokio::test]
async fn in_a_hurry_nobody_begins_a_handoff_and_one_that_nobody_joined_is_called_off() {
    let mut desk = FakeDesk::open().await;
    let handoffs = HandoffHabits { starts_percent: 100, consent_ms: (60_000, 60_000), ..PROMPT_HANDOFFS };
    let counselors = ana_with(&desk.uri, PROMPT, PROMPT_TEXTS, handoffs);
    desk.begins().await;
    desk.brings("c1").await;
    desk.shows(view("c1", ContactState::Connected)).await;
    assert!(matches!(desk.does().await, Say::StartHandoff(_)));
    desk.shows(handed("c1", Part::Owner, HandoffState::Seeking)).await;
    line(&counselors, "handoff c1 1 Seeking").await;
    counselors.finish_quickly();
    assert!(matches!(desk.does().await, Say::CancelHandoff(_)));
    desk.shows(handed("c1", Part::Owner, HandoffState::Cancelled)).await;
    assert!(matches!(desk.does().await, Say::EndContact(_)));
    // Whoever has no manners of their own begins none either.
    let mut plain = FakeDesk::open().await;
    let _others = ana(&plain.uri, PROMPT);
    plain.begins().await;
    plain.brings("c2").await;
    plain.shows(view("c2", ContactState::Connected)).await;
    assert!(matches!(plain.does().await, Say::EndContact(_)));
}
