//! A counselor is done writing up, and free for the next person.

use super::Deciding;
use crate::command::Answer;
use crate::contact::ContactState;
use crate::event::Event;
use crate::id::{ContactId, CounselorId};
use crate::refusal::Refusal;

pub(super) fn decide(
    deciding: &mut Deciding<'_>,
    counselor: &CounselorId,
    contact: ContactId,
) -> Result<Answer, Refusal> {
    if deciding.contact(contact)?.writing_up.contains_key(counselor) {
        deciding.happen(Event::HandoffWrittenUp { contact, counselor: counselor.clone() });
        return Ok(Answer::Done);
    }
    let contact = deciding.contact(contact)?;
    let handed_over = contact.was_handed_over_by(counselor);
    if contact.state == ContactState::Closed || (handed_over && contact.part(counselor).is_none()) {
        return Ok(Answer::AlreadyDone);
    }
    let contact = deciding.held(counselor, contact.id)?;
    if contact.state != ContactState::WrappingUp {
        return Err(Refusal::WrongState { contact: contact.id, state: contact.state });
    }
    deciding.close_written_up(contact);
    Ok(Answer::Done)
}
