//! A counselor is done writing up, and free for the next person.

use super::Deciding;
use crate::command::Answer;
use crate::contact::{ContactState, Outcome};
use crate::id::{ContactId, CounselorId};
use crate::refusal::Refusal;

pub(super) fn decide(
    deciding: &mut Deciding<'_>,
    counselor: &CounselorId,
    contact: ContactId,
) -> Result<Answer, Refusal> {
    if deciding.contact(contact)?.state == ContactState::Closed {
        return Ok(Answer::AlreadyDone);
    }
    let contact = deciding.held(counselor, contact)?;
    if contact.state != ContactState::WrappingUp {
        return Err(Refusal::WrongState { contact: contact.id, state: contact.state });
    }
    deciding.close(contact, Outcome::Completed);
    Ok(Answer::Done)
}
