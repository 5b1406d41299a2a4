//! A command about this contact could not be decided: the person goes (back) to a queue, for a human to look at.

use super::Deciding;
use crate::command::Answer;
use crate::contact::ContactState;
use crate::event::RequeueReason;
use crate::id::ContactId;
use crate::refusal::Refusal;

pub(super) fn decide(
    deciding: &mut Deciding<'_>,
    contact: ContactId,
    reason: RequeueReason,
) -> Result<Answer, Refusal> {
    let plan = deciding.plan()?;
    let contact = deciding.contact(contact)?;
    match contact.state {
        ContactState::Arriving => super::choose_need::leave_arrival(deciding, plan, contact),
        ContactState::Connecting => {
            deciding.drop_counselor_leg(contact);
            deciding.requeue(contact, reason, deciding.now);
        }
        // In these they have a place, a counselor, or an end: taking that away would help nobody.
        ContactState::Waiting
        | ContactState::Offered
        | ContactState::Connected
        | ContactState::WrappingUp
        | ContactState::Closed => return Ok(Answer::Ignored),
    }
    Ok(Answer::Done)
}
