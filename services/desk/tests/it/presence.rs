//! Who is there: silence, hanging up, a restarting router, a stopping service.

use std::time::Duration;

use holdfast_desk::DeskSettings;
use holdfast_proto::desk::v1::work_request::{Beat, Say};
use holdfast_proto::desk::v1::work_response::Hear;
use holdfast_proto::router::v1::{Presence, SignOff};
use tonic::Code;

use crate::stage::{Stage, hasty};

#[tokio::test]
async fn silence_loses_the_desk_and_beats_keep_it() {
    let settings = DeskSettings { silence_ms: 1_500, ..hasty() };
    let stage = Stage::set(settings).await;
    let mut desk = stage.sign_in("ana", None).await;
    desk.next().await.unwrap();
    for _ in 0..6 {
        tokio::time::sleep(Duration::from_millis(300)).await;
        desk.say(Say::Beat(Beat {})).await;
    }
    assert!(stage.router.lock().lost().is_empty(), "a desk that beats is there");
    assert_eq!(desk.end().await.code(), Code::DeadlineExceeded);
    stage.router.until(|inner| inner.lost() == inner.attested()).await;
}

#[tokio::test]
async fn a_desk_that_vanishes_is_lost_even_while_the_router_is_away() {
    let stage = Stage::set(hasty()).await;
    let mut desk = stage.sign_in("ana", None).await;
    desk.next().await.unwrap();
    stage.router.go_away();
    drop(desk);
    stage.router.come_back();
    stage.router.until(|inner| inner.lost() == inner.attested()).await;
}

#[tokio::test]
async fn signing_off_is_no_loss() {
    let stage = Stage::set(hasty()).await;
    let mut desk = stage.sign_in("ana", None).await;
    let request_id = desk.say(Say::SignOff(SignOff::default())).await;
    let answer = desk.answer().await;
    assert_eq!((answer.request_id, answer.code), (request_id, 0));
    assert_eq!(desk.end().await.code(), Code::Ok);
    // A loss would be reported at once; the next desk's attestation comes after it.
    let mut other = stage.sign_in("bo", None).await;
    other.next().await.unwrap();
    assert!(stage.router.lock().lost().is_empty());
}

#[tokio::test]
async fn after_a_restart_of_the_router_the_desk_is_attested_again_by_itself() {
    let stage = Stage::set(hasty()).await;
    let mut desk = stage.sign_in("ana", None).await;
    desk.next().await.unwrap();
    for restarts in 1..=3 {
        stage.router.restart();
        stage
            .router
            .until(|inner| inner.attested().len() == restarts + 1 && inner.presence == Presence::Connected)
            .await;
    }
    let attested = stage.router.lock().attested();
    assert!(attested.iter().all(|session| Some(session) == attested.first()), "{attested:?}");
    // The desk sees itself unsure and then connected, and nothing else happened to it.
    let mut seen = Vec::new();
    while seen.len() < 7 {
        match desk.next().await.unwrap().hear {
            Some(Hear::Snapshot(snapshot)) => seen.push(snapshot.self_.unwrap().presence()),
            Some(Hear::Delta(delta)) => seen.push(delta.self_.unwrap().presence()),
            other => panic!("{other:?}"),
        }
    }
    let (unsure, connected) = (Presence::Unsure, Presence::Connected);
    assert_eq!(seen, [connected, unsure, connected, unsure, connected, unsure, connected]);
}

#[tokio::test]
async fn a_stopping_service_says_so_and_is_done_when_the_losses_are_told() {
    let stage = Stage::set(hasty()).await;
    let mut desk = stage.sign_in("ana", None).await;
    desk.next().await.unwrap();
    stage.shutdown.trigger();
    let ended = desk.end().await;
    assert_eq!((ended.code(), ended.message()), (Code::Unavailable, "restarting"));
    stage.shutdown.drain(Duration::from_secs(20)).await.unwrap();
    let inner = stage.router.lock();
    assert_eq!(inner.lost(), inner.attested());
}
