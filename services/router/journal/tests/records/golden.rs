//! One record of every kind as an earlier program wrote it. An upgrade must read them as they were: it cannot rewrite the past.
//!
//! Records are only ever added: `KIND.bin` in the format its kind began with, `KIND-3.bin` with what format 3 gave it. Snapshots are
//! there in the one format that is read. `cargo test -p holdfast-journal --test records -- --ignored` writes what is missing; bytes
//! that are there are never touched, only their text where the core's own types gained something.

use crate::formats::{GAINED, began_with};
use crate::generate::{Source, record_from};
use crate::parts::parts;
use holdfast_journal::record::{EVENT_KINDS, SNAPSHOT_FORMAT, decode, decode_snapshot, encode, encode_snapshot};
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
    for (kind, format) in GAINED {
        let name = format!("{kind}-{format}");
        assert!(
            folder().join(&name).with_extension("bin").exists(),
            "no golden {name}: run the ignored test and commit it"
        );
    }
}

/// The format of a golden record, by the name of its file.
fn format_of(stem: &str) -> u32 {
    match stem.split_once('-') {
        Some((_, format)) => format.parse().unwrap(),
        None => began_with(stem),
    }
}

/// The files that hold bytes.
fn golden() -> Vec<PathBuf> {
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "bin")).collect()
}

/// What a golden file holds, as this program reads it. Debug hides ciphertext; equal bytes show that it came through.
fn text_of(path: &Path) -> String {
    let bytes = fs::read(path).unwrap();
    let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
    if stem.starts_with("snapshot") {
        let parts = decode_snapshot(&bytes).unwrap();
        assert_eq!(v1::SnapshotFile::decode(&bytes[..]).unwrap().format, SNAPSHOT_FORMAT, "{stem}");
        assert_eq!(encode_snapshot(&parts), bytes, "{stem}: other bytes, same format");
        format!("{parts:#?}\n")
    } else {
        let record = decode(AT.0, AT.1, &bytes).unwrap();
        assert_eq!(v1::Record::decode(&bytes[..]).unwrap().format, format_of(&stem), "{stem}");
        assert_eq!(encode(&record), bytes, "{stem}: other bytes, same format");
        format!("{record:#?}\n")
    }
}

#[test]
fn golden_records_are_read_as_they_were_written() {
    let golden = golden();
    for path in &golden {
        assert_eq!(text_of(path), read_text(&path.with_extension("txt")), "{}", path.display());
    }
    assert_eq!(golden.len(), EVENT_KINDS.len() + GAINED.len() + SNAPSHOTS, "golden files");
}

#[test]
#[ignore = "writes golden files that are missing; run it when a kind is added"]
fn write_missing_golden_records() {
    let write = |name: &str, bytes: Vec<u8>| {
        let path = folder().join(name).with_extension("bin");
        if !path.exists() {
            fs::write(path, bytes).unwrap();
        }
    };
    for (kind, format) in GAINED {
        let index = EVENT_KINDS.iter().position(|it| it == kind).unwrap();
        let count = if *kind == "PlanActivated" { EACH_PLAN } else { EACH };
        let mut record = record_from(&vec![*kind; count], Source::plain(&bytes_for(1_001 + index)));
        (record.sequence, record.epoch) = AT;
        write(&format!("{kind}-{format}"), encode(&record));
    }
    for (index, kind) in EVENT_KINDS.iter().enumerate() {
        let count = if *kind == "PlanActivated" { EACH_PLAN } else { EACH };
        let mut record = record_from(&vec![*kind; count], Source::plain(&bytes_for(index + 1)));
        (record.sequence, record.epoch) = AT;
        write(kind, encode(&record));
    }
    let made = (1..).map(|seed| parts(&mut Source::plain(&bytes_for(seed))));
    // Only snapshots with something in every part are worth keeping.
    let full = made.filter(|parts| {
        let filled = [parts.contacts.len(), parts.counselors.len(), parts.externals.len(), parts.requests.len()];
        parts.plan.is_some() && filled.iter().all(|count| *count > 1)
    });
    for (index, parts) in full.take(SNAPSHOTS).enumerate() {
        write(&format!("snapshot-{index}"), encode_snapshot(&parts));
    }
    for path in golden() {
        if !path.with_extension("txt").exists() {
            fs::write(path.with_extension("txt"), text_of(&path)).unwrap();
        }
    }
}
