//! A desk attests that its counselor is there: at sign-in, and by itself whenever the router became unsure.

use super::Deciding;
use crate::command::Answer;
use crate::counselor::Presence;
use crate::event::Event;
use crate::id::CounselorId;
use crate::refusal::Refusal;
use crate::sealed::Sealed;

pub(super) fn decide(
    deciding: &mut Deciding<'_>,
    counselor: &CounselorId,
    session: u64,
    audio: Option<&Sealed>,
) -> Result<Answer, Refusal> {
    if !deciding.plan()?.members.contains_key(counselor) {
        return Err(Refusal::UnknownCounselor(counselor.clone()));
    }
    if let Some(known) = deciding.state.counselor(counselor) {
        if session < known.session {
            return Err(Refusal::SessionSuperseded(counselor.clone()));
        }
        if session == known.session && known.presence == Presence::Connected {
            return Ok(Answer::AlreadyDone);
        }
    }
    deciding.happen(Event::DeskConnected { counselor: counselor.clone(), session, audio: audio.cloned() });
    Ok(Answer::Done)
}
