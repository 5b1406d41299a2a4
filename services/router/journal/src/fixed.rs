//! A file of fixed-size slots that can be appended to and zeroed in place: what the key slots and the person index have in common.
//!
//! Each slot ends with a checksum. A slot of zeros is one that was erased. A torn append leaves damaged slots at the end only,
//! which the next start erases: nobody was told of them.

use crate::files::{self, File, FileLayer};
use std::io;
use std::path::Path;
use std::sync::Arc;

const CRC_BYTES: usize = 4;

/// Such a file, with slots of `N` bytes of content.
pub(crate) struct Fixed<const N: usize> {
    file: Arc<dyn File>,
    slots: u64,
}

/// What a slot holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot<const N: usize> {
    /// Its content.
    Full([u8; N]),
    /// It was erased.
    Erased,
}

/// The file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FixedError {
    /// A slot is damaged that was durable once.
    #[error("slot {0} is damaged: restore the file from a copy")]
    Damaged(u64),
    /// The file failed.
    #[error("the file failed")]
    Io(#[from] io::Error),
}

impl<const N: usize> Fixed<N> {
    const BYTES: usize = N + CRC_BYTES;

    /// Opens or makes the file, and gives what each slot holds.
    ///
    /// # Errors
    /// If a slot is damaged that something valid stands behind, or the file fails.
    pub(crate) fn open(layer: &dyn FileLayer, path: &Path) -> Result<(Self, Vec<Slot<N>>), FixedError> {
        let file = match layer.open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if let Some(dir) = path.parent() {
                    layer.create_dir(dir)?;
                }
                files::replace(layer, path, &[])?
            }
            Err(error) => return Err(error.into()),
        };
        let bytes = files::read_all(&*file)?;
        let read: Vec<Option<Slot<N>>> = bytes.chunks(Self::BYTES).map(decode).collect();
        let last_full = read.iter().rposition(|it| matches!(it, Some(Slot::Full(_))));
        let damaged: Vec<usize> =
            (0..read.len()).filter(|index| read.get(*index).is_some_and(Option::is_none)).collect();
        // Slots are appended in order: whatever is damaged before the last full one was durable once. At the end, a torn append
        // may have left any subset of its sectors; those slots were claimed by nobody.
        if let (Some(first), Some(last)) = (damaged.first(), last_full)
            && *first < last
            && !same_append::<N>(*first, last)
        {
            return Err(FixedError::Damaged(*first as u64));
        }
        let this = Self { file, slots: read.len() as u64 };
        if !damaged.is_empty() {
            let damaged: Vec<u64> = damaged.into_iter().map(|it| it as u64).collect();
            this.zero(&damaged)?;
        }
        let slots = read.into_iter().map(|it| it.unwrap_or(Slot::Erased)).collect();
        Ok((this, slots))
    }

    /// How many slots there are, erased ones included.
    pub(crate) const fn len(&self) -> u64 {
        self.slots
    }

    /// Appends; durable when it returns. Gives the first new slot's number.
    pub(crate) fn append(&mut self, contents: &[[u8; N]]) -> io::Result<u64> {
        let first = self.slots;
        let mut bytes = Vec::with_capacity(contents.len() * Self::BYTES);
        for content in contents {
            bytes.extend_from_slice(content);
            bytes.extend_from_slice(&crc32c::crc32c(content).to_le_bytes());
        }
        self.file.write_at(self.offset(first), &bytes)?;
        self.file.sync()?;
        self.slots = self.slots.saturating_add(contents.len() as u64);
        Ok(first)
    }

    /// What a slot holds; None if there is no such slot.
    pub(crate) fn read(&self, slot: u64) -> Result<Option<Slot<N>>, FixedError> {
        if slot >= self.slots {
            return Ok(None);
        }
        let mut bytes = vec![0; Self::BYTES];
        files::read_exact(&*self.file, self.offset(slot), &mut bytes)?;
        decode(&bytes).map(Some).ok_or(FixedError::Damaged(slot))
    }

    /// Zeroes slots; gone for ever when it returns. Doing it again changes nothing.
    pub(crate) fn zero(&self, slots: &[u64]) -> io::Result<()> {
        for slot in slots.iter().filter(|slot| **slot < self.slots) {
            self.file.write_at(self.offset(*slot), &vec![0; Self::BYTES])?;
        }
        if slots.is_empty() { Ok(()) } else { self.file.sync() }
    }

    fn offset(&self, slot: u64) -> u64 {
        slot.saturating_mul(Self::BYTES as u64)
    }
}

/// How many slots one append may have: within them, order says nothing about what a crash kept.
const APPEND_SLOTS_MAX: usize = 1_024;

const fn same_append<const N: usize>(first: usize, last: usize) -> bool {
    last.saturating_sub(first) < APPEND_SLOTS_MAX
}

fn decode<const N: usize>(bytes: &[u8]) -> Option<Slot<N>> {
    if bytes.iter().all(|byte| *byte == 0) {
        return Some(Slot::Erased);
    }
    let (content, crc) = bytes.split_first_chunk::<N>()?;
    let whole = crc == crc32c::crc32c(content).to_le_bytes();
    whole.then_some(Slot::Full(*content))
}
