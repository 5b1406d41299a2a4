//! What happens at each bound: followers, streams under one token, handoffs kept, and a follower that does not read.

use holdfast_handoff::HandoffSettings;
use holdfast_proto::handoff::v1::watch_response::{Frame, Snapshot};
use holdfast_proto::handoff::v1::{Handoff, WatchResponse};
use holdfast_proto::router::v1::{ContactView, HandoffState, HandoffView};
use tonic::Code;

use crate::stage::{Stage, contact, hasty, nth, reason, view};

/// A contact whose handoff came to this state at this time.
fn since(contact_id: &str, state: HandoffState, since_ms: u64) -> ContactView {
    let handoff = HandoffView { since_ms, ..view(state, "pat") };
    ContactView { handoff: Some(handoff), ..contact(contact_id, state, "pat") }
}

#[tokio::test]
async fn one_follower_too_many_is_told_to_come_back_and_may_when_one_has_left() {
    let stage = Stage::set(HandoffSettings { followers_max: 2, ..hasty() }).await;
    let mut kept = stage.watch("sue", None).await;
    kept.snapshot().await;
    let mut leaving = stage.watch("opal", None).await;
    leaving.snapshot().await;
    let status = stage.try_watch("adam", None).await.err().unwrap();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::ResourceExhausted, "FOLLOWERS_FULL"));
    drop(leaving);
    // That it is gone is seen at the latest when it would be told something.
    let back = async {
        while stage.try_watch("adam", None).await.is_err() {
            kept.beat().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), back).await.unwrap();
}

#[tokio::test]
async fn one_token_cannot_keep_everybody_else_out() {
    let stage = Stage::set(hasty()).await;
    let mut streams = Vec::new();
    for _ in 0..16 {
        streams.push(stage.watch("ana", None).await);
    }
    let status = stage.try_watch("ana", None).await.err().unwrap();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::ResourceExhausted, "STREAMS_FULL"));
    stage.watch("bo", None).await.snapshot().await;
}

#[tokio::test]
async fn who_does_not_read_is_cut_and_resumes_without_a_gap() {
    let stage = Stage::set(hasty()).await;
    let mut slow = stage.watch("sue", None).await;
    slow.snapshot().await;
    let mut quick = stage.watch("opal", None).await;
    quick.snapshot().await;
    // More than the queue and the windows of the wire hold; read by one, not by the other.
    let rounds = 1_000;
    let deadline_ms = |steps: &[Handoff]| steps[0].view.as_ref().unwrap().deadline_ms;
    let reason = "long".repeat(5_000);
    for round in 0..rounds {
        let deadline_ms_now = 2_000_000 + round;
        let together = view(HandoffState::Together, "pat");
        let later = HandoffView { deadline_ms: deadline_ms_now, reason: reason.clone(), ..together };
        stage.router.contact(ContactView { handoff: Some(later), ..contact(&nth(1), HandoffState::Together, "pat") });
        assert_eq!(deadline_ms(&quick.steps().await), deadline_ms_now);
    }
    let mut heard = 0;
    let cut = loop {
        match slow.next().await {
            Ok(WatchResponse { frame: Some(Frame::Update(update)), .. }) => {
                assert_eq!(deadline_ms(&update.steps), 2_000_000 + heard, "in order, and none left out");
                heard += 1;
            }
            Ok(other) => panic!("only updates come here, not {other:?}"),
            Err(status) => break status,
        }
    };
    assert_eq!((cut.code(), crate::stage::reason(&cut).as_str()), (Code::Aborted, "TOO_SLOW"));
    assert!(heard >= 256 && heard + 256 < rounds, "{heard}");
    // What it missed is more than a queue takes at once: it comes as a snapshot.
    let snapshot = stage.watch("sue", slow.last).await.snapshot().await;
    assert_eq!(deadline_ms(&snapshot.handoffs), 2_000_000 + rounds - 1);
}

#[tokio::test]
async fn at_the_bound_those_that_ended_first_are_let_go_and_open_ones_are_not() {
    let stage = Stage::set(HandoffSettings { handoffs_max: 3, ..hasty() }).await;
    let mut sue = stage.watch("sue", None).await;
    sue.snapshot().await;
    for (number, state, since_ms) in [
        (1, HandoffState::Together, 999_000),
        (2, HandoffState::Completed, 999_200),
        (3, HandoffState::Returned, 999_100),
        (4, HandoffState::Joining, 999_900),
    ] {
        stage.router.contact(since(&nth(number), state, since_ms));
        sue.steps().await;
    }
    let shown = |snapshot: Snapshot| {
        let ids: Vec<_> = snapshot.handoffs.into_iter().map(|it| it.contact_id).collect();
        (ids, snapshot.incomplete)
    };
    let seen = shown(stage.watch("sue", None).await.snapshot().await);
    assert_eq!(seen, (vec![nth(1), nth(2), nth(4)], true));
    for number in [5, 6] {
        stage.router.contact(since(&nth(number), HandoffState::Seeking, 999_950));
        assert_eq!(sue.words().await, ["consented"], "it is told, kept or not");
    }
    let seen = shown(stage.watch("sue", None).await.snapshot().await);
    assert_eq!(seen, (vec![nth(1), nth(4), nth(5)], true), "no open one gives way to another");
    // One ends; the one that was not kept is, as soon as it moves.
    stage.router.contact(since(&nth(1), HandoffState::Cancelled, 999_960));
    assert_eq!(sue.words().await, ["cancelled"]);
    stage.router.contact(since(&nth(6), HandoffState::Briefing, 999_970));
    assert_eq!(sue.words().await, ["reserved"]);
    let seen = shown(stage.watch("sue", None).await.snapshot().await);
    assert_eq!(seen.0, [nth(4), nth(5), nth(6)]);
}

#[tokio::test]
async fn what_ended_is_shown_for_ten_minutes() {
    let stage = Stage::set(hasty()).await;
    let mut sue = stage.watch("sue", None).await;
    sue.snapshot().await;
    stage.router.contact(since(&nth(1), HandoffState::Completed, 1_000_000));
    assert_eq!(sue.words().await, ["confirmed", "completed"]);
    for (at_ms, shown) in [(1_600_000, 1), (1_600_001, 0)] {
        stage.router.lock().at_ms = at_ms;
        // The next word of the router carries its time to us, the next beat lets go of what is old.
        while sue.beat().await.0.at_ms < at_ms {}
        sue.beat().await;
        assert_eq!(stage.watch("sue", None).await.snapshot().await.handoffs.len(), shown, "{at_ms}");
    }
    // A closed contact's old handoff is no news when the contact moves again.
    stage.router.contact(since(&nth(1), HandoffState::Completed, 1_000_000));
    stage.router.contact(since(&nth(2), HandoffState::Consenting, 1_600_000));
    assert_eq!(sue.words().await, ["started"]);
}
