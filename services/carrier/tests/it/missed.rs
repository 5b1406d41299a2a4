//! Texts that no webhook brought: found at the carrier, told to the router once and in order.

use holdfast_proto::router::v1::{OptOut, ReceiveText};
use serde_json::{Value, json};
use tonic::Code;

use crate::router::FakeRouter;
use crate::twilio::FakeTwilio;
use crate::twilio::messages::{Message, message, message_sid, written};
use crate::world::{World, now_ms};

const MINUTE_MS: u64 = 60_000;

/// Looks as often as the tests want, at what is older than a second.
fn often(bounds: Value) -> Value {
    let mut all = json!({"missed_every_ms": 50, "missed_after_ms": 1_000});
    all.as_object_mut().unwrap().extend(bounds.as_object().unwrap().clone());
    all
}

async fn world(messages: Vec<Message>, bounds: Value) -> World {
    let twilio = FakeTwilio::start().await;
    twilio.script(|exchange| exchange.texting.messages = messages);
    World::over(FakeRouter::start().await, twilio, often(bounds)).await
}

/// The texts the router was told of.
fn told(router: &FakeRouter) -> Vec<ReceiveText> {
    router.look(|book| book.texts().into_iter().cloned().collect())
}

fn words(texts: &[ReceiveText]) -> Vec<&str> {
    texts.iter().map(|text| text.words.as_str()).collect()
}

/// Waits for some more looks at the carrier.
async fn looks(world: &World, more: usize) {
    let before = world.twilio.look(|exchange| exchange.texting.lists_of_all);
    world.twilio.until(move |exchange| exchange.texting.lists_of_all >= before + more).await;
}

#[tokio::test]
async fn what_was_written_while_nothing_answered_is_told_once_and_in_order() {
    let now = now_ms();
    let mut picture = written(3, "", now - 2 * MINUTE_MS);
    picture.media = 1;
    let messages = vec![
        written(1, "hello", now - 4 * MINUTE_MS),
        message(2, "ours", now - 3 * MINUTE_MS),
        picture,
        written(4, "end", now - MINUTE_MS),
        written(5, "too long ago", now - 13 * 60 * MINUTE_MS),
    ];
    let world = world(messages, json!({})).await;
    world.router.until(|book| book.texts().len() >= 3).await;
    looks(&world, 3).await;
    let texts = told(&world.router);
    assert_eq!(words(&texts), ["hello", "", "end"]);
    assert!(texts.iter().all(|text| text.missed && text.line_number == "988" && text.person_number == "+14155550123"));
    assert_eq!((texts[0].external_id.as_str(), texts[1].media), (message_sid(1).as_str(), 1));
    assert_eq!((texts[2].opt_out(), texts[2].carrier_replied), (OptOut::MaybeStop, true));
    let ago: Vec<_> = texts.iter().map(|text| (text.written_ago_ms + 30_000) / MINUTE_MS).collect();
    assert_eq!(ago, [4, 2, 1], "in minutes");
}

#[tokio::test]
async fn what_a_webhook_brought_or_may_yet_bring_is_left_alone() {
    let world = world(vec![], json!({})).await;
    let fields = [
        ("CallSid", ""),
        ("MessageSid", &message_sid(1)),
        ("From", "+14155550123"),
        ("To", "988"),
        ("Body", "hello"),
        ("NumMedia", "0"),
    ];
    assert_eq!(world.hook("/v1/carriers/main/text", &fields).await.status(), 200);
    let now = now_ms();
    world.twilio.script(|exchange| {
        exchange.texting.messages = vec![written(1, "hello", now - 5_000), written(2, "just now", now + 60_000)];
    });
    looks(&world, 3).await;
    assert_eq!(words(&told(&world.router)), ["hello"]);
    world.twilio.script(|exchange| exchange.texting.messages[1].made_at_ms = now - 2_000);
    world.router.until(|book| book.texts().len() >= 2).await;
    assert!(told(&world.router)[1].missed);
}

#[tokio::test]
async fn a_router_that_is_away_and_a_carrier_that_does_not_list_are_asked_again() {
    let twilio = FakeTwilio::start().await;
    twilio.script(|exchange| {
        exchange.texting.messages = vec![written(1, "hello", now_ms() - MINUTE_MS)];
        exchange.texting.unlisted = true;
    });
    let router = FakeRouter::start().await;
    router.script(|book| book.failing = Some(Code::Unavailable));
    let world = World::over(router, twilio, often(json!({}))).await;
    looks(&world, 2).await;
    world.twilio.script(|exchange| exchange.texting.unlisted = false);
    world.router.until(|book| !book.texts().is_empty()).await;
    let failed = world.router.look(|book| book.texts().len());
    world.router.script(|book| book.failing = None);
    world.router.until(move |book| book.texts().len() > failed).await;
    assert!(words(&told(&world.router)).iter().all(|it| *it == "hello"));
}

#[tokio::test]
async fn one_to_a_number_of_others_is_not_asked_about_again_and_one_that_is_refused_is() {
    for (code, again) in [(Code::NotFound, false), (Code::FailedPrecondition, true)] {
        let twilio = FakeTwilio::start().await;
        twilio.script(|exchange| exchange.texting.messages = vec![written(1, "hello", now_ms() - MINUTE_MS)]);
        let router = FakeRouter::start().await;
        router.script(|book| book.failing = Some(code));
        let world = World::over(router, twilio, often(json!({}))).await;
        looks(&world, 4).await;
        assert_eq!(told(&world.router).len() > 1, again, "{code:?}");
    }
}

#[tokio::test]
async fn one_that_cannot_be_read_or_taken_keeps_nobody_elses_words_back() {
    let now = now_ms();
    let mut broken = message(1, "of another system", now - 3 * MINUTE_MS);
    broken.sid = "no sid".into();
    let messages = vec![broken, written(2, "poison", now - 2 * MINUTE_MS), written(3, "hello", now - MINUTE_MS)];
    let twilio = FakeTwilio::start().await;
    twilio.script(|exchange| exchange.texting.messages = messages);
    let router = FakeRouter::start().await;
    router.script(|book| book.poison = Some("poison".into()));
    let world = World::over(router, twilio, often(json!({}))).await;
    world.router.until(|book| book.texts().iter().any(|text| text.words == "hello")).await;
    let before = world.router.look(|book| book.texts().len());
    world.router.until(move |book| book.texts().len() > before).await;
    assert_eq!(words(&told(&world.router)).last(), Some(&"poison"), "it is tried again");
}

#[tokio::test]
async fn a_list_longer_than_is_read_is_cut_at_its_old_end() {
    let now = now_ms();
    let messages = (0..5).map(|it| written(it, &format!("{it}"), now - (9 - it as u64) * MINUTE_MS)).collect();
    let twilio = FakeTwilio::start().await;
    twilio.script(|exchange| {
        exchange.texting.messages = messages;
        exchange.texting.page_most = 1;
    });
    let world = World::over(FakeRouter::start().await, twilio, often(json!({"listing_pages_most": 3}))).await;
    looks(&world, 8).await;
    assert_eq!(words(&told(&world.router)), ["2", "3", "4"]);
}
