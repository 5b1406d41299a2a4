//! The carrier's answer was ambiguous: the entry stays open until listing settles it.

use super::Deciding;
use crate::command::Answer;
use crate::conversation::Delivery;
use crate::effect::{Effect, EffectState};
use crate::event::Event;
use crate::id::ContactId;
use crate::leg::LegState;
use crate::refusal::Refusal;

pub(super) fn decide(deciding: &mut Deciding<'_>, contact: ContactId, number: u32) -> Result<Answer, Refusal> {
    let contact = deciding.contact(contact)?;
    let Some(entry) = contact.outbox.get(&number) else {
        return Ok(Answer::AlreadyDone);
    };
    if entry.state == EffectState::Doubted {
        return Ok(Answer::AlreadyDone);
    }
    deciding.happen(Event::EffectDoubted { contact: contact.id, number });
    if let Effect::Send { message } = entry.effect {
        deciding.text_moved(contact, message, Delivery::InDoubt, None);
    }
    let dialed = match entry.effect {
        Effect::Dial { leg, .. } => Some(leg),
        Effect::DialPerson => Some(0),
        Effect::Send { .. } | Effect::Hold { .. } | Effect::Drop { .. } | Effect::EndRoom => None,
    };
    if let Some(leg) = dialed
        && usize::try_from(leg)
            .ok()
            .and_then(|leg| contact.legs.get(leg))
            .is_some_and(|at| at.state.may_become(LegState::InDoubt))
    {
        deciding.happen(Event::LegMoved {
            contact: contact.id,
            leg,
            state: LegState::InDoubt,
            external: None,
            cause: None,
        });
    }
    Ok(Answer::Done)
}
