//! Many desks at once: who is over the rate is told when to come back, on both wires, and comes back by itself.

use holdfast_desk::{DeskSettings, client::DeskEvent};
use holdfast_proto::desk::v1::work_request::{Say, SignIn};
use holdfast_proto::desk::v1::work_response::Hear;
use serde_json::{Value, json};
use std::time::Duration;
use tonic::Code;
use tonic_types::StatusExt;

use crate::browser::Browser;
use crate::stage::{Stage, hasty};

/// One desk a second.
fn narrow() -> DeskSettings {
    DeskSettings { sign_ins_per_s: 1, sign_ins_pressed_per_s: 1, come_back_ms_max: 2_000, ..hasty() }
}

#[tokio::test]
async fn who_is_over_the_rate_is_told_when_to_come_back_and_who_is_with_a_person_is_not() {
    let stage = Stage::set(narrow()).await;
    let mut ana = stage.sign_in("ana", None).await;
    ana.next().await.unwrap();
    let mut bo = stage.sign_in("bo", None).await;
    let away = bo.next().await.unwrap_err();
    assert_eq!(away.code(), Code::ResourceExhausted);
    let details = away.get_error_details();
    assert_eq!(details.error_info().unwrap().reason, "LATER");
    let told = details.retry_info().unwrap().retry_delay.unwrap();
    assert!(told <= Duration::from_millis(2_000), "{told:?}");
    let pushback: u64 = away.metadata().get("grpc-retry-pushback-ms").unwrap().to_str().unwrap().parse().unwrap();
    assert_eq!(u128::from(pushback), told.as_millis());
    assert_eq!(stage.router.lock().kinds().len(), 1, "the router has heard of one desk only");
    // Pat says that they were with somebody when they were cut off.
    let mut pat = stage.open("pat").await.unwrap();
    pat.say(Say::SignIn(SignIn { has_contact: true, ..SignIn::default() })).await;
    assert!(matches!(pat.next().await.unwrap().hear, Some(Hear::SignedIn(_))));
}

#[tokio::test]
async fn a_client_comes_back_by_itself_when_it_was_told() {
    let stage = Stage::set(narrow()).await;
    let mut ana = stage.sign_in("ana", None).await;
    ana.next().await.unwrap();
    let mut bo = stage.client("bo");
    let event = tokio::time::timeout(Duration::from_secs(20), bo.next()).await.unwrap().unwrap();
    assert!(matches!(event, DeskEvent::SignedIn { .. }), "it was away and says nothing of it");
}

#[tokio::test]
async fn a_window_is_told_in_a_frame_that_its_page_knows() {
    let stage = Stage::set(narrow()).await;
    let (ana, bo) = (Browser::sign_in(&stage, "ana").await, Browser::sign_in(&stage, "bo").await);
    let (_ana, hello) = ana.window(false).await;
    assert_eq!(hello["lease"], json!(true));
    let mut window = bo.open().await;
    window.say("sign_in", json!({ "audio_address": "", "from": Value::Null, "take": false })).await;
    let later = window.next().await.unwrap();
    assert_eq!(later["type"], json!("later"));
    assert!((1..=2_000).contains(&later["retry_ms"].as_u64().unwrap()), "{later}");
    assert_eq!(window.closed().await, (1_013, "later".to_owned()));
    let mut window = bo.open().await;
    window
        .say("sign_in", json!({ "audio_address": "", "from": Value::Null, "take": false, "has_contact": true }))
        .await;
    assert_eq!(window.next().await.unwrap()["type"], json!("hello"));
}
