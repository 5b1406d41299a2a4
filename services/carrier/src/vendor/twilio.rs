//! Twilio behind the seam: the codec's values sent over our wire, and its outcomes in our words.
//!
//! A conference's name stands for it only when a participant is added, so everything else begins with a listing by name.

use holdfast_carrier_codec::callback::Callback;
use holdfast_carrier_codec::limits::FormRefusal;
use holdfast_carrier_codec::model::{DialLeg, OfferAnswer, OptOut, SendText, Text, WaitStep};
use holdfast_carrier_codec::secret::Secret;
use holdfast_carrier_codec::token::Token;
use holdfast_carrier_codec::twilio::rest::{
    self, AnswerRefusal, CommandKind, ConferenceStatus, Method, Outcome, Page, Participant, Rest, RestRequest,
};
use holdfast_carrier_codec::twilio::sid::{AccountSid, CallSid, ConferenceSid};
use holdfast_carrier_codec::twilio::signature::{Keyring, SignatureHeaders, VerifyRefusal};
use holdfast_carrier_codec::twilio::{twiml, webhook};
use http::HeaderMap;

use super::{
    AllWritten, Document, Done, HookRefusal, ListedText, LiveCall, LiveRoom, Member, Reading, Sought, Unlisted, Written,
};
use crate::rest::{Request, Turn, Unanswered, Wire};
use crate::settings::{AccountSettings, SettingsRefusal};

/// Where the REST interface is, unless the settings say otherwise.
const ORIGIN: &str = "https://api.twilio.com";
/// Entries asked for in one page.
const PAGE_SIZE: u16 = 500;
/// Texts asked for in one page: each may be long, and a page must fit the largest answer read.
const TEXTS_PAGE_SIZE: u16 = 100;
/// How much older than what is looked for a whole page must be before the pages after it, older still, are left unread.
const OLDER_S: u64 = 24 * 60 * 60;

/// One account.
#[derive(Debug)]
pub(crate) struct Twilio {
    account: AccountSid,
    keyring: Keyring,
    password: holdfast_chassis::settings::Secret,
    origin: String,
    rest: Rest,
    pages_most: usize,
}

impl Twilio {
    pub(super) fn new(settings: &AccountSettings, pages_most: usize) -> Result<Self, SettingsRefusal> {
        let refused = |field, why: String| SettingsRefusal::Account { account: settings.name.clone(), field, why };
        let account =
            AccountSid::parse(&settings.account_sid).map_err(|error| refused("account_sid", error.to_string()))?;
        let mut secrets = Vec::new();
        for (field, secret) in [
            ("auth_token", Some(&settings.auth_token)),
            ("auth_token_secondary", settings.auth_token_secondary.as_ref()),
        ] {
            let secret = secret.map(|secret| Secret::new(secret.expose().as_bytes()));
            secrets.extend(secret.transpose().map_err(|error| refused(field, error.to_string()))?);
        }
        let keyring = Keyring::new(secrets, Vec::new()).map_err(|error| refused("auth_token", error.to_string()))?;
        let origin = settings.rest_base_url.as_deref().unwrap_or(ORIGIN).trim_end_matches('/').to_owned();
        let parsed = reqwest::Url::parse(&origin).ok().filter(|url| matches!(url.scheme(), "https" | "http"));
        let local = |url: &reqwest::Url| matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        let parsed = parsed.ok_or_else(|| refused("rest_base_url", "not an http or https url".to_owned()))?;
        if parsed.scheme() == "http" && !local(&parsed) {
            return Err(refused("rest_base_url", "the token would travel in plaintext; use https".to_owned()));
        }
        let rest = Rest::new(&account);
        Ok(Self { account, keyring, password: settings.auth_token.clone(), origin, rest, pages_most })
    }

