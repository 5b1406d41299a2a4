//! A receipt: how far a message of ours has come. Merged by rank, like a leg (S11).

use super::Deciding;
use crate::command::{Answer, Command};
use crate::contact::{Contact, ContactState};
use crate::conversation::{BLOCKED, Delivery};
use crate::effect::{Effect, Settlement};
use crate::event::Event;
use crate::refusal::Refusal;
use alloc::sync::Arc;

pub(super) fn decide(deciding: &mut Deciding<'_>, command: &Command) -> Result<Answer, Refusal> {
    let Command::ReportText { contact, message: number, delivery, external, code } = command else {
        return Ok(Answer::Ignored);
    };
    let contact = deciding.contact(*contact)?;
    if !deciding.text_moved(contact, *number, *delivery, code.as_ref()) {
        return Ok(Answer::Ignored);
    }
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

impl Deciding<'_> {
    /// A message of ours has come this far, if it is remembered and had not come further. Whoever has taken somebody and is refused
    /// the first word, because the carrier blocks it, is with them now.
    pub(super) fn text_moved(
        &mut self,
        contact: &Contact,
        message: u32,
        delivery: Delivery,
        code: Option<&Arc<str>>,
    ) -> bool {
        let was = contact.conversation.as_ref().and_then(|it| it.message(message)).and_then(|it| it.delivery);
        if !was.is_some_and(|was| was.may_become(delivery)) {
            return false;
        }
        self.happen(Event::TextMoved { contact: contact.id, message, delivery, code: code.cloned() });
        let blocked = delivery == Delivery::Failed && code.is_some_and(|it| **it == *BLOCKED);
        if blocked && contact.state == ContactState::Connecting {
            self.blocked(contact);
        }
        true
    }
}
