//! A counselor ends the contact: the room closes and they write up.

use super::Deciding;
use crate::command::Answer;
use crate::contact::{Channel, ContactState};
use crate::effect::Effect;
use crate::id::{ContactId, CounselorId};
use crate::refusal::Refusal;

pub(super) fn decide(
    deciding: &mut Deciding<'_>,
    counselor: &CounselorId,
    contact: ContactId,
) -> Result<Answer, Refusal> {
    let contact = deciding.held(counselor, contact)?;
    match contact.state {
        ContactState::Connected => {}
        ContactState::WrappingUp => return Ok(Answer::AlreadyDone),
        ContactState::Arriving
        | ContactState::Waiting
        | ContactState::Offered
        | ContactState::Connecting
        | ContactState::Closed => {
            return Err(Refusal::WrongState { contact: contact.id, state: contact.state });
        }
    }
    deciding.settle_handoff(contact, Some(counselor));
    if contact.channel == Channel::Voice {
        deciding.ask(contact, Effect::EndRoom);
    }
    deciding.start_wrap_up(contact);
    Ok(Answer::Done)
}
