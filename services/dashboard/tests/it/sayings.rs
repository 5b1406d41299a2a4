//! What boards say: asking anew, acknowledging, answering a request for help, and everything they should not say.

use holdfast_proto::router::v1::command::Kind;
use holdfast_proto::router::v1::{ContactState, CounselorView, HelpLevel, HelpView, Readiness};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tonic::Status;

use crate::stage::{Feed, NOW_MS, Stage, contact, counselor, snapshot};
use crate::viewer::Viewer;

async fn set() -> (Stage, Feed, Viewer, Viewer) {
    let mut stage = Stage::set().await;
    let mut feed = stage.follow().await;
    feed.snapshot(snapshot(&["North"])).await;
    let (mut sam, mut olga) = (Viewer::open(&stage, "sam").await, Viewer::open(&stage, "olga").await);
    for viewer in [&mut sam, &mut olga] {
        viewer.until("the board", |board| board["seq"] == 1).await;
    }
    (stage, feed, sam, olga)
}

fn asks_for_help(answered_by: &str) -> CounselorView {
    let answered_by = answered_by.to_owned();
    let help = HelpView { level: HelpLevel::Join.into(), asked_at_ms: NOW_MS, answered_by, ..HelpView::default() };
    CounselorView { help: Some(help), ..counselor("ana", "Harbor", Readiness::Available, 1) }
}

fn seen_by(board: &Value) -> Option<&str> {
    board["decisions"][0]["acknowledged_by"].as_str()
}

#[tokio::test]
async fn whoever_asks_anew_gets_the_snapshot_of_where_everybody_is() {
    let (_stage, mut feed, mut sam, _olga) = set().await;
    feed.contacts(vec![contact("a", "North", ContactState::Waiting, 1)]).await;
    let board = sam.until("one waiting", |board| board["tiles"]["waiting"]["value"] == 1).await;
    let answer = sam.say(json!({ "say": "resync" })).await;
    assert_eq!((&answer["code"], &answer["reason"]), (&json!("ok"), &json!("")));
    let again = loop {
        let frame = sam.frame().await;
        if frame["type"] == "snapshot" {
            break frame;
        }
    };
    assert_eq!((&again["seq"], &again["epoch"], &again["tiles"]), (&board["seq"], &board["epoch"], &board["tiles"]));
}

#[tokio::test]
async fn an_acknowledgement_is_shown_to_all_until_the_decision_ends() {
    let (_stage, mut feed, mut sam, mut olga) = set().await;
    feed.counselors(vec![asks_for_help("")]).await;
    olga.until("the request", |board| seen_by(board) == Some("")).await;
    let answer = sam.say(json!({ "say": "acknowledge", "decision": "help:ana" })).await;
    assert_eq!(answer["code"], "ok");
    for viewer in [&mut sam, &mut olga] {
        viewer.until("who has seen to it", |board| seen_by(board) == Some("sam")).await;
    }
    feed.counselors(vec![asks_for_help("sam")]).await;
    olga.until("its end", |board| seen_by(board).is_none()).await;
    let answer = olga.say(json!({ "say": "acknowledge", "decision": "help:ana" })).await;
    assert_eq!((&answer["code"], &answer["reason"]), (&json!("refused"), &json!("ended")));
    // Asked again, it is a new one.
    feed.counselors(vec![asks_for_help("")]).await;
    olga.until("a new request", |board| seen_by(board) == Some("")).await;
}

#[tokio::test]
async fn help_is_answered_in_the_name_of_whoever_is_at_the_board() {
    let (mut stage, _feed, mut sam, mut olga) = set().await;
    let help = json!({ "say": "answer_help", "counselor_id": "ana" });
    assert_eq!(sam.say(help.clone()).await["code"], "ok");
    let command = stage.commands.recv().await.unwrap();
    let by = command.on_behalf_of.unwrap();
    assert_eq!((by.name.as_str(), by.role.as_str()), ("sam", "supervisor"));
    assert_eq!(command.request_id, "00000000-0000-4000-8000-000000000001");
    let Some(Kind::AnswerHelp(answer)) = command.command.unwrap().kind else { panic!("not an answer to help") };
    assert_eq!(answer.counselor_id, "ana");
    for (verdict, reason) in [
        (Status::failed_precondition("no help is asked for"), "not_found"),
        (Status::permission_denied("no"), "not_allowed"),
        (Status::unavailable("restarting"), "unavailable"),
    ] {
        stage.verdicts.lock().unwrap().push(verdict);
        let answer = olga.say(help.clone()).await;
        assert_eq!((&answer["code"], &answer["reason"]), (&json!("refused"), &json!(reason)));
        assert!(!answer["message"].as_str().unwrap().is_empty());
        let by = stage.commands.recv().await.unwrap().on_behalf_of.unwrap();
        assert_eq!((by.name.as_str(), by.role.as_str()), ("olga", "operator"));
    }
}

#[tokio::test]
async fn what_is_not_understood_is_refused_in_words_and_what_is_too_much_ends_it() {
    let (_stage, _feed, mut sam, mut olga) = set().await;
    for nonsense in ["", "{}", "[1]", r#"{"request_id":"a","say":"close_the_line"}"#] {
        sam.send(nonsense.to_owned()).await;
        let answer = answer(&mut sam).await;
        assert_eq!((&answer["code"], &answer["reason"]), (&json!("refused"), &json!("malformed")), "{nonsense}");
    }
    // The board goes on.
    assert_eq!(sam.say(json!({ "say": "resync" })).await["code"], "ok");
    sam.send(format!("{{\"request_id\":\"a\",\"say\":\"acknowledge\",\"decision\":\"{}\"}}", "x".repeat(5_000))).await;
    assert!(ends(&mut sam).await, "a message over the bound ends it");
    for _ in 0..200 {
        olga.send(json!({ "request_id": "a", "say": "acknowledge", "decision": "none" }).to_string()).await;
    }
    assert_eq!(olga.closed().await.unwrap().code, CloseCode::Unsupported);
}

/// The next answer.
async fn answer(viewer: &mut Viewer) -> Value {
    loop {
        let frame = viewer.frame().await;
        if frame["type"] == "answer" {
            return frame;
        }
    }
}

/// Whether the socket ends, in whichever way.
async fn ends(viewer: &mut Viewer) -> bool {
    loop {
        match viewer.next().await {
            Ok(message) if message.is_close() => return true,
            Ok(_) => {}
            Err(_) => return true,
        }
    }
}
