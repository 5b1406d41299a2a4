//! How soon a router is ready after a crash, and whether a surge of people who wait is accepted, snapshotted and found again: the
//! core, the disk journal and its codecs, and the router's own recovery.
//!
//! `cargo bench -p holdfast-router --bench recovery` prints a table, `-- --json` one JSON value; a number is how many instead of 10^6.

#![expect(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a benchmark speaks to the terminal")]

#[expect(dead_code, reason = "what is not played here is played by the core's own bench")]
#[path = "../core/benches/decisions/cycle.rs"]
mod cycle;
#[expect(dead_code, reason = "shared with the benchmark of decisions")]
#[path = "../core/benches/decisions/network.rs"]
mod network;

use holdfast_core::state::State;
use holdfast_journal::files::RealFiles;
use holdfast_journal::{Disk, DiskOptions, Draft, Epoch, Journal, Outcome, record};
use holdfast_router::driver::BATCH_COMMANDS;
use holdfast_router::recover::recover;
use network::{Network, plan};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// How many records after the snapshot are replayed: as many as the settings' default lets come between two.
const AFTER_SNAPSHOT: usize = 50_000;
/// Records in a batch on a busy day; in a surge they are as many as the writer takes.
const BATCH_OF_A_DAY: usize = 16;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = words.iter().find_map(|it| it.parse().ok()).unwrap_or(1_000_000_usize);
    // Beside the program: on a disk, where temporary directories may be in memory.
    let here = std::env::current_exe().unwrap();
    let dir = tempfile::tempdir_in(here.parent().unwrap()).unwrap();
    let crash = crash(&dir.path().join("crash"), number);
    let surge = surge(&dir.path().join("surge"), number);
    if words.iter().any(|it| it == "--json") {
        println!("{}", json!({ "crash": crash, "surge": surge }));
        return;
    }
    for (name, all) in [("ready after a crash", &crash), ("people who wait", &surge)] {
        println!("{name}");
        for (what, value) in all.as_object().into_iter().flatten() {
            println!("  {what:<36} {:>14.3}", value.as_f64().unwrap_or(0.0));
        }
    }
}

/// Writes what a network decides to a journal, in batches.
struct Writer {
    batch: usize,
    journal: Disk,
    drafts: Vec<Draft>,
    events: usize,
    bytes: usize,
}

impl Writer {
    fn open(dir: &Path, batch: usize) -> Self {
        let (journal, _) = Disk::open(Arc::new(RealFiles), dir, DiskOptions::default()).unwrap();
        Self { batch, journal, drafts: Vec::new(), events: 0, bytes: 0 }
    }

    /// Takes what was decided; appends once a batch is full.
    fn take(&mut self, network: &mut Network) {
        for it in network.records.iter_mut().flat_map(std::mem::take) {
            self.events += it.events.len();
            let body = record::encode(&it);
            self.bytes += body.len();
            self.drafts.push(Draft { body });
        }
        network.times.clear();
        if self.drafts.len() >= self.batch {
            self.append();
        }
    }

    fn append(&mut self) {
        let tail = self.journal.tail();
        let drafts = std::mem::take(&mut self.drafts);
        if !drafts.is_empty() {
            let outcome = self.journal.append(Epoch(1), tail.sequence.next(), tail.hash, &drafts);
            assert!(matches!(outcome, Outcome::Committed(_)), "{outcome:?}");
        }
    }

    fn snapshot(&mut self, state: &State) -> (usize, f64, f64) {
        self.append();
        let started = Instant::now();
        let body = record::encode_snapshot(state.parts());
        let encoded_s = started.elapsed().as_secs_f64();
        let started = Instant::now();
        self.journal.snapshots().save(self.journal.tail(), &body).unwrap();
        (body.len(), encoded_s, started.elapsed().as_secs_f64())
    }
}

/// Opens what a process that was killed left, and recovers: the state, and the seconds of both.
fn come_back(dir: &Path, expected: &State) -> (f64, f64, u64) {
    let started = Instant::now();
    let (journal, _) = Disk::open(Arc::new(RealFiles), dir, DiskOptions::default()).unwrap();
    let opened_s = started.elapsed().as_secs_f64();
    let started = Instant::now();
    let recovered = recover(&journal).unwrap();
    let recovered_s = started.elapsed().as_secs_f64();
    assert!(recovered.state == *expected, "what was recovered is what was decided");
    (opened_s, recovered_s, recovered.replayed)
}

