//! Commands: in order, answered once each, retried while the router is away, bounded.

use holdfast_desk::DeskSettings;
use holdfast_proto::desk::v1::WorkRequest;
use holdfast_proto::desk::v1::work_request::Say;
use holdfast_proto::router::v1::command::Kind;
use holdfast_proto::router::v1::{AcceptOffer, HoldPerson, WriteNote};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::stage::{CONTACT, Stage, hasty};

fn hold(on: bool) -> Say {
    Say::HoldPerson(HoldPerson { counselor_id: "somebody else".to_owned(), contact_id: CONTACT.to_owned(), on })
}

#[tokio::test]
async fn commands_are_carried_out_in_order_with_their_own_ids() {
    let stage = Stage::set(hasty()).await;
    let mut desk = stage.sign_in("ana", None).await;
    let mut said = Vec::new();
    for turn in 0..20 {
        said.push(desk.say(hold(turn % 2 == 0)).await);
    }
    for request_id in &said {
        let answer = desk.answer().await;
        assert_eq!((&answer.request_id, answer.code), (request_id, 0));
    }
    let inner = stage.router.lock();
    let submitted: Vec<_> = inner.submitted.iter().skip(1).map(|request| request.request_id.clone()).collect();
    assert_eq!(submitted, said);
    let Some(Kind::HoldPerson(first)) = inner.kinds().into_iter().nth(1) else { panic!("a hold") };
    assert_eq!(first.counselor_id, "ana", "the stream knows who speaks");
}

#[tokio::test]
async fn a_refusal_keeps_its_code_reason_and_words() {
    let stage = Stage::set(hasty()).await;
    stage.router.judge(|request| {
        let kind = request.command.as_ref()?.kind.as_ref()?;
        let details = ErrorDetails::with_error_info("OFFER_NOT_OPEN", "holdfast", std::collections::HashMap::new());
        matches!(kind, Kind::AcceptOffer(_))
            .then(|| Status::with_error_details(Code::FailedPrecondition, "the person left", details))
    });
    let mut desk = stage.sign_in("ana", None).await;
    let accept = Say::AcceptOffer(AcceptOffer { counselor_id: String::new(), offer_id: format!("{CONTACT}-1") });
    desk.say(accept).await;
    let answer = desk.answer().await;
    assert_eq!(Code::from_i32(answer.code), Code::FailedPrecondition);
    assert_eq!((answer.reason.as_str(), answer.message.as_str()), ("OFFER_NOT_OPEN", "the person left"));
}

#[tokio::test]
async fn a_command_waits_for_a_router_that_is_away_and_then_no_longer() {
    let stage = Stage::set(DeskSettings { command_wait_ms: 5_000, ..hasty() }).await;
    let mut desk = stage.sign_in("ana", None).await;
    desk.next().await.unwrap();
    stage.router.go_away();
    let request_id = desk.say(hold(true)).await;
    stage.router.come_back();
    let answer = desk.answer().await;
    assert_eq!((answer.request_id, answer.code), (request_id, 0));

    let stage = Stage::set(hasty()).await;
    let mut desk = stage.sign_in("ana", None).await;
    desk.next().await.unwrap();
    stage.router.go_away();
    desk.say(hold(true)).await;
    let answer = desk.answer().await;
    assert_eq!(Code::from_i32(answer.code), Code::Unavailable);
    assert_eq!(answer.reason, "ROUTER_AWAY");
}

#[tokio::test]
async fn beyond_sixty_four_waiting_commands_one_is_sent_back_and_none_forgotten() {
    let stage = Stage::set(DeskSettings { command_wait_ms: 10_000, ..hasty() }).await;
    let mut desk = stage.sign_in("ana", None).await;
    desk.next().await.unwrap();
    stage.router.go_away();
    for _ in 0..100 {
        desk.say(hold(true)).await;
    }
    let first = desk.answer().await;
    assert_eq!(Code::from_i32(first.code), Code::ResourceExhausted);
    stage.router.come_back();
    let (mut done, mut sent_back) = (0, 1);
    while done + sent_back < 100 {
        match Code::from_i32(desk.answer().await.code) {
            Code::Ok => done += 1,
            Code::ResourceExhausted => sent_back += 1,
            other => panic!("{other:?}"),
        }
    }
    // One is in hand while sixty-four wait.
    assert!((64..=65).contains(&done), "{done}");
}

#[tokio::test]
async fn what_is_malformed_is_sent_back_by_field_and_never_reaches_the_router() {
    let stage = Stage::set(hasty()).await;
    let mut desk = stage.sign_in("ana", None).await;
    let without_id = WorkRequest { request_id: "7".to_owned(), say: Some(hold(true)) };
    desk.say.send(without_id).await.unwrap();
    let answer = desk.answer().await;
    assert_eq!((answer.request_id.as_str(), answer.reason.as_str()), ("7", "FIELD_INVALID"));
    assert!(answer.message.starts_with("request_id: must be a UUID"), "{}", answer.message);
    let note = Say::WriteNote(WriteNote {
        counselor_id: String::new(),
        contact_id: CONTACT.to_owned(),
        words: "w".repeat(8_001),
    });
    desk.say(note).await;
    let answer = desk.answer().await;
    assert_eq!(Code::from_i32(answer.code), Code::InvalidArgument);
    assert!(answer.message.starts_with("write_note.words: must be at most 8000 bytes"));
    assert_eq!(stage.router.lock().submitted.len(), 1, "only the attestation");
}
