//! "I have them": whoever joined owns the person from here on. Only while three are together, both ways.

use super::Deciding;
use super::join_handoff::joining;
use crate::command::Answer;
use crate::event::Event;
use crate::handoff::HandoffState;
use crate::id::{ContactId, CounselorId};
use crate::refusal::Refusal;

pub(super) fn decide(
    deciding: &mut Deciding<'_>,
    counselor: &CounselorId,
    contact: ContactId,
) -> Result<Answer, Refusal> {
    let plan = deciding.plan()?;
    let contact = deciding.contact(contact)?;
    let latest = contact.handoff.as_ref();
    if latest.is_some_and(|it| it.state >= HandoffState::Confirmed && it.to.as_ref() == Some(counselor))
        && contact.holder.as_ref() == Some(counselor)
    {
        return Ok(Answer::AlreadyDone);
    }
    let handoff = joining(contact, counselor)?;
    if handoff.state != HandoffState::Together || !contact.is_in_room(counselor) {
        return Err(Refusal::WrongHandoffState { contact: contact.id, state: Some(handoff.state) });
    }
    deciding.happen(Event::HandoffConfirmed {
        contact: contact.id,
        deadline: deciding.now.plus_ms(plan.handoffs().leave_ms),
    });
    // Whoever has them now did not put them on hold.
    deciding.off_hold(contact);
    // Their line broke a moment ago: they have left.
    if !contact.is_in_room(&handoff.from) {
        deciding.complete_handoff(contact, handoff);
    }
    Ok(Answer::Done)
}
