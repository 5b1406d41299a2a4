//! What a board says: read, checked, and answered in words for whoever said it.

use serde::{Deserialize, Serialize};

use crate::frame::json;

/// Bytes of an id that a board gives us, at most.
const ID_BYTES_MAX: usize = 256;

/// Bytes of a request id, at most: a UUID with room.
const REQUEST_ID_BYTES_MAX: usize = 64;

/// One thing said. The same id again changes nothing.
#[derive(Debug, Deserialize)]
pub(crate) struct Say {
    pub(crate) request_id: String,
    #[serde(flatten)]
    pub(crate) what: What,
}

/// What.
#[derive(Debug, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub(crate) enum What {
    /// A snapshot, please.
    Resync,
    /// All rows, or the most urgent only.
    AllRows { on: bool },
    /// I have seen to this decision.
    Acknowledge { decision: String },
    /// I come to help.
    AnswerHelp { counselor_id: String },
}

/// Why a message was not understood. It says nothing of what was in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SayError {
    /// Not JSON of ours.
    #[error("this is no message a board knows: give request_id, and say resync, all_rows, acknowledge or answer_help")]
    Unknown,
    /// The request id is empty, too long or odd.
    #[error("request_id must be a UUID")]
    RequestId,
    /// An id is empty or too long.
    #[error("decision or counselor_id must have 1 to {ID_BYTES_MAX} bytes")]
    Id,
}

impl Say {
    /// Reads one message.
    ///
    /// # Errors
    /// [`SayError`], for the answer.
    pub(crate) fn read(text: &str) -> Result<Self, SayError> {
        let say: Self = serde_json::from_str(text).map_err(|_| SayError::Unknown)?;
        let plain = say.request_id.bytes().all(|it| it.is_ascii_hexdigit() || it == b'-');
        if say.request_id.is_empty() || say.request_id.len() > REQUEST_ID_BYTES_MAX || !plain {
            return Err(SayError::RequestId);
        }
        match &say.what {
            What::Acknowledge { decision: id } | What::AnswerHelp { counselor_id: id }
                if id.is_empty() || id.len() > ID_BYTES_MAX =>
            {
                Err(SayError::Id)
            }
            _ => Ok(say),
        }
    }
}

/// What became of something said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Answer {
    r#type: &'static str,
    request_id: String,
    code: &'static str,
    reason: String,
    message: String,
}

impl Answer {
    pub(crate) fn ok(request_id: String) -> Self {
        Self { r#type: "answer", request_id, code: "ok", reason: String::new(), message: String::new() }
    }

    pub(crate) fn refused(request_id: String, reason: &str, message: impl Into<String>) -> Self {
        Self { r#type: "answer", request_id, code: "refused", reason: reason.to_owned(), message: message.into() }
    }

    pub(crate) fn frame(&self) -> String {
        json(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0190f3c2-0000-7000-8000-000000000001";

    #[test]
    fn what_a_board_says_is_read_and_the_rest_is_refused_in_words() {
        for (say, expected) in [
            (r#""say":"resync""#, "Resync"),
            (r#""say":"all_rows","on":true"#, "AllRows { on: true }"),
            (r#""say":"acknowledge","decision":"sl:""#, "Acknowledge { decision: \"sl:\" }"),
            (r#""say":"answer_help","counselor_id":"ana""#, "AnswerHelp { counselor_id: \"ana\" }"),
        ] {
            let read = Say::read(&format!("{{\"request_id\":\"{ID}\",{say}}}")).unwrap();
            assert_eq!((read.request_id.as_str(), format!("{:?}", read.what).as_str()), (ID, expected));
        }
        let long = "x".repeat(257);
        for (message, error) in [
            ("", SayError::Unknown),
            ("[]", SayError::Unknown),
            (r#"{"say":"resync"}"#, SayError::Unknown),
            (r#"{"request_id":"a","say":"shout"}"#, SayError::Unknown),
            (r#"{"request_id":"a","say":"all_rows"}"#, SayError::Unknown),
            (r#"{"request_id":"","say":"resync"}"#, SayError::RequestId),
            (r#"{"request_id":"no uuid","say":"resync"}"#, SayError::RequestId),
            (r#"{"request_id":"a","say":"acknowledge","decision":""}"#, SayError::Id),
            (&format!(r#"{{"request_id":"a","say":"answer_help","counselor_id":"{long}"}}"#), SayError::Id),
        ] {
            assert_eq!(Say::read(message).unwrap_err(), error, "{message}");
        }
    }
}
