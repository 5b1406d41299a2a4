//! Make everything of a person unreadable: the router zeroes the slots once this is durable.

use super::Deciding;
use crate::command::Answer;
use crate::event::Event;
use crate::id::PersonId;
use crate::refusal::Refusal;
use crate::sealed::KeySlot;
use alloc::collections::BTreeSet;

pub(super) fn decide(deciding: &mut Deciding<'_>, person: PersonId, archived: &[KeySlot]) -> Result<Answer, Refusal> {
    let mut slots: BTreeSet<KeySlot> = archived.iter().copied().collect();
    for contact in deciding.state.contacts_of(person) {
        // Whoever handed them over may still be writing a note, which would be sealed under a slot that is gone.
        if !contact.is_closed() || !contact.writing_up.is_empty() {
            return Err(Refusal::PersonIsHere(person));
        }
        slots.extend(contact.slot);
    }
    deciding.happen(Event::PersonErased { person, slots: slots.into_iter().collect() });
    Ok(Answer::Done)
}
