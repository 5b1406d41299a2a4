//! Webhooks: who is let in, what the router is told, what the carrier is answered.

use std::time::{Duration, Instant};

use holdfast_carrier_codec::limits::encode_form;
use holdfast_chassis::retries::{FLOOR_PER_S, SAVED_MAX};
use holdfast_proto::router::v1::command::Kind;
use holdfast_proto::router::v1::{Channel, LegCause, LegState};
use reqwest::Response;
use serde_json::{Value, json};
use tonic::Code;

use crate::twilio::call_sid;
use crate::world::{CALL, CONTACT, SECOND_TOKEN, TOKEN, World, form, sign};

const VOICE: &str = "/v1/carriers/main/voice";
const ARRIVAL: &[(&str, &str)] = &[("From", "+14155550123"), ("To", "988"), ("CallStatus", "ringing")];

async fn problem(response: Response, status: u16) -> Value {
    assert_eq!(response.status().as_u16(), status);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    response.json().await.unwrap()
}

/// The names of a document's verbs, depth first.
async fn verbs(response: Response) -> Vec<String> {
    assert_eq!(response.status().as_u16(), 200);
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/xml"));
    let text = response.text().await.unwrap();
    let document = roxmltree::Document::parse(&text).unwrap();
    let elements = document.descendants().filter(roxmltree::Node::is_element);
    elements.map(|element| element.tag_name().name().to_owned()).collect()
}

#[tokio::test]
async fn an_arrival_without_a_menu_waits_in_its_own_room() {
    let world = World::new().await;
    let response = world.hook(VOICE, ARRIVAL).await;
    let text = response.text().await.unwrap();
    let document = roxmltree::Document::parse(&text).unwrap();
    let room = document.descendants().find(|node| node.has_tag_name("Conference")).unwrap();
    assert_eq!(room.text(), Some(format!("contact-{CONTACT}").as_str()));
    let query = format!("https://hooks.example.org/v1/carriers/main/room?contact={CONTACT}");
    assert_eq!(room.attribute("statusCallback"), Some(query.as_str()));
    assert_eq!(room.attribute("startConferenceOnEnter"), Some("false"));
    world.router.look(|book| {
        let [(_, Kind::ArriveContact(arrive))] = book.commands.as_slice() else { panic!("one arrival") };
        assert_eq!((arrive.account.as_str(), arrive.external_id.as_str()), ("main", CALL));
        assert_eq!((arrive.line_number.as_str(), arrive.person_number.as_str()), ("988", "+14155550123"));
        assert_eq!(arrive.channel(), Channel::Voice);
    });
}

#[tokio::test]
async fn the_menu_is_asked_and_the_pressed_key_becomes_a_need() {
    let world = World::new().await;
    world.router.script(|book| book.menu = vec![1, 3]);
    let asked = world.hook(VOICE, ARRIVAL).await.text().await.unwrap();
    let document = roxmltree::Document::parse(&asked).unwrap();
    let gather = document.descendants().find(|node| node.has_tag_name("Gather")).unwrap();
    assert!(gather.first_element_child().unwrap().text().unwrap().contains("For youth & friends, press 3."));
    let action = gather.attribute("action").unwrap().strip_prefix("https://hooks.example.org").unwrap().to_owned();
    assert_eq!(verbs(world.hook(&action, &[("Digits", "3")]).await).await, ["Response", "Dial", "Conference"]);
    assert_eq!(verbs(world.hook(&action, &[]).await).await, ["Response", "Dial", "Conference"]);
    let chosen = |kind: &Kind| {
        if let Kind::ChooseNeed(need) = kind { Some((need.contact_id.clone(), need.digit)) } else { None }
    };
    let chosen: Vec<_> = world.router.look(|book| book.commands.iter().filter_map(|(_, kind)| chosen(kind)).collect());
    assert_eq!(chosen, [(CONTACT.to_owned(), Some(3)), (CONTACT.to_owned(), None)]);
}

#[tokio::test]
async fn a_choice_that_is_refused_still_leaves_the_person_in_a_room() {
    let world = World::new().await;
    let need = format!("/v1/carriers/main/need?contact={CONTACT}");
    world.router.script(|book| book.failing = Some(Code::FailedPrecondition));
    assert_eq!(verbs(world.hook(&need, &[("Digits", "1")]).await).await, ["Response", "Dial", "Conference"]);
    world.router.script(|book| book.failing = Some(Code::NotFound));
    assert_eq!(verbs(world.hook(&need, &[("Digits", "2")]).await).await, ["Response", "Redirect"]);
}

#[tokio::test]
async fn waiting_is_answered_without_the_router() {
    let world = World::new().await;
    world.router.script(|book| book.failing = Some(Code::Unavailable));
    let wait = format!("/v1/carriers/main/wait?contact={CONTACT}");
    assert_eq!(verbs(world.hook(&wait, &[]).await).await, ["Response", "Say", "Pause"]);
    assert!(world.router.look(|book| book.commands.is_empty()));
}

