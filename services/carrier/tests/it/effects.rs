//! Effects: order, overtaking, doubts, restarts, fences.

use holdfast_proto::router::v1::effect::{Dial as WireDial, Drop as WireDrop, EndRoom, Hold, Kind};
use holdfast_proto::router::v1::watch_response::{Beat, Frame};
use holdfast_proto::router::v1::{Effect, EffectEnd, EffectsDelta, EffectsSnapshot};
use serde_json::json;
use tonic::Code;

use crate::twilio::{Dial, call_sid};
use crate::world::{CONTACT, World};

fn room() -> String {
    format!("contact-{CONTACT}")
}

fn label(leg: u32) -> String {
    format!("leg-{CONTACT}-{leg}")
}

fn effect(number: u32, kind: Kind) -> Effect {
    Effect { contact_id: CONTACT.into(), number, epoch: 1, doubted: false, room: room(), kind: Some(kind) }
}

fn dial(number: u32, leg: u32) -> Effect {
    let kind = WireDial { leg, label: label(leg), to: "+14155550188".into(), from: "988".into(), ring_ms: 20_000 };
    effect(number, Kind::Dial(kind))
}

fn drop_leg(number: u32, leg: u32) -> Effect {
    effect(number, Kind::Drop(WireDrop { leg, label: label(leg), external_id: String::new() }))
}

fn hold(number: u32) -> Effect {
    effect(number, Kind::Hold(Hold { person_external_id: call_sid(1), on: true }))
}

fn asked(effects: Vec<Effect>) -> EffectsDelta {
    EffectsDelta { effects, ..EffectsDelta::default() }
}

fn ended(number: u32, barred: bool) -> EffectEnd {
    EffectEnd { contact_id: CONTACT.into(), number, barred }
}

/// A world with the person in their room and the feed in step.
async fn waiting_person() -> World {
    let world = World::new().await;
    world.twilio.seat(&call_sid(1), &room(), Some(&format!("person-{CONTACT}")), "connected");
    world.router.snapshot(EffectsSnapshot::default()).await;
    world
}

fn open(effects: Vec<Effect>) -> EffectsSnapshot {
    EffectsSnapshot { effects, legs: Vec::new() }
}

/// Waits for more listings than the one round of reconciliation and two looks for a leg make.
async fn listed_often(world: &World) {
    let lists = world.twilio.look(|exchange| exchange.lists);
    world.twilio.until(|exchange| exchange.lists > lists + 12).await;
}

#[tokio::test]
async fn effects_of_a_contact_are_done_in_order_and_settled() {
    let world = waiting_person().await;
    world.router.delta(asked(vec![dial(1, 1), hold(2), dial(3, 2)])).await;
    let first = world.router.settled(1).await.unwrap();
    assert_eq!(world.router.settled(2).await, Ok(String::new()));
    assert_ne!(world.router.settled(3).await.unwrap(), first);
    let writes = world.twilio.writes();
    let person = format!("hold {} Hold=true", call_sid(1));
    assert_eq!(writes, [format!("dial {}", label(1)), person, format!("dial {}", label(2))]);
}

#[tokio::test]
async fn ending_the_room_overtakes_and_what_it_bars_never_starts() {
    let world = waiting_person().await;
    world.twilio.script(|exchange| exchange.holds_dials = true);
    world.router.delta(asked(vec![dial(1, 1), dial(2, 2)])).await;
    world.twilio.until(|exchange| exchange.writes.len() == 1).await;
    let end = effect(3, Kind::EndRoom(EndRoom { person_external_id: call_sid(1) }));
    let barring = EffectsDelta { effects: vec![end], ended: vec![ended(2, true)], legs: Vec::new() };
    world.router.delta(barring).await;
    assert_eq!(world.router.settled(3).await, Ok(String::new()));
    world.twilio.script(|exchange| exchange.holds_dials = false);
    world.router.settled(1).await.unwrap();
    world.router.delta(EffectsDelta { ended: vec![ended(1, false)], ..asked(vec![drop_leg(4, 1)]) }).await;
    world.router.settled(4).await.unwrap();
    let dials = world.twilio.writes().iter().filter(|write| write.starts_with("dial")).count();
    assert_eq!(dials, 1, "the barred dial never started");
}

