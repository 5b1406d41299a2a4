//! The client: asks until answered, comes back by itself, and knows when not to.

use holdfast_desk::client::{DeskCommand, DeskEvent};
use holdfast_proto::router::v1::Readiness;
use tonic::Code;

use crate::stage::{Stage, event, hasty};

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