#[tokio::test]
async fn only_what_a_live_secret_signed_is_let_in() {
    let world = World::new().await;
    let form = form(ARRIVAL);
    let body = encode_form(&form);
    let second = sign(SECOND_TOKEN, VOICE, &form);
    assert_eq!(world.post(VOICE, body.clone(), Some(second)).await.status().as_u16(), 200);
    let good = sign(TOKEN, VOICE, &form);
    let flipped = good.replacen(|_: char| true, if good.starts_with('A') { "B" } else { "A" }, 1);
    let elsewhere = sign(TOKEN, "/v1/carriers/main/need", &form);
    for signature in [None, Some(flipped), Some(elsewhere), Some(sign("another", VOICE, &form))] {
        problem(world.post(VOICE, body.clone(), signature).await, 403).await;
    }
    let other_body = body.replace("988", "989");
    problem(world.post(VOICE, other_body, Some(good.clone())).await, 403).await;
    problem(world.post(&format!("{VOICE}?contact={CONTACT}"), body, Some(good)).await, 403).await;
    assert_eq!(world.router.look(|book| book.commands.len()), 1);
}

#[tokio::test]
async fn problems_name_the_field_and_never_the_value() {
    let world = World::new().await;
    problem(world.hook("/v1/carriers/other/voice", ARRIVAL).await, 404).await;
    problem(world.hook("/v1/carriers/main/other", ARRIVAL).await, 404).await;
    let missing = problem(world.hook(VOICE, &[("From", "+14155550123"), ("To", "")]).await, 400).await;
    assert!(missing["detail"].as_str().unwrap().contains("To"), "{missing}");
    let long = "4".repeat(600);
    let long = problem(world.hook(VOICE, &[("From", "+14155550123"), ("To", &long)]).await, 400).await;
    assert_eq!(long["detail"], "field To is too long");
    let utf8 = problem(world.post(VOICE, "CallSid=%ff%fe".to_owned(), Some("x".to_owned())).await, 400).await;
    assert_eq!(utf8["detail"], "field CallSid is not UTF-8");
    problem(world.post(VOICE, format!("A={}", "a".repeat(70_000)), Some("x".to_owned())).await, 413).await;
    let contact = problem(world.hook(&format!("{VOICE}?contact=a%20b"), ARRIVAL).await, 400).await;
    for body in [missing, contact] {
        assert!(!body.to_string().contains("4155550123") && !body.to_string().contains("a%20b"), "{body}");
    }
    assert!(world.router.look(|book| book.commands.is_empty()));
}

#[tokio::test]
async fn a_webhook_told_twice_is_one_request() {
    let world = World::new().await;
    let leg = format!("/v1/carriers/main/leg?contact={CONTACT}&leg=leg-{CONTACT}-1");
    for _ in 0..2 {
        world.hook(VOICE, ARRIVAL).await;
        world.hook(&leg, &[("CallStatus", "ringing"), ("SequenceNumber", "1")]).await;
    }
    world.hook(&leg, &[("CallStatus", "in-progress"), ("SequenceNumber", "2")]).await;
    let ids: Vec<String> = world.router.look(|book| book.commands.iter().map(|(id, _)| id.clone()).collect());
    assert_eq!((&ids[0], &ids[1]), (&ids[2], &ids[3]));
    let distinct: std::collections::BTreeSet<&String> = ids.iter().collect();
    assert_eq!(distinct.len(), 3);
}

#[tokio::test]
async fn an_arrival_already_done_is_asked_again_for_its_contact() {
    let world = World::new().await;
    world.router.script(|book| book.already_done = 1);
    assert_eq!(verbs(world.hook(VOICE, ARRIVAL).await).await, ["Response", "Say", "Dial", "Conference"]);
    world.router.look(|book| assert_ne!(book.commands[0].0, book.commands[1].0));
}

#[tokio::test]
async fn without_a_durable_answer_the_carrier_is_sent_to_its_fallback() {
    let world = World::with(json!({ "answer_within_ms": 1_500 })).await;
    world.router.script(|book| book.failing = Some(Code::Unavailable));
    problem(world.hook(VOICE, ARRIVAL).await, 503).await;
    let tries = world.router.look(|book| book.commands.len());
    assert!(tries > 1, "an unavailable router is tried again within the hook's time, was {tries}");
    assert_eq!(
        world.router.look(|book| book.commands.iter().filter(|(id, _)| *id == book.commands[0].0).count()),
        tries
    );
}

#[tokio::test]
async fn a_router_that_comes_back_in_time_is_heard() {
    let world = World::new().await;
    world.router.script(|book| book.failing = Some(Code::Unavailable));
    let returning = async {
        world.router.until(|book| !book.commands.is_empty()).await;
        world.router.script(|book| book.failing = None);
    };
    let (response, ()) = tokio::join!(world.hook(VOICE, ARRIVAL), returning);
    assert_eq!(response.status().as_u16(), 200);
}

