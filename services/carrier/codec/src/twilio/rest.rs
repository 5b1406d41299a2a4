//! Call control and text messages as plain REST requests, to be sent by whoever has a socket.
//!
//! A conference's name stands for it only when a participant is added; everything else is addressed to its `CF…` id, which
//! the room's first callback or a listing gives. Left out: host, credentials and retries.

mod list;
mod outcome;
mod texts;

use std::fmt;

use crate::limits::encode_form;
use crate::model::{DialLeg, Digits, PhoneNumber, SendText};
use crate::token::Token;
use crate::twilio::sid::{AccountSid, CallSid, ConferenceSid};

pub use list::{AnswerRefusal, CallRecord, ConferenceRecord, MAX_ANSWER_BYTES, Page, ParticipantRecord};
pub use list::{parse_calls, parse_conferences, parse_participant, parse_participants};
pub use outcome::{CommandKind, Outcome, classify, classify_no_answer};
pub use texts::{TextRecord, classify_text, parse_texts, parse_texts_one_by_one};

/// The largest page a listing may ask for.
pub const MAX_PAGE_SIZE: u16 = 1000;

/// The method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Read.
    Get,
    /// Make or change.
    Post,
    /// Remove.
    Delete,
}

/// One request. Its Debug shows the names of the form's fields, never their values.
#[derive(Clone, PartialEq, Eq)]
pub struct RestRequest {
    /// The method.
    pub method: Method,
    /// Path and query, already escaped, to be appended to the API's origin.
    pub path_and_query: String,
    /// The form to send as `application/x-www-form-urlencoded`; empty means no body.
    pub form: Vec<(&'static str, String)>,
}

impl RestRequest {
    /// The form as a body.
    #[must_use]
    pub fn body(&self) -> String {
        encode_form(&self.form)
    }
}

impl fmt::Debug for RestRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path_and_query.split('?').next().unwrap_or_default();
        let names: Vec<_> = self.form.iter().map(|(name, _)| *name).collect();
        write!(f, "{:?} {path} {names:?}", self.method)
    }
}

/// A participant as a path names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Participant<'a> {
    /// By our label of the leg.
    Label(&'a Token),
    /// By its call.
    Call(&'a CallSid),
}

impl Participant<'_> {
    fn segment(&self) -> &str {
        match self {
            Self::Label(label) => label.as_str(),
            Self::Call(call) => call.as_str(),
        }
    }
}

/// The state a conference is listed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConferenceStatus {
    /// Made, but not started: somebody waits alone.
    Init,
    /// Running.
    InProgress,
    /// Over.
    Completed,
}

impl ConferenceStatus {
    fn name(self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::InProgress => "in-progress",
            Self::Completed => "completed",
        }
    }
}

/// The requests of one account.
#[derive(Debug, Clone)]
pub struct Rest {
    root: String,
}

impl Rest {
    /// The requests of this account.
    #[must_use]
    pub fn new(account: &AccountSid) -> Self {
        Self { root: format!("/2010-04-01/Accounts/{account}") }
    }

    /// Dials a leg into a room. Its label is unique while the leg lives, so a repeat is refused with 16026 instead of
    /// ringing twice.
    #[must_use]
    pub fn add_participant(&self, dial: &DialLeg) -> RestRequest {
        let flag = |on: bool| if on { "true" } else { "false" }.to_owned();
        let mut form = vec![
            ("From", dial.from.expose().to_owned()),
            ("To", dial.to.expose().to_owned()),
            ("Label", dial.leg.as_str().to_owned()),
            ("Timeout", dial.ring_s.to_string()),
            ("StartConferenceOnEnter", flag(true)),
            ("EndConferenceOnExit", flag(dial.end_room_on_exit)),
            ("EarlyMedia", flag(false)),
            ("Beep", flag(false)),
            ("StatusCallback", dial.status_url.clone()),
        ];
        form.extend(["initiated", "ringing", "answered", "completed"].map(|e| ("StatusCallbackEvent", e.to_owned())));
        form.push(("StatusCallbackMethod", "POST".to_owned()));
        if let Some(url) = &dial.room_status_url {
            form.push(("ConferenceStatusCallback", url.clone()));
            let events = ["start", "end", "join", "leave", "mute", "hold"];
            form.extend(events.map(|e| ("ConferenceStatusCallbackEvent", e.to_owned())));
            form.push(("ConferenceStatusCallbackMethod", "POST".to_owned()));
        }
        self.post(&format!("/Conferences/{}/Participants.json", dial.room), form)
    }

    /// Puts a participant on hold, or takes them off. Idempotent.
    #[must_use]
    pub fn hold(&self, room: &ConferenceSid, who: Participant<'_>, on: bool) -> RestRequest {
        self.post(&participant(room, who), vec![("Hold", on.to_string())])
    }

    /// Mutes a participant or not. Idempotent.
    #[must_use]
    pub fn mute(&self, room: &ConferenceSid, who: Participant<'_>, on: bool) -> RestRequest {
        self.post(&participant(room, who), vec![("Muted", on.to_string())])
    }

    /// Sets whether the room ends when this participant leaves: a warm handoff passes this on before the first one leaves.
    #[must_use]
    pub fn end_room_on_exit(&self, room: &ConferenceSid, who: Participant<'_>, on: bool) -> RestRequest {
        self.post(&participant(room, who), vec![("EndConferenceOnExit", on.to_string())])
    }

