//! The journal: append, read from, snapshot. Memory for tests, disk for one machine, one conformance suite for both.
//!
//! [`Journal`] is the one contract: a batch is Committed, Rejected or Indeterminate, and nothing in between. [`disk`] is a segment log
//! of our own, because losing nothing is what this software is for; [`files`] is the layer under it, so that every write and sync
//! can be failed in a test. [`record`] turns the core's records into bytes. [`slots`] and [`people`] are the two files from which
//! a person can be erased, beside the log from which nothing ever is.
//!
//! The only crate that names a store. Deliberately absent: any clock, any thread, any decision.

pub mod conformance;
pub mod disk;
pub mod files;
mod fixed;
mod memory;
pub mod people;
pub mod record;
pub mod slots;
mod terms;

pub use disk::{Disk, DiskOptions, Inspected, OpenError, Problem, Recovery, VerifyReport, inspect, verify};
pub use memory::Memory;
pub use terms::{
    BATCH_BYTES_MAX, ChainHash, Doubt, Draft, Epoch, IDLE_BEFORE_MARK_MS, Journal, Outcome, RECORD_BYTES_MAX,
    ReadError, Reader, Rejection, Sequence, Snapshot, SnapshotError, Snapshots, StoreError, StoredRecord, Tail,
};
