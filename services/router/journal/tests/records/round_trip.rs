//! Whatever is written is read back equal.

use crate::generate::{Source, record};
use crate::parts::parts;
use holdfast_journal::record::{EVENT_KINDS, decode, decode_snapshot, encode, encode_snapshot, kind};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::subsequence;
use std::collections::BTreeSet;

proptest! {
    #[test]
    fn every_kind_of_event_is_read_back(bytes in vec(any::<u8>(), 0..4000)) {
        let written = record(EVENT_KINDS, &bytes);
        let kinds: Vec<&str> = written.events.iter().map(kind).collect();
        prop_assert_eq!(kinds, EVENT_KINDS);
        let read = decode(written.sequence, written.epoch, &encode(&written)).unwrap();
        prop_assert_eq!(read, written);
    }

    #[test]
    fn any_events_in_any_order_are_read_back(
        kinds in subsequence(EVENT_KINDS, 0..=5).prop_shuffle(),
        bytes in vec(any::<u8>(), 0..1500),
    ) {
        let written = record(&kinds, &bytes);
        let read = decode(written.sequence, written.epoch, &encode(&written)).unwrap();
        prop_assert_eq!(read, written);
    }

    #[test]
    fn a_snapshot_is_read_back(bytes in vec(any::<u8>(), 0..4000)) {
        let written = parts(&mut Source::new(&bytes));
        let read = decode_snapshot(&encode_snapshot(&written)).unwrap();
        prop_assert_eq!(read, written);
    }
}

#[test]
fn kinds_have_one_name_each() {
    let names: BTreeSet<&&str> = EVENT_KINDS.iter().collect();
    assert_eq!(names.len(), EVENT_KINDS.len());
}

#[test]
fn the_sequence_and_epoch_are_the_stores_own() {
    let written = record(&["DeskLost"], &[]);
    let read = decode(7, 3, &encode(&written)).unwrap();
    assert_eq!((read.sequence, read.epoch), (7, 3));
}
