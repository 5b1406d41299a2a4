//! Where a desk stands in the router's journal, and what the router's clock says there.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use holdfast_proto::router::v1::Position;
use tokio::time::Instant;

/// The last place that went to the desk. Everything that goes there says so.
#[derive(Debug)]
pub(crate) struct Here {
    inner: Mutex<Stand>,
    since: Instant,
    /// When a window last said anything; other desks do not note it.
    spoke: Mutex<Option<Instant>>,
}

impl Default for Here {
    fn default() -> Self {
        Self { inner: Mutex::default(), since: Instant::now(), spoke: Mutex::default() }
    }
}

#[derive(Debug, Default, Clone, Copy)]
struct Stand {
    place: Option<Position>,
    at_ms: u64,
    heard: Option<Instant>,
}

impl Here {
    /// Where the desk says it stands; the router's clock is not known yet.
    pub(crate) fn begin(&self, place: Position) {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).place = Some(place);
    }

    pub(crate) fn advance(&self, place: Position, at_ms: u64) {
        *self.inner.lock().unwrap_or_else(PoisonError::into_inner) =
            Stand { place: Some(place), at_ms, heard: Some(Instant::now()) };
    }

    pub(crate) fn place(&self) -> Option<Position> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).place
    }

    /// Network time now, carried forward from the last frame; 0 before the first.
    pub(crate) fn at_ms(&self) -> u64 {
        let stand = *self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let since = stand.heard.map_or(0, |heard| u64::try_from(heard.elapsed().as_millis()).unwrap_or(u64::MAX));
        stand.at_ms.saturating_add(since)
    }

    /// How long the router has been silent, in milliseconds; before its first word, since this was made.
    pub(crate) fn router_ms(&self) -> u64 {
        let heard = self.inner.lock().unwrap_or_else(PoisonError::into_inner).heard;
        u64::try_from(heard.unwrap_or(self.since).elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Notes that the window has just said something.
    pub(crate) fn spoken(&self) {
        *self.spoke.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Whether this is a window that has missed beats for as long as that.
    pub(crate) fn is_stale(&self, after: Duration) -> bool {
        let spoke = *self.spoke.lock().unwrap_or_else(PoisonError::into_inner);
        spoke.is_some_and(|at| at.elapsed() >= after)
    }
}