/// So many events of steady days, a snapshot near their end, and a start with it and without it.
fn crash(dir: &Path, events: usize) -> Value {
    let (mut network, mut talks) = with_everything(dir);
    let mut writer = Writer::open(dir, BATCH_OF_A_DAY);
    writer.take(&mut network);
    let mut first = 0;
    while talks.len() < 100 {
        network.calls("main", None);
        while cycle::take(&mut network, &mut talks) {}
        writer.take(&mut network);
    }
    let mut snapshot = None;
    while writer.events < events {
        cycle::cycle(&mut network, &mut talks);
        writer.take(&mut network);
        let per_record = 2;
        if snapshot.is_none() && writer.events + AFTER_SNAPSHOT * per_record >= events {
            snapshot = Some(writer.snapshot(&network.state));
            first = writer.journal.tail().sequence.0;
        }
    }
    writer.append();
    let records = writer.journal.tail().sequence.0;
    let (events, bytes) = (writer.events, writer.bytes);
    drop(writer);
    let (open_s, recover_s, replayed) = come_back(dir, &network.state);
    remove_snapshots(dir);
    let (open_without_s, replay_s, _) = come_back(dir, &network.state);
    std::fs::remove_dir_all(dir).unwrap();
    json!({
        "events": events, "records": records, "record_bytes": bytes, "snapshot_at_record": first,
        "with snapshot: open_s": open_s, "with snapshot: recover_s": recover_s, "with snapshot: replayed": replayed,
        "with snapshot: ready_s": open_s + recover_s,
        "without: open_s": open_without_s, "without: recover_s": replay_s, "without: ready_s": open_without_s + replay_s,
    })
}

fn with_everything(dir: &Path) -> (Network, cycle::Talks) {
    std::fs::create_dir_all(dir).unwrap();
    let mut network = Network::recorded(plan(100));
    for number in 0..100 {
        network.comes(&network::counselor(number));
    }
    (network, cycle::Talks::new())
}

fn remove_snapshots(dir: &Path) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().is_some_and(|it| it.to_string_lossy().starts_with("snapshot-")) {
            std::fs::remove_file(path).unwrap();
        }
    }
}

/// So many people arrive and nobody is there: all of them durable, in a snapshot, and there again after a crash.
fn surge(dir: &Path, waiting: usize) -> Value {
    let mut network = Network::recorded(plan(100));
    let mut writer = Writer::open(dir, BATCH_COMMANDS);
    let started = Instant::now();
    for _ in 0..waiting {
        network.somebody_calls();
        writer.take(&mut network);
    }
    writer.append();
    let accepted_s = started.elapsed().as_secs_f64();
    assert_eq!(cycle::count(&network), waiting, "everybody who came waits");
    let (snapshot_bytes, encode_s, write_s) = writer.snapshot(&network.state);
    let bytes = writer.bytes;
    drop(writer);
    let before = resident();
    let (open_s, recover_s, replayed) = come_back(dir, &network.state);
    remove_snapshots(dir);
    let (_, replay_s, _) = come_back(dir, &network.state);
    std::fs::remove_dir_all(dir).unwrap();
    json!({
        "waiting": waiting, "accepted_s": accepted_s, "record_bytes_each": bytes as f64 / waiting as f64,
        "resident_bytes_each_working_only": before as f64 / waiting as f64,
        "snapshot_bytes_each": snapshot_bytes as f64 / waiting as f64,
        "snapshot: encode_s": encode_s, "snapshot: write_s": write_s,
        "with snapshot: open_s": open_s, "with snapshot: recover_s": recover_s, "with snapshot: replayed": replayed,
        "with snapshot: ready_s": open_s + recover_s, "without: ready_s": open_s + replay_s,
    })
}

/// What the process holds, in bytes, as the kernel counts.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|it| it.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).and_then(|it| it.parse::<usize>().ok()).unwrap() * 1_024
}
