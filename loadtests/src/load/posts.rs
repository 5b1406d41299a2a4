//! Signed webhooks over kept connections, as many in flight as there are connections, each given up after the carrier's patience.
//!
//! What is given up closes its connection, as a carrier does that has gone to its fallback; another is opened when one is needed.

use super::meter::{Counted, Meter, Timed};
use crate::prng::Prng;
use crate::scenario::Backlog;
pub(crate) use crate::webhook::Form;
use crate::webhook::{self, Connection};
use bytes::Bytes;
use holdfast_carrier_codec::secret::{Secret, SecretRefusal};
use http::StatusCode;
use http_body_util::BodyExt as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// How much later a repeated or late webhook comes, milliseconds: least and most.
const AGAIN_MS: (u64, u64) = (20, 500);

/// Why a webhook has no good answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PostError {
    #[error("no connection to the webhooks")]
    Connect,
    #[error("the exchange broke off")]
    Broken,
    #[error("the webhook was answered {0}")]
    Status(StatusCode),
    #[error("the carrier's patience is over")]
    Late,
}

/// The way to the webhooks.
pub(crate) struct Posts {
    at: SocketAddr,
    secret: Secret,
    patience: Duration,
    room: Semaphore,
    kept: Mutex<Vec<Connection>>,
    meter: Arc<Meter>,
    began: Instant,
    faults: Mutex<(Option<Backlog>, Prng)>,
    /// True while the carrier holds everything.
    held: tokio::sync::watch::Sender<bool>,
    /// Statuses other than 2xx, for the report.
    pub(crate) refusals: Mutex<std::collections::BTreeMap<String, u64>>,
}

impl Posts {
    pub(crate) fn new(
        at: SocketAddr,
        auth_token: &str,
        settings: &crate::scenario::Webhooks,
        meter: Arc<Meter>,
        began: Instant,
        seed: u64,
    ) -> Result<Self, SecretRefusal> {
        Ok(Self {
            at,
            secret: Secret::new(auth_token)?,
            patience: Duration::from_secs_f64(settings.patience_s),
            room: Semaphore::new(settings.connections),
            kept: Mutex::default(),
            meter,
            began,
            faults: Mutex::new((None, Prng::keyed(seed, &["webhook faults"]))),
            held: tokio::sync::watch::Sender::new(false),
            refusals: Mutex::default(),
        })
    }

    /// From now on webhooks are repeated and late, or not any more.
    pub(crate) fn fault(&self, backlog: Option<Backlog>) {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).0 = backlog;
    }

    /// From now on nothing is posted, or all that was held is.
    pub(crate) fn hold(&self, on: bool) {
        self.held.send_replace(on);
    }

    fn now_us(&self) -> u64 {
        crate::clock::whole_us(self.began.elapsed())
    }

    /// Posts one signed form, now or as it was planned; the answer's body, and that of a repetition if there was one. Only what was planned
    /// can be late.
    ///
    /// # Errors
    /// If there is no good answer while the carrier is patient.
    pub(crate) async fn post(
        &self,
        planned_us: Option<u64>,
        hook: &str,
        form: &Form,
    ) -> Result<(Bytes, Option<Bytes>), PostError> {
        let mut planned_us = planned_us;
        if *self.held.borrow() {
            // The sender lives as long as this. What was held is due when the carrier is back.
            let _ = self.held.subscribe().wait_for(|held| !held).await;
            planned_us = None;
        }
        let (again_ms, late_ms) = self.dice();
        if let Some(late_ms) = late_ms {
            tokio::time::sleep(Duration::from_millis(late_ms)).await;
        }
        let planned_us = planned_us.map(|it| it + late_ms.unwrap_or(0) * 1_000);
        let first = self.timed(planned_us, hook, form).await?;
        let Some(again_ms) = again_ms else { return Ok((first, None)) };
        tokio::time::sleep(Duration::from_millis(again_ms)).await;
        // What comes of the second changes nothing for the carrier.
        Ok((first, self.timed(None, hook, form).await.ok()))
    }

    fn dice(&self) -> (Option<u64>, Option<u64>) {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        let (Some(backlog), prng) = &mut *faults else { return (None, None) };
        let mut dice = |part: f64| prng.happens(part).then(|| prng.between(AGAIN_MS.0, AGAIN_MS.1));
        (dice(backlog.duplicates), dice(backlog.disorder))
    }

    async fn timed(&self, planned_us: Option<u64>, hook: &str, form: &Form) -> Result<Bytes, PostError> {
        let begun_us = self.now_us();
        let due_us = planned_us.unwrap_or(begun_us);
        if planned_us.is_some() {
            self.meter.time(Timed::Late, due_us, begun_us.saturating_sub(due_us));
        }
        self.meter.count(Counted::Hooks, due_us);
        let gone = Duration::from_micros(begun_us.saturating_sub(due_us));
        let left = self.patience.saturating_sub(gone);
        let answered = match tokio::time::timeout(left, self.exchange(hook, form)).await {
            Ok(answered) => answered,
            Err(_over) => Err(PostError::Late),
        };
        match &answered {
            Ok(_) => self.meter.time(Timed::Ack, due_us, self.now_us().saturating_sub(due_us)),
            Err(why) => {
                self.meter.count(Counted::Unanswered, due_us);
                *self.refusals.lock().unwrap_or_else(PoisonError::into_inner).entry(why.to_string()).or_default() += 1;
            }
        }
        answered
    }

    async fn exchange(&self, hook: &str, form: &Form) -> Result<Bytes, PostError> {
        let request = webhook::signed(&self.secret, hook, form).map_err(|_| PostError::Broken)?;
        let _permit = self.room.acquire().await.map_err(|_| PostError::Connect)?;
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut connection = match kept {
            Some(kept) if !kept.is_closed() => kept,
            _ => webhook::connect(self.at).await.map_err(|_| PostError::Connect)?,
        };
        connection.ready().await.map_err(|_| PostError::Broken)?;
        let response = connection.send_request(request).await.map_err(|_| PostError::Broken)?;
        let status = response.status();
        let body = response.into_body().collect().await.map_err(|_| PostError::Broken)?.to_bytes();
        if !connection.is_closed() {
            self.kept.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
        if status.is_success() { Ok(body) } else { Err(PostError::Status(status)) }
    }
}
