//! What the facts about a contact mean for the state.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "apply/mod.rs dispatches exhaustively; each room sees only its own events"
)]

use crate::contact::{Contact, ContactState, Direction, Outcome};
use crate::conversation::{Acuity, Conversation};
use crate::counselor::SlotUse;
use crate::event::Event;
use crate::id::{ContactId, CounselorId, ExternalId};
use crate::leg::{Leg, LegState, Party};
use crate::state::State;
use crate::time::Timestamp;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

/// How many expired carrier ids one arrival forgets at most: more than arrive, so the map shrinks, and no arrival pays for many.
const FORGOTTEN_PER_ARRIVAL: usize = 4;

pub(super) fn apply(state: &mut State, event: &Event) {
    match event {
        Event::ContactArrived { external, contact, .. } => {
            remember_external(state, external, *contact);
            arrive(state, event);
        }
        Event::ContactQueued { contact, queue, need, language, place } => {
            let now = state.parts.now;
            let known = state.contact(*contact);
            let (since, reach_ms) = known.map_or((now, 0), |it| (it.enqueued_at.unwrap_or(now), it.reach_ms));
            let widens_at = state.widens_in(queue, since, reach_ms);
            state.change_contact(*contact, |it| {
                it.state = ContactState::Waiting;
                it.queue = Some(queue.clone());
                it.need = Some(need.clone());
                it.language = language.clone();
                it.place = Some(it.place.unwrap_or(*place));
                it.enqueued_at = Some(since);
                it.deadline = widens_at;
            });
        }
        Event::SearchWidened { contact, reach_ms } => widen(state, *contact, *reach_ms),
        Event::ContactConnected { contact, .. } => {
            count_outcome(state, *contact, true);
            let now = state.parts.now;
            let idle_ms = state.plan().map_or(0, |plan| plan.texts().idle_ms);
            state.change_contact(*contact, |it| {
                it.state = ContactState::Connected;
                // In writing the clock of the latest message runs on; whom nobody can write to waits for no first word any more.
                it.deadline = match &it.conversation {
                    Some(talk) if talk.opted_out => (idle_ms > 0).then(|| now.plus_ms(idle_ms)),
                    Some(_) => it.deadline,
                    None => None,
                };
                it.connected_at = Some(it.connected_at.unwrap_or(now));
            });
        }
        Event::PersonHeld { contact } => state.change_contact(*contact, |it| it.held = true),
        Event::PersonResumed { contact } => state.change_contact(*contact, |it| it.held = false),
        Event::ContactRequeued { contact, again_at, .. } => requeue(state, *contact, *again_at),
        Event::WrapUpStarted { contact, deadline } => {
            state.change_contact(*contact, |it| {
                it.state = ContactState::WrappingUp;
                it.deadline = Some(*deadline);
                it.held = false;
            });
            use_slot(state, *contact, SlotUse::WrappingUp);
        }
        Event::WrapUpExtended { contact, deadline } => {
            state.change_contact(*contact, |it| it.deadline = Some(*deadline));
        }
        Event::ContactClosed { contact, outcome, archive_at } => close(state, *contact, *outcome, *archive_at),
        Event::ContactArchived { contact } => {
            if let Some(gone) = state.parts.contacts.remove(contact) {
                state.index.remove_contact(&gone);
            }
        }
        Event::NoteWritten { contact, note, .. } => {
            let sequence = state.parts.sequence;
            state.change_contact(*contact, |it| {
                it.slot = it.slot.or(Some(note.slot));
                it.notes.push(sequence);
            });
        }
        _ => {}
    }
}

fn widen(state: &mut State, contact: ContactId, reach_ms: u64) {
    state.change_contact(contact, |it| it.reach_ms = it.reach_ms.max(reach_ms));
    state.set_clock(contact);
}

fn arrive(state: &mut State, event: &Event) {
    let Event::ContactArrived {
        contact,
        person,
        external,
        line,
        channel,
        direction,
        region,
        region_method,
        need,
        language,
        number,
        slot,
        menu_ends_at,
        follows,
    } = event
    else {
        return;
    };
    // Whom the carrier blocks it blocks until they write START, whichever conversation that is in.
    let followed = follows.and_then(|id| state.contact(id));
    let blocked = followed.and_then(|it| it.conversation.as_ref()).is_some_and(|it| it.opted_out);
    let here = *direction == Direction::Inbound;
    // After a callback whoever could not go on with it, or could not now, is not asked at once; and where another callback takes over
    // they have waited since the first.
    let called_before = followed.filter(|it| it.direction == Direction::Outbound);
    let rested = called_before.map(|it| it.rested.clone()).unwrap_or_default();
    // Their wait has widened the search already, and goes on doing so.
    let reach_ms = called_before.map_or(0, |it| it.reach_ms);
    let since = called_before.filter(|_| !here);
    let (arrived_at, enqueued_at) = since.map_or((state.parts.now, None), |it| (it.arrived_at, it.enqueued_at));
    let new = Contact {
        id: *contact,
        person: *person,
        follows: *follows,
        external: external.clone(),
        line: line.clone(),
        channel: *channel,
        direction: *direction,
        state: ContactState::Arriving,
        arrived_at,
        region: region.clone(),
        region_method: *region_method,
        need: need.clone(),
        language: language.clone(),
        queue: None,
        enqueued_at,
        place: None,
        reach_ms,
        acuity: Acuity::Routine,
        attempts: 0,
        offer: None,
        holder: None,
        connected_at: None,
        rested,
        // Nobody is on the phone in writing.
        legs: if channel.is_written() { Vec::new() } else { vec![own_leg(*direction, external)] },
        held: false,
        outbox: BTreeMap::new(),
        next_effect: 1,
        number: number.clone(),
        conversation: channel
            .is_written()
            .then(|| Box::new(Conversation { opted_out: blocked, ..Conversation::default() })),
        handoff: None,
        writing_up: BTreeMap::new(),
        slot: *slot,
        notes: Vec::new(),
        deadline: *menu_ends_at,
        outcome: None,
    };
    state.add_contact(new);
}

