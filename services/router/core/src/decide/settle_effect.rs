//! The carrier did what was asked, or never will.

use super::Deciding;
use crate::command::Answer;
use crate::contact::{Contact, ContactState};
use crate::conversation::Delivery;
use crate::effect::{Effect, Settlement};
use crate::event::Event;
use crate::id::ContactId;
use crate::leg::{LegCause, LegState};
use crate::refusal::Refusal;
use alloc::sync::Arc;

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
    match settlement {
        Settlement::Refused(code) => refused(deciding, contact, &entry.effect, code),
        Settlement::Accepted(_) => {
            if let Effect::Send { message } = entry.effect {
                deciding.text_moved(contact, message, Delivery::Sent, None);
            }
        }
    }
    Ok(Answer::Done)
}

fn refused(deciding: &mut Deciding<'_>, contact: &Contact, effect: &Effect, code: &Arc<str>) {
    match effect {
        Effect::Dial { leg, .. } => dial_refused(deciding, contact, *leg),
        Effect::DialPerson => {
            if contact.is_calling_back() && contact.state == ContactState::Connecting {
                deciding.happen(leg_failed(contact, 0));
                deciding.drop_counselor_leg(contact);
                deciding.start_wrap_up(contact);
            }
        }
        Effect::Send { message } => {
            deciding.text_moved(contact, *message, Delivery::Failed, Some(code));
        }
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
    let Some(at) = usize::try_from(leg).ok().and_then(|leg| contact.legs.get(leg)) else { return };
    let owners = contact.counselor_leg().is_some_and(|(number, _)| number == leg);
    let joins = contact.open_handoff().is_some_and(|it| it.leg == Some(leg));
    if !(owners || joins) || !at.state.may_become(LegState::Failed) {
        return;
    }
    deciding.happen(leg_failed(contact, leg));
    if owners {
        deciding.counselor_leg_over(contact, at.state);
    }
}

const fn leg_failed(contact: &Contact, leg: u32) -> Event {
    let cause = Some(LegCause::CarrierFailed);
    Event::LegMoved { contact: contact.id, leg, state: LegState::Failed, external: None, cause }
}
