//! A counselor says what they are ready for. While they hold somebody it takes effect afterwards.

use super::Deciding;
use crate::command::Answer;
use crate::counselor::{Readiness, ReadinessReason, SlotUse};
use crate::event::Event;
use crate::id::CounselorId;
use crate::offer::RescindReason;
use crate::refusal::Refusal;

pub(super) fn decide(
    deciding: &mut Deciding<'_>,
    counselor: &CounselorId,
    readiness: &Readiness,
) -> Result<Answer, Refusal> {
    let known = deciding.present(counselor)?;
    let aim = known.readiness_next.as_ref().unwrap_or(&known.readiness);
    if aim == readiness {
        return Ok(Answer::AlreadyDone);
    }
    if known.holds_somebody() && known.readiness != *readiness {
        deciding.happen(Event::ReadinessRequested { counselor: counselor.clone(), readiness: readiness.clone() });
        return Ok(Answer::Done);
    }
    for (contact, (channel, used)) in &known.load {
        if *used == SlotUse::Offered
            && !readiness.takes(*channel)
            && let Some(contact) = deciding.state.contact(*contact)
        {
            deciding.rescind_from(contact, counselor, RescindReason::CounselorNotReady);
        }
    }
    deciding.happen(Event::ReadinessChanged {
        counselor: counselor.clone(),
        readiness: readiness.clone(),
        reason: ReadinessReason::Asked,
    });
    Ok(Answer::Done)
}
