//! Whether a request is well formed, in words that say what to do. Whether it is allowed is the router's to decide.

use holdfast_proto::handoff::v1::{RecordConsentRequest, StartRequest};
use holdfast_proto::router::v1::HandoffToward;
use tonic::Status;

use crate::refusal;

/// Bytes in a note, at most.
pub(crate) const NOTE_BYTES_MAX: usize = 8_000;

/// Bytes in a name of the plan, at most: a type of peer, a skill, somebody's id.
pub(crate) const NAME_BYTES_MAX: usize = 64;

/// Skills asked for in one handoff, at most.
pub(crate) const SKILLS_MAX: usize = 16;

/// A field that is not well formed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed {
    field: &'static str,
    message: String,
}

impl From<Malformed> for Status {
    fn from(malformed: Malformed) -> Self {
        refusal::field(malformed.field, malformed.message)
    }
}

fn malformed(field: &'static str, message: impl Into<String>) -> Result<(), Malformed> {
    Err(Malformed { field, message: message.into() })
}

/// The idempotency key of a command.
pub(crate) fn request_id(id: &str) -> Result<(), Malformed> {
    match uuid::Uuid::try_parse(id) {
        Ok(_) => Ok(()),
        Err(_) => malformed("request_id", "must be a UUID chosen by the sender, such as a version 4 one"),
    }
}

/// The name of a contact.
pub(crate) fn contact_id(id: &str) -> Result<(), Malformed> {
    if id.len() == 32 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return Ok(());
    }
    malformed("contact_id", "must be 32 lowercase hexadecimal digits")
}

/// Whom a handoff looks for.
pub(crate) fn start(start: &StartRequest) -> Result<(), Malformed> {
    if matches!(HandoffToward::try_from(start.toward), Ok(HandoffToward::Unspecified) | Err(_)) {
        return malformed("toward", "must be peer or counselor");
    }
    if start.skills.len() > SKILLS_MAX {
        return malformed("skills", format!("must be at most {SKILLS_MAX} skills of the plan"));
    }
    for skill in &start.skills {
        name("skills", skill)?;
        if skill.is_empty() {
            return malformed("skills", "must not hold an empty name");
        }
    }
    name("peer_type", &start.peer_type)?;
    name("wanted_id", &start.wanted_id)
}

fn name(field: &'static str, name: &str) -> Result<(), Malformed> {
    if name.len() > NAME_BYTES_MAX || name.chars().any(char::is_control) {
        return malformed(field, format!("must be a name of the plan, at most {NAME_BYTES_MAX} bytes"));
    }
    Ok(())
}

/// What the person answered.
pub(crate) fn consent(consent: &RecordConsentRequest) -> Result<(), Malformed> {
    match consent.note.len() {
        length if length > NOTE_BYTES_MAX => malformed(
            "note",
            format!("must be at most {NOTE_BYTES_MAX} bytes; this note has {length}. Keep what the other needs most"),
        ),
        length if length > 0 && !consent.given => {
            malformed("note", "must be empty when the person did not agree: nothing of theirs is shared")
        }
        _ => Ok(()),
    }
}
