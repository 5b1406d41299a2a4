//! The owner of a connected contact begins to hand it over: the person is asked first, and nobody else is until they agree.

use super::Deciding;
use crate::command::Answer;
use crate::contact::ContactState;
use crate::event::Event;
use crate::handoff::{HandoffState, Toward, Wish};
use crate::id::{ContactId, CounselorId};
use crate::policy::could_take_over;
use crate::refusal::Refusal;

pub(super) fn decide(
    deciding: &mut Deciding<'_>,
    counselor: &CounselorId,
    contact: ContactId,
    toward: Toward,
    wish: &Wish,
) -> Result<Answer, Refusal> {
    let plan = deciding.plan()?;
    let contact = deciding.held(counselor, contact)?;
    if contact.state != ContactState::Connected {
        return Err(Refusal::WrongState { contact: contact.id, state: contact.state });
    }
    if let Some(open) = contact.open_handoff() {
        let same = open.from == *counselor && open.toward == toward && open.wish == *wish;
        if same && open.state == HandoffState::Consenting {
            return Ok(Answer::AlreadyDone);
        }
        return Err(Refusal::HandoffOpen(contact.id));
    }
    let somebody = plan.members.keys().any(|id| could_take_over(plan, contact, toward, wish, id, deciding.now).is_ok());
    if !somebody {
        return Err(Refusal::NobodyInPlan(contact.id));
    }
    deciding.happen(Event::HandoffStarted {
        contact: contact.id,
        number: contact.handoff.as_ref().map_or(0, |it| it.number).saturating_add(1),
        from: counselor.clone(),
        toward,
        wish: wish.clone(),
        deadline: deciding.now.plus_ms(plan.handoffs().consent_ms),
    });
    Ok(Answer::Done)
}
