//! Texts going out: order, refusals, doubts, restarts, and messages of the same words.

use holdfast_proto::router::v1::effect::Kind;
use holdfast_proto::router::v1::{Effect, EffectEnd, EffectsDelta};
use serde_json::json;

use crate::outgoing::{
    HOUR_MS, asked, end, killed_after_sending, listed, messages, open, receipt, requests, seat, sending, text, written,
};
use crate::twilio::messages::{Message, Send, message, message_sid};
use crate::world::{CONTACT, World, now_ms};

#[tokio::test]
async fn texts_of_a_contact_go_out_in_number_order_and_name_themselves() {
    let world = sending(&[], json!({})).await;
    world.router.delta(asked(vec![text(2, "two"), text(1, "one"), text(3, "three")])).await;
    let mut ids = Vec::new();
    for number in 1..=3 {
        ids.push(world.router.settled(number).await.unwrap());
    }
    let sent = messages(&world.twilio);
    assert_eq!(sent.iter().map(|message| message.sid.clone()).collect::<Vec<_>>(), ids);
    assert_eq!(requests(&world.twilio), ["one", "two", "three"]);
    let url = format!("https://hooks.example.org/v1/carriers/main/text-status?contact={CONTACT}&message=2");
    assert_eq!((sent[1].to.as_str(), sent[1].from.as_str(), sent[1].status_url.clone()), ("+14155550123", "988", url));
    assert_eq!(world.router.look(|book| book.doubts()), 0);
}

#[tokio::test]
async fn refusals_carry_the_carriers_code_and_hold_nothing_up() {
    let script = [Send::Refused(400, 21_610), Send::MadeAndFailed(30_004), Send::Refused(429, 20_429)];
    let world = sending(&script, json!({})).await;
    world.router.delta(asked(vec![text(1, "one"), text(2, "two"), text(3, "three")])).await;
    assert_eq!(world.router.settled(1).await, Err("blocked".to_owned()));
    assert_eq!(world.router.settled(2).await, Err("twilio_30004".to_owned()));
    assert!(world.router.settled(3).await.is_ok(), "turned away for now is tried again");
    assert_eq!(requests(&world.twilio), ["one", "two", "three", "three"]);
    assert_eq!(world.router.look(|book| book.doubts()), 0);
}

#[tokio::test]
async fn one_that_cannot_be_sent_is_refused_and_blocks_nothing() {
    let world = sending(&[], json!({})).await;
    let mut broken = text(1, "one");
    if let Some(Kind::SendText(text)) = &mut broken.kind {
        text.to = "nowhere".into();
    }
    world.router.delta(asked(vec![broken, text(2, "two")])).await;
    assert_eq!(world.router.settled(1).await, Err("malformed_address".to_owned()));
    assert!(world.router.settled(2).await.is_ok());
}

#[tokio::test]
async fn an_answer_lost_after_the_carrier_sent_it_is_found_and_nothing_is_sent_twice() {
    for script in [Send::MadeThen500, Send::MadeThenCut, Send::MadeAndSilent] {
        let world = sending(&[script], json!({ "rest_within_ms": 1_000 })).await;
        world.router.delta(asked(vec![text(1, "one"), text(2, "two")])).await;
        let found = world.router.settled(1).await.unwrap();
        assert!(world.router.settled(2).await.is_ok());
        assert_eq!(messages(&world.twilio)[0].sid, found);
        assert_eq!(requests(&world.twilio), ["one", "two"], "{script:?}");
        assert_eq!(world.router.look(|book| book.doubts()), 1);
    }
}

#[tokio::test]
async fn an_answer_lost_before_the_carrier_sent_it_is_refused_after_the_grace() {
    let world = sending(&[Send::Only500], json!({})).await;
    world.router.delta(asked(vec![text(1, "one")])).await;
    assert_eq!(world.router.settled(1).await, Err("not_found".to_owned()));
    assert_eq!(requests(&world.twilio), ["one"], "and is never sent again");
    assert_eq!(world.router.look(|book| book.doubts()), 1);
}

