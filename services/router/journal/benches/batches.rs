//! What a batch costs on disk, against the floor: the same bytes written to a preallocated file and synced. And records as bytes and
//! back.
//!
//! `cargo bench -p holdfast-journal --bench batches` prints tables, `-- --json` one JSON value. Floor and journal take turns in the same
//! run, so that a busy machine meets both; the ratio is what counts.

#![expect(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a benchmark speaks to the terminal")]

#[path = "../../core/benches/decisions/cycle.rs"]
mod cycle;
#[expect(dead_code, reason = "shared with the benchmark of decisions")]
#[path = "../../core/benches/decisions/network.rs"]
mod network;

use holdfast_core::event::Record;
use holdfast_journal::files::RealFiles;
use holdfast_journal::{Disk, DiskOptions, Draft, Epoch, Journal, Outcome, record};
use serde_json::{Value, json};
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Records in a batch.
const SIZES: [usize; 4] = [1, 16, 64, 256];
/// Batches of each size in one round, and how many rounds.
const BATCHES: usize = 300;
const ROUNDS: usize = 5;
/// The length of the floor's file: zeros, synced before the first round.
const FLOOR_BYTES: usize = 64 * 1_024 * 1_024;

fn main() {
    let as_json = std::env::args().any(|it| it == "--json");
    let records = records();
    let bodies: Vec<Vec<u8>> = records.iter().map(record::encode).collect();
    let codec = codec(&records, &bodies);
    // Beside the program: on a disk, where temporary directories may be in memory.
    let here = std::env::current_exe().unwrap();
    let dir = tempfile::tempdir_in(here.parent().unwrap()).unwrap();
    let appends: Vec<Value> = SIZES.iter().map(|size| append(dir.path(), *size, &bodies)).collect();
    if as_json {
        println!("{}", json!({ "codec": codec, "appends": appends }));
        return;
    }
    let of = |it: &Value, name: &str| it[name].as_f64().unwrap_or(0.0);
    println!(
        "records: {:.0} bytes each, {:.1} events; encode {:.0} ns, decode {:.0} ns, chain and checksums {:.0} ns",
        of(&codec, "bytes"),
        of(&codec, "events"),
        of(&codec, "encode_ns"),
        of(&codec, "decode_ns"),
        of(&codec, "hash_ns")
    );
    println!(
        "append, {BATCHES} batches in each of {ROUNDS} rounds, in turns with the floor; µs, and ratio of the medians by round"
    );
    for it in &appends {
        println!(
            "  {:>3} records: journal p50 {:>7.1} p99 {:>8.1}   floor p50 {:>7.1} p99 {:>8.1}   ratio {:.2} [{:.2}-{:.2}]   CPU {:.1} against {:.1}",
            it["records"],
            of(it, "journal_p50_us"),
            of(it, "journal_p99_us"),
            of(it, "floor_p50_us"),
            of(it, "floor_p99_us"),
            of(it, "ratio"),
            of(it, "ratio_least"),
            of(it, "ratio_most"),
            of(it, "journal_cpu_us"),
            of(it, "floor_cpu_us")
        );
    }
}

/// What a steady day journals.
fn records() -> Vec<Record> {
    let (mut network, mut talks) = cycle::begin(1_000, 100);
    network.records = Some(Vec::new());
    for _ in 0..1_000 {
        cycle::cycle(&mut network, &mut talks);
    }
    network.records.take().unwrap_or_default()
}

