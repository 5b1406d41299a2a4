//! A journal in memory: the contract without a disk, for tests. It dies with the process.

use crate::terms::{
    ChainHash, Draft, Epoch, Journal, Outcome, ReadError, Reader, Sequence, Snapshot, SnapshotError, StoreError,
    StoredRecord, Tail, check,
};
use std::sync::{Arc, Mutex, PoisonError};

/// A journal in memory.
#[derive(Debug, Default)]
pub struct Memory {
    records: Arc<Mutex<Vec<StoredRecord>>>,
    tail: Tail,
    snapshots: Vec<Snapshot>,
}

impl Memory {
    /// An empty journal.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

struct MemoryReader(Arc<Mutex<Vec<StoredRecord>>>);

impl Reader for MemoryReader {
    fn read_from(&self, sequence: Sequence, limit: usize) -> Result<Vec<StoredRecord>, ReadError> {
        let records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(records.iter().filter(|it| it.sequence >= sequence).take(limit).cloned().collect())
    }
}

impl Journal for Memory {
    fn tail(&self) -> Tail {
        self.tail
    }

    fn append(&mut self, epoch: Epoch, expected: Sequence, previous: ChainHash, batch: &[Draft]) -> Outcome {
        if let Err(rejection) = check(self.tail, epoch, expected, previous, batch) {
            return Outcome::Rejected(rejection);
        }
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        for draft in batch {
            let sequence = self.tail.sequence.next();
            let hash = self.tail.hash.after(epoch, sequence, &draft.body);
            self.tail = Tail { epoch, sequence, hash };
            records.push(StoredRecord { sequence, epoch, body: draft.body.clone() });
        }
        Outcome::Committed(self.tail)
    }

    fn idle(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    fn reader(&self) -> Arc<dyn Reader> {
        Arc::new(MemoryReader(Arc::clone(&self.records)))
    }

    fn save_snapshot(&mut self, at: Tail, body: &[u8]) -> Result<(), SnapshotError> {
        self.snapshots.push(Snapshot { at, body: body.to_vec() });
        if self.snapshots.len() > 2 {
            self.snapshots.remove(0);
        }
        Ok(())
    }

    fn newest_snapshot(&self) -> Result<Option<Snapshot>, SnapshotError> {
        Ok(self.snapshots.last().cloned())
    }
}
