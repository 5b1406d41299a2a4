//! The person chose from the menu, or chose nothing: either way they are queued.

use super::Deciding;
use crate::command::Answer;
use crate::contact::{Contact, ContactState};
use crate::id::ContactId;
use crate::plan::Plan;
use crate::refusal::Refusal;

pub(super) fn decide(deciding: &mut Deciding<'_>, contact: ContactId, digit: Option<u8>) -> Result<Answer, Refusal> {
    let plan = deciding.plan()?;
    let contact = deciding.contact(contact)?;
    if contact.state != ContactState::Arriving {
        return Ok(Answer::AlreadyDone);
    }
    leave_menu(deciding, plan, contact, digit);
    Ok(Answer::Done)
}

/// The time of the menu or the survey is up: the person is queued with what is known.
pub(super) fn leave_arrival(deciding: &mut Deciding<'_>, plan: &Plan, contact: &Contact) {
    if contact.channel.is_written() {
        let high = contact.acuity == crate::conversation::Acuity::High;
        let need = contact.need.clone();
        super::receive_text::leave_survey(
            deciding,
            plan,
            contact.id,
            &contact.region,
            need,
            &contact.language,
            contact.channel,
            (high, contact.late_ms()),
        );
    } else {
        leave_menu(deciding, plan, contact, None);
    }
}

pub(super) fn leave_menu(deciding: &mut Deciding<'_>, plan: &Plan, contact: &Contact, digit: Option<u8>) {
    let chosen = digit.and_then(|digit| plan.lines.get(&contact.line)?.menu.get(&digit).cloned());
    let chosen = chosen.filter(|need| plan.offers(need, &contact.region, contact.channel));
    let need = chosen.or_else(|| contact.need.clone()).unwrap_or_else(|| plan.default_need.clone());
    let language =
        plan.needs.get(&need).and_then(|need| need.language.clone()).unwrap_or_else(|| contact.language.clone());
    deciding.queue(plan, contact.id, &contact.region, need, language, contact.channel);
}
