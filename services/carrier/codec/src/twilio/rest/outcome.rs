//! What an HTTP answer means for the command that caused it.
//!
//! | answer | dial, text (creates) | hold, mute (modify) | drop, end room (remove) | list, fetch (read) |
//! |---|---|---|---|---|
//! | 2xx with an id | accepted | accepted | accepted | accepted |
//! | 2xx unreadable | ambiguous | accepted | accepted | accepted |
//! | code 16026 label in use | look up by label | refused | refused | refused |
//! | 404 or code 20404 | refused | refused | already so | refused |
//! | code 21220 call not in progress | refused | refused | already so | refused |
//! | 429 or code 20429 | repeat later | repeat later | repeat later | repeat later |
//! | 408, 3xx, 5xx, anything below 200 | ambiguous | repeat later | repeat later | repeat later |
//! | other 4xx | refused | refused | refused | refused |
//! | no answer, connection made | ambiguous | repeat later | repeat later | repeat later |
//! | no connection | repeat later | repeat later | repeat later | repeat later |
//!
//! 429 is safe to repeat even for a create: the request was turned away before it was looked at.

use serde_json::Value;

use super::list::MAX_ANSWER_BYTES;
use crate::model::CommandResult;

/// What a command does at the carrier, which decides whether doubt can be settled by repeating.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommandKind {
    /// Add a participant: a phone rings. Bound by its label.
    Dial,
    /// Send a text, press keys. Bound by nothing.
    Create,
    /// Hold, mute, end on exit.
    Modify,
    /// Remove a participant, end a call or a conference.
    Remove,
    /// List or fetch.
    Read,
}

impl CommandKind {
    fn repeatable(self) -> bool {
        matches!(self, Self::Modify | Self::Remove | Self::Read)
    }
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Done. The call, conference or message it is about, where the answer says.
    Accepted {
        /// The carrier's id.
        external_id: Option<String>,
    },
    /// What was asked for was already so.
    AlreadySo,
    /// A leg with this label lives: fetch it, it is the one an earlier attempt made.
    LookUpByLabel,
    /// Nothing lasting happened, or repeating does no harm: send the same request again after a pause.
    RepeatLater {
        /// The code or status; 0 where there was no answer.
        code: u32,
    },
    /// Not done and will not be.
    Refused {
        /// The code or, without one, the status.
        code: u32,
        /// What it means, in our words.
        message: &'static str,
    },
    /// It may have happened: list, never repeat blindly.
    Ambiguous,
}

impl Outcome {
    /// The outcome as a command's result. What has to be looked up is ambiguous until then; what should be repeated is
    /// `None`.
    #[must_use]
    pub fn result(self) -> Option<CommandResult> {
        match self {
            Self::Accepted { external_id } => Some(CommandResult::Accepted { external_id }),
            Self::AlreadySo => Some(CommandResult::Accepted { external_id: None }),
            Self::Refused { code, message } => Some(CommandResult::Refused { code, message }),
            Self::LookUpByLabel | Self::Ambiguous => Some(CommandResult::Ambiguous),
            Self::RepeatLater { .. } => None,
        }
    }
}

/// Judges an answer by the table above.
#[must_use]
pub fn classify(kind: CommandKind, status: u16, body: &[u8]) -> Outcome {
    let answer: Option<Value> = if body.len() <= MAX_ANSWER_BYTES { serde_json::from_slice(body).ok() } else { None };
    if (200..300).contains(&status) {
        let id = answer.as_ref().and_then(external_id);
        return match (kind, id) {
            (CommandKind::Dial | CommandKind::Create, None) => Outcome::Ambiguous,
            (_, external_id) => Outcome::Accepted { external_id },
        };
    }
    if !(400..500).contains(&status) || status == 408 {
        return doubt(kind, u32::from(status));
    }
    let code =
        answer.as_ref().and_then(|answer| answer.get("code")?.as_u64()).and_then(|code| u32::try_from(code).ok());
    let code = code.unwrap_or(u32::from(status));
    match (code, status) {
        (16026, _) if kind == CommandKind::Dial => Outcome::LookUpByLabel,
        (20429, _) | (_, 429) => Outcome::RepeatLater { code },
        (20404 | 21220, _) | (_, 404) if kind == CommandKind::Remove => Outcome::AlreadySo,
        _ => Outcome::Refused { code, message: meaning(code, status) },
    }
}

/// Judges the absence of an answer. `sent` is false only if no connection came about, so that nothing can have happened.
#[must_use]
pub fn classify_no_answer(kind: CommandKind, sent: bool) -> Outcome {
    if sent { doubt(kind, 0) } else { Outcome::RepeatLater { code: 0 } }
}

fn doubt(kind: CommandKind, code: u32) -> Outcome {
    if kind.repeatable() { Outcome::RepeatLater { code } } else { Outcome::Ambiguous }
}

fn external_id(answer: &Value) -> Option<String> {
    let id = ["call_sid", "sid"].iter().find_map(|name| answer.get(name)?.as_str())?;
    let shaped = id.len() == 34 && id.bytes().all(|b| b.is_ascii_alphanumeric());
    shaped.then(|| id.to_owned())
}

fn meaning(code: u32, status: u16) -> &'static str {
    match (code, status) {
        (16023 | 16024, _) => "the leg's label is not one the carrier takes",
        (16025 | 16026, _) => "the leg's label is already in use",
        (20003, _) | (_, 401) => "the carrier does not accept our credentials, check the account's settings",
        (_, 403) => "the account may not do this, check its permissions at the carrier",
        (20404, _) | (_, 404) => "the carrier does not know this call, room or leg, it is probably over",
        (21211 | 21214 | 21217 | 21401, _) => "the number to dial is not valid",
        (21210 | 21212, _) => "the number to show is not one of the account's",
        (21215 | 21408, _) => "the account may not dial this region, check its geographic permissions",
        (21220, _) => "the call is not in progress",
        (21610, _) => "the person has opted out of texts from this line",
        (21617, _) => "the text is too long",
        _ => "the carrier refused, look its code up in the carrier's list",
    }
}
