//! Snapshots, written beside the writer: it gives a copy of the state away and goes on, and a thread that gives way encodes and writes it.
//!
//! Contacts are shared between copies, so that a copy costs the writer little. A snapshot that fails, or is not begun because the one
//! before it is still being written, costs time at the next start and no more.

use crate::metrics;
use holdfast_chassis::apart::{NICE_MAX, give_way};
use holdfast_core::state::Parts;
use holdfast_journal::{Tail, record};
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

/// How often whoever waits for a snapshot looks whether it is written.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// When the next one is due, and the one in hand.
pub struct Snapshots {
    store: Arc<dyn holdfast_journal::Snapshots>,
    every_records: u64,
    /// How many records the next start would replay.
    behind_records: u64,
    writing: Option<JoinHandle<()>>,
}

impl Snapshots {
    /// Takes one after every so many records; the next start would replay `behind_records` now.
    #[must_use]
    pub fn new(store: Arc<dyn holdfast_journal::Snapshots>, every_records: u64, behind_records: u64) -> Self {
        Self { store, every_records: every_records.max(1), behind_records, writing: None }
    }

    /// So many more records are committed; true if a snapshot should be taken now.
    pub fn due(&mut self, records: u64) -> bool {
        self.behind_records = self.behind_records.saturating_add(records);
        let busy = self.writing.as_ref().is_some_and(|it| !it.is_finished());
        !busy && self.behind_records >= self.every_records
    }

    /// Takes one of what is committed at `at`.
    pub fn take(&mut self, parts: &Parts, at: Tail) {
        self.finish(|| {});
        self.behind_records = 0;
        let (store, parts) = (Arc::clone(&self.store), parts.clone());
        let write = move || {
            give_way(i32::from(NICE_MAX));
            let began = Instant::now();
            let body = record::encode_snapshot(&parts);
            drop(parts);
            match store.save(at, &body) {
                Ok(()) => metrics::snapshot_written(body.len(), began.elapsed()),
                Err(error) => tracing::error!(%error, "a snapshot could not be written"),
            }
        };
        match Builder::new().name("holdfast-snapshot".to_owned()).spawn(write) {
            Ok(writing) => self.writing = Some(writing),
            Err(error) => tracing::error!(%error, "a snapshot could not be written: there is no thread for it"),
        }
    }

    /// Waits for the one in hand, and says all the while that whoever waits is alive.
    pub fn finish(&mut self, alive: impl Fn()) {
        let Some(writing) = self.writing.take() else { return };
        while !writing.is_finished() {
            alive();
            std::thread::sleep(LOOK_EVERY);
        }
        if writing.join().is_err() {
            tracing::error!("writing a snapshot panicked; the one before it stays");
        }
    }
}
