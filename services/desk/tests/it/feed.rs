//! The feed: in order, nothing lost, nothing twice, whatever breaks.

use std::time::Duration;

use holdfast_desk::DeskSettings;
use holdfast_desk::client::{ClientSettings, DeskClient, DeskEvent};
use holdfast_proto::desk::v1::work_response::Hear;
use tonic::Code;

use crate::router::large_delta;
use crate::stage::{Stage, event, hasty, line};
use crate::wire::Wire;

/// A small generator, so that each run cuts at the same places.
fn draw(state: &mut u64, below: u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state % below
}

#[tokio::test]
async fn a_router_stream_cut_at_random_places_loses_and_repeats_nothing() {
    let stage = Stage::set(hasty()).await;
    let mut desk = stage.sign_in("ana", None).await;
    desk.next().await.unwrap();
    desk.next().await.unwrap();
    let (mut state, mut positions) = (0x9E37_79B9_7F4A_7C15, Vec::new());
    for _ in 0..12 {
        stage.router.append_many(20);
        for _ in 0..draw(&mut state, 20) {
            positions.push(desk.next().await.unwrap().position.unwrap().sequence);
        }
        stage.router.cut_streams();
    }
    let last = stage.router.lock().last().sequence;
    while positions.last() != Some(&last) {
        let response = desk.next().await.unwrap();
        assert!(matches!(response.hear, Some(Hear::Delta(_))));
        positions.push(response.position.unwrap().sequence);
    }
    assert_eq!(positions, (2..=last).collect::<Vec<_>>());
    assert!(stage.router.lock().watched_from.len() > 1, "at least one stream was really cut");
    assert_eq!(stage.router.lock().attested().len(), 1, "a cut stream is no new writer");
}

#[tokio::test]
async fn a_desk_that_comes_back_hears_exactly_what_it_missed() {
    let stage = Stage::set(hasty()).await;
    let (mut state, mut positions, mut from) = (0xD1B5_4A32_D192_ED03, Vec::new(), None);
    for round in 0..8 {
        let mut desk = stage.sign_in("ana", from).await;
        if round == 0 {
            desk.next().await.unwrap();
            let shown = desk.next().await.unwrap();
            positions.push(shown.position.unwrap().sequence);
        }
        stage.router.append_many(15);
        for _ in 0..1 + draw(&mut state, 12) {
            let response = desk.next().await.unwrap();
            from = response.position.or(from);
            if matches!(response.hear, Some(Hear::Delta(_) | Hear::Snapshot(_))) {
                positions.push(response.position.unwrap().sequence);
            }
        }
    }
    let first = *positions.first().unwrap();
    let last = *positions.last().unwrap();
    assert_eq!(positions, (first..=last).collect::<Vec<_>>());
    assert!(last > first + 8);
}

#[tokio::test]
async fn a_client_resumes_by_itself_over_broken_streams_of_both_kinds() {
    let stage = Stage::set(hasty()).await;
    let wire = Wire::to(stage.desk).await;
    let settings = ClientSettings { pause_most_ms: 200, ..ClientSettings::default() };
    let mut client = DeskClient::start(line(wire.address, "ana"), String::new(), settings);
    let (mut state, mut positions, mut broken, mut resumed) = (0xA5A5_1234_9876_0001, Vec::new(), 0, 0);
    assert!(matches!(event(&mut client).await, DeskEvent::SignedIn { .. }));
    for _ in 0..8 {
        stage.router.append_many(10);
        stage.router.cut_streams();
        let last = stage.router.lock().last().sequence;
        let cut_at = last - draw(&mut state, 8);
        while positions.last() < Some(&last) {
            match event(&mut client).await {
                DeskEvent::Snapshot { position, .. } | DeskEvent::Delta { position, .. } => {
                    positions.push(position.sequence);
                    if position.sequence == cut_at {
                        wire.cut();
                        stage.router.append_many(3);
                    }
                }
                DeskEvent::Resumed { .. } => resumed += 1,
                DeskEvent::Disconnected { returns, .. } => {
                    assert!(returns);
                    broken += 1;
                }
                other => drop(other),
            }
        }
    }
    let first = *positions.first().unwrap();
    let last = *positions.last().unwrap();
    assert_eq!(positions, (first..=last).collect::<Vec<_>>());
    assert!(broken >= 4 && resumed >= 4, "{broken} broken, {resumed} resumed");
}

