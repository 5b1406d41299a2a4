//! Numbers, epochs and the hash chain: what makes a sequence of opaque bodies one history.
//!
//! The chain is the same in every store, so that a copy can be checked against its original. What a store adds around
//! a record (checksums, padding) is its own affair.

use core::fmt;

/// The number of a writer's term. A journal refuses an append with an epoch older than its last record's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub u64);

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The number of a record: 1 for the first, then without gaps. 0 is the empty journal's tail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sequence(pub u64);

impl Sequence {
    /// The number after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        self.plus(1)
    }

    /// The number `count` further on. Stays at `u64::MAX`, which no journal reaches.
    #[must_use]
    pub const fn plus(self, count: u64) -> Self {
        Self(self.0.saturating_add(count))
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A link of the chain: BLAKE3 over the link before, the record's number, epoch and length, and its body.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChainHash(pub [u8; 32]);

impl ChainHash {
    /// Before the first record: all zero.
    pub const GENESIS: Self = Self([0; 32]);

    /// The link of the record that follows this one.
    #[must_use]
    pub fn link(&self, sequence: Sequence, epoch: Epoch, body: &[u8]) -> Self {
        let mut head = [0_u8; 56];
        head[..32].copy_from_slice(&self.0);
        head[32..40].copy_from_slice(&sequence.0.to_le_bytes());
        head[40..48].copy_from_slice(&epoch.0.to_le_bytes());
        head[48..].copy_from_slice(&(body.len() as u64).to_le_bytes());
        let mut hasher = blake3::Hasher::new();
        hasher.update(&head).update(body);
        Self(*hasher.finalize().as_bytes())
    }
}

impl fmt::Display for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The last committed record: where the next one goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tail {
    /// Its epoch; 0 in an empty journal.
    pub epoch: Epoch,
    /// Its number; 0 in an empty journal.
    pub sequence: Sequence,
    /// Its link; [`ChainHash::GENESIS`] in an empty journal.
    pub hash: ChainHash,
}

impl Tail {
    /// The tail after one more record with this body.
    #[must_use]
    pub fn advanced(&self, epoch: Epoch, body: &[u8]) -> Self {
        let sequence = self.sequence.next();
        Self { epoch, sequence, hash: self.hash.link(sequence, epoch, body) }
    }
}
