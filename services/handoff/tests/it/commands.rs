//! The six commands: each field on its way to the router, the router's word on its way back.

use holdfast_proto::handoff::v1::{
    CancelRequest, ConfirmRequest, JoinRequest, LeaveRequest, RecordConsentRequest, StartRequest,
};
use holdfast_proto::router::v1::command::Kind;
use holdfast_proto::router::v1::{
    CancelHandoff, ConfirmHandoff, HandoffState, HandoffToward, JoinHandoff, LeaveHandoff, RecordConsent, StartHandoff,
};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::stage::{CONTACT, Stage, contact, hasty, reason, request_id};

fn join(request_id: &str) -> JoinRequest {
    JoinRequest { request_id: request_id.to_owned(), contact_id: CONTACT.to_owned() }
}

/// The last command the router was asked, and under which request id.
fn last(stage: &Stage) -> (String, Kind) {
    let request = stage.router.lock().submitted.last().cloned().unwrap();
    (request.request_id, request.command.unwrap().kind.unwrap())
}

#[tokio::test]
async fn start_and_consent_reach_the_router_field_by_field() {
    let stage = Stage::set(hasty()).await;
    let mut ana = stage.client("ana");
    let id = request_id();
    let start = StartRequest {
        request_id: id.clone(),
        contact_id: CONTACT.to_owned(),
        toward: HandoffToward::Counselor.into(),
        peer_type: "veteran".to_owned(),
        skills: vec!["grief".to_owned(), "spanish".to_owned()],
        wanted_id: "bo".to_owned(),
    };
    ana.start(start).await.unwrap();
    let wanted = Kind::StartHandoff(StartHandoff {
        counselor_id: "ana".to_owned(),
        contact_id: CONTACT.to_owned(),
        toward: HandoffToward::Counselor.into(),
        peer_type: "veteran".to_owned(),
        skills: vec!["grief".to_owned(), "spanish".to_owned()],
        wanted_id: "bo".to_owned(),
    });
    assert_eq!(last(&stage), (id, wanted));
    for (given, note) in [(true, "they feel alone at night"), (true, ""), (false, "")] {
        let id = request_id();
        let consent = RecordConsentRequest {
            request_id: id.clone(),
            contact_id: CONTACT.to_owned(),
            given,
            note: note.to_owned(),
        };
        ana.record_consent(consent).await.unwrap();
        let wanted = Kind::RecordConsent(RecordConsent {
            counselor_id: "ana".to_owned(),
            contact_id: CONTACT.to_owned(),
            given,
            note: note.to_owned(),
        });
        assert_eq!(last(&stage), (id, wanted));
    }
}

#[tokio::test]
async fn join_confirm_leave_and_cancel_reach_the_router() {
    let stage = Stage::set(hasty()).await;
    let mut pat = stage.client("pat");
    let (counselor_id, contact_id) = ("pat".to_owned(), CONTACT.to_owned());
    let ids = [request_id(), request_id(), request_id(), request_id()];
    pat.join(join(&ids[0])).await.unwrap();
    let it = JoinHandoff { counselor_id: counselor_id.clone(), contact_id: contact_id.clone() };
    assert_eq!(last(&stage), (ids[0].clone(), Kind::JoinHandoff(it)));
    pat.confirm(ConfirmRequest { request_id: ids[1].clone(), contact_id: contact_id.clone() }).await.unwrap();
    let it = ConfirmHandoff { counselor_id: counselor_id.clone(), contact_id: contact_id.clone() };
    assert_eq!(last(&stage), (ids[1].clone(), Kind::ConfirmHandoff(it)));
    pat.leave(LeaveRequest { request_id: ids[2].clone(), contact_id: contact_id.clone() }).await.unwrap();
    let it = LeaveHandoff { counselor_id: counselor_id.clone(), contact_id: contact_id.clone() };
    assert_eq!(last(&stage), (ids[2].clone(), Kind::LeaveHandoff(it)));
    pat.cancel(CancelRequest { request_id: ids[3].clone(), contact_id: contact_id.clone() }).await.unwrap();
    assert_eq!(last(&stage), (ids[3].clone(), Kind::CancelHandoff(CancelHandoff { counselor_id, contact_id })));
}

#[tokio::test]
async fn the_answer_shows_what_the_command_caused() {
    let stage = Stage::set(hasty()).await;
    stage.router.cause(contact(CONTACT, HandoffState::Joining, "pat"));
    let answer = stage.client("pat").join(join(&request_id())).await.unwrap().into_inner();
    let handoff = answer.handoff.unwrap();
    assert_eq!((handoff.what.as_str(), handoff.contact_id.as_str()), ("joining", CONTACT));
    assert_eq!(handoff.view.unwrap().state(), HandoffState::Joining);
    assert_eq!(answer.position.unwrap().sequence, 1);
    assert_eq!(answer.seen, answer.position);
    assert!(!answer.already_done);
}