    /// Takes a participant out of a room; their call goes on with its next verb or ends. Idempotent.
    #[must_use]
    pub fn remove_participant(&self, room: &ConferenceSid, who: Participant<'_>) -> RestRequest {
        RestRequest { method: Method::Delete, ..self.get(&participant(room, who), &[]) }
    }

    /// Ends a conference and every call in it. Idempotent.
    #[must_use]
    pub fn end_conference(&self, room: &ConferenceSid) -> RestRequest {
        self.post(&format!("/Conferences/{room}.json"), completed())
    }

    /// Ends a call, whether it is up or still ringing. Idempotent.
    #[must_use]
    pub fn complete_call(&self, call: &CallSid) -> RestRequest {
        self.post(&format!("/Calls/{call}.json"), completed())
    }

    /// Replaces what a live call does by a document of ours; this is how keys are pressed on a leg outside a room.
    #[must_use]
    pub fn play_digits(&self, call: &CallSid, digits: &Digits) -> RestRequest {
        let document = format!("<Response><Play digits=\"{}\"/></Response>", digits.expose());
        self.post(&format!("/Calls/{call}.json"), vec![("Twiml", document)])
    }

    /// Sends a text message. Not idempotent: what came of it is judged by [`classify_text`].
    #[must_use]
    pub fn send_text(&self, text: &SendText) -> RestRequest {
        let mut form = vec![
            ("From", text.from.expose().to_owned()),
            ("To", text.to.expose().to_owned()),
            ("Body", text.body.expose().to_owned()),
        ];
        form.extend(text.status_url.iter().map(|url| ("StatusCallback", url.clone())));
        self.post("/Messages.json", form)
    }

    /// Lists the messages between a line of ours and a person, in the carrier's order, which is newest first.
    #[must_use]
    pub fn list_texts(&self, to: &PhoneNumber, from: &PhoneNumber, page_size: u16) -> RestRequest {
        let query = [("To", to.expose().to_owned()), ("From", from.expose().to_owned()), ("PageSize", page(page_size))];
        self.get("/Messages.json", &query)
    }

    /// Lists every message of the account, either way, in the carrier's order, which is newest first.
    #[must_use]
    pub fn list_all_texts(&self, page_size: u16) -> RestRequest {
        self.get("/Messages.json", &[("PageSize", page(page_size))])
    }

    /// Reads one participant.
    #[must_use]
    pub fn fetch_participant(&self, room: &ConferenceSid, who: Participant<'_>) -> RestRequest {
        self.get(&participant(room, who), &[])
    }

    /// Lists conferences, by name or all of a state. `page_size` is held to 1 to [`MAX_PAGE_SIZE`].
    #[must_use]
    pub fn list_conferences(
        &self,
        room: Option<&Token>,
        status: Option<ConferenceStatus>,
        page_size: u16,
    ) -> RestRequest {
        let mut query = vec![("PageSize", page(page_size))];
        query.extend(room.map(|room| ("FriendlyName", room.as_str().to_owned())));
        query.extend(status.map(|status| ("Status", status.name().to_owned())));
        self.get("/Conferences.json", &query)
    }

    /// Lists the participants of a conference.
    #[must_use]
    pub fn list_participants(&self, room: &ConferenceSid, page_size: u16) -> RestRequest {
        self.get(&format!("/Conferences/{room}/Participants.json"), &[("PageSize", page(page_size))])
    }

    /// Lists the calls that are up. Ringing ones are listed by [`Rest::list_calls_in`] `"ringing"` and `"queued"`.
    #[must_use]
    pub fn list_live_calls(&self, page_size: u16) -> RestRequest {
        self.list_calls_in("in-progress", page_size)
    }

    /// Lists the calls in a state.
    #[must_use]
    pub fn list_calls_in(&self, status: &'static str, page_size: u16) -> RestRequest {
        self.get("/Calls.json", &[("Status", status.to_owned()), ("PageSize", page(page_size))])
    }

    /// The next page of a listing. `None` when the address leads out of this account: credentials would go with it.
    #[must_use]
    pub fn next_page(&self, next_page_uri: &str) -> Option<RestRequest> {
        let inside = next_page_uri.strip_prefix(&self.root).is_some_and(|rest| rest.starts_with('/'));
        let plain = next_page_uri.len() <= 4096 && next_page_uri.bytes().all(|b| b.is_ascii_graphic());
        let climbs = next_page_uri.split('?').next().is_some_and(|path| path.contains("..") || path.contains('%'));
        (inside && plain && !climbs && !next_page_uri.contains('#')).then(|| RestRequest {
            method: Method::Get,
            path_and_query: next_page_uri.to_owned(),
            form: Vec::new(),
        })
    }

    fn post(&self, path: &str, form: Vec<(&'static str, String)>) -> RestRequest {
        RestRequest { method: Method::Post, path_and_query: format!("{}{path}", self.root), form }
    }

    fn get(&self, path: &str, query: &[(&str, String)]) -> RestRequest {
        let mark = if query.is_empty() { "" } else { "?" };
        let path_and_query = format!("{}{path}{mark}{}", self.root, encode_form(query));
        RestRequest { method: Method::Get, path_and_query, form: Vec::new() }
    }
}

fn participant(room: &ConferenceSid, who: Participant<'_>) -> String {
    format!("/Conferences/{room}/Participants/{}.json", who.segment())
}

fn completed() -> Vec<(&'static str, String)> {
    vec![("Status", "completed".to_owned())]
}

fn page(size: u16) -> String {
    size.clamp(1, MAX_PAGE_SIZE).to_string()
}
