//! Verified Twilio webhooks, read into the common model.
//!
//! Unknown parameters are ignored: Twilio adds some without notice. What we need is checked for shape and length. What could
//! keep a person out for no good reason (a withheld or strange caller number) is not an error but `None`. Only a text needs its
//! sender's number: without it there is nobody to answer.

mod fields;
mod opt_out;
mod room;
mod text;

use crate::callback::{Callback, Hook};
use crate::model::{Address, CallOffered, Digits, Event, EventKind, FailCause, LegState, PhoneNumber, Trust};
use crate::twilio::sid::AccountSid;
use crate::twilio::signature::{VerifiedForm, body_sha256_hex};
use fields::Fields;

pub use opt_out::opt_out_word;
pub(crate) use text::text_progress;

/// The longest value taken for one of the fields below that goes into the model, in bytes; what a person wrote may be as long
/// as [`crate::limits::MAX_VALUE_BYTES`], ten times what the carrier sends in one message.
pub const MAX_FIELD_BYTES: usize = 512;

/// The parameters we read; only these names are ever repeated in an error.
pub const KNOWN_FIELDS: &[&str] = &[
    "AccountSid",
    "Body",
    "CallSid",
    "CallStatus",
    "ConferenceSid",
    "Digits",
    "ErrorCode",
    "ForwardedFrom",
    "FriendlyName",
    "From",
    "MessageSid",
    "MessageStatus",
    "NumMedia",
    "OptOutType",
    "ParticipantCallStatus",
    "ParticipantLabel",
    "QueueTime",
    "ReasonParticipantLeft",
    "SequenceNumber",
    "SmsSid",
    "SmsStatus",
    "StatusCallbackEvent",
    "StirVerstat",
    "To",
];

/// What a webhook comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// Something to act on.
    Event(Box<Event>),
    /// Nothing of ours changed; answer it as received.
    Ignored(Ignored),
}

/// Why a well-formed webhook is nothing to act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ignored {
    /// The room itself started or ended; its members' changes are told one by one.
    RoomItself,
    /// A kind of room event we have no use for.
    OtherRoomEvent,
    /// A call status we do not know.
    OtherCallStatus,
    /// A message status we do not know, or one of an incoming message.
    OtherTextStatus,
}

