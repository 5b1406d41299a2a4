//! A counselor or peer writes a note about a contact they hold, hand over or write up; about one they handed over while it is not
//! closed, since their writing up ends when the person is alone again. The words arrive sealed.

use super::Deciding;
use crate::command::Answer;
use crate::contact::{NOTES_MAX, Part};
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
    let contact = deciding.contact(contact)?;
    match contact.part(counselor) {
        Some(Part::Owner | Part::Leaving | Part::WritingUp) => {}
        None if !contact.is_closed() && contact.was_handed_over_by(counselor) => {}
        Some(Part::Joining) | None => return Err(Refusal::NotHolder { contact: contact.id }),
    }
    if contact.notes.len() >= NOTES_MAX {
        return Err(Refusal::TooManyNotes(contact.id));
    }
    deciding.happen(Event::NoteWritten { contact: contact.id, counselor: counselor.clone(), note: note.clone() });
    Ok(Answer::Done)
}
