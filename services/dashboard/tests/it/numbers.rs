//! The numbers on the board are the ones the definitions call for.

use holdfast_proto::router::v1::{
    CapacityDelta, CapacitySnapshot, Channel, ContactState, ContactView, CounselorView, Outcome, Presence, Readiness,
    counselor_view,
};

use tonic::Status;

use crate::stage::{NOW_MS, Stage, connected, contact, counselor, snapshot, text};

fn closed(id: &str, ago_s: u64, after_s: u64, outcome: Outcome) -> ContactView {
    ContactView {
        outcome: outcome.into(),
        closed_at_ms: NOW_MS - ago_s * 1_000 + after_s * 1_000,
        ..contact(id, "North", ContactState::Closed, ago_s)
    }
}

#[tokio::test]
async fn a_snapshot_fills_the_tiles() {
    let mut stage = Stage::set().await;
    let mut feed = stage.follow().await;
    let snapshot = CapacitySnapshot {
        contacts: vec![
            contact("a", "North", ContactState::Waiting, 112),
            contact("b", "North", ContactState::Offered, 5),
            contact("c", "South", ContactState::Connecting, 9),
            connected("d", "South", 300, 8),
            ContactView { enqueued_at_ms: 0, queue: None, ..contact("e", "", ContactState::Arriving, 40) },
        ],
        counselors: vec![
            counselor("ana", "Harbor", Readiness::Available, 0),
            counselor("bo", "Harbor", Readiness::Available, 1),
            counselor("cy", "Harbor", Readiness::Break, 0),
            CounselorView { wrapping_up: 1, ..counselor("di", "Hill", Readiness::Break, 0) },
            // Ready for text and full there: room by voice is no room for what they are ready for.
            CounselorView {
                offered: 1,
                channels: vec![Channel::Text.into()],
                rooms: vec![counselor_view::Room { channel: Channel::Voice.into(), free: 1, most: 1 }],
                ..counselor("ed", "Hill", Readiness::AvailableFor, 0)
            },
            CounselorView { presence: Presence::Unsure.into(), ..counselor("fi", "Shore", Readiness::Available, 0) },
            CounselorView { presence: Presence::Offline.into(), ..counselor("gus", "Dale", Readiness::Available, 0) },
        ],
        ..snapshot(&["North", "South"])
    };
    feed.snapshot(snapshot).await;
    let page = text(&stage.page_with("Waiting now 3").await);
    for words in [
        "Capacity · Coast",
        "Live · 0.0 s",
        "Longest wait 1:52 ◆ Act · target 0:20",
        // One within 20 s, over that one and one still waiting beyond 20 s.
        "Answered within 20 s, 30 min 50.0 % ▲ Watch · target 90 %",
        "Left before answer, 30 min 0.0 % ● OK",
        "Counselors free / on contact 1 / 1 wrap-up 1 · away 1 · unsure 1",
        "Centers taking contacts 2 of 4",
        "North · general · voice ◆ Act 2 1:52 0.0 % – none 0.0 % 1 0",
        "South · general · voice ● OK 1 0:09 100.0 % 100.0 % 0.0 % 1 1",
    ] {
        assert!(page.contains(words), "{words:?} is not in {page}");
    }
    assert!(page.find("North ·") < page.find("South ·"), "most urgent first");
}

#[tokio::test]
async fn the_service_level_counts_everybody_once_and_those_still_waiting_too() {
    let mut stage = Stage::set().await;
    let mut feed = stage.follow().await;
    feed.snapshot(snapshot(&["North"])).await;
    let mut contacts: Vec<_> = (0..10).map(|index| connected(&format!("fast{index}"), "North", 70, 8)).collect();
    contacts.extend((0..40).map(|index| contact(&format!("slow{index}"), "North", ContactState::Waiting, 60)));
    feed.contacts(contacts).await;
    // 10 of 50, where those who still wait beyond the threshold are in the whole.
    stage.page_with("Answered within 20 s, 30 min 20.0 % ◆ Act · target 90 % finished 100.0 %").await;
    // Seen again, a contact is not counted again; ended, it stays counted.
    let again = (0..10).map(|index| connected(&format!("fast{index}"), "North", 70, 8)).collect();
    feed.contacts(again).await;
    let ended = (0..10)
        .map(|index| ContactView {
            state: ContactState::Closed.into(),
            outcome: Outcome::Completed.into(),
            closed_at_ms: NOW_MS,
            ..connected(&format!("fast{index}"), "North", 70, 8)
        })
        .chain([contact("new", "North", ContactState::Waiting, 1)])
        .collect();
    feed.contacts(ended).await;
    let page = text(&stage.page_with("Waiting now 41").await);
    assert!(page.contains("30 min 20.0 %"), "{page}");
}

