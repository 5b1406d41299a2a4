//! The carrier's own account of a run: everything that happened on its side, in order, appended and never changed.
//!
//! It names calls, rooms, lines and counselors' addresses; a person's number is never in it. Reading it is `story.rs`.

use super::script::CallSid;
use super::settings::Hidden;
use super::text::{Conversation, MessageSid};
use crate::clock::RunClock;
use crate::mark::Mark;
use serde::Serialize;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Which hook of Holdfast's was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum HookKind {
    /// The number's voice URL.
    Voice,
    /// An answer to a question (`Gather`).
    Answer,
    /// A redirect, or what comes after a room.
    Next,
    /// A waiting room's tick.
    WaitTick,
}

/// Why a hook gave nothing to go on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum HookFailure {
    /// No connection.
    Unreachable,
    /// No answer in time.
    Silent,
    /// The connection broke before the answer was whole.
    Cut,
    /// Another status than 2xx.
    Status(u16),
    /// 2xx, but not a document the carrier can follow.
    BadDocument,
    /// The carrier acts as if the answer had been lost (a fault of ours).
    AnswerLost,
    /// A URL that is not Holdfast's: the simulator asks nobody else.
    Foreign,
}

/// Who or what ended a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum EndedBy {
    /// The person hung up.
    Person,
    /// The counselor's side hung up.
    Counselor,
    /// Holdfast ended it by REST (the call, its participant or its room).
    Rest,
    /// Its room ended because somebody left who ends it.
    RoomEnd,
    /// Holdfast's document ended it, by a hang-up or by having nothing more.
    Document,
    /// Holdfast's document rejected it.
    Rejected,
    /// It went to the landline that the fallback names.
    Landline,
    /// A dialed leg never joined: busy, not answered, failed, or dropped while alerting.
    NeverJoined,
}

/// What a dialed leg came to when it did not join.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum LegFailure {
    /// Busy.
    Busy,
    /// Nobody answered within the dial's limit.
    NoAnswer,
    /// Could not be reached.
    Failed,
    /// Dropped by Holdfast, or with its room, before an answer.
    Canceled,
}

/// What a REST request met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum RestFault {
    /// Effect, then 500.
    EffectThen500,
    /// Effect, then the connection cut.
    EffectThenCut,
    /// The connection cut; the effect follows after this long.
    EffectLate {
        /// Milliseconds.
        after_ms: u64,
    },
    /// The connection cut, and never an effect.
    CutBefore,
    /// 429 or 503 and no effect.
    Refused {
        /// 429 or 503.
        status: u16,
    },
    /// Effect, then a slow answer.
    Slow {
        /// Milliseconds.
        by_ms: u64,
    },
}

/// What the dice made of a status callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CallbackFate {
    /// Never sent.
    pub lost: bool,
    /// How many times it is sent.
    pub copies: u32,
    /// How much later it is sent than it should be, letting others pass; 0 keeps its place.
    pub delay_ms: u64,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the fields are named for what they hold; the variants say what happened")]
