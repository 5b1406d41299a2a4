//! What is not a record of this program is refused by name: nothing is filled in, nothing passed over, nothing panics.

use crate::generate::{Source, record};
use crate::parts::parts;
use holdfast_journal::record::{
    DecodeError, EVENT_KINDS, RECORD_FORMAT, SNAPSHOT_FORMAT, decode, decode_snapshot, encode, encode_snapshot,
};
use holdfast_proto::journal::v1;
use proptest::collection::vec;
use proptest::prelude::*;
use prost::Message;
use v1::event::Kind;

proptest! {
    #[test]
    fn any_bytes_at_all_are_survived(bytes in vec(any::<u8>(), 0..400)) {
        let _ = decode(1, 1, &bytes);
        let _ = decode_snapshot(&bytes);
    }

    #[test]
    fn a_changed_byte_is_survived_and_never_adds_an_event(
        bytes in vec(any::<u8>(), 0..2000), at in any::<prop::sample::Index>(), flip in 1..=u8::MAX,
    ) {
        let mut written = encode(&record(EVENT_KINDS, &bytes));
        let at = at.index(written.len());
        written[at] ^= flip;
        if let Ok(read) = decode(1, 1, &written) {
            prop_assert_eq!(encode(&read).len(), written.len());
        }
        let mut written = encode_snapshot(&parts(&mut Source::new(&bytes)));
        let at = at % written.len();
        written[at] ^= flip;
        let _ = decode_snapshot(&written);
    }

    #[test]
    fn a_record_cut_short_is_not_taken_for_whole(bytes in vec(any::<u8>(), 0..500)) {
        let whole = record(&["ContactArrived"], &bytes);
        let written = encode(&whole);
        for length in 0..written.len() {
            if let Ok(read) = decode(whole.sequence, whole.epoch, &written[..length]) {
                // Protobuf has no end mark: cut between two fields it is a smaller record. The store's checksum tells.
                prop_assert_ne!(read, whole.clone());
            }
        }
    }
}

/// A sound record, then changed.
fn changed(kind: &str, change: impl FnOnce(&mut v1::Record)) -> Result<(), DecodeError> {
    let mut message = v1::Record::decode(&encode(&record(&[kind], &[]))[..]).unwrap();
    change(&mut message);
    decode(1, 1, &message.encode_to_vec()).map(drop)
}

/// A sound record's only event, changed.
fn changed_event(kind: &str, change: impl FnOnce(&mut Kind)) -> Result<(), DecodeError> {
    changed(kind, |record| change(record.events[0].kind.as_mut().unwrap()))
}

#[test]
fn an_unknown_kind_of_event_asks_for_an_upgrade() {
    let mut written = encode(&record(&["DeskLost"], &[]));
    // Field 5 of the record, two bytes long: field 1000 of the event's kinds, an empty message.
    written.extend([(5 << 3) | 2, 3, 0xc2, 0x3e, 0]);
    let refused = decode(1, 1, &written).unwrap_err();
    assert_eq!(refused, DecodeError::UnknownKind { event: 1 });
    assert!(refused.needs_upgrade());
}

#[test]
fn a_field_nobody_knows_is_not_passed_over() {
    let mut written = encode(&record(&["DeskLost"], &[]));
    let understood = written.len();
    written.extend([0xc0, 0x3e, 1]);
    let refused = decode(1, 1, &written).unwrap_err();
    assert_eq!(refused, DecodeError::UnknownField { length: understood + 3, understood });
    assert!(refused.needs_upgrade());
}

#[test]
fn a_newer_format_is_refused_and_none_is_malformed() {
    let newer = DecodeError::NewerFormat { found: RECORD_FORMAT + 1, known: RECORD_FORMAT };
    assert_eq!(changed("DeskLost", |record| record.format = RECORD_FORMAT + 1), Err(newer));
    assert!(newer.needs_upgrade());
    assert_eq!(changed("DeskLost", |record| record.format = 0), Err(DecodeError::Malformed { field: "Record.format" }));
    let newer = v1::SnapshotFile { format: SNAPSHOT_FORMAT + 1, state: Some(v1::Snapshot::default()) };
    let refused = decode_snapshot(&newer.encode_to_vec()).unwrap_err();
    assert_eq!(refused, DecodeError::NewerFormat { found: SNAPSHOT_FORMAT + 1, known: SNAPSHOT_FORMAT });
    let empty =
        decode_snapshot(&v1::SnapshotFile { format: SNAPSHOT_FORMAT, state: None }.encode_to_vec()).unwrap_err();
    assert_eq!(empty, DecodeError::Malformed { field: "SnapshotFile.state" });
    assert!(!empty.needs_upgrade());
}

