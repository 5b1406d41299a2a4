//! REST on messages: sending one, reading one, listing them by number and date.

use super::answer::{Reply, page};
use super::request::Params;
use super::rooms::found;
use crate::carrier::exchange::Exchange;
use crate::carrier::settings::Hidden;
use crate::carrier::stamp;
use crate::carrier::text::{Message, MessageSid, TextOrder, send_live};
use serde_json::{Value, json};
use std::sync::Arc;

/// The longest message, characters.
const WORDS_MOST: usize = 1_600;
const DAY_S: u64 = 86_400;

pub(super) fn create(exchange: &Arc<Exchange>, params: &Params) -> Reply {
    let Some(to) = params.get("To") else { return Reply::error(400, 21_604, "A 'To' phone number is required.") };
    let Some(from) = params.get("From") else { return Reply::error(400, 21_603, "A 'From' phone number is required.") };
    let Some(words) = params.get("Body") else { return Reply::error(400, 21_602, "Message body is required.") };
    if !to.starts_with('+') || to.len() < 8 {
        return Reply::error(400, 21_211, "Invalid 'To' Phone Number");
    }
    if words.chars().count() > WORDS_MOST {
        return Reply::error(400, 21_617, "The concatenated message body exceeds the 1600 character limit");
    }
    let order = order(to, from, words, params);
    match exchange.change(|moves| moves.send_text(&order)) {
        Ok(sid) => {
            let reply = Reply { status: 201, ..read(exchange, sid.as_str()) };
            exchange.spawn(send_live(Arc::clone(exchange), sid));
            reply
        }
        Err(code) => Reply::error(400, code, "Attempt to send to unsubscribed recipient"),
    }
}

fn order(to: &str, from: &str, words: &str, params: &Params) -> TextOrder {
    TextOrder {
        to: Hidden::new(to),
        from: from.to_owned(),
        words: Hidden::new(words),
        receipts_to: params.get("StatusCallback").map(str::to_owned),
        late: params.late,
    }
}

/// Writes down that a message was asked for and never sent, because its connection was cut.
pub(super) fn note_cut(exchange: &Arc<Exchange>, params: &Params) {
    if let (Some(to), Some(from), Some(words)) = (params.get("To"), params.get("From"), params.get("Body")) {
        exchange.change(|moves| moves.cut_text(&order(to, from, words, params)));
    }
}

pub(super) fn read(exchange: &Exchange, sid: &str) -> Reply {
    let account = &exchange.settings.account_sid;
    exchange.read(|state| found(state.messages.get(&MessageSid::new(sid)).map(|it| message_json(account, it))))
}

/// Which dates are wanted, seconds since 1970: from, inclusive, until, exclusive. `None` if one cannot be read.
fn dates(params: &Params) -> Option<(u64, u64)> {
    let at = |name: &str| match params.get(name) {
        None => Some(None),
        Some(text) => stamp::read(text).map(Some),
    };
    let (exact, since, before) = (at("DateSent")?, at("DateSent>")?, at("DateSent<")?);
    let mut span = (0, u64::MAX);
    if let Some(day_s) = exact {
        span = (day_s, day_s.saturating_add(DAY_S));
    }
    span.0 = span.0.max(since.unwrap_or(0));
    // The vendor's `DateSent<` includes the day or the second it names.
    span.1 = span.1.min(before.map_or(u64::MAX, |until_s| until_s.saturating_add(1)));
    Some(span)
}

pub(super) fn list(exchange: &Exchange, params: &Params) -> Reply {
    let account = &exchange.settings.account_sid;
    let paging = params.paging();
    let Some((since_s, before_s)) = dates(params) else {
        return Reply::error(400, 20_001, "Invalid DateSent: give YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ");
    };
    let (to, from) = (params.get("To"), params.get("From"));
    let filters = params.filters(&["To", "From", "DateSent", "DateSent>", "DateSent<"]);
    exchange.read(|state| {
        let rows = state
            .messages
            .newest()
            .filter(|it| paging.before.is_none_or(|before| it.ordinal < before))
            .filter(|it| to.is_none_or(|to| it.to.reveal() == to))
            .filter(|it| from.is_none_or(|from| it.from.reveal() == from))
            .filter(|it| (since_s..before_s).contains(&it.sent_s.unwrap_or(it.made_s)))
            .map(|it| (it.ordinal, message_json(account, it)));
        page("messages", &format!("/2010-04-01/Accounts/{account}/Messages.json"), &filters, &paging, rows)
    })
}

fn message_json(account: &str, message: &Message) -> Value {
    let uri = format!("/2010-04-01/Accounts/{account}/Messages/{}", message.sid.as_str());
    json!({
        "account_sid": account,
        "api_version": "2010-04-01",
        "body": message.words.reveal(),
        "date_created": stamp::rfc2822(message.made_s),
        "date_sent": message.sent_s.map(stamp::rfc2822),
        "date_updated": stamp::rfc2822(message.sent_s.unwrap_or(message.made_s)),
        "direction": if message.inbound { "inbound" } else { "outbound-api" },
        "error_code": message.error_code,
        "error_message": null,
        "from": message.from.reveal(),
        "messaging_service_sid": null,
        "num_media": message.media.to_string(),
        "num_segments": "1",
        "price": null,
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status.name(),
        "subresource_uris": {"media": format!("{uri}/Media.json")},
        "to": message.to.reveal(),
        "uri": format!("{uri}.json"),
    })
}
