//! The client: asks until answered, comes back by itself, and knows when not to.

use holdfast_desk::client::{ClientSettings, DeskClient, DeskCommand, DeskEvent};
use holdfast_proto::router::v1::command::Kind;
use holdfast_proto::router::v1::{Readiness, SubmitRequest};
use tonic::Code;

use crate::router::Inner;
use crate::stage::{Stage, event, hasty, line};
use crate::wire::Wire;

fn ready() -> DeskCommand {
    DeskCommand::SetReadiness(Readiness::Available, Vec::new())
}

#[tokio::test]
async fn asking_is_answered_even_if_the_router_was_away_longer_than_the_service_waits() {
    let stage = Stage::set(hasty()).await;
    let mut client = stage.client("ana");
    event(&mut client).await;
    stage.router.go_away();
    let handle = client.handle();
    let asking = tokio::spawn(async move { handle.ask(ready()).await });
    // Longer than command_wait_ms: the service gives up at least once, the client does not.
    tokio::time::sleep(std::time::Duration::from_millis(800)).await;
    stage.router.come_back();
    assert!(asking.await.unwrap().is_done());
    assert_eq!(stage.router.lock().readiness, Readiness::Available);
}

#[tokio::test]
async fn what_is_sent_is_answered_as_an_event() {
    let stage = Stage::set(hasty()).await;
    let mut client = stage.client("ana");
    let request_id = client.send(ready()).unwrap();
    loop {
        if let DeskEvent::Answered(answer) = event(&mut client).await {
            assert_eq!((answer.request_id.clone(), answer.is_done()), (request_id, true));
            break;
        }
    }
}

#[tokio::test]
async fn a_superseded_client_stays_away() {
    let stage = Stage::set(hasty()).await;
    let mut older = stage.client("ana");
    event(&mut older).await;
    let mut newer = stage.client("ana");
    event(&mut newer).await;
    loop {
        if let DeskEvent::Disconnected { returns, code, .. } = event(&mut older).await {
            assert_eq!((returns, code), (false, Code::Aborted));
            break;
        }
    }
    assert!(older.next().await.is_none());
}

#[tokio::test]
async fn the_end_of_the_shift_ends_the_client() {
    let stage = Stage::set(hasty()).await;
    let mut client = stage.client("ana");
    event(&mut client).await;
    assert!(client.ask(DeskCommand::SignOff).await.is_done());
    loop {
        if let DeskEvent::Disconnected { returns, code, .. } = event(&mut client).await {
            assert_eq!((returns, code), (false, Code::Ok));
            break;
        }
    }
    assert!(client.next().await.is_none());
    assert!(!client.ask(ready()).await.is_done());
}

#[tokio::test]
async fn a_command_whose_stream_broke_is_asked_again_under_the_same_id() {
    let stage = Stage::set(hasty()).await;
    let wire = Wire::to(stage.desk).await;
    let mut client = DeskClient::start(line(wire.address, "ana"), String::new(), ClientSettings::default());
    event(&mut client).await;
    let readiness_set = |inner: &Inner| -> Vec<String> {
        let sets = |request: &&SubmitRequest| {
            matches!(request.command.as_ref().and_then(|command| command.kind.as_ref()), Some(Kind::SetReadiness(_)))
        };
        inner.submitted.iter().filter(sets).map(|request| request.request_id.clone()).collect()
    };
    stage.router.judge(|_| Some(tonic::Status::unavailable("not now")));
    let handle = client.handle();
    let asking = tokio::spawn(async move { handle.ask(ready()).await });
    stage.router.until(|inner| !readiness_set(inner).is_empty()).await;
    wire.cut();
    stage.router.judge(|_| None);
    let answer = asking.await.unwrap();
    assert!(answer.is_done());
    let asked = readiness_set(&stage.router.lock());
    assert!(asked.len() > 1 && asked.iter().all(|request_id| *request_id == answer.request_id), "{asked:?}");
}