#[tokio::test]
async fn one_in_doubt_holds_up_no_other_and_may_appear_late() {
    let world = sending(&[Send::Only500], json!({ "doubt_grace_ms": 60_000 })).await;
    world.router.delta(asked(vec![text(1, "one"), text(2, "two")])).await;
    assert!(world.router.settled(2).await.is_ok());
    listed(&world.twilio, 5).await;
    assert!(world.router.look(|book| book.settlement(1)).is_none(), "it may still appear");
    seat(&world.twilio, message(9, "one", now_ms()));
    assert_eq!(world.router.settled(1).await, Ok(message_sid(9)));
}

#[tokio::test]
async fn a_receipt_settles_a_doubt_though_nothing_can_be_listed() {
    let world = sending(&[Send::Only500], json!({ "doubt_grace_ms": 60_000 })).await;
    world.twilio.script(|exchange| exchange.texting.unlisted = true);
    world.router.delta(asked(vec![text(1, "one")])).await;
    listed(&world.twilio, 3).await;
    assert!(world.router.look(|book| book.settlement(1)).is_none());
    receipt(&world, 1, &message_sid(9), "sent").await;
    assert_eq!(world.router.settled(1).await, Ok(message_sid(9)));
}

#[tokio::test]
async fn a_listing_that_cannot_be_had_proves_nothing() {
    let world = sending(&[Send::MadeThen500], json!({ "doubt_grace_ms": 50 })).await;
    world.twilio.script(|exchange| exchange.texting.unlisted = true);
    world.router.delta(asked(vec![text(1, "one")])).await;
    listed(&world.twilio, 6).await;
    assert!(world.router.look(|book| book.settlement(1)).is_none(), "long past the grace");
    world.twilio.script(|exchange| exchange.texting.unlisted = false);
    assert_eq!(world.router.settled(1).await, Ok(messages(&world.twilio)[0].sid.clone()));
}

#[tokio::test]
async fn what_is_not_it_is_not_taken_for_it() {
    let world = sending(&[Send::Only500], json!({})).await;
    let now = now_ms();
    let like = |number| message(number, "one", now);
    for other in [
        Message { made_at_ms: now - 10_000, ..like(1) },
        Message { body: "one ".into(), ..like(2) },
        Message { direction: "inbound", ..like(3) },
        Message { direction: "outbound-reply", ..like(4) },
        Message { to: "+14155550199".into(), ..like(5) },
        Message { from: "+18005550101".into(), ..like(6) },
    ] {
        seat(&world.twilio, other);
    }
    world.router.delta(asked(vec![text(1, "one")])).await;
    assert_eq!(world.router.settled(1).await, Err("not_found".to_owned()));
}

#[tokio::test]
async fn one_found_that_has_failed_meanwhile_is_refused_with_why() {
    let world = sending(&[Send::Only500], json!({})).await;
    seat(&world.twilio, Message { status: "undelivered", error: Some(30_005), ..message(1, "one", now_ms()) });
    world.router.delta(asked(vec![text(1, "one")])).await;
    assert_eq!(world.router.settled(1).await, Err("twilio_30005".to_owned()));
}

#[tokio::test]
async fn two_of_the_same_words_in_doubt_are_two_messages() {
    let world = sending(&[Send::MadeThen500, Send::MadeThen500], json!({})).await;
    world.router.delta(asked(vec![text(1, "ok"), text(2, "ok")])).await;
    let (one, other) = (world.router.settled(1).await.unwrap(), world.router.settled(2).await.unwrap());
    assert_ne!(one, other);
    let world = sending(&[Send::MadeThen500, Send::Only500], json!({})).await;
    world.router.delta(asked(vec![text(1, "ok"), text(2, "ok")])).await;
    let settled = [world.router.settled(1).await, world.router.settled(2).await];
    assert_eq!(settled.iter().filter(|settled| settled.is_ok()).count(), 1, "{settled:?}");
    assert!(settled.contains(&Err("not_found".to_owned())));
    assert_eq!(requests(&world.twilio).len(), 2);
}

