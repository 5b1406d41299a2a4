//! P4b: Holdfast beside what others would build, in turn and in one run: Postgres with `FOR UPDATE SKIP LOCKED`, and BullMQ on Redis, every
//! commit synced in all three.
//!
//! How the peers work, and what they are spared (webhook, signature, gRPC, recovery), is in `loadtests/peers`.

use super::freed::{self, Wish};
use super::stage::Stage;
use super::table::Spread;
use super::{CompareError, Plan, Run, measure};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::io;
use std::path::Path;
use std::process::Command;

/// Their programs; the order of the bars.
const PEERS: [&str; 2] = ["postgres", "bullmq"];
/// How many times their rate ours must be.
const RATE_BARS: [f64; 2] = [2.0, 1.0];

/// What one of the three came to in one run.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Work {
    /// Contacts a second with as many in flight as the plan says.
    pub rate_per_s: f64,
    /// From a contact's due arrival to its counselor told, open loop, half of them and 99 of 100, microseconds.
    pub told_us: [f64; 2],
    /// From a counselor's due moment of being free to the next contact told, the same.
    pub freed_us: [f64; 2],
    /// Processor time of the server for each contact of the closed loop, microseconds.
    pub cpu_us: f64,
}

/// What was found, run by run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Holdfast.
    pub holdfast: Vec<Work>,
    /// Postgres, BullMQ.
    pub peers: [Vec<Work>; 2],
}

#[derive(Clone, Copy, Deserialize)]
struct Ms {
    p50: f64,
    p99: f64,
}

#[derive(Deserialize)]
struct Cpu {
    server: f64,
}

/// The one line a peer says.
#[derive(Deserialize)]
struct Said {
    rate_per_s: f64,
    told_ms: Option<Ms>,
    freed_to_told_ms: Option<Ms>,
    cpu_us_per_contact: Cpu,
}

fn us(ms: Option<Ms>) -> [f64; 2] {
    ms.map_or([0.0; 2], |it| [it.p50 * 1_000.0, it.p99 * 1_000.0])
}

fn said(bytes: &[u8]) -> io::Result<Said> {
    serde_json::from_slice(bytes).map_err(|error| io::Error::other(format!("a peer's line is no result: {error}")))
}

/// Plays all three `plan.runs` times; `peers` is their directory, with its packages installed.
///
/// # Errors
/// If one of them does not start or a contact is not taken.
pub async fn peers(plan: &Plan, wish: Wish, peers: &Path) -> Result<Report, CompareError> {
    let mut report = Report::default();
    for run in 0..plan.runs {
        report.holdfast.push(holdfast(plan, wish).await?);
        for (name, found) in PEERS.iter().zip(&mut report.peers) {
            let (rate, open) = (node(peers, name, "rate", wish, run)?, node(peers, name, "open", wish, run)?);
            found.push(Work {
                rate_per_s: rate.rate_per_s,
                told_us: us(open.told_ms),
                freed_us: us(open.freed_to_told_ms),
                cpu_us: rate.cpu_us_per_contact.server,
            });
        }
        tracing::info!(run, "a run is over");
    }
    Ok(report)
}

async fn holdfast(plan: &Plan, wish: Wish) -> Result<Work, CompareError> {
    let Run { knee, open } = measure(Stage::holdfast(plan).await?, plan).await?;
    let freed = freed::freed(&mut Stage::holdfast(plan).await?, wish).await?;
    Ok(Work {
        rate_per_s: knee.rate_per_s,
        told_us: [open.told_us.p50, open.told_us.p99],
        freed_us: [freed.told_us.p50, freed.told_us.p99],
        cpu_us: knee.cpu_us_per_contact,
    })
}

fn node(peers: &Path, name: &str, mode: &str, wish: Wish, run: usize) -> io::Result<Said> {
    let mut command = Command::new("node");
    command.current_dir(peers).args([format!("{name}.mjs"), mode.to_owned()]);
    command.args(["--warmup-seconds", "1", "--seconds", "4", "--seed", &(run + 1).to_string()]);
    command.args(["--rate", &wish.rate_per_s.round().to_string()]);
    let done = command.output()?;
    if !done.status.success() {
        return Err(io::Error::other(format!("{name}: {}", String::from_utf8_lossy(&done.stderr).trim())));
    }
    said(&done.stdout)
}

/// A line of the table: its name, and what it shows of a run.
type Row = (&'static str, fn(&Work) -> f64);

/// The table.
#[must_use]
pub fn table(report: &Report) -> String {
    let mut out = String::new();
    let [postgres, bullmq] = &report.peers;
    let mut line = |name: &str, cells: [String; 3]| {
        let [first, second, third] = cells;
        // Writing into a string cannot fail.
        let _ = writeln!(out, "{name:<26} {first:>24} {second:>24} {third:>24}");
    };
    line("median [least-most]", ["holdfast", "postgres", "bullmq"].map(str::to_owned));
    let rows: [Row; 6] = [
        ("contacts/s", |it| it.rate_per_s),
        ("told p50 us", |it| it.told_us[0]),
        ("told p99 us", |it| it.told_us[1]),
        ("freed to told p50 us", |it| it.freed_us[0]),
        ("freed to told p99 us", |it| it.freed_us[1]),
        ("server us/contact", |it| it.cpu_us),
    ];
    for (name, of) in rows {
        line(name, [&report.holdfast, postgres, bullmq].map(|runs| Spread::of(runs.iter().map(of)).words(0)));
    }
    let ratio = |of: fn(&Work) -> f64, theirs: &[Work]| {
        Spread::of_ratios(report.holdfast.iter().map(of), theirs.iter().map(of)).words(2)
    };
    for ((name, theirs), bar) in PEERS.iter().zip(&report.peers).zip(RATE_BARS) {
        let rate = ratio(|it| it.rate_per_s, theirs);
        let freed = ratio(|it| it.freed_us[1], theirs);
        let _ = writeln!(out, "P4b  rate ÷ {name}'s: {rate}, bar >= {bar}; freed to told p99 ÷: {freed}, bar <= 0.5");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Report, Work, said, table, us};

    #[test]
    fn a_peer_s_line_is_read() {
        let line = br#"{"peer":"postgres","mode":"open","contacts":800,"rate_per_s":200.1,"told_ms":{"p50":6.6,"p99":30,"max":31,"count":9},
            "freed_to_told_ms":null,"cpu_us_per_contact":{"server":517,"client":180},"versions":{}}"#;
        let said = said(line).unwrap();
        assert_eq!((said.rate_per_s, said.cpu_us_per_contact.server), (200.1, 517.0));
        assert_eq!((us(said.told_ms), us(said.freed_to_told_ms)), ([6_600.0, 30_000.0], [0.0, 0.0]));
        assert!(super::said(b"not JSON").is_err());
    }

    #[test]
    fn ratios_are_of_the_same_run() {
        let work = |rate_per_s, p99| Work { rate_per_s, freed_us: [0.0, p99], ..Work::default() };
        let report = Report {
            holdfast: vec![work(1_000.0, 10.0), work(900.0, 10.0)],
            peers: [vec![work(500.0, 40.0), work(300.0, 20.0)], vec![work(1_000.0, 20.0); 2]],
        };
        let said = table(&report);
        assert!(
            said.contains("rate ÷ postgres's: 2.50 [2.00-3.00], bar >= 2; freed to told p99 ÷: 0.38 [0.25-0.50]"),
            "{said}"
        );
    }
}
