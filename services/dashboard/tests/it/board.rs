//! The live board: every number against cases worked out by hand, and frames that say what changed and nothing else.

use holdfast_dashboard::DashboardSettings;
use holdfast_proto::router::v1::{
    CapacitySnapshot, Channel, ContactState, ContactView, CounselorView, HandoffState, HandoffView, MemberKind, Named,
    Outcome, Presence, QueueKey, Readiness, counselor_view,
};
use serde_json::{Value, json};

use crate::stage::{NOW_MS, Stage, connected, contact, counselor, queue, snapshot};
use crate::viewer::Viewer;

fn named(id: &str, name: &str) -> Named {
    Named { id: id.to_owned(), name: name.to_owned() }
}

/// The row of a region's general voice queue.
pub(crate) fn row<'a>(board: &'a Value, region: &str) -> &'a Value {
    let key = json!(format!("{region}/general/voice"));
    board["queues"].as_array().unwrap().iter().find(|row| row["key"] == key).unwrap_or(&Value::Null)
}

#[tokio::test]
async fn a_board_says_who_looks_and_shows_everything_once_the_router_is_heard() {
    let mut stage = Stage::set().await;
    let mut feed = stage.follow().await;
    let mut viewer = Viewer::open(&stage, "olga").await;
    assert_eq!(
        viewer.hello,
        json!({ "type": "hello", "me": { "name": "olga", "role": "operator" }, "build": "build-7", "demo": false,
                "names": { "regions": {}, "needs": {}, "centers": {} } })
    );
    let beat = viewer.frame().await;
    assert_eq!((&beat["type"], &beat["seq"], &beat["at_ms"]), (&json!("beat"), &json!(0), &json!(0)));
    feed.snapshot(CapacitySnapshot {
        regions: vec![named("north", "The north")],
        needs: vec![named("general", "General")],
        centers: vec![named("harbor", "Harbor Center")],
        ..snapshot(&["north"])
    })
    .await;
    let board = viewer.until("the snapshot", |board| board["type"] == "snapshot").await;
    // With a plan come its names.
    assert_eq!(viewer.hello["names"]["regions"], json!({ "north": "The north" }));
    assert_eq!(board["seq"], json!(1));
    assert_eq!((&board["network"], &board["incomplete"]), (&json!("Coast"), &json!(false)));
    assert_eq!(board["queues"][0]["queue"], json!({ "region": "north", "need": "general", "channel": "voice" }));
    assert_eq!(
        board["centers"],
        json!([{ "center": "harbor", "name": "Harbor Center", "state": "closed", "free": 0, "on_contact": 0,
                 "wrapping_up": 0, "away": 0, "unsure": 0 }])
    );
    assert_eq!(
        board["today"],
        json!({ "arrived": 0, "answered": 0, "left": 0, "since_ms": NOW_MS, "zone": "UTC",
                "handoffs": { "started": 0, "completed": 0, "returned": 0, "cancelled": 0 },
                "wait_ms": { "mean": null, "p50": null, "p90": null, "p99": null } })
    );
    assert_eq!(board["tiles"]["answered"]["sl"], json!({ "part": 0, "whole": 0 }));
    assert_eq!(board["lines"]["minute_ms"], json!([NOW_MS / 60_000 * 60_000]));
}

#[tokio::test]
async fn in_a_surge_the_service_level_counts_those_who_still_wait_and_says_the_other_form_too() {
    let mut stage = Stage::set().await;
    let mut feed = stage.follow().await;
    feed.snapshot(snapshot(&["North"])).await;
    let mut viewer = Viewer::open(&stage, "sam").await;
    let mut contacts: Vec<_> = (0..10).map(|index| connected(&format!("fast{index}"), "North", 60, 8)).collect();
    contacts.extend((0..40).map(|index| contact(&format!("slow{index}"), "North", ContactState::Waiting, 60)));
    feed.contacts(contacts).await;
    let board = viewer.until("40 waiting", |board| board["tiles"]["waiting"]["value"] == 40).await;
    let answered = json!({ "sl": { "part": 10, "whole": 50 }, "sl_finished": { "part": 10, "whole": 10 },
                           "within_s": 20, "target_percent": 90, "severity": "act" });
    assert_eq!(board["tiles"]["answered"], answered);
    let north = row(&board, "North");
    assert_eq!((&north["sl"], &north["sl_finished"]), (&answered["sl"], &answered["sl_finished"]));
    assert_eq!((&north["longest_since_ms"], &north["severity"]), (&json!(NOW_MS - 60_000), &json!("act")));
    // Nobody is there at all.
    assert_eq!(board["tiles"]["counselors"]["severity"], "watch");
    // Afterwards both forms converge: all forty are answered, after 61 seconds.
    stage.clock.advance(1_000);
    feed.contacts((0..40).map(|index| connected(&format!("slow{index}"), "North", 60, 61)).collect()).await;
    let board = viewer.until("nobody waiting", |board| board["tiles"]["waiting"]["value"] == 0).await;
    let answered = &board["tiles"]["answered"];
    assert_eq!((&answered["sl"], &answered["sl_finished"]), (&json!({ "part": 10, "whole": 50 }), &answered["sl"]));
}

