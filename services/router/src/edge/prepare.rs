//! Making the core's command of a wish: number to person, area code out, everything personal sealed.
//!
//! Runs in the writer, batch by batch, so that the index and the slot pool are synced at most once a batch and nothing is locked.

use super::index::{IndexError, PersonIndex, random};
use super::personal::Personal;
use super::vault::{Vault, VaultError};
use crate::convert::wish::Wish;
use holdfast_core::command::Command;
use holdfast_core::contact::Channel;
use holdfast_core::id::{ContactId, ExternalId, LineId, PersonId};
use holdfast_core::refusal::Refusal;
use holdfast_core::sealed::KeySlot;
use holdfast_core::state::State;
use std::sync::{Arc, Mutex, PoisonError};

/// A wish that could not become a command.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// It is refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Sealing failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The person index failed.
    #[error(transparent)]
    Index(#[from] IndexError),
}

/// The edge of one writer.
pub struct Edge {
    /// Keys.
    pub vault: Arc<Vault>,
    /// Numbers. The gRPC face looks a person up here before it searches the archive; only the writer changes it.
    pub people: Arc<Mutex<PersonIndex>>,
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
        let person = self.people.lock().unwrap_or_else(PoisonError::into_inner).person(number)?;
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
}

/// The plan's name for a dialed number; one it does not know has no menu and goes to the default queue.
fn line(state: &State, number: &str) -> LineId {
    let known = state.plan().and_then(|plan| plan.lines.iter().find(|(_, line)| line.number == number));
    known.map_or_else(|| LineId::from("unknown"), |(id, _)| id.clone())
}
