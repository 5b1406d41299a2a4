//! The machine of a run: what it is, and how many files may be open.

use super::LoadError;
use crate::report::outcome::Machine;
use crate::scenario::Scenario;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::fs;

/// Files beside desks, boards and webhooks.
const FILES_BESIDE: u64 = 300;

/// How many desks of a scenario are in a browser.
pub(crate) fn web_desks(scenario: &Scenario) -> usize {
    part(scenario.desks.count, scenario.desks.web)
}

/// A part of a count, rounded.
pub(crate) fn part(count: usize, of: f64) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a part of at most 10,000"
    )]
    let part = (count as f64 * of).round() as usize;
    part
}

/// Lets this process, and the server that it starts, open as many files as the system allows.
///
/// # Errors
/// If that is fewer than the scenario needs.
pub(crate) fn raise_files(scenario: &Scenario) -> Result<(), LoadError> {
    let limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        // What could not be raised is found out below.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    }
    let open = web_desks(scenario) + scenario.boards.viewers + scenario.webhooks.connections;
    let wanted = u64::try_from(open).unwrap_or(u64::MAX) + FILES_BESIDE;
    let may = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    if wanted > may { Err(LoadError::Files { wanted, may }) } else { Ok(()) }
}

/// What `/proc` says of the machine.
pub(crate) fn machine() -> Machine {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let after = |text: &str, name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name).map(str::to_owned));
        line.and_then(|line| line.split_once(':').map(|(_, value)| value.trim().to_owned())).unwrap_or_default()
    };
    let memory = after(&read("/proc/meminfo"), "MemTotal");
    let kib: u64 = memory.split_whitespace().next().and_then(|it| it.parse().ok()).unwrap_or(0);
    let kernel = format!("Linux {}", read("/proc/sys/kernel/osrelease").trim());
    Machine {
        cores: std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
        processor: after(&read("/proc/cpuinfo"), "model name"),
        memory_bytes: kib * 1_024,
        kernel,
    }
}
