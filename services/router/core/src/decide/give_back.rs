//! A counselor gives a contact back to its place in the queue: their own phone or room failed them.

use super::Deciding;
use crate::command::Answer;
use crate::contact::ContactState;
use crate::event::RequeueReason;
use crate::id::{ContactId, CounselorId};
use crate::refusal::Refusal;

pub(super) fn decide(
    deciding: &mut Deciding<'_>,
    counselor: &CounselorId,
    contact: ContactId,
) -> Result<Answer, Refusal> {
    let contact = deciding.held(counselor, contact)?;
    if !matches!(contact.state, ContactState::Connecting | ContactState::Connected) {
        return Err(Refusal::WrongState { contact: contact.id, state: contact.state });
    }
    deciding.settle_handoff(contact, Some(counselor));
    deciding.drop_counselor_leg(contact);
    deciding.requeue(contact, RequeueReason::GivenBack, deciding.again_at());
    Ok(Answer::Done)
}
