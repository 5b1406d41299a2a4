//! REST requests on the wire: a bounded number in flight, each bounded in time and in the size of its answer.
//!
//! What an answer means is the vendor's business. What matters here is to tell "it cannot have arrived" from "it may have".

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use holdfast_chassis::backoff::{SystemDice, between};
use holdfast_chassis::retries::Retries;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::metrics;
use crate::settings::{Bounds, SettingsRefusal};

/// The largest answer read, in bytes. A larger one counts as not answered.
pub(crate) const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Within this a connection must stand; if it does not, nothing was sent.
const CONNECT_WAIT: Duration = Duration::from_secs(2);

/// Too many requests.
const TOO_MANY: u16 = 429;

/// The longest that a carrier is left alone because it asks for it: somebody waits for what it did not do.
const LATER_MAX: Duration = Duration::from_secs(10);

/// The way to all carriers. Clones share connections and the bound.
#[derive(Debug, Clone)]
pub(crate) struct Wire {
    client: reqwest::Client,
    turns: Arc<Semaphore>,
    within: Duration,
    retries: Retries,
    /// What the retries in flight have come to, and until when the carrier wants to be left alone.
    asked: Arc<Mutex<Asked>>,
}

#[derive(Debug, Default)]
struct Asked {
    again: u32,
    not_before: Option<tokio::time::Instant>,
}

/// The right to have one request in flight. Held over a few requests in a row, never over a pause.
#[derive(Debug)]
pub(crate) struct Turn {
    wire: Wire,
    _permit: Option<OwnedSemaphorePermit>,
}

/// One request: the verb is GET, POST or DELETE.
pub(crate) struct Request<'a> {
    pub(crate) method: http::Method,
    pub(crate) url: String,
    pub(crate) user: &'a str,
    pub(crate) password: &'a str,
    /// A form body; empty sends none.
    pub(crate) form: String,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    /// After how long the carrier wants to be asked again, if it said so in seconds.
    pub(crate) later: Option<Duration>,
}

/// Nothing came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unanswered {
    /// No connection came about: the carrier has heard nothing.
    NotSent,
    /// It may have arrived.
    MayHaveArrived,
}

impl Wire {
    pub(crate) fn new(bounds: &Bounds) -> Result<Self, SettingsRefusal> {
        let within = Duration::from_millis(bounds.rest_within_ms);
        // A redirect could carry our credentials elsewhere; a proxy from the environment could too.
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT_WAIT.min(within))
            .build()
            .map_err(|error| SettingsRefusal::Client(error.to_string()))?;
        Ok(Self {
            client,
            turns: Arc::new(Semaphore::new(bounds.rest_in_flight)),
            within,
            retries: Retries::new("carrier_rest"),
            asked: Arc::default(),
        })
    }

    /// Waits until the carrier may be asked again for what it did not do. Cancel-safe.
    pub(crate) async fn may_retry(&self) {
        let not_before = self.asked.lock().unwrap_or_else(PoisonError::into_inner).not_before;
        if let Some(at) = not_before {
            tokio::time::sleep_until(at).await;
        }
        self.retries.place().await;
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.again = asked.again.saturating_add(1);
    }

    /// Learns how a request went.
    fn learn(&self, answer: &Result<Answer, Unanswered>) {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Ok(Answer { later: Some(later), .. }) = answer {
            let later = between(*later, *later + *later / 4, &mut SystemDice).min(LATER_MAX);
            asked.not_before = asked.not_before.max(Some(tokio::time::Instant::now() + later));
        }
        // Which request was a retry is not known here; that as many of them have ended as began is enough.
        if asked.again == 0 {
            return self.retries.asked();
        }
        asked.again -= 1;
        if answer.as_ref().is_ok_and(|answer| answer.status < 500 && answer.status != TOO_MANY) {
            self.retries.worked();
        }
    }

    /// Waits for a turn; first come, first served.
    pub(crate) async fn turn(&self) -> Turn {
        // The semaphore is never closed, so there is always a permit.
        let permit = Arc::clone(&self.turns).acquire_owned().await.ok();
        Turn { wire: self.clone(), _permit: permit }
    }
}

impl Turn {
    /// Sends one request and reads its answer.
    pub(crate) async fn send(&self, request: Request<'_>) -> Result<Answer, Unanswered> {
        let began = Instant::now();
        let answer = tokio::time::timeout(self.wire.within, exchange(&self.wire.client, request)).await;
        let answer = answer.unwrap_or(Err(Unanswered::MayHaveArrived));
        let outcome = match &answer {
            Ok(answer) if answer.status < 300 => "ok",
            Ok(answer) if answer.status == TOO_MANY => "too_many",
            Ok(answer) if answer.status < 500 => "refused",
            Ok(_) => "failed",
            Err(Unanswered::NotSent) => "not_sent",
            Err(Unanswered::MayHaveArrived) => "unanswered",
        };
        metrics::rest(outcome, began.elapsed());
        self.wire.learn(&answer);
        answer
    }
}

async fn exchange(client: &reqwest::Client, request: Request<'_>) -> Result<Answer, Unanswered> {
    let mut built = client.request(request.method, request.url).basic_auth(request.user, Some(request.password));
    if !request.form.is_empty() {
        built = built.header(http::header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(request.form);
    }
    let sent = built.send().await;
    let mut response = sent.map_err(|error| {
        if error.is_connect() || error.is_builder() { Unanswered::NotSent } else { Unanswered::MayHaveArrived }
    })?;
    let status = response.status().as_u16();
    let later = response.headers().get(http::header::RETRY_AFTER).filter(|_| status == TOO_MANY || status >= 500);
    let later = later.and_then(|seconds| seconds.to_str().ok()?.trim().parse().ok()).map(Duration::from_secs);
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| Unanswered::MayHaveArrived)? {
        if body.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(Unanswered::MayHaveArrived);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, body, later })
}
