//! A pressed router: boards hear less often and are told so, beats keep their second, and a request for help waits for nothing.

use std::time::{Duration, Instant};

use holdfast_chassis::pressure::Level;
use holdfast_dashboard::DashboardSettings;
use holdfast_proto::router::v1::{ContactState, CounselorView, HelpLevel, HelpView, Readiness};
use serde_json::json;

use crate::stage::{NOW_MS, Stage, contact, counselor, snapshot, text};
use crate::viewer::Viewer;

/// Frames so far apart that a test which waited for one would not end.
fn seldom() -> DashboardSettings {
    DashboardSettings { frame_high_ms: 60_000, frame_severe_ms: 60_000, ..DashboardSettings::default() }
}

#[tokio::test]
async fn under_pressure_frames_come_seldom_and_beats_go_on_and_say_so() {
    let mut stage = Stage::set_with(seldom()).await;
    let mut feed = stage.follow().await;
    feed.snapshot(snapshot(&["North"])).await;
    let mut viewer = Viewer::open(&stage, "olga").await;
    viewer.until("the board", |board| board["seq"].is_u64()).await;
    let calm = loop {
        let frame = viewer.frame().await;
        if frame["type"] == "beat" {
            break frame;
        }
    };
    assert_eq!(calm["frame_ms"], json!(250));
    // The router runs elsewhere: what it is under comes with its beat.
    feed.beat_under(u32::from(Level::High.number())).await;
    loop {
        let frame = viewer.frame().await;
        if frame["type"] == "beat" && frame["frame_ms"] == json!(60_000) {
            break;
        }
    }
    // Of everything that happens now at most one frame tells, the one that was due already.
    for round in 1..=12 {
        feed.contacts((0..round).map(|n| contact(&format!("c{n}"), "North", ContactState::Waiting, 1)).collect()).await;
        feed.beat_under(2).await;
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    let (mut beats, mut frames) = (Vec::new(), 0);
    while beats.len() < 3 {
        let frame = viewer.frame().await;
        match frame["type"].as_str() {
            Some("beat") => beats.push(frame),
            _ => frames += 1,
        }
        feed.beat_under(2).await;
    }
    assert!(frames <= 1, "{frames} frames");
    // The page judges Live and Late by these: they are as fresh as ever, and no newer frame is hidden from it.
    assert!(beats.iter().all(|beat| beat["router_ms"] == json!(0) && beat["frame_ms"] == json!(60_000)), "{beats:?}");
    assert!(beats.iter().all(|beat| beat["seq"] == viewer.board["seq"]), "{beats:?}");
}

#[tokio::test]
async fn a_request_for_help_does_not_wait_for_the_next_frame() {
    let mut stage = Stage::set_with(seldom()).await;
    let mut feed = stage.follow().await;
    feed.snapshot(snapshot(&["North"])).await;
    let mut viewer = Viewer::open(&stage, "sam").await;
    viewer.until("the board", |board| board["seq"].is_u64()).await;
    for level in [Level::High, Level::Severe] {
        feed.beat_under(u32::from(level.number())).await;
        let asks = HelpView {
            level: HelpLevel::Emergency.into(),
            asked_at_ms: NOW_MS + u64::from(level.number()),
            ..HelpView::default()
        };
        let ana = counselor("ana", "Harbor", Readiness::Available, 1);
        feed.counselors(vec![CounselorView { help: Some(asks), ..ana.clone() }]).await;
        let asked = |board: &serde_json::Value| board["decisions"].as_array().is_some_and(|all| all.len() == 1);
        viewer.until("who asks for help", asked).await;
        feed.counselors(vec![ana]).await;
        viewer.until("that it is over", |board| board["decisions"] == json!([])).await;
    }
}

#[tokio::test]
async fn the_plain_board_is_reckoned_once_a_second_for_everybody_and_stays_readable() {
    let mut stage = Stage::set().await;
    let mut feed = stage.follow().await;
    feed.snapshot(snapshot(&["North"])).await;
    stage.page_with("0 waiting").await;
    let many = |count: u32| Duration::from_millis(500) * count;
    stage.pressure.waited(many(10_000), 10_000);
    assert_eq!(stage.pressure.level(), Level::Severe);
    let began = Instant::now();
    assert!(!text(&stage.page().await).contains("1 waiting"));
    feed.contacts(vec![contact("a", "North", ContactState::Waiting, 1)]).await;
    let mut pages = 0;
    while began.elapsed() < Duration::from_millis(400) {
        let page = text(&stage.page().await);
        // Whoever comes within the second reads the same; a machine that stood still for longer reads what is new.
        assert!(!page.contains("1 waiting") || began.elapsed() > Duration::from_millis(900), "{page}");
        pages += 1;
    }
    assert!(pages > 0);
    stage.page_with("1 waiting").await;
}
