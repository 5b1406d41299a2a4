//! Crash points: the machine stops at every operation that changes a file, and what was not synced is lost, kept or torn.
//!
//! After each: what was committed is there, byte for byte; of the batch in flight there is all or nothing; the journal goes on, and
//! opens once more. `HOLDFAST_CRASH_POINTS` says how many are tried; without it, as many as take a few seconds.

use super::workload::{Done, everything, open, run};
use holdfast_journal::files::{Crash, FaultyFiles};
use holdfast_journal::{Draft, Epoch, Journal, Outcome};

#[test]
fn crash_points_lose_nothing() {
    let wanted: u64 = std::env::var("HOLDFAST_CRASH_POINTS").ok().and_then(|it| it.parse().ok()).unwrap_or(10_000);
    let mut points = 0;
    let mut in_flight_kept = 0;
    let mut seed = 0;
    while points < wanted {
        seed += 1;
        let whole = FaultyFiles::new();
        run(&whole, seed);
        for operation in 0..whole.operations() {
            let files = FaultyFiles::new();
            files.stop_at(operation);
            let done = run(&files, seed);
            let torn = (0..6).map(|tear| Crash::Torn(seed * 1_000_003 + operation * 97 + tear));
            for crash in [Crash::Lost, Crash::Kept].into_iter().chain(torn) {
                in_flight_kept += u64::from(restart(
                    &files.after_crash(crash),
                    &done,
                    &format!("seed {seed}, operation {operation}, {crash:?}"),
                ));
                points += 1;
            }
            if points >= wanted {
                break;
            }
        }
    }
    println!("crash points: {points}, of which {in_flight_kept} kept the batch in flight, over {seed} workloads");
    assert!(in_flight_kept > 0 && in_flight_kept < points, "the crashes do not tell kept from lost");
}

/// Opens what a restarted machine finds and holds it against what was done. True if the batch in flight was kept.
fn restart(files: &FaultyFiles, done: &Done, place: &str) -> bool {
    let (mut disk, _) = open(files).unwrap_or_else(|error| panic!("{place}: refuses to lead: {error}"));
    let there: Vec<Vec<u8>> = everything(&disk).into_iter().map(|it| it.body).collect();
    let committed = done.committed.len();
    assert!(there.len() >= committed, "{place}: {} of {committed} committed records", there.len());
    assert_eq!(&there[..committed], &done.committed[..], "{place}: committed records are what they were");
    let more = &there[committed..];
    assert!(more.is_empty() || more == done.in_flight, "{place}: a batch in flight is there whole or not at all");
    let newest = disk.newest_snapshot().unwrap().map(|it| it.at);
    let saved =
        done.snapshot.is_none() || newest == done.snapshot || (newest.is_some() && newest == done.snapshot_in_flight);
    assert!(saved, "{place}: a saved snapshot is there");
    let kept = !more.is_empty();
    let tail = disk.tail();
    let outcome = disk.append(Epoch(9), tail.sequence.next(), tail.hash, &[Draft { body: b"life goes on".to_vec() }]);
    assert!(matches!(outcome, Outcome::Committed(_)), "{place}: {outcome:?}");
    drop(disk);
    let (disk, recovery) = open(files).unwrap_or_else(|error| panic!("{place}: second start: {error}"));
    assert_eq!(recovery.cut, None, "{place}: nothing is cut twice");
    assert_eq!(everything(&disk).len(), there.len() + 1, "{place}");
    kept
}

#[test]
fn a_full_disk_or_a_failed_sync_loses_nothing_either() {
    for seed in 1..=4 {
        let whole = FaultyFiles::new();
        run(&whole, seed);
        for operation in 0..whole.operations() {
            let files = FaultyFiles::new();
            files.fail_sync_at(operation);
            let done = run(&files, seed);
            for crash in [Crash::Lost, Crash::Kept] {
                restart(&files.after_crash(crash), &done, &format!("seed {seed}, sync {operation} fails, {crash:?}"));
            }
        }
    }
}
