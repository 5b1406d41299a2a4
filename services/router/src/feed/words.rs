//! Reading back what was sealed: notes, messages, the note of a handoff. Only for whoever may see them: a desk that has a part in
//! the contact, and the carrier service for what is to be sent.

use crate::edge::personal::Personal;
use crate::edge::vault::{Vault, VaultError};
use holdfast_core::contact::Contact;
use holdfast_core::conversation::{Message, Words};
use holdfast_core::event::Event;
use holdfast_core::id::{ContactId, CounselorId};
use holdfast_core::sealed::Sealed;
use holdfast_journal::{Reader, Sequence, record};
use std::sync::Arc;

/// What is shown where something can no longer be read.
const ERASED: &str = "[erased]";

/// What unsealing needs.
#[derive(Clone)]
pub struct Archive {
    /// Keys.
    pub vault: Arc<Vault>,
    /// Where the records are.
    pub records: Arc<dyn Reader>,
}

impl Archive {
    /// The notes of a contact that somebody may see, by who wrote them, in the order they were written. One that can no longer be
    /// read has no author either, and is shown as erased.
    #[must_use]
    pub fn notes(&self, contact: &Contact, may_see: impl Fn(&CounselorId) -> bool) -> Vec<String> {
        let notes = contact.notes.iter().map(|sequence| self.note(*sequence, contact.id));
        notes
            .filter(|it| it.as_ref().is_none_or(|(author, _)| may_see(author)))
            .map(|it| shown(it.map(|it| it.1)))
            .collect()
    }

    /// The words of a message, for somebody who has a part in the conversation.
    #[must_use]
    pub fn message(&self, contact: ContactId, message: &Message) -> String {
        shown(self.words(contact, message))
    }

    /// The words of a message of ours, to be sent; none if they can no longer be read.
    #[must_use]
    pub fn to_send(&self, contact: ContactId, message: &Message) -> Option<Personal> {
        self.words(contact, message)
    }

    /// What the person agreed to share in the latest handoff; empty if nothing.
    #[must_use]
    pub fn handoff_note(&self, contact: &Contact) -> String {
        let Some(sequence) = contact.handoff.as_ref().and_then(|it| it.note) else { return String::new() };
        let note = self.find(sequence, |event| match event {
            Event::HandoffConsented { contact: of, note, .. } if of == contact.id => note,
            _ => None,
        });
        shown(note.and_then(|note| self.open(&note)))
    }

    /// A person's number, for the carrier service; none if it can no longer be read.
    #[must_use]
    pub fn number(&self, contact: &Contact) -> Option<Personal> {
        self.open(contact.number.as_ref()?)
    }

    fn note(&self, sequence: u64, contact: ContactId) -> Option<(CounselorId, Personal)> {
        let (author, note) = self.find(sequence, |event| match event {
            Event::NoteWritten { contact: about, counselor, note } if about == contact => Some((counselor, note)),
            _ => None,
        })?;
        Some((author, self.open(&note)?))
    }

    fn words(&self, contact: ContactId, message: &Message) -> Option<Personal> {
        let words = self.find(message.record, |event| match event {
            Event::TextReceived { contact: of, message: number, words, .. }
                if of == contact && number == message.number =>
            {
                Some(Words::Sealed(words))
            }
            Event::TextSent { contact: of, message: number, words, .. }
                if of == contact && number == message.number =>
            {
                Some(words)
            }
            _ => None,
        });
        match words? {
            Words::Sealed(sealed) => self.open(&sealed),
            Words::Said(said) => Some(Personal::new(said.to_string())),
        }
    }

    fn find<T>(&self, sequence: u64, pick: impl Fn(Event) -> Option<T>) -> Option<T> {
        let stored = self.records.read(Sequence(sequence)).ok().flatten()?;
        let decoded = record::decode(stored.sequence.0, stored.epoch.0, &stored.body).ok()?;
        decoded.events.into_iter().find_map(pick)
    }

    fn open(&self, sealed: &Sealed) -> Option<Personal> {
        match self.vault.unseal(sealed) {
            Ok(words) => Some(words),
            Err(VaultError::Erased) => None,
            Err(error) => {
                tracing::error!(%error, "something sealed does not open");
                None
            }
        }
    }
}

fn shown(words: Option<Personal>) -> String {
    words.map_or_else(|| ERASED.to_owned(), |words| words.expose().to_owned())
}
