//! The contract: what a journal promises, in types.

use std::fmt;
use std::io;
use std::sync::Arc;

/// The largest record, in bytes. A plan for fifty states fits several times.
pub const RECORD_BYTES_MAX: usize = 2 * 1_024 * 1_024;
/// The largest batch, in bytes of record bodies. One write and one sync must stay short.
pub const BATCH_BYTES_MAX: usize = 4 * 1_024 * 1_024;
/// After this long without an append the writer calls [`Journal::idle`]: damage to the last batch is then never mistaken for a
/// torn write.
pub const IDLE_BEFORE_MARK_MS: u64 = 50;

/// Who may write: grows with every leader. A journal refuses an epoch lower than its last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Epoch(pub u64);

/// A record's number, from 1 without gaps; 0 stands before the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sequence(pub u64);

impl Sequence {
    /// The number after it.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// A hash over a record and everything before it: nothing before the tail can be changed without the tail changing.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct ChainHash(pub [u8; 32]);

impl ChainHash {
    /// The hash of the chain after one more record.
    #[must_use]
    pub fn after(self, epoch: Epoch, sequence: Sequence, body: &[u8]) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.0);
        hasher.update(&epoch.0.to_le_bytes());
        hasher.update(&sequence.0.to_le_bytes());
        hasher.update(body);
        Self(*hasher.finalize().as_bytes())
    }
}

impl fmt::Debug for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.iter().take(6) {
            write!(f, "{byte:02x}")?;
        }
        f.write_str("…")
    }
}

/// The last committed record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tail {
    /// The epoch it was written in.
    pub epoch: Epoch,
    /// Its number.
    pub sequence: Sequence,
    /// The chain up to and with it.
    pub hash: ChainHash,
}

/// A record to append.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Its bytes; opaque here. At most [`RECORD_BYTES_MAX`].
    pub body: Vec<u8>,
}

/// What became of a batch.
#[derive(Debug)]
pub enum Outcome {
    /// It is durable, whole.
    Committed(Tail),
    /// Nothing of it is there, and nothing was tried.
    Rejected(Rejection),
    /// It may be there or not. Nothing may be told to anybody; read back, or end the process and recover.
    Indeterminate(Doubt),
}

/// Why a batch was not even tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// A higher epoch has written: somebody else leads.
    #[error("epoch {epoch:?} is fenced: the journal's is {tail:?}", epoch = given.0, tail = last.0)]
    Fenced {
        /// The epoch given.
        given: Epoch,
        /// The journal's.
        last: Epoch,
    },
    /// The next record is another one.
    #[error("expected record {given:?}, the next is {next:?}", given = given.0, next = next.0)]
    UnexpectedSequence {
        /// The number given.
        given: Sequence,
        /// The next.
        next: Sequence,
    },
    /// The chain is another one.
    #[error("the chain is another one")]
    UnexpectedHash,
    /// Empty, or larger than the bounds.
    #[error("a batch has 1 record or more, of at most 2 MiB each and 4 MiB together")]
    Size,
    /// An earlier write or sync failed: this file is never served from again.
    #[error("the journal failed before: end the process and recover")]
    Unfit,
}

/// Why it is not known whether a batch is durable.
#[derive(Debug, thiserror::Error)]
#[error("the batch may or may not be durable")]
pub struct Doubt(#[from] pub io::Error);

/// A record as it was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRecord {
    /// Its number.
    pub sequence: Sequence,
    /// The epoch it was written in.
    pub epoch: Epoch,
    /// Its bytes.
    pub body: Vec<u8>,
}

/// A record could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The files failed.
    #[error("the journal's files failed")]
    Io(#[from] io::Error),
    /// It is damaged.
    #[error("damage in {segment} at byte {offset}")]
    Damaged {
        /// The file.
        segment: String,
        /// Where in it.
        offset: u64,
    },
}

/// The store failed.
#[derive(Debug, thiserror::Error)]
#[error("the journal's files failed")]
pub struct StoreError(#[from] pub io::Error);

/// A snapshot, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The record it was taken after.
    pub at: Tail,
    /// Its bytes; opaque here.
    pub body: Vec<u8>,
}

