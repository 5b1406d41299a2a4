//! Who a number belongs to: a keyed hash of it, tied to a random person id, in a file from which a person can be erased.
//!
//! Without the master key the hashes say nothing, not even by trying every number. Nobody waits for this file: an entry is made of what
//! the record of an arrival says as well, so that what a crash keeps from the file is [restored](PersonIndex::restore) from the journal.
//! The file is written when there is time, and before any snapshot, behind which no record is read again.

use super::master::{MasterKey, MasterKeyError};
use super::personal::Personal;
use aws_lc_rs::{hmac, rand};
use holdfast_core::id::PersonId;
use holdfast_journal::people::{INSERT_MAX, PeopleError, PeopleFile};
use std::collections::{BTreeMap, BTreeSet};

/// The index failed.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The file failed.
    #[error("the person index failed")]
    File(#[from] PeopleError),
    /// The system gave no randomness.
    #[error("the system gave no randomness")]
    NoRandomness,
}

/// The index in use. Only the writer has it.
pub struct PersonIndex {
    key: hmac::Key,
    file: PeopleFile,
    /// Not in the file yet; at most [`INSERT_MAX`] once a batch is durable.
    fresh: BTreeMap<[u8; 16], [u8; 16]>,
}

impl PersonIndex {
    /// Opens the index.
    ///
    /// # Errors
    /// If no key can be derived from the master key.
    pub fn new(master: &MasterKey, file: PeopleFile) -> Result<Self, MasterKeyError> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, master.derive(b"people")?.as_ref());
        Ok(Self { key, file, fresh: BTreeMap::new() })
    }

    /// The person this number belongs to, new if it was never seen. Somebody who withholds theirs is new every time.
    ///
    /// # Errors
    /// If there is no randomness.
    pub fn person(&mut self, number: Option<&Personal>) -> Result<PersonId, IndexError> {
        let Some(number) = number else { return Ok(PersonId(random()?)) };
        if let Some(known) = self.find(number) {
            return Ok(known);
        }
        let person = random()?;
        self.fresh.insert(self.hash(number), person.to_be_bytes());
        Ok(PersonId(person))
    }

    /// The person this number belongs to, if it was ever seen.
    #[must_use]
    pub fn find(&self, number: &Personal) -> Option<PersonId> {
        let hash = self.hash(number);
        self.fresh
            .get(&hash)
            .copied()
            .or_else(|| self.file.find(&hash))
            .map(|person| PersonId(u128::from_be_bytes(person)))
    }

    /// Whether so many are not in the file yet that they should be written now.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.fresh.len() >= INSERT_MAX
    }

    /// Makes all entries durable.
    ///
    /// # Errors
    /// If the file cannot be written and synced.
    pub fn flush(&mut self) -> Result<(), IndexError> {
        let fresh: Vec<_> = std::mem::take(&mut self.fresh).into_iter().collect();
        for some in fresh.chunks(INSERT_MAX) {
            self.file.insert_all(some)?;
        }
        Ok(())
    }

    /// Whose entries are in the file: everybody else's must be restored.
    #[must_use]
    pub fn known(&self) -> BTreeSet<PersonId> {
        self.file.people().map(|person| PersonId(u128::from_be_bytes(*person))).collect()
    }

    /// Takes an entry from the record of an arrival, unless the number has one.
    pub fn restore(&mut self, number: &Personal, person: PersonId) {
        if self.find(number).is_none() {
            self.fresh.insert(self.hash(number), person.0.to_be_bytes());
        }
    }

    /// Forgets a person. Doing it again changes nothing.
    ///
    /// # Errors
    /// If the file cannot be written and synced.
    pub fn erase(&mut self, person: PersonId) -> Result<(), IndexError> {
        let person = person.0.to_be_bytes();
        self.fresh.retain(|_, who| *who != person);
        self.file.erase(&person)?;
        Ok(())
    }

    fn hash(&self, number: &Personal) -> [u8; 16] {
        let tag = hmac::sign(&self.key, number.expose().as_bytes());
        let mut hash = [0; 16];
        for (to, from) in hash.iter_mut().zip(tag.as_ref()) {
            *to = *from;
        }
        hash
    }
}

/// 128 random bits.
pub(crate) fn random() -> Result<u128, IndexError> {
    let mut bytes = [0; 16];
    rand::fill(&mut bytes).map_err(|_| IndexError::NoRandomness)?;
    Ok(u128::from_be_bytes(bytes))
}
