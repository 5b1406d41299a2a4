//! A receipt: how far a message of ours has come. Merged by rank, like a leg (S11).

use super::Deciding;
use crate::command::{Answer, Command};
use crate::conversation::Delivery;
use crate::effect::{Effect, Settlement};
use crate::event::Event;
use crate::refusal::Refusal;

pub(super) fn decide(deciding: &mut Deciding<'_>, command: &Command) -> Result<Answer, Refusal> {
    let Command::ReportText { contact, message: number, delivery, external, code } = command else {
        return Ok(Answer::Ignored);
    };
    let contact = deciding.contact(*contact)?;
    let known = contact.conversation.as_ref().and_then(|it| it.message(*number)).and_then(|it| it.delivery);
    // One that is no longer remembered, or never was ours.
    let Some(was) = known else { return Ok(Answer::Ignored) };
    if !was.may_become(*delivery) {
        return Ok(Answer::Ignored);
    }
    deciding.happen(Event::TextMoved {
        contact: contact.id,
        message: *number,
        delivery: *delivery,
        code: code.clone(),
    });
    // A receipt is an answer too: whatever was in doubt about sending it is over.
    let open = contact.outbox.iter().find(|(_, it)| it.effect == Effect::Send { message: *number });
    if let Some((effect, _)) = open
        && *delivery >= Delivery::Sent
    {
        let settlement = Settlement::Accepted(external.clone());
        deciding.happen(Event::EffectSettled { contact: contact.id, number: *effect, settlement });
    }
    Ok(Answer::Done)
}
