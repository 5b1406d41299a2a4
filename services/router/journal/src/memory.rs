//! A journal in memory: the contract without a disk, for tests. It dies with the process.

use crate::terms::{
    ChainHash, Draft, Epoch, Journal, Outcome, ReadError, Reader, Sequence, Snapshot, SnapshotError, Snapshots,
    StoreError, StoredRecord, Tail, check,
};
use std::sync::{Arc, Mutex, PoisonError};

/// A journal in memory.
#[derive(Debug, Default)]
pub struct Memory {
    records: Arc<Mutex<Vec<StoredRecord>>>,
    tail: Tail,
    snapshots: Arc<Mutex<Vec<Snapshot>>>,
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

    fn snapshots(&self) -> Arc<dyn Snapshots> {
        Arc::new(MemorySnapshots(Arc::clone(&self.snapshots)))
    }

    fn newest_snapshot(&self) -> Result<Option<Snapshot>, SnapshotError> {
        Ok(self.snapshots.lock().unwrap_or_else(PoisonError::into_inner).last().cloned())
    }
}

struct MemorySnapshots(Arc<Mutex<Vec<Snapshot>>>);

impl Snapshots for MemorySnapshots {
    fn save(&self, at: Tail, body: &[u8]) -> Result<(), SnapshotError> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push(Snapshot { at, body: body.to_vec() });
        if kept.len() > 2 {
            kept.remove(0);
        }
        Ok(())
    }
}
