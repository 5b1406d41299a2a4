//! The person index: keyed hashes of numbers, tied to random person ids, from which a person can be erased. The numbers themselves
//! are nowhere in it, and the key of the hash is the router's business.

use crate::files::FileLayer;
use crate::fixed::{Fixed, FixedError, Slot};
use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// How many people one insertion may bring.
pub const INSERT_MAX: usize = 1_024;

const ENTRY_BYTES: usize = 32;

/// The index cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// An entry is damaged.
    #[error("the person index is damaged: {0}")]
    Damaged(#[from] FixedError),
    /// The file failed.
    #[error("the person index's file failed")]
    Io(#[from] io::Error),
    /// Too many at once.
    #[error("at most 1024 people are added at a time")]
    TooMany,
}

/// The index of a directory. In memory it is as large as there are people: 32 bytes each and the tree around them.
pub struct PeopleFile {
    fixed: Fixed<ENTRY_BYTES>,
    people: BTreeMap<[u8; 16], ([u8; 16], u64)>,
}

impl PeopleFile {
    /// Opens or makes the index of a directory.
    ///
    /// # Errors
    /// If it is damaged.
    pub fn open(layer: Arc<dyn FileLayer>, dir: &Path) -> Result<Self, PeopleError> {
        let (fixed, slots) = Fixed::<ENTRY_BYTES>::open(&*layer, &dir.join("people"))?;
        let mut people = BTreeMap::new();
        for (slot, content) in (0_u64..).zip(slots) {
            if let Slot::Full(entry) = content {
                let (hash, person) = entry.split_at(16);
                if let (Ok(hash), Ok(person)) = (hash.try_into(), person.try_into()) {
                    people.insert(hash, (person, slot));
                }
            }
        }
        Ok(Self { fixed, people })
    }

    /// How many torn or damaged entries of the last insertion were erased at the start.
    #[must_use]
    pub const fn torn(&self) -> u64 {
        self.fixed.torn()
    }

    /// The person a hash belongs to.
    #[must_use]
    pub fn find(&self, hash: &[u8; 16]) -> Option<[u8; 16]> {
        self.people.get(hash).map(|(person, _)| *person)
    }

    /// Everybody there is an entry of, in no particular order; somebody with two numbers twice.
    pub fn people(&self) -> impl Iterator<Item = &[u8; 16]> {
        self.people.values().map(|(person, _)| person)
    }

    /// Adds people; durable when it returns.
    ///
    /// # Errors
    /// If the file fails; they may be there after a restart.
    pub fn insert_all(&mut self, people: &[([u8; 16], [u8; 16])]) -> Result<(), PeopleError> {
        if people.len() > INSERT_MAX {
            return Err(PeopleError::TooMany);
        }
        let entries: Vec<[u8; ENTRY_BYTES]> = people
            .iter()
            .map(|(hash, person)| {
                let mut entry = [0; ENTRY_BYTES];
                for (to, from) in entry.iter_mut().zip(hash.iter().chain(person)) {
                    *to = *from;
                }
                entry
            })
            .collect();
        let first = self.fixed.append(&entries)?;
        for (slot, (hash, person)) in (first..).zip(people) {
            self.people.insert(*hash, (*person, slot));
        }
        Ok(())
    }

    /// Forgets a person: every entry of theirs is zeroed. Doing it again changes nothing.
    ///
    /// # Errors
    /// If the file fails: do it again.
    pub fn erase(&mut self, person: &[u8; 16]) -> Result<(), PeopleError> {
        let theirs: Vec<u64> = self.people.values().filter(|(who, _)| who == person).map(|(_, slot)| *slot).collect();
        self.fixed.zero(&theirs)?;
        self.people.retain(|_, (who, _)| who != person);
        Ok(())
    }
}
