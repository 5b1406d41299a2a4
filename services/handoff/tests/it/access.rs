//! Who may ask what, role by role.

use holdfast_proto::handoff::v1::{
    CancelRequest, ConfirmRequest, JoinRequest, LeaveRequest, RecordConsentRequest, StartRequest,
};
use holdfast_proto::router::v1::{HandoffState, HandoffToward, OfferState};
use tonic::{Code, Status};

use crate::stage::{CONTACT, Stage, contact, hasty, offer, reason, request_id};

/// Sends each of the six commands and answers what became of them.
async fn all_six(stage: &Stage, who: &str) -> Vec<Result<(), Status>> {
    let mut client = stage.client(who);
    let (id, contact_id) = (request_id, || CONTACT.to_owned());
    let toward = HandoffToward::Peer.into();
    let start = StartRequest { request_id: id(), contact_id: contact_id(), toward, ..StartRequest::default() };
    let consent = RecordConsentRequest { request_id: id(), contact_id: contact_id(), given: true, note: String::new() };
    vec![
        client.start(start).await.map(drop),
        client.record_consent(consent).await.map(drop),
        client.join(JoinRequest { request_id: id(), contact_id: contact_id() }).await.map(drop),
        client.confirm(ConfirmRequest { request_id: id(), contact_id: contact_id() }).await.map(drop),
        client.leave(LeaveRequest { request_id: id(), contact_id: contact_id() }).await.map(drop),
        client.cancel(CancelRequest { request_id: id(), contact_id: contact_id() }).await.map(drop),
    ]
}

#[tokio::test]
async fn counselors_and_peers_hand_over_and_nobody_else() {
    let stage = Stage::set(hasty()).await;
    for who in ["ana", "pat"] {
        assert!(all_six(&stage, who).await.iter().all(Result::is_ok), "{who}");
    }
    let asked = stage.router.lock().submitted.len();
    assert_eq!(asked, 12);
    for who in ["sue", "opal", "adam", "carrier", "desk", "dashboard", "handoff", "router"] {
        for refused in all_six(&stage, who).await {
            let status = refused.unwrap_err();
            assert_eq!(
                (status.code(), reason(&status).as_str()),
                (Code::PermissionDenied, "ROLE_NOT_ALLOWED"),
                "{who}"
            );
        }
    }
    for refused in all_six(&stage, "nobody").await {
        assert_eq!(refused.unwrap_err().code(), Code::Unauthenticated);
    }
    assert_eq!(stage.router.lock().submitted.len(), asked, "what is not allowed does not reach the router");
}

#[tokio::test]
async fn the_token_says_who_speaks_and_in_which_role() {
    let stage = Stage::set(hasty()).await;
    all_six(&stage, "ana").await;
    all_six(&stage, "pat").await;
    let submitted = stage.router.lock().submitted.clone();
    let actor = |index: usize| {
        let actor = submitted[index].on_behalf_of.clone().unwrap();
        (actor.name, actor.role)
    };
    for index in 0..6 {
        assert_eq!(actor(index), ("ana".to_owned(), "counselor".to_owned()));
        assert_eq!(actor(index + 6), ("pat".to_owned(), "peer".to_owned()));
    }
}

#[tokio::test]
async fn services_do_not_follow_and_neither_does_nobody() {
    let stage = Stage::set(hasty()).await;
    for who in ["carrier", "desk", "dashboard", "handoff", "router"] {
        let status = stage.try_watch(who, None).await.err().unwrap();
        assert_eq!((status.code(), reason(&status).as_str()), (Code::PermissionDenied, "ROLE_NOT_ALLOWED"), "{who}");
    }
    assert_eq!(stage.try_watch("nobody", None).await.err().unwrap().code(), Code::Unauthenticated);
}

#[tokio::test]
async fn counselors_and_peers_see_what_they_have_a_part_in_and_supervisors_see_all() {
    let stage = Stage::set(hasty()).await;
    stage.sees(stage.router.contact(contact(CONTACT, HandoffState::Consenting, ""))).await;
    let mut viewers = Vec::new();
    for (who, sees) in [("ana", 1), ("bo", 0), ("pat", 0), ("pia", 0), ("sue", 1), ("opal", 1), ("adam", 1)] {
        let mut viewer = stage.watch(who, None).await;
        assert_eq!(viewer.snapshot().await.handoffs.len(), sees, "{who}");
        viewers.push(viewer);
    }
    let seeking = contact(CONTACT, HandoffState::Seeking, "");
    stage.router.append(vec![seeking.clone()], vec![offer(1, "pat", OfferState::Open)]);
    // Pat passes, Pia is asked next and is reserved: each is told as long as they have a part, and of how it ended for them.
    let passed = offer(1, "pat", OfferState::Declined);
    stage.router.append(vec![seeking], vec![passed, offer(2, "pia", OfferState::Open)]);
    let reserved = offer(2, "pia", OfferState::Accepted);
    stage.router.append(vec![contact(CONTACT, HandoffState::Briefing, "pia")], vec![reserved]);
    stage.router.contact(contact(CONTACT, HandoffState::Returned, ""));
    let everything = [vec!["consented", "asked"], vec!["passed", "asked"], vec!["reserved"], vec!["returned"]];
    for index in [0, 4, 5, 6] {
        for words in &everything {
            assert_eq!(viewers[index].words().await, *words);
        }
    }
    assert_eq!(viewers[2].words().await, ["asked"]);
    assert_eq!(viewers[2].words().await, ["passed"]);
    assert_eq!(viewers[3].words().await, ["asked"]);
    assert_eq!(viewers[3].words().await, ["reserved"]);
    assert_eq!(viewers[3].words().await, ["returned"], "who had a part until now is told how it ended");
    // Bo never had a part: nothing but beats, up to where everybody stands.
    let (heard, _) = viewers[1].beat().await;
    assert!(heard.position.is_some());
}
