//! What calls for a decision: when it begins, when it grows, when it ends, and that it does not chatter.

use std::sync::atomic::{AtomicU64, Ordering};

use holdfast_proto::router::v1::{
    CapacitySnapshot, Channel, ContactState, ContactView, CounselorView, HandoffState, HandoffView, HelpLevel,
    HelpView, Outcome, Presence, QueueKey, Readiness,
};
use serde_json::{Value, json};

use crate::stage::{Feed, NOW_MS, Stage, connected, contact, counselor, queue, snapshot};
use crate::viewer::Viewer;

/// So that no two marks are alike.
static MARKS: AtomicU64 = AtomicU64::new(0);

/// A decision of the board, or null.
fn decision<'a>(board: &'a Value, id: &str) -> &'a Value {
    board["decisions"].as_array().unwrap().iter().find(|it| it["id"] == id).unwrap_or(&Value::Null)
}

/// Moves time on and waits until the board has looked at that moment.
async fn pass(stage: &Stage, feed: &mut Feed, viewer: &mut Viewer, ms: u64) -> Value {
    stage.clock.advance(ms);
    let id = format!("mark {}", MARKS.fetch_add(1, Ordering::Relaxed));
    let view = ContactView { outbound: true, ..connected(&id, &id, 0, 0) };
    let view = ContactView { connected_at_ms: feed.now_ms(), ..view };
    feed.contacts(vec![view]).await;
    let key = json!(format!("{id}/general/voice"));
    viewer.until("the mark", |board| board["queues"].as_array().unwrap().iter().any(|row| row["key"] == key)).await
}

async fn set(counselors: Vec<CounselorView>) -> (Stage, Feed, Viewer) {
    let mut stage = Stage::set().await;
    let mut feed = stage.follow().await;
    feed.snapshot(CapacitySnapshot { counselors, ..snapshot(&["North"]) }).await;
    let mut viewer = Viewer::open(&stage, "sam").await;
    viewer.until("the board", |board| board["seq"] == 1).await;
    (stage, feed, viewer)
}

#[tokio::test]
async fn a_long_wait_calls_after_fifteen_seconds_beyond_the_threshold_and_ends_after_a_calm_minute() {
    let (stage, mut feed, mut viewer) = set(vec![counselor("ana", "Harbor", Readiness::Available, 0)]).await;
    let id = "longest_wait:North/general/voice";
    feed.contacts(vec![contact("a", "North", ContactState::Waiting, 0)]).await;
    let board = pass(&stage, &mut feed, &mut viewer, 34_999).await;
    // The row says it at once, the decision waits until it has lasted.
    assert_eq!(board["queues"][0]["severity"], "watch");
    assert_eq!(decision(&board, id), &Value::Null);
    let board = pass(&stage, &mut feed, &mut viewer, 1).await;
    assert_eq!(
        decision(&board, id),
        &json!({ "id": id, "kind": "longest_wait", "severity": "watch", "subject": "North/general/voice",
                 "since_ms": NOW_MS, "value": 1, "who": "", "contact_id": "", "acknowledged_by": "" })
    );
    // More than 60 s for 15 s; three thresholds are 60 s as well.
    let board = pass(&stage, &mut feed, &mut viewer, 39_999).await;
    assert_eq!(decision(&board, id)["severity"], "watch");
    let board = pass(&stage, &mut feed, &mut viewer, 1).await;
    assert_eq!(decision(&board, id)["severity"], "act");
    // Somebody of 14 s is no reason to end it (0.7 T), nobody is; after a minute.
    feed.contacts(vec![connected("a", "North", 0, 75)]).await;
    let young = |n: u64| ContactView {
        arrived_at_ms: NOW_MS + 61_000,
        ..contact(&format!("b{n}"), "North", ContactState::Waiting, 0)
    };
    feed.contacts(vec![young(0)]).await;
    let board = pass(&stage, &mut feed, &mut viewer, 0).await;
    assert_ne!(decision(&board, id), &Value::Null);
    let gone = ContactView { state: ContactState::Closed.into(), outcome: Outcome::Merged.into(), ..young(0) };
    feed.contacts(vec![gone]).await;
    pass(&stage, &mut feed, &mut viewer, 0).await;
    let board = pass(&stage, &mut feed, &mut viewer, 59_999).await;
    assert_ne!(decision(&board, id), &Value::Null);
    let board = pass(&stage, &mut feed, &mut viewer, 1).await;
    assert_eq!(decision(&board, id), &Value::Null);
}

