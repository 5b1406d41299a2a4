//! A counselor writes a note about a contact they hold or write up. The words arrive sealed.

use super::Deciding;
use crate::command::Answer;
use crate::contact::NOTES_MAX;
use crate::event::Event;
use crate::id::{ContactId, CounselorId};
use crate::refusal::Refusal;
use crate::sealed::Sealed;

pub(super) fn decide(
    deciding: &mut Deciding<'_>,
    counselor: &CounselorId,
    contact: ContactId,
    note: &Sealed,
) -> Result<Answer, Refusal> {
    let contact = deciding.held(counselor, contact)?;
    if contact.notes.len() >= NOTES_MAX {
        return Err(Refusal::TooManyNotes(contact.id));
    }
    deciding.happen(Event::NoteWritten { contact: contact.id, counselor: counselor.clone(), note: note.clone() });
    Ok(Answer::Done)
}
