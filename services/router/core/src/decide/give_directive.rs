//! An operator decides something for a while about a center or a queue, or takes it back.

use super::Deciding;
use crate::command::Answer;
use crate::directive::{Directive, Door, LASTS_MAX_MS, Measure, REASON_MAX_BYTES, Subject};
use crate::event::Event;
use crate::id::CenterId;
use crate::offer::RescindReason;
use crate::plan::{Plan, QueueKey};
use crate::refusal::Refusal;
use alloc::boxed::Box;
use alloc::sync::Arc;

pub(super) fn give(
    deciding: &mut Deciding<'_>,
    measure: &Measure,
    for_ms: u64,
    by: &Arc<str>,
    reason: &Arc<str>,
) -> Result<Answer, Refusal> {
    check(deciding.plan()?, measure, for_ms, reason)?;
    let until = deciding.now.plus_ms(for_ms);
    let directive = Directive { measure: measure.clone(), until, by: by.clone(), reason: reason.clone() };
    if deciding.state.parts().directives.get(&measure.subject()) == Some(&directive) {
        return Ok(Answer::AlreadyDone);
    }
    deciding.happen(Event::DirectiveGiven { directive: Box::new(directive) });
    if let Measure::Center { center, door: Door::Closed } = measure {
        take_back_offers(deciding, center);
    }
    Ok(Answer::Done)
}

pub(super) fn end(deciding: &mut Deciding<'_>, subject: &Subject) -> Result<Answer, Refusal> {
    let plan = deciding.plan()?;
    match subject {
        Subject::Center(center) if !plan.centers.contains(center) => {
            return Err(Refusal::UnknownCenter(center.clone()));
        }
        Subject::Queue(queue) if !plan.queues.contains_key(queue) => return Err(Refusal::UnknownQueue(queue.clone())),
        Subject::Center(_) | Subject::Queue(_) => {}
    }
    if !deciding.state.parts().directives.contains_key(subject) {
        return Ok(Answer::AlreadyDone);
    }
    deciding.happen(Event::DirectiveEnded { subject: subject.clone() });
    Ok(Answer::Done)
}

fn check(plan: &Plan, measure: &Measure, for_ms: u64, reason: &str) -> Result<(), Refusal> {
    let known = |queue: &QueueKey| match plan.queues.contains_key(queue) {
        true => Ok(()),
        false => Err(Refusal::UnknownQueue(queue.clone())),
    };
    match measure {
        Measure::Center { center, .. } if !plan.centers.contains(center) => {
            return Err(Refusal::UnknownCenter(center.clone()));
        }
        Measure::Center { .. } => {}
        Measure::Queue { queue, to } => {
            known(queue)?;
            known(to)?;
            if queue == to || queue.channel != to.channel {
                return Err(Refusal::DirectiveUnfit("a queue is diverted to another one of the same channel"));
            }
        }
    }
    if !(1..=LASTS_MAX_MS).contains(&for_ms) {
        return Err(Refusal::DirectiveUnfit("it lasts up to 7 days: whoever wants more changes the plan"));
    }
    if reason.trim().is_empty() || reason.len() > REASON_MAX_BYTES || reason.chars().any(char::is_control) {
        return Err(Refusal::DirectiveUnfit("it has a reason, up to 200 bytes on one line"));
    }
    Ok(())
}

fn take_back_offers(deciding: &mut Deciding<'_>, center: &CenterId) {
    let state = deciding.state;
    let Some(plan) = state.plan() else { return };
    for counselor in state.parts().counselors.values() {
        if plan.members.get(&counselor.id).is_some_and(|it| it.center == *center) {
            deciding.rescind_all(counselor, RescindReason::CenterClosed);
        }
    }
}
