//! Making the core's command of a wish: number to person, area code out, everything personal sealed.
//!
//! Runs in the writer, batch by batch, so that the index and the slot pool are synced at most once a batch and nothing is locked.

use super::index::{IndexError, PersonIndex, random};
use super::personal::Personal;
use super::vault::{Vault, VaultError};
use crate::convert::wish::Wish;
use holdfast_core::command::Command;
use holdfast_core::contact::Channel;
use holdfast_core::event::Event;
use holdfast_core::id::{ContactId, ExternalId, LineId, PersonId};
use holdfast_core::refusal::Refusal;
use holdfast_core::sealed::KeySlot;
use holdfast_core::state::State;
use holdfast_journal::record;
use holdfast_journal::{Reader, Sequence};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How many records are read at a time when the archive is searched.
const READ_RECORDS: usize = 1_024;

/// A wish that could not become a command.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// It is refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Nobody ever reached a line from that number.
    #[error("nobody is known by that number")]
    NobodyKnown,
    /// Sealing failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The person index failed.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The archive could not be searched.
    #[error("the archive could not be searched")]
    Archive,
}

/// The edge of one writer.
pub struct Edge {
    /// Keys.
    pub vault: Arc<Vault>,
    /// Numbers.
    pub people: PersonIndex,
    /// The archive, for what was sealed for a person long ago.
    pub archive: Arc<dyn Reader>,
}

impl Edge {
    /// Makes the core's command of a wish.
    ///
    /// # Errors
    /// See [`PrepareError`]; nothing has changed but perhaps a claimed slot, which is then never used.
    pub fn prepare(&mut self, state: &State, wish: Wish) -> Result<Command, PrepareError> {
        match wish {
            Wish::Plain(command) => Ok(command),
            Wish::Arrive { external, line_number, person_number, channel } => {
                self.arrive(state, external, &line_number, person_number.as_ref(), channel)
            }
            Wish::ConnectDesk { counselor, session, audio_address } => {
                let audio = match audio_address {
                    Some(address) => Some(self.vault.seal(self.vault.claim()?, &address)?),
                    None => None,
                };
                Ok(Command::ConnectDesk { counselor, session, audio })
            }
            Wish::WriteNote { counselor, contact, words } => {
                let known = state.contact(contact).ok_or(Refusal::UnknownContact(contact))?;
                if known.holder.as_ref() != Some(&counselor) {
                    return Err(Refusal::NotHolder { contact }.into());
                }
                let slot = match known.slot {
                    Some(slot) => slot,
                    None => self.vault.claim()?,
                };
                let note = self.vault.seal(slot, &words)?;
                Ok(Command::WriteNote { counselor, contact, note })
            }
            Wish::ErasePerson(person) => self.erase(person),
            Wish::EraseNumber(number) => {
                let person = self.people.find(&number).ok_or(PrepareError::NobodyKnown)?;
                self.erase(person)
            }
        }
    }

    fn arrive(
        &mut self,
        state: &State,
        external: ExternalId,
        line_number: &str,
        number: Option<&Personal>,
        channel: Channel,
    ) -> Result<Command, PrepareError> {
        let line = line(state, line_number);
        let area_code = number.and_then(Personal::area_code);
        if let Some((contact, _)) = state.parts().externals.get(&external) {
            // A repeat: the core answers with the contact that is there, and no slot is spent on it.
            let (contact, person) = (*contact, PersonId(0));
            return Ok(Command::ArriveContact {
                contact,
                person,
                external,
                line,
                channel,
                area_code,
                number: None,
                slot: None,
            });
        }
        let person = self.people.person(number)?;
        let slot: KeySlot = self.vault.claim()?;
        let sealed = match number {
            Some(number) => Some(self.vault.seal(slot, number)?),
            None => None,
        };
        Ok(Command::ArriveContact {
            contact: ContactId(random()?),
            person,
            external,
            line,
            channel,
            area_code,
            number: sealed,
            slot: Some(slot),
        })
    }

    /// Finds every slot that ever held something of this person.
    fn erase(&self, person: PersonId) -> Result<Command, PrepareError> {
        let mut slots = BTreeSet::new();
        let mut theirs = BTreeSet::new();
        let mut next = Sequence(1);
        loop {
            let stored = self.archive.read_from(next, READ_RECORDS).map_err(|_| PrepareError::Archive)?;
            let Some(last) = stored.last() else { break };
            next = Sequence(last.sequence.0.saturating_add(1));
            for it in stored {
                let decoded = record::decode(it.sequence.0, it.epoch.0, &it.body).map_err(|_| PrepareError::Archive)?;
                for event in decoded.events {
                    match event {
                        Event::ContactArrived { contact, person: who, slot, .. } if who == person => {
                            theirs.insert(contact);
                            slots.extend(slot);
                        }
                        Event::NoteWritten { contact, note, .. } if theirs.contains(&contact) => {
                            slots.insert(note.slot);
                        }
                        _ => {}
                    }
                }
            }
        }
        Ok(Command::ErasePerson { person, slots: slots.into_iter().collect() })
    }
}

/// The plan's name for a dialed number; one it does not know has no menu and goes to the default queue.
fn line(state: &State, number: &str) -> LineId {
    let known = state.plan().and_then(|plan| plan.lines.iter().find(|(_, line)| line.number == number));
    known.map_or_else(|| LineId::from("unknown"), |(id, _)| id.clone())
}