#[tokio::test]
async fn who_works_is_counted_once_and_peers_are_no_counselors() {
    let mut stage = Stage::set().await;
    let mut feed = stage.follow().await;
    let room = |channel: Channel, free| counselor_view::Room { channel: channel.into(), free, most: 2 };
    let peer = |id: &str, held| CounselorView {
        kind: MemberKind::Peer.into(),
        ..counselor(id, "Haven", Readiness::Available, held)
    };
    let text = |region: &str| QueueKey { channel: Channel::Text.into(), ..queue(region) };
    feed.snapshot(CapacitySnapshot {
        queues: vec![queue("North"), text("North"), queue("South")],
        centers: vec![named("Harbor", "Harbor"), named("Haven", "Haven"), named("Hill", "Hill")],
        counselors: vec![
            // Free for voice and text: free once in the total, and in every queue of either channel.
            counselor("ana", "Harbor", Readiness::Available, 0),
            // One conversation, room for another: free for text, and on a contact.
            CounselorView { rooms: vec![room(Channel::Text, 1)], ..counselor("bo", "Harbor", Readiness::Available, 1) },
            CounselorView { presence: Presence::Unsure.into(), ..counselor("cy", "Hill", Readiness::Available, 0) },
            CounselorView { wrapping_up: 1, rooms: Vec::new(), ..counselor("di", "Harbor", Readiness::Available, 0) },
            counselor("ed", "Harbor", Readiness::Break, 0),
            peer("pat", 0),
            peer("pia", 1),
            CounselorView { presence: Presence::Offline.into(), ..peer("pol", 0) },
        ],
        ..snapshot(&[])
    })
    .await;
    let mut viewer = Viewer::open(&stage, "ada").await;
    let board = viewer.until("the counselors", |board| board["tiles"]["counselors"]["free"] == 2).await;
    assert_eq!(
        board["tiles"]["counselors"],
        // One of five on shift is unsure: a fifth of them.
        json!({ "free": 2, "on_contact": 1, "wrapping_up": 1, "away": 1, "unsure": 1, "severity": "watch" })
    );
    assert_eq!(board["tiles"]["peers"], json!({ "free": 1, "on_contact": 1, "handoffs": 0 }));
    let free: Vec<_> = board["queues"].as_array().unwrap().iter().map(|row| (&row["key"], &row["free"])).collect();
    assert_eq!(
        free,
        [
            (&json!("North/general/text"), &json!(2)),
            (&json!("North/general/voice"), &json!(1)),
            (&json!("South/general/voice"), &json!(1))
        ]
    );
    // Haven has peers only: it is no center that takes contacts, and its row counts its peers.
    assert_eq!(board["tiles"]["centers"], json!({ "taking": 1, "all": 2, "severity": "watch" }));
    let centers: Vec<_> =
        board["centers"].as_array().unwrap().iter().map(|it| (&it["center"], &it["state"], &it["free"])).collect();
    assert_eq!(
        centers,
        [
            (&json!("Hill"), &json!("silent"), &json!(0)),
            (&json!("Harbor"), &json!("taking"), &json!(2)),
            (&json!("Haven"), &json!("taking"), &json!(1))
        ]
    );
}