/// A snapshot could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The files failed.
    #[error("the snapshot's files failed")]
    Io(#[from] io::Error),
}

/// A journal of one network, with one writer.
pub trait Journal: Send {
    /// The last committed record.
    fn tail(&self) -> Tail;

    /// Appends a batch, all or nothing: one write, one sync. `expected` is the number of its first record, `previous` the chain
    /// before it. On anything but Committed nothing may be told to anybody.
    fn append(&mut self, epoch: Epoch, expected: Sequence, previous: ChainHash, batch: &[Draft]) -> Outcome;

    /// Whether the record is there with this body: for resolving an Indeterminate on a store that outlives the failure.
    ///
    /// # Errors
    /// If it cannot be read.
    fn read_back(&self, sequence: Sequence, body: &[u8]) -> Result<bool, ReadError> {
        let stored = self.reader().read(sequence)?;
        Ok(stored.is_some_and(|it| it.body == body))
    }

    /// Marks the tail as complete: nothing has been appended for [`IDLE_BEFORE_MARK_MS`]. Does nothing if it is marked.
    ///
    /// # Errors
    /// If the mark cannot be written; the journal is unfit then.
    fn idle(&mut self) -> Result<(), StoreError>;

    /// A clean stop: marks the tail.
    ///
    /// # Errors
    /// If the mark cannot be written; the next start repairs the tail.
    fn close(&mut self) -> Result<(), StoreError> {
        self.idle()
    }

    /// For reading from other threads while the writer appends. Sees committed records only.
    fn reader(&self) -> Arc<dyn Reader>;

    /// Where snapshots are kept, for writing one on another thread while the writer appends.
    fn snapshots(&self) -> Arc<dyn Snapshots>;

    /// The newest snapshot that is whole and not ahead of the tail. A damaged one falls back to the one before it.
    ///
    /// # Errors
    /// If the files cannot be read.
    fn newest_snapshot(&self) -> Result<Option<Snapshot>, SnapshotError>;
}

/// Keeps snapshots of what is committed. One is written at a time.
pub trait Snapshots: Send + Sync {
    /// Keeps a snapshot, and the one before it.
    ///
    /// # Errors
    /// If it cannot be written; the journal itself is untouched.
    fn save(&self, at: Tail, body: &[u8]) -> Result<(), SnapshotError>;
}

/// Reads committed records.
pub trait Reader: Send + Sync {
    /// One record, if it is committed.
    ///
    /// # Errors
    /// If it cannot be read or is damaged.
    fn read(&self, sequence: Sequence) -> Result<Option<StoredRecord>, ReadError> {
        Ok(self.read_from(sequence, 1)?.into_iter().find(|it| it.sequence == sequence))
    }

    /// Up to `limit` committed records from one on, in order; empty at the tail.
    ///
    /// # Errors
    /// If one cannot be read or is damaged.
    fn read_from(&self, sequence: Sequence, limit: usize) -> Result<Vec<StoredRecord>, ReadError>;
}

/// What every journal checks before it tries.
pub(crate) fn check(
    tail: Tail,
    epoch: Epoch,
    expected: Sequence,
    previous: ChainHash,
    batch: &[Draft],
) -> Result<(), Rejection> {
    if epoch < tail.epoch {
        return Err(Rejection::Fenced { given: epoch, last: tail.epoch });
    }
    if expected != tail.sequence.next() {
        return Err(Rejection::UnexpectedSequence { given: expected, next: tail.sequence.next() });
    }
    if previous != tail.hash {
        return Err(Rejection::UnexpectedHash);
    }
    let bytes = batch.iter().map(|it| it.body.len()).fold(0_usize, usize::saturating_add);
    let too_large = batch.iter().any(|it| it.body.len() > RECORD_BYTES_MAX);
    if batch.is_empty() || too_large || bytes > BATCH_BYTES_MAX {
        return Err(Rejection::Size);
    }
    Ok(())
}
