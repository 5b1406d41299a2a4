//! What a waiting contact costs in memory, in both states that a router keeps, and how often deciding allocates.
//!
//! `cargo bench -p holdfast-core --bench memory` prints a table, `-- --json` one JSON value; a number is how many wait instead of 10^6.
//! Bytes are those asked of the allocator; beside them stands what the process holds by the kernel's count, rounding and gaps included.

#![expect(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a benchmark speaks to the terminal")]

#[path = "decisions/cycle.rs"]
mod cycle;
#[path = "decisions/network.rs"]
mod network;

use holdfast_core::id::{ContactId, PersonId};
use holdfast_core::state::State;
use network::{Network, plan};
use serde_json::json;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use std::alloc::System;

#[global_allocator]
static COUNTED: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let waiting = words.iter().find_map(|it| it.parse().ok()).unwrap_or(1_000_000_usize);
    let calls = waiting_cost(waiting, |network, _| network.somebody_calls());
    let texts = waiting_cost(waiting, |network, number| network.writes(PersonId(number as u128 + 1), false));
    let (mut network, mut talks) = cycle::begin(1_000, 100);
    let before = COUNTED.stats();
    for _ in 0..1_000 {
        cycle::cycle(&mut network, &mut talks);
    }
    let after = COUNTED.stats();
    let each = |all: usize| all as f64 / 1_000.0;
    let allocations = each(after.allocations + after.reallocations - before.allocations - before.reallocations);
    if words.iter().any(|it| it == "--json") {
        println!(
            "{}",
            json!({ "waiting": waiting, "calls": calls.json(), "texts": texts.json(),
            "allocations_per_contact_served": allocations })
        );
        return;
    }
    println!("{waiting} waiting, one plan, 100 counselors who are not there");
    for (kind, it) in [("calls", &calls), ("texts", &texts)] {
        println!(
            "  {kind}: working state {:>5.0} bytes a contact, both states {:>5.0}, by the kernel's count {:>5.0}; {:>4.1} allocations to arrive",
            it.one, it.both, it.resident, it.allocations
        );
    }
    println!("  {allocations:.0} allocations from ring to wrap-up, the carrier's and the desk's answers included");
}

/// What one waiting contact costs, in bytes.
struct Cost {
    one: f64,
    both: f64,
    resident: f64,
    allocations: f64,
}

impl Cost {
    fn json(&self) -> serde_json::Value {
        json!({ "bytes_working": self.one, "bytes_both": self.both, "bytes_resident": self.resident,
            "allocations_to_arrive": self.allocations })
    }
}

fn live() -> usize {
    let stats = COUNTED.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

fn waiting_cost(waiting: usize, arrive: impl Fn(&mut Network, usize) -> ContactId) -> Cost {
    let mut network = Network::new(plan(100));
    network.calls("main", None);
    network.times.clear();
    let mut committed = network.state.clone();
    network.records = Some(Vec::new());
    let (bytes, resident, count) = (live(), resident(), COUNTED.stats().allocations);
    for number in 0..waiting {
        arrive(&mut network, number);
        // As the hub does: it folds the very records that the writer decided.
        for record in network.records.iter_mut().flat_map(std::mem::take) {
            committed.apply(&record);
        }
        network.times.clear();
    }
    let share = |all: usize| all as f64 / waiting.max(1) as f64;
    let both = live() - bytes;
    let cost = Cost {
        one: 0.0,
        both: share(both),
        resident: share(self::resident().saturating_sub(resident)),
        allocations: share(COUNTED.stats().allocations - count),
    };
    assert_eq!(cycle::count(&network), waiting + 1, "everybody who came waits");
    let with_both = live();
    drop(std::mem::take::<State>(&mut committed));
    Cost { one: cost.both - share(with_both - live()), ..cost }
}

/// What the process holds, in bytes, as the kernel counts.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|it| it.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).and_then(|it| it.parse::<usize>().ok()).unwrap() * 1_024
}