#[tokio::test]
async fn a_dial_that_is_barred_while_it_waits_for_its_turn_does_not_go_out() {
    let world = World::with(json!({ "rest_in_flight": 1, "rest_within_ms": 20_000 })).await;
    world.twilio.seat(&call_sid(1), &room(), Some(&format!("person-{CONTACT}")), "connected");
    world.router.snapshot(EffectsSnapshot::default()).await;
    world.twilio.script(|exchange| exchange.holds_dials = true);
    let other = "ffffffffffffffffffffffffffffffff";
    let label = format!("leg-{other}-1");
    let kind = WireDial { leg: 1, label, to: "+14155550188".into(), from: "988".into(), ring_ms: 20_000 };
    let first = Effect { contact_id: other.into(), room: format!("contact-{other}"), ..effect(11, Kind::Dial(kind)) };
    world.router.delta(asked(vec![first])).await;
    world.twilio.until(|exchange| exchange.writes.len() == 1).await;
    world.router.delta(asked(vec![dial(1, 1)])).await;
    world.router.delta(EffectsDelta { ended: vec![ended(1, true)], ..asked(vec![hold(2)]) }).await;
    world.router.delta(asked(vec![dial(3, 2)])).await;
    world.twilio.script(|exchange| exchange.holds_dials = false);
    world.router.settled(3).await.unwrap();
    let writes = world.twilio.writes();
    assert!(!writes.contains(&format!("dial {}", self::label(1))), "{writes:?}");
}

#[tokio::test]
async fn a_room_that_never_started_is_ended_by_the_persons_call() {
    let world = World::new().await;
    world.router.snapshot(EffectsSnapshot::default()).await;
    world.router.delta(asked(vec![effect(1, Kind::EndRoom(EndRoom { person_external_id: call_sid(1) }))])).await;
    assert_eq!(world.router.settled(1).await, Ok(String::new()));
    assert_eq!(world.twilio.writes(), [format!("hang up {}", call_sid(1))]);
}

#[tokio::test]
async fn a_doubtful_dial_is_found_by_listing_and_never_repeated() {
    for doubt in [Dial::MadeThen500, Dial::MadeAndSilent] {
        let world = waiting_person().await;
        world.twilio.script(|exchange| exchange.dials.push_back(doubt));
        world.router.delta(asked(vec![dial(1, 1), hold(2)])).await;
        let found = world.router.settled(1).await.unwrap();
        world.router.settled(2).await.unwrap();
        let legs = world.twilio.look(|exchange| exchange.calls.clone());
        assert_eq!(legs.iter().filter(|call| call.label == Some(label(1))).count(), 1);
        assert!(legs.iter().any(|call| call.sid == found));
        assert_eq!(world.twilio.writes().iter().filter(|write| write.starts_with("dial")).count(), 1);
        assert_eq!(world.router.look(|book| book.doubts()), 1);
    }
}

#[tokio::test]
async fn a_doubtful_dial_that_stays_away_is_refused_after_the_grace() {
    let world = waiting_person().await;
    world.twilio.script(|exchange| exchange.dials.push_back(Dial::Only500));
    world.router.delta(asked(vec![dial(1, 1)])).await;
    assert_eq!(world.router.settled(1).await, Err("not_found".to_owned()));
    assert_eq!(world.twilio.writes().len(), 1);
    assert_eq!(world.router.look(|book| book.doubts()), 1);
}

#[tokio::test]
async fn a_doubtful_dial_that_appears_late_is_accepted() {
    let world = World::with(json!({ "doubt_grace_ms": 60_000 })).await;
    world.twilio.seat(&call_sid(1), &room(), Some(&format!("person-{CONTACT}")), "connected");
    world.router.snapshot(EffectsSnapshot::default()).await;
    world.twilio.script(|exchange| exchange.dials.push_back(Dial::Only500));
    world.router.delta(asked(vec![dial(1, 1)])).await;
    listed_often(&world).await;
    assert!(world.router.look(|book| book.settlement(1)).is_none(), "it may still appear");
    world.twilio.seat(&call_sid(9), &room(), Some(&label(1)), "ringing");
    assert_eq!(world.router.settled(1).await, Ok(call_sid(9)));
}

