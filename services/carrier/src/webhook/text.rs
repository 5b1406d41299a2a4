//! Text messages in: what a person wrote, and how far our own messages got.
//!
//! What a person wrote is answered with nothing but "received", and only once the router has it durably: replies are effects of
//! the router's. A message is never refused for its length; what is longer than the router takes is cut, and counted.

use holdfast_carrier_codec::model::{Event, OptOut as Told, Text, TextProgress};
use holdfast_proto::router::v1::command::Kind;
use holdfast_proto::router::v1::{Channel, Delivery, OptOut, ReceiveText, ReportText};
use http::StatusCode;
use tokio::time::Instant;

use super::answer::{nothing, unavailable};
use super::{Answered, Hooks};
use crate::account::Account;
use crate::metrics;
use crate::names;
use crate::router::Undone;

/// The most the router takes of one message, in bytes. Carriers send at most 1,600 characters, which are 6,400 bytes.
const WORDS_BYTES_MAX: usize = 8_000;

/// What the router is told of a text. One that no webhook brought was found at the carrier, so long after it was written.
pub(crate) fn receive(account: &Account, external_id: &str, text: &Text, found_after_ms: Option<u64>) -> Kind {
    let written = text.body.expose();
    let words = cut(written, WORDS_BYTES_MAX);
    if words.len() < written.len() {
        metrics::text_cut(account.name.as_str());
        tracing::warn!(account = %account.name, bytes = written.len(), "a text was longer than the router takes, its end is cut");
    }
    Kind::ReceiveText(ReceiveText {
        account: account.name.as_str().to_owned(),
        external_id: external_id.to_owned(),
        line_number: text.to.expose().to_owned(),
        person_number: text.from.expose().to_owned(),
        channel: Channel::Text.into(),
        words: words.to_owned(),
        opt_out: opt_out(text.opt_out).into(),
        carrier_replied: text.carrier_replied,
        media: u32::from(text.media_count),
        missed: found_after_ms.is_some(),
        written_ago_ms: found_after_ms.unwrap_or(0),
    })
}

/// A person wrote.
pub(super) async fn received(
    hooks: &Hooks,
    account: &Account,
    event: &Event,
    text: &Text,
    id: &str,
    until: Instant,
) -> Answered {
    let kind = receive(account, &event.external_id, text, None);
    match hooks.router.submit(id, kind, until).await {
        Ok(_) => {
            account.told.add(&event.external_id);
            nothing(account, "answered")
        }
        Err(Undone::Refused(code)) => {
            // Not expected: what a person writes is not refused. The carrier's fallback is a human all the same.
            tracing::error!(account = %account.name, ?code, "the router refused a text of a person");
            unavailable()
        }
        Err(Undone::Unavailable) => unavailable(),
    }
}

/// A message of ours got on or failed.
pub(super) async fn progressed(
    hooks: &Hooks,
    account: &Account,
    event: &Event,
    (message, progress): (Option<u32>, TextProgress),
    id: &str,
    until: Instant,
) -> Answered {
    let contact = event.contact.as_ref().map(|contact| contact.as_str()).filter(|contact| names::is_contact(contact));
    let (Some(contact), Some(message)) = (contact, message) else {
        let detail = "the callback query must name a contact and a message";
        return Answered::problem(StatusCode::BAD_REQUEST, detail, "malformed");
    };
    account.texts.told(&event.external_id, contact, message);
    let (delivery, code) = match progress {
        // The carrier has it, which is all that can be said before it is on the phone.
        TextProgress::Queued | TextProgress::Sent => (Delivery::Sent, String::new()),
        TextProgress::Delivered | TextProgress::Read => (Delivery::Delivered, String::new()),
        TextProgress::Failed(code) => (Delivery::Failed, account.vendor.code(code.unwrap_or_default())),
    };
    let kind = Kind::ReportText(ReportText {
        contact_id: contact.to_owned(),
        message,
        delivery: delivery.into(),
        external_id: event.external_id.clone(),
        code,
    });
    match hooks.router.submit(id, kind, until).await {
        Ok(_) => nothing(account, "answered"),
        Err(Undone::Refused(_)) => nothing(account, "closed"),
        Err(Undone::Unavailable) => unavailable(),
    }
}

fn opt_out(told: Told) -> OptOut {
    match told {
        Told::None => OptOut::Unspecified,
        Told::Stop => OptOut::Stop,
        Told::MaybeStop => OptOut::MaybeStop,
        Told::Start => OptOut::Start,
        Told::Help => OptOut::Help,
    }
}

/// The longest beginning of whole characters that has at most so many bytes.
fn cut(words: &str, bytes_max: usize) -> &str {
    words.get(..words.floor_char_boundary(bytes_max)).unwrap_or(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_two_characters() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abcd", 3), "abc");
        assert_eq!(cut("ab🙏", 5), "ab");
        assert_eq!(cut("ab🙏", 6), "ab🙏");
    }
}
