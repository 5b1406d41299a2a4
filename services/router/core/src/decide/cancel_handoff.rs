//! Either side ends the handoff, at any step. The person stays with, or goes back to, whoever handed over.

use super::Deciding;
use crate::command::Answer;
use crate::handoff::{HandoffState, ReturnReason};
use crate::id::{ContactId, CounselorId};
use crate::refusal::Refusal;

pub(super) fn decide(
    deciding: &mut Deciding<'_>,
    counselor: &CounselorId,
    contact: ContactId,
) -> Result<Answer, Refusal> {
    let contact = deciding.contact(contact)?;
    let latest = contact.handoff.as_ref();
    let party = latest.filter(|it| it.from == *counselor || it.to.as_ref() == Some(counselor));
    let Some(handoff) = party else { return Err(Refusal::NotHolder { contact: contact.id }) };
    match handoff.state {
        HandoffState::Cancelled | HandoffState::Returned => Ok(Answer::AlreadyDone),
        HandoffState::Completed => {
            Err(Refusal::WrongHandoffState { contact: contact.id, state: Some(HandoffState::Completed) })
        }
        HandoffState::Confirmed => {
            // Whoever handed over has to be there to take the person back.
            if !contact.is_in_room(&handoff.from) {
                return Err(Refusal::WrongHandoffState { contact: contact.id, state: Some(HandoffState::Confirmed) });
            }
            deciding.cancel_handoff(contact, handoff, counselor);
            Ok(Answer::Done)
        }
        HandoffState::Consenting
        | HandoffState::Seeking
        | HandoffState::Briefing
        | HandoffState::Joining
        | HandoffState::Together => {
            if handoff.from == *counselor {
                deciding.cancel_handoff(contact, handoff, counselor);
            } else {
                deciding.return_handoff(contact, handoff, ReturnReason::Withdrew);
            }
            Ok(Answer::Done)
        }
    }
}