#[tokio::test]
async fn legs_and_persons_are_reported_where_they_are() {
    let world = World::new().await;
    let (label, room) = (format!("leg-{CONTACT}-2"), format!("contact-{CONTACT}"));
    let leg = format!("/v1/carriers/main/leg?contact={CONTACT}&leg={label}");
    let in_room = format!("/v1/carriers/main/room?contact={CONTACT}");
    for status in ["initiated", "ringing", "in-progress", "completed", "busy"] {
        assert_eq!(verbs(world.hook(&leg, &[("CallStatus", status)]).await).await, ["Response"]);
    }
    let person = format!("person-{CONTACT}");
    let conference = format!("CF{CONTACT}");
    let member = [("ConferenceSid", conference.as_str()), ("FriendlyName", room.as_str())];
    for (event, label, reason) in [
        ("participant-join", Some(&person), ""),
        ("participant-join", Some(&label), ""),
        ("participant-join", None, ""),
        ("participant-hold", Some(&person), ""),
        ("participant-leave", Some(&label), "participant_updated_via_api"),
        ("participant-leave", Some(&person), "participant_hung_up"),
        ("conference-end", None, ""),
    ] {
        let mut fields = vec![("StatusCallbackEvent", event), ("ReasonParticipantLeft", reason)];
        fields.extend(label.map(|label| ("ParticipantLabel", label.as_str())));
        fields.extend(member);
        // A visitor without a label is not the person.
        fields.extend(label.is_none().then_some(("CallSid", "CA99999999999999999999999999999999")));
        assert_eq!(verbs(world.hook(&in_room, &fields).await).await, ["Response"]);
    }
    let seen: Vec<_> = world.router.look(|book| book.reports().iter().map(|r| (r.leg, r.state(), r.cause())).collect());
    let none = LegCause::Unspecified;
    assert_eq!(
        seen,
        [
            (2, LegState::Alerting, none),
            (2, LegState::Answered, none),
            (2, LegState::Ended, LegCause::HungUp),
            (2, LegState::Failed, LegCause::Busy),
            (0, LegState::InRoom, none),
            (2, LegState::InRoom, none),
            (2, LegState::Ended, LegCause::Dropped),
            (0, LegState::Ended, LegCause::HungUp),
        ]
    );
}

#[tokio::test]
async fn the_numbers_status_callback_finds_its_contact_or_is_let_go() {
    let world = World::new().await;
    let status = "/v1/carriers/main/status";
    assert_eq!(verbs(world.hook(status, &[("CallStatus", "completed")]).await).await, ["Response"]);
    assert!(world.router.look(|book| book.commands.is_empty()));
    world.hook(VOICE, ARRIVAL).await;
    assert_eq!(verbs(world.hook(status, &[("CallStatus", "completed")]).await).await, ["Response"]);
    world.router.look(|book| {
        let reports = book.reports();
        assert_eq!((reports[0].contact_id.as_str(), reports[0].leg, reports[0].state()), (CONTACT, 0, LegState::Ended));
    });
}

#[tokio::test]
async fn callbacks_of_closed_contacts_are_let_go() {
    let world = World::new().await;
    for code in [Code::NotFound, Code::FailedPrecondition] {
        world.router.script(|book| book.failing = Some(code));
        let leg = format!("/v1/carriers/main/leg?contact={CONTACT}&leg=leg-{CONTACT}-1");
        assert_eq!(verbs(world.hook(&leg, &[("CallStatus", "completed")]).await).await, ["Response"]);
    }
    let other = format!("/v1/carriers/main/leg?contact=11112233445566778899aabbccddeeff&leg=leg-{CONTACT}-1");
    problem(world.hook(&other, &[("CallStatus", "ringing")]).await, 400).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_router_that_is_away_is_not_stormed_and_every_call_is_answered_once_it_is_back() {
    const CALLS: usize = 300;
    let world = World::with(json!({ "answer_within_ms": 30_000 })).await;
    world.router.script(|book| book.failing = Some(Code::Unavailable));
    let began = Instant::now();
    let calling = (0..CALLS).map(|call| {
        let (world, sid) = (&world, call_sid(call));
        async move { world.hook(VOICE, &[ARRIVAL, &[("CallSid", sid.as_str())]].concat()).await.status().as_u16() }
    });
    let back = async {
        world.router.until(|book| book.commands.len() >= CALLS).await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        let tries = world.router.look(|book| book.commands.len());
        let away = began.elapsed();
        world.router.script(|book| book.failing = None);
        (tries, away)
    };
    let (answers, (tries, away)) = tokio::join!(futures_util::future::join_all(calling), back);
    // Each call once; a tenth of them, what was saved up, and a few a second.
    let calls = f64::from(u32::try_from(CALLS).unwrap());
    let most = calls * 1.1 + 1.0 + SAVED_MAX + FLOOR_PER_S * away.as_secs_f64();
    let tries = f64::from(u32::try_from(tries).unwrap());
    assert!(tries <= most, "{tries} tries in {away:?}, {most} at most");
    assert!(answers.iter().all(|status| *status == 200), "{answers:?}");
}
