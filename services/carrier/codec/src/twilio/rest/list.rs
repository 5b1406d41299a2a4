//! Listings and single records from the carrier's JSON, typed and paged: what reconciling compares with our state.
//!
//! A record without a usable id is an error, not skipped: reconciling on half a list would end calls that are fine.

use serde_json::Value;

use crate::model::PhoneNumber;
use crate::token::Token;
use crate::twilio::sid::{CallSid, ConferenceSid};

/// The largest JSON answer read, in bytes.
pub const MAX_ANSWER_BYTES: usize = 4 * 1024 * 1024;

/// One page of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The records.
    pub records: Vec<T>,
    /// Where the next page is, for [`super::Rest::next_page`]. `None` on the last.
    pub next_page_uri: Option<String>,
}

/// A conference as listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConferenceRecord {
    /// Its id.
    pub conference: ConferenceSid,
    /// Our room, if its name is one of ours.
    pub room: Option<Token>,
    /// `init`, `in-progress` or `completed`, as given.
    pub status: String,
}

/// A participant as listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParticipantRecord {
    /// Its call.
    pub call: CallSid,
    /// The conference.
    pub conference: ConferenceSid,
    /// Our label, if it has one.
    pub label: Option<Token>,
    /// `queued`, `connecting`, `ringing`, `connected`, `complete` or `failed`, as given.
    pub status: String,
    /// Whether on hold.
    pub hold: bool,
    /// Whether muted.
    pub muted: bool,
}

/// A call as listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRecord {
    /// Its id.
    pub call: CallSid,
    /// `queued`, `ringing`, `in-progress` and so on, as given.
    pub status: String,
    /// Whether it came in from outside.
    pub inbound: bool,
    /// The caller, unless withheld.
    pub from: Option<PhoneNumber>,
    /// The called number, if it is one.
    pub to: Option<PhoneNumber>,
}

/// Why an answer cannot be read. Repeats nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AnswerRefusal {
    /// More than [`MAX_ANSWER_BYTES`].
    #[error("the carrier's answer is larger than {MAX_ANSWER_BYTES} bytes, ask for smaller pages")]
    TooLarge,
    /// Not JSON.
    #[error("the carrier's answer is not json")]
    NotJson,
    /// A field is missing or of another shape.
    #[error("field {0} of the carrier's answer is missing or malformed")]
    Field(&'static str),
}

/// Reads a listing of conferences.
///
/// # Errors
/// [`AnswerRefusal`] when any record cannot be read.
pub fn parse_conferences(body: &[u8]) -> Result<Page<ConferenceRecord>, AnswerRefusal> {
    page(body, "conferences", |record| {
        Ok(ConferenceRecord {
            conference: shaped(record, "sid", ConferenceSid::parse)?,
            room: token(record, "friendly_name"),
            status: text(record, "status")?.to_owned(),
        })
    })
}

/// Reads a listing of participants.
///
/// # Errors
/// [`AnswerRefusal`] when any record cannot be read.
pub fn parse_participants(body: &[u8]) -> Result<Page<ParticipantRecord>, AnswerRefusal> {
    page(body, "participants", participant)
}

/// Reads one participant.
///
/// # Errors
/// [`AnswerRefusal`] when it cannot be read.
pub fn parse_participant(body: &[u8]) -> Result<ParticipantRecord, AnswerRefusal> {
    participant(&json(body)?)
}

/// Reads a listing of calls.
///
/// # Errors
/// [`AnswerRefusal`] when any record cannot be read.
pub fn parse_calls(body: &[u8]) -> Result<Page<CallRecord>, AnswerRefusal> {
    page(body, "calls", |record| {
        Ok(CallRecord {
            call: shaped(record, "sid", CallSid::parse)?,
            status: text(record, "status")?.to_owned(),
            inbound: text(record, "direction")? == "inbound",
            from: number(record, "from"),
            to: number(record, "to"),
        })
    })
}

fn participant(record: &Value) -> Result<ParticipantRecord, AnswerRefusal> {
    let flag = |name| record.get(name).and_then(Value::as_bool).ok_or(AnswerRefusal::Field(name));
    Ok(ParticipantRecord {
        call: shaped(record, "call_sid", CallSid::parse)?,
        conference: shaped(record, "conference_sid", ConferenceSid::parse)?,
        label: token(record, "label"),
        status: text(record, "status")?.to_owned(),
        hold: flag("hold")?,
        muted: flag("muted")?,
    })
}

pub(super) fn json(body: &[u8]) -> Result<Value, AnswerRefusal> {
    if body.len() > MAX_ANSWER_BYTES {
        return Err(AnswerRefusal::TooLarge);
    }
    serde_json::from_slice(body).map_err(|_| AnswerRefusal::NotJson)
}

pub(super) fn page<T>(
    body: &[u8],
    name: &'static str,
    read: impl Fn(&Value) -> Result<T, AnswerRefusal>,
) -> Result<Page<T>, AnswerRefusal> {
    let answer = json(body)?;
    let records = answer.get(name).and_then(Value::as_array).ok_or(AnswerRefusal::Field(name))?;
    // A list whose next page cannot be told is not the whole list: only null or absence means the end.
    let next_page_uri = match answer.get("next_page_uri") {
        None | Some(Value::Null) => None,
        Some(Value::String(uri)) => Some(uri.clone()),
        Some(_) => return Err(AnswerRefusal::Field("next_page_uri")),
    };
    Ok(Page { records: records.iter().map(read).collect::<Result<_, _>>()?, next_page_uri })
}

pub(super) fn text<'a>(record: &'a Value, name: &'static str) -> Result<&'a str, AnswerRefusal> {
    record.get(name).and_then(Value::as_str).ok_or(AnswerRefusal::Field(name))
}

pub(super) fn shaped<T, E>(
    record: &Value,
    name: &'static str,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<T, AnswerRefusal> {
    parse(text(record, name)?).map_err(|_| AnswerRefusal::Field(name))
}

pub(super) fn number(record: &Value, name: &str) -> Option<PhoneNumber> {
    record.get(name).and_then(Value::as_str).and_then(|text| PhoneNumber::parse(text).ok())
}

fn token(record: &Value, name: &str) -> Option<Token> {
    record.get(name).and_then(Value::as_str).and_then(|text| Token::parse(text).ok())
}
