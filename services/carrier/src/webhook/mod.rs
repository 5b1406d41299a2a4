//! The webhooks over HTTP: known account, bounded body, signature, form, one durable command, an answer.
//!
//! A carrier gets 200 only for what is durable at the router, 503 when nothing could be made durable (so that it uses its
//! fallback and the person still reaches a human), and never 429. What a webhook means is in [`meaning`].

mod answer;
mod meaning;
pub(crate) mod text;
mod verify;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use holdfast_carrier_codec::callback::{Callback, CallbackRefusal};
use holdfast_chassis::http::Problem;
use http::{StatusCode, header};

use crate::account::Account;
use crate::metrics;
use crate::router::Router;
use crate::settings::Bounds;
use crate::vendor::Document;

/// What the webhooks work with.
#[derive(Clone)]
pub(crate) struct Hooks {
    /// By name.
    pub(crate) accounts: BTreeMap<String, Arc<Account>>,
    pub(crate) router: Router,
    pub(crate) bounds: Bounds,
}

/// An answered webhook: what the carrier gets, and the word for the metric.
pub(crate) struct Answered {
    pub(crate) what: Result<Document, Problem>,
    pub(crate) outcome: &'static str,
}

impl Answered {
    pub(crate) fn document(document: Document, outcome: &'static str) -> Self {
        Self { what: Ok(document), outcome }
    }

    pub(crate) fn problem(status: StatusCode, detail: impl Into<String>, outcome: &'static str) -> Self {
        Self { what: Err(Problem::new(status).detail(detail)), outcome }
    }
}

/// The routes.
pub(crate) fn routes(hooks: Hooks) -> axum::Router {
    axum::Router::new().route("/v1/carriers/{account}/{hook}", post(receive)).with_state(Arc::new(hooks))
}

async fn receive(State(hooks): State<Arc<Hooks>>, request: Request<Body>) -> Response {
    let began = Instant::now();
    let uri = request.uri().clone();
    let path_and_query = uri.path_and_query().map_or("/", |path| path.as_str());
    let (account, kind, answered) = match Callback::parse(path_and_query) {
        Err(refusal) => ("unknown", "unknown", unreadable(refusal)),
        Ok(callback) => match hooks.accounts.get(callback.account.as_str()) {
            None => ("unknown", callback.hook.segment(), no_such_account()),
            Some(account) => {
                let answered = take(&hooks, account, &callback, path_and_query, request).await;
                (account.name.as_str(), callback.hook.segment(), answered)
            }
        },
    };
    metrics::webhook(account, kind, answered.outcome, began.elapsed());
    match answered.what {
        Ok(document) => ([(header::CONTENT_TYPE, document.content_type)], document.body).into_response(),
        Err(problem) => {
            tracing::info!(account, kind, outcome = answered.outcome, detail = problem.detail, "a webhook was refused");
            problem.into_response()
        }
    }
}

async fn take(
    hooks: &Hooks,
    account: &Arc<Account>,
    callback: &Callback,
    path_and_query: &str,
    request: Request<Body>,
) -> Answered {
    let until = tokio::time::Instant::now() + Duration::from_millis(hooks.bounds.answer_within_ms);
    let body_within = Duration::from_millis(hooks.bounds.body_within_ms);
    match verify::let_in(account, callback, path_and_query, request, body_within).await {
        Ok(reading) => answer::to(hooks, account, callback, reading, until).await,
        Err(refused) => refused,
    }
}

fn unreadable(refusal: CallbackRefusal) -> Answered {
    let status = match refusal {
        CallbackRefusal::Path | CallbackRefusal::Hook | CallbackRefusal::Account(_) => StatusCode::NOT_FOUND,
        CallbackRefusal::Contact(_)
        | CallbackRefusal::Leg(_)
        | CallbackRefusal::Message
        | CallbackRefusal::Repeated => StatusCode::BAD_REQUEST,
    };
    Answered::problem(
        status,
        refusal.to_string(),
        if status == StatusCode::NOT_FOUND { "unknown" } else { "malformed" },
    )
}

fn no_such_account() -> Answered {
    Answered::problem(StatusCode::NOT_FOUND, "no carrier account of this name is configured", "unknown")
}
