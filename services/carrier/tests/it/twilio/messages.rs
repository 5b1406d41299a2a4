//! Twilio's messages: sent with scripted faults, listed newest first and in pages.

use std::collections::VecDeque;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};

use super::{FakeTwilio, value};
use crate::world::{ACCOUNT_SID, now_ms};

/// What comes of the next message.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Send {
    /// Made, and answered so.
    Made,
    /// Made, and answered 500.
    MadeThen500,
    /// Made, and the connection breaks in the middle of the answer.
    MadeThenCut,
    /// Made, and answered later than anyone waits.
    MadeAndSilent,
    /// Made, and has failed already.
    MadeAndFailed(u32),
    /// Not made, and answered 500.
    Only500,
    /// Not made, and answered with this status and code.
    Refused(u16, u32),
}

/// A message at the carrier.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) sid: String,
    pub(crate) to: String,
    pub(crate) from: String,
    pub(crate) body: String,
    pub(crate) status_url: String,
    pub(crate) made_at_ms: u64,
    pub(crate) direction: &'static str,
    pub(crate) status: &'static str,
    pub(crate) error: Option<u32>,
    pub(crate) media: u32,
}

#[derive(Debug, Default)]
pub(crate) struct Texting {
    /// In the order made.
    pub(crate) messages: Vec<Message>,
    pub(crate) sends: VecDeque<Send>,
    /// Every request to send, by its words.
    pub(crate) asked: Vec<String>,
    /// Answers are held back while this is on; what they answer is done.
    pub(crate) holds_answers: bool,
    /// Listings are answered 500 while this is on.
    pub(crate) unlisted: bool,
    pub(crate) lists: usize,
    /// Listings of the whole account.
    pub(crate) lists_of_all: usize,
    /// The most messages of one page; 0 is as many as are asked for.
    pub(crate) page_most: usize,
}

/// A made-up message id.
pub(crate) fn message_sid(number: usize) -> String {
    format!("SM{number:032x}")
}

/// A message of ours as the tests send it.
pub(crate) fn message(number: usize, body: &str, made_at_ms: u64) -> Message {
    Message {
        sid: message_sid(number),
        to: "+14155550123".into(),
        from: "988".into(),
        body: body.into(),
        status_url: String::new(),
        made_at_ms,
        direction: "outbound-api",
        status: "sent",
        error: None,
        media: 0,
    }
}

/// A message that a person wrote.
pub(crate) fn written(number: usize, body: &str, made_at_ms: u64) -> Message {
    Message {
        to: "988".into(),
        from: "+14155550123".into(),
        direction: "inbound",
        status: "received",
        ..message(number, body, made_at_ms)
    }
}

impl FakeTwilio {
    pub(super) async fn send(&self, form: &str) -> Response {
        let field = |name| value(form, name).unwrap_or_default();
        let mut script = Send::Made;
        self.script(|exchange| {
            exchange.texting.asked.push(field("Body"));
            script = exchange.texting.sends.pop_front().unwrap_or(Send::Made);
        });
        let refused = |status, code: u32| {
            (StatusCode::from_u16(status).unwrap(), Json(json!({"code": code, "status": status}))).into_response()
        };
        match script {
            Send::Only500 => return refused(500, 0),
            Send::Refused(status, code) => return refused(status, code),
            _ => {}
        }
        let mut made = message(5_000 + self.look(|exchange| exchange.texting.messages.len()), &field("Body"), now_ms());
        (made.to, made.from, made.status_url) = (field("To"), field("From"), field("StatusCallback"));
        if let Send::MadeAndFailed(code) = script {
            (made.status, made.error) = ("failed", Some(code));
        }
        self.script(|exchange| exchange.texting.messages.push(made.clone()));
        self.until(|exchange| !exchange.texting.holds_answers).await;
        match script {
            Send::MadeThen500 => refused(500, 0),
            Send::MadeThenCut => {
                let broken = tokio_stream::iter([Ok("{\"sid\":"), Err(std::io::Error::other("cut"))]);
                (StatusCode::CREATED, Body::from_stream(broken)).into_response()
            }
            Send::MadeAndSilent => {
                tokio::time::sleep(Duration::from_secs(60)).await;
                refused(500, 0)
            }
            _ => (StatusCode::CREATED, Json(record(&made))).into_response(),
        }
    }

    pub(super) fn list_messages(&self, query: &str) -> Response {
        let asked = |name| value(query, name);
        let number = |name| value(query, name).and_then(|text| text.parse::<usize>().ok());
        let (unlisted, page_most) = self.look(|exchange| (exchange.texting.unlisted, exchange.texting.page_most));
        let of_all = asked("To").is_none();
        self.script(|exchange| if of_all { exchange.texting.lists_of_all += 1 } else { exchange.texting.lists += 1 });
        if unlisted {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
        let mut found = self.look(|exchange| {
            let is = |name, number: &str| asked(name).is_none_or(|it| it == number);
            let wanted = |message: &&Message| is("To", &message.to) && is("From", &message.from);
            exchange.texting.messages.iter().filter(wanted).cloned().collect::<Vec<_>>()
        });
        found.sort_by_key(|message| std::cmp::Reverse(message.made_at_ms));
        let size = number("PageSize").unwrap().min(if page_most == 0 { usize::MAX } else { page_most });
        let page = number("Page").unwrap_or(0);
        let rows: Vec<Value> = found.iter().skip(page * size).take(size).map(record).collect();
        let more = found.len() > (page + 1) * size;
        let base = query.split("&Page=").next().unwrap();
        let next = format!("/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json?{base}&Page={}", page + 1);
        Json(json!({ "messages": rows, "next_page_uri": more.then_some(next) })).into_response()
    }
}

fn record(message: &Message) -> Value {
    json!({
        "sid": message.sid, "to": message.to, "from": message.from, "body": message.body, "status": message.status,
        "direction": message.direction, "error_code": message.error, "date_created": date(message.made_at_ms / 1_000),
        "date_sent": null, "num_media": message.media.to_string(),
    })
}

/// As the carrier writes a moment.
fn date(seconds: u64) -> String {
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let (mut day, mut year, mut month) = (seconds / 86_400, 1_970, 0);
    while day >= 365 + u64::from(leap(year)) {
        day -= 365 + u64::from(leap(year));
        year += 1;
    }
    let long = |month| [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month];
    while day >= long(month) {
        day -= long(month);
        month += 1;
    }
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    format!("Day, {:02} {} {year} {hour:02}:{minute:02}:{second:02} +0000", day + 1, months[month])
}