#[tokio::test]
async fn those_who_left_are_told_from_misdials_and_late_diversions_count_against_us() {
    let mut stage = Stage::set().await;
    let mut feed = stage.follow().await;
    feed.snapshot(snapshot(&["North"])).await;
    feed.contacts(vec![
        connected("a", "North", 100, 20),
        connected("b", "North", 100, 21),
        closed("c", 100, 30, Outcome::Abandoned),
        closed("d", 100, 4, Outcome::Abandoned),
        closed("e", 100, 25, Outcome::Diverted),
        closed("f", 100, 10, Outcome::Diverted),
        closed("old", 40 * 60, 30, Outcome::Abandoned),
    ])
    .await;
    // Within: a. Whole: a, b, c, e. The misdial d and the timely diversion f are in neither.
    let page = text(&stage.page_with("30 min 25.0 %").await);
    // Left: c of the six who entered in the window.
    assert!(page.contains("Left before answer, 30 min 16.6 %"), "{page}");
    assert!(page.contains("is not counted as left (1 in 30 min)"), "{page}");
}

#[tokio::test]
async fn a_person_given_back_waits_again_without_being_counted_twice() {
    let mut stage = Stage::set().await;
    let mut feed = stage.follow().await;
    feed.snapshot(snapshot(&["North"])).await;
    feed.contacts(vec![connected("a", "North", 100, 10)]).await;
    stage.page_with("Waiting now 0").await;
    let back = ContactView { state: ContactState::Waiting.into(), ..connected("a", "North", 100, 10) };
    feed.contacts(vec![back]).await;
    let page = text(&stage.page_with("Waiting now 1").await);
    assert!(page.contains("30 min 100.0 %"), "{page}");
}

#[tokio::test]
async fn of_nothing_there_is_no_percentage() {
    let mut stage = Stage::set().await;
    let mut feed = stage.follow().await;
    feed.snapshot(snapshot(&["North"])).await;
    let page = text(&stage.page_with("Waiting now 0").await);
    for words in [
        "Longest wait – nobody waits",
        "Answered within 20 s, 30 min – no contacts in window",
        "Left before answer, 30 min – no contacts in window",
        "Counting since this board started, 0 min ago",
    ] {
        assert!(page.contains(words), "{words:?} is not in {page}");
    }
}

#[tokio::test]
async fn a_broken_feed_is_resumed_and_a_new_plan_asks_for_everything() {
    let mut stage = Stage::set().await;
    let mut feed = stage.follow().await;
    assert!(feed.from.is_none());
    feed.snapshot(CapacitySnapshot { contacts: vec![connected("a", "North", 60, 5)], ..snapshot(&["North"]) }).await;
    stage.page_with("30 min 100.0 %").await;
    drop(feed);
    let mut feed = stage.feed().await;
    assert_eq!(feed.from.unwrap().sequence, 1);
    feed.delta(CapacityDelta { plan_changed: true, ..CapacityDelta::default() }).await;
    let mut feed = stage.feed().await;
    assert!(feed.from.is_none());
    feed.snapshot(CapacitySnapshot { contacts: vec![connected("a", "North", 60, 5)], ..snapshot(&["North", "West"]) })
        .await;
    let page = text(&stage.page_with("West · general").await);
    // Counted before the snapshot and in it: once.
    assert!(page.contains("North · general · voice ● OK 0 – nobody waits 100.0 % 100.0 % 0.0 % 0 1"), "{page}");
    feed.contacts(vec![connected("b", "North", 60, 30)]).await;
    stage.page_with("30 min 50.0 %").await;
}

#[tokio::test]
async fn a_router_that_is_away_is_resumed_where_it_was_left_and_a_refused_position_is_let_go() {
    let mut stage = Stage::set().await;
    let mut feed = stage.follow().await;
    feed.snapshot(snapshot(&["North"])).await;
    stage.page_with("North").await;
    stage.refusals.lock().unwrap().extend([Status::unavailable("restarting"), Status::unavailable("restarting")]);
    drop(feed);
    let feed = stage.feed().await;
    assert_eq!(feed.from.unwrap().sequence, 1);
    stage.refusals.lock().unwrap().push(Status::out_of_range("no such position"));
    drop(feed);
    assert!(stage.feed().await.from.is_none());
}
