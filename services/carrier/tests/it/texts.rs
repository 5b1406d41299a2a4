//! Message webhooks: who is let in, what the router is told, what the carrier is answered.

use holdfast_carrier_codec::limits::encode_form;
use holdfast_proto::router::v1::{Channel, Delivery, OptOut};
use reqwest::Response;
use serde_json::{Value, json};
use tonic::Code;

use crate::twilio::messages::message_sid;
use crate::world::{CONTACT, SECOND_TOKEN, TOKEN, World, form, sign};

const TEXT: &str = "/v1/carriers/main/text";
const SID: &str = "SM00000000000000000000000000000001";
const HELLO: &[(&str, &str)] = &[
    ("MessageSid", SID),
    ("From", "+14155550123"),
    ("To", "988"),
    ("Body", "Is somebody there? 🙏"),
    ("NumMedia", "1"),
];

fn status_path(message: u32) -> String {
    format!("/v1/carriers/main/text-status?contact={CONTACT}&message={message}")
}

/// The answer to a message: an empty document, which sends nothing.
async fn received(response: Response) {
    assert_eq!(response.status().as_u16(), 200);
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/xml"));
    let text = response.text().await.unwrap();
    let document = roxmltree::Document::parse(&text).unwrap();
    let root = document.root_element();
    assert!(root.has_tag_name("Response") && !root.has_children(), "{text}");
}

async fn problem(response: Response, status: u16) -> Value {
    assert_eq!(response.status().as_u16(), status);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    response.json().await.unwrap()
}

/// A webhook with these fields laid over the usual ones.
async fn wrote(world: &World, fields: &[(&str, &str)]) -> Response {
    let mut all = HELLO.to_vec();
    all.retain(|(known, _)| fields.iter().all(|(name, _)| name != known));
    all.extend_from_slice(fields);
    world.hook(TEXT, &all).await
}

#[tokio::test]
async fn what_a_person_writes_reaches_the_router_and_is_answered_with_nothing() {
    let world = World::new().await;
    received(world.hook(TEXT, HELLO).await).await;
    world.router.look(|book| {
        let [text] = book.texts()[..] else { panic!("one text") };
        assert_eq!((text.account.as_str(), text.external_id.as_str()), ("main", SID));
        assert_eq!((text.line_number.as_str(), text.person_number.as_str()), ("988", "+14155550123"));
        assert_eq!((text.words.as_str(), text.media), ("Is somebody there? 🙏", 1));
        assert_eq!((text.channel(), text.opt_out(), text.carrier_replied), (Channel::Text, OptOut::Unspecified, false));
    });
}

#[tokio::test]
async fn words_that_opt_out_are_told_with_who_answers_them() {
    let world = World::new().await;
    for (sid, fields, meaning, replied) in [
        (11, vec![("Body", " Stop ")], OptOut::MaybeStop, true),
        (12, vec![("Body", "unstop")], OptOut::Start, true),
        (13, vec![("Body", "HELP")], OptOut::Help, true),
        (14, vec![("Body", "alto"), ("OptOutType", "STOP")], OptOut::Stop, true),
        (15, vec![("Body", "please make it stop")], OptOut::Unspecified, false),
    ] {
        let sid = message_sid(sid);
        let fields = [&fields[..], &[("MessageSid", sid.as_str())]].concat();
        received(wrote(&world, &fields).await).await;
        world.router.look(|book| {
            let last = book.texts().last().copied().unwrap();
            assert_eq!((last.opt_out(), last.carrier_replied), (meaning, replied), "{fields:?}");
        });
    }
}

#[tokio::test]
async fn a_message_told_twice_is_one_request_and_another_is_another() {
    let world = World::new().await;
    for sid in [SID, SID, &message_sid(2)] {
        received(wrote(&world, &[("MessageSid", sid)]).await).await;
    }
    let ids: Vec<String> = world.router.look(|book| book.commands.iter().map(|(id, _)| id.clone()).collect());
    assert!(ids[0] == ids[1] && ids[0] != ids[2]);
}

#[tokio::test]
async fn a_message_that_is_not_durable_is_not_received() {
    let world = World::with(json!({ "answer_within_ms": 1_500 })).await;
    for code in [Code::Unavailable, Code::InvalidArgument] {
        world.router.script(|book| book.failing = Some(code));
        problem(world.hook(TEXT, HELLO).await, 503).await;
    }
    world.router.script(|book| book.failing = None);
    world.router.script(|book| book.already_done = 1);
    received(world.hook(TEXT, HELLO).await).await;
}

#[tokio::test]
async fn the_longest_text_is_whole_and_one_beyond_it_is_cut_and_not_lost() {
    let world = World::new().await;
    let longest = "é".repeat(4_000);
    received(wrote(&world, &[("Body", &longest)]).await).await;
    let beyond = format!("x{longest}");
    received(wrote(&world, &[("Body", &beyond), ("MessageSid", &message_sid(2))]).await).await;
    world.router.look(|book| {
        let [whole, cut] = book.texts()[..] else { panic!("two texts") };
        assert_eq!(whole.words, longest);
        assert_eq!(cut.words, beyond[..7_999], "at a whole character");
    });
}

