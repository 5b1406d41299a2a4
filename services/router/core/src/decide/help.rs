//! Asking a supervisor for help, answering, and ending it. A second request raises the level of one that waits and never lowers it;
//! one that was answered is in hand, and whatever is asked after it is a request of its own.

use super::Deciding;
use crate::command::Answer;
use crate::counselor::HelpLevel;
use crate::event::Event;
use crate::id::{ContactId, CounselorId};
use crate::refusal::Refusal;
use alloc::sync::Arc;

pub(super) fn ask(
    deciding: &mut Deciding<'_>,
    counselor: &CounselorId,
    contact: Option<ContactId>,
    level: HelpLevel,
) -> Result<Answer, Refusal> {
    if !deciding.plan()?.members.contains_key(counselor) {
        return Err(Refusal::UnknownCounselor(counselor.clone()));
    }
    if let Some(id) = contact {
        let about = deciding.contact(id)?;
        about.part(counselor).ok_or(Refusal::NotHolder { contact: id })?;
    }
    // One that was answered is in hand: asking again is a new request, and somebody has to answer that too.
    let open = deciding.state.counselor(counselor).and_then(|it| it.help.as_ref());
    let open = open.filter(|it| it.answered_by.is_none());
    if open.is_some_and(|it| it.level >= level && (contact.is_none() || it.contact == contact)) {
        return Ok(Answer::AlreadyDone);
    }
    let level = open.map_or(level, |it| it.level.max(level));
    deciding.happen(Event::HelpAsked { counselor: counselor.clone(), contact, level });
    Ok(Answer::Done)
}

pub(super) fn answer(deciding: &mut Deciding<'_>, counselor: &CounselorId, by: &Arc<str>) -> Result<Answer, Refusal> {
    let open = deciding.state.counselor(counselor).and_then(|it| it.help.as_ref());
    let help = open.ok_or_else(|| Refusal::NoHelpAsked(counselor.clone()))?;
    if help.answered_by.as_ref() == Some(by) {
        return Ok(Answer::AlreadyDone);
    }
    deciding.happen(Event::HelpAnswered { counselor: counselor.clone(), by: by.clone() });
    Ok(Answer::Done)
}

pub(super) fn end(deciding: &mut Deciding<'_>, counselor: &CounselorId) -> Result<Answer, Refusal> {
    if deciding.state.counselor(counselor).is_none_or(|it| it.help.is_none()) {
        return Ok(Answer::AlreadyDone);
    }
    deciding.happen(Event::HelpEnded { counselor: counselor.clone() });
    Ok(Answer::Done)
}
