//! Who a number belongs to: a keyed hash of it, tied to a random person id, in a file from which a person can be erased.
//!
//! Without the master key the hashes say nothing, not even by trying every number.

use super::master::{MasterKey, MasterKeyError};
use super::personal::Personal;
use aws_lc_rs::{hmac, rand};
use holdfast_core::id::PersonId;
use holdfast_journal::people::{PeopleError, PeopleFile};

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
    /// Found or made in this batch, not yet durable.
    fresh: Vec<([u8; 16], [u8; 16])>,
}

impl PersonIndex {
    /// Opens the index.
    ///
    /// # Errors
    /// If no key can be derived from the master key.
    pub fn new(master: &MasterKey, file: PeopleFile) -> Result<Self, MasterKeyError> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, master.derive(b"people")?.as_ref());
        Ok(Self { key, file, fresh: Vec::new() })
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
        self.fresh.push((self.hash(number), person.to_be_bytes()));
        Ok(PersonId(person))
    }

    /// The person this number belongs to, if it was ever seen.
    #[must_use]
    pub fn find(&self, number: &Personal) -> Option<PersonId> {
        let hash = self.hash(number);
        let fresh = self.fresh.iter().find(|(known, _)| *known == hash).map(|(_, person)| *person);
        fresh.or_else(|| self.file.find(&hash)).map(|person| PersonId(u128::from_be_bytes(person)))
    }

    /// Makes what this batch found durable. Called before the batch is appended.
    ///
    /// # Errors
    /// If the file cannot be written and synced.
    pub fn flush(&mut self) -> Result<(), IndexError> {
        if !self.fresh.is_empty() {
            self.file.insert_all(&self.fresh)?;
            self.fresh.clear();
        }
        Ok(())
    }

    /// Forgets a person. Doing it again changes nothing.
    ///
    /// # Errors
    /// If the file cannot be written and synced.
    pub fn erase(&mut self, person: PersonId) -> Result<(), IndexError> {
        self.file.erase(&person.0.to_be_bytes())?;
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