#[tokio::test]
async fn a_delta_says_what_changed_and_whoever_follows_has_what_a_newcomer_gets() {
    let mut stage = Stage::set().await;
    let mut feed = stage.follow().await;
    feed.snapshot(snapshot(&["North", "South"])).await;
    let mut viewer = Viewer::open(&stage, "olga").await;
    viewer.until("the snapshot", |board| board["seq"] == 1).await;
    feed.contacts(vec![contact("a", "South", ContactState::Waiting, 1)]).await;
    let delta = loop {
        let frame = viewer.frame().await;
        if frame["type"] == "delta" {
            break frame;
        }
    };
    assert_eq!((&delta["seq"], delta["queues"].as_array().map(Vec::len)), (&json!(2), Some(1)));
    assert_eq!(delta["order"], json!(["South/general/voice", "North/general/voice"]));
    for absent in ["gone", "queues_total", "centers", "decisions"] {
        assert_eq!(delta.get(absent), None, "{absent}");
    }
    // Three hundred steps, several in a frame and not, and then: the same board as a newcomer's.
    for step in 0..300_u64 {
        let id = format!("c{}", step * 7 % 60);
        let region = ["North", "South", "East", "West"][usize::try_from(step * 7 % 60 % 4).unwrap()];
        let state = [ContactState::Waiting, ContactState::Offered, ContactState::Connected, ContactState::Closed];
        let state = state[usize::try_from(step % 4).unwrap()];
        let mut view = contact(&id, region, state, step % 90);
        if state == ContactState::Closed {
            (view.outcome, view.closed_at_ms) = (Outcome::Abandoned.into(), NOW_MS);
        }
        feed.contacts(vec![view]).await;
        if step % 100 == 99 {
            let at = json!(step + 1);
            feed.contacts((0..=step).map(|n| connected(&format!("mark{n}"), "Mark", 0, 0)).collect()).await;
            let followed = viewer.until("the mark", |board| row(board, "Mark")["on_contact"] == at).await;
            let mut newcomer = Viewer::open(&stage, "sam").await;
            let got = newcomer.until("the same", |board| board["seq"].as_u64() >= followed["seq"].as_u64()).await;
            let same = |it: &Value| it["seq"] == got["seq"];
            let followed = viewer.until("the same place", same).await;
            assert_eq!(comparable(&followed), comparable(&got));
        }
    }
    assert_eq!(viewer.moves[0], "snapshot");
    assert!(viewer.moves[1..].iter().all(|it| *it == "delta"), "{:?}", viewer.moves);
}

fn comparable(board: &Value) -> Value {
    let mut board = board.clone();
    board["type"] = Value::Null;
    board
}

#[tokio::test]
async fn all_rows_are_for_whoever_asks_and_forty_for_the_rest() {
    let mut stage = Stage::set().await;
    let mut feed = stage.follow().await;
    let names: Vec<String> = (0..60).map(|index| format!("Region {index}")).collect();
    feed.snapshot(snapshot(&names.iter().map(String::as_str).collect::<Vec<_>>())).await;
    let (mut some, mut all) = (Viewer::open(&stage, "olga").await, Viewer::open(&stage, "sam").await);
    let rows = |board: &Value| board["queues"].as_array().unwrap().len();
    let board = all.until("the board", |board| board["queues_total"] == 60).await;
    assert_eq!(rows(&board), 40);
    assert_eq!(all.say(json!({ "say": "all_rows", "on": true })).await["code"], "ok");
    all.until("all rows", |board| rows(board) == 60).await;
    // The last of them becomes the first: a row new to those who had forty, and one that is gone.
    feed.contacts(vec![contact("a", "Region 9", ContactState::Waiting, 90)]).await;
    for viewer in [&mut some, &mut all] {
        viewer.until("its urgency", |board| board["queues"][0]["key"] == "Region 9/general/voice").await;
    }
    assert_eq!((rows(&some.board), rows(&all.board)), (40, 60));
    all.say(json!({ "say": "all_rows", "on": false })).await;
    let board = all.until("forty again", |board| rows(board) == 40).await;
    assert_eq!(board["queues"], some.board["queues"]);
}

