//! One flipped bit, anywhere: before the last batch it is a hole and the journal refuses to lead, within it it is a torn or damaged
//! tail, and behind a tail mark nothing is ever taken for torn. Never unnoticed.

use super::workload::{dir, draft, everything, open};
use holdfast_journal::files::{FaultyFiles, FileLayer};
use holdfast_journal::{Disk, Epoch, Journal, OpenError, Outcome, Sequence, inspect, verify};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A journal of a few batches, with the place where its last one begins.
fn journal(marked: bool) -> (FaultyFiles, usize, usize) {
    let files = FaultyFiles::new();
    let (mut disk, _) = open(&files).unwrap();
    commit(&mut disk, &["first"]);
    commit(&mut disk, &["second", &"third ".repeat(300)]);
    let before_last = used(&files);
    commit(&mut disk, &["fourth", &"fifth ".repeat(200)]);
    let after_last = used(&files);
    if marked {
        disk.idle().unwrap();
    }
    drop(disk);
    (files, before_last, after_last)
}

fn commit(disk: &mut Disk, bodies: &[&str]) {
    let tail = disk.tail();
    let drafts: Vec<_> = bodies.iter().map(|it| draft(it)).collect();
    let outcome = disk.append(Epoch(1), tail.sequence.next(), tail.hash, &drafts);
    assert!(matches!(outcome, Outcome::Committed(_)));
}

fn segment() -> PathBuf {
    Path::new(dir()).join("segment-0000000000000001.log")
}

fn used(files: &FaultyFiles) -> usize {
    let bytes = &files.contents()[&segment()];
    let last = bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    last.div_ceil(512) * 512
}

#[test]
fn before_the_last_batch_a_flipped_bit_is_a_hole() {
    let (files, before_last, _) = journal(false);
    for byte in 0..before_last {
        let damaged = FaultyFiles::with_contents(files.contents());
        damaged.flip(&segment(), byte, u8::try_from(byte % 8).unwrap());
        match open(&damaged) {
            Err(OpenError::Damaged(problem)) => assert!(problem.offset <= byte as u64, "{problem}"),
            Err(other) => panic!("byte {byte}: {other}"),
            Ok(_) => panic!("byte {byte}: the journal leads over a hole"),
        }
    }
}

#[test]
fn within_the_last_batch_it_is_a_torn_or_damaged_tail() {
    let (files, before_last, after_last) = journal(false);
    for byte in before_last..after_last {
        let damaged = FaultyFiles::with_contents(files.contents());
        damaged.flip(&segment(), byte, 5);
        let (disk, recovery) = open(&damaged).unwrap_or_else(|error| panic!("byte {byte}: {error}"));
        assert!(recovery.cut.is_some(), "byte {byte}: the damage went unnoticed");
        assert_eq!(disk.tail().sequence, Sequence(3), "byte {byte}: what was before it is there");
    }
}

#[test]
fn behind_a_tail_mark_it_is_a_hole() {
    let (files, before_last, after_last) = journal(true);
    for byte in before_last..after_last {
        let damaged = FaultyFiles::with_contents(files.contents());
        damaged.flip(&segment(), byte, 2);
        assert!(matches!(open(&damaged), Err(OpenError::Damaged(_))), "byte {byte}");
    }
}

#[test]
fn beyond_the_end_it_is_noticed_too() {
    let (files, _, after_last) = journal(false);
    for byte in (after_last..after_last + 4_096).step_by(7) {
        let damaged = FaultyFiles::with_contents(files.contents());
        damaged.flip(&segment(), byte, 1);
        let (disk, recovery) = open(&damaged).unwrap();
        assert!(recovery.cut.is_some(), "byte {byte}");
        assert_eq!(everything(&disk).len(), 5);
    }
}

#[test]
fn a_hole_can_be_looked_into_but_not_led_over() {
    let (files, before_last, _) = journal(false);
    files.flip(&segment(), before_last - 700, 4);
    let layer: Arc<dyn FileLayer> = Arc::new(files);
    let report = verify(&layer, Path::new(dir())).unwrap();
    assert_eq!((report.records, report.problems.len()), (1, 1), "{report}");
    assert!(report.to_string().contains("a hole"), "{report}");
    let inspected = inspect(&layer, Path::new(dir())).unwrap();
    let whole: Vec<u64> = inspected.records(Sequence(1)).map(|it| it.unwrap().sequence.0).collect();
    assert_eq!(whole, [1, 4, 5], "what is valid before and after can be read");
}

#[test]
fn a_log_that_ends_before_its_snapshot_refuses_to_lead() {
    let (files, before_last, _) = journal(false);
    let (disk, _) = open(&files).unwrap();
    let tail = disk.tail();
    disk.snapshots().save(tail, b"state").unwrap();
    drop(disk);
    files.flip(&segment(), before_last + 30, 1);
    let refused = open(&files);
    assert!(matches!(refused, Err(OpenError::EndMissing { tail: Sequence(3), snapshot: Sequence(5) })));
}

#[test]
fn a_missing_segment_is_a_hole() {
    let files = FaultyFiles::new();
    let (mut disk, _) = open(&files).unwrap();
    for _ in 0..40 {
        commit(&mut disk, &[&"long ".repeat(1_000)]);
    }
    drop(disk);
    let all = files.contents();
    assert!(all.keys().filter(|name| name.to_string_lossy().ends_with(".log")).count() > 3);
    for gone in all.keys().filter(|name| name.to_string_lossy().ends_with(".log")) {
        let mut rest = all.clone();
        rest.remove(gone);
        let reopened = open(&FaultyFiles::with_contents(rest.clone()));
        let last_used = rest.keys().all(|name| name < gone)
            || reopened.as_ref().is_ok_and(|(disk, _)| disk.tail().sequence.0 == 40);
        assert!(last_used || matches!(reopened, Err(OpenError::Damaged(_))), "{}", gone.display());
    }
}
