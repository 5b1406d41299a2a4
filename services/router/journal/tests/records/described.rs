//! What people and their programs see of a record: ids and names, and of what is sealed only that it is there.

use crate::generate::record;
use holdfast_core::contact::Channel;
use holdfast_core::conversation::{Author, OptOut, Words};
use holdfast_core::counselor::Readiness;
use holdfast_core::effect::Effect;
use holdfast_core::event::{Event, Record};
use holdfast_core::id::{ContactId, ExternalId, RequestId};
use holdfast_core::principal::{Principal, Role};
use holdfast_core::sealed::{KeySlot, Sealed};
use holdfast_core::time::Timestamp;
use holdfast_journal::record::{EVENT_KINDS, describe, describe_json};
use proptest::collection::vec;
use proptest::prelude::*;

fn example() -> Record {
    Record {
        sequence: 42,
        epoch: 3,
        at: Timestamp(1_000),
        principal: Principal::Person { name: "ana".into(), role: Role::Counselor },
        request: Some(RequestId(0xab)),
        events: vec![
            Event::NoteWritten {
                contact: ContactId(1),
                counselor: "ana".into(),
                note: Sealed { slot: KeySlot(7), ciphertext: b"ciphertext"[..].into() },
            },
            Event::ReadinessChanged {
                counselor: "two words".into(),
                readiness: Readiness::AvailableFor([Channel::Voice, Channel::Chat].into()),
                reason: holdfast_core::counselor::ReadinessReason::Asked,
            },
            Event::DeskConnected { counselor: "ben".into(), session: 9, audio: None },
        ],
    }
}

#[test]
fn a_record_reads_well() {
    assert_eq!(
        describe(&example()),
        "42 epoch=3 at_ms=1000 principal={person=ana role=Counselor} request=000000000000000000000000000000ab
  NoteWritten contact=00000000000000000000000000000001 counselor=ana note=<sealed in slot 7>
  ReadinessChanged counselor=\"two words\" readiness={available_for=[Voice Chat]} reason=Asked
  DeskConnected counselor=ben session=9"
    );
}

#[test]
fn a_record_is_a_line_of_json() {
    let line: serde_json::Value = serde_json::from_str(&describe_json(&example())).unwrap();
    let expected = serde_json::json!({
        "sequence": 42, "epoch": 3, "at_ms": 1000,
        "principal": {"person": "ana", "role": "Counselor"},
        "request": "000000000000000000000000000000ab",
        "events": [
            {"kind": "NoteWritten", "contact": "00000000000000000000000000000001", "counselor": "ana",
             "note": {"sealed_in_slot": 7}},
            {"kind": "ReadinessChanged", "counselor": "two words",
             "readiness": {"available_for": ["Voice", "Chat"]}, "reason": "Asked"},
            {"kind": "DeskConnected", "counselor": "ben", "session": 9, "audio": null},
        ],
    });
    assert_eq!(line, expected);
}

#[test]
fn what_a_person_said_is_not_told() {
    let sealed = |text: &[u8]| Sealed { slot: KeySlot(7), ciphertext: text.into() };
    let contact = ContactId(1);
    let record = Record {
        events: vec![
            Event::TextReceived {
                contact,
                message: 1,
                external: ExternalId { account: "main".into(), id: "SM1".into() },
                words: sealed(b"ciphertext-1"),
                opt_out: OptOut::Stop,
                media: 0,
                idle_at: None,
                written_at: None,
            },
            Event::TextSent {
                contact,
                message: 2,
                author: Author::Line,
                words: Words::Said("You reached us.".into()),
                idle_at: Some(Timestamp(9)),
            },
            Event::TextSent {
                contact,
                message: 3,
                author: Author::Member("ana".into()),
                words: Words::Sealed(sealed(b"ciphertext-2")),
                idle_at: None,
            },
            Event::HandoffConsented { contact, note: Some(sealed(b"ciphertext-3")), deadline: Timestamp(9) },
            Event::EffectAsked { contact, number: 1, effect: Effect::Send { message: 3 } },
            Event::EffectAsked { contact, number: 2, effect: Effect::DialPerson },
        ],
        ..example()
    };
    let id = "contact=00000000000000000000000000000001";
    let text = describe(&record);
    let told: Vec<&str> = text.split('\n').skip(1).collect();
    assert_eq!(
        told,
        [
            format!(
                "  TextReceived {id} message=1 external={{account=main id=SM1}} words=<sealed in slot 7> opt_out=Stop media=0"
            ),
            format!("  TextSent {id} message=2 author=\"the line\" words=\"You reached us.\" idle_at_ms=9"),
            format!("  TextSent {id} message=3 author=ana words=<sealed in slot 7>"),
            format!("  HandoffConsented {id} note=<sealed in slot 7> deadline_at_ms=9"),
            format!("  EffectAsked {id} number=1 effect={{what=send message=3}}"),
            format!("  EffectAsked {id} number=2 effect={{what=dial_person}}"),
        ]
    );
    let json = describe_json(&record);
    assert!(json.contains(r#""words":{"sealed_in_slot":7}"#), "{json}");
    for told in [&text, &json] {
        assert!(!told.contains("ciphertext"), "{told}");
    }
}

proptest! {
    #[test]
    fn every_event_has_one_line_and_no_control_characters(bytes in vec(any::<u8>(), 0..3000)) {
        let record = record(EVENT_KINDS, &bytes);
        let text = describe(&record);
        let lines: Vec<&str> = text.split('\n').collect();
        prop_assert_eq!(lines.len(), 1 + EVENT_KINDS.len());
        for (line, kind) in lines[1..].iter().zip(EVENT_KINDS) {
            prop_assert!(line.starts_with(&format!("  {kind} ")), "{}", line);
            prop_assert!(!line.chars().any(char::is_control), "{:?}", line);
        }
        let json = describe_json(&record);
        prop_assert!(!json.chars().any(char::is_control));
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(json["events"].as_array().unwrap().len(), EVENT_KINDS.len());
    }
}
