//! The URLs we give a carrier to call back, built and read in one place so that both ends agree.
//!
//! `{public base}/v1/carriers/{account}/{hook}?contact=…&leg=…&message=…`. Signatures are computed over the configured public base and
//! the path and query of the request; the Host header and forwarding headers are never consulted.

use std::fmt;

use crate::limits::MAX_URL_BYTES;
use crate::token::{Token, TokenRefusal};

const PREFIX: &str = "/v1/carriers/";

/// What a callback is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hook {
    /// A new incoming call.
    Voice,
    /// The key pressed when asked for the need.
    Need,
    /// What shall the waiting person hear next.
    Wait,
    /// Who joined or left the room.
    Room,
    /// How a dialed leg gets on.
    Leg,
    /// How the person's own leg gets on.
    Status,
    /// A text message came in.
    Text,
    /// How a text message of ours gets on.
    TextStatus,
}

impl Hook {
    /// Every hook.
    pub const ALL: [Self; 8] =
        [Self::Voice, Self::Need, Self::Wait, Self::Room, Self::Leg, Self::Status, Self::Text, Self::TextStatus];

    /// Its segment in the path.
    #[must_use]
    pub fn segment(self) -> &'static str {
        match self {
            Self::Voice => "voice",
            Self::Need => "need",
            Self::Wait => "wait",
            Self::Room => "room",
            Self::Leg => "leg",
            Self::Status => "status",
            Self::Text => "text",
            Self::TextStatus => "text-status",
        }
    }
}

/// One callback: which account, which hook, and whom it is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Callback {
    /// Our id of the carrier account.
    pub account: Token,
    /// What it is about.
    pub hook: Hook,
    /// The contact, once there is one.
    pub contact: Option<Token>,
    /// Our label of the leg.
    pub leg: Option<Token>,
    /// Which of the contact's messages, from 1.
    pub message: Option<u32>,
}

/// Why a path and query is not one of our callbacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CallbackRefusal {
    /// Not under `/v1/carriers/` or not account and hook.
    #[error("not a carrier callback path")]
    Path,
    /// An unknown hook.
    #[error("unknown carrier hook")]
    Hook,
    /// The account in the path is not a token.
    #[error("the account in the callback path is malformed: {0}")]
    Account(TokenRefusal),
    /// The contact in the query is not a token.
    #[error("the contact in the callback query is malformed: {0}")]
    Contact(TokenRefusal),
    /// The leg in the query is not a token.
    #[error("the leg in the callback query is malformed: {0}")]
    Leg(TokenRefusal),
    /// The message in the query is not a number from 1 that fits 32 bits.
    #[error("the message in the callback query is not a number from 1")]
    Message,
    /// `contact`, `leg` or `message` given twice.
    #[error("the callback query names its contact, leg or message twice")]
    Repeated,
}

impl Callback {
    /// Reads the path and query of a request. Query names other than `contact`, `leg` and `message` are ignored.
    ///
    /// # Errors
    /// [`CallbackRefusal`] when it is not one of ours.
    pub fn parse(path_and_query: &str) -> Result<Self, CallbackRefusal> {
        let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
        let (account, hook) =
            path.strip_prefix(PREFIX).and_then(|rest| rest.split_once('/')).ok_or(CallbackRefusal::Path)?;
        let account = Token::parse(account).map_err(CallbackRefusal::Account)?;
        let hook = Hook::ALL.into_iter().find(|known| known.segment() == hook).ok_or(CallbackRefusal::Hook)?;
        let (mut contact, mut leg, mut message) = (None, None, None);
        for piece in query.split('&') {
            // Tokens need no escaping, so an escaped one is not ours and falls out as malformed.
            match piece.split_once('=') {
                Some(("contact", value)) => {
                    once(&mut contact, Token::parse(value).map_err(CallbackRefusal::Contact)?)?;
                }
                Some(("leg", value)) => once(&mut leg, Token::parse(value).map_err(CallbackRefusal::Leg)?)?,
                Some(("message", value)) => once(&mut message, number(value).ok_or(CallbackRefusal::Message)?)?,
                _ => {}
            }
        }
        Ok(Self { account, hook, contact, leg, message })
    }

    /// The path and query of this callback.
    #[must_use]
    pub fn path_and_query(&self) -> String {
        let mut out = format!("{PREFIX}{}/{}", self.account, self.hook.segment());
        let token = |token: &Option<Token>| token.as_ref().map(|token| token.as_str().to_owned());
        let message = self.message.map(|message| message.to_string());
        let named = [("contact", token(&self.contact)), ("leg", token(&self.leg)), ("message", message)];
        let given = named.into_iter().filter_map(|(name, value)| value.map(|value| (name, value)));
        for (mark, (name, value)) in ['?', '&', '&'].into_iter().zip(given) {
            out.push(mark);
            out.push_str(name);
            out.push('=');
            out.push_str(&value);
        }
        out
    }
}

/// One spelling for one number: no sign, no leading zero.
fn number(text: &str) -> Option<u32> {
    text.parse().ok().filter(|number: &u32| *number > 0 && number.to_string() == text)
}

fn once<T>(slot: &mut Option<T>, value: T) -> Result<(), CallbackRefusal> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(CallbackRefusal::Repeated),
    }
}

/// The configured public address of this service, as the carrier sees it: scheme, host, perhaps port and path prefix.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicBase(String);

/// Why a configured public address is not usable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PublicBaseRefusal {
    /// Not http or https.
    #[error("the public address must begin with https:// (or http:// for a test)")]
    Scheme,
    /// No host, or user information in it.
    #[error("the public address needs a host and must not carry a user name or password")]
    Host,
    /// Query, fragment, spaces, non-ASCII, or too long.
    #[error(
        "the public address must be plain printable ascii without query or fragment, at most {MAX_URL_BYTES} bytes"
    )]
    Shape,
}

impl PublicBase {
    /// Takes a configured address such as `https://hook.example.org`.
    ///
    /// # Errors
    /// [`PublicBaseRefusal`] when it is not usable.
    pub fn parse(text: &str) -> Result<Self, PublicBaseRefusal> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let rest = rest.ok_or(PublicBaseRefusal::Scheme)?;
        let plain =
            text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'?' | b'#' | b'\\' | b'"' | b'<' | b'>'));
        if !plain || text.len() > MAX_URL_BYTES {
            return Err(PublicBaseRefusal::Shape);
        }
        let authority = rest.split('/').next().unwrap_or_default();
        if authority.is_empty() || authority.starts_with(':') || authority.contains('@') {
            return Err(PublicBaseRefusal::Host);
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }

    /// The full URL of a callback, to give to a carrier.
    #[must_use]
    pub fn url(&self, callback: &Callback) -> String {
        format!("{}{}", self.0, callback.path_and_query())
    }

    /// The URL a request must have been signed for: this base and the request's path and query as received, escapes and all.
    #[must_use]
    pub fn signed_url(&self, path_and_query: &str) -> String {
        format!("{}{path_and_query}", self.0)
    }

    /// The address itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PublicBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicBase({})", self.0)
    }
}
