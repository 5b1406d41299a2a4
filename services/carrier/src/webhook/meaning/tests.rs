//! What notifications mean that the carrier sends only rarely.

use holdfast_carrier_codec::model::RoomMember;
use holdfast_carrier_codec::token::Token;

use super::*;

const CONTACT: &str = "00112233445566778899aabbccddeeff";

fn left(label: Option<String>, reason: LeftReason) -> Event {
    let member = RoomMember {
        room: Token::parse(&format!("contact-{CONTACT}")).unwrap(),
        external_room_id: "CF1".into(),
        label: label.map(|label| Token::parse(&label).unwrap()),
        change: MemberChange::Left(reason),
    };
    Event {
        external_id: "CA1".into(),
        dedupe_key: "key".into(),
        sequence: None,
        contact: None,
        kind: EventKind::RoomMember(member),
    }
}

fn reported(event: &Event, person_of: Option<&str>) -> Option<(u32, LegState, LegCause)> {
    match of(event, person_of) {
        Meaning::Report(report) => Some((report.leg, report.state, report.cause)),
        _ => None,
    }
}

#[test]
fn a_leg_that_never_joined_failed_and_a_person_never_does() {
    let reason = LeftReason::NeverJoined(FailCause::NoAnswer);
    let leg = left(Some(format!("leg-{CONTACT}-3")), reason);
    assert_eq!(reported(&leg, None), Some((3, LegState::Failed, LegCause::NoAnswer)));
    let person = left(Some(format!("person-{CONTACT}")), reason);
    assert_eq!(reported(&person, None), Some((0, LegState::Ended, LegCause::NoAnswer)));
}

#[test]
fn only_a_call_known_to_be_the_persons_leaves_for_the_person() {
    let unlabelled = left(None, LeftReason::HungUp);
    assert_eq!(reported(&unlabelled, Some(CONTACT)), Some((0, LegState::Ended, LegCause::HungUp)));
    assert_eq!(reported(&unlabelled, None), None);
    assert_eq!(reported(&unlabelled, Some("ffffffffffffffffffffffffffffffff")), None);
    assert_eq!(reported(&left(Some("visitor".into()), LeftReason::HungUp), Some(CONTACT)), None);
}

#[test]
fn names_that_contradict_each_other_are_not_believed() {
    let other = left(Some("leg-ffffffffffffffffffffffffffffffff-1".into()), LeftReason::HungUp);
    assert_eq!(of(&other, None), Meaning::Contradiction("FriendlyName"));
    let mut elsewhere = left(Some(format!("leg-{CONTACT}-1")), LeftReason::HungUp);
    elsewhere.contact = Token::parse("ffffffffffffffffffffffffffffffff").ok();
    assert_eq!(of(&elsewhere, None), Meaning::Contradiction("contact"));
}
