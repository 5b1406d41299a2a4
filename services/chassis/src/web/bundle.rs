//! The built pages and their files, from whoever has them: this crate has none, and works without.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use serde::Serialize;

use super::gate::{BOARD_ROLES, DESK_ROLES};
use super::language::Language;
use super::{Web, pages, sign_in};
use crate::access::Principal;
use crate::http::Problem;

/// A file of the bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asset {
    /// Its bytes.
    pub bytes: &'static [u8],
    /// The same, compressed, if that is shorter.
    pub gzip: Option<&'static [u8]>,
    /// Its media type.
    pub content_type: &'static str,
}

type PageOf = dyn Fn(&str, &str) -> Option<String> + Send + Sync;
type AssetOf = dyn Fn(&str) -> Option<Asset> + Send + Sync;

/// The pages and files of one build. Clones are one bundle.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "holds functions")]
pub struct Bundle {
    page: Arc<PageOf>,
    asset: Arc<AssetOf>,
    build: &'static str,
}

impl Bundle {
    /// A bundle. `page` makes the page of a face (`desk`, `board`, `wall`) with its boot data as JSON, or none if it was not
    /// built; `asset` finds a file by the rest of its path after `/assets/`; file names change with their content.
    pub fn new(
        page: impl Fn(&str, &str) -> Option<String> + Send + Sync + 'static,
        asset: impl Fn(&str) -> Option<Asset> + Send + Sync + 'static,
        build: &'static str,
    ) -> Self {
        Self { page: Arc::new(page), asset: Arc::new(asset), build }
    }

    /// Nothing was built: every face is a plain page that says so.
    #[must_use]
    pub fn none() -> Self {
        Self::new(|_, _| None, |_| None, "")
    }

    pub(super) fn build(&self) -> &'static str {
        self.build
    }
}

/// What a page knows before its socket is open.
#[derive(Serialize)]
struct Boot<'a> {
    me: Me<'a>,
    build: &'a str,
    demo: bool,
    desk: bool,
    board: bool,
}

#[derive(Serialize)]
struct Me<'a> {
    name: &'a str,
    role: &'static str,
}

pub(super) fn face(web: &Web, face: &'static str, request: &Parts, who: &Principal) -> Response {
    let inner = &web.inner;
    let boot = Boot {
        me: Me { name: &who.name, role: who.role.name() },
        build: inner.bundle.build,
        demo: inner.demo,
        desk: DESK_ROLES.contains(&who.role),
        board: BOARD_ROLES.contains(&who.role),
    };
    let page = serde_json::to_string(&boot).ok().and_then(|boot| (inner.bundle.page)(face, &boot));
    match page {
        Some(page) => Html(page).into_response(),
        None => {
            let language = Language::of(sign_in::asked_language(request).as_deref(), &request.headers);
            (StatusCode::SERVICE_UNAVAILABLE, Html(pages::not_built(language, who))).into_response()
        }
    }
}

pub(super) fn routes(web: Web) -> Router {
    Router::new().route("/assets/{*path}", get(asset)).with_state(web)
}

async fn asset(State(web): State<Web>, Path(path): Path<String>, headers: HeaderMap) -> Response {
    let Some(asset) = (web.inner.bundle.asset)(&path) else {
        return Problem::new(StatusCode::NOT_FOUND).into_response();
    };
    let takes = |value: &http::HeaderValue| value.to_str().is_ok_and(|value| value.contains("gzip"));
    let gzip = asset.gzip.filter(|_| headers.get_all(ACCEPT_ENCODING).iter().any(takes));
    let cached = (CACHE_CONTROL, "public, max-age=31536000, immutable");
    let mut response = ([(CONTENT_TYPE, asset.content_type), cached, (VARY, "accept-encoding")], ()).into_response();
    if gzip.is_some() {
        response.headers_mut().insert(CONTENT_ENCODING, http::HeaderValue::from_static("gzip"));
    }
    *response.body_mut() = axum::body::Body::from(bytes::Bytes::from_static(gzip.unwrap_or(asset.bytes)));
    response
}
