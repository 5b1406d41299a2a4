//! REST on the wire: the account's password, the dice, and an answer, a slow one or a cut connection.

use super::answer::Reply;
use super::messages;
use super::request::{Ask, Params, route};
use super::rooms::perform;
use crate::carrier::exchange::Exchange;
use crate::carrier::fate;
use crate::carrier::ledger::{Happened, RestFault};
use crate::clock::whole_us;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, Method, Uri, header};
use axum::response::Response;
use base64::Engine as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The largest request body, bytes.
const BODY_BYTES: usize = 64 * 1024;

/// The whole API.
pub(crate) fn router(exchange: Arc<Exchange>) -> Router {
    Router::new().fallback(answer).layer(DefaultBodyLimit::max(BODY_BYTES)).with_state(exchange)
}

async fn answer(
    State(exchange): State<Arc<Exchange>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let asked = Instant::now();
    if !knows_password(&exchange, &headers) {
        return send(&Reply::error(401, 20_003, "Authenticate"));
    }
    let Some(ask) = route(method.as_str(), uri.path(), &exchange.settings.account_sid) else {
        return send(&Reply::not_found());
    };
    let encoded = if method == Method::POST { &body[..] } else { uri.query().unwrap_or_default().as_bytes() };
    let params = Params::read(encoded);
    let fault = draw(&exchange, &ask);
    let (response, status) = meet(&exchange, &ask, &params, fault).await;
    exchange.note(Happened::RestAnswered {
        method: method.as_str().to_owned(),
        route: ask.route().to_owned(),
        status,
        fault,
        took_us: whole_us(asked.elapsed()),
    });
    response
}

fn draw(exchange: &Arc<Exchange>, ask: &Ask) -> Option<RestFault> {
    let key = ask.route();
    let nth = exchange.change(|moves| {
        let asked = moves.state.asked.entry(key.to_owned()).or_default();
        *asked += 1;
        *asked
    });
    fate::of_rest(&exchange.settings.faults, exchange.settings.seed, key, nth, ask.writes())
}

/// Carries the request out as the dice will have it. Status 0 stands for a cut connection.
async fn meet(exchange: &Arc<Exchange>, ask: &Ask, params: &Params, fault: Option<RestFault>) -> (Response, u16) {
    match fault {
        None => {
            let reply = perform(exchange, ask, params);
            (send(&reply), reply.status)
        }
        Some(RestFault::Slow { by_ms }) => {
            let reply = perform(exchange, ask, params);
            tokio::time::sleep(Duration::from_millis(by_ms)).await;
            (send(&reply), reply.status)
        }
        Some(RestFault::CutBefore) => {
            if *ask == Ask::CreateMessage {
                messages::note_cut(exchange, params);
            }
            (cut(), 0)
        }
        Some(RestFault::Refused { status: 429 }) => (send(&Reply::too_many()), 429),
        Some(RestFault::Refused { .. }) => (send(&Reply::error(503, 20_503, "Service Unavailable")), 503),
        Some(RestFault::EffectThen500) => {
            perform(exchange, ask, params);
            (send(&Reply::error(500, 20_500, "Internal Server Error")), 500)
        }
        Some(RestFault::EffectThenCut) => {
            perform(exchange, ask, params);
            (cut(), 0)
        }
        Some(RestFault::EffectLate { after_ms }) => {
            let (later, ask, params) = (Arc::clone(exchange), ask.clone(), params.clone().coming_late());
            exchange.spawn(async move {
                tokio::time::sleep(Duration::from_millis(after_ms)).await;
                let status = perform(&later, &ask, &params).status;
                later.note(Happened::RestLateEffect { route: ask.route().to_owned(), status });
            });
            (cut(), 0)
        }
    }
}

fn knows_password(exchange: &Exchange, headers: &HeaderMap) -> bool {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let pair = format!("{}:{}", exchange.settings.account_sid, exchange.settings.auth_token.reveal());
    let expected = base64::engine::general_purpose::STANDARD.encode(pair);
    given.and_then(|given| given.strip_prefix("Basic ")) == Some(expected.as_str())
}

fn send(reply: &Reply) -> Response {
    let body = if reply.body.is_null() { Body::empty() } else { Body::from(reply.body.to_string()) };
    let mut response = Response::new(body);
    *response.status_mut() = http::StatusCode::from_u16(reply.status).unwrap_or(http::StatusCode::BAD_GATEWAY);
    let json = http::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

/// A body that breaks: the server closes the connection in the middle of the answer.
fn cut() -> Response {
    let broken = std::io::Error::new(std::io::ErrorKind::ConnectionReset, "cut");
    Response::new(Body::from_stream(futures_util::stream::once(std::future::ready(Err::<Bytes, _>(broken)))))
}
