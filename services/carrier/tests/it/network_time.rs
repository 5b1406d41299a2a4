//! Texts in doubt where network time is not the wall clock's: after a restart, under another writer, and before any beat.

use std::time::Duration;

use holdfast_proto::router::v1::watch_response::Frame;
use holdfast_proto::router::v1::{Effect, EffectsDelta};
use serde_json::json;

use crate::outgoing::{
    asked, end, killed_after_sending, messages, open, receipt, requests, seat, sending, sending_at, written,
};
use crate::router::FakeRouter;
use crate::twilio::FakeTwilio;
use crate::twilio::messages::{Message, Send, message, message_sid};
use crate::world::{World, now_ms};

const HOUR_MS: i64 = 3_600_000;
const BOTH_WAYS: [i64; 2] = [HOUR_MS, -HOUR_MS];

/// A grace in which a beat comes, however slow the machine.
fn patient() -> serde_json::Value {
    json!({ "doubt_grace_ms": 2_000 })
}

/// A message of the contact, written now by the router's clock.
fn text(router: &FakeRouter, number: u32, words: &str) -> Effect {
    written(number, words, router.look(|book| book.now_ms()))
}

/// The same words sent before, but within the hour by which network time may be behind.
fn older(words: &str) -> Message {
    message(1, words, now_ms() - 30 * 60 * 1_000)
}

/// Tells a service what is open, but not what time it is.
async fn no_beat(router: &FakeRouter, epoch: u64, effects: Vec<Effect>) {
    router.frame(epoch, Frame::EffectsSnapshot(open(effects))).await;
}

/// A service that began with these open, where network time is so far ahead of the wall clock. It has heard no beat.
async fn begun(ahead_ms: i64, words: &[&str], bounds: serde_json::Value) -> World {
    let world = World::with(bounds).await;
    world.router.script(|book| book.ahead_ms = ahead_ms);
    let effects = (1..).zip(words).map(|(number, words)| text(&world.router, number, words)).collect();
    no_beat(&world.router, 1, effects).await;
    world
}

/// Long enough for several looks, none of which is taken: nor is anything more sent.
async fn nothing_happens(twilio: &FakeTwilio) {
    let seen = || twilio.look(|exchange| (exchange.texting.lists, exchange.texting.asked.len()));
    let before = seen();
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert_eq!(seen(), before);
}

#[tokio::test]
async fn a_text_sent_before_a_restart_is_found_and_not_sent_again() {
    for ahead_ms in BOTH_WAYS {
        let killed = sending_at(ahead_ms, &[], json!({})).await;
        seat(&killed.twilio, older("one"));
        let effect = text(&killed.router, 1, "one");
        let (router, twilio) = killed_after_sending(killed, effect.clone()).await;
        // Of itself it would not look again for long: the beat is what it waits for.
        let rarely =
            json!({ "doubt_list_every_ms": 600_000, "doubt_list_every_most_ms": 600_000, "doubt_grace_ms": 600_000 });
        let _restarted = World::over(router.clone(), twilio.clone(), rarely).await;
        no_beat(&router, 1, vec![effect]).await;
        router.delta(asked(vec![text(&router, 2, "two")])).await;
        nothing_happens(&twilio).await;
        router.beat(1).await;
        assert_eq!(router.settled(1).await, Ok(messages(&twilio)[1].sid.clone()), "{ahead_ms}");
        assert!(router.settled(2).await.is_ok());
        assert_eq!(requests(&twilio), ["one", "two"], "{ahead_ms}");
    }
}

#[tokio::test]
async fn a_text_that_never_reached_the_carrier_is_sent_once_though_the_same_words_went_out_before() {
    for ahead_ms in BOTH_WAYS {
        let world = begun(ahead_ms, &["ok"], patient()).await;
        seat(&world.twilio, older("ok"));
        nothing_happens(&world.twilio).await;
        world.router.beat(1).await;
        let settled = world.router.settled(1).await;
        assert_ne!(settled, Ok(message_sid(1)), "{ahead_ms}: not the older one");
        assert_eq!(requests(&world.twilio), ["ok"], "{ahead_ms}");
        assert_eq!(settled, Ok(messages(&world.twilio)[1].sid.clone()), "{ahead_ms}");
        assert_eq!(world.router.look(|book| book.doubts()), 0);
    }
}

