//! People: who calls waits, talks and hangs up; who writes answers the survey and then whoever writes with them.

use super::ledger::{Contact, contact_of};
use super::meter::Counted;
use super::posts::Form;
use super::world::World;
use crate::installation::{ACCOUNT_SID, LINE, MENU_LINE};
use crate::scenario::Kind;
use crate::webhook::room_form;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// Area codes of the example plan, so that people come from all its regions.
const AREAS: [&str; 8] = ["206", "253", "213", "303", "214", "312", "212", "305"];
/// Numbers below are people's; those of the hot trunk are above.
const PEOPLE_MOST: u64 = 5_000_000;
/// The longest anybody talks or waits, seconds.
const LONGEST_S: f64 = 36_000.0;
/// How long somebody who writes waits for the next word, before they think no more of it.
const SILENCE_MOST: Duration = Duration::from_secs(900);
/// How long the line may take to say its next word, before its question is answered.
const SURVEY_MOST: Duration = Duration::from_secs(60);
/// How long a redial from the hot trunk stays.
const REDIAL_STAYS: Duration = Duration::from_millis(500);

fn phone(number: u64, kind: Kind, phones: usize) -> String {
    let area = |index: u64| AREAS.get(usize::try_from(index % 8).unwrap_or(0)).copied().unwrap_or("206");
    match kind {
        Kind::Call => format!("+1{}{}", area(number), 2_000_000 + number / 8 % (PEOPLE_MOST / 2)),
        Kind::Text => format!("+1{}{}", area(number), 2_000_000 + PEOPLE_MOST / 2 + number / 8 % (PEOPLE_MOST / 2)),
        Kind::Redial | Kind::Silent => {
            let hot = number % u64::try_from(phones.max(1)).unwrap_or(1);
            format!("+1{}{}", area(hot), 2_000_000 + PEOPLE_MOST + hot / 8)
        }
    }
}

fn call_form(call: &str, from: &str, status: &str) -> Form {
    vec![
        ("AccountSid", ACCOUNT_SID.to_owned()),
        ("ApiVersion", "2010-04-01".to_owned()),
        ("CallSid", call.to_owned()),
        ("CallStatus", status.to_owned()),
        ("Called", LINE.to_owned()),
        ("Direction", "inbound".to_owned()),
        ("From", from.to_owned()),
        ("FromState", String::new()),
        ("To", LINE.to_owned()),
    ]
}

/// Everybody of a plan, at their moments after `start`.
pub(crate) async fn come(world: Arc<World>, start: Instant, due: Vec<(Duration, Kind)>, phones: usize, silent_s: f64) {
    for (at, kind) in due {
        let at = start + at;
        tokio::time::sleep_until(at.into()).await;
        let due_us = crate::clock::whole_us(at.saturating_duration_since(world.began));
        tokio::spawn(live(Arc::clone(&world), kind, due_us, phones, silent_s));
    }
}

/// One person of the plan, due at `due_us`.
pub(crate) async fn live(world: Arc<World>, kind: Kind, due_us: u64, phones: usize, silent_s: f64) {
    let number = world.next.fetch_add(1, Ordering::Relaxed);
    world.under_way.fetch_add(1, Ordering::Relaxed);
    world.meter.count(Counted::Due, due_us);
    let from = phone(number, kind, phones);
    match kind {
        Kind::Text => write(&world, number, &from, due_us).await,
        _ => call(&world, number, &from, due_us, kind, silent_s).await,
    }
    world.under_way.fetch_sub(1, Ordering::Relaxed);
}

async fn call(world: &Arc<World>, number: u64, from: &str, due_us: u64, kind: Kind, silent_s: f64) {
    let call = format!("CA{:08x}{number:024x}", std::process::id());
    let sent_us = world.now_us();
    let form = call_form(&call, from, "ringing");
    let Ok((answer, again)) = world.posts.post(Some(due_us), "voice", &form).await else { return };
    let Some((contact, name)) = named(&answer) else {
        world.trouble("a call was answered without a room".to_owned());
        return;
    };
    let acked_us = world.now_us();
    {
        let mut ledger = world.ledger();
        ledger.acked(contact);
        ledger.queued(contact, sent_us, acked_us);
        let latency = ledger.ready(contact, false, due_us);
        if again.is_some_and(|again| named(&again).is_none_or(|(other, _)| other != contact)) {
            ledger.named_another();
        }
        drop(ledger);
        world.offered(latency);
    }
    world.meter.count(Counted::Acked, acked_us);
    let connected = world.expect(contact);
    let joined = room_form(&name, &call, format!("person-{name}"), "participant-join", 1);
    world.insist(&format!("room?contact={name}"), &joined).await;
    let who = number.to_string();
    let people = &world.scenario.people;
    let stays = match kind {
        Kind::Redial => REDIAL_STAYS,
        Kind::Silent => Duration::from_secs_f64(silent_s),
        _ if people.patience_s > 0.0 => world.drawn(&["patience", &who], people.patience_s, LONGEST_S),
        _ => Duration::from_secs_f64(LONGEST_S),
    };
    let met = tokio::select! {
        () = connected.notified() => true,
        () = tokio::time::sleep(stays) => false,
        () = world.homeward() => false,
    };
    if met {
        let mean_s = if kind == Kind::Silent { silent_s } else { people.talk_s };
        let talks = world.drawn(&["talk", &who], mean_s, LONGEST_S);
        tokio::select! {
            () = tokio::time::sleep(talks) => {}
            () = world.homeward() => {}
        }
    }
    world.ledger().leaves(contact, world.now_us());
    let left = room_form(&name, &call, format!("person-{name}"), "participant-leave", 9);
    let told = world.insist(&format!("room?contact={name}"), &left).await;
    let told = world.insist("status", &call_form(&call, from, "completed")).await || told;
    if told {
        world.ledger().hung_up(contact);
    }
    world.forget(contact);
}

