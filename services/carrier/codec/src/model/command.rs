//! The eight commands we give a carrier, and what can come of one.

use super::person::{Address, Digits, PhoneNumber, Words};
use crate::token::Token;

/// The longest text spoken at once, in characters; carriers cut or refuse longer ones.
pub const MAX_SPEECH_CHARS: usize = 4096;

/// What we ask of a carrier. `room` is our name; `external_room_id` and `external_id` are the carrier's ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Answer an incoming call.
    AnswerOffer {
        /// The carrier's call id.
        external_id: String,
        /// How.
        answer: OfferAnswer,
    },
    /// Dial a leg into a room.
    DialLeg(DialLeg),
    /// Put a member on hold or take them off.
    Hold {
        /// The carrier's room id.
        external_room_id: String,
        /// Our label of the leg.
        leg: Token,
        /// On or off.
        on: bool,
    },
    /// Mute a member or not.
    Mute {
        /// The carrier's room id.
        external_room_id: String,
        /// Our label of the leg.
        leg: Token,
        /// On or off.
        on: bool,
    },
    /// End one leg, whether it is in a room or still ringing.
    Drop {
        /// The carrier's call id.
        external_id: String,
    },
    /// End a room and every leg in it.
    EndRoom {
        /// The carrier's room id.
        external_room_id: String,
    },
    /// Press keys on a leg.
    SendDtmf {
        /// The carrier's call id.
        external_id: String,
        /// The keys.
        digits: Digits,
    },
    /// Send a text message.
    SendText(SendText),
}

/// The answer to an incoming call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OfferAnswer {
    /// Do not take the call.
    Reject(RejectReason),
    /// Say something and end the call.
    HangUp {
        /// What is said first, if anything.
        say: Option<Speech>,
    },
    /// Put the person into a room of their own, where they wait with music until somebody comes.
    WaitInRoom {
        /// The room's name.
        room: Token,
        /// Our label of the person's leg.
        label: Token,
        /// What is said first, if anything.
        say: Option<Speech>,
        /// Asked for what to play, again and again while the person waits.
        wait_url: String,
        /// Told who joins and leaves. A carrier keeps the first one it is given for a room.
        room_status_url: String,
    },
    /// Ask for one key, then go to `action_url` with or without one.
    AskNeed {
        /// What is asked.
        say: Speech,
        /// How long to wait for a key, in seconds.
        key_wait_s: u8,
        /// Where the answer goes.
        action_url: String,
    },
    /// Fetch the next answer elsewhere.
    Redirect {
        /// Where.
        url: String,
    },
}

/// How a rejected call sounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RejectReason {
    /// A busy tone.
    Busy,
    /// Not in service.
    Declined,
}

/// One step of what a waiting person hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WaitStep {
    /// Speak.
    Say(Speech),
    /// Play a sound file.
    Play {
        /// Where the file is.
        url: String,
    },
    /// Be silent.
    Pause {
        /// For how long, in seconds.
        pause_s: u8,
    },
}

/// Text to be spoken. It is ours, from the plan; nothing a person said goes in here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Speech {
    text: String,
    language: String,
}

/// Why a text cannot be spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SpeechRefusal {
    /// Longer than [`MAX_SPEECH_CHARS`].
    #[error("the text to speak is longer than {MAX_SPEECH_CHARS} characters, split it")]
    TooLong,
    /// Not a language tag.
    #[error("the language is not a tag such as en-US")]
    Language,
}

impl Speech {
    /// A text in a language (a tag such as `en-US`).
    ///
    /// # Errors
    /// [`SpeechRefusal`] when the text is too long or the tag is not one.
    pub fn new(text: impl Into<String>, language: &str) -> Result<Self, SpeechRefusal> {
        let text = text.into();
        if text.chars().count() > MAX_SPEECH_CHARS {
            return Err(SpeechRefusal::TooLong);
        }
        let tag =
            (2..=35).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !tag {
            return Err(SpeechRefusal::Language);
        }
        Ok(Self { text, language: language.to_owned() })
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The language tag.
    #[must_use]
    pub fn language(&self) -> &str {
        &self.language
    }
}

/// Dial a leg into a room. Idempotent by its label while the leg lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialLeg {
    /// Our label of the leg: the idempotency key.
    pub leg: Token,
    /// The room's name.
    pub room: Token,
    /// Whom to dial.
    pub to: Address,
    /// The number shown to them.
    pub from: PhoneNumber,
    /// How long the phone may alert, in seconds.
    pub ring_s: u16,
    /// Whether the room ends when this leg leaves it.
    pub end_room_on_exit: bool,
    /// Told how the leg gets on.
    pub status_url: String,
    /// Told who joins and leaves, in case this leg is the first in the room.
    pub room_status_url: Option<String>,
}

/// Send a text message. Not idempotent at any carrier: never repeat it blindly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendText {
    /// To whom.
    pub to: PhoneNumber,
    /// From which line of ours.
    pub from: PhoneNumber,
    /// What.
    pub body: Words,
    /// Told how the message gets on.
    pub status_url: Option<String>,
}

/// What came of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandResult {
    /// The carrier took it.
    Accepted {
        /// The carrier's id of what it made or changed; `None` where what was asked for was already so.
        external_id: Option<String>,
    },
    /// The carrier did not take it, and nothing happened.
    Refused {
        /// The carrier's error code, or the HTTP status where it gave none.
        code: u32,
        /// What the code means, in our words: a carrier's own message may carry a person's number.
        message: &'static str,
    },
    /// It may or may not have happened: list at the carrier, never repeat blindly.
    Ambiguous,
}
