//! The simulated carrier's messages against a tiny Holdfast over real HTTP: hooks, REST, receipts, opt-outs, faults, writers; and
//! people who are called back.
#![expect(clippy::unwrap_used, reason = "tests")]

mod fake_holdfast;

use fake_holdfast::{FakeHoldfast, Hook, Rest, waiting_room};
use holdfast_loadtests::Mark;
use holdfast_loadtests::carrier::{
    Bounds, CallbackScript, Carrier, CarrierLedger, CarrierSettings, DialOutcome, DialScript, EndedBy, Faults,
    Happened, Hidden, PersonScript, PlaceError, TextStory, Turn, WriterScript,
};
use serde_json::Value;
use std::time::Duration;

const PERSON: &str = "+12062000001";
const LINE: &str = "+12065550100";
const ANA: &str = "sip:ana@desk.example";

async fn settings(holdfast: &FakeHoldfast, faults: Faults) -> CarrierSettings {
    let mut settings = holdfast.settings();
    settings.text_url = Some(format!("{}/text", holdfast.origin()));
    settings.faults = faults;
    settings
}

async fn holdfast() -> FakeHoldfast {
    FakeHoldfast::start(|hook, _| {
        let document = if hook.path == "/voice" { waiting_room("1") } else { "<Response/>".to_owned() };
        (200, document)
    })
    .await
}