#[tokio::test]
async fn a_router_that_lost_a_settlement_is_told_it_again() {
    let world = waiting_person().await;
    world.router.delta(asked(vec![dial(1, 1)])).await;
    let made = world.router.settled(1).await;
    world.router.script(|book| book.commands.clear());
    world.router.cut();
    world.router.snapshot(open(vec![dial(1, 1)])).await;
    assert_eq!(world.router.settled(1).await, made);
    assert_eq!(world.twilio.writes(), [format!("dial {}", label(1))]);
}

#[tokio::test]
async fn refusals_carry_the_carriers_code_and_too_many_is_tried_again() {
    let world = waiting_person().await;
    world.twilio.script(|exchange| exchange.dials.extend([Dial::Refused(400, 21_211), Dial::Refused(429, 20_429)]));
    world.router.delta(asked(vec![dial(1, 1), dial(2, 2)])).await;
    assert_eq!(world.router.settled(1).await, Err("twilio_21211".to_owned()));
    assert!(world.router.settled(2).await.is_ok());
    assert_eq!(world.twilio.writes().len(), 3);
    assert_eq!(world.router.look(|book| book.doubts()), 0);
}

#[tokio::test]
async fn a_carrier_that_asks_for_time_gets_it() {
    let world = waiting_person().await;
    world.twilio.script(|exchange| exchange.dials.push_back(Dial::Later(2)));
    let began = std::time::Instant::now();
    world.router.delta(asked(vec![dial(1, 1)])).await;
    assert!(world.router.settled(1).await.is_ok());
    assert!(began.elapsed() >= std::time::Duration::from_secs(2), "{:?}", began.elapsed());
    assert_eq!(world.twilio.writes().len(), 2, "asked once more, and not before");
}

#[tokio::test]
async fn a_leg_that_lives_under_its_label_already_is_the_one_asked_for() {
    let world = waiting_person().await;
    world.twilio.seat(&call_sid(7), &room(), Some(&label(1)), "ringing");
    world.router.delta(asked(vec![dial(1, 1)])).await;
    assert_eq!(world.router.settled(1).await, Ok(call_sid(7)));
    assert_eq!(world.router.look(|book| book.doubts()), 0);
}

#[tokio::test]
async fn what_was_open_before_a_restart_is_listed_before_it_is_dialed() {
    let world = World::new().await;
    world.twilio.seat(&call_sid(7), &room(), Some(&label(1)), "connected");
    world.router.snapshot(open(vec![dial(1, 1), dial(2, 2)])).await;
    assert_eq!(world.router.settled(1).await, Ok(call_sid(7)));
    assert!(world.router.settled(2).await.is_ok());
    assert_eq!(world.twilio.writes(), [format!("dial {}", label(2))]);
}

#[tokio::test]
async fn a_service_killed_between_dialing_and_telling_dials_once() {
    let killed = waiting_person().await;
    killed.router.script(|book| book.failing = Some(Code::Unavailable));
    killed.router.delta(asked(vec![dial(1, 1)])).await;
    killed.twilio.until(|exchange| exchange.calls.len() == 2).await;
    let (router, twilio) = (killed.router.clone(), killed.twilio.clone());
    drop(killed);
    router.cut();
    router.script(|book| {
        book.failing = None;
        book.commands.clear();
    });
    let _restarted = World::over(router.clone(), twilio.clone(), json!({})).await;
    // The second goes out only when the new process is done with the first.
    router.snapshot(open(vec![dial(1, 1), dial(2, 2)])).await;
    assert!(router.settled(2).await.is_ok());
    let made = twilio.look(|exchange| exchange.calls[1].sid.clone());
    assert_eq!(router.settled(1).await, Ok(made));
    assert_eq!(twilio.writes(), [format!("dial {}", label(1)), format!("dial {}", label(2))]);
}

#[tokio::test]
async fn a_doubted_effect_from_before_a_restart_is_only_listed() {
    let world = World::new().await;
    let doubted = Effect { doubted: true, ..dial(1, 1) };
    world.router.snapshot(open(vec![doubted])).await;
    assert_eq!(world.router.settled(1).await, Err("not_found".to_owned()));
    assert!(world.twilio.writes().is_empty());
    assert_eq!(world.router.look(|book| book.doubts()), 0);
}

