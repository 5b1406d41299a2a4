//! The three feeds: a snapshot, then deltas; resumed without loss or repetition; nothing personal but where it belongs.

use super::house::{House, NUMBER, WORDS, capacity, desk, effects};
use holdfast_proto::router::v1::command::Kind;
use holdfast_proto::router::v1::watch_response::Frame;
use holdfast_proto::router::v1::{self as wire, effect};

#[tokio::test]
async fn a_feed_resumes_where_it_stood() {
    let house = House::build().await;
    house.on_shift("ana", 1).await;
    let mut whole = house.watch("olga", None, capacity()).await;
    let (start, first) = whole.next().await;
    assert!(matches!(first, Frame::CapacitySnapshot(_)), "a follower without a position begins with a snapshot");
    for number in 0..6 {
        house.call(&format!("CA{number}"), "").await;
    }
    let mut seen = Vec::new();
    for _ in 0..6 {
        seen.push(whole.next().await);
    }
    // Wherever it stood, what follows is what the other saw.
    for (cut, (position, _)) in seen.iter().enumerate() {
        let mut resumed = house.watch("olga", Some(*position), capacity()).await;
        for (expected_at, expected) in &seen[cut + 1..] {
            let (at, frame) = resumed.next().await;
            assert_eq!((at, &frame), (*expected_at, expected));
        }
    }
    let mut resumed = house.watch("olga", Some(start), capacity()).await;
    assert_eq!(resumed.next().await, seen[0]);
    let ahead = wire::Position { sequence: 9_999, ..start };
    let mut lost = house.watch("olga", Some(ahead), capacity()).await;
    assert!(matches!(lost.next().await.1, Frame::CapacitySnapshot(_)), "a position nobody gave begins anew");
}

#[tokio::test]
async fn one_call_as_each_feed_tells_it() {
    let house = House::build().await;
    house.on_shift("ana", 1).await;
    let mut board = house.watch("olga", None, capacity()).await;
    let mut hers = house.watch("ana", None, desk("ana")).await;
    let mut his = house.watch("ben", None, desk("ben")).await;
    let mut wires = house.watch("carrier", None, effects()).await;
    for feed in [&mut board, &mut hers, &mut his, &mut wires] {
        feed.next().await;
    }
    let contact = house.call("CA1", NUMBER).await;
    let (_, Frame::DeskDelta(offered)) = hers.next().await else { panic!("a desk hears deltas") };
    assert_eq!(offered.offers[0].contact_id, contact);
    assert_eq!(offered.offers[0].state(), wire::OfferState::Open);
    assert!(offered.contacts.is_empty(), "an offer shows nothing of the contact yet");
    house.accept("ana", &contact, 1).await.unwrap();
    let (_, Frame::EffectsDelta(arrived)) = wires.next().await else { panic!("an account hears deltas") };
    assert_eq!(arrived.legs[0].external_id, "CA1");
    let (_, Frame::EffectsDelta(dial)) = wires.next().await else { panic!("an account hears deltas") };
    let Some(effect::Kind::Dial(asked)) = &dial.effects[0].kind else { panic!("a dial is asked") };
    assert_eq!((asked.to.as_str(), asked.label.as_str()), ("+12065550201", format!("leg-{contact}-1").as_str()));
    assert_eq!(asked.from, "+12065550100");
    house.leg(&contact, 0, wire::LegState::InRoom).await;
    house.leg(&contact, 1, wire::LegState::InRoom).await;
    let note = wire::WriteNote { counselor_id: "ana".into(), contact_id: contact.clone(), words: WORDS.into() };
    house.submit("ana", Kind::WriteNote(note)).await;
    let noted = loop {
        let (_, Frame::DeskDelta(delta)) = hers.next().await else { panic!("a desk hears deltas") };
        if let Some(it) = delta.contacts.into_iter().find(|it| !it.notes.is_empty()) {
            break it;
        }
    };
    assert_eq!(noted.notes, [WORDS], "whoever holds a contact reads its notes");
    assert_eq!(noted.state(), wire::ContactState::Connected);
    let (_, first_of_board) = board.next().await;
    let told = format!("{first_of_board:?}");
    assert!(!told.contains("7391"), "{told}");
    house.on_shift("ben", 1).await;
    let (_, Frame::DeskDelta(own)) = his.next().await else { panic!("a desk hears deltas") };
    assert!(own.offers.is_empty() && own.contacts.is_empty(), "a desk hears of its own contacts only");
}

