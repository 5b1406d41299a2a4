//! What the core may carry but never read: a person's number, words and notes, as ciphertext under a key slot.
//!
//! Sealing and unsealing happen at the router's edge. Nothing here can open a sealed field, and printing one shows only that it
//! is there.

use alloc::sync::Arc;
use core::fmt;

/// A slot of the key file. Zeroing the slot makes everything sealed under it unreadable everywhere, for ever.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct KeySlot(pub u64);

/// Ciphertext and the slot whose key opens it.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The slot whose key opens it.
    pub slot: KeySlot,
    /// Nonce, ciphertext and tag, as the edge made them.
    pub ciphertext: Arc<[u8]>,
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<sealed in slot {}>", self.slot.0)
    }
}