#[tokio::test]
async fn shares_call_at_once_and_for_a_queue_only_where_twenty_stand_behind_them() {
    let (stage, mut feed, mut viewer) = set(vec![counselor("ana", "Harbor", Readiness::Available, 0)]).await;
    // 17 of 19 in time: 89 %, below 90.
    let answered =
        |range: std::ops::Range<u64>, after_s| range.map(move |n| connected(&format!("c{n}"), "North", 40, after_s));
    feed.contacts(answered(0..17, 5).chain(answered(17..19, 30)).collect()).await;
    let board = pass(&stage, &mut feed, &mut viewer, 0).await;
    assert_eq!(
        (&decision(&board, "sl:")["severity"], &decision(&board, "sl:")["value"]),
        (&json!("watch"), &json!(89))
    );
    assert_eq!(decision(&board, "sl:North/general/voice"), &Value::Null);
    // 17 of 22: 77 %, of more than twenty, more than ten points below.
    feed.contacts(answered(19..22, 30).collect()).await;
    let board = pass(&stage, &mut feed, &mut viewer, 0).await;
    assert_eq!((&decision(&board, "sl:")["severity"], &decision(&board, "sl:")["value"]), (&json!("act"), &json!(77)));
    assert_eq!(decision(&board, "sl:North/general/voice")["subject"], "North/general/voice");
    // Three of 25 left: 12 %. It ends below 4 % only, so that it does not come and go.
    let left = |n: u64| ContactView {
        closed_at_ms: NOW_MS - 30_000,
        outcome: Outcome::Abandoned.into(),
        ..contact(&format!("l{n}"), "North", ContactState::Closed, 40)
    };
    feed.contacts((0..3).map(left).collect()).await;
    let board = pass(&stage, &mut feed, &mut viewer, 0).await;
    assert_eq!(
        (&decision(&board, "left:")["severity"], &decision(&board, "left:")["value"]),
        (&json!("act"), &json!(12))
    );
    assert_eq!(board["tiles"]["left"], json!({ "share": { "part": 3, "whole": 25 }, "short": 0, "severity": "act" }));
    // 235 more in time: 252 of 260, and 3 of 260 left. Well again, and after 5 and 10 minutes so the decisions end.
    let now_ms = feed.now_ms();
    let many = (0..235).map(|n| {
        let view = connected(&format!("m{n}"), "North", 0, 0);
        ContactView { arrived_at_ms: now_ms, enqueued_at_ms: now_ms, connected_at_ms: now_ms, ..view }
    });
    feed.contacts(many.collect()).await;
    pass(&stage, &mut feed, &mut viewer, 0).await;
    let board = pass(&stage, &mut feed, &mut viewer, 299_999).await;
    assert_ne!(decision(&board, "sl:"), &Value::Null);
    let board = pass(&stage, &mut feed, &mut viewer, 1).await;
    assert_eq!(decision(&board, "sl:"), &Value::Null);
    assert_ne!(decision(&board, "left:"), &Value::Null);
    let board = pass(&stage, &mut feed, &mut viewer, 300_000).await;
    assert_eq!(decision(&board, "left:"), &Value::Null);
}

