//! The earliest deadline that is due. The router sends this until nothing is due.

use super::{Deciding, choose_need};
use crate::command::Answer;
use crate::contact::{Contact, ContactState};
use crate::counselor::{Readiness, ReadinessReason};
use crate::event::Event;
use crate::id::{ContactId, CounselorId};
use crate::leg::LegState;
use crate::refusal::Refusal;
use crate::state::Deadline;

pub(super) fn decide(deciding: &mut Deciding<'_>) -> Result<Answer, Refusal> {
    let Some((at, due)) = deciding.state.index.deadlines.first() else {
        return Ok(Answer::AlreadyDone);
    };
    if *at > deciding.now {
        return Ok(Answer::AlreadyDone);
    }
    match due {
        Deadline::Contact(contact) => contact_due(deciding, *contact)?,
        Deadline::Counselor(counselor) => silent(deciding, counselor),
        Deadline::Directive(subject) => deciding.happen(Event::DirectiveEnded { subject: subject.clone() }),
    }
    Ok(Answer::Done)
}

fn contact_due(deciding: &mut Deciding<'_>, contact: ContactId) -> Result<(), Refusal> {
    let contact = deciding.contact(contact)?;
    if let Some(handoff) = contact.open_handoff()
        && handoff.next_deadline().is_some_and(|at| at <= deciding.now)
    {
        deciding.handoff_due(deciding.plan()?, contact, handoff);
        return Ok(());
    }
    if let Some((who, _)) = contact.writing_up.iter().find(|(_, until)| **until <= deciding.now) {
        deciding.happen(Event::HandoffWrittenUp { contact: contact.id, counselor: who.clone() });
        return Ok(());
    }
    match contact.state {
        ContactState::Arriving => {
            let plan = deciding.plan()?;
            choose_need::leave_arrival(deciding, plan, contact);
        }
        ContactState::Offered => {
            if let Some(offer) = contact.open_offer() {
                let (attempt, counselor) = (offer.attempt, offer.counselor.clone());
                deciding.happen(Event::OfferExpired {
                    contact: contact.id,
                    attempt,
                    counselor: counselor.clone(),
                    again_at: deciding.again_at(),
                });
                deciding.check_in(&counselor, ReadinessReason::OfferExpired);
            }
        }
        ContactState::Connecting => connecting_due(deciding, contact),
        // Nobody wrote for very long.
        ContactState::Connected if waits_for_an_answer(contact) => deciding.not_answered(contact),
        ContactState::Connected if contact.channel.is_written() => {
            deciding.settle_handoff(contact, None);
            deciding.start_wrap_up(contact);
        }
        ContactState::Connected => deciding.left_alone(contact),
        ContactState::WrappingUp => deciding.close_written_up(contact),
        ContactState::Closed => deciding.happen(Event::ContactArchived { contact: contact.id }),
        ContactState::Waiting => widen(deciding, contact),
    }
    Ok(())
}

/// The next rings are asked as well. Whoever waited while nobody led, or was held out to somebody, may have passed several clocks.
fn widen(deciding: &mut Deciding<'_>, contact: &Contact) {
    if let (Some(queue), Some(since)) = (&contact.queue, contact.enqueued_at) {
        let reach_ms = deciding.state.reach_ms(queue, deciding.now.since_ms(since));
        deciding.happen(Event::SearchWidened { contact: contact.id, reach_ms });
    }
}

fn connecting_due(deciding: &mut Deciding<'_>, contact: &Contact) {
    if contact.channel.is_written() {
        return deciding.nobody_wrote(contact);
    }
    // Somebody who answered is not hung up on because word of their joining was lost.
    if contact.is_calling_back() {
        return deciding.not_reached(contact);
    }
    match (contact.counselor_leg(), &contact.holder) {
        // The counselor is in the person's room, and nobody has said that the person left it: word of their joining was lost.
        (Some((_, leg)), Some(holder)) if leg.state == LegState::InRoom => {
            deciding.happen(Event::ContactConnected { contact: contact.id, counselor: holder.clone() });
        }
        (Some(_), _) => {
            deciding.give_up_leg(contact);
            deciding.leg_failed(contact);
        }
        (None, _) => deciding.left_alone(contact),
    }
}

/// A desk silent beyond the grace: the person has to say that they are there.
fn silent(deciding: &mut Deciding<'_>, counselor: &CounselorId) {
    if let Some(known) = deciding.state.counselor(counselor) {
        deciding.rescind_all(known, crate::offer::RescindReason::DeskLost);
        deciding.leave_handoffs(known);
        deciding.leave_conversations(known);
        if matches!(known.readiness, Readiness::Available | Readiness::AvailableFor(_)) {
            deciding.happen(Event::ReadinessChanged {
                counselor: counselor.clone(),
                readiness: Readiness::CheckIn,
                reason: ReadinessReason::DeskSilent,
            });
        }
        deciding.happen(Event::CounselorLeft { counselor: counselor.clone() });
    }
}

/// Whether the last word in a conversation is the person's: whoever has them has gone silent, and not they. Where our messages are
/// blocked nobody can answer.
fn waits_for_an_answer(contact: &Contact) -> bool {
    contact.conversation.as_ref().is_some_and(|it| it.unanswered_since.is_some() && !it.opted_out)
}
