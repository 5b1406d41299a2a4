//! Signing in and out: a form without a script, and the cookie it leaves.
//!
//! A right token takes no place and waits for nobody, so that a whole shift signs in within moments and whoever guesses keeps
//! nobody out. A wrong one is answered [`WRONG_ANSWER_AFTER`] it got one of [`ATTEMPTS_MAX`] places, with the same words whatever
//! is wrong with it: that bounds the wrong answers in a second. Looking up has no bound of its own: a token is 256 random bits, and
//! a look is one hash and one search of a map.

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Form, FromRequest, Path, Query, Request, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, SET_COOKIE, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use serde::Deserialize;
use tokio::time::{sleep, timeout};

use super::gate::{self, home};
use super::language::Language;
use super::pages::{self, Mistake};
use super::session::Place;
use super::{Web, session};
use crate::access::Principal;
use crate::http::Problem;
use crate::metrics;
use crate::settings::Secret;

/// How long after it got its place a wrong token is answered.
pub const WRONG_ANSWER_AFTER: Duration = Duration::from_millis(500);

/// Wrong tokens in hand at one time, at most: with [`WRONG_ANSWER_AFTER`], 128 of them a second are answered.
pub const ATTEMPTS_MAX: usize = 64;

/// How long a wrong token waits for its place before it is told to come back.
pub const ATTEMPT_WAIT_MAX: Duration = Duration::from_secs(2);

/// Where one-time codes are used.
pub(super) const ONCE: &str = "/sign-in/once/";

/// Bytes of the form, at most: a token of 512 bytes and the way back, percent-encoded.
const FORM_BYTES_MAX: usize = 8 * 1_024;

/// Bytes of the way back, at most; a longer one is left out.
const BACK_BYTES_MAX: usize = 1_024;

#[derive(Deserialize)]
pub(super) struct Asked {
    lang: Option<String>,
    #[serde(rename = "next")]
    back: Option<String>,
}

#[derive(Deserialize)]
struct Given {
    token: Secret,
    #[serde(default)]
    lang: String,
    #[serde(default, rename = "next")]
    back: String,
}

pub(super) fn routes(web: Web) -> Router {
    Router::new()
        .route("/", get(root))
        .route("/sign-in", get(show).post(sign_in).layer(DefaultBodyLimit::max(FORM_BYTES_MAX)))
        .route("/sign-in/once/{code}", get(once))
        .route("/sign-in.css", get(style))
        // Browsers ask for it by themselves; our pages name their own.
        .route("/favicon.ico", get(async || StatusCode::NO_CONTENT))
        .route("/sign-out", post(sign_out))
        .with_state(web)
}

/// The sign-in page that leads back to where somebody wanted to go.
pub(super) fn address(back: &str) -> String {
    match local(back) {
        None | Some("/") => "/sign-in".to_owned(),
        Some(back) => {
            let escaped: String = back.bytes().map(escape).collect();
            format!("/sign-in?next={escaped}")
        }
    }
}

fn escape(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-_./".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

/// A way back that stays here: a path of ours, never another host.
fn local(back: &str) -> Option<&str> {
    let own = back.starts_with('/') && !back.starts_with("//") && !back.starts_with("/sign-");
    let plain = back.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    (own && plain && back.len() <= BACK_BYTES_MAX).then_some(back)
}

/// The language that a page's address asks for.
pub(super) fn asked_language(request: &Parts) -> Option<String> {
    Query::<Asked>::try_from_uri(&request.uri).ok().and_then(|Query(asked)| asked.lang)
}

async fn root(State(web): State<Web>, request: Parts) -> Redirect {
    Redirect::to(gate::pass(&web, &request, &[]).map_or("/sign-in", |pass| home(pass.principal.role)))
}

async fn show(State(web): State<Web>, Query(asked): Query<Asked>, request: Parts) -> Response {
    let language = Language::of(asked.lang.as_deref(), &request.headers);
    let back = asked.back.as_deref().and_then(local).unwrap_or_default();
    let known = gate::pass(&web, &request, &[]).map(|pass| pass.principal);
    Html(pages::sign_in(language, back, known.as_ref(), None)).into_response()
}

async fn sign_in(State(web): State<Web>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if web.inner.origins.check(&parts).is_err() {
        metrics::web_refused("origin");
        let problem = Problem::new(StatusCode::FORBIDDEN);
        return problem.detail("sign in from our own page; see web.public_origins").into_response();
    }
    let Ok(Form(given)) = Form::<Given>::from_request(Request::from_parts(parts.clone(), body), &()).await else {
        metrics::web_refused("form");
        let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY);
        return problem.field("token").detail("send the form of /sign-in, with the token").into_response();
    };
    let language = Language::of(Some(&given.lang), &parts.headers);
    let back = local(&given.back).unwrap_or_default();
    let token = Secret::from(given.token.expose().trim().to_owned());
    let Some(who) = web.inner.access.lookup(token.expose()) else { return wrong(&web, language, back).await };
    let target = if back.is_empty() { home(who.role) } else { back };
    let mut answer = begun(&web, &parts, &token, &who, Redirect::to(target).into_response());
    // Whoever signs in by the form is alone at this browser: somebody else's desk must not stay open beside.
    ended(&web, &parts, Place::BOTH.into_iter().filter(|place| *place != gate::place(who.role)), &mut answer);
    answer
}

