//! append, read from, snapshot: memory and disk.
//!
//! The only crate that names a store. A *record* is an opaque body with a number, the epoch of its writer and a
//! link in a hash chain; what a body means belongs to `record`, and nothing else here looks inside one. Deliberately
//! left out: encryption (bodies and keys arrive sealed), clocks and threads (the one writer owns both) and deciding
//! who may write (the epoch is given; the journal only refuses an older one).
//!
//! * [`Memory`] is for tests, [`Disk`] is the segment log for one machine.
//! * [`files`] is the layer under the disk: real files, or an in-memory file system that fails on demand.
//! * [`slots`] and [`people`] are the two erasable files beside the log.

pub mod chain;
pub mod journal;
pub mod memory;
pub mod record;

pub use chain::{ChainHash, Epoch, Sequence, Tail};
pub use journal::{
    Appended, Doubt, Draft, Journal, Outcome, ReadError, Reader, Rejection, Snapshot, SnapshotError, StopError,
    StoredRecord,
};
pub use memory::Memory;
