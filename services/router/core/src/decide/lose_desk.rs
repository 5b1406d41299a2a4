//! A desk is gone: no new offers at once, open ones taken back. Contacts they hold stay theirs.

use super::Deciding;
use crate::command::Answer;
use crate::counselor::Presence;
use crate::event::Event;
use crate::id::CounselorId;
use crate::offer::RescindReason;
use crate::refusal::Refusal;

pub(super) fn decide(deciding: &mut Deciding<'_>, counselor: &CounselorId, session: u64) -> Result<Answer, Refusal> {
    let Some(known) = deciding.state.counselor(counselor) else {
        return Ok(Answer::Ignored);
    };
    if session != known.session {
        return Ok(Answer::Ignored);
    }
    match known.presence {
        Presence::Connected => deciding.happen(Event::DeskLost { counselor: counselor.clone() }),
        Presence::Unsure => {}
        Presence::Offline => return Ok(Answer::AlreadyDone),
    }
    let before = deciding.events.len();
    deciding.rescind_all(known, RescindReason::DeskLost);
    deciding.leave_handoffs(known);
    let nothing = known.presence == Presence::Unsure && deciding.events.len() == before;
    Ok(if nothing { Answer::AlreadyDone } else { Answer::Done })
}
