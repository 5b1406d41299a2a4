//! Text messages: what a person wrote, and how far a message of ours got.
//!
//! Pictures and files are counted, not fetched. What could lose a person's words for a side matter (a strange count, an
//! opt-out type we do not know) is read as nothing.

use super::fields::Fields;
use super::opt_out::{named, opt_out_word};
use super::{Ignored, Reading, WebhookRefusal, caller, event};
use crate::callback::Callback;
use crate::model::{EventKind, OptOut, PhoneNumber, Text, TextProgress, Words};

pub(super) fn incoming(fields: &Fields<'_>, callback: &Callback) -> Result<Reading, WebhookRefusal> {
    let message = fields.message()?;
    let (from, to) = (number(fields, "From")?, number(fields, "To")?);
    let body = fields.whole("Body")?.unwrap_or_default();
    let media = fields.optional("NumMedia")?.and_then(|count| count.parse::<u16>().ok());
    let judged = fields.optional("OptOutType")?;
    // The carrier's own judgement comes first; without one it goes by its default words, which it answers as well.
    let opt_out = judged.and_then(named).or_else(|| opt_out_word(body));
    let text = Text {
        from,
        to,
        body: Words::new(body),
        media_count: media.unwrap_or(0),
        opt_out: opt_out.unwrap_or(OptOut::None),
        carrier_replied: judged.is_some() || opt_out.is_some(),
    };
    event(fields, callback, message.as_str(), format!("{message}/text"), EventKind::Text(text))
}

pub(super) fn progress(fields: &Fields<'_>, callback: &Callback) -> Result<Reading, WebhookRefusal> {
    let message = fields.message()?;
    let status = match fields.optional("MessageStatus")? {
        Some(status) => status,
        None => fields.optional("SmsStatus")?.ok_or(WebhookRefusal::Missing("MessageStatus"))?,
    };
    let code = fields.optional("ErrorCode")?.and_then(|code| code.parse().ok());
    let Some(progress) = text_progress(status, code) else {
        return Ok(Reading::Ignored(Ignored::OtherTextStatus));
    };
    // Each status is a fact of its own: by the message alone the later ones would be taken for repetitions.
    let dedupe_key = format!("{message}/text-status/{status}");
    let kind = EventKind::TextState { message: callback.message, progress };
    event(fields, callback, message.as_str(), dedupe_key, kind)
}

/// How far a message with this status got; `None` for one that is not ours or not known.
pub(crate) fn text_progress(status: &str, code: Option<u32>) -> Option<TextProgress> {
    Some(match status {
        "accepted" | "scheduled" | "queued" | "sending" => TextProgress::Queued,
        "sent" => TextProgress::Sent,
        "delivered" => TextProgress::Delivered,
        "read" => TextProgress::Read,
        "undelivered" | "failed" | "canceled" => TextProgress::Failed(code),
        _ => return None,
    })
}

fn number(fields: &Fields<'_>, name: &'static str) -> Result<PhoneNumber, WebhookRefusal> {
    let given = fields.required(name)?;
    if ["whatsapp:", "messenger:", "rcs:"].iter().any(|channel| given.starts_with(channel)) {
        return Err(WebhookRefusal::OtherChannel(name));
    }
    caller(Some(given)).ok_or(WebhookRefusal::Malformed(name))
}