#[tokio::test]
async fn the_same_request_id_again_does_nothing_twice_and_shows_nothing_to_strangers() {
    let stage = Stage::set(hasty()).await;
    stage.router.cause(contact(CONTACT, HandoffState::Joining, "pat"));
    let id = request_id();
    let first = stage.client("pat").join(join(&id)).await.unwrap().into_inner();
    let again = stage.client("pat").join(join(&id)).await.unwrap().into_inner();
    assert!(again.already_done && !first.already_done);
    assert_eq!((&again.position, &again.handoff), (&first.position, &first.handoff));
    assert_eq!(stage.router.lock().submitted.iter().filter(|it| it.request_id == id).count(), 2);
    // Bo has no part in it: a repeated request id is no way to look at it.
    let stranger = stage.client("bo").join(join(&id)).await.unwrap().into_inner();
    assert!(stranger.already_done);
    assert_eq!(stranger.handoff, None);
}

#[tokio::test]
async fn a_refusal_comes_back_as_the_router_said_it() {
    let stage = Stage::set(hasty()).await;
    stage.router.judge(|_| {
        let details =
            ErrorDetails::with_error_info("MAY_NOT_LEAVE", "holdfast.router", std::collections::HashMap::new());
        Some(Status::with_error_details(Code::FailedPrecondition, "the other is not there yet", details))
    });
    let status = stage.client("ana").join(join(&request_id())).await.unwrap_err();
    assert_eq!(status.code(), Code::FailedPrecondition);
    assert_eq!(status.message(), "the other is not there yet");
    assert_eq!(reason(&status), "MAY_NOT_LEAVE");
    assert_eq!(stage.router.lock().submitted.len(), 1, "a refusal is not asked again");
}

#[tokio::test]
async fn a_router_that_is_away_is_asked_again_under_the_same_id_and_not_for_ever() {
    let stage = Stage::set(hasty()).await;
    let failures = std::sync::atomic::AtomicU32::new(0);
    stage.router.judge(move |_| {
        let failed = failures.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        (failed < 2).then(|| Status::unavailable("not now"))
    });
    let id = request_id();
    stage.client("ana").join(join(&id)).await.unwrap();
    {
        let submitted = &stage.router.lock().submitted;
        assert_eq!(submitted.len(), 3);
        assert!(submitted.iter().all(|it| it.request_id == id));
    }
    stage.router.go_away();
    let status = stage.client("ana").join(join(&request_id())).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::Unavailable, "ROUTER_AWAY"));
}

#[tokio::test]
async fn a_router_that_does_not_know_this_service_is_no_fault_of_the_caller() {
    let stage = Stage::set(hasty()).await;
    stage.router.judge(|_| Some(Status::unauthenticated("who are you")));
    let status = stage.client("ana").join(join(&request_id())).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::Internal, "ROUTER_REFUSES_SERVICE"));
}

#[tokio::test]
async fn what_is_malformed_is_named_and_does_not_reach_the_router() {
    let stage = Stage::set(hasty()).await;
    let mut ana = stage.client("ana");
    let whole = || StartRequest {
        request_id: request_id(),
        contact_id: CONTACT.to_owned(),
        toward: HandoffToward::Peer.into(),
        ..StartRequest::default()
    };
    type Spoil = fn(&mut StartRequest);
    let wrong: [(&str, Spoil); 11] = [
        ("request_id", |it| it.request_id.clear()),
        ("request_id", |it| it.request_id = "1".to_owned()),
        ("contact_id", |it| it.contact_id.clear()),
        ("contact_id", |it| it.contact_id = CONTACT.to_uppercase()),
        ("toward", |it| it.toward = 0),
        ("toward", |it| it.toward = 9),
        ("skills", |it| it.skills = vec!["grief".to_owned(); 17]),
        ("skills", |it| it.skills = vec![String::new()]),
        ("skills", |it| it.skills = vec!["x".repeat(65)]),
        ("peer_type", |it| it.peer_type = "x".repeat(65)),
        ("wanted_id", |it| it.wanted_id = "a\nb".to_owned()),
    ];
    for (field, spoil) in wrong {
        let mut start = whole();
        spoil(&mut start);
        let status = ana.start(start).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{field}");
        let violations = status.get_details_bad_request().unwrap().field_violations;
        assert_eq!(violations[0].field, field);
        assert!(status.message().starts_with(&format!("{field}: ")), "{}", status.message());
    }
    let consent = |given, note: String| RecordConsentRequest {
        request_id: request_id(),
        contact_id: CONTACT.to_owned(),
        given,
        note,
    };
    for (given, note) in [(true, "ö".repeat(4_001)), (false, "a word of theirs".to_owned())] {
        let status = ana.record_consent(consent(given, note)).await.unwrap_err();
        assert_eq!(status.get_details_bad_request().unwrap().field_violations[0].field, "note");
        assert!(!status.message().contains("a word of theirs"), "a refusal does not carry the words");
    }
    assert!(stage.router.lock().submitted.is_empty());
    ana.record_consent(consent(true, "ö".repeat(4_000))).await.unwrap();
    assert_eq!(stage.router.lock().submitted.len(), 1);
}
