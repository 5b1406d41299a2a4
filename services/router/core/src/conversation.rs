//! A conversation in writing: messages in order, and how far each of ours has come.
//!
//! A conversation belongs to a contact and has no end of its own: silence does not close it, an opt-out word does not close it.
//! Words are not here: the state keeps the journal sequence of the record that holds them, as ciphertext.

use crate::id::{CounselorId, RequestId};
use crate::sealed::Sealed;
use crate::time::Timestamp;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// How far a message of ours has come. A report only moves it forward, and repeats change nothing. Delivered is the end: the phone's
/// word is surer than anybody's that the message is lost.
///
/// | from | report | to |
/// |---|---|---|
/// | Queued | the carrier's answer was ambiguous | InDoubt |
/// | Queued, InDoubt | the carrier has it | Sent |
/// | Queued, InDoubt, Sent, Failed | the person's phone has it | Delivered |
/// | Queued, InDoubt, Sent | it will not arrive | Failed |
pub const DELIVERY_TABLE: &[(&[Delivery], Delivery)] = &[
    (&[Delivery::Queued], Delivery::InDoubt),
    (&[Delivery::Queued, Delivery::InDoubt], Delivery::Sent),
    (&[Delivery::Queued, Delivery::InDoubt, Delivery::Sent, Delivery::Failed], Delivery::Delivered),
    (&[Delivery::Queued, Delivery::InDoubt, Delivery::Sent], Delivery::Failed),
];

/// How far a message of ours has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Delivery {
    /// Stored, not yet with the carrier.
    Queued,
    /// The carrier's answer was ambiguous.
    InDoubt,
    /// The carrier has it.
    Sent,
    /// The person's phone has it.
    Delivered,
    /// It will not arrive.
    Failed,
}

impl Delivery {
    /// Whether the table allows this move.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        DELIVERY_TABLE.iter().any(|(from, to)| *to == next && from.contains(&self))
    }
}

/// Who wrote a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Author {
    /// The person.
    Person,
    /// The line itself: the automatic reply and the survey.
    Line,
    /// A counselor or peer.
    Member(CounselorId),
}

/// What the carrier takes a message of the person for. Carriers block our messages after an opt-out word; on a crisis line that
/// is an alarm, never a goodbye (R25).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum OptOut {
    /// An ordinary message.
    None,
    /// The carrier blocks our messages from here on.
    Stop,
    /// A word after which carriers block our messages, where ours did not say whether it does. The next message of ours shows it.
    MaybeStop,
    /// The carrier lets our messages through again.
    Start,
    /// A request for the carrier's own help text.
    Help,
}

impl OptOut {
    /// Whether the person may have asked for no more messages.
    #[must_use]
    pub const fn is_alarm(self) -> bool {
        matches!(self, Self::Stop | Self::MaybeStop)
    }
}

/// The code of a message that failed because the carrier blocks our messages to this person, whichever carrier it is.
pub const BLOCKED: &str = "blocked";

/// The words of a message of ours.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Words {
    /// A counselor's or peer's, sealed under the contact's slot.
    Sealed(Sealed),
    /// The plan's own, public.
    Said(Arc<str>),
}

/// How much risk a contact is taken to carry.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Acuity {
    /// As most.
    Routine,
    /// High: whoever has it has one conversation at a time.
    High,
}

/// How many messages of one conversation the hot state remembers. The journal keeps all; older ones are not shown again, and a
/// receipt for one of them changes nothing.
pub const MESSAGES_MAX: usize = 200;

/// What the state remembers of one message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// Its number in the conversation, from 1 without gaps.
    pub number: u32,
    /// Who wrote it.
    pub author: Author,
    /// When the router had it; of one that was found at the carrier later, when it was written.
    pub at: Timestamp,
    /// The journal sequence of the record with its words.
    pub record: u64,
    /// How far it has come; absent for the person's own.
    pub delivery: Option<Delivery>,
    /// The carrier's code, if it failed.
    pub code: Option<Arc<str>>,
    /// What the carrier took it for.
    pub opt_out: OptOut,
    /// The request it was sent under: the sender's own id of it. Boxed, since most messages have none and each would keep room for one.
    pub request: Option<Box<RequestId>>,
    /// How many pictures or files came with it.
    pub media: u32,
}

