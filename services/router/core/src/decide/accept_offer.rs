//! A counselor takes an offer. Compare and set: only the open offer made to them, before its deadline (S18).

use super::Deciding;
use crate::command::Answer;
use crate::contact::Contact;
use crate::effect::Effect;
use crate::event::Event;
use crate::id::{CounselorId, OfferId};
use crate::leg::Party;
use crate::offer::{Offer, OfferState};
use crate::plan::Plan;
use crate::refusal::Refusal;

pub(super) fn decide(deciding: &mut Deciding<'_>, counselor: &CounselorId, offer: OfferId) -> Result<Answer, Refusal> {
    let plan = deciding.plan()?;
    let (contact, made) = deciding.offer(counselor, offer)?;
    if made.of_handoff(contact) {
        return take_over(deciding, plan, contact, made, offer);
    }
    if made.state == OfferState::Accepted && contact.holder.as_ref() == Some(counselor) {
        return Ok(Answer::AlreadyDone);
    }
    deciding.still_open(offer, made)?;
    deciding.present(counselor)?;
    let written = contact.channel.is_written();
    let blocked = contact.conversation.as_ref().is_some_and(|it| it.opted_out);
    let write_by = match (written, blocked) {
        (false, _) => None,
        (true, false) => Some(deciding.now.plus_ms(plan.texts().first_reply_ms)),
        (true, true) => deciding.idle_at(plan.texts()),
    };
    deciding.happen(Event::OfferAccepted {
        contact: contact.id,
        attempt: offer.attempt,
        counselor: counselor.clone(),
        write_by,
    });
    // Whom the carrier does not let us write to is with them at once: the first word cannot come.
    if blocked {
        deciding.happen(Event::ContactConnected { contact: contact.id, counselor: counselor.clone() });
    }
    // In writing there is nothing to dial: the counselor's first word connects them.
    if !written {
        let leg = u32::try_from(contact.legs.len()).unwrap_or(u32::MAX);
        deciding.happen(Event::LegStarted {
            contact: contact.id,
            leg,
            party: Party::Counselor(counselor.clone()),
            deadline: deciding.now.plus_ms(plan.timing.ring_ms.saturating_add(plan.timing.join_ms)),
        });
        deciding.ask(contact, Effect::Dial { leg, counselor: counselor.clone() });
    }
    Ok(Answer::Done)
}

/// Somebody takes a handoff: they are reserved, and read the note before the person hears of them.
fn take_over(
    deciding: &mut Deciding<'_>,
    plan: &Plan,
    contact: &Contact,
    made: &Offer,
    offer: OfferId,
) -> Result<Answer, Refusal> {
    let latest = contact.handoff.as_ref();
    let reserved = latest.is_some_and(|it| it.to.as_ref() == Some(&made.counselor) && it.state.is_open());
    if made.state == OfferState::Accepted && reserved {
        return Ok(Answer::AlreadyDone);
    }
    deciding.still_open(offer, made)?;
    deciding.present(&made.counselor)?;
    deciding.happen(Event::PeerReserved {
        contact: contact.id,
        attempt: offer.attempt,
        peer: made.counselor.clone(),
        deadline: deciding.now.plus_ms(plan.handoffs().brief_ms),
    });
    Ok(Answer::Done)
}

impl<'a> Deciding<'a> {
    /// The offer as it was made to this counselor.
    pub(super) fn offer(&self, counselor: &CounselorId, offer: OfferId) -> Result<(&'a Contact, &'a Offer), Refusal> {
        let contact = self.contact(offer.contact)?;
        let of_handoff = contact.handoff.as_ref().and_then(|it| it.offer.as_ref());
        if let Some(made) = of_handoff.filter(|it| it.attempt == offer.attempt && it.counselor == *counselor) {
            return Ok((contact, made));
        }
        match contact.offer.as_deref() {
            Some(made) if made.attempt == offer.attempt && made.counselor == *counselor => Ok((contact, made)),
            // An older offer of this contact: it was closed, or a newer one could not have been made.
            // Or the latest of a handoff that another has taken the place of.
            Some(made)
                if offer.attempt == contact.attempts && made.attempt != offer.attempt && of_handoff.is_none() =>
            {
                Err(Refusal::OfferNotOpen { offer, state: OfferState::Rescinded, reason: None })
            }
            _ if offer.attempt > 0 && offer.attempt < contact.attempts => {
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
