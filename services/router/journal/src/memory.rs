//! A journal in memory, for tests and trials: the same answers as a disk, and nothing survives the process.
//!
//! It grows without a bound of its own, so it is not for a router that takes calls.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::chain::{ChainHash, Epoch, Sequence, Tail};
use crate::journal::{
    BATCH_RECORDS_MAX, Draft, Journal, Outcome, READ_BYTES_MAX, ReadError, Reader, SNAPSHOT_BYTES_MAX, SNAPSHOTS_KEPT,
    Snapshot, SnapshotError, StopError, StoredRecord, admit,
};

/// The journal in memory. A clone shares the records: keep one to open "the same store" again.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    records: Arc<Records>,
    snapshots: Arc<RwLock<Vec<Snapshot>>>,
}

#[derive(Debug, Default)]
struct Records(RwLock<Vec<StoredRecord>>);

impl Records {
    // A panic of another thread cannot leave the list half written: it only ever grows by whole batches.
    fn read(&self) -> RwLockReadGuard<'_, Vec<StoredRecord>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Vec<StoredRecord>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    /// An empty journal.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Reader for Records {
    fn tail(&self) -> Tail {
        self.read().last().map_or_else(Tail::default, StoredRecord::as_tail)
    }

    fn read_from(&self, sequence: Sequence, limit: usize) -> Result<Vec<StoredRecord>, ReadError> {
        let start = usize::try_from(sequence.0.saturating_sub(1)).unwrap_or(usize::MAX);
        let records = self.read();
        let mut bytes = 0_usize;
        let within = records.iter().skip(start).take(limit).take_while(|record| {
            let room = bytes < READ_BYTES_MAX;
            bytes = bytes.saturating_add(record.body.len());
            room
        });
        Ok(within.cloned().collect())
    }
}

impl Journal for Memory {
    fn tail(&self) -> Tail {
        self.records.tail()
    }

    fn append(&mut self, epoch: Epoch, expected: Sequence, previous: ChainHash, batch: &[Draft]) -> Outcome {
        let mut records = self.records.write();
        let mut tail = records.last().map_or_else(Tail::default, StoredRecord::as_tail);
        if let Err(rejection) = admit(tail, epoch, expected, previous, batch) {
            return Outcome::Rejected(rejection);
        }
        for draft in batch {
            tail = tail.advanced(epoch, &draft.body);
            let Tail { epoch, sequence, hash } = tail;
            records.push(StoredRecord { sequence, epoch, hash, body: draft.body.clone() });
        }
        Outcome::Committed(tail)
    }

    fn read_back(&mut self, from: Sequence) -> Result<Vec<StoredRecord>, ReadError> {
        self.records.read_from(from, BATCH_RECORDS_MAX)
    }

    fn idle(&mut self) -> Result<(), StopError> {
        Ok(())
    }

    fn close(self: Box<Self>) -> Result<(), StopError> {
        Ok(())
    }

    fn reader(&self) -> Arc<dyn Reader> {
        Arc::<Records>::clone(&self.records)
    }

    fn save_snapshot(&mut self, at: Tail, body: &[u8]) -> Result<(), SnapshotError> {
        if body.len() > SNAPSHOT_BYTES_MAX {
            return Err(SnapshotError::TooLarge(body.len()));
        }
        let known = self.records.read_from(at.sequence, 1)?.pop();
        if at.sequence.0 == 0 || known.is_none_or(|record| record.as_tail() != at) {
            return Err(SnapshotError::NotInJournal(at.sequence));
        }
        let mut snapshots = self.snapshots.write().unwrap_or_else(PoisonError::into_inner);
        snapshots.retain(|kept| kept.at.sequence != at.sequence);
        snapshots.push(Snapshot { at, body: body.to_vec(), passed_over: 0 });
        snapshots.sort_by_key(|kept| kept.at.sequence);
        let surplus = snapshots.len().saturating_sub(SNAPSHOTS_KEPT);
        snapshots.drain(..surplus);
        Ok(())
    }

    fn newest_snapshot(&self) -> Result<Option<Snapshot>, SnapshotError> {
        Ok(self.snapshots.read().unwrap_or_else(PoisonError::into_inner).last().cloned())
    }
}