#[tokio::test]
async fn only_what_a_live_secret_signed_is_let_in() {
    let world = World::new().await;
    for path in [TEXT.to_owned(), status_path(1)] {
        let form = form(&[HELLO, &[("MessageStatus", "sent")]].concat());
        let body = encode_form(&form);
        let good = sign(TOKEN, &path, &form);
        let flipped = good.replacen(|_: char| true, if good.starts_with('A') { "B" } else { "A" }, 1);
        let elsewhere = sign(TOKEN, "/v1/carriers/main/voice", &form);
        for signature in [None, Some(flipped), Some(elsewhere), Some(sign("another", &path, &form))] {
            problem(world.post(&path, body.clone(), signature).await, 403).await;
        }
        let other_words = body.replace("somebody", "anybody");
        problem(world.post(&path, other_words, Some(good.clone())).await, 403).await;
        let added = format!("{body}&OptOutType=STOP");
        problem(world.post(&path, added, Some(good.clone())).await, 403).await;
        let mark = if path.contains('?') { '&' } else { '?' };
        problem(world.post(&format!("{path}{mark}leg=x"), body.clone(), Some(good)).await, 403).await;
        assert!(world.router.look(|book| book.commands.is_empty()));
        received(world.post(&path, body, Some(sign(SECOND_TOKEN, &path, &form))).await).await;
        world.router.script(|book| book.commands.clear());
    }
    // A receipt's signature is over its contact and message too.
    let form = form(&[("MessageSid", SID), ("MessageStatus", "sent")]);
    let signature = sign(TOKEN, &status_path(1), &form);
    problem(world.post(&status_path(2), encode_form(&form), Some(signature)).await, 403).await;
}

#[tokio::test]
async fn problems_name_the_field_and_never_the_value() {
    let world = World::new().await;
    let said = |problem: Value| problem["detail"].as_str().unwrap().to_owned();
    for (fields, detail) in [
        (vec![("From", "anonymous")], "field From is malformed"),
        (vec![("From", "")], "required field From is missing"),
        (vec![("MessageSid", "SM1")], "field MessageSid is malformed"),
        (
            vec![("AccountSid", "AC00000000000000000000000000000009")],
            "the webhook is about another account than its url",
        ),
    ] {
        assert_eq!(said(problem(wrote(&world, &fields).await, 400).await), detail);
    }
    let whatsapp = said(problem(wrote(&world, &[("From", "whatsapp:+14155550123")]).await, 400).await);
    assert!(whatsapp.starts_with("field From is of another channel") && !whatsapp.contains("415"), "{whatsapp}");
    let long = "y".repeat(17_000);
    let long = problem(wrote(&world, &[("Body", &long)]).await, 400).await;
    assert_eq!(said(long), "field Body is longer than 16384 bytes");
    let too_long = format!("Body={}", "y".repeat(70_000));
    problem(world.post(TEXT, too_long, Some("x".to_owned())).await, 413).await;
    let receipt = &[("MessageSid", SID), ("MessageStatus", "sent")];
    for query in ["", "?message=1", &format!("?contact={CONTACT}"), "?contact=c&message=1"] {
        let refused = problem(world.hook(&format!("/v1/carriers/main/text-status{query}"), receipt).await, 400).await;
        assert_eq!(said(refused), "the callback query must name a contact and a message");
    }
    problem(world.hook(&format!("/v1/carriers/main/text-status?contact={CONTACT}&message=0"), receipt).await, 400)
        .await;
    assert!(world.router.look(|book| book.commands.is_empty()));
}

#[tokio::test]
async fn receipts_say_how_far_a_message_came_in_any_order_and_as_often_as_they_like() {
    let world = World::new().await;
    for status in ["delivered", "queued", "sending", "sent", "delivered", "read", "received"] {
        received(world.hook(&status_path(3), &[("MessageSid", SID), ("MessageStatus", status)]).await).await;
    }
    let failed = [("MessageSid", SID), ("MessageStatus", "undelivered"), ("ErrorCode", "30003")];
    received(world.hook(&status_path(4), &failed).await).await;
    received(world.hook(&status_path(5), &[("MessageSid", SID), ("MessageStatus", "failed")]).await).await;
    world.router.look(|book| {
        let told: Vec<_> = book.receipts().iter().map(|it| (it.message, it.delivery(), it.code.as_str())).collect();
        use Delivery::{Delivered, Failed, Sent};
        let of_three = [Delivered, Sent, Sent, Sent, Delivered, Delivered].map(|delivery| (3, delivery, ""));
        let failed = [(4, Failed, "twilio_30003"), (5, Failed, "not_delivered")];
        assert_eq!(told, [&of_three[..], &failed].concat());
        assert!(book.receipts().iter().all(|it| it.contact_id == CONTACT && it.external_id == SID));
        assert_eq!(book.commands[0].0, book.commands[4].0, "the same receipt again is the same request");
    });
}

#[tokio::test]
async fn receipts_of_what_the_router_has_forgotten_are_let_go_and_those_not_durable_are_not() {
    let world = World::with(json!({ "answer_within_ms": 1_500 })).await;
    let receipt = &[("MessageSid", SID), ("MessageStatus", "sent")];
    for code in [Code::NotFound, Code::FailedPrecondition] {
        world.router.script(|book| book.failing = Some(code));
        received(world.hook(&status_path(1), receipt).await).await;
    }
    world.router.script(|book| book.failing = Some(Code::Unavailable));
    problem(world.hook(&status_path(1), receipt).await, 503).await;
}
