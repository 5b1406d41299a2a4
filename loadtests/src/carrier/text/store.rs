//! The messages the carrier remembers, who is blocked, and how many messages each writer's phone has had.

use super::{Conversation, MessageSid};
use crate::carrier::settings::Hidden;
use std::collections::{BTreeMap, BTreeSet};
use tokio::sync::watch;

/// A message's status, as the wire names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextStatus {
    Received,
    Queued,
    Sent,
    Delivered,
    Undelivered,
}

impl TextStatus {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Undelivered => "undelivered",
        }
    }
}

/// One message, either way.
pub(crate) struct Message {
    pub(crate) sid: MessageSid,
    pub(crate) ordinal: u64,
    pub(crate) conversation: Conversation,
    /// Written by a person.
    pub(crate) inbound: bool,
    pub(crate) from: Hidden,
    pub(crate) to: Hidden,
    pub(crate) words: Hidden,
    pub(crate) media: u32,
    pub(crate) status: TextStatus,
    pub(crate) error_code: Option<u32>,
    pub(crate) made_s: u64,
    pub(crate) sent_s: Option<u64>,
    pub(crate) receipts_to: Option<String>,
    pub(crate) next_sequence: u32,
}

/// All that the carrier knows of texts.
#[derive(Default)]
pub(crate) struct Messages {
    kept: BTreeMap<u64, Message>,
    ordinals: BTreeMap<MessageSid, u64>,
    blocked: BTreeSet<Conversation>,
    inboxes: BTreeMap<Conversation, watch::Sender<u64>>,
    /// People writing now.
    pub(crate) writers: usize,
}

impl Messages {
    /// Remembers a message; says which one is forgotten for it, if more than `most` are kept.
    pub(crate) fn keep(&mut self, message: Message, most: usize) -> Option<MessageSid> {
        self.ordinals.insert(message.sid.clone(), message.ordinal);
        self.kept.insert(message.ordinal, message);
        if self.kept.len() <= most {
            return None;
        }
        let (_, oldest) = self.kept.pop_first()?;
        self.ordinals.remove(&oldest.sid);
        Some(oldest.sid)
    }

    pub(crate) fn get(&self, sid: &MessageSid) -> Option<&Message> {
        self.kept.get(self.ordinals.get(sid)?)
    }

    pub(crate) fn get_mut(&mut self, sid: &MessageSid) -> Option<&mut Message> {
        self.kept.get_mut(self.ordinals.get(sid)?)
    }

    /// Newest first.
    pub(crate) fn newest(&self) -> impl Iterator<Item = &Message> {
        self.kept.values().rev()
    }

    pub(crate) fn is_blocked(&self, conversation: &Conversation) -> bool {
        self.blocked.contains(conversation)
    }

    /// True if that changed anything.
    pub(crate) fn block(&mut self, conversation: &Conversation, on: bool) -> bool {
        if on { self.blocked.insert(conversation.clone()) } else { self.blocked.remove(conversation) }
    }

    /// A writer's phone: how many messages it has had from now on.
    pub(crate) fn open_inbox(&mut self, conversation: &Conversation) -> watch::Receiver<u64> {
        self.inboxes.entry(conversation.clone()).or_insert_with(|| watch::Sender::new(0)).subscribe()
    }

    pub(crate) fn close_inbox(&mut self, conversation: &Conversation) {
        self.inboxes.remove(conversation);
    }

    /// The person's phone has one more.
    pub(crate) fn arrived(&self, conversation: &Conversation) {
        if let Some(inbox) = self.inboxes.get(conversation) {
            inbox.send_modify(|count| *count += 1);
        }
    }
}
