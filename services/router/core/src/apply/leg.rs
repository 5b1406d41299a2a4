//! What the facts about a leg mean for the state.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "apply/mod.rs dispatches exhaustively; each room sees only its own events"
)]

use crate::contact::ContactState;
use crate::event::Event;
use crate::handoff::HandoffState;
use crate::leg::{LOST_AFTER_MS, Leg, LegState};
use crate::state::State;

pub(super) fn apply(state: &mut State, event: &Event) {
    match event {
        Event::LegStarted { contact, leg: 0, deadline, .. } => state.change_contact(*contact, |it| {
            if let Some(person) = it.legs.first_mut() {
                person.state = LegState::Dialing;
                person.deadline = Some(*deadline);
            }
        }),
        Event::LegStarted { contact, leg: _, party, deadline } => {
            let new = Leg {
                party: party.clone(),
                state: LegState::Dialing,
                external: None,
                cause: None,
                deadline: Some(*deadline),
            };
            state.change_contact(*contact, |it| it.legs.push(new));
        }
        Event::LegMoved { contact, leg, state: next, external, cause } => {
            let lost_at = state.parts.now.plus_ms(LOST_AFTER_MS);
            state.change_contact(*contact, |it| {
                let number = *leg;
                let Some(leg) = usize::try_from(number).ok().and_then(|leg| it.legs.get_mut(leg)) else {
                    return;
                };
                leg.state = *next;
                if external.is_some() {
                    leg.external.clone_from(external);
                }
                if leg.state.is_over() {
                    leg.cause = *cause;
                }
                if leg.state.is_over() {
                    leg.deadline = None;
                }
                let held = matches!(it.state, ContactState::Connecting | ContactState::Connected);
                if held && next.is_over() && it.counselor_leg().is_none() {
                    it.deadline = Some(lost_at);
                }
                // The leg of whoever joins is over: perhaps because the person hung up, so the handoff waits for word of that.
                if let Some(handoff) = it.handoff.as_mut().filter(|it| it.leg == Some(number))
                    && next.is_over()
                    && matches!(handoff.state, HandoffState::Joining | HandoffState::Together)
                {
                    handoff.deadline = Some(lost_at);
                }
            });
        }
        _ => {}
    }
}
