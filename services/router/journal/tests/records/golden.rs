//! One record of every kind as an earlier program wrote it. An upgrade must read them as they were: it cannot rewrite the past.
//!
//! Files are only ever added. `cargo test -p holdfast-journal --test records -- --ignored` writes what is missing; a file that is
//! there is never touched.

use crate::generate::{Source, record_from};
use crate::parts::parts;
use holdfast_journal::record::{
    EVENT_KINDS, RECORD_FORMAT, SNAPSHOT_FORMAT, decode, decode_snapshot, encode, encode_snapshot,
};
use holdfast_proto::journal::v1;
use prost::Message;
use std::fs;
use std::path::{Path, PathBuf};

/// Sequence and epoch of every golden record: they are not in its bytes.
const AT: (u64, u64) = (42, 3);

/// Events in each golden record, all of its kind: enough to meet nearly every choice a field has.
const EACH: usize = 32;
/// A plan is long.
const EACH_PLAN: usize = 3;
/// Golden snapshots, for the same reason.
const SNAPSHOTS: usize = 8;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden_records")
}

/// Bytes that look random and are always the same.
fn bytes_for(seed: usize) -> Vec<u8> {
    let mut state = u64::try_from(seed).unwrap().wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_be_bytes()[0]
    })
    .take(20_000)
    .collect()
}

fn read_text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_kind_has_a_golden_record() {
    for kind in EVENT_KINDS {
        assert!(folder().join(format!("{kind}.bin")).exists(), "no golden {kind}: run the ignored test and commit it");
    }
}

#[test]
fn golden_records_are_read_as_they_were_written() {
    let mut read = 0;
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "bin") {
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        let text = if path.file_stem().is_some_and(|stem| stem.to_string_lossy().starts_with("snapshot")) {
            let parts = decode_snapshot(&bytes).unwrap();
            if v1::SnapshotFile::decode(&bytes[..]).unwrap().format == SNAPSHOT_FORMAT {
                assert_eq!(encode_snapshot(&parts), bytes, "{}: other bytes, same format", path.display());
            }
            format!("{parts:#?}\n")
        } else {
            let record = decode(AT.0, AT.1, &bytes).unwrap();
            // Debug hides ciphertext; equal bytes show that it came through.
            if v1::Record::decode(&bytes[..]).unwrap().format == RECORD_FORMAT {
                assert_eq!(encode(&record), bytes, "{}: other bytes, same format", path.display());
            }
            format!("{record:#?}\n")
        };
        assert_eq!(text, read_text(&path.with_extension("txt")), "{}", path.display());
        read += 1;
    }
    assert!(read > EVENT_KINDS.len(), "only {read} golden files");
}

#[test]
#[ignore = "writes golden files that are missing; run it when a kind is added"]
fn write_missing_golden_records() {
    let write = |name: &str, bytes: Vec<u8>, text: String| {
        let path = folder().join(name).with_extension("bin");
        if !path.exists() {
            fs::write(&path, bytes).unwrap();
            fs::write(path.with_extension("txt"), text).unwrap();
        }
    };
    for (index, kind) in EVENT_KINDS.iter().enumerate() {
        let count = if *kind == "PlanActivated" { EACH_PLAN } else { EACH };
        let mut record = record_from(&vec![*kind; count], Source::plain(&bytes_for(index + 1)));
        (record.sequence, record.epoch) = AT;
        write(kind, encode(&record), format!("{record:#?}\n"));
    }
    let made = (1..).map(|seed| parts(&mut Source::plain(&bytes_for(seed))));
    // Only snapshots with something in every part are worth keeping.
    let full = made.filter(|parts| {
        let filled = [parts.contacts.len(), parts.counselors.len(), parts.externals.len(), parts.requests.len()];
        parts.plan.is_some() && filled.iter().all(|count| *count > 1)
    });
    for (index, parts) in full.take(SNAPSHOTS).enumerate() {
        write(&format!("snapshot-{index}"), encode_snapshot(&parts), format!("{parts:#?}\n"));
    }
}
