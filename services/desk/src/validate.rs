//! Whether what a desk says is well formed, in words that say what to do. Whether it is allowed is the router's to decide.

use holdfast_chassis::access::Principal;
use holdfast_proto::desk::v1::work_request::{Say, SignIn};
use holdfast_proto::router::v1::{Channel, Readiness, SetReadiness, SignOff, command::Kind};

/// Bytes in a note, at most.
pub(crate) const NOTE_BYTES_MAX: usize = 8_000;

/// Bytes in an audio address, at most.
pub(crate) const AUDIO_BYTES_MAX: usize = 256;

/// A field that is not well formed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed {
    pub(crate) field: &'static str,
    pub(crate) message: String,
}

fn malformed<T>(field: &'static str, message: impl Into<String>) -> Result<T, Malformed> {
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

/// A command as the router takes it, spoken by `who`, and its name for metrics.
pub(crate) fn command(say: Say, who: &Principal) -> Result<(Kind, &'static str), Malformed> {
    let counselor_id = who.name.clone();
    // The desk's own idea of who speaks is overwritten, never compared: the token decides.
    Ok(match say {
        Say::SignIn(_) => return malformed("sign_in", "this stream is signed in already; open a new one"),
        Say::Beat(_) => return malformed("beat", "a beat is no command"),
        Say::SetReadiness(set) => {
            readiness(&set)?;
            (Kind::SetReadiness(SetReadiness { counselor_id, ..set }), "set_readiness")
        }
        Say::AcceptOffer(mut accept) => {
            offer_id("accept_offer.offer_id", &accept.offer_id)?;
            accept.counselor_id = counselor_id;
            (Kind::AcceptOffer(accept), "accept_offer")
        }
        Say::DeclineOffer(mut decline) => {
            offer_id("decline_offer.offer_id", &decline.offer_id)?;
            decline.counselor_id = counselor_id;
            (Kind::DeclineOffer(decline), "decline_offer")
        }
        Say::HoldPerson(mut hold) => {
            contact_id("hold_person.contact_id", &hold.contact_id)?;
            hold.counselor_id = counselor_id;
            (Kind::HoldPerson(hold), "hold_person")
        }
        Say::EndContact(mut end) => {
            contact_id("end_contact.contact_id", &end.contact_id)?;
            end.counselor_id = counselor_id;
            (Kind::EndContact(end), "end_contact")
        }
        Say::GiveBack(mut back) => {
            contact_id("give_back.contact_id", &back.contact_id)?;
            back.counselor_id = counselor_id;
            (Kind::GiveBack(back), "give_back")
        }
        Say::FinishWrapUp(mut finish) => {
            contact_id("finish_wrap_up.contact_id", &finish.contact_id)?;
            finish.counselor_id = counselor_id;
            (Kind::FinishWrapUp(finish), "finish_wrap_up")
        }
        Say::ExtendWrapUp(mut extend) => {
            contact_id("extend_wrap_up.contact_id", &extend.contact_id)?;
            extend.counselor_id = counselor_id;
            (Kind::ExtendWrapUp(extend), "extend_wrap_up")
        }
        Say::WriteNote(mut note) => {
            contact_id("write_note.contact_id", &note.contact_id)?;
            words(&note.words)?;
            note.counselor_id = counselor_id;
            (Kind::WriteNote(note), "write_note")
        }
        Say::SignOff(_) => (Kind::SignOff(SignOff { counselor_id }), "sign_off"),
    })
}

fn contact_id(field: &'static str, id: &str) -> Result<(), Malformed> {
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

fn readiness(set: &SetReadiness) -> Result<(), Malformed> {
    let wanted = Readiness::try_from(set.readiness).unwrap_or(Readiness::Unspecified);
    if wanted == Readiness::Unspecified {
        return malformed("set_readiness.readiness", "must say what you are ready for");
    }
    let known = |channel: &i32| !matches!(Channel::try_from(*channel), Ok(Channel::Unspecified) | Err(_));
    let channels = &set.channels;
    match wanted {
        Readiness::AvailableFor if channels.is_empty() => {
            malformed("set_readiness.channels", "must name at least one channel")
        }
        Readiness::AvailableFor if channels.len() > 3 || !channels.iter().all(known) => {
            malformed("set_readiness.channels", "must be voice, text or chat, each once")
        }
        Readiness::AvailableFor => Ok(()),
        _ if !channels.is_empty() => {
            malformed("set_readiness.channels", "must be empty unless the readiness is for some channels")
        }
        _ => Ok(()),
    }
}

fn words(words: &str) -> Result<(), Malformed> {
    match words.len() {
        0 => malformed("write_note.words", "must not be empty"),
        length if length > NOTE_BYTES_MAX => malformed(
            "write_note.words",
            format!("must be at most {NOTE_BYTES_MAX} bytes; this note has {length}. Split it in two"),
        ),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
