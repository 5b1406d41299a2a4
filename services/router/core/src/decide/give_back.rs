//! A counselor gives a contact back: their own phone or room failed them. It goes to whoever else is in the room, or else back to
//! its place in the queue.

use super::Deciding;
use crate::command::Answer;
use crate::contact::ContactState;
use crate::event::RequeueReason;
use crate::handoff::HandoffState;
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
    // Whoever else is with the person keeps them: nobody waits who has somebody to talk with.
    match contact.open_handoff() {
        Some(handoff) if matches!(handoff.state, HandoffState::Together | HandoffState::Confirmed) => {
            deciding.given_back_together(contact, handoff);
        }
        _ => {
            deciding.settle_handoff(contact, Some(counselor));
            deciding.requeue(contact, RequeueReason::GivenBack, deciding.again_at());
        }
    }
    Ok(Answer::Done)
}