#[tokio::test]
async fn nobody_free_calls_by_channel_and_a_free_peer_does_not_help() {
    let peer = CounselorView { kind: 2, ..counselor("pat", "Harbor", Readiness::Available, 0) };
    let busy = counselor("ana", "Harbor", Readiness::Available, 1);
    let (stage, mut feed, mut viewer) = set(vec![peer, busy]).await;
    feed.contacts(vec![contact("a", "North", ContactState::Waiting, 0)]).await;
    pass(&stage, &mut feed, &mut viewer, 0).await;
    for (ms, severity) in [(9_999, Value::Null), (1, json!("watch")), (19_999, json!("watch")), (1, json!("act"))] {
        let board = pass(&stage, &mut feed, &mut viewer, ms).await;
        let found = decision(&board, "no_one_free:voice");
        assert_eq!(found["severity"], severity);
        assert_eq!(decision(&board, "no_one_free:text"), &Value::Null);
        // The tile says at once that it is worth a look, and then as much as the decision.
        let tile = if severity == json!("act") { "act" } else { "watch" };
        let tiles = &board["tiles"];
        assert_eq!((&tiles["waiting"]["severity"], &tiles["counselors"]["severity"]), (&json!(tile), &json!(tile)));
    }
    feed.counselors(vec![counselor("ana", "Harbor", Readiness::Available, 0)]).await;
    pass(&stage, &mut feed, &mut viewer, 0).await;
    let board = pass(&stage, &mut feed, &mut viewer, 29_999).await;
    assert_ne!(decision(&board, "no_one_free:voice"), &Value::Null);
    let board = pass(&stage, &mut feed, &mut viewer, 1).await;
    assert_eq!(decision(&board, "no_one_free:voice"), &Value::Null);
}

#[tokio::test]
async fn a_center_whose_desks_all_fell_silent_calls_and_one_that_signed_off_does_not() {
    let there = |id: &str, center: &str| counselor(id, center, Readiness::Available, 0);
    let (stage, mut feed, mut viewer) =
        set(vec![there("ana", "Harbor"), there("bo", "Harbor"), there("cy", "Hill")]).await;
    let is = |id: &str, center: &str, presence: Presence| CounselorView {
        presence: presence.into(),
        presence_since_ms: NOW_MS,
        ..there(id, center)
    };
    feed.counselors(vec![is("cy", "Hill", Presence::Offline), is("ana", "Harbor", Presence::Unsure)]).await;
    let board = pass(&stage, &mut feed, &mut viewer, 20_000).await;
    assert_eq!(board["decisions"], json!([]), "one desk of two is still there, and Hill went home");
    let at_ms = feed.now_ms();
    feed.counselors(vec![CounselorView { presence_since_ms: at_ms, ..is("bo", "Harbor", Presence::Unsure) }]).await;
    for (ms, severity) in [(4_999, Value::Null), (1, json!("watch")), (9_999, json!("watch")), (1, json!("act"))] {
        let board = pass(&stage, &mut feed, &mut viewer, ms).await;
        assert_eq!(decision(&board, "center_silent:Harbor")["severity"], severity);
    }
    // Given up for lost, they are still why the center is silent.
    feed.counselors(vec![is("ana", "Harbor", Presence::Offline), is("bo", "Harbor", Presence::Offline)]).await;
    let board = pass(&stage, &mut feed, &mut viewer, 60_000).await;
    let silent = decision(&board, "center_silent:Harbor");
    assert_eq!((&silent["since_ms"], &silent["value"], &silent["severity"]), (&json!(at_ms), &json!(2), &json!("act")));
    assert_eq!(board["tiles"]["centers"]["severity"], "act", "no center takes contacts");
    feed.counselors(vec![there("bo", "Harbor")]).await;
    let board = pass(&stage, &mut feed, &mut viewer, 0).await;
    assert_eq!(board["centers"][0]["state"], "taking");
    pass(&stage, &mut feed, &mut viewer, 29_999).await;
    let board = pass(&stage, &mut feed, &mut viewer, 1).await;
    assert_eq!(decision(&board, "center_silent:Harbor"), &Value::Null);
}