/// The contact whose room a document names.
fn named(answer: &[u8]) -> Option<(Contact, String)> {
    let text = String::from_utf8_lossy(answer);
    let name = text.split_once("person-")?.1.get(..32)?.to_owned();
    Some((contact_of(&name)?, name))
}

fn text_form(sid: String, from: &str, words: &str) -> Form {
    vec![
        ("AccountSid", ACCOUNT_SID.to_owned()),
        ("ApiVersion", "2010-04-01".to_owned()),
        ("Body", words.to_owned()),
        ("From", from.to_owned()),
        ("FromState", String::new()),
        ("MessageSid", sid.clone()),
        ("NumMedia", "0".to_owned()),
        ("NumSegments", "1".to_owned()),
        ("SmsMessageSid", sid.clone()),
        ("SmsSid", sid),
        ("SmsStatus", "received".to_owned()),
        ("To", MENU_LINE.to_owned()),
    ]
}

/// Writes one text, now or as it was planned. None if it was not taken.
async fn say(world: &World, number: u64, turn: u32, from: &str, words: &str, planned_us: Option<u64>) -> Option<()> {
    let sid = format!("SM{:08x}{number:016x}{turn:08x}", std::process::id());
    let form = text_form(sid, from, words);
    if world.posts.post(planned_us, "text", &form).await.is_ok() {
        return Some(());
    }
    // The carrier tries again: people's words are not lost there.
    world.insist("text", &form).await.then_some(())
}

async fn write(world: &Arc<World>, number: u64, from: &str, due_us: u64) {
    let mut inbox = world.open_phone(from);
    converse(world, number, from, due_us, &mut inbox).await;
    world.close_phone(from);
}

/// What the line says next. Somebody whose text was taken and who is told nothing is lost.
async fn asked(world: &World, inbox: &mut tokio::sync::mpsc::Receiver<Option<Contact>>) -> Option<Option<Contact>> {
    let told = timeout(SURVEY_MOST, inbox.recv()).await.ok().flatten();
    if told.is_none() {
        world.trouble("a text was taken and never answered".to_owned());
        world.ledger().unheard();
    }
    told
}

async fn converse(
    world: &Arc<World>,
    number: u64,
    from: &str,
    due_us: u64,
    inbox: &mut tokio::sync::mpsc::Receiver<Option<Contact>>,
) -> Option<()> {
    say(world, number, 0, from, "Hi", Some(due_us)).await?;
    world.meter.count(Counted::Acked, world.now_us());
    // The reply and the first question; what one says to it; the second.
    let Some(contact) = asked(world, inbox).await? else {
        world.trouble("a text names no contact".to_owned());
        return None;
    };
    world.ledger().acked(contact);
    asked(world, inbox).await?;
    say(world, number, 1, from, "3", None).await?;
    asked(world, inbox).await?;
    let over = world.expect(contact);
    let ready_us = world.now_us();
    let latency = world.ledger().ready(contact, true, ready_us);
    say(world, number, 2, from, "Sam", None).await?;
    world.ledger().queued(contact, ready_us, world.now_us());
    world.offered(latency);
    let (mut turn, every_s) = (3, world.scenario.people.message_every_s);
    loop {
        tokio::select! {
            got = timeout(SILENCE_MOST, inbox.recv()) => drop(got.ok()??),
            () = over.notified() => break,
            () = world.homeward() => break,
        }
        let thinks = world.drawn(&["writes", &number.to_string(), &turn.to_string()], every_s, 600.0);
        tokio::select! {
            () = tokio::time::sleep(thinks) => {}
            () = over.notified() => break,
            () = world.homeward() => break,
        }
        say(world, number, turn, from, "It has been a hard week and I do not know how to say it.", None).await?;
        turn += 1;
    }
    world.forget(contact);
    Some(())
}
