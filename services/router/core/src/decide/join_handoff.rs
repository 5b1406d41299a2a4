//! Whoever is reserved has read the note: their phone is dialed into the room, or they are in the conversation at once.

use super::Deciding;
use crate::command::Answer;
use crate::contact::Contact;
use crate::effect::Effect;
use crate::event::Event;
use crate::handoff::{Handoff, HandoffState};
use crate::id::{ContactId, CounselorId};
use crate::leg::Party;
use crate::refusal::Refusal;

pub(super) fn decide(
    deciding: &mut Deciding<'_>,
    counselor: &CounselorId,
    contact: ContactId,
) -> Result<Answer, Refusal> {
    let plan = deciding.plan()?;
    let contact = deciding.contact(contact)?;
    let handoff = joining(contact, counselor)?;
    match handoff.state {
        HandoffState::Briefing => {}
        HandoffState::Joining | HandoffState::Together => return Ok(Answer::AlreadyDone),
        HandoffState::Consenting
        | HandoffState::Seeking
        | HandoffState::Confirmed
        | HandoffState::Completed
        | HandoffState::Cancelled
        | HandoffState::Returned => {
            return Err(Refusal::WrongHandoffState { contact: contact.id, state: Some(handoff.state) });
        }
    }
    if contact.channel.is_written() {
        deciding.together(plan, contact);
        return Ok(Answer::Done);
    }
    let leg = u32::try_from(contact.legs.len()).unwrap_or(u32::MAX);
    let deadline = deciding.now.plus_ms(plan.timing.ring_ms.saturating_add(plan.timing.join_ms));
    deciding.happen(Event::LegStarted {
        contact: contact.id,
        leg,
        party: Party::Counselor(counselor.clone()),
        deadline,
    });
    deciding.happen(Event::PeerJoining { contact: contact.id, leg, deadline });
    deciding.ask(contact, Effect::Dial { leg, counselor: counselor.clone() });
    Ok(Answer::Done)
}

/// The open handoff that this counselor or peer is reserved for.
pub(super) fn joining<'a>(contact: &'a Contact, who: &CounselorId) -> Result<&'a Handoff, Refusal> {
    let latest = contact.handoff.as_deref();
    latest
        .filter(|it| it.is_joining(who))
        .ok_or(Refusal::WrongHandoffState { contact: contact.id, state: latest.map(|it| it.state) })
}