#[tokio::test]
async fn a_request_is_decided_once() {
    let house = House::build().await;
    house.on_shift("ana", 1).await;
    let contact = house.call("CA1", NUMBER).await;
    assert_eq!(house.call("CA1", NUMBER).await, contact, "a carrier's id makes one contact");
    house.accept("ana", &contact, 1).await.unwrap();
    house.leg(&contact, 0, wire::LegState::InRoom).await;
    house.leg(&contact, 1, wire::LegState::InRoom).await;
    let note = || {
        Kind::WriteNote(wire::WriteNote {
            counselor_id: "ana".into(),
            contact_id: contact.clone(),
            words: WORDS.into(),
        })
    };
    let first = house.submit_as("ana", 7, note()).await.unwrap();
    let again = house.submit_as("ana", 7, note()).await.unwrap();
    assert!(matches!(first.outcome, Some(wire::submit_response::Outcome::Done(_))));
    assert!(matches!(again.outcome, Some(wire::submit_response::Outcome::AlreadyDone(_))));
    let mut hers = house.watch("ana", None, desk("ana")).await;
    let (_, Frame::DeskSnapshot(snapshot)) = hers.next().await else { panic!("a snapshot first") };
    assert_eq!(snapshot.contacts[0].notes.len(), 1, "the same request writes one note");
}

#[tokio::test]
async fn a_follower_that_does_not_read_is_cut_and_resumes_without_a_gap() {
    const TEXTS: u32 = 1_600;
    let house = House::build().await;
    house.on_shift("ana", 1).await;
    let contact = house.text("SM-0", NUMBER, "hi", wire::OptOut::Unspecified).await;
    house.accept("ana", &contact, 1).await.unwrap();
    let mut feed = house.watch("desk", None, desk("ana")).await;
    let (start, _) = feed.next().await;
    // More than its queue, and every window on the way, can hold.
    let words = "a long night ".repeat(540);
    for first in (1..=TEXTS).step_by(32) {
        let (house, words) = (&house, &words);
        let writing = (first..(first + 32).min(TEXTS + 1)).map(async |text| {
            house.text(&format!("SM-{text}"), NUMBER, words, wire::OptOut::Unspecified).await;
        });
        futures_util::future::join_all(writing).await;
    }
    // The feeds may be behind the answers, but never a read: once this is answered everything was told, and nothing read below makes room.
    let (_, Frame::DeskSnapshot(now)) = house.watch("desk", None, desk("ana")).await.next().await else {
        panic!("a snapshot first")
    };
    assert!(now.contacts[0].messages_total > TEXTS, "whoever reads after their answer reads what it did");
    let (mut told, mut at, mut cuts) = (std::collections::BTreeSet::new(), start, 0);
    while told.len() < usize::try_from(TEXTS).unwrap() {
        let Some((position, frame)) = feed.next_or_cut().await else {
            cuts += 1;
            feed = house.watch("desk", Some(at), desk("ana")).await;
            continue;
        };
        assert!(position > at, "nothing is told again");
        at = position;
        let Frame::DeskDelta(delta) = frame else { panic!("resumed by deltas, where they are still there") };
        for message in delta.messages.iter().filter(|it| it.words == words) {
            assert!(told.insert(message.number), "{} is told once", message.number);
        }
    }
    assert!(cuts > 0, "whoever does not read is let go");
}