/// The person's leg: somebody who is called back has not been dialed yet.
fn own_leg(direction: Direction, external: &ExternalId) -> Leg {
    let here = direction == Direction::Inbound;
    Leg {
        party: Party::Person,
        state: if here { LegState::Answered } else { LegState::Planned },
        external: here.then(|| external.id.clone()),
        cause: None,
        deadline: None,
    }
}

/// The person wrote again while it was being written up: whoever had it has it again.
pub(super) fn reopen(state: &mut State, contact: ContactId) {
    state.change_contact(contact, |it| {
        it.state = ContactState::Connected;
        it.deadline = None;
    });
    use_slot(state, contact, SlotUse::Held);
}

pub(super) fn remember_external(state: &mut State, external: &ExternalId, contact: ContactId) {
    let now = state.parts.now;
    let keep_ms = state.parts.plan.as_ref().map_or(u64::MAX, |plan| plan.timing.external_keep_ms);
    let expired = state.index.externals.iter().take_while(|(at, _)| now.since_ms(*at) > keep_ms);
    let gone = expired.filter(|(_, id)| {
        let contact = state.parts.externals.get(id).map(|(contact, _)| *contact);
        contact.is_none_or(|contact| !state.parts.contacts.contains_key(&contact))
    });
    let forgotten: Vec<(Timestamp, ExternalId)> = gone.take(FORGOTTEN_PER_ARRIVAL).cloned().collect();
    for entry in forgotten {
        state.parts.externals.remove(&entry.1);
        state.index.externals.remove(&entry);
    }
    state.parts.externals.insert(external.clone(), (contact, now));
    state.index.externals.insert((now, external.clone()));
}

fn close(state: &mut State, contact: ContactId, outcome: Outcome, archive_at: Timestamp) {
    if outcome == Outcome::Abandoned {
        count_outcome(state, contact, false);
    }
    free_holder(state, contact);
    state.change_contact(contact, |it| {
        it.state = ContactState::Closed;
        it.outcome = Some(outcome);
        it.deadline = Some(archive_at);
        it.held = false;
    });
}

/// Somebody who reached out and was queued is answered for the first time, or leaves unanswered: that says how their queue fares.
fn count_outcome(state: &mut State, id: ContactId, was_answered: bool) {
    let Some(contact) = state.contact(id) else { return };
    let reached_out = contact.direction == Direction::Inbound && contact.connected_at.is_none();
    let (Some(queue), Some(since), true) = (contact.queue.clone(), contact.enqueued_at, reached_out) else { return };
    let short_ms = state.plan().map_or(0, |plan| plan.timing.short_abandon_ms);
    if was_answered || state.parts.now.since_ms(since) >= short_ms {
        state.count_answered(&queue, was_answered);
    }
}

fn requeue(state: &mut State, contact: ContactId, again_at: Timestamp) {
    let holder = state.parts.contacts.get(&contact).and_then(|it| it.holder.clone());
    free_holder(state, contact);
    let now = state.parts.now;
    let widens_at = state.widens_at(contact);
    state.change_contact(contact, |it| {
        it.state = ContactState::Waiting;
        it.held = false;
        it.deadline = widens_at;
        if let Some(holder) = holder
            && again_at > now
        {
            it.rested.insert(holder, again_at);
        }
    });
}

/// Nobody holds the contact any more; whoever did is idle from now on.
fn free_holder(state: &mut State, contact: ContactId) {
    let holder: Option<CounselorId> = state.parts.contacts.get(&contact).and_then(|it| it.holder.clone());
    if let Some(holder) = holder {
        let now = state.parts.now;
        state.change_counselor(&holder, |it| {
            it.load.remove(&contact);
            it.idle_since = now;
        });
        state.change_contact(contact, |it| it.holder = None);
    }
}

fn use_slot(state: &mut State, contact: ContactId, used: SlotUse) {
    let holder = state.parts.contacts.get(&contact).and_then(|it| it.holder.clone());
    if let Some(holder) = holder {
        state.change_counselor(&holder, |it| {
            if let Some(slot) = it.load.get_mut(&contact) {
                slot.1 = used;
            }
        });
    }
}
