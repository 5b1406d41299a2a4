//! The suite every store passes: what a journal promises, checked from outside. For tests; it panics where a promise is broken.

#![expect(clippy::panic, reason = "a conformance suite fails by panicking")]

use crate::terms::{ChainHash, Draft, Epoch, Journal, Outcome, Rejection, Sequence};

fn draft(text: &str) -> Draft {
    Draft { body: text.as_bytes().to_vec() }
}

fn commit(journal: &mut dyn Journal, epoch: u64, bodies: &[&str]) {
    let (before, drafts) = (journal.tail(), bodies.iter().map(|it| draft(it)).collect::<Vec<_>>());
    match journal.append(Epoch(epoch), before.sequence.next(), before.hash, &drafts) {
        Outcome::Committed(tail) => {
            assert_eq!(tail, journal.tail(), "the tail is what was committed");
            assert_eq!(tail.sequence.0, before.sequence.0 + bodies.len() as u64, "numbers have no gaps");
            assert_ne!(tail.hash, before.hash, "the chain moves");
        }
        other => panic!("a fitting batch is committed, not {other:?}"),
    }
}

fn rejected(journal: &mut dyn Journal, epoch: u64, expected: u64, previous: ChainHash, batch: &[Draft]) -> Rejection {
    let before = journal.tail();
    match journal.append(Epoch(epoch), Sequence(expected), previous, batch) {
        Outcome::Rejected(rejection) => {
            assert_eq!(journal.tail(), before, "a rejected batch leaves nothing");
            rejection
        }
        other => panic!("this batch must be rejected, not {other:?}"),
    }
}

/// Runs the whole suite on an empty journal.
///
/// # Panics
/// Where a promise is broken.
pub fn check(journal: &mut dyn Journal) {
    assert_eq!(journal.tail().sequence, Sequence(0), "an empty journal stands before record 1");
    commit(journal, 1, &["one"]);
    commit(journal, 1, &["two", "three", ""]);
    let tail = journal.tail();
    assert!(matches!(rejected(journal, 0, 5, tail.hash, &[draft("x")]), Rejection::Fenced { .. }));
    assert!(matches!(rejected(journal, 1, 4, tail.hash, &[draft("x")]), Rejection::UnexpectedSequence { .. }));
    assert!(matches!(rejected(journal, 1, 6, tail.hash, &[draft("x")]), Rejection::UnexpectedSequence { .. }));
    assert_eq!(rejected(journal, 1, 5, ChainHash([7; 32]), &[draft("x")]), Rejection::UnexpectedHash);
    assert_eq!(rejected(journal, 1, 5, tail.hash, &[]), Rejection::Size);
    let large = Draft { body: vec![0; crate::RECORD_BYTES_MAX + 1] };
    assert_eq!(rejected(journal, 1, 5, tail.hash, &[large]), Rejection::Size);
    commit(journal, 3, &["five"]);
    reads(journal);
    snapshots(journal);
    assert!(journal.idle().is_ok() && journal.idle().is_ok(), "marking twice is marking once");
    commit(journal, 3, &["six"]);
    assert!(journal.close().is_ok());
}

fn reads(journal: &mut dyn Journal) {
    let reader = journal.reader();
    let all: Vec<(u64, u64, Vec<u8>)> = match reader.read_from(Sequence(1), 100) {
        Ok(all) => all.into_iter().map(|it| (it.sequence.0, it.epoch.0, it.body)).collect(),
        Err(error) => panic!("what is committed can be read: {error}"),
    };
    let expected: [(u64, u64, &str); 5] = [(1, 1, "one"), (2, 1, "two"), (3, 1, "three"), (4, 1, ""), (5, 3, "five")];
    assert_eq!(all, expected.map(|(sequence, epoch, body)| (sequence, epoch, body.as_bytes().to_vec())));
    assert!(matches!(reader.read_from(Sequence(2), 2), Ok(two) if two.len() == 2 && two[0].sequence == Sequence(2)));
    assert!(matches!(reader.read(Sequence(3)), Ok(Some(it)) if it.body == b"three"));
    assert!(matches!(reader.read(Sequence(6)), Ok(None)), "nothing stands after the tail");
    assert!(matches!(reader.read_from(Sequence(6), 10), Ok(none) if none.is_empty()));
    assert!(matches!(journal.read_back(Sequence(5), b"five"), Ok(true)));
    assert!(matches!(journal.read_back(Sequence(5), b"other"), Ok(false)));
    commit(journal, 3, &["seen by a reader that was there before"]);
    assert!(matches!(reader.read(Sequence(6)), Ok(Some(_))), "a reader sees what is committed later");
}

fn snapshots(journal: &mut dyn Journal) {
    assert!(matches!(journal.newest_snapshot(), Ok(None)));
    let at = journal.tail();
    for body in [&b"first"[..], b"second"] {
        assert!(journal.snapshots().save(at, body).is_ok());
    }
    match journal.newest_snapshot() {
        Ok(Some(newest)) => assert_eq!((newest.at, newest.body.as_slice()), (at, &b"second"[..])),
        other => panic!("the newest snapshot is there, not {other:?}"),
    }
}
