//! The router's section of the configuration.

use holdfast_chassis::pressure::PressureSettings;
use serde::Deserialize;
use std::path::PathBuf;

/// Where the router keeps what it must not lose, and its bounds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouterSettings {
    /// The journal's directory. One process owns it; a network file system is no place for it.
    pub journal_dir: PathBuf,
    /// The routing plan.
    pub plan_file: PathBuf,
    /// How many commands may wait for the writer; whoever comes when all places are taken waits for one. Default 8192.
    #[serde(default = "commands_waiting_max")]
    pub commands_waiting_max: usize,
    /// A writer that makes no progress for this long ends the process, in milliseconds. Default 10000: a higher value forgives a
    /// slow disk, a lower one brings a stuck router back sooner.
    #[serde(default = "watchdog_ms")]
    pub watchdog_ms: u64,
    /// After how many records a snapshot is written. Default 50000: a higher value writes less, a lower one starts sooner.
    #[serde(default = "snapshot_every_records")]
    pub snapshot_every_records: u64,
    /// When the writer counts as pressed, and everybody else gives way to people on the line.
    #[serde(default)]
    pub pressure: PressureSettings,
}

const fn commands_waiting_max() -> usize {
    8_192
}

const fn watchdog_ms() -> u64 {
    10_000
}

const fn snapshot_every_records() -> u64 {
    50_000
}
