//! What the facts about centers and directives mean for the state.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "apply/mod.rs dispatches exhaustively; each room sees only its own events"
)]

use crate::directive::{Directive, Subject};
use crate::event::Event;
use crate::state::{Deadline, State};

pub(super) fn apply(state: &mut State, event: &Event) {
    match event {
        Event::DirectiveGiven { directive } => {
            let subject = directive.measure.subject();
            remove(state, &subject);
            state.index.deadlines.insert((directive.until, Deadline::Directive(subject.clone())));
            state.parts.directives.insert(subject.clone(), Directive::clone(directive));
            changed(state, &subject);
        }
        Event::DirectiveEnded { subject } => {
            remove(state, subject);
            changed(state, subject);
        }
        Event::HoursChanged { center, open } => {
            state.parts.open.insert(center.clone(), open.clone());
            state.stand_all(center);
        }
        _ => {}
    }
}

fn remove(state: &mut State, subject: &Subject) {
    if let Some(before) = state.parts.directives.remove(subject) {
        state.index.deadlines.remove(&(before.until, Deadline::Directive(subject.clone())));
    }
}

fn changed(state: &mut State, subject: &Subject) {
    match subject {
        Subject::Center(center) => state.stand_all(center),
        Subject::Queue(queue) => state.search_anew(queue),
    }
}