#[tokio::test]
async fn at_midnight_of_its_zone_today_begins_anew_without_a_word_of_the_router() {
    // 14:02:11 UTC is 19:32:11 in Kolkata, where the day has 4:27:49 to go.
    let zone = "Asia/Kolkata".to_owned();
    let mut stage = Stage::set_with(DashboardSettings { zone, ..DashboardSettings::default() }).await;
    let mut feed = stage.follow().await;
    feed.snapshot(snapshot(&["North"])).await;
    let mut viewer = Viewer::open(&stage, "olga").await;
    viewer.until("the board", |board| board["today"]["since_ms"] == NOW_MS).await;
    stage.clock.advance(100_000);
    // Waits of 10, 20, 30 and 40 s; one who left after 6 s, one after 4; one who arrived before the board began to count.
    let mut contacts: Vec<_> = (1..=4_u64)
        .map(|n| {
            let arrived_at_ms = NOW_MS + 1_000;
            let connected_at_ms = arrived_at_ms + n * 10_000;
            ContactView {
                arrived_at_ms,
                enqueued_at_ms: arrived_at_ms,
                connected_at_ms,
                ..connected(&format!("c{n}"), "North", 0, 0)
            }
        })
        .collect();
    for (id, after_ms) in [("left", 6_000), ("misdial", 4_000)] {
        contacts.push(ContactView {
            arrived_at_ms: NOW_MS + 1_000,
            closed_at_ms: NOW_MS + 1_000 + after_ms,
            outcome: Outcome::Abandoned.into(),
            ..contact(id, "North", ContactState::Closed, 0)
        });
    }
    contacts.push(connected("before", "North", 50, 8));
    // A callback is nobody's wait on the line.
    contacts.push(ContactView { outbound: true, ..connected("callback", "North", 0, 3) });
    feed.contacts(contacts).await;
    let board = viewer.until("today's counts", |board| board["today"]["answered"] == 4).await;
    let today = &board["today"];
    assert_eq!((&today["arrived"], &today["left"]), (&json!(6), &json!(1)));
    let waits = &today["wait_ms"];
    assert_eq!(waits["mean"], json!(25_000));
    for (name, expected_ms) in [("p50", 20_000_u64), ("p90", 40_000), ("p99", 40_000)] {
        let ms = waits[name].as_u64().unwrap();
        assert!(ms.abs_diff(expected_ms) <= expected_ms / 1_000, "{name} {ms}");
    }
    let midnight_ms = NOW_MS + (4 * 3_600 + 27 * 60 + 49) * 1_000;
    stage.clock.advance(midnight_ms - feed.now_ms());
    let board = viewer.until("a new day", |board| board["today"]["since_ms"] == midnight_ms).await;
    assert_eq!((&board["today"]["arrived"], &board["today"]["wait_ms"]["mean"]), (&json!(0), &Value::Null));
    assert_eq!(board["today"]["zone"], "Asia/Kolkata");
    // What happened yesterday and is told now is not today's.
    let late = ContactView { connected_at_ms: midnight_ms - 1, ..connected("late", "North", 0, 0) };
    let early = ContactView {
        arrived_at_ms: midnight_ms,
        enqueued_at_ms: midnight_ms,
        connected_at_ms: midnight_ms,
        ..connected("early", "North", 0, 0)
    };
    feed.contacts(vec![late, early]).await;
    let board = viewer.until("one answer", |board| board["today"]["answered"] == 1).await;
    assert_eq!(board["today"]["arrived"], json!(1));
}

#[tokio::test]
async fn handoffs_are_counted_once_each_and_those_under_way_apart() {
    let mut stage = Stage::set().await;
    let mut feed = stage.follow().await;
    feed.snapshot(snapshot(&["North"])).await;
    let mut viewer = Viewer::open(&stage, "olga").await;
    let handing = |id: &str, number, state: HandoffState| {
        let (started_at_ms, since_ms) = (NOW_MS + 1, NOW_MS + 2);
        let view = HandoffView { number, state: state.into(), started_at_ms, since_ms, ..HandoffView::default() };
        ContactView { handoff: Some(view), ..connected(id, "North", 60, 5) }
    };
    stage.clock.advance(1_000);
    let (asking, together) = (HandoffState::Consenting, HandoffState::Together);
    feed.contacts(vec![handing("a", 1, asking), handing("b", 1, asking), handing("c", 1, together)]).await;
    let board = viewer.until("three under way", |board| board["tiles"]["peers"]["handoffs"] == 3).await;
    assert_eq!(board["today"]["handoffs"]["started"], 3);
    let over = [HandoffState::Completed, HandoffState::Returned, HandoffState::Cancelled];
    let frames = |number| ["a", "b", "c"].into_iter().zip(over).map(move |(id, state)| handing(id, number, state));
    feed.contacts(frames(1).chain(frames(1)).collect()).await;
    let board = viewer.until("none under way", |board| board["tiles"]["peers"]["handoffs"] == 0).await;
    let once = json!({ "started": 3, "completed": 1, "returned": 1, "cancelled": 1 });
    let board = if board["today"]["handoffs"] == once {
        board
    } else {
        viewer.until("the counts", |it| it["today"]["handoffs"] == once).await
    };
    assert_eq!(board["today"]["handoffs"], once);
    // A second handoff of the same contact is another one.
    feed.contacts(vec![handing("a", 2, asking)]).await;
    viewer.until("the fourth", |board| board["today"]["handoffs"]["started"] == 4).await;
}

