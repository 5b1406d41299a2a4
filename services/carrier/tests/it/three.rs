//! Three in a room: the person, who hands over, and who takes over. Only the person's leaving, or ending the room, ends it.

use holdfast_proto::router::v1::effect::{Dial as WireDial, Drop as WireDrop, EndRoom, Kind};
use holdfast_proto::router::v1::{Effect, EffectsDelta, EffectsSnapshot, ExpectedLeg, LegCause, LegState, ReportLeg};
use serde_json::json;

use crate::twilio::call_sid;
use crate::world::{CONTACT, World};

fn room() -> String {
    format!("contact-{CONTACT}")
}

fn label(leg: u32) -> String {
    if leg == 0 { format!("person-{CONTACT}") } else { format!("leg-{CONTACT}-{leg}") }
}

fn effect(number: u32, kind: Kind) -> EffectsDelta {
    let effect =
        Effect { contact_id: CONTACT.into(), number, epoch: 1, doubted: false, room: room(), kind: Some(kind) };
    EffectsDelta { effects: vec![effect], ..EffectsDelta::default() }
}

/// A world in which the person waits, and these legs are dialed and have answered.
async fn together(legs: u32) -> (World, Vec<String>) {
    let world = World::new().await;
    world.twilio.seat(&call_sid(1), &room(), Some(&label(0)), "connected");
    world.router.snapshot(EffectsSnapshot::default()).await;
    let mut ids = vec![call_sid(1)];
    for leg in 1..=legs {
        let to = format!("+1415555018{leg}");
        let dial = WireDial { leg, label: label(leg), to, from: "988".into(), ring_ms: 20_000 };
        world.router.delta(effect(leg, Kind::Dial(dial))).await;
        ids.push(world.router.settled(leg).await.unwrap());
    }
    world.twilio.script(|exchange| exchange.calls.iter_mut().for_each(|call| call.status = "connected"));
    (world, ids)
}

async fn drop_leg(world: &World, number: u32, leg: u32, external_id: &str) {
    let drop = WireDrop { leg, label: label(leg), external_id: external_id.into() };
    world.router.delta(effect(number, Kind::Drop(drop))).await;
    assert_eq!(world.router.settled(number).await, Ok(String::new()));
}

#[tokio::test]
async fn whoever_handed_over_leaves_and_the_others_stay() {
    let (world, ids) = together(2).await;
    assert_eq!(world.twilio.inside(&room()), [label(0), label(1), label(2)]);
    let ends: Vec<bool> = world.twilio.look(|exchange| exchange.calls.iter().map(|call| call.ends_room).collect());
    assert_eq!(ends, [true, false, false], "nobody's leaving ends the room but the person's");
    drop_leg(&world, 3, 1, &ids[1]).await;
    assert_eq!(world.twilio.inside(&room()), [label(0), label(2)]);
    assert!(world.twilio.look(|exchange| exchange.ended_rooms.is_empty()));
    world.twilio.hang_up(&ids[0]);
    assert_eq!(world.twilio.inside(&room()), [""; 0]);
    assert_eq!(world.twilio.look(|exchange| exchange.ended_rooms.clone()), [room()]);
}

#[tokio::test]
async fn a_line_that_breaks_ends_nothing_and_ending_the_room_ends_it_for_all() {
    let (world, ids) = together(3).await;
    world.twilio.hang_up(&ids[2]);
    assert_eq!(world.twilio.inside(&room()), [label(0), label(1), label(3)]);
    world.router.delta(effect(4, Kind::EndRoom(EndRoom { person_external_id: ids[0].clone() }))).await;
    assert_eq!(world.router.settled(4).await, Ok(String::new()));
    assert_eq!(world.twilio.inside(&room()), [""; 0]);
}

