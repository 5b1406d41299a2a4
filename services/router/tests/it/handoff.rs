//! A warm handoff over real gRPC: the person has an owner at every step, and each side sees what it should.

use super::house::{House, NUMBER, PLAN, WORDS, capacity, desk, effects};
use holdfast_proto::router::v1::command::Kind;
use holdfast_proto::router::v1::effect::Kind as Do;
use holdfast_proto::router::v1::watch_response::Frame;
use holdfast_proto::router::v1::{self as wire, DeskContact, HandoffState};
use tonic::{Code, Status};

async fn seen_by(house: &House, name: &str) -> wire::DeskSnapshot {
    let (_, Frame::DeskSnapshot(snapshot)) = house.watch(name, None, desk(name)).await.next().await else {
        panic!("a snapshot first")
    };
    snapshot
}

async fn contact_of(house: &House, name: &str) -> Option<DeskContact> {
    seen_by(house, name).await.contacts.into_iter().next()
}

async fn handoff_of(house: &House, name: &str) -> (HandoffState, wire::Part, String) {
    let contact = contact_of(house, name).await.unwrap();
    let view = contact.handoff.clone().unwrap().view.unwrap();
    (view.state(), contact.part(), view.owner_id)
}

/// Who says it, and what.
async fn say(house: &House, name: &str, contact: &str, what: &str) -> Result<(), Status> {
    let (counselor_id, contact_id) = (name.to_owned(), contact.to_owned());
    let kind = match what {
        "starts" => Kind::StartHandoff(wire::StartHandoff {
            counselor_id,
            contact_id,
            toward: wire::HandoffToward::Peer as i32,
            peer_type: String::new(),
            skills: vec![],
            wanted_id: String::new(),
        }),
        "agrees" => {
            Kind::RecordConsent(wire::RecordConsent { counselor_id, contact_id, given: true, note: WORDS.into() })
        }
        "joins" => Kind::JoinHandoff(wire::JoinHandoff { counselor_id, contact_id }),
        "confirms" => Kind::ConfirmHandoff(wire::ConfirmHandoff { counselor_id, contact_id }),
        "leaves" => Kind::LeaveHandoff(wire::LeaveHandoff { counselor_id, contact_id }),
        "cancels" => Kind::CancelHandoff(wire::CancelHandoff { counselor_id, contact_id }),
        other => panic!("nobody says {other}"),
    };
    house.submit_as(name, uuid::Uuid::new_v4().as_u128(), kind).await.map(drop)
}

async fn talking(house: &House) -> String {
    house.on_shift("ana", 1).await;
    house.on_shift("pat", 1).await;
    let contact = house.call("CA1", NUMBER).await;
    house.accept("ana", &contact, 1).await.unwrap();
    house.leg(&contact, 0, wire::LegState::InRoom).await;
    house.leg(&contact, 1, wire::LegState::InRoom).await;
    contact
}

#[tokio::test]
async fn a_person_is_handed_over_by_voice_and_never_without_an_owner() {
    let mut house = House::build().await;
    let contact = talking(&house).await;
    assert_eq!(seen_by(&house, "ana").await.peers.len(), 1, "a counselor sees the peers");
    say(&house, "ana", &contact, "starts").await.unwrap();
    assert!(seen_by(&house, "pat").await.offers.is_empty(), "nobody is asked before the person has agreed");
    say(&house, "ana", &contact, "agrees").await.unwrap();
    let offer = seen_by(&house, "pat").await.offers.remove(0);
    assert!(offer.handoff && offer.from_id == "ana", "{offer:?}");
    house.accept("pat", &contact, 2).await.unwrap();
    let reading = contact_of(&house, "pat").await.unwrap();
    assert_eq!(reading.handoff.as_ref().unwrap().note, WORDS, "whoever takes over reads what was shared");
    assert!(say(&house, "ana", &contact, "leaves").await.is_err(), "the person would be alone");
    say(&house, "pat", &contact, "joins").await.unwrap();
    let (_, Frame::EffectsSnapshot(open)) = house.watch("carrier", None, effects()).await.next().await else {
        panic!("a snapshot first")
    };
    let dialed = open.effects.iter().any(|it| matches!(&it.kind, Some(Do::Dial(dial)) if dial.leg == 2));
    assert!(dialed, "the peer's phone is dialed: {:?}", open.effects);
    // A router that dies now remembers every step.
    house.close().await;
    house.open(PLAN).await;
    house.on_shift("ana", 2).await;
    house.on_shift("pat", 2).await;
    assert_eq!(handoff_of(&house, "pat").await, (HandoffState::Joining, wire::Part::Joining, "ana".into()));
    house.leg(&contact, 2, wire::LegState::InRoom).await;
    assert_eq!(handoff_of(&house, "ana").await, (HandoffState::Together, wire::Part::Owner, "ana".into()));
    let early = say(&house, "ana", &contact, "leaves").await.unwrap_err();
    assert_eq!(early.code(), Code::FailedPrecondition, "not before the other has confirmed");
    say(&house, "pat", &contact, "confirms").await.unwrap();
    assert_eq!(handoff_of(&house, "ana").await, (HandoffState::Confirmed, wire::Part::Leaving, "pat".into()));
    for (who, may_leave) in [("ana", true), ("pat", false)] {
        let seen = contact_of(&house, who).await.unwrap().handoff.unwrap();
        assert_eq!(seen.may_leave, may_leave, "{who} has the person or not");
    }
    say(&house, "ana", &contact, "leaves").await.unwrap();
    assert_eq!(handoff_of(&house, "pat").await, (HandoffState::Completed, wire::Part::Owner, "pat".into()));
    assert_eq!(handoff_of(&house, "ana").await, (HandoffState::Completed, wire::Part::WritingUp, "pat".into()));
}

