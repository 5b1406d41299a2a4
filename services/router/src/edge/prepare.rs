//! Making the core's command of a wish: number to person, area code out, everything personal sealed.
//!
//! Runs in the writer, batch by batch, so that the slot pool is synced at most once a batch and nothing is waited for.

use super::index::{IndexError, PersonIndex, random};
use super::personal::Personal;
use super::vault::{Vault, VaultError};
use crate::convert::wish::{Received, Wish};
use holdfast_core::command::Command;
use holdfast_core::contact::Channel;
use holdfast_core::id::{AccountId, ContactId, CounselorId, ExternalId, LineId, PersonId};
use holdfast_core::plan::Line;
use holdfast_core::refusal::Refusal;
use holdfast_core::sealed::{KeySlot, Sealed};
use holdfast_core::state::State;
use std::sync::{Arc, Mutex, PoisonError};

/// A wish that could not become a command.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// It is refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A text in the carrier's list was written to a number that is no line of ours.
    #[error("the number is no line of the plan on this account: leave the message to whoever has the number")]
    NotOurLine,
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
                let note = self.seal_for(state, &counselor, contact, &words)?;
                Ok(Command::WriteNote { counselor, contact, note })
            }
            Wish::SendText { counselor, contact, words } => {
                let words = self.seal_for(state, &counselor, contact, &words)?;
                Ok(Command::SendText { counselor, contact, words })
            }
            Wish::RecordConsent { counselor, contact, given, note } => {
                let note = match note {
                    Some(note) => Some(self.seal_for(state, &counselor, contact, &note)?),
                    None => None,
                };
                Ok(Command::RecordConsent { counselor, contact, given, note })
            }
            Wish::ReceiveText(received) => self.receive(state, *received),
        }
    }

    /// Seals words of somebody who has a part in the contact, under the contact's own slot.
    fn seal_for(
        &self,
        state: &State,
        counselor: &CounselorId,
        contact: ContactId,
        words: &Personal,
    ) -> Result<Sealed, PrepareError> {
        let known = state.contact(contact).ok_or(Refusal::UnknownContact(contact))?;
        if known.part(counselor).is_none() {
            return Err(Refusal::NotHolder { contact }.into());
        }
        let slot = match known.slot {
            Some(slot) => slot,
            // Erased since: whatever were sealed now, nobody would find again to erase it.
            None if known.is_closed() => return Err(Refusal::UnknownContact(contact).into()),
            None => self.vault.claim()?,
        };
        Ok(self.vault.seal(slot, words)?)
    }

    /// A message of a person: their conversation's slot if it goes on, a new one if it begins. What they wrote is looked at here for
    /// a digit or a keyword, and nowhere else.
    fn receive(&mut self, state: &State, it: Received) -> Result<Command, PrepareError> {
        if it.missed && !is_ours(state, &it.external.account, &it.line_number) {
            return Err(PrepareError::NotOurLine);
        }
        let line = line(state, &it.line_number);
        let said = it.words.expose().trim();
        let keyword = state.plan().and_then(|plan| plan.texts.as_ref()?.keywords.get(&said.to_uppercase()).cloned());
        let digit = match said.as_bytes() {
            [digit @ b'0'..=b'9'] => Some(digit.wrapping_sub(b'0')),
            _ => None,
        };
        let known = state.parts().externals.get(&it.external).map(|(contact, _)| *contact);
        let (contact, person, number, slot, words) = match known {
            // A repeat: the core answers with the conversation it is in, and no slot is spent on it.
            Some(contact) => {
                let nothing = Sealed { slot: KeySlot(0), ciphertext: Arc::from([]) };
                (contact, PersonId(0), None, KeySlot(0), nothing)
            }
            None => {
                let mut people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
                let person = people.person(Some(&it.person_number))?;
                drop(people);
                let going_on = state.conversation(person, &line, it.channel).filter(|it| !it.is_closed());
                let slot = match going_on.and_then(|it| it.slot) {
                    Some(slot) => slot,
                    None => self.vault.claim()?,
                };
                let number = self.vault.seal(slot, &it.person_number)?;
                (ContactId(random()?), person, Some(number), slot, self.vault.seal(slot, &it.words)?)
            }
        };
        Ok(Command::ReceiveText {
            contact,
            person,
            external: it.external,
            line,
            channel: it.channel,
            area_code: it.person_number.area_code(),
            number,
            slot,
            words,
            digit,
            keyword,
            opt_out: it.opt_out,
            carrier_replied: it.carrier_replied,
            media: it.media,
            written_ago_ms: it.written_ago_ms,
        })
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

/// Whether this number of the account is a line of the plan.
fn is_ours(state: &State, account: &AccountId, number: &str) -> bool {
    let theirs = |line: &Line| line.number == number && line.account == *account;
    state.plan().is_some_and(|plan| plan.lines.values().any(theirs))
}

/// The plan's name for a dialed number; one it does not know has no menu and goes to the default queue.
fn line(state: &State, number: &str) -> LineId {
    let known = state.plan().and_then(|plan| plan.lines.iter().find(|(_, line)| line.number == number));
    known.map_or_else(|| LineId::from("unknown"), |(id, _)| id.clone())
}
