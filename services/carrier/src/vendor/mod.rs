//! The one seam to vendors: webhooks, answers and call control in our words. A second vendor is one more file and one more arm.
//!
//! Nothing outside this folder knows a vendor's ids, statuses or documents. Retries, order and doubt are the callers'.

mod twilio;

use holdfast_carrier_codec::callback::Callback;
use holdfast_carrier_codec::model::{
    DialLeg, Event, OfferAnswer, PhoneNumber, SendText, Text, TextProgress, WaitStep, Words,
};
use holdfast_carrier_codec::token::Token;
use http::HeaderMap;

use crate::rest::{Turn, Wire};
use crate::settings::{AccountSettings, SettingsRefusal, VendorName};
use twilio::Twilio;

/// A carrier account's dialect, with its secrets.
#[derive(Debug)]
pub(crate) enum Vendor {
    Twilio(Box<Twilio>),
}

/// A webhook that was let in.
#[derive(Debug)]
pub(crate) enum Reading {
    Event(Box<Event>),
    /// Well-formed and nothing to act on.
    Nothing,
}

/// A webhook that was not let in. The texts name fields, never values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HookRefusal {
    TooLarge,
    TooManyHeaders,
    Forged(String),
    Malformed(String),
}

/// What came of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Done {
    /// Done, or already so; with the carrier's id of what was made.
    Accepted(Option<String>),
    /// Never done, with the carrier's code.
    Refused(String),
    /// Nothing happened, or repeating does no harm.
    Later,
    /// A leg with this label lives: it is the one an earlier attempt made.
    AlreadyThere,
    /// It may or may not have happened.
    Doubtful,
    /// What it was to be done to is not there.
    Absent,
}

/// A listing could not be had, or not all of it. Nothing follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unlisted;

/// A call that is up or on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LiveCall {
    pub(crate) external_id: String,
    /// Whether a person called us. Only the others can be legs that we dialed.
    pub(crate) inbound: bool,
}

/// A room with somebody in it, that has a name of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LiveRoom {
    pub(crate) room: Token,
    pub(crate) external_room_id: String,
}

/// Somebody in a room, or being dialed into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) external_id: String,
    pub(crate) label: Option<Token>,
    /// In the room, with audio.
    pub(crate) inside: bool,
}

/// A text of ours that is looked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sought<'a> {
    pub(crate) to: &'a PhoneNumber,
    pub(crate) from: &'a PhoneNumber,
    pub(crate) words: &'a Words,
    /// What was made before this, by the wall clock, is not it.
    pub(crate) not_before_ms: i64,
}

/// A text at the carrier that may be the one looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListedText {
    pub(crate) external_id: String,
    pub(crate) progress: Option<TextProgress>,
}

/// A text that a person wrote to a number of the account, as the carrier lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) external_id: String,
    pub(crate) made_at_s: u64,
    pub(crate) text: Text,
}

/// What people wrote to an account, as far as it was read.
#[derive(Debug, Default)]
pub(crate) struct AllWritten {
    /// The oldest first.
    pub(crate) texts: Vec<Written>,
    /// Whether the list was read to its end; a longer one is cut at its old end.
    pub(crate) whole: bool,
    /// Entries that could not be read, a person's or others.
    pub(crate) unreadable: usize,
}

/// A document for the carrier to act on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Document {
    pub(crate) content_type: &'static str,
    pub(crate) body: String,
}

impl Vendor {
    pub(crate) fn new(settings: &AccountSettings, pages_most: usize) -> Result<Self, SettingsRefusal> {
        match settings.vendor {
            VendorName::Twilio => Twilio::new(settings, pages_most).map(|twilio| Self::Twilio(Box::new(twilio))),
        }
    }