/// Why a signed webhook cannot be read. The field's value is never repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookRefusal {
    /// A required field is absent or empty.
    #[error("required field {0} is missing")]
    Missing(&'static str),
    /// A field is longer than it can rightly be.
    #[error("field {0} is too long")]
    TooLong(&'static str),
    /// A field has the wrong shape.
    #[error("field {0} is malformed")]
    Malformed(&'static str),
    /// A field came more than once with different values.
    #[error("field {0} is given more than once with different values")]
    Repeated(&'static str),
    /// A number on another channel than text messages, such as `whatsapp:`.
    #[error("field {0} is of another channel than text messages; point that channel's webhook elsewhere")]
    OtherChannel(&'static str),
    /// The account is not the one this callback URL belongs to.
    #[error("the webhook is about another account than its url")]
    OtherAccount,
}

/// Reads a verified webhook that arrived at `callback` for `account`.
///
/// # Errors
/// [`WebhookRefusal`] naming the field and what is wrong with it. Answer 400; for [`Hook::Voice`] let the carrier go to its
/// fallback, so that the person still reaches a human.
pub fn read(callback: &Callback, account: &AccountSid, verified: &VerifiedForm) -> Result<Reading, WebhookRefusal> {
    let fields = Fields(verified.form());
    if fields.account()? != *account {
        return Err(WebhookRefusal::OtherAccount);
    }
    match callback.hook {
        Hook::Voice => voice(&fields, callback),
        Hook::Need => need(&fields, callback),
        Hook::Wait => wait(&fields, callback),
        Hook::Room => room::read(&fields, callback),
        Hook::Leg | Hook::Status => leg(&fields, callback),
        Hook::Text => text::incoming(&fields, callback),
        Hook::TextStatus => text::progress(&fields, callback),
    }
}

fn voice(fields: &Fields<'_>, callback: &Callback) -> Result<Reading, WebhookRefusal> {
    let call = fields.call()?;
    let to = Address::parse(fields.required("To")?).map_err(|_| WebhookRefusal::Malformed("To"))?;
    let offered = CallOffered {
        from: caller(fields.optional("From")?),
        to,
        diverted_from: caller(fields.optional("ForwardedFrom")?),
        trust: fields.optional("StirVerstat")?.map_or(Trust::None, trust),
    };
    // One call is offered once, however often its first document is fetched: the status is not part of the key.
    let dedupe_key = format!("{call}/voice");
    event(fields, callback, call.as_str(), dedupe_key, EventKind::CallOffered(offered))
}

fn need(fields: &Fields<'_>, callback: &Callback) -> Result<Reading, WebhookRefusal> {
    let call = fields.call()?;
    let pressed = fields.optional("Digits")?.unwrap_or_default();
    let digits = Digits::parse(pressed).ok_or(WebhookRefusal::Malformed("Digits"))?;
    // Another key pressed when asked again is another event. The key itself stays out of the text, which may be logged.
    let mut hash = body_sha256_hex(format!("{call}/{pressed}").as_bytes());
    hash.truncate(16);
    let dedupe_key = format!("{call}/need/{hash}");
    event(fields, callback, call.as_str(), dedupe_key, EventKind::Dtmf { digits })
}

fn wait(fields: &Fields<'_>, callback: &Callback) -> Result<Reading, WebhookRefusal> {
    let call = fields.call()?;
    let waited_s = fields.number("QueueTime")?.and_then(|seconds| u32::try_from(seconds).ok());
    // Ticks of one call are all alike: a sign of life, worth nothing twice.
    let dedupe_key = format!("{call}/wait");
    event(fields, callback, call.as_str(), dedupe_key, EventKind::WaitTick { waited_s })
}

fn leg(fields: &Fields<'_>, callback: &Callback) -> Result<Reading, WebhookRefusal> {
    let call = fields.call()?;
    let status = fields.required("CallStatus")?;
    let state = match status {
        "queued" | "initiated" => LegState::Initiated,
        "ringing" => LegState::Ringing,
        "in-progress" | "answered" => LegState::Answered,
        "completed" => LegState::Ended,
        other => match fail_cause(other) {
            Some(cause) => LegState::Failed(cause),
            None => return Ok(Reading::Ignored(Ignored::OtherCallStatus)),
        },
    };
    let sequence = fields.sequence_text()?;
    let dedupe_key = format!("{call}/{}/{status}/{sequence}", callback.hook.segment());
    let kind = EventKind::LegState { label: callback.leg.clone(), state };
    event(fields, callback, call.as_str(), dedupe_key, kind)
}

fn event(
    fields: &Fields<'_>,
    callback: &Callback,
    external_id: &str,
    dedupe_key: String,
    kind: EventKind,
) -> Result<Reading, WebhookRefusal> {
    Ok(Reading::Event(Box::new(Event {
        external_id: external_id.to_owned(),
        dedupe_key,
        sequence: fields.number("SequenceNumber")?,
        contact: callback.contact.clone(),
        kind,
    })))
}

fn fail_cause(status: &str) -> Option<FailCause> {
    match status {
        "busy" => Some(FailCause::Busy),
        "no-answer" => Some(FailCause::NoAnswer),
        "failed" => Some(FailCause::Failed),
        "canceled" => Some(FailCause::Canceled),
        _ => None,
    }
}

/// Twilio's spellings of a withheld number: words, and those words typed on a telephone's keys.
const WITHHELD_KEYS: [&str; 5] = ["+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"];

fn caller(from: Option<&str>) -> Option<PhoneNumber> {
    let from = from?.trim();
    if WITHHELD_KEYS.iter().any(|key| *key == from || key.strip_prefix('+') == Some(from)) {
        return None;
    }
    let user = from.strip_prefix("sip:").or_else(|| from.strip_prefix("sips:"));
    PhoneNumber::parse(user.map_or(from, |user| user.split(['@', ';']).next().unwrap_or_default())).ok()
}

fn trust(verstat: &str) -> Trust {
    let passed = verstat.strip_prefix("TN-Validation-Passed");
    match passed.map(|rest| rest.strip_prefix('-').unwrap_or(rest).as_bytes().first()) {
        Some(Some(b'A')) => Trust::A,
        Some(Some(b'B')) => Trust::B,
        Some(Some(b'C')) => Trust::C,
        _ if verstat.starts_with("TN-Validation-Failed") => Trust::Failed,
        _ => Trust::None,
    }
}
