//! What the facts about effects mean for the outbox.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "apply/mod.rs dispatches exhaustively; each room sees only its own events"
)]

use crate::effect::{Effect, EffectState, OutboxEntry, Settlement};
use crate::event::Event;
use crate::id::{ContactId, CounselorId};
use crate::leg::Party;
use crate::state::State;

pub(super) fn apply(state: &mut State, event: &Event) {
    let epoch = state.parts.epoch;
    match event {
        Event::EffectAsked { contact, number, effect } => {
            let entry = OutboxEntry { effect: effect.clone(), state: EffectState::Asked, epoch };
            state.change_contact(*contact, |it| {
                it.outbox.insert(*number, entry);
                it.next_effect = it.next_effect.max(number.saturating_add(1));
            });
        }
        Event::EffectSettled { contact, number, settlement } => {
            let dropped = dropped(state, *contact, *number);
            state.change_contact(*contact, |it| {
                let Some(entry) = it.outbox.remove(number) else {
                    return;
                };
                let dialed = match &entry.effect {
                    Effect::Dial { leg, .. } => Some(*leg),
                    Effect::DialPerson => Some(0),
                    Effect::Send { .. } | Effect::Hold { .. } | Effect::Drop { .. } | Effect::EndRoom => None,
                };
                if let (Some(leg), Settlement::Accepted(Some(external))) = (dialed, settlement)
                    && let Some(leg) = usize::try_from(leg).ok().and_then(|leg| it.legs.get_mut(leg))
                {
                    leg.external = Some(external.clone());
                }
            });
            // Whoever's phone that was may be asked again.
            state.touched.counselors.extend(dropped);
        }
        Event::EffectDoubted { contact, number } => {
            state.change_contact(*contact, |it| {
                if let Some(entry) = it.outbox.get_mut(number) {
                    entry.state = EffectState::Doubted;
                }
            });
        }
        Event::EffectBarred { contact, number, .. } => {
            state.change_contact(*contact, |it| {
                it.outbox.remove(number);
            });
        }
        _ => {}
    }
}

/// The counselor whose leg this effect ends, if it ends one.
fn dropped(state: &State, contact: ContactId, number: u32) -> Option<CounselorId> {
    let contact = state.contact(contact)?;
    let Effect::Drop { leg } = contact.outbox.get(&number)?.effect else { return None };
    match &contact.legs.get(usize::try_from(leg).ok()?)?.party {
        Party::Counselor(counselor) => Some(counselor.clone()),
        Party::Person => None,
    }
}
