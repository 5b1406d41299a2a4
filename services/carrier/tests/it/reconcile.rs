//! Reconciliation: each kind of repair, and what is left alone.

use holdfast_proto::router::v1::{EffectsDelta, EffectsSnapshot, ExpectedLeg, LegCause, LegState};
use serde_json::json;

use crate::twilio::call_sid;
use crate::world::{CONTACT, World};

fn room() -> String {
    format!("contact-{CONTACT}")
}

fn leg(number: u32, state: LegState, external_id: &str) -> ExpectedLeg {
    ExpectedLeg {
        contact_id: CONTACT.into(),
        room: room(),
        leg: number,
        label: if number == 0 { String::new() } else { format!("leg-{CONTACT}-{number}") },
        external_id: external_id.into(),
        state: state.into(),
    }
}

fn expected(legs: Vec<ExpectedLeg>) -> EffectsSnapshot {
    EffectsSnapshot { effects: Vec::new(), legs }
}

async fn quick() -> World {
    World::with(json!({ "reconcile_every_ms": 20 })).await
}

/// Waits until this many more rounds have begun and ended: each lists the calls in three states and the rooms.
async fn rounds(world: &World, rounds: usize) {
    let lists = world.twilio.look(|exchange| exchange.lists);
    world.twilio.until(|exchange| exchange.lists > lists + (rounds + 1) * 5).await;
}

#[tokio::test]
async fn legs_that_are_not_at_the_carrier_are_reported_over() {
    let world = quick().await;
    let legs = vec![
        leg(0, LegState::InRoom, &call_sid(1)),
        leg(1, LegState::InRoom, &call_sid(2)),
        leg(2, LegState::Alerting, &call_sid(3)),
        leg(3, LegState::Alerting, &call_sid(4)),
        leg(4, LegState::Dialing, ""),
    ];
    world.twilio.seat(&call_sid(4), &room(), Some(&format!("leg-{CONTACT}-3")), "ringing");
    world.router.snapshot(expected(legs)).await;
    world.router.until(|book| book.reports().iter().map(|report| report.leg).max() == Some(2)).await;
    world.router.look(|book| {
        let mut seen: Vec<_> =
            book.reports().iter().map(|report| (report.leg, report.state(), report.cause())).collect();
        seen.sort();
        seen.dedup();
        let cause = LegCause::NotAtCarrier;
        assert_eq!(seen, [(0, LegState::Ended, cause), (1, LegState::Ended, cause), (2, LegState::Failed, cause)]);
    });
    assert!(world.twilio.writes().is_empty());
}

#[tokio::test]
async fn a_fresh_leg_is_left_out_of_the_round() {
    let world = World::with(json!({ "reconcile_every_ms": 20, "reconcile_fresh_ms": 600_000 })).await;
    world.router.snapshot(expected(vec![leg(0, LegState::InRoom, &call_sid(1))])).await;
    rounds(&world, 3).await;
    assert!(world.router.look(|book| book.commands.is_empty()));
}

#[tokio::test]
async fn a_leg_seen_in_the_room_is_reported_there() {
    let world = quick().await;
    world.twilio.seat(&call_sid(1), &room(), Some(&format!("person-{CONTACT}")), "connected");
    world.twilio.seat(&call_sid(2), &room(), Some(&format!("leg-{CONTACT}-1")), "connected");
    let legs = vec![leg(0, LegState::Answered, &call_sid(1)), leg(1, LegState::Dialing, "")];
    world.router.snapshot(expected(legs)).await;
    world.router.until(|book| book.reports().iter().any(|report| report.leg == 1)).await;
    world.router.look(|book| {
        assert!(book.reports().iter().all(|report| report.state() == LegState::InRoom));
        let of = |leg| book.reports().iter().find(|report| report.leg == leg).unwrap().external_id.clone();
        assert_eq!((of(0), of(1)), (call_sid(1), call_sid(2)));
    });
}

#[tokio::test]
async fn a_leg_nobody_expects_is_dropped_and_a_person_never() {
    let world = quick().await;
    let stranger = "ffffffffffffffffffffffffffffffff";
    world.twilio.seat(&call_sid(1), &room(), Some(&format!("person-{CONTACT}")), "connected");
    world.twilio.seat(&call_sid(2), &room(), Some(&format!("leg-{CONTACT}-7")), "connected");
    world.twilio.seat(&call_sid(3), &format!("contact-{stranger}"), Some(&format!("person-{stranger}")), "connected");
    world.twilio.seat(&call_sid(4), &format!("contact-{stranger}"), Some(&format!("leg-{stranger}-1")), "connected");
    world.twilio.seat(&call_sid(5), "somebody-elses", Some("visitor"), "connected");
    world.router.snapshot(expected(vec![leg(0, LegState::InRoom, &call_sid(1))])).await;
    world.twilio.until(|exchange| exchange.writes.len() >= 2).await;
    rounds(&world, 3).await;
    let mut writes = world.twilio.writes();
    writes.sort();
    assert_eq!(writes, [format!("hang up {}", call_sid(2)), format!("hang up {}", call_sid(4))]);
    assert!(world.router.look(|book| book.commands.is_empty()));
}

#[tokio::test]
async fn a_leg_the_router_learned_of_meanwhile_is_not_dropped() {
    let world = quick().await;
    world.twilio.seat(&call_sid(2), &room(), Some(&format!("leg-{CONTACT}-1")), "connected");
    world.router.snapshot(expected(vec![leg(1, LegState::InRoom, &call_sid(2))])).await;
    rounds(&world, 3).await;
    assert!(world.twilio.writes().is_empty());
    let over = EffectsDelta { legs: vec![leg(1, LegState::Ended, &call_sid(2))], ..EffectsDelta::default() };
    world.router.delta(over).await;
    world.twilio.until(|exchange| exchange.writes == [format!("hang up {}", call_sid(2))]).await;
}

#[tokio::test]
async fn nothing_is_compared_while_the_feed_is_broken() {
    let world = World::with(json!({ "reconcile_every_ms": 20, "feed_silence_ms": 60_000 })).await;
    world.twilio.seat(&call_sid(2), &room(), Some(&format!("leg-{CONTACT}-7")), "connected");
    world.router.until(|book| book.watches.len() == 1).await;
    // No frame yet: what is expected is not known, and so nothing is a stray.
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert_eq!(world.twilio.look(|exchange| exchange.lists), 0);
    world.router.snapshot(EffectsSnapshot::default()).await;
    world.twilio.until(|exchange| !exchange.writes.is_empty()).await;
}
