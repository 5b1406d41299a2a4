//! A counselor takes an offer. Compare and set: only the open offer made to them, before its deadline (S18).

use super::Deciding;
use crate::command::Answer;
use crate::contact::{Channel, Contact};
use crate::effect::Effect;
use crate::event::Event;
use crate::id::{CounselorId, OfferId};
use crate::leg::Party;
use crate::offer::{Offer, OfferState};
use crate::refusal::Refusal;

pub(super) fn decide(deciding: &mut Deciding<'_>, counselor: &CounselorId, offer: OfferId) -> Result<Answer, Refusal> {
    let plan = deciding.plan()?;
    let (contact, made) = deciding.offer(counselor, offer)?;
    if made.state == OfferState::Accepted && contact.holder.as_ref() == Some(counselor) {
        return Ok(Answer::AlreadyDone);
    }
    deciding.still_open(offer, made)?;
    deciding.present(counselor)?;
    deciding.happen(Event::OfferAccepted { contact: contact.id, attempt: offer.attempt, counselor: counselor.clone() });
    if contact.channel == Channel::Voice {
        let leg = u32::try_from(contact.legs.len()).unwrap_or(u32::MAX);
        deciding.happen(Event::LegStarted {
            contact: contact.id,
            leg,
            party: Party::Counselor(counselor.clone()),
            deadline: deciding.now.plus_ms(plan.timing.ring_ms.saturating_add(plan.timing.join_ms)),
        });
        deciding.ask(contact, Effect::Dial { leg, counselor: counselor.clone() });
    } else {
        // A conversation in writing has nothing to dial: whoever took it is in it.
        deciding.happen(Event::ContactConnected { contact: contact.id, counselor: counselor.clone() });
    }
    Ok(Answer::Done)
}

impl<'a> Deciding<'a> {
    /// The offer as it was made to this counselor.
    pub(super) fn offer(&self, counselor: &CounselorId, offer: OfferId) -> Result<(&'a Contact, &'a Offer), Refusal> {
        let contact = self.contact(offer.contact)?;
        match &contact.offer {
            Some(made) if made.attempt == offer.attempt && made.counselor == *counselor => Ok((contact, made)),
            // An older offer of this contact: it was closed, or a newer one could not have been made.
            Some(made) if offer.attempt < made.attempt => {
                Err(Refusal::OfferNotOpen { offer, state: OfferState::Expired, reason: None })
            }
            _ => Err(Refusal::UnknownOffer(offer)),
        }
    }

    /// Whether it can still be answered.
    pub(super) fn still_open(&self, offer: OfferId, made: &Offer) -> Result<(), Refusal> {
        if made.state != OfferState::Open {
            return Err(Refusal::OfferNotOpen { offer, state: made.state, reason: made.rescinded });
        }
        if self.now >= made.deadline {
            return Err(Refusal::OfferExpired(offer));
        }
        Ok(())
    }
}
