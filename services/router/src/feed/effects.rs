//! The effects feed: what a carrier account has to do, and the legs that should be there. Addresses are unsealed for it alone.

use super::touched::Touched;
use super::words::Archive;
use crate::convert::views;
use holdfast_core::contact::{Contact, ContactState};
use holdfast_core::effect::{Effect, EffectState, OutboxEntry};
use holdfast_core::event::{Event, Record};
use holdfast_core::id::{AccountId, ContactId};
use holdfast_core::state::State;
use holdfast_proto::router::v1 as wire;

/// All that one account has to do and to expect.
#[must_use]
pub fn snapshot(state: &State, account: &AccountId, words: &Archive) -> wire::EffectsSnapshot {
    let mine = || state.parts().contacts.values().filter(|it| it.external.account == *account);
    wire::EffectsSnapshot {
        effects: mine()
            .flat_map(|it| it.outbox.iter().map(move |(number, entry)| effect(state, it, *number, entry, words)))
            .collect(),
        legs: mine().flat_map(views::live_legs).collect(),
    }
}

/// What a record changed, by account and in the order of their ids.
#[must_use]
pub fn deltas(
    state: &State,
    record: &Record,
    touched: &Touched,
    words: &Archive,
) -> Vec<(AccountId, wire::EffectsDelta)> {
    let mut all = Vec::new();
    for event in &record.events {
        let Some(contact) = super::touched::contact_of(event).and_then(|id| state.contact(id)) else { continue };
        match event {
            Event::EffectAsked { number, .. } | Event::EffectDoubted { number, .. } => {
                if let Some(entry) = contact.outbox.get(number) {
                    of(&mut all, contact).effects.push(effect(state, contact, *number, entry, words));
                }
            }
            Event::EffectSettled { number, .. } => of(&mut all, contact).ended.push(ended(contact.id, *number, false)),
            Event::EffectBarred { number, .. } => of(&mut all, contact).ended.push(ended(contact.id, *number, true)),
            _ => {}
        }
    }
    for contact in touched.contacts.iter().filter_map(|id| state.contact(*id)) {
        let moved = record.events.iter().filter_map(|event| match event {
            Event::LegMoved { contact: id, leg, .. } | Event::LegStarted { contact: id, leg, .. }
                if *id == contact.id =>
            {
                Some(*leg)
            }
            Event::ContactArrived { contact: id, .. } if *id == contact.id => Some(0),
            _ => None,
        });
        let legs: Vec<_> = moved.filter_map(|number| leg(contact, number)).collect();
        if !legs.is_empty() {
            of(&mut all, contact).legs.extend(legs);
        }
    }
    all.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    all
}

/// What one record changes for a contact's account: a record touches one, seldom two.
fn of<'a>(all: &'a mut Vec<(AccountId, wire::EffectsDelta)>, contact: &Contact) -> &'a mut wire::EffectsDelta {
    let account = &contact.external.account;
    let known = all.iter().position(|(it, _)| it == account);
    let at = known.unwrap_or_else(|| {
        all.push((account.clone(), wire::EffectsDelta::default()));
        all.len() - 1
    });
    &mut all[at].1
}

fn leg(contact: &Contact, number: u32) -> Option<wire::ExpectedLeg> {
    let leg = contact.legs.get(usize::try_from(number).ok()?)?;
    Some(views::expected_leg(contact, number, leg))
}

fn ended(contact: ContactId, number: u32, barred: bool) -> wire::EffectEnd {
    wire::EffectEnd { contact_id: contact.to_string(), number, barred }
}

fn effect(state: &State, contact: &Contact, number: u32, entry: &OutboxEntry, words: &Archive) -> wire::Effect {
    let external = |leg: u32| {
        let leg = usize::try_from(leg).ok().and_then(|leg| contact.legs.get(leg));
        leg.and_then(|it| it.external.as_ref()).map(ToString::to_string).unwrap_or_default()
    };
    let person = external(0);
    let kind = match &entry.effect {
        Effect::Dial { leg, counselor } => dial(state, contact, *leg, address(state, counselor, words)),
        Effect::DialPerson => dial(state, contact, 0, number_of(contact, words)),
        Effect::Send { message } => send(state, contact, *message, words),
        Effect::Hold { on } => wire::effect::Kind::Hold(wire::effect::Hold { person_external_id: person, on: *on }),
        Effect::Drop { leg } => wire::effect::Kind::Drop(wire::effect::Drop {
            leg: *leg,
            label: views::label(contact.id, *leg),
            external_id: external(*leg),
        }),
        Effect::EndRoom => wire::effect::Kind::EndRoom(wire::effect::EndRoom {
            // Once the person is gone there is nobody of theirs to end.
            person_external_id: if contact.state == ContactState::Closed { String::new() } else { person },
        }),
    };
    wire::Effect {
        contact_id: contact.id.to_string(),
        number,
        epoch: state.parts().epoch,
        doubted: entry.state == EffectState::Doubted,
        room: views::room(contact.id),
        kind: Some(kind),
    }
}

fn dial(state: &State, contact: &Contact, leg: u32, to: String) -> wire::effect::Kind {
    wire::effect::Kind::Dial(wire::effect::Dial {
        leg,
        label: views::label(contact.id, leg),
        to,
        from: line_number(state, contact),
        ring_ms: state.plan().map_or(0, |plan| plan.timing.ring_ms),
    })
}

/// What can no longer be read is empty: the carrier service refuses that, and nothing is sent.
fn send(state: &State, contact: &Contact, message: u32, words: &Archive) -> wire::effect::Kind {
    let known = contact.conversation.as_ref().and_then(|it| it.message(message));
    let said = known.and_then(|it| words.to_send(contact.id, it));
    wire::effect::Kind::SendText(wire::effect::SendText {
        message,
        to: number_of(contact, words),
        from: line_number(state, contact),
        words: said.map(|it| it.expose().to_owned()).unwrap_or_default(),
        written_at_ms: known.map_or(0, |it| it.at.0),
    })
}

fn line_number(state: &State, contact: &Contact) -> String {
    let lines = state.plan().map(|plan| &plan.lines);
    let line = lines.and_then(|lines| lines.get(&contact.line).or_else(|| lines.values().next()));
    line.map(|line| line.number.clone()).unwrap_or_default()
}

fn number_of(contact: &Contact, words: &Archive) -> String {
    words.number(contact).map(|it| it.expose().to_owned()).unwrap_or_default()
}

/// Where to dial. Empty where it can no longer be read: the carrier refuses that, and the contact goes back to its place.
fn address(state: &State, counselor: &holdfast_core::id::CounselorId, words: &Archive) -> String {
    let sealed = state.counselor(counselor).and_then(|it| it.audio.as_ref());
    match sealed.map(|it| words.vault.unseal(it)) {
        Some(Ok(address)) => address.expose().to_owned(),
        Some(Err(error)) => {
            tracing::error!(%error, %counselor, "a counselor's address does not open");
            String::new()
        }
        None => String::new(),
    }
}