pub enum Happened {
    /// A person's call arrived; its first hook goes out now.
    CallArrived { call: CallSid, line: String, class: String },
    /// A hook was answered 2xx.
    HookAnswered { call: CallSid, hook: HookKind, attempt: u32, took_us: u64 },
    /// A try of a hook failed.
    HookFailed { call: CallSid, hook: HookKind, attempt: u32, why: HookFailure },
    /// Holdfast answered 2xx with a document that puts the person in a room. `sent_ms`: when that hook went out.
    Acknowledged { call: CallSid, room: String, sent_ms: u64 },
    /// The person hears a question.
    Asked { call: CallSid },
    /// The person pressed a digit.
    Pressed { call: CallSid, digit: char },
    /// The document held something the simulator does not play; it went on.
    NotPlayed { call: CallSid, verb: String },
    /// The document sends the person to this number: a diversion by Holdfast's own answer.
    DivertedByDocument { call: CallSid, to: String },
    /// No usable answer: the person hears the static fallback and goes to the landline.
    DivertedToLandline { call: CallSid },
    /// A room exists from now.
    RoomMade { room_sid: String, room: String },
    /// The room's people hear each other.
    RoomStarted { room_sid: String, room: String },
    /// The room is over.
    RoomEnded { room_sid: String, room: String, by: EndedBy },
    /// A person is in the room.
    PersonJoined { call: CallSid, room: String, room_sid: String },
    /// A person is out of the room.
    PersonLeft { call: CallSid, room: String, room_sid: String, by: EndedBy },
    /// A person's call is over.
    PersonEnded { call: CallSid, by: EndedBy },
    /// Holdfast had an address dialed into a room.
    DialRequested { leg: CallSid, to: String, label: Option<String>, room: String },
    /// The phone alerts.
    LegAlerting { leg: CallSid },
    /// The phone was picked up.
    LegAnswered { leg: CallSid },
    /// The leg came to nothing.
    LegFailed { leg: CallSid, why: LegFailure },
    /// The leg is in the room.
    LegJoined { leg: CallSid, to: String, room: String, room_sid: String },
    /// The leg is out of the room.
    LegLeft { leg: CallSid, to: String, room: String, room_sid: String },
    /// The leg's call is over.
    LegEnded { leg: CallSid, by: EndedBy },
    /// Holdfast had a person called back, from this line into this room.
    PersonDialed { call: CallSid, line: String, room: String },
    /// A person who was called back picked up.
    PersonAnswered { call: CallSid },
    /// A person who was called back could not be reached.
    PersonNotReached { call: CallSid, why: LegFailure },
    /// A person wrote to a line; the hook goes out now.
    TextWritten { message: MessageSid, conversation: Conversation, line: String, class: String, mark: Mark },
    /// Holdfast answered the hook of a person's message 2xx, at this try.
    TextTaken { message: MessageSid, attempt: u32, took_us: u64 },
    /// A try of a message's hook failed.
    TextNotTaken { message: MessageSid, attempt: u32, why: HookFailure },
    /// A message's hook was given up: Holdfast never acknowledged it.
    TextGivenUp { message: MessageSid },
    /// The carrier took a message of Holdfast's. `contact` and `number`: what the receipt's address says of it. `late`: it came to
    /// pass long after the request's connection was cut, so that its place among the others means nothing.
    TextSent {
        message: MessageSid,
        conversation: Conversation,
        line: String,
        mark: Mark,
        contact: Option<String>,
        number: Option<u32>,
        late: bool,
    },
    /// The carrier would not take a message of Holdfast's.
    TextRefused { conversation: Conversation, mark: Mark, contact: Option<String>, number: Option<u32>, code: u32 },
    /// The connection of a request to send a message was cut, and the carrier never did it.
    TextCut { conversation: Conversation, mark: Mark, contact: Option<String>, number: Option<u32> },
    /// The person's phone has the message.
    TextDelivered { message: MessageSid },
    /// The message will not arrive.
    TextUndelivered { message: MessageSid, code: u32 },
    /// The person wrote a word by which the carrier blocks our messages, or one that ends the block.
    OptedOut { conversation: Conversation, on: bool },
    /// A participant was put on hold, or taken off.
    Held { call: CallSid, on: bool },
    /// A participant was muted, or unmuted.
    Muted { call: CallSid, on: bool },
    /// A REST request was answered (or cut) after `took_us`. `route` names no id.
    RestAnswered { method: String, route: String, status: u16, fault: Option<RestFault>, took_us: u64 },
    /// The late effect of a REST request that was cut came to pass.
    RestLateEffect { route: String, status: u16 },
    /// A status callback met something else than a plain delivery.
    CallbackFated { subject: String, event: String, sequence: u32, fate: CallbackFate },
    /// A status callback was answered 2xx; `call` is whose it is, if it is somebody's.
    CallbackAnswered { call: Option<CallSid>, event: String, sequence: u32, took_us: u64 },
    /// A status callback was given up.
    CallbackGivenUp { call: Option<CallSid>, event: String, sequence: u32, why: HookFailure },
}

/// One ledger line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Milliseconds since the run's start.
    pub at_ms: u64,
    /// What happened.
    pub what: Happened,
}

/// A copy of the ledger as it stood.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CarrierLedger {
    /// The lines, in order.
    pub entries: Vec<Entry>,
    /// When the copy was taken.
    pub until_ms: u64,
    /// False if the run stopped at a bound: then the ledger ends early, and no audit of it can pass.
    pub complete: bool,
}

/// The ledger being written.
pub(crate) struct Book {
    clock: RunClock,
    most: usize,
    pages: Mutex<Pages>,
}

struct Pages {
    entries: Vec<Entry>,
    complete: bool,
}

impl Book {
    pub(crate) fn new(clock: RunClock, most: usize) -> Self {
        Self { clock, most, pages: Mutex::new(Pages { entries: Vec::new(), complete: true }) }
    }

    fn open(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends one line; false if the ledger is full, in which case the run has to stop.
    pub(crate) fn write(&self, what: Happened) -> bool {
        let mut pages = self.open();
        if pages.entries.len() >= self.most {
            pages.complete = false;
            return false;
        }
        // Read under the lock, so that times never decrease down the page.
        let at_ms = self.clock.now_ms();
        pages.entries.push(Entry { at_ms, what });
        true
    }

    /// Marks the ledger as ending early.
    pub(crate) fn cut_short(&self) {
        self.open().complete = false;
    }

    pub(crate) fn copy(&self) -> CarrierLedger {
        let pages = self.open();
        CarrierLedger { entries: pages.entries.clone(), until_ms: self.clock.now_ms(), complete: pages.complete }
    }
}

/// A person's number together with what of it may be shown: nothing.
pub(crate) type Number = Hidden;

#[cfg(test)]
mod tests {
    use super::{Book, Happened};
    use crate::carrier::CallSid;
    use crate::clock::RunClock;

    #[test]
    fn a_full_ledger_refuses_and_says_that_it_is_not_whole() {
        let book = Book::new(RunClock::start(), 2);
        let line = || Happened::Asked { call: CallSid::new("CA1") };
        assert!(book.write(line()));
        assert!(book.write(line()));
        assert!(book.copy().complete);
        assert!(!book.write(line()));
        assert_eq!(book.copy().entries.len(), 2);
        assert!(!book.copy().complete);
    }
}