/// A token that nobody has. Only these take a place and wait: tokens are random, so that a right one costs one look, and whoever
/// guesses keeps nobody from their shift.
async fn wrong(web: &Web, language: Language, back: &str) -> Response {
    let Ok(Ok(place)) = timeout(ATTEMPT_WAIT_MAX, web.inner.attempts.acquire()).await else {
        metrics::signed_in("too_many");
        let page = Html(pages::sign_in(language, back, None, Some(Mistake::TooMany)));
        return (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, "5")], page).into_response();
    };
    // From here and not from its arrival: whoever waited in line must not leave the place at once.
    sleep(WRONG_ANSWER_AFTER).await;
    drop(place);
    metrics::signed_in("wrong");
    let page = Html(pages::sign_in(language, back, None, Some(Mistake::Wrong)));
    (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, "Bearer")], page).into_response()
}

/// Uses a one-time code. The page goes on by itself, and not by a redirect: a strict cookie is not sent along a redirect that
/// began on another site.
async fn once(State(web): State<Web>, Path(code): Path<String>, request: Parts) -> Response {
    let token = web.inner.codes.take(&code);
    let known = token.and_then(|token| web.inner.access.lookup(token.expose()).map(|who| (token, who)));
    let language = Language::of(asked_language(&request).as_deref(), &request.headers);
    let Some((token, who)) = known else {
        metrics::signed_in("wrong");
        let page = Html(pages::sign_in(language, "", None, Some(Mistake::Used)));
        return (StatusCode::GONE, page).into_response();
    };
    let page = Html(pages::goes_on(language, home(who.role))).into_response();
    begun(&web, &request, &token, &who, page)
}

fn begun(web: &Web, request: &Parts, token: &Secret, who: &Principal, mut answer: Response) -> Response {
    let Some(cookie) = session::begin(token, web.inner.origins.is_https(request), gate::place(who.role)) else {
        return Problem::new(StatusCode::INTERNAL_SERVER_ERROR).into_response();
    };
    metrics::signed_in("right");
    tracing::info!(principal = who.name, role = who.role.name(), "somebody signed in at a browser");
    answer.headers_mut().append(SET_COOKIE, cookie);
    answer
}

async fn sign_out(State(web): State<Web>, request: Parts) -> Response {
    if web.inner.origins.check(&request).is_err() {
        metrics::web_refused("origin");
        return Problem::new(StatusCode::FORBIDDEN).detail("sign out from our own page").into_response();
    }
    let mut answer = Redirect::to("/sign-in").into_response();
    ended(&web, &request, Place::BOTH.into_iter(), &mut answer);
    answer
}

fn ended(web: &Web, request: &Parts, places: impl Iterator<Item = Place>, answer: &mut Response) {
    let https = web.inner.origins.is_https(request);
    for cookie in places.filter_map(|place| session::end(https, place)) {
        answer.headers_mut().append(SET_COOKIE, cookie);
    }
}

async fn style() -> Response {
    let cached = (CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    ([(CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8")), cached], pages::STYLE).into_response()
}

#[cfg(test)]
mod tests {
    use tower::util::ServiceExt;

    use super::*;
    use crate::access::{AccessTable, PrincipalSettings, hash_token};
    use crate::web::{Bundle, WebSettings};

    #[tokio::test(start_paused = true)]
    async fn when_every_place_is_taken_a_wrong_token_is_told_to_come_back_and_a_right_one_is_let_in() {
        let ana = PrincipalSettings { name: "ana".into(), role: "counselor".into(), token_sha256: hash_token("right") };
        let access = AccessTable::new(&[ana]).unwrap();
        let web = Web::new(access, &WebSettings::default(), false, Bundle::none()).unwrap();
        let places = u32::try_from(ATTEMPTS_MAX).unwrap();
        let taken = web.inner.attempts.acquire_many(places).await.unwrap();
        let attempt = async |token: &str| {
            let form = "application/x-www-form-urlencoded";
            let request = Request::post("/sign-in").header("host", "x").header("origin", "http://x");
            let request =
                request.header(CONTENT_TYPE, form).body(axum::body::Body::from(format!("token={token}"))).unwrap();
            routes(web.clone()).oneshot(request).await.unwrap()
        };
        assert_eq!(attempt("right").await.status(), StatusCode::SEE_OTHER);
        let told = attempt("y").await;
        assert_eq!(told.status(), StatusCode::TOO_MANY_REQUESTS);
        assert!(told.headers().contains_key(RETRY_AFTER));
        drop(taken);
        assert_eq!(attempt("y").await.status(), StatusCode::UNAUTHORIZED);
    }

    #[test]
    fn the_way_back_stays_here() {
        assert_eq!(address("/board?f=act&w=30"), "/sign-in?next=/board%3Ff%3Dact%26w%3D30");
        assert_eq!(local("/board?f=act"), Some("/board?f=act"));
        for elsewhere in ["", "//evil.test", "https://evil.test", "/\\evil.test", "/a b", "/sign-in", "/sign-out", "/é"]
        {
            assert_eq!(local(elsewhere), None, "{elsewhere}");
            assert_eq!(address(elsewhere), "/sign-in");
        }
        assert_eq!(local(&format!("/{}", "a".repeat(BACK_BYTES_MAX))), None);
    }
}
