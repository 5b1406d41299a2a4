//! A journal written by an earlier version opens and says the same: an upgrade cannot rewrite the past.
//!
//! The data was written once by `write_golden` (ignored) and is never written again for a version that has been released.

use super::workload::everything;
use holdfast_journal::files::{FaultyFiles, FileLayer};
use holdfast_journal::{Disk, DiskOptions, Draft, Epoch, Journal, Outcome, Sequence};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const OPTIONS: DiskOptions = DiskOptions { segment_bytes: 8 * 1_024 };
const TAIL: &str = "d2d9afeb";

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/v1")
}

fn bodies() -> Vec<Vec<u8>> {
    (1..=12_u8).map(|number| vec![number; usize::from(number) * 97]).collect()
}

fn write(files: &FaultyFiles) -> Disk {
    let layer: Arc<dyn FileLayer> = Arc::new(files.clone());
    let (mut disk, _) = Disk::open(layer, Path::new("/golden"), OPTIONS).unwrap();
    for (index, pair) in bodies().chunks(2).enumerate() {
        let tail = disk.tail();
        let drafts: Vec<Draft> = pair.iter().map(|body| Draft { body: body.clone() }).collect();
        let outcome = disk.append(Epoch(1 + index as u64 / 3), tail.sequence.next(), tail.hash, &drafts);
        assert!(matches!(outcome, Outcome::Committed(_)));
    }
    let tail = disk.tail();
    disk.snapshots().save(tail, b"a snapshot of version 1").unwrap();
    disk.close().unwrap();
    disk
}

#[test]
#[ignore = "writes the golden data of this version"]
fn write_golden() {
    let files = FaultyFiles::new();
    drop(write(&files));
    fs::create_dir_all(golden()).unwrap();
    for (name, bytes) in files.contents() {
        fs::write(golden().join(name.file_name().unwrap()), bytes).unwrap();
    }
}

#[test]
fn version_1_reads_as_it_was_written() {
    let mut contents = BTreeMap::new();
    for entry in fs::read_dir(golden()).unwrap() {
        let path = entry.unwrap().path();
        contents.insert(Path::new("/golden").join(path.file_name().unwrap()), fs::read(&path).unwrap());
    }
    let files = FaultyFiles::with_contents(contents);
    let layer: Arc<dyn FileLayer> = Arc::new(files);
    let (disk, recovery) = Disk::open(layer, Path::new("/golden"), OPTIONS).unwrap();
    assert_eq!((recovery.marked, recovery.cut.clone()), (true, None));
    let records = everything(&disk);
    assert_eq!(records.iter().map(|it| it.body.clone()).collect::<Vec<_>>(), bodies());
    assert_eq!(records.last().unwrap().epoch, Epoch(2));
    assert_eq!(disk.tail().sequence, Sequence(12));
    let hash: String = disk.tail().hash.0.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hash, TAIL, "the chain is what it was");
    let snapshot = disk.newest_snapshot().unwrap().unwrap();
    assert_eq!((snapshot.at, snapshot.body), (disk.tail(), b"a snapshot of version 1".to_vec()));
}