#[test]
fn a_snapshot_of_an_older_format_is_passed_over() {
    let older = v1::SnapshotFile { format: SNAPSHOT_FORMAT - 1, state: Some(v1::Snapshot::default()) };
    let refused = decode_snapshot(&older.encode_to_vec()).unwrap_err();
    assert_eq!(refused, DecodeError::OlderFormat { found: SNAPSHOT_FORMAT - 1, oldest: SNAPSHOT_FORMAT });
    assert!(refused.is_passed_over() && !refused.needs_upgrade());
    let newer = DecodeError::NewerFormat { found: SNAPSHOT_FORMAT + 1, known: SNAPSHOT_FORMAT };
    assert!(!newer.is_passed_over());
}

#[test]
fn what_is_missing_is_named() {
    let malformed = |field| Err(DecodeError::Malformed { field });
    assert_eq!(changed("DeskLost", |record| record.principal = None), malformed("Record.principal"));
    let who = |record: &mut v1::Record| record.principal = Some(v1::Principal { who: None });
    assert_eq!(changed("DeskLost", who), malformed("Principal.who"));
    let short = |record: &mut v1::Record| record.request = Some(vec![0; 15].into());
    assert_eq!(changed("DeskLost", short), malformed("Record.request"));

    let queued = |change: fn(&mut v1::ContactQueued)| {
        changed_event("ContactQueued", |kind| {
            if let Kind::ContactQueued(queued) = kind {
                change(queued)
            }
        })
    };
    assert_eq!(queued(|_| ()), Ok(()));
    assert_eq!(queued(|queued| queued.contact.clear()), malformed("ContactQueued.contact"));
    assert_eq!(queued(|queued| queued.place = None), malformed("ContactQueued.place"));
    assert_eq!(queued(|queued| queued.queue.as_mut().unwrap().channel = 0), malformed("QueueKey.channel"));
    assert_eq!(queued(|queued| queued.queue.as_mut().unwrap().channel = 99), malformed("QueueKey.channel"));
    let cause = changed_event("LegMoved", |kind| {
        if let Kind::LegMoved(leg) = kind {
            leg.cause = Some(0)
        }
    });
    assert_eq!(cause, malformed("LegMoved.cause"));
}

#[test]
fn what_contradicts_itself_is_named() {
    let malformed = |field| Err(DecodeError::Malformed { field });
    let ready = |kind: v1::ReadinessKind, channels: &[v1::Channel]| {
        let readiness = v1::Readiness { kind: kind.into(), channels: channels.iter().map(|c| (*c).into()).collect() };
        changed_event("ReadinessRequested", |kind| {
            if let Kind::ReadinessRequested(requested) = kind {
                requested.readiness = Some(readiness);
            }
        })
    };
    let voice = v1::Channel::Voice;
    assert_eq!(ready(v1::ReadinessKind::AvailableFor, &[voice]), Ok(()));
    assert_eq!(ready(v1::ReadinessKind::AvailableFor, &[voice, voice]), malformed("Readiness.channels"));
    assert_eq!(ready(v1::ReadinessKind::Break, &[voice]), malformed("Readiness.channels"));
    let plan = |change: fn(&mut v1::Plan)| {
        changed_event("PlanActivated", |kind| {
            if let Kind::PlanActivated(activated) = kind {
                change(activated.plan.as_mut().unwrap());
            }
        })
    };
    assert_eq!(plan(|_| ()), Ok(()));
    assert_eq!(plan(|plan| plan.timing = None), malformed("Plan.timing"));
    assert_eq!(
        plan(|plan| plan.needs = vec![v1::NeedEntry { id: "x".to_owned(), need: None }]),
        malformed("NeedEntry.need")
    );
    let twice = |plan: &mut v1::Plan| plan.area_codes = vec![v1::AreaCodeEntry::default(); 2];
    assert_eq!(plan(twice), malformed("Plan.area_codes"));
    let wide = |plan: &mut v1::Plan| {
        plan.area_codes = vec![v1::AreaCodeEntry { area_code: 70_000, region: String::new() }];
    };
    assert_eq!(plan(wide), malformed("AreaCodeEntry.area_code"));
}