#[tokio::test]
async fn a_person_on_the_line_is_told_so_in_the_document_too() {
    let world = World::new().await;
    let fields = [("From", "+14155550123"), ("To", "988"), ("CallStatus", "ringing")];
    let answer = world.hook("/v1/carriers/main/voice", &fields).await.text().await.unwrap();
    let document = roxmltree::Document::parse(&answer).unwrap();
    let conference = document.descendants().find(|node| node.has_tag_name("Conference")).unwrap();
    assert_eq!(conference.attribute("endConferenceOnExit"), Some("true"));
    assert_eq!(conference.attribute("participantLabel"), Some(label(0).as_str()));
}

#[tokio::test]
async fn rooms_tell_of_each_of_several_legs() {
    let world = World::new().await;
    let (room, conference) = (room(), format!("CF{CONTACT}"));
    let events = [
        ("participant-join", 0, ""),
        ("participant-join", 1, ""),
        ("participant-join", 2, ""),
        ("participant-leave", 1, "participant_updated_via_api"),
        ("participant-leave", 2, "participant_hung_up"),
        ("participant-leave", 0, "moderator_ended_conference"),
    ];
    for (at, (event, leg, reason)) in events.into_iter().enumerate() {
        let (label, call, sequence) = (label(leg), call_sid(usize::try_from(leg).unwrap() + 1), at.to_string());
        let fields = [
            ("StatusCallbackEvent", event),
            ("ConferenceSid", &conference),
            ("FriendlyName", &room),
            ("ParticipantLabel", &label),
            ("CallSid", &call),
            ("ReasonParticipantLeft", reason),
            ("SequenceNumber", &sequence),
        ];
        world.hook(&format!("/v1/carriers/main/room?contact={CONTACT}"), &fields).await;
    }
    let none = LegCause::Unspecified;
    world.router.look(|book| {
        let seen: Vec<_> = book.reports().iter().map(|it| (it.leg, it.state(), it.cause())).collect();
        assert_eq!(
            seen,
            [
                (0, LegState::InRoom, none),
                (1, LegState::InRoom, none),
                (2, LegState::InRoom, none),
                (1, LegState::Ended, LegCause::Dropped),
                (2, LegState::Ended, LegCause::HungUp),
                (0, LegState::Ended, LegCause::Dropped),
            ]
        );
        let ids: Vec<_> = book.reports().iter().map(|it| it.external_id.clone()).collect();
        assert_eq!(ids, [1, 2, 3, 2, 3, 1].map(call_sid));
    });
}

fn expected(leg: u32, state: LegState, external_id: &str) -> ExpectedLeg {
    ExpectedLeg {
        contact_id: CONTACT.into(),
        room: room(),
        leg,
        label: if leg == 0 { String::new() } else { label(leg) },
        external_id: external_id.into(),
        state: state.into(),
    }
}

#[tokio::test]
async fn reconciling_knows_several_legs_of_one_room_apart() {
    let world = World::with(json!({ "reconcile_every_ms": 20 })).await;
    for (leg, status) in [(0, "connected"), (1, "connected"), (2, "connected"), (4, "ringing"), (5, "connected")] {
        world.twilio.seat(&call_sid(usize::try_from(leg).unwrap() + 1), &room(), Some(&label(leg)), status);
    }
    let legs = vec![
        expected(0, LegState::InRoom, &call_sid(1)),
        expected(1, LegState::InRoom, &call_sid(2)),
        // In the room unheard of, gone, and on its way.
        expected(2, LegState::Answered, &call_sid(3)),
        expected(3, LegState::InRoom, &call_sid(4)),
        expected(4, LegState::Dialing, ""),
    ];
    world.router.snapshot(EffectsSnapshot { effects: vec![], legs }).await;
    let told = |leg, state| move |it: &&ReportLeg| (it.leg, it.state()) == (leg, state);
    world.router.until(|book| book.reports().iter().any(told(2, LegState::InRoom))).await;
    world.router.until(|book| book.reports().iter().any(told(3, LegState::Ended))).await;
    world.twilio.until(|exchange| !exchange.writes.is_empty()).await;
    assert_eq!(world.twilio.writes(), [format!("hang up {}", call_sid(6))], "the one nobody expects");
    assert!(world.router.look(|book| book.reports().iter().all(|it| matches!(it.leg, 2 | 3))));
}
