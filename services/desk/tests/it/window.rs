//! A browser's desk: who gets one, and that everything said and heard there is what the router is asked and says.

use std::collections::HashMap;

use holdfast_desk::DeskSettings;
use holdfast_proto::router::v1::command::Kind;
use holdfast_proto::router::v1::{
    Acuity, Channel, ContactState, DeskContact, DeskDelta, DeskMessage, DeskOffer, DeskPeer, HandoffToward, HelpLevel,
    OfferState, Readiness,
};
use serde_json::{Value, json};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::browser::{Browser, client, place};
use crate::stage::{CONTACT, Stage, hasty};

#[tokio::test]
async fn a_counselor_has_a_page_and_a_socket_and_a_supervisor_has_neither() {
    let stage = Stage::set(hasty()).await;
    let (ana, sue) = (Browser::sign_in(&stage, "ana").await, Browser::sign_in(&stage, "sue").await);
    let page = async |browser: &Browser| {
        let request = client().get(format!("http://{}/desk", stage.http)).header("cookie", &browser.cookie);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let (status, text) = page(&ana).await;
    assert!(status == 200 && text.contains(r#""me":{"name":"ana","role":"counselor"}"#), "{text}");
    assert_eq!(page(&sue).await.0, 403);
    let own = format!("http://{}", stage.http);
    assert_eq!(sue.open_from(stage.http, &own).await.err(), Some(403));
    assert_eq!(ana.open_from(stage.http, "http://evil.test").await.err(), Some(403));
    let stranger = Browser { address: stage.http, cookie: "holdfast=bm9ib2R5".to_owned() };
    assert_eq!(stranger.open_from(stage.http, &own).await.err(), Some(401));
    assert!(stage.router.lock().submitted.is_empty());
}

#[tokio::test]
async fn signing_in_greets_attests_and_shows_what_there_is() {
    let stage = Stage::set(hasty()).await;
    let regions = [("north".to_owned(), "Northern coast".to_owned())].into();
    stage.names.set(regions, Default::default(), Default::default());
    let pat = Browser::sign_in(&stage, "pat").await;
    let (mut window, hello) = pat.window(false).await;
    assert_eq!(hello["me"], json!({"name": "pat", "role": "peer"}));
    assert_eq!((&hello["lease"], &hello["build"]), (&json!(true), &json!("build-1")));
    assert_eq!(hello["names"]["regions"]["north"], "Northern coast");
    assert_eq!(hello["texts"]["words_bytes_max"], 1_600);
    let shown = window.next().await.unwrap();
    assert_eq!((&shown["type"], &shown["seq"]), (&json!("snapshot"), &json!(1)));
    assert_eq!(shown["self"]["presence"], "connected");
    assert_eq!(shown["self"]["session"], hello["session"]);
    let beat = window.any().await.unwrap();
    assert_eq!(beat["type"], "beat", "{beat}");
    assert!(beat["at_ms"].as_u64().unwrap() >= 1_000_001 && beat["router_ms"].as_u64().unwrap() < 1_000, "{beat}");
    let inner = stage.router.lock();
    let speaker = inner.submitted.first().unwrap().on_behalf_of.clone().unwrap();
    assert_eq!((speaker.name.as_str(), speaker.role.as_str()), ("pat", "peer"));
}

#[tokio::test]
async fn beats_tell_how_long_the_router_has_been_silent() {
    let stage = Stage::set(DeskSettings { beat_ms: 100, ..hasty() }).await;
    let (mut window, _) = Browser::sign_in(&stage, "ana").await.window(false).await;
    window.next_of("snapshot").await;
    stage.router.go_away();
    let mut silent_ms = 0;
    while silent_ms < 700 {
        let beat = window.any().await.unwrap();
        if beat["type"] == "beat" {
            silent_ms = beat["router_ms"].as_u64().unwrap();
        }
    }
    stage.router.come_back();
    while silent_ms > 300 {
        let beat = window.any().await.unwrap();
        silent_ms = beat["router_ms"].as_u64().unwrap_or(silent_ms);
    }
}

#[tokio::test]
async fn what_the_router_shows_is_what_the_window_hears() {
    let stage = Stage::set(hasty()).await;
    let (mut window, _) = Browser::sign_in(&stage, "ana").await.window(false).await;
    window.next_of("snapshot").await;
    let offer = DeskOffer {
        offer_id: format!("{CONTACT}-1"),
        state: OfferState::Open.into(),
        acuity: Acuity::High.into(),
        handoff: true,
        ..DeskOffer::default()
    };
    let contact_id = CONTACT.to_owned();
    let contact = DeskContact { contact_id, state: ContactState::Connected.into(), yours: true, ..Default::default() };
    let message = DeskMessage { number: 3, words: "¿hola?".to_owned(), ..DeskMessage::default() };
    let peer = DeskPeer { name: "Pat".to_owned(), free: vec![Channel::Text.into()], ..DeskPeer::default() };
    stage.router.append(DeskDelta {
        self_: None,
        offers: vec![offer],
        contacts: vec![contact],
        messages: vec![message],
        peers: vec![peer],
    });
    let delta = window.next_of("delta").await;
    assert_eq!((&delta["self"], &delta["seq"]), (&Value::Null, &json!(2)));
    assert_eq!((&delta["offers"][0]["state"], &delta["offers"][0]["acuity"]), (&json!("open"), &json!("high")));
    assert_eq!(delta["contacts"][0]["state"], "connected");
    assert_eq!(delta["messages"][0]["words"], "¿hola?");
    assert_eq!(delta["peers"][0]["free"], json!(["text"]));
}

#[tokio::test]
async fn every_command_reaches_the_router_in_the_name_of_whoever_sits_there() {
    let stage = Stage::set(hasty()).await;
    let (mut window, _) = Browser::sign_in(&stage, "pat").await.window(false).await;
    let about = || json!({"contact_id": CONTACT});
    let with = |more: Value| {
        let mut said = about();
        said.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        said
    };
    let all = [
        ("set_readiness", json!({"readiness": "available_for", "channels": ["text", "chat"]})),
        ("accept_offer", json!({"offer_id": format!("{CONTACT}-1")})),
        ("decline_offer", json!({"offer_id": format!("{CONTACT}-1")})),
        ("hold_person", with(json!({"on": true}))),
        ("end_contact", about()),
        ("give_back", about()),
        ("finish_wrap_up", about()),
        ("extend_wrap_up", about()),
        ("write_note", with(json!({"words": "calmer"}))),
        ("send_text", with(json!({"words": "I am here"}))),
        ("start_handoff", with(json!({"toward": "counselor", "peer_type": "", "skills": ["grief"], "wanted_id": ""}))),
        ("record_consent", with(json!({"given": true, "note": "alone at night"}))),
        ("join_handoff", about()),
        ("confirm_handoff", about()),
        ("leave_handoff", about()),
        ("cancel_handoff", about()),
        ("ask_help", with(json!({"level": "emergency"}))),
        ("end_help", json!({})),
    ];
    for (word, said) in all {
        let answer = window.ask(word, said).await;
        assert_eq!((&answer["code"], &answer["message"]), (&json!("ok"), &json!("")), "{word}: {answer}");
    }
    let inner = stage.router.lock();
    let kinds = inner.kinds();
    assert_eq!(kinds.len(), 19);
    for (request, kind) in inner.submitted.iter().zip(&kinds) {
        let actor = request.on_behalf_of.as_ref().unwrap();
        assert_eq!((actor.name.as_str(), actor.role.as_str()), ("pat", "peer"), "{kind:?}");
    }
    let set = |kind: &Kind| matches!(kind, Kind::SetReadiness(set) if set.readiness() == Readiness::AvailableFor && set.channels.len() == 2);
    assert!(kinds.iter().any(set));
    let help = |kind: &Kind| matches!(kind, Kind::AskHelp(ask) if ask.level() == HelpLevel::Emergency && ask.counselor_id == "pat");
    assert!(kinds.iter().any(help));
    let start = |kind: &Kind| matches!(kind, Kind::StartHandoff(start) if start.toward() == HandoffToward::Counselor && start.skills == ["grief"]);
    assert!(kinds.iter().any(start));
    let consent = |kind: &Kind| matches!(kind, Kind::RecordConsent(it) if it.given && it.note == "alone at night");
    assert!(kinds.iter().any(consent));
}

#[tokio::test]
async fn a_text_is_sent_once_however_often_it_is_said() {
    let stage = Stage::set(hasty()).await;
    let (mut window, _) = Browser::sign_in(&stage, "ana").await.window(false).await;
    window.next_of("snapshot").await;
    let request_id = uuid::Uuid::new_v4().to_string();
    let said = json!({"say": "send_text", "request_id": request_id, "contact_id": CONTACT, "words": "I am here"});
    stage.router.judge(|request| {
        let text = matches!(request.command.as_ref().and_then(|it| it.kind.as_ref()), Some(Kind::SendText(_)));
        text.then(|| Status::unavailable("away"))
    });
    window.say_raw(&said).await;
    let answer = window.next_of("answer").await;
    assert_eq!((&answer["code"], &answer["reason"]), (&json!("unavailable"), &json!("ROUTER_AWAY")), "{answer}");
    // Nothing of it was kept by the one that was away.
    stage.router.lock().submitted.retain(|request| request.request_id != request_id);
    stage.router.judge(|_| None);
    for _ in 0..3 {
        window.say_raw(&said).await;
    }
    let (mut answers, mut messages) = (0, Vec::new());
    while answers < 3 {
        let frame = window.next().await.unwrap();
        match frame["type"].as_str().unwrap() {
            "answer" => {
                assert_eq!((&frame["code"], &frame["request_id"]), (&json!("ok"), &json!(request_id)));
                answers += 1;
            }
            "delta" => messages.extend(frame["messages"].as_array().unwrap().clone()),
            other => panic!("{other}"),
        }
    }
    stage.router.append(DeskDelta::default());
    messages.extend(window.next_of("delta").await["messages"].as_array().unwrap().clone());
    assert_eq!(messages.len(), 1, "{messages:?}");
    assert_eq!((&messages[0]["words"], &messages[0]["request_id"]), (&json!("I am here"), &json!(request_id)));
}

#[tokio::test]
async fn a_refusal_is_a_calm_sentence_and_a_malformed_word_names_its_field() {
    let stage = Stage::set(hasty()).await;
    let (mut window, _) = Browser::sign_in(&stage, "ana").await.window(false).await;
    window.next_of("snapshot").await;
    let asked = stage.router.lock().submitted.len();
    for (word, said, field) in [
        ("send_text", json!({"contact_id": CONTACT, "words": "x".repeat(1_601)}), "send_text.words"),
        ("send_text", json!({"contact_id": "x", "words": "x"}), "send_text.contact_id"),
        ("ask_help", json!({"contact_id": "", "level": "loud"}), "ask_help.level"),
        ("dance", json!({}), "say"),
        ("sign_in", json!({"audio_address": "555", "take": true}), "sign_in.audio_address"),
    ] {
        let answer = window.ask(word, said).await;
        assert_eq!((&answer["code"], &answer["reason"]), (&json!("refused"), &json!("FIELD_INVALID")), "{answer}");
        assert!(answer["message"].as_str().unwrap().starts_with(&format!("{field}: ")), "{answer}");
    }
    window.say_raw(&json!({"say": "end_help", "request_id": "1"})).await;
    assert!(window.next_of("answer").await["message"].as_str().unwrap().starts_with("request_id: "));
    assert_eq!(stage.router.lock().submitted.len(), asked, "nothing malformed is asked");
    stage.router.judge(|_| {
        let details = ErrorDetails::with_error_info("NOT_HOLDER", "holdfast.router", HashMap::new());
        Some(Status::with_error_details(Code::FailedPrecondition, "contact 0 is not held", details))
    });
    let answer = window.ask("end_contact", json!({"contact_id": CONTACT})).await;
    assert_eq!((&answer["code"], &answer["reason"]), (&json!("refused"), &json!("NOT_HOLDER")));
    assert_eq!(answer["message"], "This contact is not with you now. Nothing was changed.");
}

#[tokio::test]
async fn before_signing_in_nothing_is_done() {
    let stage = Stage::set(hasty()).await;
    let ana = Browser::sign_in(&stage, "ana").await;
    let mut window = ana.open().await;
    for (word, said) in [("take", json!({})), ("sign_off", json!({})), ("save_draft", json!({"contact_id": CONTACT}))] {
        assert_eq!(window.ask(word, said).await["reason"], "SIGN_IN_FIRST", "{word}");
    }
    assert!(stage.router.lock().submitted.is_empty());
    window.say("sign_in", json!({"audio_address": "", "from": null, "take": false})).await;
    assert_eq!(window.any().await.unwrap()["type"], "hello", "the greeting comes before the first beat");
    assert_eq!(window.ask("sign_in", json!({})).await["reason"], "SIGNED_IN_ALREADY");
}

#[tokio::test]
async fn the_end_of_the_shift_ends_every_window_and_is_no_loss() {
    let stage = Stage::set(hasty()).await;
    let ana = Browser::sign_in(&stage, "ana").await;
    let (mut window, _) = ana.window(false).await;
    let (mut quiet, hello) = ana.window(false).await;
    assert_eq!(hello["lease"], false);
    assert_eq!(window.ask("sign_off", json!({})).await["code"], "ok");
    for window in [&mut window, &mut quiet] {
        let end = window.end().await.unwrap();
        assert_eq!((&end["type"], &end["reason"]), (&json!("end"), &json!("signed_off")), "{end}");
    }
    let mut other = stage.sign_in("bo", None).await;
    other.next().await.unwrap();
    assert!(stage.router.lock().lost().is_empty());
}

#[tokio::test]
async fn who_is_not_in_the_plan_and_whose_access_ends_is_told_so() {
    let stage = Stage::set(hasty()).await;
    let ana = Browser::sign_in(&stage, "ana").await;
    stage.router.judge(|_| {
        let details = ErrorDetails::with_error_info("UNKNOWN_COUNSELOR", "holdfast.router", HashMap::new());
        Some(Status::with_error_details(Code::NotFound, "no such counselor", details))
    });
    let (mut window, _) = ana.window(false).await;
    let end = window.end().await.unwrap();
    assert_eq!((&end["type"], &end["reason"]), (&json!("end"), &json!("unknown_counselor")));
    assert!(end["message"].as_str().unwrap().contains("routing plan"), "{end}");

    stage.router.judge(|_| None);
    let (mut window, _) = ana.window(false).await;
    let shown = window.next_of("snapshot").await;
    assert_eq!(place(&shown)["epoch"], 1);
    stage.access.replace(&[]).unwrap();
    let end = window.end().await.unwrap();
    assert_eq!(end["reason"], "access_ended");
    assert!(end["message"].as_str().unwrap().contains("access"), "{end}");
    stage.router.until(|inner| inner.lost().last() == inner.attested().last()).await;
}
