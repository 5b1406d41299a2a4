//! Where records are: enough to find any of them by reading a small stretch of one segment. Shared by the writer and its readers.

use super::frame::{self, Found};
use super::segment;
use crate::files::{self, File, FileLayer};
use crate::terms::{ReadError, Reader, Sequence, StoredRecord};
use std::io;
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
        let mut stretch = Stretch::default();
        let Some((mut segment, mut offset)) = start else { return Ok(found) };
        if sequence > tail {
            return Ok(found);
        }
        while found.len() < limit && (segment, offset) < end {
            match self.batch(&mut stretch, segment, offset)? {
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

/// A stretch of a segment that has been read: many small batches lie in one.
#[derive(Default)]
struct Stretch {
    /// The segment, its file and its length.
    open: Option<(u64, Arc<dyn File>, u64)>,
    /// Where it begins.
    from: u64,
    bytes: Vec<u8>,
}

impl Stretch {
    /// What was read from this place on.
    fn at(&self, offset: u64) -> &[u8] {
        let skipped = offset.checked_sub(self.from).and_then(|it| usize::try_from(it).ok());
        skipped.and_then(|it| self.bytes.get(it..)).unwrap_or_default()
    }

    /// Reads so many bytes from this place on, or more, where they are not there already; fewer at the end of the segment.
    fn fill(&mut self, file: &dyn File, length: u64, offset: u64, wanted: usize) -> io::Result<()> {
        let available = usize::try_from(length.saturating_sub(offset)).unwrap_or(usize::MAX);
        if self.at(offset).len() < wanted.min(available) {
            self.from = offset;
            self.bytes.resize(wanted.max(STRETCH_BYTES).min(available), 0);
            files::read_exact(file, offset, &mut self.bytes)?;
        }
        Ok(())
    }
}

impl DiskReader {
    /// The batch at a place; None at the end of a segment's batches.
    fn batch(
        &self,
        stretch: &mut Stretch,
        segment: u64,
        offset: u64,
    ) -> Result<Option<(Vec<StoredRecord>, u64)>, ReadError> {
        let path = segment::path(&self.dir, segment);
        let (file, length) = match &stretch.open {
            Some((number, file, length)) if *number == segment => (Arc::clone(file), *length),
            _ => {
                let file = self.layer.open(&path)?;
                let length = file.length()?;
                *stretch = Stretch { open: Some((segment, Arc::clone(&file), length)), ..Stretch::default() };
                (file, length)
            }
        };
        if offset >= length {
            return Ok(None);
        }
        stretch.fill(&*file, length, offset, frame::SECTOR)?;
        if let Some(header) = frame::header(stretch.at(offset)) {
            let whole = frame::padded(frame::HEADER_BYTES.saturating_add(header.bytes as usize));
            stretch.fill(&*file, length, offset, whole)?;
        }
        match frame::read(stretch.at(offset)) {
            Found::Batch(batch) => Ok(Some((batch.records, batch.length as u64))),
            Found::Nothing => Ok(None),
            Found::Damaged => Err(ReadError::Damaged { segment: path.display().to_string(), offset }),
        }
    }
}
