//! What the service counts, as an operator's scraper reads it.

use holdfast_proto::handoff::v1::JoinRequest;
use holdfast_proto::router::v1::HandoffState;

use crate::stage::{CONTACT, Stage, contact, hasty, request_id};

#[tokio::test]
async fn commands_steps_and_followers_are_counted_and_nobody_is_named() {
    let handle = metrics_exporter_prometheus::PrometheusBuilder::new().install_recorder().unwrap();
    holdfast_handoff::describe_metrics();
    let stage = Stage::set(hasty()).await;
    let mut sue = stage.watch("sue", None).await;
    sue.snapshot().await;
    stage.router.cause(contact(CONTACT, HandoffState::Joining, "pat"));
    let join = JoinRequest { request_id: request_id(), contact_id: CONTACT.to_owned() };
    stage.client("pat").join(join).await.unwrap();
    assert_eq!(sue.words().await, ["joining"]);
    let text = handle.render();
    for line in [
        "# TYPE holdfast_handoff_followers gauge",
        "# TYPE holdfast_handoff_known gauge",
        "holdfast_handoff_commands_total{command=\"join\",outcome=\"done\"}",
        "holdfast_handoff_steps_total{what=\"joining\"}",
        "holdfast_handoff_follows_total{from=\"snapshot\"}",
        "holdfast_handoff_watches_total{from=\"snapshot\"}",
    ] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
    for name in ["pat", "ana", "sue", CONTACT] {
        assert!(!text.contains(&format!("\"{name}\"")), "{name} is in {text}");
    }
}