fn codec(records: &[Record], bodies: &[Vec<u8>]) -> Value {
    let each = |taken: Duration| taken.as_nanos() as f64 / records.len() as f64;
    let mut best = [f64::MAX; 3];
    for _ in 0..ROUNDS {
        let started = Instant::now();
        for it in records {
            std::hint::black_box(record::encode(std::hint::black_box(it)));
        }
        let encoded = started.elapsed();
        let started = Instant::now();
        for (it, body) in records.iter().zip(bodies) {
            let back = record::decode(it.sequence, it.epoch, std::hint::black_box(body)).unwrap();
            assert_eq!(back.sequence, it.sequence);
        }
        let decoded = started.elapsed();
        let started = Instant::now();
        for (it, body) in records.iter().zip(bodies) {
            let hash = holdfast_journal::ChainHash::default();
            std::hint::black_box(hash.after(Epoch(1), holdfast_journal::Sequence(it.sequence), body));
        }
        let hashed = started.elapsed();
        for (best, taken) in best.iter_mut().zip([encoded, decoded, hashed]) {
            *best = best.min(each(taken));
        }
    }
    let share = |all: usize| all as f64 / records.len() as f64;
    json!({
        "records": records.len(), "bytes": share(bodies.iter().map(Vec::len).sum()),
        "events": share(records.iter().map(|it| it.events.len()).sum()),
        "encode_ns": best[0], "decode_ns": best[1], "hash_ns": best[2],
    })
}

/// One size of batch: journal and floor in turns.
fn append(dir: &Path, size: usize, bodies: &[Vec<u8>]) -> Value {
    let (mut journal, _) =
        Disk::open(Arc::new(RealFiles), &dir.join(format!("journal-{size}")), DiskOptions::default()).unwrap();
    let floor = File::create_new(dir.join(format!("floor-{size}"))).unwrap();
    floor.write_all_at(&vec![0; FLOOR_BYTES], 0).unwrap();
    floor.sync_all().unwrap();
    let mut all = [Vec::new(), Vec::new()];
    let mut cpu = [Duration::ZERO; 2];
    let mut ratios = Vec::new();
    let (mut at, mut next) = (0_usize, 0_usize);
    for _ in 0..ROUNDS {
        let mut round = [Vec::new(), Vec::new()];
        for _ in 0..BATCHES {
            let drafts: Vec<Draft> =
                (0..size).map(|it| Draft { body: bodies[(next + it) % bodies.len()].clone() }).collect();
            next += size;
            let bytes: Vec<u8> = drafts.iter().flat_map(|it| it.body.iter().copied()).collect();
            if at + bytes.len() > FLOOR_BYTES {
                at = 0;
            }
            let (tail, before) = (journal.tail(), cpu_time());
            let started = Instant::now();
            let outcome = journal.append(Epoch(1), tail.sequence.next(), tail.hash, &drafts);
            round[0].push(started.elapsed());
            cpu[0] += cpu_time() - before;
            assert!(matches!(outcome, Outcome::Committed(_)), "{outcome:?}");
            let before = cpu_time();
            let started = Instant::now();
            floor.write_all_at(&bytes, at as u64).unwrap();
            floor.sync_data().unwrap();
            round[1].push(started.elapsed());
            cpu[1] += cpu_time() - before;
            at += bytes.len();
        }
        let [journal, floor] = [quantile(&mut round[0], 0.5), quantile(&mut round[1], 0.5)];
        ratios.push(journal / floor);
        for (all, round) in all.iter_mut().zip(round) {
            all.extend(round);
        }
    }
    ratios.sort_by(f64::total_cmp);
    let [mut ours, mut theirs] = all;
    let each = |it: Duration| it.as_secs_f64() * 1e6 / (BATCHES * ROUNDS) as f64;
    json!({
        "records": size, "journal_p50_us": quantile(&mut ours, 0.5), "journal_p99_us": quantile(&mut ours, 0.99),
        "floor_p50_us": quantile(&mut theirs, 0.5), "floor_p99_us": quantile(&mut theirs, 0.99),
        "ratio": ratios[ROUNDS / 2], "ratio_least": ratios[0], "ratio_most": ratios[ROUNDS - 1],
        "journal_cpu_us": each(cpu[0]), "floor_cpu_us": each(cpu[1]),
    })
}

/// In microseconds.
fn quantile(times: &mut [Duration], share: f64) -> f64 {
    times.sort_unstable();
    let at = ((times.len() as f64 * share) as usize).min(times.len() - 1);
    times[at].as_secs_f64() * 1e6
}

/// Processor time of this thread.
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
