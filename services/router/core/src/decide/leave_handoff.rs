//! Whoever handed over leaves. Refused until the other is there both ways and has confirmed: until then the person is theirs.

use super::Deciding;
use crate::command::Answer;
use crate::handoff::HandoffState;
use crate::id::{ContactId, CounselorId};
use crate::refusal::Refusal;

pub(super) fn decide(
    deciding: &mut Deciding<'_>,
    counselor: &CounselorId,
    contact: ContactId,
) -> Result<Answer, Refusal> {
    let contact = deciding.contact(contact)?;
    let Some(handoff) = contact.handoff.as_ref().filter(|it| it.from == *counselor) else {
        return Err(Refusal::NotHolder { contact: contact.id });
    };
    match handoff.state {
        HandoffState::Completed => return Ok(Answer::AlreadyDone),
        HandoffState::Confirmed => {}
        HandoffState::Consenting
        | HandoffState::Seeking
        | HandoffState::Briefing
        | HandoffState::Joining
        | HandoffState::Together => return Err(Refusal::MayNotLeave { contact: contact.id }),
        HandoffState::Cancelled | HandoffState::Returned => {
            return Err(Refusal::WrongHandoffState { contact: contact.id, state: Some(handoff.state) });
        }
    }
    if !handoff.to.as_ref().is_some_and(|to| contact.is_in_room(to)) {
        return Err(Refusal::MayNotLeave { contact: contact.id });
    }
    deciding.complete_handoff(contact, handoff);
    Ok(Answer::Done)
}
