//! A counselor puts the person on hold or takes them off.

use super::Deciding;
use crate::command::Answer;
use crate::contact::ContactState;
use crate::effect::Effect;
use crate::event::Event;
use crate::id::{ContactId, CounselorId};
use crate::refusal::Refusal;

pub(super) fn decide(
    deciding: &mut Deciding<'_>,
    counselor: &CounselorId,
    contact: ContactId,
    on: bool,
) -> Result<Answer, Refusal> {
    let contact = deciding.held(counselor, contact)?;
    if contact.state != ContactState::Connected || contact.channel.is_written() {
        return Err(Refusal::WrongState { contact: contact.id, state: contact.state });
    }
    if contact.held == on {
        return Ok(Answer::AlreadyDone);
    }
    let contact_id = contact.id;
    deciding.happen(if on {
        Event::PersonHeld { contact: contact_id }
    } else {
        Event::PersonResumed { contact: contact_id }
    });
    deciding.ask(contact, Effect::Hold { on });
    Ok(Answer::Done)
}