#[tokio::test]
async fn a_snapshot_that_repeats_what_runs_starts_nothing_twice() {
    let world = waiting_person().await;
    world.router.script(|book| book.failing = Some(Code::Unavailable));
    world.router.delta(asked(vec![dial(1, 1)])).await;
    world.router.until(|book| book.settlement(1).is_some()).await;
    world.router.cut();
    world.router.snapshot(open(vec![dial(1, 1), hold(2)])).await;
    world.router.script(|book| book.failing = None);
    world.router.settled(2).await.unwrap();
    assert_eq!(world.twilio.writes().iter().filter(|write| write.starts_with("dial")).count(), 1);
    let from = world.router.look(|book| book.watches.clone());
    assert!(from[0].is_none() && from[1].is_some_and(|position| position.sequence == 2), "resumed where it stood");
}

#[tokio::test]
async fn a_dropped_leg_that_appears_late_is_dropped_all_the_same() {
    let world = World::with(json!({ "doubt_grace_ms": 60_000 })).await;
    world.twilio.seat(&call_sid(1), &room(), Some(&format!("person-{CONTACT}")), "connected");
    world.router.snapshot(EffectsSnapshot::default()).await;
    world.twilio.script(|exchange| exchange.dials.push_back(Dial::Only500));
    world.router.delta(asked(vec![dial(1, 1)])).await;
    world.router.until(|book| book.doubts() == 1).await;
    world.router.delta(EffectsDelta { ended: vec![ended(1, true)], ..asked(vec![drop_leg(2, 1)]) }).await;
    listed_often(&world).await;
    assert!(world.router.look(|book| book.settlement(2)).is_none(), "it may still appear");
    world.twilio.seat(&call_sid(9), &room(), Some(&label(1)), "ringing");
    assert!(world.router.settled(2).await.is_ok());
    assert!(world.twilio.writes().contains(&format!("hang up {}", call_sid(9))));
}

#[tokio::test]
async fn dropping_a_leg_that_was_never_dialed_is_done_at_once() {
    let world = World::with(json!({ "doubt_grace_ms": 60_000 })).await;
    world.twilio.seat(&call_sid(1), &room(), Some(&format!("person-{CONTACT}")), "connected");
    world.router.snapshot(EffectsSnapshot::default()).await;
    world.twilio.script(|exchange| exchange.dials.push_back(Dial::Refused(400, 21_211)));
    world.router.delta(asked(vec![dial(1, 1)])).await;
    world.router.settled(1).await.unwrap_err();
    world.router.delta(asked(vec![drop_leg(2, 1)])).await;
    assert_eq!(world.router.settled(2).await, Ok(String::new()));
}

#[tokio::test]
async fn a_replaced_writer_is_not_obeyed() {
    let world = waiting_person().await;
    let newer = Effect { epoch: 5, ..hold(1) };
    let stale = Effect { epoch: 4, ..dial(2, 1) };
    world.router.delta(asked(vec![newer, stale])).await;
    world.router.delta(asked(vec![Effect { epoch: 5, ..hold(3) }])).await;
    world.router.settled(3).await.unwrap();
    assert!(world.twilio.writes().iter().all(|write| write.starts_with("hold")), "the stale dial never started");
    // A whole stream of an older writer is left, and opened again.
    world.router.frame(9, Frame::Beat(Beat::default())).await;
    let watches = world.router.look(|book| book.watches.len());
    world.router.frame(8, Frame::EffectsDelta(asked(vec![Effect { epoch: 8, ..dial(4, 2) }]))).await;
    world.router.until(|book| book.watches.len() > watches).await;
    assert!(world.twilio.writes().iter().all(|write| write.starts_with("hold")));
}

#[tokio::test]
async fn an_effect_nobody_can_carry_out_is_refused_and_blocks_nothing() {
    let world = waiting_person().await;
    let broken = WireDial { leg: 1, label: label(1), to: "nowhere".into(), from: "988".into(), ring_ms: 1 };
    world.router.delta(asked(vec![effect(1, Kind::Dial(broken)), hold(2)])).await;
    assert_eq!(world.router.settled(1).await, Err("malformed_address".to_owned()));
    assert!(world.router.settled(2).await.is_ok());
}
