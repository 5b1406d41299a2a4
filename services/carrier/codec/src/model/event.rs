//! The seven events a carrier can tell us.
//!
//! An event is a claim of the carrier, not yet a fact of ours: it may come twice, late or out of order.

use super::person::{Address, Digits, PhoneNumber, Words};
use crate::token::Token;

/// One thing a carrier said. Nothing here is unique or ordered by itself: deduplicate on `dedupe_key`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The carrier's id of the call or message this is about.
    pub external_id: String,
    /// Equal for two deliveries of the same thing, different for different things. Keep for at least 48 h.
    pub dedupe_key: String,
    /// The carrier's own sequence number within the call or room, where it gives one.
    pub sequence: Option<u64>,
    /// The contact named in our callback URL, if any.
    pub contact: Option<Token>,
    /// What happened.
    pub kind: EventKind,
}

/// The seven kinds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventKind {
    /// Somebody calls; the carrier waits for our answer.
    CallOffered(CallOffered),
    /// A leg changed its state. The person hanging up is `Ended` on the person's leg.
    LegState {
        /// Our label of the leg, from our callback URL. `None` on a person's own incoming leg.
        label: Option<Token>,
        /// The new state.
        state: LegState,
    },
    /// Somebody's place in a room changed.
    RoomMember(RoomMember),
    /// Keys were pressed, or the time to press them ran out (empty digits).
    Dtmf {
        /// The keys.
        digits: Digits,
    },
    /// The person is still waiting in the room and the carrier asks what to play next.
    WaitTick {
        /// How long the carrier says the person has waited, in seconds, if it says.
        waited_s: Option<u32>,
    },
    /// A text message arrived.
    Text(Text),
    /// A text message of ours got on or failed.
    TextState {
        /// Which of the contact's messages, from our callback URL.
        message: Option<u32>,
        /// How far it got.
        progress: TextProgress,
    },
}

/// An incoming call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallOffered {
    /// The caller's number; `None` when withheld or unreadable, which must never keep a person out.
    pub from: Option<PhoneNumber>,
    /// Our line that was called.
    pub to: Address,
    /// The line the call was diverted from, if the carrier says.
    pub diverted_from: Option<PhoneNumber>,
    /// How far the carrier vouches for the caller's number.
    pub trust: Trust,
}

/// STIR/SHAKEN attestation of the caller's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// Not stated.
    None,
    /// Checked, and it did not hold.
    Failed,
    /// Full attestation.
    A,
    /// Partial attestation.
    B,
    /// Gateway attestation.
    C,
}

/// The states of a leg as the carrier sees them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LegState {
    /// The carrier has taken the request and begins to dial.
    Initiated,
    /// The phone alerts.
    Ringing,
    /// Somebody (or a mailbox) picked up.
    Answered,
    /// It never came to a conversation.
    Failed(FailCause),
    /// It was up and is over.
    Ended,
}

/// Why a leg never came up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailCause {
    /// Busy or declined.
    Busy,
    /// Rang out.
    NoAnswer,
    /// Could not be completed.
    Failed,
    /// Withdrawn before it was answered.
    Canceled,
}

/// A change of one member of a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomMember {
    /// Our name of the room.
    pub room: Token,
    /// The carrier's id of the room. Hold, mute, drop and end are addressed to it.
    pub external_room_id: String,
    /// Our label of the member's leg, if it has one.
    pub label: Option<Token>,
    /// What changed.
    pub change: MemberChange,
}

/// What can change for a member of a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberChange {
    /// Came in.
    Joined,
    /// Is out, or never came in: see the reason.
    Left(LeftReason),
    /// Put on hold.
    Held,
    /// Taken off hold.
    Unheld,
    /// Muted.
    Muted,
    /// No longer muted.
    Unmuted,
}

/// Why a member is not in the room any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftReason {
    /// They hung up.
    HungUp,
    /// We took them out.
    Removed,
    /// We ended the room.
    RoomEnded,
    /// The room ended because a member left whose leaving ends it.
    LastExit,
    /// The leg failed before it was in the room.
    NeverJoined(FailCause),
    /// The carrier gave no reason, or one we do not know.
    Unstated,
}

/// An incoming text message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Who wrote.
    pub from: PhoneNumber,
    /// Our line they wrote to.
    pub to: PhoneNumber,
    /// What they wrote.
    pub body: Words,
    /// How many pictures or files came with it.
    pub media_count: u16,
    /// Whether it is a word that opts out, opts in or asks for help with the messages.
    pub opt_out: OptOut,
    /// Whether the carrier answers it by itself, so that we must not.
    pub carrier_replied: bool,
}

/// What a carrier takes a message for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptOut {
    /// An ordinary message.
    None,
    /// The carrier says that it blocks our messages to the person from here on.
    Stop,
    /// A word after which it blocks them by default, without a word of its own.
    MaybeStop,
    /// A word that ends the block.
    Start,
    /// A word that asks for help with the messages.
    Help,
}

/// How far a text of ours got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextProgress {
    /// Accepted and waiting at the carrier.
    Queued,
    /// Handed to the network.
    Sent,
    /// On the phone.
    Delivered,
    /// Read.
    Read,
    /// Will not arrive; the carrier's code if given.
    Failed(Option<u32>),
}
