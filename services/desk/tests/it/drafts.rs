//! Drafts: what is being written survives a reload and a change of windows, and goes when it is said or its contact is over.

use holdfast_proto::router::v1::{ContactState, DeskContact, DeskDelta};
use serde_json::{Value, json};

use crate::browser::{Browser, Window};
use crate::stage::{CONTACT, Stage, hasty};

fn holds(stage: &Stage, contact_id: &str, yours: bool) {
    let contact_id = contact_id.to_owned();
    let state = ContactState::Connected.into();
    let contact = DeskContact { contact_id, state, yours, ..DeskContact::default() };
    stage.router.append(DeskDelta { contacts: vec![contact], ..DeskDelta::default() });
}

async fn save(window: &mut Window, words: &str) -> Value {
    window.ask("save_draft", json!({"contact_id": CONTACT, "words": words})).await
}

async fn drafts_after_reload(stage: &Stage, window: Window) -> (Window, Value) {
    window.close().await;
    let (mut window, hello) = Browser::sign_in(stage, "ana").await.window(true).await;
    assert_eq!(hello["lease"], true);
    let drafts = window.next_of("snapshot").await["drafts"].clone();
    (window, drafts)
}

#[tokio::test]
async fn a_draft_survives_a_reload_and_goes_when_it_is_sent() {
    let stage = Stage::set(hasty()).await;
    holds(&stage, CONTACT, true);
    let (mut window, _) = Browser::sign_in(&stage, "ana").await.window(false).await;
    assert_eq!(window.next_of("snapshot").await["drafts"], json!({}));
    save(&mut window, "I he").await;
    assert_eq!(save(&mut window, "I hear you").await["code"], "ok");
    let (mut window, drafts) = drafts_after_reload(&stage, window).await;
    assert_eq!(drafts, json!({CONTACT: "I hear you"}));

    let sent = window.ask("send_text", json!({"contact_id": CONTACT, "words": "I hear you"})).await;
    assert_eq!(sent["code"], "ok");
    let (mut window, drafts) = drafts_after_reload(&stage, window).await;
    assert_eq!(drafts, json!({}));

    // What was begun while the last one was on its way is the next message.
    save(&mut window, "one").await;
    window.say("send_text", json!({"contact_id": CONTACT, "words": "one"})).await;
    save(&mut window, "two").await;
    assert_eq!(window.ask("end_help", json!({})).await["code"], "ok");
    let (_, drafts) = drafts_after_reload(&stage, window).await;
    assert_eq!(drafts, json!({CONTACT: "two"}));
}

#[tokio::test]
async fn a_text_that_is_repeated_leaves_the_next_draft_alone() {
    let stage = Stage::set(hasty()).await;
    holds(&stage, CONTACT, true);
    let (mut window, _) = Browser::sign_in(&stage, "ana").await.window(false).await;
    save(&mut window, "one").await;
    let request_id = uuid::Uuid::new_v4().to_string();
    let text = json!({"say": "send_text", "request_id": request_id, "contact_id": CONTACT, "words": "one"});
    window.say_raw(&text).await;
    assert_eq!(window.next_of("answer").await["code"], "ok");
    save(&mut window, "two").await;
    // The answer was lost on the way: the window says it again, to the desk it finds after a reload.
    let (mut window, drafts) = drafts_after_reload(&stage, window).await;
    assert_eq!(drafts, json!({CONTACT: "two"}));
    window.say_raw(&text).await;
    assert_eq!(window.next_of("answer").await["code"], "ok");
    let (_, drafts) = drafts_after_reload(&stage, window).await;
    assert_eq!(drafts, json!({CONTACT: "two"}));
}

#[tokio::test]
async fn a_refused_text_keeps_its_draft() {
    let stage = Stage::set(hasty()).await;
    holds(&stage, CONTACT, true);
    let (mut window, _) = Browser::sign_in(&stage, "ana").await.window(false).await;
    save(&mut window, "I am here").await;
    stage.router.judge(|_| Some(tonic::Status::failed_precondition("not now")));
    assert_eq!(window.ask("send_text", json!({"contact_id": CONTACT, "words": "I am here"})).await["code"], "refused");
    stage.router.judge(|_| None);
    let (_, drafts) = drafts_after_reload(&stage, window).await;
    assert_eq!(drafts, json!({CONTACT: "I am here"}));
}

#[tokio::test]
async fn a_contact_that_is_gone_takes_its_draft_along_and_nobody_else_sees_it() {
    let stage = Stage::set(hasty()).await;
    holds(&stage, CONTACT, true);
    let (mut window, _) = Browser::sign_in(&stage, "ana").await.window(false).await;
    window.next_of("snapshot").await;
    save(&mut window, "only mine").await;
    window.close().await;
    stage.router.until(|inner| !inner.lost().is_empty()).await;
    let (mut bo, _) = Browser::sign_in(&stage, "bo").await.window(false).await;
    assert_eq!(bo.next_of("snapshot").await["drafts"], json!({}));
    bo.close().await;
    let (mut window, _) = Browser::sign_in(&stage, "ana").await.window(false).await;
    assert_eq!(window.next_of("snapshot").await["drafts"], json!({CONTACT: "only mine"}));
    holds(&stage, CONTACT, false);
    window.next_of("delta").await;
    holds(&stage, CONTACT, true);
    window.next_of("delta").await;
    let (_, drafts) = drafts_after_reload(&stage, window).await;
    assert_eq!(drafts, json!({}));
}

#[tokio::test]
async fn a_draft_too_long_or_of_a_quiet_window_is_refused_in_words() {
    let stage = Stage::set(hasty()).await;
    let ana = Browser::sign_in(&stage, "ana").await;
    let (mut window, _) = ana.window(false).await;
    assert_eq!(save(&mut window, &"x".repeat(8_001)).await["reason"], "DRAFT_TOO_LONG");
    let wrong = window.ask("save_draft", json!({"contact_id": "x", "words": "x"})).await;
    assert_eq!(wrong["reason"], "FIELD_INVALID");
    let (mut quiet, _) = ana.window(false).await;
    assert_eq!(save(&mut quiet, "x").await["reason"], "LEASE_NOT_HELD");
}
