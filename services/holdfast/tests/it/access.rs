//! Who may ask what over gRPC, and what a refusal says: a code, a stable reason, the field.

use crate::house::{House, Served};
use crate::wire::{fields, line, reason, request, router, submit};
use holdfast_proto::router::v1::command::Kind;
use holdfast_proto::router::v1::router_service_client::RouterServiceClient;
use holdfast_proto::router::v1::watch_request::{CapacityFeed, Feed};
use holdfast_proto::router::v1::{AcceptOffer, EndContact, ErasePerson, ExplainRequest, SubmitRequest, WatchRequest};
use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

const NO_CONTACT: &str = "00112233445566778899aabbccddeeff";

fn accept(counselor: &str, offer: &str) -> Kind {
    Kind::AcceptOffer(AcceptOffer { counselor_id: counselor.to_owned(), offer_id: offer.to_owned() })
}

async fn watch_capacity(served: &Served, name: &str) -> Result<(), Status> {
    let feed = WatchRequest { from: None, feed: Some(Feed::Capacity(CapacityFeed {})) };
    let mut frames = router(served, name).watch(feed).await?.into_inner();
    frames.message().await.map(|frame| assert!(frame.is_some()))
}

#[tokio::test]
async fn everybody_may_do_what_is_theirs_and_nothing_else() {
    let house = House::new();
    let served = house.serve();
    let offer = format!("{NO_CONTACT}-1");
    let mut nobody = RouterServiceClient::new(line(&served, None));
    let refused = nobody.submit(request(accept("ana", &offer))).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
    let mut stranger = RouterServiceClient::new(line(&served, Some("stranger")));
    assert_eq!(stranger.submit(request(accept("ana", &offer))).await.unwrap_err().code(), Code::Unauthenticated);

    let others = submit(&served, "ana", accept("ben", &offer)).await.unwrap_err();
    assert_eq!((others.code(), reason(&others).as_str()), (Code::PermissionDenied, "NOT_ALLOWED"));
    let watching = watch_capacity(&served, "ana").await.unwrap_err();
    assert_eq!(watching.code(), Code::PermissionDenied);
    watch_capacity(&served, "operator").await.unwrap();
    let erasing = Kind::ErasePerson(ErasePerson { who: None });
    assert_eq!(submit(&served, "operator", erasing).await.unwrap_err().code(), Code::PermissionDenied);
    let explaining = ExplainRequest { contact_id: NO_CONTACT.to_owned() };
    let refused = router(&served, "ana").explain(explaining.clone()).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    let unknown = router(&served, "operator").explain(explaining).await.unwrap_err();
    assert_eq!((unknown.code(), reason(&unknown).as_str()), (Code::NotFound, "UNKNOWN_CONTACT"));
    let nonsense = submit(&served, "ana", accept("ana", "nonsense")).await.unwrap_err();
    assert_eq!(nonsense.code(), Code::InvalidArgument);
    let gone = submit(&served, "ana", accept("ana", &offer)).await.unwrap_err();
    assert_eq!(gone.code(), Code::NotFound);
    let counted = reqwest::get(served.url("/metrics")).await.unwrap().text().await.unwrap();
    for outcome in ["denied", "invalid", "refused"] {
        let line = counted.lines().find(|it| {
            let named = it.starts_with("holdfast_commands_total{") && it.contains("kind=\"accept_offer\"");
            named && it.contains(&format!("outcome=\"{outcome}\""))
        });
        assert!(line.is_some_and(|it| it.ends_with(" 1")), "{outcome}: {counted}");
    }
}

#[tokio::test]
async fn a_field_that_is_wrong_is_named() {
    let house = House::new();
    let served = house.serve();
    let mut empty = router(&served, "ana");
    let no_id = SubmitRequest { request_id: "7".to_owned(), ..request(accept("ana", NO_CONTACT)) };
    let no_command = SubmitRequest { command: None, ..request(accept("ana", NO_CONTACT)) };
    let end = Kind::EndContact(EndContact { counselor_id: "ana".to_owned(), contact_id: "7".to_owned() });
    for (request, field) in [
        (no_id, "request_id"),
        (no_command, "command"),
        (request(accept("ana", NO_CONTACT)), "offer_id"),
        (request(end), "contact_id"),
    ] {
        let refused = empty.submit(request).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{field}: {refused}");
        let named = fields(&refused);
        assert!(named.len() == 1 && named[0].rsplit('.').next() == Some(field), "{field}: {named:?}");
    }
    let explaining = ExplainRequest { contact_id: "7".to_owned() };
    let refused = router(&served, "operator").explain(explaining).await.unwrap_err();
    assert_eq!((refused.code(), fields(&refused)), (Code::InvalidArgument, vec!["contact_id".to_owned()]));
}

#[tokio::test]
async fn health_and_reflection_answer_without_a_token() {
    let house = House::new();
    let served = house.serve();
    let mut health = HealthClient::new(line(&served, None));
    for service in
        ["", "holdfast.router.v1.RouterService", "holdfast.desk.v1.DeskService", "holdfast.handoff.v1.HandoffService"]
    {
        let asked = HealthCheckRequest { service: service.to_owned() };
        let told = health.check(asked).await.unwrap().into_inner();
        assert_eq!(told.status(), ServingStatus::Serving, "{service}");
    }
    let mut reflection = ServerReflectionClient::new(line(&served, None));
    let asked = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut told = reflection.server_reflection_info(tokio_stream::iter([asked])).await.unwrap().into_inner();
    let answer = told.message().await.unwrap().unwrap().message_response;
    let Some(MessageResponse::ListServicesResponse(list)) = answer else { panic!("{answer:?}") };
    let names: Vec<_> = list.service.into_iter().map(|service| service.name).collect();
    for service in
        ["holdfast.router.v1.RouterService", "holdfast.desk.v1.DeskService", "holdfast.handoff.v1.HandoffService"]
    {
        assert!(names.iter().any(|name| name == service), "{names:?}");
    }
}
