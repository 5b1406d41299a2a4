//! What a journal is, whatever stores it: one writer that appends, many readers that see only what is committed.
//!
//! Left out on purpose: what bodies mean, who holds the epoch, and when fifty milliseconds have passed.

use core::fmt;
use std::io;
use std::sync::Arc;

use crate::chain::{ChainHash, Epoch, Sequence, Tail};

/// After this long without an append the writer calls [`Journal::idle`]. The writer keeps the clock.
pub const IDLE_BEFORE_MARK_MS: u64 = 50;
/// The longest body of one record, in bytes.
pub const BODY_BYTES_MAX: usize = 256 * 1024;
/// The most that the bodies of one batch may add up to, in bytes.
pub const BATCH_BYTES_MAX: usize = 1024 * 1024;
/// The most records in one batch.
pub const BATCH_RECORDS_MAX: usize = 4096;
/// One [`Reader::read_from`] stops after the record that reaches this many bytes of bodies.
pub const READ_BYTES_MAX: usize = 4 * 1024 * 1024;
/// How many snapshots are kept: the newest and the one before.
pub const SNAPSHOTS_KEPT: usize = 2;
/// The longest snapshot, in bytes.
pub const SNAPSHOT_BYTES_MAX: usize = 1024 * 1024 * 1024;

/// A record to be: the journal gives it its number and its link.
#[derive(Clone, PartialEq, Eq)]
pub struct Draft {
    /// Opaque here, at most [`BODY_BYTES_MAX`] bytes.
    pub body: Vec<u8>,
}

impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Draft({} bytes)", self.body.len())
    }
}

/// A committed record. Its debug form leaves the body out.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// Its number.
    pub sequence: Sequence,
    /// The epoch of the writer that appended it.
    pub epoch: Epoch,
    /// Its link, over the link before it and everything else here.
    pub hash: ChainHash,
    /// What was given as [`Draft::body`], byte for byte.
    pub body: Vec<u8>,
}

impl StoredRecord {
    /// The journal's tail when this was its last record.
    #[must_use]
    pub const fn as_tail(&self) -> Tail {
        Tail { epoch: self.epoch, sequence: self.sequence, hash: self.hash }
    }
}

impl fmt::Debug for StoredRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoredRecord({}, epoch {}, {} bytes, {})", self.sequence, self.epoch, self.body.len(), self.hash)
    }
}

/// What a committed append left behind: the new tail.
pub type Appended = Tail;

/// What became of an append. Nothing may leave the process for a batch that is not `Committed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Outcome {
    /// The whole batch is durable; this is its last record.
    Committed(Appended),
    /// Nothing of the batch was stored, and nothing will appear later.
    Rejected(Rejection),
    /// The batch is stored whole or not at all, and which is not known. See [`Journal::read_back`].
    Indeterminate(Doubt),
}

/// Why nothing was stored. Checked in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// An earlier write or sync failed.
    #[error("the journal is unfit since a write or sync failed: end the process and open it again")]
    Unfit,
    /// The epoch is older than the last record's.
    #[error("epoch is over, the journal is at epoch {}: step down", tail.epoch)]
    Fenced {
        /// The journal's tail.
        tail: Tail,
    },
    /// `expected` is not the number after the tail.
    #[error("the next record is {}: follow the journal to there first", tail.sequence.next())]
    UnexpectedSequence {
        /// The journal's tail.
        tail: Tail,
    },
    /// `previous` is not the tail's link: two histories.
    #[error("record {} has another hash here: this is another history, step down", tail.sequence)]
    UnexpectedHash {
        /// The journal's tail.
        tail: Tail,
    },
    /// A batch of no records.
    #[error("a batch needs at least one record")]
    Empty,
    /// A body over [`BODY_BYTES_MAX`], or a batch over [`BATCH_BYTES_MAX`] or [`BATCH_RECORDS_MAX`].
    #[error("a body or the batch is too large: split the batch")]
    TooLarge,
    /// The current segment is full and the next one could not be made. The same append may succeed later.
    #[error("no room for the next segment: free disk space, then append again")]
    Full,
}

/// Why it is not known whether a batch is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// The write failed or was cut short.
    #[error("the write failed ({0}): end the process and open the journal again")]
    Write(io::ErrorKind),
    /// The sync failed.
    #[error("the sync failed ({0}): end the process and open the journal again")]
    Sync(io::ErrorKind),
}

/// Why a read gave nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// An earlier write or sync failed, so what the file shows may not be on the disk.
    #[error("the journal is unfit since a write or sync failed: end the process and open it again")]
    Unfit,
    /// A committed record does not verify any more.
    #[error("segment {segment} is damaged at byte {offset}: stop leading and run journal verify")]
    Damaged {
        /// The segment's number.
        segment: u64,
        /// Where in its file, in bytes.
        offset: u64,
    },
    /// The store could not be read.
    #[error("reading the journal failed ({0})")]
    Io(io::ErrorKind),
}

/// A state at a record: where replay may begin instead of at record 1. Its debug form leaves the body out.
#[derive(Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The last record the state has folded in.
    pub at: Tail,
    /// Opaque here.
    pub body: Vec<u8>,
    /// How many newer snapshots were passed over because they are damaged. Above 0, say so to the operator.
    pub passed_over: usize,
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Snapshot(at {}, {} bytes, passed over {})", self.at.sequence, self.body.len(), self.passed_over)
    }
}

