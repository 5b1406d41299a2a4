//! A counselor takes more time to write up. Always granted.

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
    let contact = deciding.contact(contact)?;
    if contact.writing_up.contains_key(counselor) {
        let deadline = deciding.now.plus_ms(deciding.wrap_up_ms(contact));
        let counselor = counselor.clone();
        deciding.happen(Event::HandoffWrapUpExtended { contact: contact.id, counselor, deadline });
        return Ok(Answer::Done);
    }
    let contact = deciding.held(counselor, contact.id)?;
    if contact.state != ContactState::WrappingUp {
        return Err(Refusal::WrongState { contact: contact.id, state: contact.state });
    }
    let deadline = deciding.now.plus_ms(deciding.wrap_up_ms(contact));
    deciding.happen(Event::WrapUpExtended { contact: contact.id, deadline });
    Ok(Answer::Done)
}
