//! What the facts about a conversation in writing mean for the state.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "apply/mod.rs dispatches exhaustively; each room sees only its own events"
)]

use super::contact::remember_external;
use crate::contact::{Contact, ContactState};
use crate::conversation::{Acuity, Author, Delivery, Message, OptOut};
use crate::event::Event;
use crate::id::RequestId;
use crate::state::State;
use crate::time::Timestamp;
use alloc::boxed::Box;

/// Folds one in. `request` is the record's: a message remembers under which id its sender sent it.
pub(super) fn apply(state: &mut State, event: &Event, request: Option<RequestId>) {
    let (now, record) = (state.parts.now, state.parts.sequence);
    match event {
        Event::TextReceived { contact, message, external, opt_out, media, idle_at, written_at, .. } => {
            remember_external(state, external, *contact);
            let new = Message {
                number: *message,
                author: Author::Person,
                at: written_at.unwrap_or(now),
                record,
                delivery: None,
                code: None,
                opt_out: *opt_out,
                request: None,
                media: *media,
            };
            state.change_contact(*contact, |it| {
                add(it, new, *idle_at);
                if let Some(talk) = it.conversation.as_mut() {
                    match opt_out {
                        OptOut::Stop => talk.opted_out = true,
                        // One that is heard of late ends no block that came after it.
                        OptOut::Start => talk.opted_out &= talk.has_stopped_after(written_at.unwrap_or(now)),
                        OptOut::None | OptOut::MaybeStop | OptOut::Help => {}
                    }
                }
            });
        }
        Event::TextSent { contact, message, author, idle_at, .. } => {
            let new = Message {
                number: *message,
                author: author.clone(),
                at: now,
                record,
                delivery: Some(Delivery::Queued),
                code: None,
                opt_out: OptOut::None,
                request: request.filter(|_| matches!(author, Author::Member(_))).map(Box::new),
                media: 0,
            };
            state.change_contact(*contact, |it| add(it, new, *idle_at));
        }
        Event::TextMoved { contact, message, delivery, code } => state.change_contact(*contact, |it| {
            if let Some(talk) = it.conversation.as_mut() {
                talk.moved(*message, *delivery, code.as_ref());
            }
        }),
        Event::QuestionAnswered { contact, question, need } => state.change_contact(*contact, |it| {
            if let Some(talk) = it.conversation.as_mut() {
                talk.question = talk.question.max(question.saturating_add(1));
            }
            if need.is_some() {
                it.need.clone_from(need);
            }
        }),
        Event::AcuityRaised { contact, place } => state.change_contact(*contact, |it| {
            it.acuity = Acuity::High;
            if place.is_some() {
                it.place = *place;
            }
        }),
        Event::ContactReopened { contact } => super::contact::reopen(state, *contact),
        _ => {}
    }
}

fn add(contact: &mut Contact, message: Message, idle_at: Option<Timestamp>) {
    contact.conversation.get_or_insert_default().add(message);
    // Only a conversation that somebody holds can fall silent; before, its own clocks run.
    if contact.state == ContactState::Connected {
        contact.deadline = idle_at;
    }
}
