//! What is let through and what is sent back, field by field.

use holdfast_chassis::access::Role;
use holdfast_proto::router::v1::{AcceptOffer, EndContact, WriteNote};

use super::*;

const CONTACT: &str = "0123456789abcdef0123456789abcdef";

fn ana() -> Principal {
    Principal { name: "ana".to_owned(), role: Role::Counselor }
}

fn field(say: Say) -> Option<&'static str> {
    command(say, &ana()).err().map(|malformed| malformed.field)
}

#[test]
fn the_token_decides_who_speaks() {
    let say = Say::EndContact(EndContact { counselor_id: "bo".to_owned(), contact_id: CONTACT.to_owned() });
    let Ok((Kind::EndContact(end), "end_contact")) = command(say, &ana()) else { panic!("must pass") };
    assert_eq!(end.counselor_id, "ana");
}

#[test]
fn ids_must_look_like_ids() {
    let accept =
        |offer_id: &str| Say::AcceptOffer(AcceptOffer { counselor_id: String::new(), offer_id: offer_id.to_owned() });
    assert_eq!(field(accept(&format!("{CONTACT}-1"))), None);
    for wrong in ["", "-", CONTACT, "0123-1", &format!("{CONTACT}-x"), &format!("{CONTACT}-")] {
        assert_eq!(field(accept(wrong)), Some("accept_offer.offer_id"), "{wrong}");
    }
    assert!(request_id("550e8400-e29b-41d4-a716-446655440000").is_ok());
    assert!(request_id("").is_err() && request_id("1").is_err());
}

#[test]
fn notes_are_bounded_in_bytes() {
    let note = |words: String| {
        Say::WriteNote(WriteNote { counselor_id: String::new(), contact_id: CONTACT.to_owned(), words })
    };
    assert_eq!(field(note("ö".repeat(4_000))), None);
    assert_eq!(field(note("ö".repeat(4_001))), Some("write_note.words"));
    assert_eq!(field(note(String::new())), Some("write_note.words"));
}

#[test]
fn readiness_and_channels_go_together() {
    let set = |readiness: Readiness, channels: &[i32]| {
        Say::SetReadiness(SetReadiness {
            counselor_id: String::new(),
            readiness: readiness.into(),
            channels: channels.to_vec(),
        })
    };
    assert_eq!(field(set(Readiness::Available, &[])), None);
    assert_eq!(field(set(Readiness::AvailableFor, &[Channel::Text.into()])), None);
    assert_eq!(field(set(Readiness::Unspecified, &[])), Some("set_readiness.readiness"));
    for (readiness, channels) in [
        (Readiness::AvailableFor, &[][..]),
        (Readiness::AvailableFor, &[0]),
        (Readiness::AvailableFor, &[9]),
        (Readiness::AvailableFor, &[1, 2, 3, 1]),
        (Readiness::Break, &[1]),
    ] {
        assert_eq!(field(set(readiness, channels)), Some("set_readiness.channels"));
    }
}

#[test]
fn audio_addresses_are_numbers_or_sip() {
    for (address, good) in [
        ("", true),
        ("+15555550100", true),
        ("sip:ana@example.org", true),
        ("5555550100", false),
        ("+1555555010x", false),
        ("sip:ana", false),
        ("sip:ana@example.org\r\nx", false),
    ] {
        let said = SignIn { audio_address: address.to_owned(), from: None };
        assert_eq!(sign_in(&said).is_ok(), good);
    }
}
