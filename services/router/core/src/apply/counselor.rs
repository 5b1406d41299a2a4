//! What the facts about a counselor mean for the state.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "apply/mod.rs dispatches exhaustively; each room sees only its own events"
)]

use crate::contact::Channel;
use crate::counselor::{Help, Presence, Readiness};
use crate::event::Event;
use crate::state::State;

pub(super) fn apply(state: &mut State, event: &Event) {
    let now = state.parts.now;
    match event {
        Event::DeskConnected { counselor, session, audio } => state.change_counselor(counselor, |it| {
            if it.presence != Presence::Connected {
                it.presence_since = now;
            }
            it.presence = Presence::Connected;
            it.session = *session;
            if audio.is_some() {
                it.audio.clone_from(audio);
            }
        }),
        Event::DeskLost { counselor } => state.change_counselor(counselor, |it| {
            it.presence = Presence::Unsure;
            it.presence_since = now;
        }),
        Event::CounselorLeft { counselor } => state.change_counselor(counselor, |it| {
            it.presence = Presence::Offline;
            it.presence_since = now;
        }),
        Event::ReadinessChanged { counselor, readiness, .. } => state.change_counselor(counselor, |it| {
            if !takes_anything(&it.readiness) && takes_anything(readiness) {
                it.idle_since = now;
            }
            it.readiness = readiness.clone();
            it.readiness_next = None;
        }),
        Event::ReadinessRequested { counselor, readiness } => {
            state.change_counselor(counselor, |it| it.readiness_next = Some(readiness.clone()));
        }
        Event::HelpAsked { counselor, contact, level } => state.change_counselor(counselor, |it| {
            // Somebody who has been answered and asks again waits from now on, and nobody has answered that yet.
            let waits = it.help.as_ref().filter(|help| help.answered_by.is_none());
            let asked_at = waits.map_or(now, |help| help.asked_at);
            let about = contact.or(it.help.as_ref().and_then(|help| help.contact));
            it.help = Some(Help { level: *level, contact: about, asked_at, answered_by: None, answered_at: None });
        }),
        Event::HelpAnswered { counselor, by } => state.change_counselor(counselor, |it| {
            if let Some(help) = it.help.as_mut() {
                help.answered_by = Some(by.clone());
                help.answered_at = Some(now);
            }
        }),
        Event::HelpEnded { counselor } => state.change_counselor(counselor, |it| it.help = None),
        _ => {}
    }
}

fn takes_anything(readiness: &Readiness) -> bool {
    [Channel::Voice, Channel::Text, Channel::Chat].iter().any(|channel| readiness.takes(*channel))
}
