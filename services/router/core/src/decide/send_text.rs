//! A counselor or peer writes to the person. Their first word in a conversation is what connects it.

use super::Deciding;
use crate::command::Answer;
use crate::contact::{ContactState, Part};
use crate::conversation::{Author, Words};
use crate::effect::Effect;
use crate::event::Event;
use crate::handoff::HandoffState;
use crate::id::{ContactId, CounselorId};
use crate::refusal::Refusal;
use crate::sealed::Sealed;

pub(super) fn decide(
    deciding: &mut Deciding<'_>,
    counselor: &CounselorId,
    contact: ContactId,
    words: &Sealed,
) -> Result<Answer, Refusal> {
    let texts = deciding.plan()?.texts();
    let contact = deciding.contact(contact)?;
    let part = contact.part(counselor).ok_or(Refusal::NotHolder { contact: contact.id })?;
    let talk = contact.conversation.as_ref().ok_or(Refusal::NotWritten(contact.id))?;
    let handoff = contact.open_handoff().map(|it| it.state);
    match part {
        Part::Owner | Part::Leaving => {}
        // Whoever is reserved speaks once three are together: the person has been told of nobody before.
        Part::Joining if handoff == Some(HandoffState::Together) => {}
        Part::Joining => return Err(Refusal::WrongHandoffState { contact: contact.id, state: handoff }),
        Part::WritingUp => return Err(Refusal::NotHolder { contact: contact.id }),
    }
    if !matches!(contact.state, ContactState::Connecting | ContactState::Connected) {
        return Err(Refusal::WrongState { contact: contact.id, state: contact.state });
    }
    if talk.opted_out {
        return Err(Refusal::CarrierBlocks(contact.id));
    }
    if contact.state == ContactState::Connecting && part == Part::Owner {
        deciding.happen(Event::ContactConnected { contact: contact.id, counselor: counselor.clone() });
    }
    let message = talk.next_number();
    let idle_at = deciding.idle_at(texts);
    deciding.happen(Event::TextSent {
        contact: contact.id,
        message,
        author: Author::Member(counselor.clone()),
        words: Words::Sealed(words.clone()),
        idle_at,
    });
    deciding.ask(contact, Effect::Send { message });
    Ok(Answer::Done)
}
