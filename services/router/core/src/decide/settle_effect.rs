//! The carrier did what was asked, or never will.

use super::Deciding;
use crate::command::Answer;
use crate::contact::{Contact, ContactState};
use crate::effect::{Effect, Settlement};
use crate::event::Event;
use crate::id::ContactId;
use crate::leg::{LegCause, LegState};
use crate::refusal::Refusal;

pub(super) fn decide(
    deciding: &mut Deciding<'_>,
    contact: ContactId,
    number: u32,
    settlement: &Settlement,
) -> Result<Answer, Refusal> {
    let contact = deciding.contact(contact)?;
    let Some(entry) = contact.outbox.get(&number) else {
        return Ok(Answer::AlreadyDone);
    };
    deciding.happen(Event::EffectSettled { contact: contact.id, number, settlement: settlement.clone() });
    if let Settlement::Refused(_) = settlement {
        refused(deciding, contact, &entry.effect);
    }
    Ok(Answer::Done)
}

fn refused(deciding: &mut Deciding<'_>, contact: &Contact, effect: &Effect) {
    match effect {
        Effect::Dial { leg, .. } => dial_refused(deciding, contact, *leg),
        // The person's hold is what the carrier says it is.
        Effect::Hold { on: true } if contact.held => {
            deciding.happen(Event::PersonResumed { contact: contact.id });
        }
        Effect::Hold { on: false } if contact.state == ContactState::Connected && !contact.held => {
            deciding.happen(Event::PersonHeld { contact: contact.id });
        }
        // What should be over and is not at the carrier is over; what is still there, reconciliation drops.
        Effect::Hold { .. } | Effect::Drop { .. } | Effect::EndRoom => {}
    }
}

fn dial_refused(deciding: &mut Deciding<'_>, contact: &Contact, leg: u32) {
    let current = contact.counselor_leg().filter(|(number, _)| *number == leg);
    let Some((_, at)) = current else { return };
    if !at.state.may_become(LegState::Failed) {
        return;
    }
    deciding.happen(Event::LegMoved {
        contact: contact.id,
        leg,
        state: LegState::Failed,
        external: None,
        cause: Some(LegCause::CarrierFailed),
    });
    deciding.counselor_leg_over(contact, at.state);
}
