//! One contact as it is folded: where it is, its conversation, its handoff.

use holdfast_proto::router::v1::{
    Author, Channel, ContactState, Delivery, DeskContact, DeskMessage, LegState, Outcome, Part,
};
use tokio::time::Instant;

use super::{Held, Screen};
use crate::line_mode::sentences::{self, talk};

impl Screen {
    pub(super) fn contact(&mut self, contact: DeskContact, now: Instant) -> Vec<String> {
        let held = self.contacts.remove(&contact.contact_id);
        if !contact.yours {
            return vec![self.gone(&contact, held.as_ref())];
        }
        let number = held.as_ref().map_or_else(|| self.next_number(), |held| held.number);
        let (read, failed) = held.as_ref().map_or((0, 0), |held| (held.read, held.failed));
        let before = held.map(|held| held.view).unwrap_or_default();
        let left_s = self.left_ms(contact.wrap_up_ends_at_ms, now) / 1_000;
        let mut lines = Vec::new();
        if contact.state() != before.state() {
            match contact.state() {
                ContactState::Connecting if is_voice(&contact) => lines.push(sentences::CONNECTING_YOU.to_owned()),
                ContactState::Connecting => lines.push(talk::WRITE_NOW.to_owned()),
                // Whoever joins a handoff is told by its steps.
                ContactState::Connected if contact.part() == Part::Joining => {}
                ContactState::Connected => lines.push(sentences::CONNECTED.to_owned()),
                ContactState::WrappingUp => lines.push(sentences::wrap_up(left_s)),
                _ => {}
            }
        } else if contact.wrap_up_ends_at_ms > before.wrap_up_ends_at_ms {
            lines.push(sentences::more_time(left_s));
        }
        if contact.counselor_leg() == LegState::Alerting && before.counselor_leg() != LegState::Alerting {
            lines.push(sentences::PHONE_RINGS.to_owned());
        }
        if contact.held != before.held && contact.state() == ContactState::Connected {
            let line = if contact.held { sentences::ON_HOLD } else { sentences::OFF_HOLD };
            lines.push(line.to_owned());
        }
        lines.extend(handoff(&contact, &before));
        let mut lines = self.marked(number, lines);
        let mut view = contact;
        let messages = std::mem::take(&mut view.messages);
        self.contacts.insert(view.contact_id.clone(), Held { view, number, read, failed });
        for message in messages {
            lines.extend(self.message(&message));
        }
        lines
    }

    /// What the last view of a contact means, given what one was to it.
    fn gone(&mut self, contact: &DeskContact, held: Option<&Held>) -> String {
        if self.chosen.as_ref() == Some(&contact.contact_id) {
            self.chosen = None;
        }
        match (held.map(|held| held.view.part()), contact.outcome(), contact.handoff.as_ref()) {
            (Some(Part::Joining), Outcome::Unspecified, Some(handoff)) => talk::taking_over(handoff),
            _ => sentences::closed(contact.outcome()).to_owned(),
        }
    }

    /// The lowest number that nobody has.
    fn next_number(&self) -> u32 {
        let taken = |number: &u32| self.contacts.values().any(|held| held.number == *number);
        (1..).find(|number| !taken(number)).unwrap_or(1)
    }

    /// With several people, every line says whose it is.
    fn marked(&self, number: u32, lines: Vec<String>) -> Vec<String> {
        let others = self.contacts.values().any(|held| held.number != number);
        if !others {
            return lines;
        }
        lines.into_iter().map(|line| format!("[{number}] {line}")).collect()
    }

    /// A message: read once, once more if it did not arrive, and again if the latest of those arrived after all.
    pub(super) fn message(&mut self, message: &DeskMessage) -> Vec<String> {
        let Some(held) = self.contacts.get_mut(&message.contact_id) else { return Vec::new() };
        let number = held.number;
        if message.number <= held.read {
            let told = match message.delivery() {
                Delivery::Failed => {
                    held.failed = message.number;
                    Some(talk::not_delivered(message))
                }
                Delivery::Delivered if held.failed == message.number => {
                    held.failed = 0;
                    Some(talk::delivered_after_all(message))
                }
                _ => None,
            };
            return self.marked(number, told.into_iter().collect());
        }
        held.read = message.number;
        let theirs = matches!(message.author(), Author::Person | Author::Line);
        let mine = !theirs && message.author_id == self.who;
        self.marked(number, talk::message(message, mine))
    }
}

/// A step of a handoff, if there is a new one.
fn handoff(contact: &DeskContact, before: &DeskContact) -> Option<String> {
    let handoff = contact.handoff.as_ref()?;
    let step = |contact: &DeskContact| {
        let handoff = contact.handoff.as_ref()?;
        let view = handoff.view.as_ref()?;
        Some((view.number, view.state, handoff.may_leave))
    };
    // The first view of a contact tells its handoff only while it is under way.
    let first = before.contact_id.is_empty() && contact.part() != Part::Joining;
    if first || step(contact) == step(before) {
        return None;
    }
    Some(if contact.part() == Part::Joining || before.part() == Part::Joining {
        talk::taking_over(handoff)
    } else {
        talk::handing_over(handoff)
    })
}

pub(super) fn is_voice(contact: &DeskContact) -> bool {
    contact.queue.as_ref().is_none_or(|queue| queue.channel() == Channel::Voice)
}
