//! The desk feed: a counselor's own state, their offers and their contacts, with notes unsealed for whoever holds them.

use super::touched::Touched;
use crate::convert::{terms, views};
use crate::edge::vault::{Vault, VaultError};
use holdfast_core::contact::Contact;
use holdfast_core::counselor::Counselor;
use holdfast_core::event::Event;
use holdfast_core::id::{ContactId, CounselorId, OfferId};
use holdfast_core::offer::OfferState;
use holdfast_core::state::State;
use holdfast_journal::{Reader, Sequence, record};
use holdfast_proto::router::v1 as wire;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What is shown where a note can no longer be read.
const ERASED: &str = "[erased]";

/// What unsealing needs.
#[derive(Clone)]
pub struct Notes {
    /// Keys.
    pub vault: Arc<Vault>,
    /// Where the notes are.
    pub archive: Arc<dyn Reader>,
}

impl Notes {
    /// The notes of a contact, in the order they were written.
    #[must_use]
    pub fn of(&self, contact: &Contact) -> Vec<String> {
        contact.notes.iter().map(|sequence| self.read(*sequence, contact.id)).collect()
    }

    fn read(&self, sequence: u64, contact: ContactId) -> String {
        let stored = self.archive.read(Sequence(sequence)).ok().flatten();
        let decoded = stored.and_then(|it| record::decode(it.sequence.0, it.epoch.0, &it.body).ok());
        let note = decoded.into_iter().flat_map(|it| it.events).find_map(|event| match event {
            Event::NoteWritten { contact: about, note, .. } if about == contact => Some(note),
            _ => None,
        });
        let Some(note) = note else { return ERASED.to_owned() };
        match self.vault.unseal(&note) {
            Ok(words) => words.expose().to_owned(),
            Err(VaultError::Erased) => ERASED.to_owned(),
            Err(error) => {
                tracing::error!(%error, "a note does not open");
                ERASED.to_owned()
            }
        }
    }
}

/// All that one desk sees.
#[must_use]
pub fn snapshot(state: &State, counselor: &CounselorId, notes: &Notes) -> wire::DeskSnapshot {
    let fresh = Counselor::new(counselor.clone());
    let known = state.counselor(counselor).unwrap_or(&fresh);
    let mine = || known.load.keys().filter_map(|id| state.contact(*id));
    wire::DeskSnapshot {
        self_: Some(views::desk_self(known)),
        offers: mine()
            .filter_map(|it| it.open_offer().map(|offer| (it, offer)))
            .filter(|(_, offer)| offer.counselor == *counselor)
            .map(|(it, offer)| views::desk_offer(it, offer))
            .collect(),
        contacts: mine()
            .filter(|it| it.holder.as_ref() == Some(counselor))
            .map(|it| views::desk_contact(it, counselor, notes.of(it)))
            .collect(),
    }
}

/// What a record changed for one counselor; None if nothing.
#[must_use]
pub fn delta(state: &State, counselor: &CounselorId, touched: &Touched, notes: &Notes) -> Option<wire::DeskDelta> {
    let moved: Vec<wire::DeskOffer> = touched
        .offers
        .iter()
        .filter(|(_, _, to, _)| to == counselor)
        .filter_map(|(contact, attempt, _, became)| offer(state, *contact, *attempt, *became))
        .collect();
    let offered: BTreeSet<ContactId> = touched
        .offers
        .iter()
        .filter(|(_, _, to, became)| to == counselor && *became != OfferState::Accepted)
        .map(|(contact, ..)| *contact)
        .collect();
    let contacts: Vec<wire::DeskContact> = touched
        .involved
        .get(counselor)
        .into_iter()
        .flatten()
        .filter_map(|id| state.contact(*id))
        .filter(|it| it.holder.as_ref() == Some(counselor) || !offered.contains(&it.id))
        .filter(|it| it.open_offer().is_none_or(|offer| offer.counselor != *counselor))
        .map(|it| {
            let notes = if it.holder.as_ref() == Some(counselor) { notes.of(it) } else { Vec::new() };
            views::desk_contact(it, counselor, notes)
        })
        .collect();
    let own = touched.everybody || touched.counselors.contains(counselor);
    let self_ = state.counselor(counselor).filter(|_| own).map(views::desk_self);
    (self_.is_some() || !moved.is_empty() || !contacts.is_empty()).then_some(wire::DeskDelta {
        self_,
        offers: moved,
        contacts,
    })
}

fn offer(state: &State, contact: ContactId, attempt: u32, became: OfferState) -> Option<wire::DeskOffer> {
    let contact = state.contact(contact)?;
    if let Some(latest) = contact.offer.as_ref().filter(|it| it.attempt == attempt) {
        return Some(views::desk_offer(contact, latest));
    }
    // A newer offer was made in the same record: what is left to tell of this one is how it ended.
    Some(wire::DeskOffer {
        offer_id: OfferId { contact: contact.id, attempt }.to_string(),
        contact_id: contact.id.to_string(),
        state: terms::offer_state(became) as i32,
        queue: contact.queue.as_ref().map(terms::queue),
        language: contact.language.to_string(),
        deadline_ms: 0,
        waited_ms: 0,
        reason: String::new(),
    })
}
