//! One window of a person rings: two tabs, a reload, a crash, a gRPC desk beside them, another process.

use holdfast_desk::DeskSettings;
use holdfast_proto::desk::v1::work_response::Hear;
use holdfast_proto::router::v1::DeskDelta;
use holdfast_proto::router::v1::command::Kind;
use serde_json::{Value, json};
use tonic::{Code, Status};

use crate::browser::{Browser, Window};
use crate::stage::{CONTACT, Stage, hasty};

async fn lease(window: &mut Window) -> bool {
    window.next_of("lease").await["held"].as_bool().unwrap()
}

#[tokio::test]
async fn the_second_window_is_quiet_until_it_takes_and_the_first_may_take_back() {
    let stage = Stage::set(hasty()).await;
    let ana = Browser::sign_in(&stage, "ana").await;
    let (mut first, hello) = ana.window(false).await;
    assert_eq!(hello["lease"], true);
    first.next_of("snapshot").await;
    let (mut second, hello) = ana.window(false).await;
    assert_eq!((&hello["lease"], &hello["session"]), (&json!(false), &json!(0)));
    // Deltas go to the one that rings; the quiet one hears beats and may say nothing.
    stage.router.append(DeskDelta::default());
    first.next_of("delta").await;
    assert_eq!(second.any().await.unwrap()["type"], "beat");
    let refused = second.ask("accept_offer", json!({"offer_id": format!("{CONTACT}-1")})).await;
    assert_eq!((&refused["code"], &refused["reason"]), (&json!("refused"), &json!("LEASE_NOT_HELD")));

    assert_eq!(second.ask_lease().await, json!(true));
    second.next_of("snapshot").await;
    assert!(!lease(&mut first).await);
    stage.router.append(DeskDelta::default());
    second.next_of("delta").await;
    assert_eq!(first.any().await.unwrap()["type"], "beat");

    assert_eq!(first.ask_lease().await, json!(true));
    first.next_of("snapshot").await;
    assert!(!lease(&mut second).await);
    let inner = stage.router.lock();
    assert!(inner.lost().is_empty(), "moving the lease is no loss");
    assert_eq!(inner.attested().len(), 3);
    assert!(inner.attested().is_sorted_by(|a, b| a < b));
}

impl Window {
    /// Takes the lease, and what it was told about it.
    async fn ask_lease(&mut self) -> Value {
        let request_id = self.say("take", json!({})).await;
        let told = self.next_of("lease").await["held"].clone();
        let answer = self.next_of("answer").await;
        assert_eq!((&answer["code"], &answer["request_id"]), (&json!("ok"), &json!(request_id)));
        told
    }
}

#[tokio::test]
async fn a_window_may_take_the_lease_as_it_signs_in() {
    let stage = Stage::set(hasty()).await;
    let ana = Browser::sign_in(&stage, "ana").await;
    let (mut first, _) = ana.window(false).await;
    let (mut second, hello) = ana.window(true).await;
    assert_eq!(hello["lease"], true);
    second.next_of("snapshot").await;
    assert!(!lease(&mut first).await);
}

#[tokio::test]
async fn when_the_ringing_window_goes_the_quiet_one_rings() {
    let stage = Stage::set(hasty()).await;
    let ana = Browser::sign_in(&stage, "ana").await;
    let (mut first, _) = ana.window(false).await;
    first.next_of("snapshot").await;
    let (mut second, _) = ana.window(false).await;
    first.close().await;
    stage.router.until(|inner| inner.lost() == inner.attested()[..1]).await;
    assert!(lease(&mut second).await);
    let shown = second.next_of("snapshot").await;
    assert_eq!(shown["self"]["presence"], "connected");
}

#[tokio::test]
async fn a_reload_gets_its_lease_back_before_the_other_window() {
    let stage = Stage::set(DeskSettings { lease_grace_ms: 5_000, ..hasty() }).await;
    let ana = Browser::sign_in(&stage, "ana").await;
    let (mut first, _) = ana.window(false).await;
    first.next_of("snapshot").await;
    let (mut second, _) = ana.window(false).await;
    first.close().await;
    stage.router.until(|inner| !inner.lost().is_empty()).await;
    let (mut reloaded, hello) = ana.window(false).await;
    assert_eq!(hello["lease"], true);
    reloaded.next_of("snapshot").await;
    assert_eq!(second.ask("end_help", json!({})).await["reason"], "LEASE_NOT_HELD");
}

#[tokio::test]
async fn after_a_cut_the_window_that_rang_comes_back_first() {
    let stage = Stage::set(DeskSettings { lease_grace_ms: 5_000, ..hasty() }).await;
    let ana = Browser::sign_in(&stage, "ana").await;
    let (mut first, _) = ana.window(false).await;
    first.next_of("snapshot").await;
    let (second, _) = ana.window(false).await;
    first.close().await;
    second.close().await;
    stage.router.until(|inner| !inner.lost().is_empty()).await;
    // The quiet one is quicker, and knows that it was quiet.
    let mut second = ana.open().await;
    assert_eq!(second.signs_in(json!({"quiet": true})).await["lease"], false);
    let (mut first, hello) = ana.window(false).await;
    assert_eq!(hello["lease"], true);
    first.next_of("snapshot").await;
    assert_eq!(second.ask("end_help", json!({})).await["reason"], "LEASE_NOT_HELD");
}