#[tokio::test]
async fn a_handoff_in_writing_adds_the_peer_to_the_conversation() {
    let house = House::build().await;
    house.on_shift("ana", 1).await;
    house.on_shift("pat", 1).await;
    let contact = house.text("SM1", NUMBER, "hi", wire::OptOut::Unspecified).await;
    house.accept("ana", &contact, 1).await.unwrap();
    house.write("ana", &contact, 1, "hello").await;
    let words = "only for counselors".to_owned();
    let note = wire::WriteNote { counselor_id: "ana".into(), contact_id: contact.clone(), words };
    house.submit("ana", Kind::WriteNote(note)).await;
    say(&house, "ana", &contact, "starts").await.unwrap();
    say(&house, "ana", &contact, "agrees").await.unwrap();
    house.accept("pat", &contact, 2).await.unwrap();
    let reading = contact_of(&house, "pat").await.unwrap();
    assert!(reading.messages.is_empty() && reading.notes.is_empty(), "only the note, until three are together");
    say(&house, "pat", &contact, "joins").await.unwrap();
    let together = contact_of(&house, "pat").await.unwrap();
    assert_eq!(together.messages.len(), 3);
    assert!(together.notes.is_empty(), "a peer reads what was shared, not the counselor's notes");
    house.write("pat", &contact, 2, "I am Pat").await;
    say(&house, "pat", &contact, "confirms").await.unwrap();
    say(&house, "ana", &contact, "leaves").await.unwrap();
    house.text("SM2", NUMBER, "thank you", wire::OptOut::Unspecified).await;
    let left = contact_of(&house, "ana").await.unwrap();
    assert!(left.messages.iter().all(|it| it.words != "thank you"), "whoever has left reads on no more");
    assert!(left.messages.iter().any(|it| it.words == "I am Pat"), "and keeps what was said while they were there");
    let last = contact_of(&house, "pat").await.unwrap();
    let spoken = last.messages.last().unwrap();
    assert_eq!((spoken.author(), spoken.words.as_str()), (wire::Author::Person, "thank you"));
    assert_eq!(last.part(), wire::Part::Owner);
}

#[tokio::test]
async fn somebody_cut_off_in_the_middle_is_called_back_first() {
    let house = House::build().await;
    let contact = talking(&house).await;
    say(&house, "ana", &contact, "starts").await.unwrap();
    say(&house, "ana", &contact, "agrees").await.unwrap();
    house.leg(&contact, 0, wire::LegState::Ended).await;
    let (_, Frame::CapacitySnapshot(now)) = house.watch("olga", None, capacity()).await.next().await else {
        panic!("a snapshot first")
    };
    let callback = now.contacts.iter().find(|it| it.outbound).expect("a callback");
    assert_eq!(callback.state(), wire::ContactState::Waiting, "ana writes up: {callback:?}");
    assert!(seen_by(&house, "pat").await.offers.is_empty(), "nobody is asked for somebody who has gone");
    // Her phone is free once the carrier has said so.
    for number in 1..=2 {
        let settlement = Some(wire::settle_effect::Settlement::AcceptedExternalId(String::new()));
        let contact_id = contact.clone();
        house.submit("carrier", Kind::SettleEffect(wire::SettleEffect { contact_id, number, settlement })).await;
    }
    let counselor_id = "ana".to_owned();
    house.submit("ana", Kind::FinishWrapUp(wire::FinishWrapUp { counselor_id, contact_id: contact })).await;
    let offer = seen_by(&house, "ana").await.offers.remove(0);
    assert!(offer.outbound && offer.contact_id == callback.contact_id);
    house.accept("ana", &callback.contact_id, 1).await.unwrap();
    house.leg(&callback.contact_id, 1, wire::LegState::InRoom).await;
    let (_, Frame::EffectsSnapshot(open)) = house.watch("carrier", None, effects()).await.next().await else {
        panic!("a snapshot first")
    };
    let called = open.effects.iter().find_map(|it| match &it.kind {
        Some(Do::Dial(dial)) if dial.leg == 0 => Some(dial.to.clone()),
        _ => None,
    });
    assert_eq!(called.as_deref(), Some(NUMBER), "their own phone is dialed, once the counselor is there");
}

#[tokio::test]
async fn help_is_asked_at_a_desk_and_answered_by_those_who_support() {
    let house = House::build().await;
    let contact = talking(&house).await;
    let level = wire::HelpLevel::Join as i32;
    let ask = wire::AskHelp { counselor_id: "ana".into(), contact_id: contact, level };
    house.submit("ana", Kind::AskHelp(ask)).await;
    let answer = || Kind::AnswerHelp(wire::AnswerHelp { counselor_id: "ana".into() });
    let denied = house.submit_as("ben", 1, answer()).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied);
    house.submit_as("sue", 2, answer()).await.unwrap();
    let help = seen_by(&house, "ana").await.self_.unwrap().help.unwrap();
    assert_eq!((help.level(), help.answered_by.as_str()), (wire::HelpLevel::Join, "sue"));
    house.submit("ana", Kind::EndHelp(wire::EndHelp { counselor_id: "ana".into() })).await;
    assert!(seen_by(&house, "ana").await.self_.unwrap().help.is_none());
}
