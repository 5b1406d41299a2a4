//! Many boards and slow ones: one frame for all, nothing kept for whoever does not read, and the fold never waits.

use std::time::{Duration, Instant};

use axum::Router;
use holdfast_proto::router::v1::{CapacitySnapshot, ContactState, ContactView, QueueKey};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::io::DuplexStream;
use tokio_tungstenite::tungstenite::Message;

use crate::stage::{Stage, contact, meters, queue, snapshot};
use crate::viewer::{Viewer, request};

/// Boards of the large crowd.
const CROWD: usize = 500;

/// Serves one connection in memory, and gives the browser's end of it.
fn connect(routes: Router, buffer: usize) -> DuplexStream {
    let (ours, theirs) = tokio::io::duplex(buffer);
    tokio::spawn(async move {
        let service = TowerToHyperService::new(routes);
        let server = Builder::new(TokioExecutor::new());
        // A browser that goes away is how every one of these ends.
        drop(server.serve_connection_with_upgrades(TokioIo::new(theirs), service).await);
    });
    ours
}

fn waiting(round: u64) -> Vec<ContactView> {
    (0..round).map(|n| contact(&format!("c{n}"), "North", ContactState::Waiting, 1)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_boards_see_every_number_grow_and_none_goes_back() {
    const ROUNDS: u64 = 12;
    let mut stage = Stage::set().await;
    let mut feed = stage.follow().await;
    let names: Vec<String> = (0..312).map(|index| format!("Region {index}")).collect();
    feed.snapshot(snapshot(&names.iter().map(String::as_str).collect::<Vec<_>>())).await;
    let mut watching = Vec::new();
    for _ in 0..CROWD {
        let stream = connect(stage.routes(), 64 * 1_024);
        let mut viewer = Viewer::over(stream, request("olga")).await.unwrap();
        viewer.until("the board", |board| board["seq"].is_u64()).await;
        watching.push(tokio::spawn(async move {
            let mut seen: Vec<(u64, Instant)> = Vec::new();
            while seen.last().is_none_or(|(value, _)| *value < ROUNDS) {
                // Looked at without being parsed: the browsers of this test share their cores with what they watch.
                let Ok(Message::Text(text)) = viewer.next().await else { continue };
                let Some((_, tile)) = text.split_once("\"waiting\":{\"value\":") else { continue };
                let value: u64 = tile.split(',').next().unwrap().parse().unwrap();
                if seen.last().is_none_or(|(last, _)| *last != value) {
                    seen.push((value, Instant::now()));
                }
            }
            seen
        }));
    }
    let mut told = Vec::new();
    for round in 1..=ROUNDS {
        told.push(Instant::now());
        feed.contacts(waiting(round)).await;
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
    let mut ages_ms = Vec::new();
    for viewer in watching {
        let seen = viewer.await.unwrap();
        assert!(seen.windows(2).all(|pair| pair[0].0 < pair[1].0), "numbers only grow");
        for (value, at) in seen.into_iter().filter(|(value, _)| *value > 0) {
            let told = told[usize::try_from(value).unwrap() - 1];
            ages_ms.push(at.saturating_duration_since(told).as_millis());
        }
    }
    ages_ms.sort_unstable();
    let at = |percent: usize| ages_ms[(ages_ms.len() - 1) * percent / 100];
    println!(
        "{CROWD} boards, {} sightings, event to frame: p50 {} ms, p99 {} ms, most {} ms",
        ages_ms.len(),
        at(50),
        at(99),
        at(100)
    );
}

#[tokio::test]
async fn who_does_not_read_misses_frames_gets_a_snapshot_and_holds_up_nobody() {
    let meters = meters();
    let mut stage = Stage::set().await;
    let mut feed = stage.follow().await;
    let queues: Vec<QueueKey> = (0..40).map(|index| queue(&format!("Region {index}"))).collect();
    feed.snapshot(CapacitySnapshot { queues, ..snapshot(&[]) }).await;
    let mut quick = Viewer::over(connect(stage.routes(), 256 * 1_024), request("olga")).await.unwrap();
    let mut slow = Viewer::over(connect(stage.routes(), 256), request("sam")).await.unwrap();
    slow.until("the board", |board| board["seq"] == 1).await;
    // Every row changes in every frame: one delta is far more than the slow one's pipe holds.
    const ROUNDS: u64 = 8;
    for round in 1..=ROUNDS {
        let contacts = (0..40)
            .map(|index| contact(&format!("{index}-{round}"), &format!("Region {index}"), ContactState::Waiting, 1));
        feed.contacts(contacts.collect()).await;
        quick.until("the round", |board| board["tiles"]["waiting"]["value"] == round * 40).await;
    }
    let board = quick.board.clone();
    let seq = slow.board["seq"].clone();
    slow.until("where all are", |it| it["seq"] == board["seq"]).await;
    let missed = board["seq"].as_u64().unwrap() - seq.as_u64().unwrap();
    let moves = slow.moves.len() - 1;
    assert!(missed >= ROUNDS && u64::try_from(moves).unwrap() < missed, "{moves} frames for {missed}");
    assert_eq!(slow.moves.last(), Some(&"snapshot"));
    assert_eq!(slow.board["queues"], board["queues"]);
    assert!(quick.moves[1..].iter().all(|it| *it == "delta"), "{:?}", quick.moves);
    // Other tests count too, but never down.
    let told = meters.render();
    let value =
        |line: &str| told.lines().find_map(|it| it.strip_prefix(line)?.trim().parse::<f64>().ok()).unwrap_or(0.0);
    assert!(value("holdfast_ui_resync_total{view=\"board\",reason=\"slow\"}") >= 1.0, "{told}");
    assert!(value("holdfast_ui_clients{view=\"board\"}") >= 2.0, "{told}");
    assert!(value("holdfast_ui_frame_age_seconds_count{view=\"board\"}") >= 1.0, "{told}");
}