#[tokio::test]
async fn one_in_doubt_before_a_restart_is_not_taken_for_an_older_one_of_the_same_words() {
    for ahead_ms in BOTH_WAYS {
        let world = World::new().await;
        world.router.script(|book| book.ahead_ms = ahead_ms);
        seat(&world.twilio, older("ok"));
        no_beat(&world.router, 1, vec![Effect { doubted: true, ..text(&world.router, 1, "ok") }]).await;
        nothing_happens(&world.twilio).await;
        world.router.beat(1).await;
        assert_eq!(world.router.settled(1).await, Err("not_found".to_owned()), "{ahead_ms}");
        assert!(requests(&world.twilio).is_empty());
    }
}

#[tokio::test]
async fn one_in_doubt_is_looked_for_by_network_time() {
    for ahead_ms in BOTH_WAYS {
        let world = sending_at(ahead_ms, &[Send::Only500, Send::MadeThen500], json!({})).await;
        seat(&world.twilio, older("ok"));
        let effects = [(1, "ok"), (2, "yes")].map(|(number, words)| text(&world.router, number, words));
        world.router.delta(asked(effects.to_vec())).await;
        assert_eq!(world.router.settled(1).await, Err("not_found".to_owned()), "{ahead_ms}");
        assert!(world.router.settled(2).await.is_ok(), "{ahead_ms}");
    }
}

#[tokio::test]
async fn another_writers_clock_is_another() {
    for ahead_ms in BOTH_WAYS {
        let world = sending(&[], patient()).await;
        seat(&world.twilio, older("ok"));
        world.router.cut();
        world.router.script(|book| book.ahead_ms = ahead_ms);
        no_beat(&world.router, 2, vec![Effect { epoch: 2, ..text(&world.router, 1, "ok") }]).await;
        nothing_happens(&world.twilio).await;
        world.router.beat(2).await;
        let settled = world.router.settled(1).await;
        assert_ne!(settled, Ok(message_sid(1)), "{ahead_ms}: not the older one");
        assert_eq!(requests(&world.twilio), ["ok"], "{ahead_ms}");
        assert_eq!(settled, Ok(messages(&world.twilio)[1].sid.clone()), "{ahead_ms}");
    }
}

#[tokio::test]
async fn without_a_beat_for_the_whole_grace_a_text_is_in_doubt_and_never_sent() {
    let world = begun(HOUR_MS, &["one", "two"], json!({})).await;
    world.router.until(|book| book.doubts() == 2).await;
    let third = text(&world.router, 3, "three");
    world.router.delta(asked(vec![third])).await;
    assert!(world.router.settled(3).await.is_ok(), "nothing waits for them any more");
    nothing_happens(&world.twilio).await;
    assert!(world.router.look(|book| book.settlement(1).is_none() && book.settlement(2).is_none()));
    seat(&world.twilio, message(9, "one", now_ms()));
    world.router.beat(1).await;
    assert_eq!(world.router.settled(1).await, Ok(message_sid(9)));
    assert_eq!(world.router.settled(2).await, Err("not_found".to_owned()), "and a human decides");
    assert_eq!(requests(&world.twilio), ["three"]);
}

#[tokio::test]
async fn a_receipt_settles_a_text_that_waits_for_a_beat() {
    let world = begun(HOUR_MS, &["one"], json!({ "doubt_grace_ms": 600_000 })).await;
    nothing_happens(&world.twilio).await;
    receipt(&world, 1, &message_sid(9), "sent").await;
    assert_eq!(world.router.settled(1).await, Ok(message_sid(9)));
    nothing_happens(&world.twilio).await;
    assert!(requests(&world.twilio).is_empty());
}

#[tokio::test]
async fn a_text_that_is_over_waits_for_no_beat() {
    let world = begun(HOUR_MS, &["one"], json!({ "doubt_grace_ms": 600_000 })).await;
    nothing_happens(&world.twilio).await;
    let next = text(&world.router, 2, "two");
    world.router.delta(EffectsDelta { ended: vec![end(1)], ..asked(vec![next]) }).await;
    assert!(world.router.settled(2).await.is_ok());
    assert_eq!(requests(&world.twilio), ["two"]);
    assert_eq!(world.router.look(|book| book.doubts()), 0);
}

#[tokio::test]
async fn a_stop_does_not_wait_for_a_beat() {
    let world = begun(HOUR_MS, &["one"], json!({ "doubt_grace_ms": 600_000 })).await;
    nothing_happens(&world.twilio).await;
    world.stop().await;
    assert!(world.router.look(|book| book.commands.is_empty()), "it stays open in the router's outbox");
    assert!(requests(&world.twilio).is_empty());
}