impl Message {
    /// Whether it failed because the carrier blocks our messages.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.delivery == Some(Delivery::Failed) && self.code.as_deref() == Some(BLOCKED)
    }
}

/// What the state remembers of a conversation.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Conversation {
    /// The latest messages, oldest first; at most [`MESSAGES_MAX`].
    pub messages: Vec<Message>,
    /// How many there have been.
    pub total: u32,
    /// The survey question that is asked next, from 0.
    pub question: u32,
    /// Whether the carrier blocks our messages: it said so of a word of theirs, or refused one of ours for it.
    pub opted_out: bool,
    /// Since when the person waits for somebody to answer; none if the last word is ours. What did not arrive is no answer.
    pub unanswered_since: Option<Timestamp>,
}

impl Conversation {
    /// A message that is still remembered.
    #[must_use]
    pub fn message(&self, number: u32) -> Option<&Message> {
        self.messages.iter().rev().find(|it| it.number == number)
    }

    /// The number the next message gets.
    #[must_use]
    pub const fn next_number(&self) -> u32 {
        self.total.saturating_add(1)
    }

    /// Adds a message, forgetting the oldest beyond the bound.
    pub(crate) fn add(&mut self, message: Message) {
        self.total = self.total.max(message.number);
        match message.author {
            Author::Person => self.unanswered_since = self.unanswered_since.or(Some(message.at)),
            Author::Member(_) => self.unanswered_since = None,
            Author::Line => {}
        }
        self.messages.push(message);
        if self.messages.len() > MESSAGES_MAX {
            self.messages.remove(0);
        }
    }

    /// A message of ours has come this far.
    pub(crate) fn moved(&mut self, number: u32, delivery: Delivery, code: Option<&Arc<str>>) {
        let Some(known) = self.messages.iter_mut().rev().find(|it| it.number == number) else { return };
        let was_blocked = known.is_blocked();
        known.delivery = Some(delivery);
        known.code = code.cloned();
        let (is_blocked, answers) = (known.is_blocked(), matches!(known.author, Author::Member(_)));
        if is_blocked != was_blocked {
            self.opted_out = self.shows_block();
        }
        if answers {
            self.unanswered_since = self.waits_since();
        }
    }

    /// Whether the messages that are remembered show that the carrier blocks ours: the last word about it counts, in the order in
    /// which they were written and not in which they were heard of.
    fn shows_block(&self) -> bool {
        self.messages.iter().fold(false, |blocks, it| match it.opt_out {
            OptOut::Stop => true,
            OptOut::Start => false,
            OptOut::None | OptOut::MaybeStop | OptOut::Help => blocks || it.is_blocked(),
        })
    }

    /// Whether the person wrote an opt-out word after that time, as far as is remembered.
    pub(crate) fn has_stopped_after(&self, at: Timestamp) -> bool {
        self.messages.iter().any(|it| it.opt_out == OptOut::Stop && it.at > at)
    }

    /// Whether this counselor or peer has written since the person waits: none of that arrived.
    #[must_use]
    pub fn has_tried_since_asked(&self, who: &CounselorId) -> bool {
        let since_asked = |it: &&Message| self.unanswered_since.is_some_and(|since| it.at >= since);
        self.messages.iter().filter(since_asked).any(|it| it.author == Author::Member(who.clone()))
    }

    /// Since when the person waits, by the messages that are remembered.
    fn waits_since(&self) -> Option<Timestamp> {
        self.messages.iter().fold(None, |since, it| match it.author {
            Author::Person => since.or(Some(it.at)),
            Author::Member(_) if it.delivery != Some(Delivery::Failed) => None,
            Author::Member(_) | Author::Line => since,
        })
    }
}