#[tokio::test]
async fn lines_have_a_point_a_minute_and_the_window_forgets_after_thirty() {
    let mut stage = Stage::set().await;
    let mut feed = stage.follow().await;
    feed.snapshot(snapshot(&["North"])).await;
    let mut viewer = Viewer::open(&stage, "olga").await;
    feed.contacts(vec![connected("a", "North", 5, 4), contact("w", "North", ContactState::Waiting, 0)]).await;
    let minute_ms = NOW_MS / 60_000 * 60_000;
    let board = viewer.until("its point", |board| board["lines"]["waiting"] == json!([1])).await;
    assert_eq!(board["lines"]["arrived"], json!([2]));
    assert_eq!(board["lines"]["answered"], json!([{ "part": 1, "whole": 1 }]));
    // Two minutes on, who waits is beyond the threshold, and in the whole of that minute.
    stage.clock.advance(120_000);
    let board = viewer.until("three points", |board| board["lines"]["minute_ms"].as_array().unwrap().len() == 3).await;
    assert_eq!(board["lines"]["minute_ms"], json!([minute_ms, minute_ms + 60_000, minute_ms + 120_000]));
    assert_eq!(board["lines"]["answered"][2], json!({ "part": 0, "whole": 1 }));
    assert_eq!(board["tiles"]["answered"]["sl"], json!({ "part": 1, "whole": 2 }));
    // The answer was in minute 2 of the hour: at 32 it is the oldest minute of the window's thirty no more.
    stage.clock.advance(27 * 60_000);
    let part = |board: &Value| board["tiles"]["answered"]["sl"].clone();
    viewer.until("29 minutes later", |board| board["lines"]["minute_ms"].as_array().unwrap().len() == 30).await;
    assert_eq!(part(&viewer.board), json!({ "part": 1, "whole": 2 }));
    stage.clock.advance(60_000);
    viewer.until("30 minutes later", |board| part(board) == json!({ "part": 0, "whole": 1 })).await;
    stage.clock.advance(90 * 60_000);
    let board = viewer.until("sixty points", |board| board["lines"]["arrived"].as_array().unwrap().len() == 60).await;
    assert_eq!(board["lines"]["arrived"].as_array().unwrap().iter().filter(|it| **it != json!(0)).count(), 0);
}

#[tokio::test]
async fn beats_tell_how_old_the_routers_word_is_and_time_goes_on() {
    let mut stage = Stage::set().await;
    let mut feed = stage.follow().await;
    feed.snapshot(snapshot(&["North"])).await;
    let mut viewer = Viewer::open(&stage, "olga").await;
    viewer.until("the board", |board| board["seq"] == 1).await;
    stage.clock.advance(7_000);
    let silent = beat_with(&mut viewer, |beat| beat["router_ms"] == 7_000).await;
    assert_eq!((&silent["at_ms"], &silent["seq"]), (&json!(NOW_MS + 7_000), &viewer.board["seq"]));
    feed.beat().await;
    let heard = beat_with(&mut viewer, |beat| beat["router_ms"] == 0).await;
    assert_eq!(heard["at_ms"], json!(NOW_MS + 7_000));
}

async fn beat_with(viewer: &mut Viewer, holds: impl Fn(&Value) -> bool) -> Value {
    loop {
        let frame = viewer.frame().await;
        if frame["type"] == "beat" && holds(&frame) {
            return frame;
        }
    }
}

#[tokio::test]
async fn a_router_of_a_new_epoch_gives_everybody_a_snapshot_of_a_new_epoch() {
    let mut stage = Stage::set().await;
    let mut feed = stage.follow().await;
    feed.snapshot(snapshot(&["North"])).await;
    let mut viewer = Viewer::open(&stage, "olga").await;
    let before = viewer.until("the board", |board| board["seq"] == 1).await;
    drop(feed);
    let mut feed = stage.feed().await;
    feed.epoch = 2;
    feed.contacts(vec![contact("a", "North", ContactState::Waiting, 0)]).await;
    let after = viewer.until("a new epoch", |board| board["epoch"].as_u64() > before["epoch"].as_u64()).await;
    assert_eq!((&after["seq"], &after["tiles"]["waiting"]["value"]), (&json!(1), &json!(1)));
    assert_eq!(viewer.moves, ["snapshot", "snapshot"]);
}
