//! The routes: the live board and its socket, the wallboard, and the plain board that needs no script. Who may look is asked of
//! the chassis at every request; counselors and peers are told that this is not their page.

use std::sync::Arc;

use axum::Router;
use axum::extract::Query;
use axum::extract::State as Shares;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFRESH, X_CONTENT_TYPE_OPTIONS};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use holdfast_chassis::channel::Line;
use holdfast_chassis::http::Problem;
use holdfast_chassis::pace::Pace;
use holdfast_chassis::web::socket::{bounded, turn_away};
use holdfast_chassis::web::{BOARD_ROLES, Language, Web, harden};
use serde::Deserialize;

use crate::board::Board;
use crate::metrics;
use crate::plain;
use crate::socket::{MESSAGE_BYTES_MAX, Seat, serve};

/// The plain board's own policy, stricter than the other pages': no script at all.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What the plain board's address may ask for.
#[derive(Deserialize)]
struct Asked {
    lang: Option<String>,
}

/// What the routes stand on.
#[derive(Clone)]
pub(crate) struct Faces {
    pub(crate) board: Arc<Board>,
    pub(crate) router: Line,
    pub(crate) web: Web,
    pub(crate) pace: Pace,
}

pub(crate) fn routes(faces: Faces) -> Router {
    let routes = Router::new()
        .route("/board", get(|faces: Shares<Faces>, parts: Parts| async move { page(&faces, "board", &parts) }))
        .route("/wall", get(|faces: Shares<Faces>, parts: Parts| async move { page(&faces, "wall", &parts) }))
        .route("/board/plain", get(plain))
        .route("/board/plain.css", get(style))
        .route("/ui/v1/board", get(socket))
        .with_state(faces);
    // Whether the outside speaks TLS, and so whether to say so to browsers, is known to whoever mounts this.
    harden(routes, false)
}

fn page(faces: &Faces, face: &'static str, parts: &Parts) -> Response {
    match faces.web.page_for(parts, BOARD_ROLES) {
        Ok(pass) => faces.web.face(face, parts, &pass.principal),
        Err(elsewhere) => elsewhere,
    }
}

async fn socket(
    Shares(faces): Shares<Faces>,
    parts: Parts,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let Faces { board, router, web, pace } = faces;
    let pass = match web.speaker_for(&parts, BOARD_ROLES) {
        Ok(pass) => pass,
        Err(refusal) => return refusal,
    };
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => return Problem::new(rejection.status()).detail("this is a WebSocket").into_response(),
    };
    let Ok(permit) = Arc::clone(&board.seats).try_acquire_owned() else {
        metrics::full();
        let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE);
        return problem.detail("as many boards are open as may be; use /board/plain, or come back").into_response();
    };
    let turn = pace.enter(false);
    let seat = Seat { board, router, web, pass };
    bounded(upgrade, MESSAGE_BYTES_MAX).on_upgrade(async move |socket| {
        match turn {
            Ok(()) => serve(seat, permit, socket).await,
            // A browser's script cannot read why an upgrade was refused; a socket can tell it.
            Err(after) => turn_away(socket, after).await,
        }
    })
}

async fn plain(Shares(faces): Shares<Faces>, parts: Parts) -> Response {
    if !faces.board.settings.plain_public
        && let Err(elsewhere) = faces.web.page_for(&parts, BOARD_ROLES)
    {
        return elsewhere;
    }
    metrics::page();
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CACHE_CONTROL, "no-store"),
        (REFRESH, "5"),
    ];
    // An address that cannot be read asks for nothing: a board on a wall is shown all the same.
    let asked = Query::<Asked>::try_from_uri(&parts.uri).ok().and_then(|Query(asked)| asked.lang);
    let language = Language::of(asked.as_deref(), &parts.headers);
    let page = match faces.board.plain() {
        Some((known, age)) => plain::page(&known, age, &faces.board.settings, language),
        None => plain::not_connected(language),
    };
    (headers, page).into_response()
}

async fn style() -> Response {
    let headers =
        [(CONTENT_TYPE, "text/css; charset=utf-8"), (X_CONTENT_TYPE_OPTIONS, "nosniff"), (CACHE_CONTROL, "max-age=60")];
    (headers, plain::STYLE).into_response()
}
