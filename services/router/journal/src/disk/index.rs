//! Where records are: enough to find any of them by reading a small stretch of one segment. Shared by the writer and its readers.

use super::frame::{self, Found};
use super::segment;
use crate::files::{self, FileLayer};
use crate::terms::{ReadError, Reader, Sequence, StoredRecord};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

/// Every this many batches the place of one is kept: memory for a long journal, against a short read.
const STRIDE: u64 = 16;
/// How many bytes are read at a time while looking.
const STRETCH_BYTES: usize = 64 * 1_024;

/// The places of batches.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// First record, segment, offset; in order.
    places: Vec<(Sequence, u64, u64)>,
    /// Counted since the last place kept.
    skipped: u64,
    /// The last committed record and where the batches end.
    tail: Sequence,
    end: (u64, u64),
}

impl Index {
    /// Notes a batch. The first of each segment is always kept.
    pub(super) fn note(&mut self, first: Sequence, segment: u64, offset: u64, end: u64, tail: Sequence) {
        let fresh = self.places.last().is_none_or(|(_, last, _)| *last != segment);
        if fresh || self.skipped >= STRIDE {
            self.places.push((first, segment, offset));
            self.skipped = 0;
        }
        self.skipped = self.skipped.saturating_add(1);
        self.tail = tail;
        self.end = (segment, end);
    }

    /// Where to begin looking for a record.
    fn before(&self, sequence: Sequence) -> Option<(u64, u64)> {
        let at = self.places.partition_point(|(first, ..)| *first <= sequence);
        let (_, segment, offset) = self.places.get(at.checked_sub(1)?)?;
        Some((*segment, *offset))
    }
}

/// Reads committed records of a disk journal.
pub(super) struct DiskReader {
    pub(super) layer: Arc<dyn FileLayer>,
    pub(super) dir: PathBuf,
    pub(super) index: Arc<RwLock<Index>>,
}

impl Reader for DiskReader {
    fn read_from(&self, sequence: Sequence, limit: usize) -> Result<Vec<StoredRecord>, ReadError> {
        let (tail, end, start) = {
            let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
            (index.tail, index.end, index.before(sequence))
        };
        let mut found = Vec::new();
        let Some((mut segment, mut offset)) = start else { return Ok(found) };
        if sequence > tail {
            return Ok(found);
        }
        while found.len() < limit && (segment, offset) < end {
            match self.batch(segment, offset)? {
                Some((records, length)) => {
                    let room = limit.saturating_sub(found.len());
                    let wanted = records.into_iter().filter(|it| it.sequence >= sequence && it.sequence <= tail);
                    found.extend(wanted.take(room));
                    offset = offset.saturating_add(length);
                }
                None if segment < end.0 => {
                    segment = segment.saturating_add(1);
                    offset = frame::SECTOR as u64;
                }
                None => break,
            }
        }
        Ok(found)
    }
}

impl DiskReader {
    /// The batch at a place; None at the end of a segment's batches.
    fn batch(&self, segment: u64, offset: u64) -> Result<Option<(Vec<StoredRecord>, u64)>, ReadError> {
        let path = segment::path(&self.dir, segment);
        let file = self.layer.open(&path)?;
        let length = file.length()?;
        if offset >= length {
            return Ok(None);
        }
        let available = usize::try_from(length.saturating_sub(offset)).unwrap_or(usize::MAX);
        let mut bytes = vec![0; available.min(STRETCH_BYTES)];
        files::read_exact(&*file, offset, &mut bytes)?;
        if let Some(header) = frame::header(&bytes) {
            let whole = frame::padded(frame::HEADER_BYTES.saturating_add(header.bytes as usize));
            if whole > bytes.len() {
                bytes.resize(whole.min(available), 0);
                files::read_exact(&*file, offset, &mut bytes)?;
            }
        }
        match frame::read(&bytes) {
            Found::Batch(batch) => Ok(Some((batch.records, batch.length as u64))),
            Found::Nothing => Ok(None),
            Found::Damaged => Err(ReadError::Damaged { segment: path.display().to_string(), offset }),
        }
    }
}
