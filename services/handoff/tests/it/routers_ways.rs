//! A router that breaks off, restarts or is not there yet, and a service that stops.

use holdfast_proto::handoff::v1::watch_response::Frame;
use holdfast_proto::router::v1::{ContactState, ContactView, HandoffState, OfferState};
use tonic::Code;

use crate::stage::{CONTACT, Stage, contact, hasty, nth, offer, reason};

#[tokio::test]
async fn a_feed_that_breaks_is_taken_up_where_it_stood() {
    let stage = Stage::set(hasty()).await;
    let mut sue = stage.watch("sue", None).await;
    sue.snapshot().await;
    let position = stage.router.contact(contact(CONTACT, HandoffState::Consenting, ""));
    assert_eq!(sue.words().await, ["started"]);
    stage.router.cut_streams();
    stage.router.until(|inner| inner.watched_from.len() == 2).await;
    stage.router.contact(contact(CONTACT, HandoffState::Seeking, ""));
    assert_eq!(sue.words().await, ["consented"], "no snapshot in between");
    assert_eq!(stage.router.lock().watched_from, [None, Some(position)]);
}

#[tokio::test]
async fn the_feed_is_followed_once_however_many_look() {
    let stage = Stage::set(hasty()).await;
    let mut viewers = Vec::new();
    for who in ["sue", "opal", "adam", "ana", "pat", "sue", "sue"] {
        let mut viewer = stage.watch(who, None).await;
        viewer.snapshot().await;
        viewers.push(viewer);
    }
    stage.router.contact(contact(CONTACT, HandoffState::Joining, "pat"));
    for viewer in &mut viewers {
        assert_eq!(viewer.words().await, ["joining"]);
    }
    assert_eq!(stage.router.lock().watched_from.len(), 1);
}

#[tokio::test]
async fn a_new_epoch_is_a_new_snapshot_for_everybody_that_says_what_happened_meanwhile() {
    let stage = Stage::set(hasty()).await;
    stage.watch("sue", None).await.snapshot().await;
    stage.router.contact(contact(&nth(1), HandoffState::Together, "pat"));
    stage.router.contact(contact(&nth(2), HandoffState::Joining, "pat"));
    stage.router.contact(contact(&nth(3), HandoffState::Cancelled, ""));
    let seeking = contact(CONTACT, HandoffState::Seeking, "");
    let asked = stage.router.append(vec![seeking.clone()], vec![offer(1, "pat", OfferState::Open)]);
    stage.sees(asked).await;
    let (mut sue, mut pat) = (stage.watch("sue", None).await, stage.watch("pat", None).await);
    assert_eq!(sue.snapshot().await.handoffs.len(), 4);
    let mine: Vec<_> = pat.snapshot().await.handoffs.into_iter().map(|it| it.what).collect();
    assert_eq!(mine, ["together", "joining", "asked"]);
    let before = sue.last;
    // While nobody looked one was confirmed, one contact closed, and a closed contact's cancelled handoff stays what it was.
    let closed = |id: &str, state| ContactView { state: ContactState::Closed.into(), ..contact(id, state, "pat") };
    stage.router.restart(vec![
        contact(&nth(1), HandoffState::Confirmed, "pat"),
        closed(&nth(2), HandoffState::Completed),
        closed(&nth(3), HandoffState::Cancelled),
    ]);
    let anew = sue.snapshot().await;
    let words: Vec<_> = anew.handoffs.iter().map(|it| (it.contact_id.as_str(), it.what.as_str())).collect();
    let (first, second, third) = (nth(1), nth(2), nth(3));
    assert_eq!(words, [(&*first, "confirmed"), (&second, "gone"), (&third, "cancelled"), (CONTACT, "consented")]);
    assert!(anew.handoffs.iter().all(|it| it.asking_id.is_empty()), "nobody knows who is being asked");
    assert_eq!(anew.handoffs[0].position, sue.last);
    assert_eq!(anew.handoffs[3].position, Some(asked), "nothing happened to it that anybody knows of");
    assert_eq!(sue.last.unwrap().epoch, 2);
    assert_eq!(pat.snapshot().await.handoffs.len(), 2);
    // Whoever comes back from before it gets the same snapshot, and then goes on.
    let mut back = stage.watch("sue", before).await;
    assert_eq!(back.snapshot().await, anew);
    stage.router.contact(contact(&nth(1), HandoffState::Completed, "pat"));
    assert_eq!(back.words().await, ["completed"]);
    assert_eq!(sue.words().await, ["completed"]);
    // Pat was asked, as far as anybody knew; the router says it was so, and that it is over.
    stage.router.append(vec![seeking], vec![offer(1, "pat", OfferState::Expired)]);
    assert_eq!(pat.words().await, ["completed"]);
    assert_eq!(pat.words().await, ["passed"]);
}

#[tokio::test]
async fn who_follows_before_the_router_is_there_hears_beats_and_then_a_snapshot() {
    let stage = Stage::set(hasty()).await;
    stage.router.go_away();
    // Whether the feed began before that or not, it is over now.
    let mut sue = stage.watch("sue", None).await;
    sue.beat().await;
    stage.router.come_back();
    stage.router.contact(contact(CONTACT, HandoffState::Together, "pat"));
    loop {
        let handoffs = match sue.next().await.unwrap().frame.unwrap() {
            Frame::Snapshot(snapshot) => snapshot.handoffs,
            Frame::Update(update) => update.steps,
            Frame::Beat(_) => Vec::new(),
        };
        if handoffs.iter().any(|it| it.what == "together") {
            break;
        }
    }
}

#[tokio::test]
async fn a_service_that_stops_tells_everybody_to_come_back() {
    let stage = Stage::set(hasty()).await;
    let mut sue = stage.watch("sue", None).await;
    sue.snapshot().await;
    stage.shutdown.trigger();
    let status = sue.end().await;
    assert_eq!((status.code(), reason(&status).as_str()), (Code::Unavailable, "RESTARTING"));
    let status = stage.try_watch("sue", None).await.err().unwrap();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::Unavailable, "RESTARTING"));
}
