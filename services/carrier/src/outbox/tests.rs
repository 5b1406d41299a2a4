//! Order, overtaking, bars and fences of one contact's effects.

use holdfast_carrier_codec::model::{Address, PhoneNumber};
use holdfast_carrier_codec::token::Token;

use super::*;

const CONTACT: &str = "00112233445566778899aabbccddeeff";

fn effect(number: u32, epoch: u64, kind: Kind) -> Effect {
    let room = Token::parse(&format!("contact-{CONTACT}")).unwrap();
    Effect { contact: CONTACT.to_owned(), number, epoch, doubted: false, room, kind }
}

fn dial(number: u32, epoch: u64) -> Effect {
    let label = Token::parse(&format!("leg-{CONTACT}-{number}")).unwrap();
    let (to, from) = (Address::parse("+14155550188").unwrap(), PhoneNumber::parse("988").unwrap());
    effect(number, epoch, Kind::Dial { leg: number, label, to, from, ring_ms: 20_000 })
}

fn end_room(number: u32) -> Effect {
    effect(number, 1, Kind::EndRoom { person_external_id: None })
}

fn begun(outbox: &mut Outbox) -> Vec<u32> {
    outbox.begin().iter().map(|begun| begun.effect.number).collect()
}

#[test]
fn the_next_starts_when_the_last_is_settled_or_doubted() {
    let mut outbox = Outbox::default();
    for number in [3, 1, 2] {
        assert_eq!(outbox.take(dial(number, 1), false), Taken::New);
    }
    assert_eq!(begun(&mut outbox), [1]);
    assert_eq!(begun(&mut outbox), [0_u32; 0]);
    outbox.doubted(1);
    assert_eq!(begun(&mut outbox), [2]);
    outbox.settled(2, Settlement::Accepted(None));
    assert_eq!(begun(&mut outbox), [3]);
    assert_eq!(outbox.take(dial(3, 1), true), Taken::Known);
}

#[test]
fn overtaking_effects_do_not_wait_and_barred_ones_do_not_start() {
    let mut outbox = Outbox::default();
    for effect in [dial(1, 1), dial(2, 1), end_room(3)] {
        outbox.take(effect, false);
    }
    let running = outbox.begin();
    assert_eq!(running.iter().map(|begun| begun.effect.number).collect::<Vec<_>>(), [1, 3]);
    assert!(outbox.end(2), "it had not started");
    assert!(!outbox.end(1), "it had");
    assert!(*running[0].over.borrow(), "and is told");
    assert!(!outbox.may_dial(1, 1), "a dial that waits for its turn does not go out any more");
    assert_eq!(begun(&mut outbox), [0_u32; 0]);
}

#[test]
fn epochs_never_fall_with_the_number() {
    let mut outbox = Outbox::default();
    assert_eq!(outbox.take(dial(2, 5), true), Taken::New);
    assert_eq!(outbox.take(dial(1, 3), true), Taken::New, "asked before the takeover, still open");
    assert_eq!(outbox.take(dial(3, 4), false), Taken::Fenced);
    assert_eq!(outbox.take(dial(2, 4), false), Taken::Fenced);
    assert_eq!(outbox.take(dial(3, 6), false), Taken::New);
}

#[test]
fn a_dial_is_known_for_what_was_heard_of_it() {
    let mut outbox = Outbox::default();
    assert_eq!(outbox.fate(1), Fate::Unknown);
    outbox.take(dial(1, 1), false);
    outbox.take(dial(2, 1), true);
    assert_eq!((outbox.fate(1), outbox.fate(2)), (Fate::NotMade, Fate::Unknown));
    assert!(outbox.may_dial(1, 1));
    assert_eq!(outbox.fate(1), Fate::InFlight);
    outbox.dialed(1, Fate::Made("CA1".into()));
    outbox.dialed(1, Fate::Doubted);
    assert_eq!(outbox.fate(1), Fate::Made("CA1".into()));
}