#[tokio::test]
async fn help_is_listed_at_once_grows_with_time_and_an_emergency_does_not_wait() {
    let (stage, mut feed, mut viewer) = set(Vec::new()).await;
    let asks = |id: &str, level: HelpLevel, answered_by: &str| {
        let (level, answered_by) = (level.into(), answered_by.to_owned());
        let help = HelpView { level, answered_by, contact_id: "c7".to_owned(), asked_at_ms: NOW_MS, answered_at_ms: 0 };
        CounselorView {
            help: Some(help),
            name: format!("Name of {id}"),
            ..counselor(id, "Harbor", Readiness::Available, 1)
        }
    };
    feed.counselors(vec![asks("ana", HelpLevel::Join, ""), asks("bo", HelpLevel::Emergency, "")]).await;
    let board = pass(&stage, &mut feed, &mut viewer, 0).await;
    let first = &board["decisions"][0];
    assert_eq!((&first["id"], &first["severity"], &first["value"]), (&json!("help:bo"), &json!("act"), &json!(3)));
    assert_eq!(
        decision(&board, "help:ana"),
        &json!({ "id": "help:ana", "kind": "help", "severity": "ok", "subject": "Name of ana", "since_ms": NOW_MS,
                 "value": 2, "who": "ana", "contact_id": "c7", "acknowledged_by": "" })
    );
    for (ms, severity) in [(29_999, "ok"), (1, "watch"), (29_999, "watch"), (1, "act")] {
        let board = pass(&stage, &mut feed, &mut viewer, ms).await;
        assert_eq!(decision(&board, "help:ana")["severity"], severity);
    }
    feed.counselors(vec![asks("ana", HelpLevel::Join, "sam")]).await;
    let board = pass(&stage, &mut feed, &mut viewer, 0).await;
    assert_eq!(decision(&board, "help:ana"), &Value::Null);
}

#[tokio::test]
async fn a_person_in_writing_whom_nobody_answers_and_a_handoff_that_does_not_move_call() {
    let (stage, mut feed, mut viewer) = set(vec![counselor("ana", "Harbor", Readiness::Available, 1)]).await;
    let text = QueueKey { channel: Channel::Text.into(), ..queue("North") };
    let handoff = |state: HandoffState| HandoffView {
        number: 1,
        state: state.into(),
        from_id: "ana".to_owned(),
        since_ms: NOW_MS,
        started_at_ms: NOW_MS,
        ..HandoffView::default()
    };
    let with =
        |id: &str, state: HandoffState| ContactView { handoff: Some(handoff(state)), ..connected(id, "North", 0, 0) };
    let writes = ContactView {
        queue: Some(text),
        unanswered_since_ms: NOW_MS,
        counselor_id: "ana".to_owned(),
        ..connected("t", "North", 0, 0)
    };
    let waits = ContactView { unanswered_since_ms: NOW_MS, ..contact("w", "North", ContactState::Waiting, 0) };
    feed.contacts(vec![writes.clone(), waits, with("s", HandoffState::Seeking), with("h", HandoffState::Together)])
        .await;
    let stuck = "handoff_stuck:s";
    for (ms, text_is, seeking_is, together_is) in [
        (59_999, Value::Null, Value::Null, Value::Null),
        (1, Value::Null, json!("watch"), Value::Null),
        (59_999, Value::Null, json!("watch"), Value::Null),
        (1, json!("watch"), json!("act"), Value::Null),
        (179_999, json!("watch"), json!("act"), Value::Null),
        (1, json!("act"), json!("act"), json!("watch")),
        (300_000, json!("act"), json!("act"), json!("act")),
    ] {
        let board = pass(&stage, &mut feed, &mut viewer, ms).await;
        assert_eq!(decision(&board, "text_unanswered:t")["severity"], text_is);
        assert_eq!(decision(&board, stuck)["severity"], seeking_is);
        assert_eq!(decision(&board, "handoff_stuck:h")["severity"], together_is);
        assert_eq!(decision(&board, "text_unanswered:w"), &Value::Null, "who waits in the queue is told of as waiting");
    }
    let board = viewer.board.clone();
    let it = decision(&board, "text_unanswered:t");
    assert_eq!(
        (&it["subject"], &it["who"], &it["contact_id"]),
        (&json!("North/general/text"), &json!("ana"), &json!("t"))
    );
    assert_eq!(decision(&board, stuck)["who"], "ana");
    // Answered, and moved on.
    feed.contacts(vec![ContactView { unanswered_since_ms: 0, ..writes }, with("s", HandoffState::Completed)]).await;
    let board = pass(&stage, &mut feed, &mut viewer, 0).await;
    assert_eq!((decision(&board, "text_unanswered:t"), decision(&board, stuck)), (&Value::Null, &Value::Null));
}
