//! What is let through and what is sent back, field by field.

use holdfast_chassis::access::{Principal, Role};
use holdfast_proto::desk::v1::work_request::Say;
use holdfast_proto::router::v1::command::Kind;
use holdfast_proto::router::v1::{
    AcceptOffer, AskHelp, Channel, EndContact, HandoffToward, HelpLevel, Readiness, RecordConsent, SendText,
    SetReadiness, StartHandoff, WriteNote,
};

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
        let said = SignIn { audio_address: address.to_owned(), ..SignIn::default() };
        assert_eq!(sign_in(&said).is_ok(), good);
    }
}

#[test]
fn texts_are_bounded_and_never_empty() {
    let text =
        |words: String| Say::SendText(SendText { counselor_id: String::new(), contact_id: CONTACT.to_owned(), words });
    assert_eq!(field(text("a".repeat(1_600))), None);
    assert_eq!(field(text("a".repeat(1_601))), Some("send_text.words"));
    assert_eq!(field(text(String::new())), Some("send_text.words"));
    assert_eq!(field(Say::SendText(SendText::default())), Some("send_text.words"));
}

#[test]
fn a_handoff_says_whom_it_looks_for_and_shares_only_what_was_agreed() {
    let start = |change: fn(&mut StartHandoff)| {
        let mut start = StartHandoff {
            contact_id: CONTACT.to_owned(),
            toward: HandoffToward::Peer.into(),
            ..StartHandoff::default()
        };
        change(&mut start);
        Say::StartHandoff(start)
    };
    assert_eq!(field(start(|_| {})), None);
    assert_eq!(field(start(|start| start.toward = 0)), Some("start_handoff.toward"));
    assert_eq!(field(start(|start| start.contact_id.clear())), Some("start_handoff.contact_id"));
    assert_eq!(field(start(|start| start.skills = vec!["grief".to_owned(); 17])), Some("start_handoff.skills"));
    assert_eq!(field(start(|start| start.skills = vec![String::new()])), Some("start_handoff.skills"));
    assert_eq!(field(start(|start| start.peer_type = "x".repeat(65))), Some("start_handoff.peer_type"));
    assert_eq!(field(start(|start| start.wanted_id = "a\nb".to_owned())), Some("start_handoff.wanted_id"));
    let consent = |given, note: &str| {
        let (counselor_id, contact_id) = (String::new(), CONTACT.to_owned());
        Say::RecordConsent(RecordConsent { counselor_id, contact_id, given, note: note.to_owned() })
    };
    assert_eq!(field(consent(true, "they feel alone at night")), None);
    assert_eq!(field(consent(false, "")), None);
    assert_eq!(field(consent(false, "but this")), Some("record_consent.note"));
    assert_eq!(field(consent(true, &"a".repeat(8_001))), Some("record_consent.note"));
}

#[test]
fn help_says_how_urgent_it_is() {
    let ask = |level: HelpLevel, contact_id: &str| {
        let level = level.into();
        Say::AskHelp(AskHelp { counselor_id: String::new(), contact_id: contact_id.to_owned(), level })
    };
    assert_eq!(field(ask(HelpLevel::Emergency, "")), None);
    assert_eq!(field(ask(HelpLevel::Question, CONTACT)), None);
    assert_eq!(field(ask(HelpLevel::Unspecified, CONTACT)), Some("ask_help.level"));
    assert_eq!(field(ask(HelpLevel::Join, "x")), Some("ask_help.contact_id"));
}
