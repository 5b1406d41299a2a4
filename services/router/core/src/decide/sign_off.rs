//! A counselor ends their shift. Nobody leaves while they hold somebody.

use super::Deciding;
use crate::command::Answer;
use crate::counselor::{Presence, Readiness, ReadinessReason};
use crate::event::Event;
use crate::id::CounselorId;
use crate::offer::RescindReason;
use crate::refusal::Refusal;

pub(super) fn decide(deciding: &mut Deciding<'_>, counselor: &CounselorId) -> Result<Answer, Refusal> {
    let Some(known) = deciding.state.counselor(counselor) else {
        return Err(Refusal::UnknownCounselor(counselor.clone()));
    };
    if known.presence == Presence::Offline {
        return Ok(Answer::AlreadyDone);
    }
    if known.holds_somebody() {
        return Err(Refusal::HoldsContact(counselor.clone()));
    }
    deciding.rescind_all(known, RescindReason::CounselorNotReady);
    if known.readiness != Readiness::Break {
        deciding.happen(Event::ReadinessChanged {
            counselor: counselor.clone(),
            readiness: Readiness::Break,
            reason: ReadinessReason::Asked,
        });
    }
    if known.help.is_some() {
        deciding.happen(Event::HelpEnded { counselor: counselor.clone() });
    }
    deciding.happen(Event::CounselorLeft { counselor: counselor.clone() });
    Ok(Answer::Done)
}
