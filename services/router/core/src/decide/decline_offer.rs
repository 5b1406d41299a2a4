//! A counselor says not now. The contact keeps its place, and this counselor is not asked about it again for a while.

use super::Deciding;
use crate::command::Answer;
use crate::event::Event;
use crate::id::{CounselorId, OfferId};
use crate::offer::OfferState;
use crate::refusal::Refusal;

pub(super) fn decide(deciding: &mut Deciding<'_>, counselor: &CounselorId, offer: OfferId) -> Result<Answer, Refusal> {
    let (contact, made) = deciding.offer(counselor, offer)?;
    if made.state == OfferState::Declined {
        return Ok(Answer::AlreadyDone);
    }
    deciding.still_open(offer, made)?;
    if made.of_handoff(contact) {
        deciding.happen(Event::PeerOfferClosed {
            contact: contact.id,
            attempt: offer.attempt,
            peer: counselor.clone(),
            became: OfferState::Declined,
            reason: None,
            again_at: Some(deciding.again_at()),
        });
        return Ok(Answer::Done);
    }
    deciding.happen(Event::OfferDeclined {
        contact: contact.id,
        attempt: offer.attempt,
        counselor: counselor.clone(),
        again_at: deciding.again_at(),
    });
    Ok(Answer::Done)
}
