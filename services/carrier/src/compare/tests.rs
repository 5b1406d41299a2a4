//! Differences, one rule at a time.

use super::*;
use holdfast_carrier_codec::token::Token;

const CONTACT: &str = "00112233445566778899aabbccddeeff";

fn legs(legs: &[(u32, LegState, Option<&str>)], first_seen: Instant) -> Legs {
    let leg = |(leg, state, id): &(u32, LegState, Option<&str>)| Expected {
        contact: CONTACT.to_owned(),
        leg: *leg,
        room: format!("contact-{CONTACT}"),
        label: String::new(),
        external_id: id.map(str::to_owned),
        state: *state,
        first_seen,
    };
    legs.iter().map(|given| ((CONTACT.to_owned(), given.0), leg(given))).collect()
}

fn member(id: &str, label: &str, inside: bool) -> Member {
    Member { external_id: id.to_owned(), label: Token::parse(label).ok(), inside }
}

#[test]
fn absence_must_hold_before_and_after_the_listing() {
    let began = Instant::now();
    let (second, nothing) = (Duration::from_secs(1), Listed::default());
    let before = legs(&[(0, LegState::InRoom, Some("CA1"))], began - second);
    assert_eq!(compare(&before, &before, &nothing, began, second).len(), 1);
    assert_eq!(compare(&before, &Legs::new(), &nothing, began, second), []);
    let moved = legs(&[(0, LegState::Answered, Some("CA1"))], began - second);
    assert_eq!(compare(&moved, &before, &nothing, began, second), []);
    assert_eq!(compare(&before, &before, &nothing, began, second * 2), [], "too fresh");
    let unnamed = legs(&[(1, LegState::Dialing, None)], began - second);
    assert_eq!(compare(&unnamed, &unnamed, &nothing, began, second), [], "the outbox settles those");
}

#[test]
fn a_call_from_outside_is_never_a_stray() {
    let began = Instant::now();
    let call = |inbound| LiveCall { external_id: "CA9".into(), inbound };
    let members = vec![member("CA9", &format!("leg-{CONTACT}-4"), true)];
    let listed = |inbound| Listed { calls: vec![call(inbound)], members: members.clone(), rooms: BTreeSet::new() };
    let none = Legs::new();
    let differences = |inbound| compare(&none, &none, &listed(inbound), began, Duration::ZERO);
    assert!(matches!(differences(false).as_slice(), [Difference::Stray { .. }]));
    assert_eq!(differences(true), []);
    let now = legs(&[(4, LegState::Dialing, None)], began);
    assert_eq!(compare(&none, &now, &listed(false), began, Duration::ZERO), [], "asked for meanwhile");
}

#[test]
fn rooms_are_looked_into_only_where_something_is_unexplained() {
    let inside = legs(&[(0, LegState::InRoom, Some("CA1")), (1, LegState::InRoom, Some("CA2"))], Instant::now());
    let call = |id: &str, inbound| LiveCall { external_id: id.into(), inbound };
    let explained = [call("CA1", true), call("CA2", false), call("CA3", true)];
    assert_eq!(rooms_needed(&inside, &explained), Looking { everywhere: false, contacts: BTreeSet::new() });
    assert!(rooms_needed(&inside, &[call("CA4", false)]).everywhere);
    let outside = legs(&[(1, LegState::Answered, Some("CA2"))], Instant::now());
    assert_eq!(rooms_needed(&outside, &explained).contacts, BTreeSet::from([CONTACT.to_owned()]));
}
