//! Upgrades: a journal with a snapshot of an earlier program is replayed; one of a later program is not led.

use holdfast_core::event::{Event, Record};
use holdfast_core::principal::Principal;
use holdfast_core::time::Timestamp;
use holdfast_journal::record::{DecodeError, SNAPSHOT_FORMAT, encode};
use holdfast_journal::{Draft, Epoch, Journal, Memory, Outcome};
use holdfast_router::recover::{RecoverError, recover};

/// A journal of two records with a snapshot in this format after the first.
fn journal(format: u32) -> Memory {
    let mut journal = Memory::new();
    for sequence in 1..=2 {
        let (at, events) = (Timestamp(sequence), vec![Event::LeadingStarted { epoch: sequence }]);
        let record = Record { sequence, epoch: 1, at, principal: Principal::Router, request: None, events };
        let tail = journal.tail();
        let drafts = [Draft { body: encode(&record) }];
        assert!(matches!(journal.append(Epoch(1), tail.sequence.next(), tail.hash, &drafts), Outcome::Committed(_)));
        if sequence == 1 {
            // Field 1, a number: the format. Of a state that is not read, nothing need be there.
            let body = [1 << 3, u8::try_from(format).unwrap()];
            journal.snapshots().save(journal.tail(), &body).unwrap();
        }
    }
    journal
}

#[test]
fn an_older_snapshot_is_passed_over_and_every_record_replayed() {
    let recovered = recover(&journal(SNAPSHOT_FORMAT - 1)).unwrap();
    assert_eq!(recovered.replayed, 2);
    assert_eq!(recovered.state.parts().epoch, 2);
}

#[test]
fn a_newer_snapshot_is_not_led_over() {
    let newer = DecodeError::NewerFormat { found: SNAPSHOT_FORMAT + 1, known: SNAPSHOT_FORMAT };
    let refused = recover(&journal(SNAPSHOT_FORMAT + 1)).unwrap_err();
    assert!(matches!(refused, RecoverError::Snapshot(source) if source == newer), "{refused}");
}
