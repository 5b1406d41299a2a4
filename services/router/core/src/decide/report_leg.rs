//! The carrier, or reconciliation, says where a leg is. Late, repeated and reordered reports change nothing (S11).

use super::Deciding;
use crate::command::{Answer, Command};
use crate::contact::{Contact, ContactState, Direction};
use crate::effect::Effect;
use crate::event::Event;
use crate::handoff::HandoffState;
use crate::id::CounselorId;
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
    // Nobody was dialed yet: there is nothing that could be heard of.
    if leg.state == LegState::Planned {
        return Ok(Answer::Ignored);
    }
    if !leg.state.may_become(*next) {
        let dialed = matches!(leg.party, Party::Counselor(_)) || contact.direction == Direction::Outbound;
        if dialed && leg.state == LegState::Failed && *next >= LegState::Alerting && !next.is_over() {
            // It was given up and rings or answers after all: nobody may be left in somebody's room, or in an empty one.
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
        Party::Counselor(_) => member_moved(deciding, contact, *number, leg.state, *next)?,
    }
    Ok(Answer::Done)
}

fn person_moved(deciding: &mut Deciding<'_>, contact: &Contact, next: LegState) {
    if next.is_over() {
        deciding.person_left(contact);
    } else if next == LegState::InRoom && contact.counselor_leg().is_some_and(|(_, leg)| leg.state == LegState::InRoom)
    {
        connect(deciding, contact);
    } else if contact.direction == Direction::Outbound
        && !matches!(contact.state, ContactState::Connecting | ContactState::Connected)
    {
        // Somebody who is called back and answers when nobody is there any more.
        deciding.drop_leg(contact, 0);
    }
}

fn member_moved(
    deciding: &mut Deciding<'_>,
    contact: &Contact,
    number: u32,
    was: LegState,
    next: LegState,
) -> Result<(), Refusal> {
    match side(contact, number) {
        Side::Owner if next.is_over() => deciding.counselor_leg_over(contact, was),
        Side::Owner if next == LegState::InRoom => owner_in_room(deciding, contact)?,
        Side::Joining if next == LegState::InRoom => {
            let plan = deciding.plan()?;
            if contact.open_handoff().is_some_and(|it| it.state == HandoffState::Joining) {
                deciding.together(plan, contact);
            }
        }
        // They hung up: they have left.
        Side::Leaving if next.is_over() => {
            if let Some(handoff) = contact.open_handoff() {
                deciding.complete_handoff(contact, handoff);
            }
        }
        // A phone that answers after its contact went elsewhere must not meet the person.
        Side::Nobody if !next.is_over() => deciding.drop_leg(contact, number),
        // A leg that joins and is over: perhaps because the person hung up, so the handoff waits for word of that (`apply/leg.rs`).
        Side::Owner | Side::Joining | Side::Leaving | Side::Nobody => {}
    }
    Ok(())
}

/// Whose leg this is in what the contact is now.
enum Side {
    Owner,
    Joining,
    Leaving,
    Nobody,
}

fn side(contact: &Contact, number: u32) -> Side {
    if !matches!(contact.state, ContactState::Connecting | ContactState::Connected) {
        return Side::Nobody;
    }
    let is =
        |who: Option<&CounselorId>| who.and_then(|who| contact.leg_of(who)).is_some_and(|(latest, _)| latest == number);
    let open = contact.open_handoff();
    if is(contact.holder.as_ref()) {
        Side::Owner
    } else if open.is_some_and(|it| it.leg == Some(number) && it.state < HandoffState::Confirmed) {
        Side::Joining
    } else if open.is_some_and(|it| it.state == HandoffState::Confirmed && is(Some(&it.from))) {
        Side::Leaving
    } else {
        Side::Nobody
    }
}

/// The owner is there: if the person is, they are connected; if this is a callback, the person's phone is dialed now.
fn owner_in_room(deciding: &mut Deciding<'_>, contact: &Contact) -> Result<(), Refusal> {
    match contact.legs.first().map(|person: &Leg| person.state) {
        Some(LegState::InRoom) => connect(deciding, contact),
        Some(LegState::Planned) => {
            let timing = &deciding.plan()?.timing;
            let deadline = deciding.now.plus_ms(timing.ring_ms.saturating_add(timing.join_ms));
            deciding.happen(Event::LegStarted { contact: contact.id, leg: 0, party: Party::Person, deadline });
            deciding.ask(contact, Effect::DialPerson);
        }
        _ => {}
    }
    Ok(())
}

fn connect(deciding: &mut Deciding<'_>, contact: &Contact) {
    if contact.state == ContactState::Connecting
        && let Some(holder) = &contact.holder
    {
        deciding.happen(Event::ContactConnected { contact: contact.id, counselor: holder.clone() });
    }
}
