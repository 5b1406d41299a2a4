//! Calling a person back: their leg is dialed as leg 0, may fail as any dialed leg, and is still the person's in everything else.

use holdfast_proto::router::v1::effect::{Dial as WireDial, Drop as WireDrop, Hold, Kind};
use holdfast_proto::router::v1::{Effect, EffectsDelta, EffectsSnapshot, ExpectedLeg, LegCause, LegState};
use serde_json::json;

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
    let to = if leg == 0 { "+14155550123" } else { "+14155550188" };
    let kind = WireDial { leg, label: label(leg), to: to.into(), from: "988".into(), ring_ms: 20_000 };
    effect(number, Kind::Dial(kind))
}

fn asked(effects: Vec<Effect>) -> EffectsDelta {
    EffectsDelta { effects, ..EffectsDelta::default() }
}

fn expected(leg: u32, state: LegState, external_id: &str) -> ExpectedLeg {
    ExpectedLeg {
        contact_id: CONTACT.into(),
        room: room(),
        leg,
        label: label(leg),
        external_id: external_id.into(),
        state: state.into(),
    }
}

#[tokio::test]
async fn the_person_is_dialed_into_the_room_and_found_again_after_a_doubt() {
    let world = World::new().await;
    world.router.snapshot(EffectsSnapshot::default()).await;
    world.twilio.script(|exchange| exchange.dials.push_back(Dial::MadeThen500));
    world.router.delta(asked(vec![dial(1, 0)])).await;
    let person = world.router.settled(1).await.unwrap();
    let calls = world.twilio.look(|exchange| exchange.calls.clone());
    assert_eq!((calls.len(), calls[0].sid.clone(), calls[0].label.clone()), (1, person.clone(), Some(label(0))));
    assert!(calls[0].ends_room, "the person's leaving ends the room");
    assert_eq!(world.twilio.writes(), [format!("dial {}", label(0))]);
    // They are held by their call, whatever it is labelled.
    let hold = effect(2, Kind::Hold(Hold { person_external_id: person.clone(), on: true }));
    world.router.delta(asked(vec![hold])).await;
    assert_eq!(world.router.settled(2).await, Ok(String::new()));
    assert_eq!(world.twilio.writes()[1], format!("hold {person} Hold=true"));
}

#[tokio::test]
async fn a_person_whose_number_cannot_be_dialed_is_refused_like_any_leg() {
    let world = World::new().await;
    world.router.snapshot(EffectsSnapshot::default()).await;
    world.twilio.script(|exchange| exchange.dials.extend([Dial::Refused(400, 21_211), Dial::Only500]));
    world.router.delta(asked(vec![dial(1, 0)])).await;
    assert_eq!(world.router.settled(1).await, Err("twilio_21211".to_owned()));
    world.router.delta(asked(vec![dial(2, 0)])).await;
    assert_eq!(world.router.settled(2).await, Err("not_found".to_owned()));
}

#[tokio::test]
async fn only_the_router_itself_withdraws_a_call_to_a_person() {
    let world = World::new().await;
    world.router.snapshot(EffectsSnapshot::default()).await;
    world.router.delta(asked(vec![dial(1, 0)])).await;
    let person = world.router.settled(1).await.unwrap();
    let drop = WireDrop { leg: 0, label: label(0), external_id: String::new() };
    world.router.delta(asked(vec![effect(2, Kind::Drop(drop))])).await;
    assert_eq!(world.router.settled(2).await, Ok(String::new()));
    assert_eq!(world.twilio.writes()[1], format!("hang up {person}"));
}

