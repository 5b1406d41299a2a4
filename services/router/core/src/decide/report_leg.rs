//! The carrier, or reconciliation, says where a leg is. Late, repeated and reordered reports change nothing (S11).

use super::Deciding;
use crate::command::{Answer, Command};
use crate::contact::{Contact, ContactState};
use crate::event::Event;
use crate::leg::{Leg, LegState, Party};
use crate::refusal::Refusal;

pub(super) fn decide(deciding: &mut Deciding<'_>, command: &Command) -> Result<Answer, Refusal> {
    let Command::ReportLeg { contact, leg: number, state: next, external, cause } = command else {
        return Ok(Answer::Ignored);
    };
    let contact = deciding.contact(*contact)?;
    let leg = usize::try_from(*number)
        .ok()
        .and_then(|number| contact.legs.get(number))
        .ok_or(Refusal::UnknownLeg { contact: contact.id, leg: *number })?;
    if !leg.state.may_become(*next) {
        let given_up = leg.state == LegState::Failed && matches!(leg.party, Party::Counselor(_)) && !next.is_over();
        if given_up && *next >= LegState::Alerting {
            // It was given up and rings or answers after all: nobody may be left in the person's room, or in an empty one.
            deciding.drop_leg(contact, *number);
            return Ok(Answer::Done);
        }
        return Ok(Answer::Ignored);
    }
    deciding.happen(Event::LegMoved {
        contact: contact.id,
        leg: *number,
        state: *next,
        external: external.clone(),
        cause: *cause,
    });
    match &leg.party {
        Party::Person => person_moved(deciding, contact, *next),
        Party::Counselor(_) => counselor_moved(deciding, contact, *number, leg.state, *next),
    }
    Ok(Answer::Done)
}

fn person_moved(deciding: &mut Deciding<'_>, contact: &Contact, next: LegState) {
    if next.is_over() {
        deciding.person_left(contact);
    } else if next == LegState::InRoom && contact.counselor_leg().is_some_and(|(_, leg)| leg.state == LegState::InRoom)
    {
        connect(deciding, contact);
    }
}

fn counselor_moved(deciding: &mut Deciding<'_>, contact: &Contact, number: u32, was: LegState, next: LegState) {
    let theirs = holds_by_leg(contact, number);
    if next.is_over() {
        if theirs {
            deciding.counselor_leg_over(contact, was);
        }
    } else if !theirs {
        // A phone that answers after its contact went elsewhere must not meet the person.
        deciding.drop_leg(contact, number);
    } else if next == LegState::InRoom
        && contact.legs.first().is_some_and(|person: &Leg| person.state == LegState::InRoom)
    {
        connect(deciding, contact);
    }
}

/// Whether this is the leg of whoever holds the contact now.
fn holds_by_leg(contact: &Contact, number: u32) -> bool {
    matches!(contact.state, ContactState::Connecting | ContactState::Connected)
        && contact.counselor_leg().is_some_and(|(current, leg)| {
            current == number && matches!(&leg.party, Party::Counselor(who) if Some(who) == contact.holder.as_ref())
        })
}

fn connect(deciding: &mut Deciding<'_>, contact: &Contact) {
    if contact.state == ContactState::Connecting
        && let Some(holder) = &contact.holder
    {
        deciding.happen(Event::ContactConnected { contact: contact.id, counselor: holder.clone() });
    }
}
