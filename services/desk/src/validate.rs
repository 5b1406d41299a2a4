//! Whether what a desk says is well formed, in words that say what to do. Whether it is allowed is the router's to decide.

use holdfast_proto::desk::v1::work_request::SignIn;

mod command;

pub(crate) use command::command;

/// Bytes in a note, at most.
pub(crate) const NOTE_BYTES_MAX: usize = 8_000;

/// Bytes in a message to a person, at most.
pub(crate) const TEXT_BYTES_MAX: usize = 1_600;

/// Bytes in an audio address, at most.
pub(crate) const AUDIO_BYTES_MAX: usize = 256;

/// A field that is not well formed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed {
    pub(crate) field: &'static str,
    pub(crate) message: String,
}

pub(crate) fn malformed<T>(field: &'static str, message: impl Into<String>) -> Result<T, Malformed> {
    Err(Malformed { field, message: message.into() })
}

/// The idempotency key of a command.
pub(crate) fn request_id(id: &str) -> Result<(), Malformed> {
    match uuid::Uuid::try_parse(id) {
        Ok(_) => Ok(()),
        Err(_) => malformed("request_id", "must be a UUID chosen by the desk, such as a version 4 one"),
    }
}

/// What a sign-in says.
pub(crate) fn sign_in(sign_in: &SignIn) -> Result<(), Malformed> {
    let address = &sign_in.audio_address;
    let well_formed = address.is_empty()
        || is_e164(address)
        || ["sip:", "sips:"].iter().any(|scheme| address.strip_prefix(scheme).is_some_and(|rest| rest.contains('@')));
    if address.len() > AUDIO_BYTES_MAX || address.chars().any(|c| c.is_control() || c == ' ') || !well_formed {
        return malformed(
            "sign_in.audio_address",
            "must be a number in E.164, such as +15555550100, or a SIP address, such as sip:ana@example.org",
        );
    }
    Ok(())
}

fn is_e164(address: &str) -> bool {
    address
        .strip_prefix('+')
        .is_some_and(|digits| (7..=15).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit()))
}

pub(crate) fn contact_id(field: &'static str, id: &str) -> Result<(), Malformed> {
    if is_contact_id(id) { Ok(()) } else { malformed(field, "must be 32 lowercase hexadecimal digits") }
}

fn is_contact_id(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn offer_id(field: &'static str, id: &str) -> Result<(), Malformed> {
    let well_formed = id.split_once('-').is_some_and(|(contact, attempt)| {
        is_contact_id(contact) && attempt.len() <= 10 && attempt.parse::<u32>().is_ok()
    });
    if well_formed { Ok(()) } else { malformed(field, "must be a contact's id, a dash and a number") }
}

#[cfg(test)]
mod tests;
