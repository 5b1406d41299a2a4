//! The contract: what `wire.ts` says and what is written and read here are one.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_proto::desk::v1::work_response::Answered;
use holdfast_proto::router::v1::{self as router, Position};
use serde_json::{Value, json};

use super::word::{Worded, maybe, value};
use super::*;

const CONTACT: &str = "0123456789abcdef0123456789abcdef";

fn contract() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../web/app/wire.ts");
    std::fs::read_to_string(path).unwrap()
}

fn union(name: &str) -> BTreeSet<String> {
    let text = contract();
    let start = text.find(&format!("export type {name} =")).unwrap();
    let list = text[start..].split(';').next().unwrap();
    list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

fn spoken<T: Worded>() -> BTreeSet<String> {
    let words = (1..64).filter_map(maybe::<T>);
    words.map(|word| serde_json::to_value(word).unwrap().as_str().unwrap().to_owned()).collect()
}

#[test]
fn words_are_those_of_the_contract_both_ways() {
    assert_eq!(spoken::<router::Channel>(), union("Channel"));
    assert_eq!(spoken::<router::Readiness>(), union("Readiness"));
    assert_eq!(spoken::<router::Presence>(), union("Presence"));
    assert_eq!(spoken::<router::ContactState>(), union("ContactState"));
    assert_eq!(spoken::<router::OfferState>(), union("OfferState"));
    assert_eq!(spoken::<router::LegState>(), union("LegState"));
    assert_eq!(spoken::<router::Delivery>(), union("Delivery"));
    assert_eq!(spoken::<router::Author>(), union("Author"));
    assert_eq!(spoken::<router::Acuity>(), union("Acuity"));
    assert_eq!(spoken::<router::OptOut>(), union("OptOut"));
    assert_eq!(spoken::<router::Part>(), union("Part"));
    assert_eq!(spoken::<router::Outcome>(), union("Outcome"));
    assert_eq!(spoken::<router::HandoffState>(), union("HandoffState"));
    assert_eq!(spoken::<router::HelpLevel>(), union("HelpLevel"));
    assert_eq!(value::<router::Readiness>("available_for"), Some(router::Readiness::AvailableFor.into()));
    for wrong in ["", "unspecified", "Available", "AVAILABLE", "available for"] {
        assert_eq!(value::<router::Readiness>(wrong), None, "{wrong}");
    }
}

/// Field names of an interface of the contract, those of what it extends included.
fn fields(name: &str) -> BTreeSet<String> {
    let text = contract();
    let start = text.find(&format!("export interface {name} ")).unwrap();
    let rest = &text[start..];
    let (head, body) = rest.split_once('{').unwrap();
    let body = body.split('}').next().unwrap();
    let mut names: BTreeSet<String> = body
        .split([';', '\n'])
        .filter_map(|line| line.split_once(':'))
        .map(|(name, _)| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .collect();
    if let Some((_, parent)) = head.split_once("extends ") {
        names.extend(fields(parent.trim()));
    }
    names
}

fn keys(value: &Value) -> BTreeSet<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

fn snapshot() -> Value {
    let queue = Some(router::QueueKey::default());
    let help = Some(router::HelpView::default());
    let contact = router::DeskContact {
        queue: queue.clone(),
        messages: vec![router::DeskMessage::default()],
        handoff: Some(router::DeskHandoff::default()),
        ..router::DeskContact::default()
    };
    let snapshot = router::DeskSnapshot {
        self_: Some(router::DeskSelf { help, ..router::DeskSelf::default() }),
        offers: vec![router::DeskOffer { queue, ..router::DeskOffer::default() }],
        contacts: vec![contact],
        peers: vec![router::DeskPeer::default()],
    };
    let drafts = BTreeMap::from([("c".to_owned(), "words")]);
    let frame = Frame::snapshot(Position { epoch: 2, sequence: 7 }, 5, snapshot, drafts);
    serde_json::from_str(&frame.text().unwrap()).unwrap()
}

#[test]
fn views_have_exactly_the_fields_of_the_contract() {
    let it = snapshot();
    assert_eq!(keys(&it["self"]), fields("DeskSelf"));
    assert_eq!(keys(&it["self"]["help"]), fields("Help"));
    assert_eq!(keys(&it["offers"][0]), fields("DeskOffer"));
    assert_eq!(keys(&it["offers"][0]["queue"]), fields("QueueKey"));
    assert_eq!(keys(&it["contacts"][0]), fields("DeskContact"));
    assert_eq!(keys(&it["contacts"][0]["messages"][0]), fields("DeskMessage"));
    assert_eq!(keys(&it["contacts"][0]["handoff"]), fields("DeskHandoff"));
    assert_eq!(keys(&it["peers"][0]), fields("DeskPeer"));
    assert_eq!((&it["type"], &it["epoch"], &it["seq"]), (&json!("snapshot"), &json!(2), &json!(7)));
    assert_eq!(it["drafts"], json!({"c": "words"}));
    let names = serde_json::to_value(NamesView::default()).unwrap();
    assert_eq!(keys(&names), fields("Names"));
    let texts = TextsView { words_bytes_max: 1, note_bytes_max: 2, draft_bytes_max: 3 };
    assert_eq!(keys(&serde_json::to_value(texts).unwrap()), fields("DeskTexts"));
}

#[test]
fn an_answer_says_done_refused_or_again() {
    let answer = |code: tonic::Code, reason: &str| -> Value {
        let (code, reason) = (code.into(), reason.to_owned());
        let it = Answered { request_id: "r".to_owned(), code, reason, message: "as the router says".to_owned() };
        serde_json::from_str(&Frame::answer(it).text().unwrap()).unwrap()
    };
    assert_eq!(answer(tonic::Code::Unavailable, "ROUTER_AWAY")["code"], "unavailable");
    assert_eq!(answer(tonic::Code::ResourceExhausted, "DESK_QUEUE_FULL")["code"], "unavailable");
    let refused = answer(tonic::Code::FailedPrecondition, "SOMETHING_NEW");
    assert_eq!((&refused["code"], &refused["message"]), (&json!("refused"), &json!("as the router says.")));
    assert_eq!(answer(tonic::Code::Ok, "")["code"], "ok");
}

#[test]
fn every_word_of_the_contract_is_understood() {
    let text = contract();
    let desk = text.split("export type DeskSay").nth(1).unwrap().split("// ---- The board").next().unwrap();
    let words: Vec<&str> = desk.split("say: \"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(words.len() > 20, "{words:?}");
    let all = json!({
        "request_id": "r", "contact_id": CONTACT, "offer_id": format!("{CONTACT}-1"), "on": true, "words": "w",
        "readiness": "available_for", "channels": ["text"], "toward": "peer", "peer_type": "", "skills": ["grief"],
        "wanted_id": "", "given": true, "note": "n", "level": "emergency", "audio_address": "", "take": true,
        "from": {"epoch": 1, "seq": 2},
    });
    for word in words {
        let mut said = all.clone();
        said["say"] = json!(word);
        let Ok(spoken) = read(&said.to_string()) else { panic!("{word} is not understood") };
        assert_eq!(spoken.request_id, "r");
        assert!(matches!(spoken.said, Said::Command(_)) != ["sign_in", "take", "beat", "save_draft"].contains(&word));
    }
}

#[test]
fn what_is_not_understood_is_named_and_never_quoted() {
    for (said, field) in [
        (r#"{"request_id":"r","say":"set_readiness","readiness":"SECRET"}"#, "set_readiness.readiness"),
        (
            r#"{"request_id":"r","say":"set_readiness","readiness":"available","channels":["SECRET"]}"#,
            "set_readiness.channels",
        ),
        (r#"{"request_id":"r","say":"start_handoff","toward":"SECRET"}"#, "start_handoff.toward"),
        (r#"{"request_id":"r","say":"ask_help","level":"SECRET"}"#, "ask_help.level"),
        (r#"{"request_id":"r","say":"SECRET"}"#, "say"),
        (r#"{"request_id":"r","say":"send_text","words":{"a":"SECRET"}}"#, "say"),
        (r#"{"request_id":"r","say":"hold_person"}"#, "say"),
    ] {
        let Err(Unread { request_id, wrong }) = read(said) else { panic!("{said}") };
        assert_eq!((request_id.as_str(), wrong.field), ("r", field), "{said}");
        assert!(!wrong.message.contains("SECRET"), "{}", wrong.message);
    }
    let Err(garbage) = read("SECRET") else { panic!("garbage") };
    assert!(garbage.request_id.is_empty() && !garbage.wrong.message.contains("SECRET"));
}
