//! The routes and what every answer of them carries: no scripts, nothing from elsewhere, nothing kept.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::State as Shares;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, REFRESH, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::clock::Clock;
use crate::figures::Figures;
use crate::fold::State;
use crate::metrics;
use crate::plain::{self, Age};
use crate::settings::DashboardSettings;

const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What the follower writes and the pages read.
pub(crate) struct Shared {
    pub(crate) settings: DashboardSettings,
    clock: Arc<dyn Clock>,
    known: Mutex<Known>,
}

struct Known {
    state: State,
    heard: Option<Heard>,
}

#[derive(Clone, Copy)]
struct Heard {
    steady_ms: u64,
    unix_ms: u64,
}

impl Shared {
    pub(crate) fn new(settings: DashboardSettings, clock: Arc<dyn Clock>) -> Self {
        let state = State::new(settings.short_s * 1_000);
        Self { settings, clock, known: Mutex::new(Known { state, heard: None }) }
    }

    /// Changes what is known, and notes when.
    pub(crate) fn fold(&self, change: impl FnOnce(&mut State)) {
        let heard = Heard { steady_ms: self.clock.steady_ms(), unix_ms: self.clock.unix_ms() };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut known.state);
        // Until the first snapshot there is nothing to show, whatever beats.
        if known.state.counting_since_ms.is_some() {
            known.heard = Some(heard);
        }
    }

    fn page(&self) -> String {
        let (figures, age, counted_min) = {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(heard) = known.heard else {
                return plain::not_connected();
            };
            let age_ms = self.clock.steady_ms().saturating_sub(heard.steady_ms);
            // Waits grow while the router is silent: better a wait too long on the page than one that stands still.
            let now_ms = known.state.at_ms.saturating_add(age_ms);
            let since_ms = known.state.counting_since_ms.unwrap_or(now_ms);
            let figures = Figures::of(&known.state, &self.settings, now_ms);
            (figures, Age { age_ms, heard_unix_ms: heard.unix_ms }, now_ms.saturating_sub(since_ms) / 60_000)
        };
        plain::page(&figures, &self.settings, age, counted_min)
    }
}

pub(crate) fn routes(shared: Arc<Shared>) -> Router {
    Router::new().route("/board/plain", get(page)).route("/board/plain.css", get(style)).with_state(shared)
}

async fn page(Shares(shared): Shares<Arc<Shared>>) -> Response {
    metrics::page();
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
        (REFRESH, "5"),
    ];
    (headers, shared.page()).into_response()
}

async fn style() -> Response {
    let headers =
        [(CONTENT_TYPE, "text/css; charset=utf-8"), (X_CONTENT_TYPE_OPTIONS, "nosniff"), (CACHE_CONTROL, "max-age=60")];
    (headers, plain::STYLE).into_response()
}
