//! Who may pass: a cookie or a header makes a principal, and where neither does, the answer that says where to go.

use axum::response::{Html, IntoResponse, Redirect, Response};
use http::header::ACCEPT;
use http::request::Parts;
use http::{Method, StatusCode};

use super::language::Language;
use super::origin::Wrong;
use super::session::Place;
use super::{Web, pages, session, sign_in};
use crate::access::{AccessTable, Principal, Role};
use crate::bearer::bearer_token;
use crate::http::Problem;
use crate::metrics;
use crate::settings::Secret;

/// Who has a desk.
pub const DESK_ROLES: &[Role] = &[Role::Counselor, Role::Peer];

/// Who sees the board.
pub const BOARD_ROLES: &[Role] = &[Role::Supervisor, Role::Operator, Role::Administrator];

/// Somebody who was let in, for as long as their token stands in the table.
pub struct Pass {
    /// Who.
    pub principal: Principal,
    token: Secret,
    access: AccessTable,
    by_cookie: bool,
}

impl Pass {
    /// Whether they are still who they were. To be asked again and again where something stays open.
    #[must_use]
    pub fn stands(&self) -> bool {
        self.access.lookup(self.token.expose()).as_ref() == Some(&self.principal)
    }
}

/// The page somebody works at.
pub(super) fn home(role: Role) -> &'static str {
    if DESK_ROLES.contains(&role) { "/desk" } else { "/board" }
}

/// Which cookie a role's session is kept in.
pub(super) fn place(role: Role) -> Place {
    if DESK_ROLES.contains(&role) { Place::Desk } else { Place::Board }
}

/// Somebody we know, and of two whoever has one of `roles`.
pub(super) fn pass(web: &Web, request: &Parts, roles: &[Role]) -> Option<Pass> {
    let access = &web.inner.access;
    let known = |token: Secret, by_cookie: bool| {
        let principal = access.lookup(token.expose())?;
        Some(Pass { principal, token, access: access.clone(), by_cookie })
    };
    if let Some(token) = bearer_token(&request.headers) {
        return known(Secret::from(token.to_owned()), false);
    }
    let https = web.inner.origins.is_https(request);
    let tokens = Place::BOTH.into_iter().filter_map(|place| session::token(request, https, place));
    let mut passes: Vec<_> = tokens.filter_map(|token| known(token, true)).collect();
    let fits = passes.iter().position(|pass| roles.contains(&pass.principal.role)).unwrap_or(0);
    (fits < passes.len()).then(|| passes.swap_remove(fits))
}

#[expect(clippy::result_large_err, reason = "the error is the answer, made once per refused request")]
pub(super) fn page(web: &Web, request: &Parts, roles: &[Role]) -> Result<Pass, Response> {
    let Some(pass) = pass(web, request, roles) else { return Err(stranger(request)) };
    if roles.contains(&pass.principal.role) {
        return Ok(pass);
    }
    let language = Language::of(sign_in::asked_language(request).as_deref(), &request.headers);
    Err((StatusCode::FORBIDDEN, Html(pages::not_for(language, &pass.principal))).into_response())
}

#[expect(clippy::result_large_err, reason = "the error is the answer, made once per refused request")]
pub(super) fn speaker(web: &Web, request: &Parts, roles: &[Role]) -> Result<Pass, Response> {
    let origin = web.inner.origins.check(request);
    let foreign = || {
        metrics::web_refused("origin");
        let problem = Problem::new(StatusCode::FORBIDDEN);
        problem.detail("this request does not come from a page of ours; see web.public_origins").into_response()
    };
    if origin == Err(Wrong::Foreign) {
        return Err(foreign());
    }
    let Some(pass) = pass(web, request, roles) else { return Err(unknown()) };
    if pass.by_cookie && origin.is_err() {
        return Err(foreign());
    }
    if !roles.contains(&pass.principal.role) {
        metrics::web_refused("role");
        let problem = Problem::new(StatusCode::FORBIDDEN);
        return Err(problem.detail(format!("this is not open to a {}", pass.principal.role)).into_response());
    }
    Ok(pass)
}

/// Nobody we know: a browser is shown the way in, anything else is told in a problem.
fn stranger(request: &Parts) -> Response {
    let reads = |accept: &http::HeaderValue| accept.to_str().is_ok_and(|accept| accept.contains("text/html"));
    if request.method == Method::GET && request.headers.get_all(ACCEPT).iter().any(reads) {
        let back = request.uri.path_and_query().map_or("/", |it| it.as_str());
        return Redirect::to(&sign_in::address(back)).into_response();
    }
    unknown()
}

fn unknown() -> Response {
    metrics::web_refused("token");
    let problem = Problem::new(StatusCode::UNAUTHORIZED);
    let detail = "sign in at /sign-in, or send `Authorization: Bearer` with a token of the table";
    let challenge = [(http::header::WWW_AUTHENTICATE, "Bearer")];
    (challenge, problem.detail(detail)).into_response()
}
