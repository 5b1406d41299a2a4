//! What the person answered when they were asked. Without their word nobody is asked for them.

use super::Deciding;
use crate::command::Answer;
use crate::counselor::Presence;
use crate::event::Event;
use crate::handoff::{HandoffState, Toward};
use crate::id::{ContactId, CounselorId};
use crate::policy::could_take_over;
use crate::refusal::Refusal;
use crate::sealed::Sealed;
use alloc::vec::Vec;

pub(super) fn decide(
    deciding: &mut Deciding<'_>,
    counselor: &CounselorId,
    contact: ContactId,
    given: bool,
    note: Option<&Sealed>,
) -> Result<Answer, Refusal> {
    let plan = deciding.plan()?;
    let contact = deciding.held(counselor, contact)?;
    let state = contact.handoff.as_ref().map(|it| it.state);
    let wrong = Refusal::WrongHandoffState { contact: contact.id, state };
    let handoff = contact.open_handoff().ok_or(wrong.clone())?;
    if handoff.from != *counselor {
        return Err(wrong);
    }
    match (handoff.state, given) {
        (HandoffState::Consenting, true) => {}
        (HandoffState::Consenting, false) => {
            deciding.cancel_handoff(contact, handoff, counselor);
            return Ok(Answer::Done);
        }
        (HandoffState::Seeking, true) => return Ok(Answer::AlreadyDone),
        _ => return Err(wrong),
    }
    deciding.happen(Event::HandoffConsented {
        contact: contact.id,
        note: note.cloned(),
        deadline: deciding.now.plus_ms(plan.handoffs().seek_ms),
    });
    if handoff.toward == Toward::Counselor {
        // Whoever handed this person over before and still writes up may be asked again: they need a free slot for it.
        let could = |who: &CounselorId| {
            let present = deciding.state.counselor(who).is_some_and(|it| it.presence == Presence::Connected);
            present && could_take_over(plan, contact, handoff.toward, &handoff.wish, who, deciding.now).is_ok()
        };
        let again: Vec<&CounselorId> = contact.writing_up.keys().filter(|who| could(who)).collect();
        for who in again {
            deciding.happen(Event::HandoffWrittenUp { contact: contact.id, counselor: who.clone() });
        }
    }
    Ok(Answer::Done)
}
