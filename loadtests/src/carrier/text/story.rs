//! The ledger retold conversation by conversation: what an auditor asks about one person's messages on one line.

use super::{Conversation, MessageSid};
use crate::carrier::ledger::{CarrierLedger, Happened};
use crate::mark::Mark;
use serde::Serialize;
use std::collections::BTreeMap;

/// A person's message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InboundText {
    /// Its id.
    pub message: MessageSid,
    /// The mark of its words.
    pub mark: Mark,
    /// Its first hook went out.
    pub written_ms: u64,
    /// Holdfast answered 2xx.
    pub taken_ms: Option<u64>,
}

/// A message of Holdfast's at the carrier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OutboundText {
    /// Its id; none if the carrier would not take it.
    pub message: Option<MessageSid>,
    /// The mark of its words.
    pub mark: Mark,
    /// The contact that its receipts' address names.
    pub contact: Option<String>,
    /// The number there.
    pub number: Option<u32>,
    /// The carrier took it, refused it, or cut its request's connection.
    pub at_ms: u64,
    /// Long after the request's connection was cut.
    pub late: bool,
    /// The request's connection was cut, and it was never sent.
    pub cut: bool,
    /// The person's phone has it.
    pub delivered_ms: Option<u64>,
}

/// One person and one line, in writing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TextStory {
    /// Its name.
    pub conversation: Conversation,
    /// The line written to; empty if only Holdfast wrote.
    pub line: String,
    /// The scenario's class of the person; empty if only Holdfast wrote.
    pub class: String,
    /// What the person wrote, in order.
    pub inbound: Vec<InboundText>,
    /// What Holdfast sent, in the order of the carrier's ledger.
    pub outbound: Vec<OutboundText>,
}

impl TextStory {
    /// The first message that Holdfast acknowledged.
    #[must_use]
    pub fn acked_ms(&self) -> Option<u64> {
        self.inbound.iter().filter_map(|text| text.taken_ms).min()
    }
}

/// The place of a conversation among all, and of a message in it.
type Place = (usize, usize);

#[derive(Default)]
struct Retelling {
    stories: Vec<TextStory>,
    by_name: BTreeMap<Conversation, usize>,
    inbound: BTreeMap<MessageSid, Place>,
    outbound: BTreeMap<MessageSid, Place>,
}

impl CarrierLedger {
    /// Every conversation, in order of its first message.
    #[must_use]
    pub fn conversations(&self) -> Vec<TextStory> {
        let mut retelling = Retelling::default();
        for entry in &self.entries {
            retelling.line(entry.at_ms, &entry.what);
        }
        retelling.stories
    }
}

impl Retelling {
    fn story(&mut self, conversation: &Conversation) -> (usize, Option<&mut TextStory>) {
        let next = self.stories.len();
        let index = *self.by_name.entry(conversation.clone()).or_insert(next);
        if index == next {
            self.stories.push(TextStory {
                conversation: conversation.clone(),
                line: String::new(),
                class: String::new(),
                inbound: Vec::new(),
                outbound: Vec::new(),
            });
        }
        (index, self.stories.get_mut(index))
    }

    fn line(&mut self, at_ms: u64, what: &Happened) {
        match what {
            Happened::TextWritten { message, conversation, line, class, mark } => {
                let (index, Some(story)) = self.story(conversation) else { return };
                story.line.clone_from(line);
                story.class.clone_from(class);
                let place = (index, story.inbound.len());
                let (message, mark) = (message.clone(), *mark);
                self.inbound.insert(message.clone(), place);
                if let Some(story) = self.stories.get_mut(index) {
                    story.inbound.push(InboundText { message, mark, written_ms: at_ms, taken_ms: None });
                }
            }
            Happened::TextTaken { message, .. } => {
                let Some((story, index)) = self.inbound.get(message) else { return };
                if let Some(text) = self.stories.get_mut(*story).and_then(|story| story.inbound.get_mut(*index)) {
                    text.taken_ms.get_or_insert(at_ms);
                }
            }
            Happened::TextSent { message, conversation, mark, contact, number, late, .. } => {
                let (message, mark) = (Some(message.clone()), *mark);
                let (contact, number, late) = (contact.clone(), *number, *late);
                self.send(
                    conversation,
                    OutboundText { message, mark, contact, number, at_ms, late, cut: false, delivered_ms: None },
                );
            }
            Happened::TextRefused { conversation, mark, contact, number, .. }
            | Happened::TextCut { conversation, mark, contact, number } => {
                let (mark, contact, number) = (*mark, contact.clone(), *number);
                let cut = matches!(what, Happened::TextCut { .. });
                let (message, late, delivered_ms) = (None, false, None);
                self.send(
                    conversation,
                    OutboundText { message, mark, contact, number, at_ms, late, cut, delivered_ms },
                );
            }
            Happened::TextDelivered { message } => {
                let Some((story, index)) = self.outbound.get(message) else { return };
                if let Some(text) = self.stories.get_mut(*story).and_then(|story| story.outbound.get_mut(*index)) {
                    text.delivered_ms = Some(at_ms);
                }
            }
            _ => {}
        }
    }

    fn send(&mut self, conversation: &Conversation, text: OutboundText) {
        let (index, Some(story)) = self.story(conversation) else { return };
        let place = (index, story.outbound.len());
        let message = text.message.clone();
        story.outbound.push(text);
        if let Some(message) = message {
            self.outbound.insert(message, place);
        }
    }
}
