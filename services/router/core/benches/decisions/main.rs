//! How many commands one core decides in a second, and what each kind costs, with the example plan.
//!
//! `cargo bench -p holdfast-core --bench decisions` prints tables; `-- --json` prints one JSON value; `-- --quick` leaves the largest
//! sizes out; any other word plays only the cases and sizes whose name has it. Times are this machine's on that day: compare within
//! one run.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark speaks to the terminal and stops where it cannot go on"
)]

mod cycle;
mod network;
mod worst;

use network::Network;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Waiting contacts and counselors of the steady state.
const SIZES: [(usize, usize); 8] = [
    (10, 100),
    (1_000, 100),
    (100_000, 100),
    (1_000_000, 100),
    (10, 100_000),
    (1_000, 100_000),
    (100_000, 100_000),
    (1_000_000, 100_000),
];
/// How long each size is measured at least, in milliseconds, after as many cycles again to warm up.
const MEASURED_MS: u64 = 1_500;
/// Beyond this a size counts as large.
const QUICK_MAX: usize = 100_000;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|it| it != "--bench").collect();
    let flag = |name: &str| words.iter().any(|it| it == name);
    let (as_json, quick) = (flag("--json"), flag("--quick"));
    let wanted: Vec<&String> = words.iter().filter(|it| !it.starts_with("--")).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|it| name.contains(it.as_str()));
    let mut found = Vec::new();
    for (waiting, counselors) in SIZES {
        let name = format!("steady {waiting} waiting, {counselors} counselors");
        if is_wanted(&name) && !(quick && waiting.max(counselors) > QUICK_MAX) {
            let result = steady(&name, waiting, counselors);
            show(&result, as_json);
            found.push(result);
        }
    }
    for case in worst::CASES.iter().filter(|it| is_wanted(it.name)) {
        for size in case.sizes.into_iter().filter(|it| !(quick && *it > QUICK_MAX)) {
            let name = format!("{}: {size} {}", case.name, case.of);
            let network = (case.play)(size);
            let result = json!({ "name": name, "kinds": kinds(&network) });
            show(&result, as_json);
            found.push(result);
        }
    }
    if as_json {
        println!("{}", json!({ "decisions": found }));
    }
}

/// Cycles until both times are over. Commands a second are those of processor time, which a busy machine does not lengthen, with the
/// making of the commands in it; beside it the sum of each kind's median over its share.
fn steady(name: &str, waiting: usize, counselors: usize) -> Value {
    let (mut network, mut talks) = cycle::begin(waiting, counselors);
    run(&mut network, &mut talks);
    network.times.clear();
    let before_ns = processor_ns();
    run(&mut network, &mut talks);
    let nanos = processor_ns().saturating_sub(before_ns);
    let commands: usize = network.times.values().map(Vec::len).sum();
    let per_second = commands as f64 * 1e9 / nanos.max(1) as f64;
    let cycles = network.times.get("FinishWrapUp").map_or(1, Vec::len).max(1);
    let kinds = kinds(&network);
    let of = |kind: &Value, name: &str| kind[name].as_f64().unwrap_or(0.0);
    let medians: f64 = kinds.iter().map(|it| of(it, "median_ns") * of(it, "count")).sum::<f64>() / commands as f64;
    json!({
        "name": name,
        "commands": commands,
        "commands_per_second": per_second.round(),
        "commands_per_second_of_medians": (1e9 / medians).round(),
        "ns_per_contact": (nanos as f64 / cycles as f64).round(),
        "waiting_after": cycle::count(&network),
        "kinds": kinds,
    })
}

/// Processor time of this thread so far.
fn processor_ns() -> u64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    told.split_whitespace().next().unwrap().parse().unwrap()
}

fn run(network: &mut Network, talks: &mut cycle::Talks) {
    let started = Instant::now();
    while started.elapsed() < Duration::from_millis(MEASURED_MS) {
        cycle::cycle(network, talks);
    }
}

/// Median, 99th percentile and most, in nanoseconds, of every kind.
fn kinds(network: &Network) -> Vec<Value> {
    let each = network.times.iter().filter(|(_, times)| !times.is_empty());
    each.map(|(kind, times)| {
        let mut sorted = times.clone();
        sorted.sort_unstable();
        let at =
            |share: f64| sorted.get((sorted.len() as f64 * share) as usize).or(sorted.last()).copied().unwrap_or(0);
        json!({
            "kind": kind, "count": sorted.len(), "median_ns": at(0.5), "p99_ns": at(0.99),
            "most_ns": sorted.last().copied().unwrap_or(0),
        })
    })
    .collect()
}

fn show(result: &Value, as_json: bool) {
    if as_json {
        return;
    }
    let of = |name: &str| result[name].as_f64().unwrap_or(0.0);
    let rate = result.get("commands").map_or(String::new(), |_| {
        format!(
            ": {:.0} commands/s by processor time ({:.0} by medians), {:.1} µs for a contact from ring to wrap-up",
            of("commands_per_second"),
            of("commands_per_second_of_medians"),
            of("ns_per_contact") / 1_000.0
        )
    });
    println!("\n{}{rate}", result["name"].as_str().unwrap_or_default());
    for kind in result["kinds"].as_array().into_iter().flatten() {
        let of = |name: &str| kind[name].as_u64().unwrap_or(0);
        println!(
            "  {:<24} {:>9} x   median {:>10} ns   p99 {:>10} ns   most {:>12} ns",
            kind["kind"].as_str().unwrap_or_default(),
            of("count"),
            of("median_ns"),
            of("p99_ns"),
            of("most_ns")
        );
    }
}
