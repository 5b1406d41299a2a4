//! The carrier's answer was ambiguous: the entry stays open until listing settles it.

use super::Deciding;
use crate::command::Answer;
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
    if let Effect::Dial { leg, .. } = entry.effect
        && contact.counselor_leg().is_some_and(|(current, at)| current == leg && at.state == LegState::Dialing)
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
