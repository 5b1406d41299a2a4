//! Text messages at the carrier: people who write, the hooks that tell of it, what Holdfast sends, and its receipts.
//!
//! As with calls, nothing of a person's number or words leaves this module but to Holdfast: the ledger has names and marks.

mod keyword;
mod receive;
mod send;
mod store;
mod story;
mod writer;

pub use story::{InboundText, OutboundText, TextStory};
pub use writer::{Turn, WriterScript};

pub(crate) use receive::{Written, deliver};
pub(crate) use send::{TextOrder, live as send_live};
pub(crate) use store::{Message, Messages};
pub(crate) use writer::live as write_live;

use super::settings::CarrierSettings;
use serde::Serialize;

/// A message's identifier at the carrier: `SM` and 32 hex digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct MessageSid(String);

impl MessageSid {
    /// Wraps an identifier.
    #[must_use]
    pub fn new(sid: impl Into<String>) -> Self {
        Self(sid.into())
    }

    /// The identifier as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One person and one line, as the ledger names them: a keyed hash of both numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Conversation(String);

impl Conversation {
    /// Wraps a name.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn between(settings: &CarrierSettings, person: &str, line: &str) -> Self {
        let key =
            blake3::derive_key("holdfast simulated carrier: conversation", settings.auth_token.reveal().as_bytes());
        let hash = blake3::keyed_hash(&key, format!("{person} {line}").as_bytes()).to_hex();
        Self(format!("TX{}", hash.get(..16).unwrap_or_default()))
    }
}

impl std::fmt::Display for Conversation {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0)
    }
}
