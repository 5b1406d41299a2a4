//! A file of fixed-size slots that can be appended to and zeroed in place: what the key slots and the person index have in common.
//!
//! Each slot holds its content, the number of the append that brought it, and a checksum. A slot of zeros is one that was erased. A
//! torn append leaves damaged slots of the last append only: those are erased at the next start, which says how many. Damage to
//! anything before it was durable once, and is refused.

use crate::files::{self, File, FileLayer};
use std::io;
use std::path::Path;
use std::sync::Arc;

/// The append's number and the checksum.
const TRAILER_BYTES: usize = 8;

/// Such a file, with slots of `N` bytes of content.
pub(crate) struct Fixed<const N: usize> {
    file: Arc<dyn File>,
    slots: u64,
    next_append: u32,
    torn: u64,
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

/// A slot as it stands in the file: its content and its append, erased, or neither.
type Read<const N: usize> = Option<(Slot<N>, u32)>;

impl<const N: usize> Fixed<N> {
    const BYTES: usize = N + TRAILER_BYTES;

    /// Opens or makes the file, and gives what each slot holds. It is never copied: a copy would leave what is to be erased on the
    /// disk. The last append is written once more in its place: after a failed sync the cache may show what the disk does not have.
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
        file.sync()?;
        let bytes = files::read_all(&*file)?;
        let read: Vec<Read<N>> = bytes.chunks(Self::BYTES).map(decode).collect();
        let damaged: Vec<usize> = (0..read.len()).filter(|it| read.get(*it).is_some_and(Option::is_none)).collect();
        let last = read.iter().flatten().map(|(_, append)| *append).max().unwrap_or(0);
        // Whatever a valid slot of an earlier append stands behind was durable before the last append began.
        let durable = read.iter().rposition(|it| matches!(it, Some((Slot::Full(_), append)) if *append < last));
        if let (Some(first), Some(durable)) = (damaged.first(), durable)
            && *first < durable
        {
            return Err(FixedError::Damaged(*first as u64));
        }
        let (slots, torn) = (read.len() as u64, damaged.len() as u64);
        let this = Self { file, slots, next_append: last.saturating_add(1), torn };
        for (slot, bytes) in (0_u64..).zip(bytes.chunks(Self::BYTES)) {
            if matches!(decode::<N>(bytes), Some((Slot::Full(_), append)) if append == last) {
                this.file.write_at(this.offset(slot), bytes)?;
            }
        }
        this.file.sync()?;
        this.zero(&damaged.into_iter().map(|it| it as u64).collect::<Vec<_>>())?;
        Ok((this, read.into_iter().map(|it| it.map_or(Slot::Erased, |(slot, _)| slot)).collect()))
    }

    /// How many slots there are, erased ones included.
    pub(crate) const fn len(&self) -> u64 {
        self.slots
    }

    /// How many damaged slots of the last append were erased at the start.
    pub(crate) const fn torn(&self) -> u64 {
        self.torn
    }

    /// Appends; durable when it returns. Gives the first new slot's number.
    pub(crate) fn append(&mut self, contents: &[[u8; N]]) -> io::Result<u64> {
        let first = self.slots;
        let mut bytes = Vec::with_capacity(contents.len() * Self::BYTES);
        for content in contents {
            let start = bytes.len();
            bytes.extend_from_slice(content);
            bytes.extend_from_slice(&self.next_append.to_le_bytes());
            let crc = crc32c::crc32c(bytes.get(start..).unwrap_or_default());
            bytes.extend_from_slice(&crc.to_le_bytes());
        }
        self.file.write_at(self.offset(first), &bytes)?;
        self.file.sync()?;
        self.slots = self.slots.saturating_add(contents.len() as u64);
        self.next_append = self.next_append.saturating_add(1);
        Ok(first)
    }

    /// What a slot holds; None if there is no such slot.
    pub(crate) fn read(&self, slot: u64) -> Result<Option<Slot<N>>, FixedError> {
        if slot >= self.slots {
            return Ok(None);
        }
        let mut bytes = vec![0; Self::BYTES];
        files::read_exact(&*self.file, self.offset(slot), &mut bytes)?;
        decode(&bytes).map(|(slot, _)| Some(slot)).ok_or(FixedError::Damaged(slot))
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

fn decode<const N: usize>(bytes: &[u8]) -> Read<N> {
    if bytes.iter().all(|byte| *byte == 0) {
        return Some((Slot::Erased, 0));
    }
    let (content, trailer) = bytes.split_first_chunk::<N>()?;
    let (append, crc) = trailer.split_first_chunk::<4>()?;
    let covered = bytes.get(..bytes.len().checked_sub(4)?)?;
    let whole = crc == crc32c::crc32c(covered).to_le_bytes();
    whole.then_some((Slot::Full(*content), u32::from_le_bytes(*append)))
}
