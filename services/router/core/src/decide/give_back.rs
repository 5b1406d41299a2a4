//! A counselor gives a contact back to its place in the queue: their own phone or room failed them.

use super::Deciding;
use crate::command::Answer;
use crate::contact::ContactState;
use crate::event::{Event, RequeueReason};
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
    deciding.drop_counselor_leg(contact);
    deciding.happen(Event::ContactRequeued {
        contact: contact.id,
        reason: RequeueReason::GivenBack,
        again_at: deciding.again_at(),
    });
    Ok(Answer::Done)
}