async fn wait_for(carrier: &Carrier, seen: impl Fn(&CarrierLedger) -> bool) -> CarrierLedger {
    let waited = tokio::time::timeout(Duration::from_secs(20), async {
        loop {
            let ledger = carrier.ledger();
            if seen(&ledger) {
                return ledger;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    waited.await.unwrap()
}

fn on<'a>(hooks: &'a [Hook], path: &'a str) -> impl Iterator<Item = &'a Hook> {
    hooks.iter().filter(move |hook| hook.path == path)
}

async fn send(rest: &Rest, to: &str, words: &str, receipts: &str) -> (u16, Value) {
    let form = [("From", LINE), ("To", to), ("Body", words), ("StatusCallback", receipts)];
    rest.ask("POST", "Messages.json", &form).await
}

fn only(ledger: &CarrierLedger) -> TextStory {
    let stories = ledger.conversations();
    assert_eq!(stories.len(), 1);
    stories.into_iter().next().unwrap()
}

#[tokio::test]
async fn a_message_comes_as_a_signed_hook_and_an_answer_goes_out_with_receipts() {
    let holdfast = holdfast().await;
    let carrier = Carrier::start(settings(&holdfast, Faults::default()).await).await.unwrap();
    let message = carrier.write(PERSON, LINE, "👋 ¿Hola?");
    let hooks = holdfast.wait_for(|hooks| on(hooks, "/text").count() == 1).await;
    let hook = on(&hooks, "/text").next().unwrap();
    assert_eq!((hook.get("From"), hook.get("To"), hook.get("Body")), (PERSON, LINE, "👋 ¿Hola?"));
    assert_eq!((hook.get("MessageSid"), hook.get("NumMedia"), hook.get("OptOutType")), (message.as_str(), "0", ""));
    let receipts = format!("{}/text-status?contact=0a&message=2", holdfast.origin());
    let (status, sent) = send(&Rest::of(&carrier), PERSON, "I am here.", &receipts).await;
    assert_eq!(
        (status, sent["status"].as_str(), sent["direction"].as_str()),
        (201, Some("queued"), Some("outbound-api"))
    );
    let hooks = holdfast.wait_for(|hooks| on(hooks, "/text-status").count() == 2).await;
    let told: Vec<&str> = on(&hooks, "/text-status").map(|hook| hook.get("MessageStatus")).collect();
    assert_eq!(told, ["sent", "delivered"]);
    assert!(on(&hooks, "/text-status").all(|hook| Some(hook.get("MessageSid")) == sent["sid"].as_str()));
    let ledger = wait_for(&carrier, |ledger| only(ledger).outbound.iter().any(|it| it.delivered_ms.is_some())).await;
    let story = only(&ledger);
    assert_eq!(story.conversation, carrier.conversation(PERSON, LINE));
    assert_eq!((story.inbound[0].mark, story.inbound[0].taken_ms.is_some()), (Mark::of("👋 ¿Hola?"), true));
    let out = &story.outbound[0];
    assert_eq!((out.mark, out.contact.as_deref(), out.number), (Mark::of("I am here."), Some("0a"), Some(2)));
    let shown = format!("{:?}", carrier.stop().await.unwrap());
    assert!(!shown.contains("2062000001") && !shown.contains("I am here") && !shown.contains("Hola"));
}

#[tokio::test]
async fn messages_are_listed_by_number_and_date_page_by_page() {
    let holdfast = holdfast().await;
    let carrier = Carrier::start(settings(&holdfast, Faults::default()).await).await.unwrap();
    let rest = Rest::of(&carrier);
    for words in ["one", "two", "three"] {
        assert_eq!(send(&rest, PERSON, words, "").await.0, 201);
    }
    assert_eq!(send(&rest, "+12062000002", "elsewhere", "").await.0, 201);
    carrier.write(PERSON, LINE, "inbound");
    let mut bodies = Vec::new();
    let mut next =
        Some("Messages.json?To=%2B12062000001&From=%2B12065550100&DateSent%3E=2020-01-01&PageSize=2".to_owned());
    while let Some(path) = next {
        let (status, page) = rest.ask("GET", &path, &[]).await;
        assert_eq!(status, 200);
        bodies.extend(page["messages"].as_array().unwrap().iter().map(|it| it["body"].clone()));
        next = page["next_page_uri"].as_str().map(str::to_owned);
    }
    assert_eq!(bodies, ["three", "two", "one"]);
    let (_, inbound) = rest.ask("GET", "Messages.json?From=%2B12062000001", &[]).await;
    assert_eq!(
        (inbound["messages"][0]["direction"].as_str(), inbound["messages"][1].as_str()),
        (Some("inbound"), None)
    );
    let (_, future) = rest.ask("GET", "Messages.json?DateSent%3E=2100-01-01T00:00:00Z", &[]).await;
    assert_eq!(future["messages"].as_array().unwrap().len(), 0);
    assert_eq!(rest.ask("GET", "Messages.json?DateSent%3E=yesterday", &[]).await.0, 400);
    let sid = inbound["messages"][0]["sid"].as_str().unwrap().to_owned();
    assert_eq!(rest.ask("GET", &format!("Messages/{sid}.json"), &[]).await.1["body"].as_str(), Some("inbound"));
    assert_eq!(rest.ask("GET", "Messages/SMnone.json", &[]).await.0, 404);
    for (form, code) in [
        (vec![("From", LINE), ("Body", "x")], 21_604),
        (vec![("To", PERSON), ("Body", "x")], 21_603),
        (vec![("From", LINE), ("To", PERSON)], 21_602),
        (vec![("From", LINE), ("To", "nobody"), ("Body", "x")], 21_211),
    ] {
        let (status, refused) = rest.ask("POST", "Messages.json", &form).await;
        assert_eq!((status, refused["code"].as_u64()), (400, Some(code)));
    }
    let long = "x".repeat(1_601);
    assert_eq!(send(&rest, PERSON, &long, "").await.1["code"].as_u64(), Some(21_617));
}

#[tokio::test]
async fn who_writes_stop_is_not_reached_until_they_write_start() {
    for names in [false, true] {
        let holdfast = holdfast().await;
        let mut settings = settings(&holdfast, Faults::default()).await;
        settings.names_opt_outs = names;
        let carrier = Carrier::start(settings).await.unwrap();
        let rest = Rest::of(&carrier);
        let message = carrier.write(PERSON, LINE, " Stop ");
        let hooks =
            holdfast.wait_for(|hooks| on(hooks, "/text").any(|it| it.get("MessageSid") == message.as_str())).await;
        let hook = on(&hooks, "/text").find(|it| it.get("MessageSid") == message.as_str()).unwrap();
        assert_eq!(hook.get("OptOutType"), if names { "STOP" } else { "" });
        let (status, refused) = send(&rest, PERSON, "hello", "").await;
        assert_eq!((status, refused["code"].as_u64()), (400, Some(21_610)));
        carrier.write(PERSON, LINE, "start");
        assert_eq!(send(&rest, PERSON, "hello", "").await.0, 201);
        let story = only(&carrier.ledger());
        assert_eq!(story.outbound.iter().map(|it| it.message.is_some()).collect::<Vec<_>>(), [false, true]);
    }
}

#[tokio::test]
async fn what_is_ambiguous_shows_in_a_later_listing_or_never() {
    let holdfast = holdfast().await;
    for kind in ["500", "cut", "late", "before"] {
        let mut faults = Faults { late_ms: 500, ..Faults::default() };
        match kind {
            "500" => faults.rest_effect_then_500 = 1.0,
            "cut" => faults.rest_effect_then_cut = 1.0,
            "late" => faults.rest_effect_late = 1.0,
            _ => faults.rest_cut_before = 1.0,
        }
        let carrier = Carrier::start(settings(&holdfast, faults).await).await.unwrap();
        let rest = Rest::of(&carrier);
        assert_eq!(send(&rest, PERSON, kind, "").await.0, if kind == "500" { 500 } else { 0 });
        if kind != "before" {
            let story = only(&wait_for(&carrier, |ledger| !ledger.conversations().is_empty()).await);
            assert_eq!((story.outbound[0].late, story.outbound[0].mark), (kind == "late", Mark::of(kind)));
        }
        let (_, page) = rest.ask("GET", "Messages.json?To=%2B12062000001", &[]).await;
        let listed = page["messages"].as_array().unwrap().len();
        assert_eq!(listed, usize::from(kind != "before"), "{kind}");
    }
}

#[tokio::test]
async fn hooks_are_tried_again_and_come_twice_and_receipts_come_out_of_order() {
    let holdfast = FakeHoldfast::start(|hook, before| {
        let fails = hook.path == "/text" && before < 2;
        (if fails { 503 } else { 200 }, String::new())
    })
    .await;
    let faults = Faults { text_duplicated: 1.0, callback_duplicated: 1.0, text_undelivered: 1.0, ..Faults::default() };
    let carrier = Carrier::start(settings(&holdfast, faults).await).await.unwrap();
    let message = carrier.write(PERSON, LINE, "hello");
    let hooks = holdfast.wait_for(|hooks| on(hooks, "/text").count() == 4).await;
    assert!(on(&hooks, "/text").all(|hook| hook.get("MessageSid") == message.as_str()));
    let ledger = carrier.ledger();
    let failed = ledger.entries.iter().filter(|it| matches!(it.what, Happened::TextNotTaken { .. })).count();
    assert_eq!((failed, only(&ledger).inbound[0].taken_ms.is_some()), (2, true));
    let receipts = format!("{}/text-status", holdfast.origin());
    send(&Rest::of(&carrier), PERSON, "I am here.", &receipts).await;
    let hooks = holdfast
        .wait_for(|hooks| on(hooks, "/text-status").filter(|it| it.get("ErrorCode") == "30003").count() >= 2)
        .await;
    assert!(on(&hooks, "/text-status").filter(|it| it.get("MessageStatus") == "sent").count() >= 2);
    assert_eq!(only(&carrier.ledger()).outbound[0].delivered_ms, None);
}

fn turn(after_replies: u64, waits_ms: u64, words: &str) -> Turn {
    Turn { after_replies, waits_ms, lag_ms: 100, words: Hidden::new(words), media: 1 }
}

#[tokio::test]
async fn a_writer_waits_for_answers_and_writes_without_them_in_the_end() {
    let holdfast = holdfast().await;
    let mut settings = settings(&holdfast, Faults::default()).await;
    settings.bounds = Bounds { writers_alive: 1, ..Bounds::default() };
    let carrier = Carrier::start(settings).await.unwrap();
    let script = || WriterScript {
        from: Hidden::new(PERSON),
        to: LINE.to_owned(),
        class: "general".to_owned(),
        from_state: "WA".to_owned(),
        turns: vec![turn(0, 0, "Hi"), turn(1, 600_000, "I am back."), turn(1, 2_000, "Hello?")],
    };
    let conversation = carrier.start_writing(script()).unwrap();
    assert_eq!(carrier.start_writing(script()), Err(PlaceError::TooManyWriters));
    holdfast.wait_for(|hooks| on(hooks, "/text").count() == 1).await;
    send(&Rest::of(&carrier), PERSON, "I am here.", "").await;
    let hooks = holdfast.wait_for(|hooks| on(hooks, "/text").count() == 3).await;
    assert_eq!(on(&hooks, "/text").map(|hook| hook.get("Body")).collect::<Vec<_>>(), ["Hi", "I am back.", "Hello?"]);
    assert!(on(&hooks, "/text").all(|hook| hook.get("MediaUrl0") == "https://media.example/none"));
    wait_for(&carrier, |_| carrier.live_writers() == 0).await;
    let story = only(&carrier.ledger());
    assert_eq!(story.conversation, conversation);
    assert!(story.inbound[1].written_ms >= story.outbound[0].delivered_ms.unwrap());
    carrier.start_writing(script()).unwrap();
    carrier.finish_writing();
    wait_for(&carrier, |_| carrier.live_writers() == 0).await;
}

async fn dial_person(rest: &Rest, line: &str) -> (u16, Value) {
    let form = [
        ("From", line),
        ("To", PERSON),
        ("Label", "leg-0a-0"),
        ("EndConferenceOnExit", "true"),
        ("StartConferenceOnEnter", "true"),
    ];
    rest.ask("POST", "Conferences/contact-0a/Participants.json", &form).await
}

#[tokio::test]
async fn a_person_is_called_back_into_the_room_and_only_their_leaving_ends_it() {
    let holdfast = holdfast().await;
    let carrier = Carrier::start(holdfast.settings()).await.unwrap();
    let rest = Rest::of(&carrier);
    carrier.on_callback(|dial| {
        let outcome = match dial.earlier_dials {
            0 => DialOutcome::NoAnswer,
            _ => DialOutcome::Answers { after_ms: 500, stays_ms: None },
        };
        let reach = DialScript { alerts_after_ms: 100, outcome };
        Some(CallbackScript { reach, talk_ms: 20_000, ..CallbackScript::default() })
    });
    assert_eq!(rest.dial("contact-0a", ANA, "leg-0a-1", "").await.0, 201);
    wait_for(&carrier, |ledger| ledger.legs()[0].stays.len() == 1).await;
    let missed = [("From", LINE), ("To", PERSON), ("Label", "leg-0a-0"), ("Timeout", "2")];
    assert_eq!(rest.ask("POST", "Conferences/contact-0a/Participants.json", &missed).await.0, 201);
    wait_for(&carrier, |ledger| ledger.entries.iter().any(|it| matches!(it.what, Happened::PersonNotReached { .. })))
        .await;
    assert_eq!(dial_person(&rest, LINE).await.0, 201);
    wait_for(&carrier, |ledger| ledger.stories().iter().any(|story| story.accompanied_ms.is_some())).await;
    assert_eq!(carrier.live_persons(), 1);
    // Three in the room, then the counselor leaves, and the room goes on.
    assert_eq!(rest.dial("contact-0a", "sip:pia@desk.example", "leg-0a-2", "").await.0, 201);
    wait_for(&carrier, |ledger| ledger.legs().get(1).is_some_and(|leg| leg.stays.len() == 1)).await;
    assert_eq!(rest.ask("DELETE", "Conferences/contact-0a/Participants/leg-0a-1.json", &[]).await.0, 204);
    assert_eq!(carrier.live_persons(), 1);
    let ledger = wait_for(&carrier, |ledger| ledger.legs()[1].ended.is_some()).await;
    let stories = ledger.stories();
    assert!(stories.iter().all(|story| story.outbound && story.acked_ms.is_none() && story.class == "callback"));
    assert_eq!((stories[0].accompanied_ms, stories[0].ended.unwrap().1), (None, EndedBy::NeverJoined));
    assert_eq!((stories[1].counselors.len(), stories[1].ended.unwrap().1), (2, EndedBy::Person));
    assert_eq!(ledger.legs()[1].ended.unwrap().1, EndedBy::RoomEnd);
    assert!(!format!("{ledger:?}").contains("2062000001"));
}

#[tokio::test]
async fn who_stays_for_a_handoff_hangs_up_only_when_it_is_over() {
    let holdfast = holdfast().await;
    let carrier = Carrier::start(holdfast.settings()).await.unwrap();
    let rest = Rest::of(&carrier);
    let script = PersonScript { talk_ms: 3_000, stays_for_handoff: true, ..PersonScript::new(PERSON, LINE) };
    let call = carrier.place_call(script).unwrap();
    let seated = |ledger: &CarrierLedger| ledger.stories().iter().any(|story| !story.seats.is_empty());
    wait_for(&carrier, seated).await;
    assert_eq!(rest.dial("contact-1", ANA, "leg-1-1", "").await.0, 201);
    assert_eq!(rest.dial("contact-1", "sip:pia@desk.example", "leg-1-2", "").await.0, 201);
    let ledger =
        wait_for(&carrier, |ledger| ledger.legs().iter().filter(|leg| leg.stays.len() == 1).count() == 2).await;
    let together_ms = ledger.legs()[1].stays[0].from_ms;
    // Longer than they wanted to talk: 150 ms at this speed.
    wait_for(&carrier, |ledger| ledger.until_ms > together_ms + 300).await;
    assert_eq!(carrier.live_persons(), 1);
    assert_eq!(rest.ask("DELETE", "Conferences/contact-1/Participants/leg-1-1.json", &[]).await.0, 204);
    let ledger = wait_for(&carrier, |ledger| ledger.story(&call).unwrap().ended.is_some()).await;
    assert_eq!(ledger.story(&call).unwrap().ended.unwrap().1, EndedBy::Person);
}
