//! The key slots: wrapped keys, one for each contact, outside the hash chain. A slot that is zeroed is gone, and with it everything
//! sealed under its key. What wraps the keys is the router's business.

use crate::files::FileLayer;
use crate::fixed::{Fixed, FixedError, Slot};
use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// The length of a wrapped key: nonce, key, tag.
pub const WRAPPED_BYTES: usize = 60;
/// How many keys one extension may bring.
pub const EXTEND_MAX: usize = 1_024;

/// The slots cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SlotError {
    /// A slot is damaged.
    #[error("the key slots are damaged: {0}")]
    Damaged(#[from] FixedError),
    /// The file failed.
    #[error("the key slots' file failed")]
    Io(#[from] io::Error),
    /// No such slot was ever made.
    #[error("there is no key slot {0}: the slots are older than the journal")]
    Missing(u64),
    /// Too many at once.
    #[error("at most 1024 keys are added at a time")]
    TooMany,
}

/// The file of the slots.
pub struct SlotFile(Fixed<WRAPPED_BYTES>);

impl SlotFile {
    /// Opens or makes the slots of a directory.
    ///
    /// # Errors
    /// If they are damaged.
    pub fn open(layer: Arc<dyn FileLayer>, dir: &Path) -> Result<Self, SlotError> {
        let (fixed, _) = Fixed::open(&*layer, &dir.join("slots"))?;
        Ok(Self(fixed))
    }

    /// How many slots there are, zeroed ones included.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.0.len()
    }

    /// How many torn or damaged slots of the last extension were erased at the start.
    #[must_use]
    pub const fn torn(&self) -> u64 {
        self.0.torn()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.len() == 0
    }

    /// Adds keys; durable when it returns, so that a slot is never used before it is.
    ///
    /// # Errors
    /// If the file fails; none of them may be used then.
    pub fn extend(&mut self, wrapped: &[[u8; WRAPPED_BYTES]]) -> Result<Range<u64>, SlotError> {
        if wrapped.len() > EXTEND_MAX {
            return Err(SlotError::TooMany);
        }
        let first = self.0.append(wrapped)?;
        Ok(first..self.0.len())
    }

    /// A slot's wrapped key; None once it is zeroed.
    ///
    /// # Errors
    /// If it was never made or is damaged.
    pub fn read(&self, slot: u64) -> Result<Option<[u8; WRAPPED_BYTES]>, SlotError> {
        match self.0.read(slot)?.ok_or(SlotError::Missing(slot))? {
            Slot::Full(wrapped) => Ok(Some(wrapped)),
            Slot::Erased => Ok(None),
        }
    }

    /// Zeroes slots, for ever. Doing it again changes nothing.
    ///
    /// # Errors
    /// If the file fails: do it again.
    pub fn zero(&mut self, slots: &[u64]) -> Result<(), SlotError> {
        Ok(self.0.zero(slots)?)
    }
}