    pub(super) fn read(
        &self,
        callback: &Callback,
        url: &str,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Reading, HookRefusal> {
        let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        let headers = SignatureHeaders::collect(headers).map_err(refused)?;
        let form = self.keyring.verify_form(url, &headers, body).map_err(refused)?;
        match webhook::read(callback, &self.account, &form) {
            Ok(webhook::Reading::Event(event)) => Ok(Reading::Event(event)),
            Ok(webhook::Reading::Ignored(_)) => Ok(Reading::Nothing),
            Err(refusal) => Err(HookRefusal::Malformed(refusal.to_string())),
        }
    }

    pub(super) async fn dial(&self, turn: &Turn, dial: &DialLeg) -> Done {
        self.command(turn, CommandKind::Dial, &self.rest.add_participant(dial)).await
    }

    pub(super) async fn hold(&self, turn: &Turn, room: &Token, person: (Option<&str>, &Token), on: bool) -> Done {
        let call = person.0.and_then(|id| CallSid::parse(id).ok());
        let who = call.as_ref().map_or(Participant::Label(person.1), Participant::Call);
        match self.conferences(turn, room).await {
            Err(Unlisted) => Done::Later,
            Ok(found) => match found.first() {
                None => Done::Absent,
                Some(room) => {
                    let request = self.rest.hold(room, who, on);
                    self.command(turn, CommandKind::Modify, &request).await
                }
            },
        }
    }

    pub(super) async fn end_call(&self, turn: &Turn, external_id: &str) -> Done {
        match CallSid::parse(external_id) {
            Ok(call) => self.command(turn, CommandKind::Remove, &self.rest.complete_call(&call)).await,
            Err(_) => Done::Absent,
        }
    }

    pub(super) async fn end_room(&self, turn: &Turn, room: &Token) -> Done {
        let Ok(found) = self.conferences(turn, room).await else { return Done::Later };
        let mut done = Done::Absent;
        for conference in &found {
            done = self.command(turn, CommandKind::Remove, &self.rest.end_conference(conference)).await;
            if !matches!(done, Done::Accepted(_)) {
                return done;
            }
        }
        done
    }

    pub(super) async fn find_leg(&self, turn: &Turn, room: &Token, label: &Token) -> Result<Option<String>, Unlisted> {
        for conference in &self.conferences(turn, room).await? {
            let first = self.rest.list_participants(conference, PAGE_SIZE);
            let members = self.every_page(turn, first, true, rest::parse_participants).await?;
            let over = |status: &str| matches!(status, "complete" | "completed" | "failed");
            let found =
                members.into_iter().find(|member| member.label.as_ref() == Some(label) && !over(&member.status));
            if let Some(member) = found {
                return Ok(Some(member.call.as_str().to_owned()));
            }
        }
        Ok(None)
    }

    pub(super) async fn live_calls(&self, turn: &Turn) -> Result<Vec<LiveCall>, Unlisted> {
        let mut calls = Vec::new();
        // In the order in which a call moves, so that one that moves on between two listings is not missed by both.
        for status in ["queued", "ringing", "in-progress"] {
            let records =
                self.every_page(turn, self.rest.list_calls_in(status, PAGE_SIZE), false, rest::parse_calls).await?;
            calls.extend(
                records
                    .into_iter()
                    .map(|record| LiveCall { external_id: record.call.as_str().to_owned(), inbound: record.inbound }),
            );
        }
        Ok(calls)
    }

    pub(super) async fn live_rooms(&self, turn: &Turn) -> Result<Vec<LiveRoom>, Unlisted> {
        let first = self.rest.list_conferences(None, Some(ConferenceStatus::InProgress), PAGE_SIZE);
        let records = self.every_page(turn, first, false, rest::parse_conferences).await?;
        let ours = |record: rest::ConferenceRecord| {
            Some(LiveRoom { room: record.room?, external_room_id: record.conference.as_str().to_owned() })
        };
        Ok(records.into_iter().filter_map(ours).collect())
    }

    pub(super) async fn members(&self, turn: &Turn, room: &LiveRoom) -> Result<Vec<Member>, Unlisted> {
        let conference = ConferenceSid::parse(&room.external_room_id).map_err(|_| Unlisted)?;
        let first = self.rest.list_participants(&conference, PAGE_SIZE);
        let records = self.every_page(turn, first, true, rest::parse_participants).await?;
        let member = |record: rest::ParticipantRecord| Member {
            external_id: record.call.as_str().to_owned(),
            label: record.label,
            inside: record.status == "connected",
        };
        Ok(records.into_iter().map(member).collect())
    }

    pub(super) async fn send_text(&self, turn: &Turn, text: &SendText) -> Done {
        done(match turn.send(self.request(&self.rest.send_text(text))).await {
            Ok(answer) => rest::classify_text(answer.status, &answer.body),
            Err(unanswered) => rest::classify_no_answer(CommandKind::Create, unanswered == Unanswered::MayHaveArrived),
        })
    }

    pub(super) async fn find_texts(&self, turn: &Turn, sought: &Sought<'_>) -> Result<Vec<ListedText>, Unlisted> {
        let first = self.rest.list_texts(sought.to, sought.from, TEXTS_PAGE_SIZE);
        let not_before_s = u64::try_from(sought.not_before_ms / 1_000).unwrap_or(0);
        let older = |record: &rest::TextRecord| record.made_at_s.is_some_and(|at| at + OLDER_S < not_before_s);
        let enough = |page: &[rest::TextRecord]| !page.is_empty() && page.iter().all(older);
        let mut records = self.pages_until(turn, first, false, rest::parse_texts, enough).await?;
        records.retain(|record| {
            record.sent_by_rest
                && record.body == *sought.words
                && record.to.as_ref() == Some(sought.to)
                && record.from.as_ref().is_none_or(|from| from == sought.from)
                // What has no time that can be read may be from any: it is not taken for the one looked for.
                && record.made_at_s.is_some_and(|at| at >= not_before_s)
        });
        records.sort_by_key(|record| record.made_at_s);
        let listed = |record: rest::TextRecord| ListedText {
            external_id: record.message.as_str().to_owned(),
            progress: record.progress,
        };
        Ok(records.into_iter().map(listed).collect())
    }

    pub(super) async fn written(&self, wire: &Wire, since_s: u64) -> Result<AllWritten, Unlisted> {
        let mut all = AllWritten::default();
        let mut next = self.rest.list_all_texts(TEXTS_PAGE_SIZE);
        for _ in 0..self.pages_most {
            let turn = wire.turn().await;
            let answer = turn.send(self.request(&next)).await.map_err(|_| Unlisted)?;
            drop(turn);
            if answer.status != 200 {
                return Err(Unlisted);
            }
            let page = rest::parse_texts_one_by_one(&answer.body).map_err(|_| Unlisted)?;
            let (read, unread): (Vec<_>, Vec<_>) = page.records.into_iter().partition(Option::is_some);
            let records: Vec<rest::TextRecord> = read.into_iter().flatten().collect();
            let over = !records.is_empty() && records.iter().all(|it| it.made_at_s.is_some_and(|at| at < since_s));
            let theirs = records.into_iter().filter(|it| it.received);
            let (whole, broken): (Vec<_>, Vec<_>) = theirs.map(written).partition(Option::is_some);
            all.unreadable += unread.len() + broken.len();
            all.texts.extend(whole.into_iter().flatten().filter(|it| it.made_at_s >= since_s));
            match page.next_page_uri {
                Some(uri) if !over => next = self.rest.next_page(&uri).ok_or(Unlisted)?,
                _ => {
                    all.whole = true;
                    break;
                }
            }
        }
        // Of one second, in the order of their listing, which is the newest first.
        all.texts.reverse();
        all.texts.sort_by_key(|it| it.made_at_s);
        Ok(all)
    }

    /// The conferences of this name that are not over: at most one, but for a moment while a room is made anew.
    async fn conferences(&self, turn: &Turn, room: &Token) -> Result<Vec<ConferenceSid>, Unlisted> {
        let first = self.rest.list_conferences(Some(room), None, PAGE_SIZE);
        let records = self.every_page(turn, first, false, rest::parse_conferences).await?;
        let live = |record: &rest::ConferenceRecord| record.status != "completed" && record.room.as_ref() == Some(room);
        Ok(records.into_iter().filter(live).map(|record| record.conference).collect())
    }

    async fn every_page<T>(
        &self,
        turn: &Turn,
        first: RestRequest,
        of_members: bool,
        parse: fn(&[u8]) -> Result<Page<T>, AnswerRefusal>,
    ) -> Result<Vec<T>, Unlisted> {
        self.pages_until(turn, first, of_members, parse, |_| false).await
    }

    /// Every page up to the first that is `enough`, that one included.
    async fn pages_until<T>(
        &self,
        turn: &Turn,
        first: RestRequest,
        of_members: bool,
        parse: fn(&[u8]) -> Result<Page<T>, AnswerRefusal>,
        enough: impl Fn(&[T]) -> bool,
    ) -> Result<Vec<T>, Unlisted> {
        let mut records = Vec::new();
        let mut next = first;
        for _ in 0..self.pages_most {
            let answer = turn.send(self.request(&next)).await.map_err(|_| Unlisted)?;
            // Whose members are listed may have ended between two requests: then there are none. Anything else that is not found is
            // a listing that was not made, and nobody may be taken for gone by it.
            if answer.status == 404 && of_members {
                return Ok(records);
            }
            if answer.status != 200 {
                return Err(Unlisted);
            }
            let page = parse(&answer.body).map_err(|_| Unlisted)?;
            let over = enough(&page.records);
            records.extend(page.records);
            match page.next_page_uri {
                _ if over => return Ok(records),
                None => return Ok(records),
                Some(uri) => next = self.rest.next_page(&uri).ok_or(Unlisted)?,
            }
        }
        Err(Unlisted)
    }

    async fn command(&self, turn: &Turn, kind: CommandKind, request: &RestRequest) -> Done {
        done(match turn.send(self.request(request)).await {
            Ok(answer) => rest::classify(kind, answer.status, &answer.body),
            Err(unanswered) => rest::classify_no_answer(kind, unanswered == Unanswered::MayHaveArrived),
        })
    }

    fn request(&self, request: &RestRequest) -> Request<'_> {
        Request {
            method: match request.method {
                Method::Get => http::Method::GET,
                Method::Post => http::Method::POST,
                Method::Delete => http::Method::DELETE,
            },
            url: format!("{}{}", self.origin, request.path_and_query),
            user: self.account.as_str(),
            password: self.password.expose(),
            form: request.body(),
        }
    }
}

