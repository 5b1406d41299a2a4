//! Memory and disk pass the one suite; what is the disk's own (the lock, a failed sync, snapshots, long journals) beside it.

use super::workload::{dir, draft, open};
use holdfast_journal::files::{FaultyFiles, FileLayer, RealFiles};
use holdfast_journal::{Disk, DiskOptions, Journal, Memory, OpenError, Outcome, Rejection, Sequence, conformance};
use std::path::Path;
use std::sync::Arc;

#[test]
fn memory_keeps_the_promises() {
    conformance::check(&mut Memory::new());
}

#[test]
fn disk_keeps_the_promises_in_memory_and_on_real_files() {
    let files = FaultyFiles::new();
    conformance::check(&mut open(&files).unwrap().0);
    let real = tempfile::tempdir().unwrap();
    let options = DiskOptions { segment_bytes: 64 * 1_024 };
    let (mut disk, recovery) = Disk::open(Arc::new(RealFiles), &real.path().join("journal"), options).unwrap();
    assert_eq!(recovery.tail.sequence, Sequence(0));
    conformance::check(&mut disk);
    let tail = disk.tail();
    drop(disk);
    let (disk, recovery) = Disk::open(Arc::new(RealFiles), &real.path().join("journal"), options).unwrap();
    assert_eq!((disk.tail(), recovery.marked, recovery.cut), (tail, true, None), "a clean stop is marked");
}

#[test]
fn one_process_owns_a_directory() {
    let real = tempfile::tempdir().unwrap();
    let first = Disk::open(Arc::new(RealFiles), real.path(), DiskOptions::default()).unwrap();
    assert!(matches!(Disk::open(Arc::new(RealFiles), real.path(), DiskOptions::default()), Err(OpenError::Locked)));
    drop(first);
    assert!(Disk::open(Arc::new(RealFiles), real.path(), DiskOptions::default()).is_ok());
}

#[test]
fn nothing_is_served_from_a_file_after_a_failed_sync() {
    let files = FaultyFiles::new();
    let (mut disk, _) = open(&files).unwrap();
    commit(&mut disk, "before");
    files.fail_sync_at(1);
    let tail = disk.tail();
    let failed = disk.append(tail.epoch, tail.sequence.next(), tail.hash, &[draft("doubted")]);
    assert!(matches!(failed, Outcome::Indeterminate(_)), "{failed:?}");
    let next = disk.append(tail.epoch, tail.sequence.next(), tail.hash, &[draft("after")]);
    assert!(matches!(next, Outcome::Rejected(Rejection::Unfit)), "{next:?}");
    drop(disk);
    // The cache still shows the batch; a machine that loses power now does not have it. Both are fine: nobody was told.
    let (disk, _) = open(&files.after_crash(holdfast_journal::files::Crash::Lost)).unwrap();
    assert_eq!(disk.tail().sequence, Sequence(1));
}

#[test]
fn a_long_journal_is_read_from_anywhere() {
    let files = FaultyFiles::new();
    let (mut disk, _) = open(&files).unwrap();
    for number in 0..2_000 {
        commit(&mut disk, &format!("record {}", number + 1));
    }
    let reader = disk.reader();
    for sequence in [1, 2, 63, 64, 65, 500, 1_999, 2_000] {
        let it = reader.read(Sequence(sequence)).unwrap().unwrap();
        assert_eq!(it.body, format!("record {sequence}").into_bytes());
    }
    assert_eq!(reader.read_from(Sequence(1), usize::MAX).unwrap().len(), 2_000);
    assert!(files.list(Path::new(dir())).unwrap().iter().filter(|name| name.ends_with(".log")).count() > 5);
    drop(disk);
    let (disk, recovery) = open(&files).unwrap();
    assert_eq!(recovery.batches, 2_000);
    assert_eq!(disk.reader().read_from(Sequence(1_990), 100).unwrap().len(), 11);
}

#[test]
fn a_damaged_snapshot_falls_back_to_the_one_before() {
    let files = FaultyFiles::new();
    let (mut disk, _) = open(&files).unwrap();
    for body in ["one", "two", "three"] {
        commit(&mut disk, body);
        let tail = disk.tail();
        disk.snapshots().save(tail, body.as_bytes()).unwrap();
    }
    let names = files.list(Path::new(dir())).unwrap();
    let kept: Vec<_> = names.iter().filter(|name| name.starts_with("snapshot-")).collect();
    assert_eq!(kept.len(), 2, "the two newest are kept: {names:?}");
    assert_eq!(disk.newest_snapshot().unwrap().unwrap().body, b"three");
    files.flip(&Path::new(dir()).join(kept[1]), 90, 3);
    assert_eq!(disk.newest_snapshot().unwrap().unwrap().body, b"two");
}

#[test]
fn a_batch_longer_than_a_segment_is_kept() {
    let files = FaultyFiles::new();
    let (mut disk, _) = open(&files).unwrap();
    commit(&mut disk, "short");
    commit(&mut disk, &"long ".repeat(40_000));
    commit(&mut disk, "short again");
    let tail = disk.tail();
    drop(disk);
    let (disk, recovery) = open(&files).unwrap();
    assert_eq!((disk.tail(), recovery.cut), (tail, None));
    assert_eq!(disk.reader().read(Sequence(2)).unwrap().unwrap().body.len(), 200_000);
}

fn commit(disk: &mut Disk, body: &str) {
    let tail = disk.tail();
    let outcome = disk.append(tail.epoch, tail.sequence.next(), tail.hash, &[draft(body)]);
    assert!(matches!(outcome, Outcome::Committed(_)), "{outcome:?}");
}
