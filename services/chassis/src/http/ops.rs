//! What whoever runs a service asks it: alive, ready and why not, which version, which numbers.
//!
//! These pages need no token and say nothing of a person. Liveness looks at nothing: a process that can answer is
//! alive, and restarting one because its store is away would make things worse.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use serde::Serialize;

use crate::apart::Lane;
use crate::telemetry::Meters;

/// Prometheus' text format.
const METRICS_TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// One reason not to be ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unready {
    /// The condition's name, e.g. `journal`.
    pub condition: Cow<'static, str>,
    /// Why it does not hold, in words for the operator.
    pub reason: Cow<'static, str>,
}

#[derive(Debug, Default)]
struct Board {
    draining: bool,
    // None: the condition holds.
    conditions: BTreeMap<&'static str, Option<Cow<'static, str>>>,
}

/// The conditions under which a service takes work. Clones are one registry.
#[derive(Debug, Clone, Default)]
pub struct Readiness {
    board: Arc<Mutex<Board>>,
}

/// One condition's own handle.
#[derive(Debug, Clone)]
pub struct Condition {
    name: &'static str,
    readiness: Readiness,
}

impl Readiness {
    /// No conditions: ready.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a condition, which does not hold until said so. Asking for a name again gives the same condition, unchanged.
    #[must_use]
    pub fn condition(&self, name: &'static str) -> Condition {
        let mut board = self.board.lock().unwrap_or_else(PoisonError::into_inner);
        board.conditions.entry(name).or_insert(Some(Cow::Borrowed("starting")));
        Condition { name, readiness: self.clone() }
    }

    /// From now on not ready, whatever the conditions say. Final and idempotent.
    pub fn drain(&self) {
        self.board.lock().unwrap_or_else(PoisonError::into_inner).draining = true;
    }

    /// Every reason not to be ready, by condition; empty means ready.
    #[must_use]
    pub fn reasons(&self) -> Vec<Unready> {
        let board = self.board.lock().unwrap_or_else(PoisonError::into_inner);
        let draining = board.draining.then_some(Unready {
            condition: Cow::Borrowed("draining"),
            reason: Cow::Borrowed("this process is going away and takes no new work"),
        });
        let unmet = board
            .conditions
            .iter()
            .filter_map(|(name, reason)| Some(Unready { condition: Cow::Borrowed(*name), reason: reason.clone()? }));
        draining.into_iter().chain(unmet).collect()
    }

    /// Whether there is no reason against it.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.reasons().is_empty()
    }
}

impl Condition {
    /// The condition holds.
    pub fn ready(&self) {
        self.set(None);
    }

    /// The condition does not hold, and why.
    pub fn not_ready(&self, reason: impl Into<Cow<'static, str>>) {
        self.set(Some(reason.into()));
    }

    fn set(&self, reason: Option<Cow<'static, str>>) {
        let mut board = self.readiness.board.lock().unwrap_or_else(PoisonError::into_inner);
        board.conditions.insert(self.name, reason);
    }
}

/// Which build this is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Version {
    /// The service's name.
    pub service: &'static str,
    /// Its version, e.g. `0.1.0`.
    pub version: &'static str,
    /// The revision it was built from, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<&'static str>,
}

/// What the operators' pages tell.
#[derive(Debug, Clone)]
pub struct Ops {
    /// Behind `/readyz`.
    pub readiness: Readiness,
    /// Behind `/metrics`.
    pub meters: Meters,
    /// Behind `/version`.
    pub version: Version,
}

/// `/healthz`, `/readyz`, `/version` and `/metrics`, to be merged into a face's own router. With a lane the metrics are written
/// there: it is the one of these pages that takes time, and nobody in need waits for it.
pub fn ops_routes<S: Clone + Send + Sync + 'static>(ops: Ops, lane: Option<&Lane>) -> Router<S> {
    let scrape = Router::new().route("/metrics", get(metrics));
    let scrape = match lane {
        Some(lane) => lane.routes(scrape),
        None => scrape,
    };
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/version", get(version))
        .merge(scrape)
        .with_state(ops)
}

#[derive(Serialize)]
struct Answer {
    ready: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<Unready>,
}

async fn healthz() -> Response {
    ([(CACHE_CONTROL, "no-store")], "ok\n").into_response()
}

async fn readyz(State(ops): State<Ops>) -> Response {
    let reasons = ops.readiness.reasons();
    let ready = reasons.is_empty();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, [(CACHE_CONTROL, "no-store")], Json(Answer { ready, reasons })).into_response()
}

async fn version(State(ops): State<Ops>) -> Json<Version> {
    Json(ops.version)
}

async fn metrics(State(ops): State<Ops>) -> Response {
    ([(CONTENT_TYPE, METRICS_TEXT)], ops.meters.render()).into_response()
}