#[tokio::test]
async fn a_receipt_says_which_of_two_of_the_same_words_was_sent() {
    let world = sending(&[Send::Only500, Send::MadeThen500], json!({ "doubt_grace_ms": 1_500 })).await;
    world.router.delta(asked(vec![text(1, "ok"), text(2, "ok")])).await;
    world.router.until(|book| book.doubts() == 2).await;
    listed(&world.twilio, 4).await;
    let made = messages(&world.twilio)[0].sid.clone();
    receipt(&world, 2, &made, "sent").await;
    assert_eq!(world.router.settled(2).await, Ok(made));
    assert_eq!(world.router.settled(1).await, Err("not_found".to_owned()));
}

/// Three messages of the same words, each faring in one of four ways: as many are accepted as the carrier has, each is its own,
/// and none is asked for twice.
#[tokio::test]
async fn of_the_same_words_as_many_are_accepted_as_were_sent() {
    let fates = [Send::Made, Send::MadeThen500, Send::Only500, Send::Refused(400, 21_610)];
    let mut worlds = tokio::task::JoinSet::new();
    for script in (0..64).map(|number| [fates[number % 4], fates[number / 4 % 4], fates[number / 16]]) {
        worlds.spawn(async move {
            let world = sending(&script, json!({ "doubt_grace_ms": 150 })).await;
            world.router.delta(asked(vec![text(1, "ok"), text(2, "ok"), text(3, "ok")])).await;
            let mut accepted = Vec::new();
            for number in 1..=3 {
                accepted.extend(world.router.settled(number).await.ok());
            }
            accepted.sort();
            let mut made: Vec<String> = messages(&world.twilio).into_iter().map(|message| message.sid).collect();
            made.sort();
            assert_eq!(accepted, made, "{script:?}");
            assert_eq!(requests(&world.twilio).len(), 3, "{script:?}");
        });
    }
    while let Some(world) = worlds.join_next().await {
        world.unwrap();
    }
}

#[tokio::test]
async fn one_in_doubt_does_not_take_the_message_of_another_that_is_on_its_way() {
    let world = sending(&[Send::Only500], json!({})).await;
    world.twilio.script(|exchange| exchange.texting.holds_answers = true);
    world.router.delta(asked(vec![text(1, "ok"), text(2, "ok")])).await;
    world.twilio.until(|exchange| exchange.texting.messages.len() == 1).await;
    // Longer than the grace, with the other's message listed all the time.
    listed(&world.twilio, 12).await;
    assert!(world.router.look(|book| book.settlement(1)).is_none());
    world.twilio.script(|exchange| exchange.texting.holds_answers = false);
    assert_eq!(world.router.settled(2).await, Ok(messages(&world.twilio)[0].sid.clone()));
    assert_eq!(world.router.settled(1).await, Err("not_found".to_owned()));
}

#[tokio::test]
async fn the_same_words_sent_before_are_not_taken_for_the_new_message() {
    let world = sending(&[Send::Made, Send::Only500], json!({})).await;
    world.router.delta(asked(vec![text(1, "ok")])).await;
    let first = world.router.settled(1).await.unwrap();
    world.router.delta(EffectsDelta { ended: vec![end(1)], ..asked(vec![text(2, "ok")]) }).await;
    assert_eq!(world.router.settled(2).await, Err("not_found".to_owned()), "the first was {first}");
}

#[tokio::test]
async fn a_barred_text_that_waits_is_not_sent() {
    let world = sending(&[], json!({})).await;
    world.twilio.script(|exchange| exchange.texting.holds_answers = true);
    world.router.delta(asked(vec![text(1, "one"), text(2, "two")])).await;
    world.twilio.until(|exchange| exchange.texting.messages.len() == 1).await;
    let barred = EffectEnd { barred: true, ..end(2) };
    world.router.delta(EffectsDelta { ended: vec![barred], ..asked(vec![text(3, "three")]) }).await;
    world.twilio.script(|exchange| exchange.texting.holds_answers = false);
    world.router.settled(3).await.unwrap();
    assert_eq!(requests(&world.twilio), ["one", "three"]);
}

#[tokio::test]
async fn a_service_killed_between_sending_and_telling_sends_once() {
    let killed = sending(&[], json!({})).await;
    let effect = text(1, "one");
    let (router, twilio) = killed_after_sending(killed, effect.clone()).await;
    let _restarted = World::over(router.clone(), twilio.clone(), json!({})).await;
    // The second goes out only when the new process is done with the first.
    router.snapshot(open(vec![effect, text(2, "two")])).await;
    assert!(router.settled(2).await.is_ok());
    assert_eq!(router.settled(1).await, Ok(messages(&twilio)[0].sid.clone()));
    assert_eq!(requests(&twilio), ["one", "two"]);
}

