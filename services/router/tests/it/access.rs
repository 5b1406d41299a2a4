//! Who may ask what: every command and feed against every role, deny by default.

use super::house::{House, capacity, desk, effects};
use holdfast_proto::router::v1::command::Kind;
use holdfast_proto::router::v1::{self as wire, WatchRequest};
use tonic::Code;

const EVERYBODY: [&str; 6] = ["ana", "ben", "olga", "adam", "carrier", "desk"];

#[tokio::test]
async fn each_role_may_send_its_own_commands_only() {
    let house = House::build().await;
    let sign_off = || Kind::SignOff(wire::SignOff { counselor_id: "ana".into() });
    let arrive = || {
        Kind::ArriveContact(wire::ArriveContact {
            account: "main".into(),
            external_id: "CA1".into(),
            line_number: String::new(),
            person_number: String::new(),
            channel: wire::Channel::Voice as i32,
        })
    };
    for (number, name) in EVERYBODY.into_iter().enumerate() {
        let id = number as u128 * 10;
        let denied = |result: Result<_, tonic::Status>| result.is_err_and(|it| it.code() == Code::PermissionDenied);
        assert_eq!(denied(house.submit_as(name, id + 1, sign_off()).await), name != "ana", "sign_off as {name}");
        assert_eq!(denied(house.submit_as(name, id + 2, arrive()).await), name != "carrier", "arrive as {name}");
    }
}

#[tokio::test]
async fn a_desk_speaks_for_the_one_it_names() {
    let house = House::build().await;
    let request = |actor: Option<(&str, &str)>| wire::SubmitRequest {
        request_id: uuid::Uuid::new_v4().to_string(),
        on_behalf_of: actor.map(|(name, role)| wire::Actor { name: name.into(), role: role.into() }),
        command: Some(wire::Command {
            kind: Some(Kind::ConnectDesk(wire::ConnectDesk {
                counselor_id: "ana".into(),
                session: 1,
                audio_address: String::new(),
            })),
        }),
    };
    for actor in [None, Some(("ben", "counselor")), Some(("ana", "operator")), Some(("ana", ""))] {
        let refused = house.client("desk").submit(request(actor)).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "{actor:?}");
    }
    house.client("desk").submit(request(Some(("ana", "counselor")))).await.unwrap();
}

#[tokio::test]
async fn each_role_may_follow_its_own_feeds_only() {
    let house = House::build().await;
    for name in EVERYBODY {
        for (feed, allowed) in
            [(capacity(), ["olga", "adam"].as_slice()), (desk("ana"), &["ana", "desk"]), (effects(), &["carrier"])]
        {
            let watched = house.client(name).watch(WatchRequest { from: None, feed: Some(feed.clone()) }).await;
            assert_eq!(watched.is_ok(), allowed.contains(&name), "{feed:?} as {name}");
        }
    }
}

#[tokio::test]
async fn bad_input_is_named_and_changes_nothing() {
    let house = House::build().await;
    let contact = house.call("CA1", "").await;
    let ana = || "ana".to_owned();
    let cases: Vec<(Kind, Code, &str)> = vec![
        (
            Kind::AcceptOffer(wire::AcceptOffer { counselor_id: ana(), offer_id: "nonsense".into() }),
            Code::InvalidArgument,
            "offer_id",
        ),
        (
            Kind::EndContact(wire::EndContact { counselor_id: ana(), contact_id: "12".into() }),
            Code::InvalidArgument,
            "contact_id",
        ),
        (
            Kind::SetReadiness(wire::SetReadiness { counselor_id: ana(), readiness: 0, channels: vec![] }),
            Code::InvalidArgument,
            "readiness",
        ),
        (
            Kind::EndContact(wire::EndContact { counselor_id: ana(), contact_id: contact.clone() }),
            Code::FailedPrecondition,
            "not held",
        ),
        (
            Kind::EndContact(wire::EndContact { counselor_id: ana(), contact_id: "0".repeat(32) }),
            Code::NotFound,
            "not known",
        ),
        (
            Kind::WriteNote(wire::WriteNote {
                counselor_id: ana(),
                contact_id: contact.clone(),
                words: "x".repeat(8_001),
            }),
            Code::InvalidArgument,
            "words",
        ),
        (
            Kind::AcceptOffer(wire::AcceptOffer { counselor_id: ana(), offer_id: format!("{contact}-1") }),
            Code::NotFound,
            "not made",
        ),
    ];
    for (kind, code, text) in cases {
        let told = format!("{kind:?}");
        let refused = house.submit_as("ana", uuid::Uuid::new_v4().as_u128(), kind).await.unwrap_err();
        assert_eq!(refused.code(), code, "{told}: {refused}");
        assert!(refused.message().contains(text), "{told}: {refused}");
    }
    let no_id =
        wire::SubmitRequest { request_id: "x".into(), on_behalf_of: None, command: Some(wire::Command { kind: None }) };
    let refused = house.client("ana").submit(no_id).await.unwrap_err();
    assert!(refused.message().starts_with("request_id"), "{refused}");
}
