//! A plan is put in force, checked against the people who are here now: it may strand nobody.

use super::Deciding;
use crate::command::Answer;
use crate::contact::ContactState;
use crate::event::Event;
use crate::offer::{Offer, RescindReason};
use crate::plan::{BoxedPlan, Plan};
use crate::policy::could_take_over;
use crate::refusal::Refusal;
use alloc::format;

pub(super) fn decide(deciding: &mut Deciding<'_>, plan: &BoxedPlan) -> Result<Answer, Refusal> {
    if let Some(now) = deciding.state.plan() {
        if now.network != plan.network {
            return Err(Refusal::PlanUnfit(format!(
                "this journal belongs to network {}, the plan to {}",
                now.network, plan.network
            )));
        }
        if same(now, plan) {
            return Ok(Answer::AlreadyDone);
        }
    }
    let stranded = deciding
        .state
        .parts()
        .contacts
        .values()
        .filter(|it| !matches!(it.state, ContactState::WrappingUp | ContactState::Closed))
        .filter(|it| it.queue.as_ref().is_some_and(|queue| !plan.queues.contains_key(queue)))
        .count();
    if stranded > 0 {
        return Err(Refusal::PlanUnfit(format!("it leaves {stranded} contacts without their queue")));
    }
    let over =
        |offer: &Offer, channel| deciding.state.counselor(&offer.counselor).is_some_and(|it| plan.is_over(it, channel));
    for contact in deciding.state.parts().contacts.values() {
        if let (Some(offer), Some(queue)) = (contact.open_offer(), &contact.queue)
            && (plan.admits_in(&offer.counselor, queue, deciding.state.rings_queue(queue), &contact.language).is_err()
                || over(offer, contact.channel))
        {
            deciding.rescind(contact, RescindReason::PlanChanged);
        }
        if let Some(handoff) = contact.open_handoff()
            && let Some(offer) = handoff.open_offer()
            && (could_take_over(plan, contact, handoff.toward, &handoff.wish, &offer.counselor, deciding.now).is_err()
                || over(offer, contact.channel))
        {
            deciding.rescind_peer(contact, RescindReason::PlanChanged);
        }
    }
    let version = deciding.state.plan().map_or(1, |now| now.version.saturating_add(1));
    let mut plan = plan.clone();
    plan.version = version;
    deciding.happen(Event::PlanActivated { plan });
    Ok(Answer::Done)
}

/// Equal but for the version.
fn same(now: &Plan, next: &Plan) -> bool {
    let mut next = next.clone();
    next.version = now.version;
    *now == next
}
