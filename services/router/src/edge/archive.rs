//! Searching the archive for what was ever sealed for one person. As long as the journal, and never on the writer's thread: nobody
//! who calls waits for somebody's erasure.

use holdfast_core::conversation::Words;
use holdfast_core::event::Event;
use holdfast_core::id::PersonId;
use holdfast_core::sealed::KeySlot;
use holdfast_journal::record::{self, DecodeError};
use holdfast_journal::{ReadError, Reader, Sequence};
use std::collections::BTreeSet;

/// How many records are read at a time.
const READ_RECORDS: usize = 1_024;

/// The archive could not be searched.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// It cannot be read.
    #[error("the archive cannot be read: {0}")]
    Read(#[from] ReadError),
    /// A record cannot be understood.
    #[error("a record of the archive cannot be understood: {0}")]
    Decode(#[from] DecodeError),
}

/// Every slot that ever held something of this person. What comes after the search began is in the hot state, where the core
/// finds it. Blocks for as long as the journal is long.
///
/// # Errors
/// If a record cannot be read or understood: then nothing is erased, rather than half.
pub fn slots_of(archive: &dyn Reader, person: PersonId) -> Result<Vec<KeySlot>, ArchiveError> {
    let mut slots = BTreeSet::new();
    let mut theirs = BTreeSet::new();
    let mut next = Sequence(1);
    loop {
        let stored = archive.read_from(next, READ_RECORDS)?;
        let Some(last) = stored.last() else { break };
        next = last.sequence.next();
        for it in stored {
            for event in record::decode(it.sequence.0, it.epoch.0, &it.body)?.events {
                match event {
                    Event::ContactArrived { contact, person: who, slot, .. } if who == person => {
                        theirs.insert(contact);
                        slots.extend(slot);
                    }
                    Event::NoteWritten { contact, note, .. } if theirs.contains(&contact) => {
                        slots.insert(note.slot);
                    }
                    Event::TextReceived { contact, words, .. }
                    | Event::TextSent { contact, words: Words::Sealed(words), .. }
                        if theirs.contains(&contact) =>
                    {
                        slots.insert(words.slot);
                    }
                    Event::HandoffConsented { contact, note: Some(note), .. } if theirs.contains(&contact) => {
                        slots.insert(note.slot);
                    }
                    _ => {}
                }
            }
        }
    }
    Ok(slots.into_iter().collect())
}