#[tokio::test]
async fn a_router_that_begins_anew_is_shown_as_a_snapshot() {
    let stage = Stage::set(hasty()).await;
    let mut desk = stage.sign_in("ana", None).await;
    desk.next().await.unwrap();
    desk.next().await.unwrap();
    stage.router.go_away();
    stage.router.append_many(5);
    stage.router.lock().kept_from = 4;
    stage.router.come_back();
    let shown = desk.next().await.unwrap();
    assert!(matches!(shown.hear, Some(Hear::Snapshot(_))));
    assert_eq!(shown.position.unwrap().sequence, 6);
    assert_eq!(stage.router.append(large_delta(1)), 7);
    assert_eq!(desk.next().await.unwrap().position.unwrap().sequence, 7);
}

#[tokio::test]
async fn a_desk_that_does_not_read_is_cut_and_comes_back_without_loss() {
    let settings = DeskSettings { unread_ms: 200, ..hasty() };
    let stage = Stage::set(settings).await;
    let mut desk = stage.sign_in("ana", None).await;
    desk.next().await.unwrap();
    desk.next().await.unwrap();
    // More than the queue of 256 and every window on the way can hold.
    for _ in 0..1_500 {
        stage.router.append(large_delta(4_000));
    }
    stage.router.until(|inner| !inner.lost().is_empty()).await;
    let (mut positions, mut from) = (Vec::new(), None);
    let cut = loop {
        match desk.next().await {
            Ok(response) => {
                from = response.position;
                positions.push(response.position.unwrap().sequence);
            }
            Err(status) => break status,
        }
    };
    assert_eq!(cut.code(), Code::Aborted);
    assert!(positions.len() < 1_500);
    let mut again = stage.sign_in("ana", from).await;
    again.next().await.unwrap();
    let last = stage.router.lock().last().sequence;
    while positions.last() != Some(&last) {
        positions.push(again.next().await.unwrap().position.unwrap().sequence);
    }
    assert_eq!(positions, (2..=last).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_idle_desk_hears_beats_with_the_router_s_time() {
    let settings = DeskSettings { beat_ms: 100, ..hasty() };
    let stage = Stage::set(settings).await;
    let mut desk = stage.sign_in("ana", None).await;
    desk.next().await.unwrap();
    desk.next().await.unwrap();
    let beat = tokio::time::timeout(Duration::from_secs(20), desk.hear.message()).await.unwrap().unwrap().unwrap();
    assert!(matches!(beat.hear, Some(Hear::Beat(_))));
    assert_eq!(beat.position.unwrap().sequence, 1);
    assert!(beat.at_ms >= 1_000_001);
}

#[tokio::test]
async fn a_frame_larger_than_the_wire_s_default_arrives_whole() {
    let stage = Stage::set(hasty()).await;
    let mut client = stage.client("ana");
    event(&mut client).await;
    stage.router.append(large_delta(6 * 1_024 * 1_024));
    loop {
        match event(&mut client).await {
            DeskEvent::Delta { delta, .. } if !delta.contacts.is_empty() => {
                let [contact] = delta.contacts.as_slice() else { panic!("one contact") };
                assert_eq!(contact.notes.concat().len(), 6 * 1_024 * 1_024);
                break;
            }
            DeskEvent::Disconnected { .. } => panic!("the stream must not break on a large frame"),
            _ => {}
        }
    }
}
