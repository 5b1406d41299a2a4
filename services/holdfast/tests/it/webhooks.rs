//! Webhooks over HTTP: signed by our own codec and by the carrier's official library, forged, broken and too large.

use crate::house::{ACCOUNT, AUTH_TOKEN, House, MAIN, PUBLIC, YOUTH, text};
use crate::wire::{body_of, contact_in, hook, incoming, post, sign};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

const VOICE: &str = "/v1/carriers/twilio-main/voice";
const PERSON: &str = "+12065550147";

async fn problem(response: reqwest::Response, status: u16) -> Value {
    assert_eq!(response.status().as_u16(), status);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}

fn verbs(twiml: &str) -> Vec<String> {
    let document = roxmltree::Document::parse(twiml).unwrap();
    let elements = document.descendants().filter(roxmltree::Node::is_element);
    elements.map(|element| element.tag_name().name().to_owned()).collect()
}

#[tokio::test]
async fn a_signed_call_is_answered_with_a_menu_or_a_room() {
    let house = House::new();
    let served = house.serve();
    let answer = hook(&served, VOICE, &incoming(1, PERSON, MAIN)).await;
    assert_eq!(answer.status().as_u16(), 200);
    let menu = answer.text().await.unwrap();
    let document = roxmltree::Document::parse(&menu).unwrap();
    let gather = document.descendants().find(|node| node.has_tag_name("Gather")).unwrap();
    assert!(gather.attribute("action").unwrap().starts_with(&format!("{PUBLIC}/v1/carriers/{ACCOUNT}/need?contact=")));
    assert!(menu.contains("If you are a veteran, press 1."));

    let form = incoming(2, PERSON, YOUTH);
    let room = hook(&served, VOICE, &form).await.text().await.unwrap();
    assert_eq!(verbs(&room), ["Response", "Say", "Dial", "Conference"]);
    let again = hook(&served, VOICE, &form).await.text().await.unwrap();
    assert_eq!(contact_in(&room), contact_in(&again), "a repeated webhook is the same contact");
    let another = hook(&served, VOICE, &incoming(3, PERSON, YOUTH)).await.text().await.unwrap();
    assert_ne!(contact_in(&room), contact_in(&another));
    drop(served);
    assert_eq!(house.events("ContactArrived").len(), 3);
}

#[tokio::test]
async fn what_is_forged_broken_or_too_large_is_refused_with_the_field() {
    let house = House::new();
    let served = house.serve();
    let form = incoming(1, PERSON, YOUTH);
    let (body, good) = (body_of(&form), sign(VOICE, &form));
    problem(post(&served, VOICE, body.replace("ringing", "rinning"), &good).await, 403).await;
    let flipped = good.replacen(|_: char| true, if good.starts_with('A') { "B" } else { "A" }, 1);
    problem(post(&served, VOICE, body.clone(), &flipped).await, 403).await;
    problem(post(&served, "/v1/carriers/nobody/voice", body.clone(), &good).await, 404).await;

    let broken = problem(post(&served, VOICE, "CallSid=CA%zz".to_owned(), &good).await, 400).await;
    assert_eq!(broken["detail"], "field CallSid has a percent sign without two hexadecimal digits");
    let strange = problem(post(&served, VOICE, "To=%ff%fe".to_owned(), &good).await, 400).await;
    assert_eq!(strange["detail"], "field To is not UTF-8");
    let mut long = form.clone();
    long[3].1 = "4".repeat(600);
    let long = problem(hook(&served, VOICE, &long).await, 400).await;
    assert_eq!(long["detail"], "field To is too long");
    problem(post(&served, VOICE, format!("To={}", "4".repeat(70_000)), &good).await, 413).await;
    drop(served);
    assert!(house.events("ContactArrived").is_empty());
}

#[tokio::test]
async fn the_carriers_own_library_signs_what_we_let_in() {
    let Ok(python) = std::env::var("HOLDFAST_ORACLE_PYTHON") else {
        println!("SKIPPED: set HOLDFAST_ORACLE_PYTHON to an interpreter that can `import twilio`");
        return;
    };
    let house = House::new();
    let served = house.serve();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/sign_as_twilio.py");
    let mut form = incoming(7, PERSON, YOUTH);
    form.push(("FromCity".to_owned(), "Peñasco & Söhne 100%".to_owned()));
    let case = json!({ "token": AUTH_TOKEN, "url": format!("{PUBLIC}{VOICE}"), "form": form });
    let signed = Command::new(python).arg(script).arg(case.to_string()).output().unwrap();
    assert!(signed.status.success(), "{}", text(&signed.stderr));
    let signature = text(&signed.stdout).trim().to_owned();
    let answer = post(&served, VOICE, body_of(&form), &signature).await;
    assert_eq!(answer.status().as_u16(), 200);
    contact_in(&answer.text().await.unwrap());
}