    /// Verifies a webhook over the URL it must have been signed for, then reads it.
    pub(crate) fn read(
        &self,
        to: &Callback,
        url: &str,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Reading, HookRefusal> {
        match self {
            Self::Twilio(twilio) => twilio.read(to, url, headers, body),
        }
    }

    pub(crate) fn answer(&self, answer: &OfferAnswer) -> Document {
        match self {
            Self::Twilio(_) => twilio::answer(answer),
        }
    }

    /// What a waiting person hears until the next tick.
    pub(crate) fn wait(&self, steps: &[WaitStep]) -> Document {
        match self {
            Self::Twilio(_) => twilio::wait(steps),
        }
    }

    /// The answer to a notification.
    pub(crate) fn nothing(&self) -> Document {
        match self {
            Self::Twilio(_) => twilio::nothing(),
        }
    }

    pub(crate) async fn dial(&self, turn: &Turn, dial: &DialLeg) -> Done {
        match self {
            Self::Twilio(twilio) => twilio.dial(turn, dial).await,
        }
    }

    /// Holds or resumes the person, who is found by the carrier's id of their leg or else by their label.
    pub(crate) async fn hold(&self, turn: &Turn, room: &Token, person: (Option<&str>, &Token), on: bool) -> Done {
        match self {
            Self::Twilio(twilio) => twilio.hold(turn, room, person, on).await,
        }
    }

    /// Sends a text. Not idempotent.
    pub(crate) async fn send_text(&self, turn: &Turn, text: &SendText) -> Done {
        match self {
            Self::Twilio(twilio) => twilio.send_text(turn, text).await,
        }
    }

    /// Every text that may be the one looked for, the oldest first.
    pub(crate) async fn find_texts(&self, turn: &Turn, sought: &Sought<'_>) -> Result<Vec<ListedText>, Unlisted> {
        match self {
            Self::Twilio(twilio) => twilio.find_texts(turn, sought).await,
        }
    }

    /// What people wrote to the account since then. A turn is taken for each page.
    pub(crate) async fn written(&self, wire: &Wire, since_s: u64) -> Result<AllWritten, Unlisted> {
        match self {
            Self::Twilio(twilio) => twilio.written(wire, since_s).await,
        }
    }

    /// The vendor's code as the router is told it.
    pub(crate) fn code(&self, code: u32) -> String {
        match self {
            Self::Twilio(_) => twilio::code(code),
        }
    }

    /// Ends a call, whether it is up or still alerting. One that is over already is accepted.
    pub(crate) async fn end_call(&self, turn: &Turn, external_id: &str) -> Done {
        match self {
            Self::Twilio(twilio) => twilio.end_call(turn, external_id).await,
        }
    }

    /// Ends a room and every leg in it. [`Done::Absent`] if it never started or is over.
    pub(crate) async fn end_room(&self, turn: &Turn, room: &Token) -> Done {
        match self {
            Self::Twilio(twilio) => twilio.end_room(turn, room).await,
        }
    }

    /// The carrier's id of the living leg with this label in this room.
    pub(crate) async fn find_leg(&self, turn: &Turn, room: &Token, label: &Token) -> Result<Option<String>, Unlisted> {
        match self {
            Self::Twilio(twilio) => twilio.find_leg(turn, room, label).await,
        }
    }

    /// Every live call of the account. A call that moves on meanwhile is seen in at least one of its states.
    pub(crate) async fn live_calls(&self, turn: &Turn) -> Result<Vec<LiveCall>, Unlisted> {
        match self {
            Self::Twilio(twilio) => twilio.live_calls(turn).await,
        }
    }

    /// Every started room of the account that has a name of ours.
    pub(crate) async fn live_rooms(&self, turn: &Turn) -> Result<Vec<LiveRoom>, Unlisted> {
        match self {
            Self::Twilio(twilio) => twilio.live_rooms(turn).await,
        }
    }

    pub(crate) async fn members(&self, turn: &Turn, room: &LiveRoom) -> Result<Vec<Member>, Unlisted> {
        match self {
            Self::Twilio(twilio) => twilio.members(turn, room).await,
        }
    }
}
