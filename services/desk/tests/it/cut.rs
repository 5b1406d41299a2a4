//! Sockets that break, fall silent or are not read; services that stop: nothing lost, nothing repeated, nobody offered to a dead desk.

use std::time::Duration;

use holdfast_desk::DeskSettings;
use holdfast_proto::router::v1::DeskDelta;
use serde_json::json;
use tokio::time::Instant;

use crate::browser::{Browser, place};
use crate::router::large_delta;
use crate::stage::{Stage, hasty};
use crate::wire::Wire;

#[tokio::test]
async fn after_a_cut_the_window_goes_on_where_it_stood() {
    let stage = Stage::set(hasty()).await;
    let wire = Wire::to(stage.http).await;
    let ana = Browser::sign_in(&stage, "ana").await;
    let own = format!("http://{}", wire.address);
    let mut window = ana.open_from(wire.address, &own).await.unwrap();
    window.sign_in(serde_json::Value::Null, false).await;
    let mut stands = place(&window.next_of("snapshot").await);
    let mut seen = Vec::new();
    for round in 0..4 {
        stage.router.append_many(5);
        for _ in 0..3 {
            let delta = window.next_of("delta").await;
            stands = place(&delta);
            seen.push(delta["seq"].as_u64().unwrap());
        }
        wire.cut();
        stage.router.append_many(5);
        window = ana.open_from(wire.address, &own).await.unwrap();
        // The tab had the lease when it was cut, and says so: the service may not have seen the cut yet.
        window.sign_in(stands.clone(), true).await;
        let last = stage.router.lock().last().sequence;
        while seen.last().is_none_or(|seq| *seq < last) {
            let frame = window.next().await.unwrap();
            assert_eq!(frame["type"], "delta", "round {round}: no snapshot is needed");
            stands = place(&frame);
            seen.push(frame["seq"].as_u64().unwrap());
        }
    }
    let first = *seen.first().unwrap();
    let all: Vec<u64> = (first..first + u64::try_from(seen.len()).unwrap()).collect();
    assert_eq!(seen, all, "every record once, in order");
}

#[tokio::test]
async fn a_place_the_router_has_forgotten_is_answered_with_a_snapshot() {
    let stage = Stage::set(hasty()).await;
    let ana = Browser::sign_in(&stage, "ana").await;
    stage.router.append_many(20);
    stage.router.lock().kept_from = 15;
    let mut window = ana.open().await;
    window.sign_in(json!({"epoch": 1, "seq": 3}), false).await;
    let shown = window.next().await.unwrap();
    assert_eq!((&shown["type"], &shown["seq"]), (&json!("snapshot"), &json!(21)));
}

#[tokio::test]
async fn a_closed_socket_is_a_lost_desk_at_once() {
    let stage = Stage::set(hasty()).await;
    let wire = Wire::to(stage.http).await;
    let ana = Browser::sign_in(&stage, "ana").await;
    let mut window = ana.open_from(wire.address, &format!("http://{}", wire.address)).await.unwrap();
    window.sign_in(serde_json::Value::Null, false).await;
    window.next_of("snapshot").await;
    let cut = Instant::now();
    wire.cut();
    stage.router.until(|inner| inner.lost() == inner.attested()).await;
    assert!(cut.elapsed() < Duration::from_secs(2), "{:?}", cut.elapsed());
}

#[tokio::test]
async fn a_browser_killed_without_a_word_is_lost_within_five_seconds_as_settings_come() {
    let stage = Stage::set(DeskSettings::default()).await;
    let ana = Browser::sign_in(&stage, "ana").await;
    let (mut window, _) = ana.window(false).await;
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        window.say("beat", json!({})).await;
    }
    assert!(stage.router.lock().lost().is_empty(), "a window that beats is there");
    let killed = Instant::now();
    stage.router.until(|inner| inner.lost() == inner.attested()).await;
    let took = killed.elapsed();
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[tokio::test]
async fn a_window_that_does_not_read_is_cut_and_the_desk_is_lost() {
    let stage = Stage::set(DeskSettings { unread_ms: 500, ..hasty() }).await;
    let ana = Browser::sign_in(&stage, "ana").await;
    let (mut window, _) = ana.window(false).await;
    let from = place(&window.next_of("snapshot").await);
    for _ in 0..400 {
        stage.router.append(large_delta(64 * 1_024));
    }
    stage.router.until(|inner| !inner.lost().is_empty()).await;
    drop(window);
    let mut window = ana.open().await;
    window.sign_in(from.clone(), false).await;
    let next = window.next().await.unwrap();
    assert_eq!(next["seq"].as_u64(), from["seq"].as_u64().map(|seq| seq + 1), "and nothing was dropped in between");
}

#[tokio::test]
async fn a_message_beyond_the_bound_and_one_of_bytes_end_the_window() {
    let stage = Stage::set(hasty()).await;
    let ana = Browser::sign_in(&stage, "ana").await;
    let (mut window, _) = ana.window(false).await;
    window.next_of("snapshot").await;
    window.say("save_draft", json!({"contact_id": "x", "words": "x".repeat(70_000)})).await;
    window.end().await;
    stage.router.until(|inner| inner.lost() == inner.attested()).await;
}

#[tokio::test]
async fn a_restarted_router_is_a_new_epoch_and_nothing_the_person_does() {
    let stage = Stage::set(hasty()).await;
    let (mut window, _) = Browser::sign_in(&stage, "ana").await.window(false).await;
    window.next_of("snapshot").await;
    stage.router.restart();
    let mut presence = String::new();
    while presence != "connected" {
        let delta = window.next_of("delta").await;
        assert_eq!(delta["epoch"], 2);
        presence = delta["self"]["presence"].as_str().unwrap_or_default().to_owned();
    }
}

#[tokio::test]
async fn a_stopping_service_says_so_and_is_done_when_the_losses_are_told() {
    let stage = Stage::set(hasty()).await;
    let (mut window, _) = Browser::sign_in(&stage, "ana").await.window(false).await;
    window.next_of("snapshot").await;
    stage.router.append(DeskDelta::default());
    window.next_of("delta").await;
    stage.shutdown.trigger();
    let end = window.end().await.unwrap();
    assert_eq!((&end["type"], &end["reason"]), (&json!("end"), &json!("restarting")));
    stage.shutdown.drain(Duration::from_secs(20)).await.unwrap();
    let inner = stage.router.lock();
    assert_eq!(inner.lost(), inner.attested());
}
