//! The dashboard: folds the router's capacity feed into what operators see. It has no store, and decides nothing; the only
//! command it sends is a supervisor's "I come to help", in their name.
//!
//! Three faces of the same numbers: the live board (`/board`, a WebSocket at `/ui/v1/board`), the wallboard (`/wall`) and the
//! plain board (`/board/plain`), a page without scripts for televisions, broken browsers and screen readers. They show queues,
//! counts, waits and who works; no word or number of a person ever reaches this service.
//!
//! # Layout
//! `follow` keeps up with the feed; `fold` turns frames into state with `live`, `member`, `names`, and `count` counts each step
//! once into `window` (30 minutes), `hour` (60) and `today`. `figures` and `people` are the numbers of a moment, `alarm` and
//! `decisions` what calls for somebody. `view` and `frame` are the words of the wire, `board` makes one frame for everybody,
//! `socket`, `say` and `help` serve one browser. `plain` is the page, `web` the routes.

mod alarm;
mod board;
mod clock;
mod count;
mod decisions;
mod figures;
mod fold;
mod follow;
mod frame;
mod help;
mod hour;
mod live;
mod member;
mod metrics;
mod names;
mod people;
mod plain;
mod say;
mod settings;
mod socket;
mod today;
mod view;
mod web;
mod window;

use std::sync::Arc;

use axum::Router;
use holdfast_chassis::channel::Line;
use holdfast_chassis::pace::Pace;
use holdfast_chassis::pressure::Pressure;
use holdfast_chassis::shutdown::Shutdown;
use holdfast_chassis::web::Web;

pub use clock::{Clock, SystemClock};
pub use metrics::describe as describe_metrics;
pub use settings::{DashboardSettings, SettingsError};

use board::Board;
use follow::Follower;
use web::Faces;

/// A dashboard that follows one router.
#[expect(missing_debug_implementations, reason = "holds a line and a state that have none")]
pub struct Dashboard {
    board: Arc<Board>,
    line: Line,
    web: Web,
    pace: Pace,
}

/// Makes a dashboard. `router` is the line to the router, with this service's own token; `web` says who is at a browser,
/// and `pressure` is that of this process: measured here if the router runs here too, and told by its feed in any case.
///
/// # Errors
/// [`SettingsError`] names the first setting out of range.
pub fn bind(
    settings: DashboardSettings,
    router: Line,
    web: Web,
    pressure: Pressure,
) -> Result<Dashboard, SettingsError> {
    bind_with_clock(settings, router, web, pressure, Arc::new(SystemClock::default()))
}

/// As [`bind`], with time from elsewhere: for tests.
///
/// # Errors
/// As [`bind`].
pub fn bind_with_clock(
    settings: DashboardSettings,
    router: Line,
    web: Web,
    pressure: Pressure,
    clock: Arc<dyn Clock>,
) -> Result<Dashboard, SettingsError> {
    let pace = Pace::new("board", settings.opens(), pressure.clone());
    Ok(Dashboard { board: Arc::new(Board::new(settings, clock, pressure)?), line: router, web, pace })
}

impl Dashboard {
    /// Opens boards after those who wait at this door: desks come first.
    #[must_use]
    pub fn after(mut self, desks: Pace) -> Self {
        self.pace = self.pace.after(desks);
        self
    }

    /// What to serve: `/board`, `/wall`, `/board/plain` with its stylesheet, and the socket at `/ui/v1/board`. Supervisors,
    /// operators and administrators may look.
    pub fn routes(&self) -> Router {
        let board = Arc::clone(&self.board);
        web::routes(Faces { board, router: self.line.clone(), web: self.web.clone(), pace: self.pace.clone() })
    }

    /// Follows the router until `shutdown` is triggered; reconnects by itself. Pages are served before and without it, and
    /// then say how old they are. Open boards are told when it ends.
    pub async fn run(&self, shutdown: Shutdown) {
        let follower = Follower::new(self.line.clone(), Arc::clone(&self.board));
        tokio::select! {
            () = follower.run() => {}
            () = self.board.turn_and_turn() => {}
            () = shutdown.wait() => {}
        }
        self.board.closing.trigger();
    }
}