#[tokio::test]
async fn a_person_called_back_may_not_answer_and_one_who_called_us_never_fails() {
    let world = World::new().await;
    let leg = format!("/v1/carriers/main/leg?contact={CONTACT}&leg={}", label(0));
    for status in ["initiated", "ringing", "no-answer", "busy", "in-progress", "completed"] {
        world.hook(&leg, &[("CallStatus", status)]).await;
    }
    let (room, conference) = (room(), format!("CF{CONTACT}"));
    let left = |label: String, status: &'static str, event: &'static str| {
        let (room, conference) = (room.clone(), conference.clone());
        let world = &world;
        async move {
            let fields = [
                ("StatusCallbackEvent", event),
                ("ConferenceSid", &conference),
                ("FriendlyName", &room),
                ("ParticipantLabel", &label),
                ("ParticipantCallStatus", status),
            ];
            world.hook(&format!("/v1/carriers/main/room?contact={CONTACT}"), &fields).await;
        }
    };
    left(label(0), "no-answer", "participant-leave").await;
    left(label(0), "in-progress", "participant-join").await;
    left(label(0), "completed", "participant-leave").await;
    left(format!("person-{CONTACT}"), "no-answer", "participant-leave").await;
    let none = LegCause::Unspecified;
    world.router.look(|book| {
        let seen: Vec<_> = book.reports().iter().map(|it| (it.leg, it.state(), it.cause())).collect();
        assert_eq!(
            seen,
            [
                (0, LegState::Alerting, none),
                (0, LegState::Failed, LegCause::NoAnswer),
                (0, LegState::Failed, LegCause::Busy),
                (0, LegState::Answered, none),
                (0, LegState::Ended, LegCause::HungUp),
                (0, LegState::Failed, LegCause::NoAnswer),
                (0, LegState::InRoom, none),
                (0, LegState::Ended, LegCause::HungUp),
                (0, LegState::Ended, LegCause::NoAnswer),
            ]
        );
    });
}

/// Waits until this many more rounds have begun and ended: each lists the calls in three states and the rooms.
async fn rounds(world: &World, rounds: usize) {
    let lists = world.twilio.look(|exchange| exchange.lists);
    world.twilio.until(|exchange| exchange.lists > lists + (rounds + 1) * 5).await;
}

#[tokio::test]
async fn reconciling_reports_a_person_called_back_and_never_hangs_them_up() {
    let world = World::with(json!({ "reconcile_every_ms": 20 })).await;
    let stranger = "ffffffffffffffffffffffffffffffff";
    world.twilio.seat(&call_sid(1), &room(), Some(&label(0)), "connected");
    world.twilio.seat(&call_sid(2), &format!("contact-{stranger}"), Some(&format!("leg-{stranger}-0")), "connected");
    world.twilio.seat(&call_sid(3), &format!("contact-{stranger}"), Some(&format!("leg-{stranger}-1")), "connected");
    world.router.snapshot(EffectsSnapshot { effects: vec![], legs: vec![expected(0, LegState::Dialing, "")] }).await;
    world.router.until(|book| !book.reports().is_empty()).await;
    world.twilio.until(|exchange| !exchange.writes.is_empty()).await;
    rounds(&world, 3).await;
    assert_eq!(world.twilio.writes(), [format!("hang up {}", call_sid(3))], "a counselor's stray leg, and nobody else");
    world.router.look(|book| {
        let in_room = |it: &&holdfast_proto::router::v1::ReportLeg| (it.leg, it.state()) == (0, LegState::InRoom);
        assert!(book.reports().iter().all(in_room));
        assert_eq!(book.reports()[0].external_id, call_sid(1));
    });
}

#[tokio::test]
async fn a_call_back_that_is_gone_failed_if_nobody_had_answered() {
    for (state, told) in [(LegState::Alerting, LegState::Failed), (LegState::Answered, LegState::Ended)] {
        let world = World::with(json!({ "reconcile_every_ms": 20 })).await;
        let planned = ExpectedLeg { contact_id: "e".repeat(32), ..expected(0, LegState::Planned, "") };
        let legs = vec![expected(0, state, &call_sid(1)), planned];
        world.router.snapshot(EffectsSnapshot { effects: vec![], legs }).await;
        world.router.until(|book| !book.reports().is_empty()).await;
        world.router.look(|book| {
            let gone = book.reports()[0];
            assert_eq!((gone.contact_id.as_str(), gone.state(), gone.cause()), (CONTACT, told, LegCause::NotAtCarrier));
        });
    }
}
