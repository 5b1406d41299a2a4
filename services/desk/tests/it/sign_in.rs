//! Who is let in, and what happens to the desk that was there before.

use holdfast_desk::DeskSettings;
use holdfast_proto::desk::v1::work_request::{Beat, Say};
use holdfast_proto::desk::v1::work_response::Hear;
use holdfast_proto::router::v1::SignOff;
use holdfast_proto::router::v1::command::Kind;
use tonic::Code;
use tonic_types::StatusExt;

use crate::stage::{Stage, hasty, sign_in};

#[tokio::test]
async fn signing_in_attests_and_then_shows_what_there_is() {
    let stage = Stage::set(hasty()).await;
    let mut desk = stage.sign_in("pat", None).await;
    let Some(Hear::SignedIn(signed_in)) = desk.next().await.unwrap().hear else { panic!("signed in comes first") };
    assert_eq!(signed_in.counselor_id, "pat");
    {
        let inner = stage.router.lock();
        let first = inner.submitted.first().unwrap();
        let speaker = first.on_behalf_of.clone().unwrap();
        assert_eq!((speaker.name.as_str(), speaker.role.as_str()), ("pat", "peer"));
        let Some(Kind::ConnectDesk(connect)) = inner.kinds().into_iter().next() else {
            panic!("the desk is attested first")
        };
        assert_eq!((connect.counselor_id.as_str(), connect.session), ("pat", signed_in.session));
    }
    let shown = desk.next().await.unwrap();
    assert!(matches!(shown.hear, Some(Hear::Snapshot(_))));
    assert_eq!(shown.position.unwrap().sequence, 1);
}

#[tokio::test]
async fn only_counselors_and_peers_have_a_desk() {
    let stage = Stage::set(hasty()).await;
    assert_eq!(stage.open("sue").await.err().unwrap().code(), Code::PermissionDenied);
    assert_eq!(stage.open("nobody").await.err().unwrap().code(), Code::Unauthenticated);
    assert!(stage.router.lock().submitted.is_empty());
}

#[tokio::test]
async fn the_first_word_must_be_a_sign_in() {
    let stage = Stage::set(hasty()).await;
    let mut desk = stage.open("ana").await.unwrap();
    desk.say(Say::Beat(Beat {})).await;
    let refused = desk.end().await;
    assert_eq!(refused.code(), Code::InvalidArgument);
    let violations = refused.get_details_bad_request().unwrap().field_violations;
    assert_eq!(violations.first().unwrap().field, "sign_in");
    assert!(stage.router.lock().submitted.is_empty());
}

#[tokio::test]
async fn a_newer_desk_ends_the_older_one_and_nothing_is_lost() {
    let stage = Stage::set(hasty()).await;
    let mut older = stage.sign_in("ana", None).await;
    older.next().await.unwrap();
    let mut newer = stage.sign_in("ana", None).await;
    let ended = older.end().await;
    assert_eq!((ended.code(), ended.message()), (Code::Aborted, "superseded by a newer desk"));
    newer.next().await.unwrap();
    let inner = stage.router.lock();
    let attested = inner.attested();
    assert!(attested.is_sorted_by(|a, b| a < b), "{attested:?}");
    assert!(inner.lost().is_empty());
}

#[tokio::test]
async fn a_newer_desk_elsewhere_ends_this_one() {
    let stage = Stage::set(hasty()).await;
    let mut here = stage.sign_in("ana", None).await;
    here.next().await.unwrap();
    let elsewhere = {
        let mut inner = stage.router.lock();
        inner.session += 60_000_000;
        inner.session
    };
    stage.router.restart();
    assert_eq!(here.end().await.code(), Code::Aborted);
    // The next one here speaks with a higher number than the one elsewhere, even though that clock was ahead.
    let mut again = stage.sign_in("ana", None).await;
    let Some(Hear::SignedIn(signed_in)) = again.next().await.unwrap().hear else { panic!("signed in comes first") };
    assert!(signed_in.session > elsewhere);
}

#[tokio::test]
async fn at_the_bound_a_desk_is_refused_and_a_seat_given_up_is_free() {
    let settings = DeskSettings { desks_max: 1, ..hasty() };
    let stage = Stage::set(settings).await;
    let mut ana = stage.sign_in("ana", None).await;
    ana.next().await.unwrap();
    let mut bo = stage.sign_in("bo", None).await;
    assert_eq!(bo.end().await.code(), Code::ResourceExhausted);
    ana.say(Say::SignOff(SignOff::default())).await;
    assert_eq!(ana.end().await.code(), Code::Ok);
    let mut bo = stage.sign_in("bo", None).await;
    assert!(matches!(bo.next().await.unwrap().hear, Some(Hear::SignedIn(_))));
}

#[tokio::test]
async fn who_is_not_in_the_plan_is_told_so() {
    let stage = Stage::set(hasty()).await;
    stage.router.judge(|_| Some(tonic::Status::not_found("no such counselor in the plan")));
    let mut desk = stage.sign_in("ana", None).await;
    let refused = desk.end().await;
    assert_eq!((refused.code(), refused.message()), (Code::NotFound, "no such counselor in the plan"));
    drop(sign_in(None));
}
