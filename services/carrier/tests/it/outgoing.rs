//! Texts going out, as the tests ask for them: their effects, a world that sends them, and what the carrier has of them.

use holdfast_proto::router::v1::effect::{Kind, SendText};
use holdfast_proto::router::v1::{Effect, EffectEnd, EffectsDelta, EffectsSnapshot};
use serde_json::json;
use tonic::Code;

use crate::router::FakeRouter;
use crate::twilio::FakeTwilio;
use crate::twilio::messages::{Message, Send};
use crate::world::{CONTACT, World, now_ms};

pub(crate) const HOUR_MS: u64 = 3_600_000;

/// A message of the contact, of the effect's own number.
pub(crate) fn text(number: u32, words: &str) -> Effect {
    written(number, words, now_ms())
}

pub(crate) fn written(number: u32, words: &str, written_at_ms: u64) -> Effect {
    let (to, from) = ("+14155550123".to_owned(), "988".to_owned());
    let text = SendText { message: number, to, from, words: words.into(), written_at_ms };
    // A conversation in writing has no room.
    let (contact_id, room, kind) = (CONTACT.to_owned(), String::new(), Some(Kind::SendText(text)));
    Effect { contact_id, number, epoch: 1, doubted: false, room, kind }
}

pub(crate) fn asked(effects: Vec<Effect>) -> EffectsDelta {
    EffectsDelta { effects, ..EffectsDelta::default() }
}

pub(crate) fn open(effects: Vec<Effect>) -> EffectsSnapshot {
    EffectsSnapshot { effects, legs: Vec::new() }
}

/// A world whose feed is in step and whose next messages fare so. Nothing but a scripted fault puts a message in doubt.
pub(crate) async fn sending(script: &[Send], bounds: serde_json::Value) -> World {
    sending_at(0, script, bounds).await
}

/// The same where network time is so far ahead of the wall clock.
pub(crate) async fn sending_at(ahead_ms: i64, script: &[Send], bounds: serde_json::Value) -> World {
    let mut patient = json!({ "rest_within_ms": 20_000 });
    patient.as_object_mut().unwrap().extend(bounds.as_object().unwrap().clone());
    let world = World::with(patient).await;
    world.twilio.script(|exchange| exchange.texting.sends.extend(script));
    world.router.script(|book| book.ahead_ms = ahead_ms);
    world.router.snapshot(EffectsSnapshot::default()).await;
    world
}

pub(crate) fn requests(twilio: &FakeTwilio) -> Vec<String> {
    twilio.look(|exchange| exchange.texting.asked.clone())
}

pub(crate) fn messages(twilio: &FakeTwilio) -> Vec<Message> {
    twilio.look(|exchange| exchange.texting.messages.clone())
}

pub(crate) fn seat(twilio: &FakeTwilio, message: Message) {
    twilio.script(|exchange| exchange.texting.messages.push(message));
}

/// Waits until doubts have been looked for so often more.
pub(crate) async fn listed(twilio: &FakeTwilio, more: usize) {
    let lists = twilio.look(|exchange| exchange.texting.lists);
    twilio.until(|exchange| exchange.texting.lists >= lists + more).await;
}

pub(crate) async fn receipt(world: &World, number: u32, sid: &str, status: &str) {
    let path = format!("/v1/carriers/main/text-status?contact={CONTACT}&message={number}");
    let response = world.hook(&path, &[("MessageSid", sid), ("MessageStatus", status)]).await;
    assert_eq!(response.status().as_u16(), 200);
}

/// Kills the service when the carrier has this text and the router does not know it yet.
pub(crate) async fn killed_after_sending(world: World, effect: Effect) -> (FakeRouter, FakeTwilio) {
    world.router.script(|book| book.failing = Some(Code::Unavailable));
    let before = messages(&world.twilio).len();
    world.router.delta(asked(vec![effect])).await;
    world.twilio.until(|exchange| exchange.texting.messages.len() > before).await;
    let (router, twilio) = (world.router.clone(), world.twilio.clone());
    drop(world);
    router.cut();
    router.script(|book| {
        book.failing = None;
        book.commands.clear();
    });
    (router, twilio)
}

pub(crate) fn end(number: u32) -> EffectEnd {
    EffectEnd { contact_id: CONTACT.into(), number, barred: false }
}
