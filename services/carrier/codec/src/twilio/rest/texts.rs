//! Text messages over REST: what came of sending one, and the listings in which one in doubt, or one that no webhook brought, is
//! looked for.
//!
//! Sending has no idempotency key at this carrier, so a message in doubt is known again only by its words, its numbers and its
//! time. The listing is by both numbers alone: a filter by the date of sending would leave out what still waits to be sent.

use serde_json::Value;

use super::list::{AnswerRefusal, Page, json, number, page, shaped, text};
use super::{CommandKind, Outcome, classify};
use crate::model::{PhoneNumber, TextProgress, Words};
use crate::twilio::date;
use crate::twilio::sid::MessageSid;
use crate::twilio::webhook::text_progress;

/// A message as listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextRecord {
    /// Its id.
    pub message: MessageSid,
    /// Whether it was sent by REST, as ours are: not written by a person, not an answer to a webhook.
    pub sent_by_rest: bool,
    /// Whether a person wrote it to us.
    pub received: bool,
    /// To whom, where the carrier gives a number.
    pub to: Option<PhoneNumber>,
    /// From which line; the carrier may not say while it waits.
    pub from: Option<PhoneNumber>,
    /// What it says.
    pub body: Words,
    /// How far it got; `None` for a status we do not know.
    pub progress: Option<TextProgress>,
    /// When it was made, in seconds since 1970, if that can be read.
    pub made_at_s: Option<u64>,
    /// How many pictures or files came with it; 0 where that cannot be read.
    pub media_count: u16,
}

/// Reads a listing of messages.
///
/// # Errors
/// [`AnswerRefusal`] when any record cannot be read.
pub fn parse_texts(body: &[u8]) -> Result<Page<TextRecord>, AnswerRefusal> {
    page(body, "messages", record)
}

/// Reads a listing of messages of which each counts for itself: one that cannot be read is `None`.
///
/// # Errors
/// [`AnswerRefusal`] when it is no listing.
pub fn parse_texts_one_by_one(body: &[u8]) -> Result<Page<Option<TextRecord>>, AnswerRefusal> {
    page(body, "messages", |it| Ok(record(it).ok()))
}

fn record(record: &Value) -> Result<TextRecord, AnswerRefusal> {
    Ok(TextRecord {
        message: shaped(record, "sid", MessageSid::parse)?,
        sent_by_rest: text(record, "direction")? == "outbound-api",
        received: text(record, "direction")? == "inbound",
        to: number(record, "to"),
        from: number(record, "from"),
        body: Words::new(text(record, "body")?),
        progress: progress(record)?,
        made_at_s: record.get("date_created").and_then(Value::as_str).and_then(date::read),
        media_count: record.get("num_media").and_then(Value::as_str).and_then(|it| it.parse().ok()).unwrap_or(0),
    })
}

/// Judges the answer to sending a message: as any create, but one that is made and has already failed is refused, since the
/// carrier tells of no state that a message begins in.
#[must_use]
pub fn classify_text(status: u16, body: &[u8]) -> Outcome {
    let outcome = classify(CommandKind::Create, status, body);
    if !matches!(outcome, Outcome::Accepted { .. }) {
        return outcome;
    }
    let Ok(answer) = json(body) else { return Outcome::Ambiguous };
    match (shaped(&answer, "sid", MessageSid::parse), progress(&answer)) {
        (_, Ok(Some(TextProgress::Failed(code)))) => Outcome::Refused {
            code: code.unwrap_or_default(),
            message: "the carrier took the text and could not send it, look its code up in the carrier's list",
        },
        (Ok(message), _) => Outcome::Accepted { external_id: Some(message.as_str().to_owned()) },
        (Err(_), _) => Outcome::Ambiguous,
    }
}

fn progress(record: &Value) -> Result<Option<TextProgress>, AnswerRefusal> {
    let code = record.get("error_code").and_then(Value::as_u64).and_then(|code| u32::try_from(code).ok());
    Ok(text_progress(text(record, "status")?, code))
}
