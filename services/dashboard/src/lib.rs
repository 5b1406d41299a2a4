//! The dashboard: folds the router's capacity feed into what operators see. It writes nothing and decides nothing.
//!
//! So far one face: the plain board at `/board/plain`, a page without scripts for televisions, broken browsers and screen
//! readers. It shows queues, counts and waits; no person, no number and no contact id ever reaches it.
//!
//! # Layout
//! `follow` keeps up with the feed, `fold` turns frames into state, `window` counts what ended, `figures` are the numbers of
//! a moment, `plain` is the page.

mod clock;
mod figures;
mod fold;
mod follow;
mod metrics;
mod plain;
mod settings;
mod web;
mod window;

use std::sync::Arc;

use axum::Router;
use holdfast_chassis::channel::Line;
use holdfast_chassis::shutdown::Shutdown;

pub use clock::{Clock, SystemClock};
pub use metrics::describe as describe_metrics;
pub use settings::{DashboardSettings, SettingsError};

use follow::Follower;
use web::Shared;

/// A dashboard that follows one router.
pub struct Dashboard {
    shared: Arc<Shared>,
    line: Line,
}

/// Makes a dashboard. `router` is the line to the router, with this service's own token.
///
/// # Errors
/// [`SettingsError`] names the first setting out of range.
pub fn bind(settings: DashboardSettings, router: Line) -> Result<Dashboard, SettingsError> {
    bind_with_clock(settings, router, Arc::new(SystemClock::default()))
}

/// As [`bind`], with time from elsewhere: for tests.
///
/// # Errors
/// As [`bind`].
pub fn bind_with_clock(
    settings: DashboardSettings,
    router: Line,
    clock: Arc<dyn Clock>,
) -> Result<Dashboard, SettingsError> {
    settings.check()?;
    Ok(Dashboard { shared: Arc::new(Shared::new(settings, clock)), line: router })
}

impl Dashboard {
    /// What to serve: `GET /board/plain` and its stylesheet. Who may look is the business of whoever mounts it.
    pub fn routes(&self) -> Router {
        web::routes(Arc::clone(&self.shared))
    }

    /// Follows the router until `shutdown` is triggered; reconnects by itself. Pages are served before and without it, and
    /// then say how old they are.
    pub async fn run(&self, shutdown: Shutdown) {
        let follower = Follower::new(self.line.clone(), Arc::clone(&self.shared));
        tokio::select! {
            () = follower.run() => {}
            () = shutdown.wait() => {}
        }
    }
}
