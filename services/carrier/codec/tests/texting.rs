//! Sending texts over REST: the request as it goes out, its answer, and the listing that settles a doubt.
#![expect(clippy::unwrap_used, reason = "tests")]

use holdfast_carrier_codec::model::{PhoneNumber, SendText, TextProgress, Words};
use holdfast_carrier_codec::twilio::rest::{AnswerRefusal, Method, Outcome, Rest, classify_text, parse_texts};
use holdfast_carrier_codec::twilio::sid::AccountSid;
use proptest::prelude::*;
use serde_json::{Value, json};

const ROOT: &str = "/2010-04-01/Accounts/AC00000000000000000000000000000001";
const MESSAGE: &str = "SM00000000000000000000000000000001";

fn rest() -> Rest {
    Rest::new(&AccountSid::parse("AC00000000000000000000000000000001").unwrap())
}

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).unwrap()
}

fn send(body: &str, status_url: Option<&str>) -> SendText {
    SendText {
        to: number("+14155550100"),
        from: number("988"),
        body: Words::new(body),
        status_url: status_url.map(str::to_owned),
    }
}

fn record() -> Value {
    json!({
        "sid": MESSAGE, "direction": "outbound-api", "status": "delivered", "body": "Are you safe?",
        "to": "+14155550100", "from": "988", "date_created": "Fri, 27 Nov 2026 07:15:09 +0000", "date_sent": null,
        "error_code": null, "num_media": "0", "something_new": {},
    })
}

#[test]
fn sending_names_the_receipts_url_and_shows_no_words() {
    let request = rest().send_text(&send("I'm here & listening 🙏", Some("https://h/t?contact=c&message=3")));
    assert_eq!((request.method, request.path_and_query.clone()), (Method::Post, format!("{ROOT}/Messages.json")));
    let body = "From=988&To=%2B14155550100&Body=I%27m+here+%26+listening+%F0%9F%99%8F\
        &StatusCallback=https%3A%2F%2Fh%2Ft%3Fcontact%3Dc%26message%3D3";
    assert_eq!(request.body(), body);
    let shown = format!("{request:?}");
    assert!(shown.contains("Body") && !shown.contains("415") && !shown.contains("listening"), "{shown}");
}

#[test]
fn a_listing_is_by_both_numbers_and_shows_neither() {
    let request = rest().list_texts(&number("+14155550100"), &number("988"), 100);
    let path = format!("{ROOT}/Messages.json?To=%2B14155550100&From=988&PageSize=100");
    assert_eq!((request.method, request.path_and_query.as_str()), (Method::Get, path.as_str()));
    assert!(!format!("{request:?}").contains("415"));
    let next = format!("{path}&Page=1&PageToken=PASM1");
    assert_eq!(rest().next_page(&next).unwrap().path_and_query, next);
}

#[test]
fn reads_listed_messages() {
    let mut failed = record();
    let person = json!({"direction": "inbound", "status": "received", "date_created": "yesterday", "to": "rcs:x"});
    failed
        .as_object_mut()
        .unwrap()
        .extend(json!({"status": "undelivered", "error_code": 30_003}).as_object().unwrap().clone());
    let mut theirs = record();
    theirs.as_object_mut().unwrap().extend(person.as_object().unwrap().clone());
    let body = json!({"messages": [record(), failed, theirs], "next_page_uri": "/n"}).to_string();
    let page = parse_texts(body.as_bytes()).unwrap();
    assert_eq!(page.next_page_uri.as_deref(), Some("/n"));
    let [ours, failed, theirs] = page.records.as_slice() else { unreachable!("three records") };
    assert_eq!((ours.message.as_str(), ours.sent_by_rest, ours.made_at_s), (MESSAGE, true, Some(1_795_763_709)));
    assert_eq!((ours.body.expose(), ours.progress), ("Are you safe?", Some(TextProgress::Delivered)));
    assert_eq!((ours.to.as_ref().unwrap().expose(), ours.from.as_ref().unwrap().expose()), ("+14155550100", "988"));
    assert_eq!(failed.progress, Some(TextProgress::Failed(Some(30_003))));
    assert_eq!((theirs.sent_by_rest, theirs.progress, theirs.made_at_s), (false, None, None));
    assert_eq!(theirs.to, None);
    let shown = format!("{page:?}");
    assert!(!shown.contains("safe") && !shown.contains("415"), "{shown}");
}

#[test]
fn half_a_listing_is_none() {
    for field in ["sid", "direction", "body", "status"] {
        let mut broken = record();
        broken.as_object_mut().unwrap().remove(field);
        let body = json!({"messages": [record(), broken]}).to_string();
        assert_eq!(parse_texts(body.as_bytes()), Err(AnswerRefusal::Field(field)));
    }
    assert_eq!(parse_texts(b"{}"), Err(AnswerRefusal::Field("messages")));
    assert_eq!(parse_texts(b"<html>"), Err(AnswerRefusal::NotJson));
}

#[test]
fn answers_to_sending_are_judged() {
    let judge = |status, body: Value| classify_text(status, body.to_string().as_bytes());
    let accepted = Outcome::Accepted { external_id: Some(MESSAGE.to_owned()) };
    assert_eq!(judge(201, json!({"sid": MESSAGE, "status": "queued", "error_code": null})), accepted);
    assert_eq!(judge(201, json!({"sid": MESSAGE})), accepted);
    assert_eq!(
        judge(201, json!({"sid": "CA00000000000000000000000000000001", "status": "queued"})),
        Outcome::Ambiguous
    );
    assert_eq!(classify_text(201, b"{\"sid\":"), Outcome::Ambiguous);
    let born_failed = judge(201, json!({"sid": MESSAGE, "status": "failed", "error_code": 30_004}));
    assert!(matches!(born_failed, Outcome::Refused { code: 30_004, .. }));
    let opted_out = judge(400, json!({"code": 21_610, "message": "Attempt to send to +14155550100", "status": 400}));
    assert!(matches!(opted_out, Outcome::Refused { code: 21_610, message } if message.contains("opted out")));
    assert!(!format!("{opted_out:?}").contains("415"));
    assert_eq!(judge(429, json!({"code": 20_429})), Outcome::RepeatLater { code: 20_429 });
    for status in [302, 408, 500, 502, 503] {
        assert_eq!(judge(status, json!({})), Outcome::Ambiguous, "{status}");
    }
}

proptest! {
    #[test]
    fn no_answer_makes_it_panic(status in 100..600_u16, body in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = classify_text(status, &body);
        let _ = parse_texts(&body);
    }

    #[test]
    fn what_is_sent_is_what_is_listed(words in any::<String>()) {
        let form = rest().send_text(&send(&words, None)).body();
        let sent = holdfast_carrier_codec::limits::Form::parse(form.as_bytes(), &[]).unwrap();
        let mut listed = record();
        listed["body"] = json!(sent.get("Body").unwrap().unwrap_or_default());
        let page = parse_texts(json!({"messages": [listed]}).to_string().as_bytes()).unwrap();
        prop_assert_eq!(page.records[0].body.expose(), words.as_str());
    }
}