/// Why a snapshot was not saved or not found. The log itself is unharmed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// `at` is not a committed record of this journal.
    #[error("record {0} with this hash is not in the journal")]
    NotInJournal(Sequence),
    /// Over [`SNAPSHOT_BYTES_MAX`].
    #[error("a snapshot may be {SNAPSHOT_BYTES_MAX} bytes, this one is {0}")]
    TooLarge(usize),
    /// There are snapshots and none verifies. Replay from record 1.
    #[error("none of {0} snapshots verifies: replay from record 1")]
    AllDamaged(usize),
    /// An earlier write or sync of the log failed.
    #[error("the journal is unfit since a write or sync failed: end the process and open it again")]
    Unfit,
    /// Checking `at` against the log failed.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The store failed; an older snapshot is still there.
    #[error("the snapshot file failed ({0})")]
    Io(io::ErrorKind),
}

/// Why a tail mark could not be written. The journal is unfit from here on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StopError {
    /// An earlier write or sync failed.
    #[error("the journal is unfit since a write or sync failed: end the process and open it again")]
    Unfit,
    /// This write or sync failed.
    #[error("writing the tail mark failed ({0}): end the process and open the journal again")]
    Io(io::ErrorKind),
}

/// The writer's face of a store. There is one at a time.
pub trait Journal: Send {
    /// The last committed record.
    fn tail(&self) -> Tail;

    /// Stores one record per draft, numbered from `expected`, all or none. `expected` must be the number after the
    /// tail, `previous` the tail's hash and `epoch` not older than the tail's.
    ///
    /// Not idempotent by itself, but safe to repeat: a batch that is already stored is rejected as
    /// [`Rejection::UnexpectedSequence`]. Bounds: [`BODY_BYTES_MAX`], [`BATCH_BYTES_MAX`], [`BATCH_RECORDS_MAX`];
    /// beyond them [`Rejection::TooLarge`], and nothing is stored.
    fn append(&mut self, epoch: Epoch, expected: Sequence, previous: ChainHash, batch: &[Draft]) -> Outcome;

    /// Resolves an [`Outcome::Indeterminate`]: what is committed from `from` on, at most one batch of records. Found
    /// there, the batch is committed; not found, append the same bytes again.
    ///
    /// # Errors
    /// [`ReadError::Unfit`] where only opening the store again can tell (disk): the process has to end.
    fn read_back(&mut self, from: Sequence) -> Result<Vec<StoredRecord>, ReadError>;

    /// Called by the writer after [`IDLE_BEFORE_MARK_MS`] without an append: marks the tail, so that later damage to
    /// the last batch is seen for what it is. Does nothing if the tail is marked. May prepare for appends to come.
    ///
    /// # Errors
    /// The journal is unfit then; the process has to end.
    fn idle(&mut self) -> Result<(), StopError>;

    /// A clean stop: marks the tail and lets go of the store.
    ///
    /// # Errors
    /// The mark could not be written; what is committed is still there.
    fn close(self: Box<Self>) -> Result<(), StopError>;

    /// A view of what is committed, for other threads, while the writer appends.
    fn reader(&self) -> Arc<dyn Reader>;

    /// Keeps `body` as the state at `at`, and of the older snapshots the newest one. Repeating it is harmless.
    ///
    /// # Errors
    /// The snapshots that were there before are there still.
    fn save_snapshot(&mut self, at: Tail, body: &[u8]) -> Result<(), SnapshotError>;

    /// The newest snapshot that verifies.
    ///
    /// # Errors
    /// [`SnapshotError::AllDamaged`] if there are snapshots and none verifies.
    fn newest_snapshot(&self) -> Result<Option<Snapshot>, SnapshotError>;
}

/// The readers' face of a store: committed records only.
pub trait Reader: Send + Sync {
    /// The last committed record.
    fn tail(&self) -> Tail;

    /// One record, `None` if it is not committed (yet) or is number 0.
    ///
    /// # Errors
    /// See [`ReadError`].
    fn read(&self, sequence: Sequence) -> Result<Option<StoredRecord>, ReadError> {
        if sequence.0 == 0 {
            return Ok(None);
        }
        Ok(self.read_from(sequence, 1)?.pop())
    }

    /// Up to `limit` records from `sequence` on (0 reads from 1), in order, fewer once [`READ_BYTES_MAX`] is reached;
    /// empty only if `limit` is 0 or nothing is committed there.
    ///
    /// # Errors
    /// See [`ReadError`]. No record that does not verify is returned.
    fn read_from(&self, sequence: Sequence, limit: usize) -> Result<Vec<StoredRecord>, ReadError>;
}

/// The checks every store makes before it stores anything.
///
/// # Errors
/// The rejection to answer with.
pub fn admit(
    tail: Tail,
    epoch: Epoch,
    expected: Sequence,
    previous: ChainHash,
    batch: &[Draft],
) -> Result<(), Rejection> {
    if epoch < tail.epoch {
        return Err(Rejection::Fenced { tail });
    }
    if expected != tail.sequence.next() {
        return Err(Rejection::UnexpectedSequence { tail });
    }
    if previous != tail.hash {
        return Err(Rejection::UnexpectedHash { tail });
    }
    if batch.is_empty() {
        return Err(Rejection::Empty);
    }
    let bytes: usize = batch.iter().map(|draft| draft.body.len()).sum();
    let body_too_large = batch.iter().any(|draft| draft.body.len() > BODY_BYTES_MAX);
    if body_too_large || bytes > BATCH_BYTES_MAX || batch.len() > BATCH_RECORDS_MAX {
        return Err(Rejection::TooLarge);
    }
    Ok(())
}
