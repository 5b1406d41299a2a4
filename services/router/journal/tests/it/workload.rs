//! A small day of a journal, to be interrupted anywhere: batches of every size, quiet moments, full segments, snapshots, a restart.

use holdfast_journal::files::{FaultyFiles, FileLayer};
use holdfast_journal::{Disk, DiskOptions, Draft, Epoch, Journal, OpenError, Outcome, Recovery, StoredRecord, Tail};
use std::path::Path;
use std::sync::Arc;

pub(crate) const SEGMENT_BYTES: u64 = 64 * 1_024;

pub(crate) const fn dir() -> &'static str {
    "/journal"
}

pub(crate) fn draft(body: &str) -> Draft {
    Draft { body: body.as_bytes().to_vec() }
}

pub(crate) fn open(files: &FaultyFiles) -> Result<(Disk, Recovery), OpenError> {
    let layer: Arc<dyn FileLayer> = Arc::new(files.clone());
    Disk::open(layer, Path::new(dir()), DiskOptions { segment_bytes: SEGMENT_BYTES })
}

/// What was done before the machine stopped.
#[derive(Debug, Default)]
pub(crate) struct Done {
    /// Bodies of records that were committed, in order.
    pub(crate) committed: Vec<Vec<u8>>,
    /// Bodies of the batch that was in flight.
    pub(crate) in_flight: Vec<Vec<u8>>,
    /// The newest snapshot that was saved, and the one being saved.
    pub(crate) snapshot: Option<Tail>,
    pub(crate) snapshot_in_flight: Option<Tail>,
}

/// Runs the day until it is over or the machine stops. The seed varies sizes and rhythm.
pub(crate) fn run(files: &FaultyFiles, seed: u64) -> Done {
    let mut done = Done::default();
    let mut random = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = move |below: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random >> 11) % below
    };
    for epoch in 1..=2 {
        let Ok((mut disk, _)) = open(files) else { return done };
        for step in 0..14 {
            let count = 1 + next(4);
            let bodies: Vec<Vec<u8>> = (0..count)
                .map(|index| {
                    let length = [0, 40, 300, 2_000, 9_000][usize::try_from(next(5)).unwrap()];
                    let mut body = format!("{epoch}.{step}.{index} ").into_bytes();
                    body.resize(body.len() + length, b'a' + u8::try_from(next(26)).unwrap());
                    body
                })
                .collect();
            let drafts: Vec<Draft> = bodies.iter().map(|body| Draft { body: body.clone() }).collect();
            let tail = disk.tail();
            done.in_flight = bodies;
            match disk.append(Epoch(epoch), tail.sequence.next(), tail.hash, &drafts) {
                Outcome::Committed(_) => done.committed.append(&mut done.in_flight),
                Outcome::Rejected(why) => panic!("a fitting batch was rejected: {why}"),
                Outcome::Indeterminate(_) => return done,
            }
            if next(4) == 0 && disk.idle().is_err() {
                return done;
            }
            if step == 9 {
                let at = disk.tail();
                done.snapshot_in_flight = Some(at);
                if disk.snapshots().save(at, b"state").is_err() {
                    return done;
                }
                done.snapshot = done.snapshot_in_flight.take();
            }
        }
        if disk.close().is_err() {
            return done;
        }
    }
    done
}

/// What a restarted machine has.
pub(crate) fn everything(disk: &Disk) -> Vec<StoredRecord> {
    disk.reader().read_from(holdfast_journal::Sequence(1), usize::MAX).unwrap()
}