/// A text as its webhook would have told it, but for the carrier's own judgement of opt-out words, which the list does not have.
fn written(record: rest::TextRecord) -> Option<Written> {
    let opt_out = webhook::opt_out_word(record.body.expose());
    let text = Text {
        from: record.from?,
        to: record.to?,
        body: record.body,
        media_count: record.media_count,
        opt_out: opt_out.unwrap_or(OptOut::None),
        carrier_replied: opt_out.is_some(),
    };
    Some(Written { external_id: record.message.as_str().to_owned(), made_at_s: record.made_at_s?, text })
}

fn done(outcome: Outcome) -> Done {
    match outcome {
        Outcome::Accepted { external_id } => Done::Accepted(external_id),
        Outcome::AlreadySo => Done::Accepted(None),
        Outcome::LookUpByLabel => Done::AlreadyThere,
        Outcome::RepeatLater { .. } => Done::Later,
        Outcome::Refused { code: refused, .. } => Done::Refused(code(refused)),
        Outcome::Ambiguous => Done::Doubtful,
    }
}

/// A code of Twilio's as the router is told it; 0 is none.
pub(super) fn code(code: u32) -> String {
    match code {
        0 => "not_delivered".to_owned(),
        // "Attempt to send to unsubscribed recipient": the router has one word for it, whichever carrier says so.
        21_610 => "blocked".to_owned(),
        _ => format!("twilio_{code}"),
    }
}

pub(super) fn answer(answer: &OfferAnswer) -> Document {
    document(twiml::answer(answer))
}

pub(super) fn wait(steps: &[WaitStep]) -> Document {
    document(twiml::wait(steps))
}

pub(super) fn nothing() -> Document {
    document(twiml::empty())
}

fn document(body: String) -> Document {
    Document { content_type: twiml::CONTENT_TYPE, body }
}

fn refused(refusal: VerifyRefusal) -> HookRefusal {
    match refusal {
        VerifyRefusal::Form(FormRefusal::BodyTooLarge) => HookRefusal::TooLarge,
        VerifyRefusal::Form(form) => HookRefusal::Malformed(form.to_string()),
        VerifyRefusal::TooManyHeaders => HookRefusal::TooManyHeaders,
        other => HookRefusal::Forged(other.to_string()),
    }
}