#[tokio::test]
async fn what_was_open_before_a_restart_is_sent_only_when_it_is_certainly_not_there() {
    let began = std::time::Instant::now();
    let world = World::with(json!({ "doubt_grace_ms": 400 })).await;
    world.router.snapshot(open(vec![text(1, "one"), text(2, "two")])).await;
    assert!(world.router.settled(1).await.is_ok());
    assert!(began.elapsed().as_millis() >= 400, "the process before may have sent it just now");
    assert!(world.router.settled(2).await.is_ok());
    assert_eq!(requests(&world.twilio), ["one", "two"]);
    assert_eq!(world.router.look(|book| book.doubts()), 0);
}

#[tokio::test]
async fn all_that_was_open_before_a_restart_waits_for_one_grace() {
    let rarely = json!({ "doubt_grace_ms": 400, "doubt_list_every_ms": 600_000, "doubt_list_every_most_ms": 600_000 });
    let world = World::with(rarely).await;
    world.router.snapshot(open((1..=3).map(|number| text(number, "ok")).collect())).await;
    for number in 1..=3 {
        assert!(world.router.settled(number).await.is_ok());
    }
    assert_eq!(requests(&world.twilio).len(), 3);
    // The first is looked for at once and again after the grace, the others once.
    assert!(world.twilio.look(|exchange| exchange.texting.lists) <= 4);
}

#[tokio::test]
async fn what_was_written_while_the_feed_was_broken_is_sent_after_one_look() {
    let world = sending(&[], json!({ "doubt_grace_ms": 600_000 })).await;
    world.router.cut();
    world.router.snapshot(open(vec![written(1, "one", now_ms() + 10_000)])).await;
    assert!(world.router.settled(1).await.is_ok());
    assert_eq!(world.twilio.look(|exchange| exchange.texting.lists), 1);
}

#[tokio::test]
async fn one_in_doubt_before_a_restart_is_only_listed() {
    let world = World::new().await;
    let doubted = |number, words| Effect { doubted: true, ..text(number, words) };
    seat(&world.twilio, message(4, "two", now_ms()));
    world.router.snapshot(open(vec![doubted(1, "one"), doubted(2, "two"), text(3, "three")])).await;
    assert_eq!(world.router.settled(2).await, Ok(message_sid(4)));
    assert_eq!(world.router.settled(1).await, Err("not_found".to_owned()));
    assert!(world.router.settled(3).await.is_ok());
    assert_eq!(requests(&world.twilio), ["three"]);
}

#[tokio::test]
async fn a_router_that_lost_a_settlement_is_told_it_again() {
    let world = sending(&[], json!({})).await;
    let effect = text(1, "one");
    world.router.delta(asked(vec![effect.clone()])).await;
    let sent = world.router.settled(1).await;
    world.router.script(|book| book.commands.clear());
    world.router.cut();
    world.router.snapshot(open(vec![effect])).await;
    assert_eq!(world.router.settled(1).await, sent);
    assert_eq!(requests(&world.twilio), ["one"]);
}

#[tokio::test]
async fn a_long_conversation_is_read_page_by_page_as_far_back_as_it_matters() {
    let world = sending(&[Send::MadeThen500], json!({})).await;
    let now = now_ms();
    for number in 0..6 {
        seat(&world.twilio, message(10 + number, "other", now + 3_000));
        seat(&world.twilio, message(20 + number, "other", now - 48 * HOUR_MS));
    }
    world.twilio.script(|exchange| exchange.texting.page_most = 4);
    world.router.delta(asked(vec![text(1, "one")])).await;
    let found = world.router.settled(1).await.unwrap();
    assert!(messages(&world.twilio).iter().any(|message| message.sid == found && message.body == "one"));
    // It is on the second page; the third is old as a whole and ends the listing before the fourth.
    assert_eq!(world.twilio.look(|exchange| exchange.texting.lists), 3);
}
