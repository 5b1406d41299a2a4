//! The common model: what any carrier tells us (7 events) and what we ask of one (8 commands), in the field's words.
//!
//! No vendor's name or spelling appears here. Left out: the account, the time of receipt and a digest of the raw body, which
//! the carrier service knows and adds.

mod command;
mod event;
mod person;

pub use command::{
    Command, CommandResult, DialLeg, MAX_SPEECH_CHARS, OfferAnswer, RejectReason, SendText, Speech, SpeechRefusal,
    WaitStep,
};
pub use event::{
    CallOffered, Event, EventKind, FailCause, LeftReason, LegState, MemberChange, OptOut, RoomMember, Text,
    TextProgress, Trust,
};
pub use person::{Address, Digits, NotANumber, NotAnAddress, PhoneNumber, Words};
