//! Who is at a desk here, bounded, one stream each; and session numbers that only grow.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::sync::oneshot;

use crate::metrics;

/// The desks at work. Clones are one registry.
#[derive(Debug, Clone)]
pub(crate) struct Registry {
    inner: Arc<Mutex<Inner>>,
    desks_max: usize,
}

#[derive(Debug, Default)]
struct Inner {
    desks: BTreeMap<String, Entry>,
    last_session: u64,
}

#[derive(Debug)]
struct Entry {
    session: u64,
    supersede: oneshot::Sender<()>,
}

/// All seats are taken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full;

/// A place at a desk, held by one stream; given up on drop unless a newer one took it.
#[derive(Debug)]
pub(crate) struct Seat {
    registry: Registry,
    counselor: String,
    pub(crate) session: u64,
    /// Resolves when a newer stream of the same person signs in.
    pub(crate) superseded: oneshot::Receiver<()>,
}

impl Registry {
    pub(crate) fn new(desks_max: usize) -> Self {
        Self { inner: Arc::default(), desks_max }
    }

    /// Takes the seat of `counselor`, ending an older stream of theirs.
    pub(crate) fn seat(&self, counselor: &str) -> Result<Seat, Full> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.desks.len() >= self.desks_max && !inner.desks.contains_key(counselor) {
            return Err(Full);
        }
        // Wall time makes numbers grow over restarts of this service; the last one makes them grow when that clock stands.
        let session = unix_us().max(inner.last_session.saturating_add(1));
        inner.last_session = session;
        let (supersede, superseded) = oneshot::channel();
        if let Some(older) = inner.desks.insert(counselor.to_owned(), Entry { session, supersede }) {
            // Its stream may have ended by itself: then nobody listens, and nobody needs to.
            let _ = older.supersede.send(());
        }
        metrics::connected(inner.desks.len());
        Ok(Seat { registry: self.clone(), counselor: counselor.to_owned(), session, superseded })
    }

    /// Learns of a session number the router knows, so that the next one here is higher even if our clock was set back.
    pub(crate) fn observe(&self, session: u64) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.last_session = inner.last_session.max(session);
    }

    /// Whether `counselor` has a desk here now.
    pub(crate) fn is_seated(&self, counselor: &str) -> bool {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.desks.contains_key(counselor)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut inner = self.registry.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.desks.get(&self.counselor).is_some_and(|entry| entry.session == self.session) {
            inner.desks.remove(&self.counselor);
            metrics::connected(inner.desks.len());
        }
    }
}

fn unix_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_desk_takes_the_seat_and_the_bound_holds() {
        let registry = Registry::new(2);
        let mut first = registry.seat("ana").unwrap();
        let second = registry.seat("ana").unwrap();
        assert!(second.session > first.session);
        first.superseded.try_recv().unwrap();
        let _bo = registry.seat("bo").unwrap();
        assert_eq!(registry.seat("cy").err(), Some(Full));
        drop(first);
        assert!(registry.is_seated("ana"), "the older stream must not take the newer one's seat");
        drop(second);
        registry.seat("cy").unwrap();
    }

    #[test]
    fn sessions_grow_past_what_the_router_knows() {
        let registry = Registry::new(2);
        let ahead = unix_us() + 60_000_000;
        registry.observe(ahead);
        assert_eq!(registry.seat("ana").unwrap().session, ahead + 1);
    }
}