#[tokio::test]
async fn a_quiet_window_rings_if_the_other_does_not_come_back() {
    let stage = Stage::set(hasty()).await;
    let ana = Browser::sign_in(&stage, "ana").await;
    let mut alone = ana.open().await;
    assert_eq!(alone.signs_in(json!({"quiet": true})).await["lease"], false);
    assert!(lease(&mut alone).await);
    let mut takes = ana.open().await;
    assert_eq!(takes.signs_in(json!({"quiet": true, "take": true})).await["lease"], true, "its person said so");
}

#[tokio::test]
async fn a_frozen_window_loses_its_lease_to_the_quiet_one_without_a_wait() {
    let settings = DeskSettings { window_silence_ms: 2_500, lease_grace_ms: 60_000, ..hasty() };
    let stage = Stage::set(settings).await;
    let ana = Browser::sign_in(&stage, "ana").await;
    let (mut frozen, _) = ana.window(false).await;
    frozen.next_of("snapshot").await;
    let (mut second, _) = ana.window(false).await;
    let told = loop {
        second.say("beat", json!({})).await;
        let frame = second.any().await.unwrap();
        if frame["type"] == "lease" {
            break frame["held"].clone();
        }
    };
    assert_eq!(told, json!(true));
    assert!(frozen.end().await.is_none(), "it is closed without a word");
}

#[tokio::test]
async fn somebody_who_comes_back_over_a_new_wire_need_not_wait_for_the_old_one_to_be_given_up() {
    let stage = Stage::set(DeskSettings { window_stale_ms: 1_000, ..hasty() }).await;
    let ana = Browser::sign_in(&stage, "ana").await;
    let (mut cut, _) = ana.window(false).await;
    cut.next_of("snapshot").await;
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    let (mut back, hello) = ana.window(false).await;
    assert_eq!(hello["lease"], true);
    assert!(hello["at_ms"].as_u64().unwrap() > 1_000_000, "the clock is known here already: {hello}");
    back.next_of("snapshot").await;
    assert!(stage.router.lock().lost().is_empty());
}

#[tokio::test]
async fn what_was_not_answered_when_the_lease_moved_is_said_to_be_open() {
    let stage = Stage::set(DeskSettings { command_wait_ms: 20_000, ..hasty() }).await;
    let ana = Browser::sign_in(&stage, "ana").await;
    let (mut first, _) = ana.window(false).await;
    first.next_of("snapshot").await;
    let end_help = |kind: &Kind| matches!(kind, Kind::EndHelp(_));
    stage.router.judge(move |request| {
        let kind = request.command.as_ref().and_then(|command| command.kind.as_ref());
        kind.is_some_and(end_help).then(|| Status::unavailable("not now"))
    });
    let asked = first.say("end_help", json!({})).await;
    stage.router.until(|inner| inner.kinds().iter().any(end_help)).await;
    let (mut second, hello) = ana.window(true).await;
    assert_eq!(hello["lease"], true);
    assert!(!lease(&mut first).await);
    let answer = first.next().await.unwrap();
    assert_eq!((&answer["code"], &answer["reason"]), (&json!("unavailable"), &json!("LEASE_NOT_HELD")), "{answer}");
    assert_eq!(answer["request_id"], asked.as_str());
    second.next_of("snapshot").await;
}

#[tokio::test]
async fn a_grpc_desk_and_a_window_are_one_desk() {
    let stage = Stage::set(hasty()).await;
    let ana = Browser::sign_in(&stage, "ana").await;
    let (mut window, _) = ana.window(false).await;
    window.next_of("snapshot").await;
    let mut terminal = stage.sign_in("ana", None).await;
    assert!(matches!(terminal.next().await.unwrap().hear, Some(Hear::SignedIn(_))));
    assert!(!lease(&mut window).await);
    let (_, hello) = ana.window(false).await;
    assert_eq!(hello["lease"], false);
    assert_eq!(window.ask_lease().await, json!(true));
    assert_eq!(terminal.end().await.code(), Code::Aborted);
    assert!(stage.router.lock().lost().is_empty());
}

#[tokio::test]
async fn a_desk_elsewhere_makes_this_window_quiet_and_it_does_not_take_back_by_itself() {
    let stage = Stage::set(hasty()).await;
    let ana = Browser::sign_in(&stage, "ana").await;
    let (mut window, _) = ana.window(false).await;
    window.next_of("snapshot").await;
    stage.router.lock().session += 60_000_000;
    stage.router.restart();
    assert!(!lease(&mut window).await);
    let attested = stage.router.lock().attested().len();
    for _ in 0..2 {
        assert_eq!(window.any().await.unwrap()["type"], "beat");
    }
    assert_eq!(stage.router.lock().attested().len(), attested);
    assert_eq!(window.ask_lease().await, json!(true));
    window.next_of("snapshot").await;
}

#[tokio::test]
async fn windows_of_one_person_are_bounded() {
    let stage = Stage::set(hasty()).await;
    let ana = Browser::sign_in(&stage, "ana").await;
    let mut open = Vec::new();
    for _ in 0..8 {
        open.push(ana.window(false).await);
    }
    let mut ninth = ana.open().await;
    let end = ninth.end().await.unwrap();
    assert_eq!((&end["type"], &end["reason"]), (&json!("end"), &json!("windows_full")));
    assert!(end["message"].as_str().unwrap().contains("many windows"), "{end}");
    let bo = Browser::sign_in(&stage, "bo").await;
    assert_eq!(bo.window(false).await.1["lease"], true);
}
