//! Who is at a desk here, bounded: one seat for each person, session numbers that only grow, and windows that wait.
//!
//! The seat is the lease: whoever has it rings and speaks for the person. A gRPC stream always takes it; a browser's window
//! takes it when it is free or when its person says so, and otherwise stays quiet until it is vacated.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep_until};

use crate::here::Here;
use crate::metrics;

/// Windows of one person that are open at one time, at most.
pub(crate) const WINDOWS_MAX: usize = 8;

/// The desks at work. Clones are one registry.
#[derive(Debug, Clone)]
pub(crate) struct Registry {
    inner: Arc<Mutex<Inner>>,
    desks_max: usize,
    /// After how long without a beat a window's seat is free for the next one.
    stale_after: Duration,
    /// The router's clock as any desk last heard it.
    clock: Arc<Here>,
}

#[derive(Debug, Default)]
struct Inner {
    people: BTreeMap<String, Entry>,
    seated: usize,
    last_session: u64,
}

/// A person with a seat, or with windows that wait for it.
#[derive(Debug)]
struct Entry {
    holder: Option<Holder>,
    windows: usize,
    seat: watch::Sender<SeatState>,
}

#[derive(Debug)]
struct Holder {
    session: u64,
    /// The session by which the router knows this person, as far as it was told here: this one once it has attested, and until then
    /// the one it took the seat from. Whoever ends unattested is reported by it.
    known: Option<u64>,
    supersede: oneshot::Sender<()>,
    here: Arc<Here>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SeatState {
    Held,
    Free(Left, Instant),
}

/// How a seat was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    /// Closed, or broken: perhaps a reload, which comes back at once.
    Gone,
    /// Nothing was heard from it: it does not come back.
    Silent,
    /// A desk at another process speaks now: only its person moves it.
    Elsewhere,
    /// The shift is over.
    SignedOff,
}

/// All seats are taken, or all windows of one person.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full;

/// A place at a desk, held by one session; given up on drop unless a newer one took it.
#[derive(Debug)]
pub(crate) struct Seat {
    registry: Registry,
    counselor: String,
    pub(crate) session: u64,
    left: Left,
    /// Resolves when a newer desk of the same person takes the seat.
    pub(crate) superseded: oneshot::Receiver<()>,
}

/// One open window of a person, with a seat or without.
#[derive(Debug)]
pub(crate) struct Spot {
    registry: Registry,
    counselor: String,
    seat: watch::Receiver<SeatState>,
}

impl Registry {
    pub(crate) fn new(desks_max: usize, stale_after: Duration) -> Self {
        Self { inner: Arc::default(), desks_max, stale_after, clock: Arc::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the seat of `counselor`, ending an older session of theirs. `here`: where the new one stands.
    pub(crate) fn seat(&self, counselor: &str, here: &Arc<Here>) -> Result<Seat, Full> {
        self.take(counselor, here, false).and_then(|seat| seat.ok_or(Full))
    }

    /// Takes the seat only if nobody has it, or a window that has missed a beat: whoever comes now may be the same person over a
    /// new connection, before the old one is known to be broken.
    pub(crate) fn seat_if_free(&self, counselor: &str, here: &Arc<Here>) -> Result<Option<Seat>, Full> {
        self.take(counselor, here, true)
    }

    fn take(&self, counselor: &str, here: &Arc<Here>, only_if_free: bool) -> Result<Option<Seat>, Full> {
        let mut inner = self.lock();
        let holder = inner.people.get(counselor).and_then(|entry| entry.holder.as_ref());
        let held = holder.is_some();
        if only_if_free && holder.is_some_and(|holder| !holder.here.is_stale(self.stale_after)) {
            return Ok(None);
        }
        if !held && inner.seated >= self.desks_max {
            return Err(Full);
        }
        // Wall time makes numbers grow over restarts of this service; the last one makes them grow when that clock stands.
        let session = unix_us().max(inner.last_session.saturating_add(1));
        inner.last_session = session;
        let (supersede, superseded) = oneshot::channel();
        let entry = inner.people.entry(counselor.to_owned()).or_insert_with(Entry::empty);
        let known = entry.holder.as_ref().and_then(|older| older.known);
        let holder = Holder { session, known, supersede, here: Arc::clone(here) };
        if let Some(older) = entry.holder.replace(holder) {
            // Its session may have ended by itself: then nobody listens, and nobody needs to.
            let _ = older.supersede.send(());
        }
        entry.seat.send_replace(SeatState::Held);
        if !held {
            inner.seated += 1;
        }
        metrics::connected(inner.seated);
        let counselor = counselor.to_owned();
        Ok(Some(Seat { registry: self.clone(), counselor, session, left: Left::Gone, superseded }))
    }

    /// Opens a window.
    pub(crate) fn open(&self, counselor: &str) -> Result<Spot, Full> {
        let mut inner = self.lock();
        let entry = inner.people.entry(counselor.to_owned()).or_insert_with(Entry::empty);
        if entry.windows >= WINDOWS_MAX {
            return Err(Full);
        }
        entry.windows += 1;
        let seat = entry.seat.subscribe();
        Ok(Spot { registry: self.clone(), counselor: counselor.to_owned(), seat })
    }

    /// Learns of a session number the router knows, so that the next one here is higher even if our clock was set back.
    pub(crate) fn observe(&self, session: u64) {
        let mut inner = self.lock();
        inner.last_session = inner.last_session.max(session);
    }

    /// The router's clock as any desk here last heard it.
    pub(crate) fn clock(&self) -> &Here {
        &self.clock
    }

    /// The router knows of a session.
    pub(crate) fn attested(&self, counselor: &str, session: u64) {
        let mut inner = self.lock();
        if let Some(holder) = inner.people.get_mut(counselor).and_then(|entry| entry.holder.as_mut()) {
            holder.known = holder.known.max(Some(session));
        }
    }

    /// Whether `counselor` has a desk here of which the router knows.
    pub(crate) fn is_known(&self, counselor: &str) -> bool {
        let inner = self.lock();
        let holder = inner.people.get(counselor).and_then(|entry| entry.holder.as_ref());
        holder.is_some_and(|holder| holder.known == Some(holder.session))
    }

    #[cfg(test)]
    fn is_seated(&self, counselor: &str) -> bool {
        self.lock().people.get(counselor).is_some_and(|entry| entry.holder.is_some())
    }
}

impl Entry {
    fn empty() -> Self {
        Self { holder: None, windows: 0, seat: watch::Sender::new(SeatState::Free(Left::Gone, Instant::now())) }
    }
}

impl Inner {
    fn tidy(&mut self, counselor: &str) {
        if self.people.get(counselor).is_some_and(|entry| entry.holder.is_none() && entry.windows == 0) {
            self.people.remove(counselor);
        }
    }
}

impl Seat {
    /// By which session the router knows who sits here; none if it was never told.
    pub(crate) fn known(&self) -> Option<u64> {
        let inner = self.registry.lock();
        let holder = inner.people.get(&self.counselor)?.holder.as_ref()?;
        holder.known.filter(|_| holder.session == self.session)
    }

    /// Gives the seat up, saying how.
    pub(crate) fn give_up(mut self, left: Left) {
        self.left = left;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut inner = self.registry.lock();
        let Some(entry) = inner.people.get_mut(&self.counselor) else { return };
        if entry.holder.as_ref().is_some_and(|holder| holder.session == self.session) {
            entry.holder = None;
            entry.seat.send_replace(SeatState::Free(self.left, Instant::now()));
            inner.seated = inner.seated.saturating_sub(1);
            metrics::connected(inner.seated);
            inner.tidy(&self.counselor);
        }
    }
}

impl Spot {
    /// Waits until the seat is this window's to take, or the shift has been ended. A desk that went is waited for, `grace` long: a
    /// reload brings it back. One that fell silent is not, but by a window that came `quiet`: its person may be back over a new
    /// wire, and be told only then that the old one is gone. A quiet window waits for the moment given, too.
    pub(crate) async fn vacated(&mut self, grace: Duration, quiet: Option<Instant>) -> Left {
        loop {
            let now = *self.seat.borrow_and_update();
            let take_at = match now {
                SeatState::Free(Left::SignedOff, _) => return Left::SignedOff,
                SeatState::Free(Left::Silent, since) => {
                    Some((Left::Silent, quiet.map_or(since, |not_before| not_before.max(since + grace))))
                }
                SeatState::Free(Left::Gone, since) => {
                    Some((Left::Gone, quiet.map_or(since + grace, |not_before| not_before.max(since + grace))))
                }
                SeatState::Free(Left::Elsewhere, _) | SeatState::Held => None,
            };
            let waited = async {
                let Some((left, at)) = take_at else { return std::future::pending().await };
                if at > Instant::now() {
                    sleep_until(at).await;
                }
                left
            };
            tokio::select! {
                changed = self.seat.changed() => if changed.is_err() { return Left::Gone },
                left = waited => return left,
            }
        }
    }

    /// Where the one who has the seat stands, if somebody has.
    pub(crate) fn holder(&self) -> Option<Arc<Here>> {
        let inner = self.registry.lock();
        inner.people.get(&self.counselor)?.holder.as_ref().map(|holder| Arc::clone(&holder.here))
    }
}

impl Drop for Spot {
    fn drop(&mut self) {
        let mut inner = self.registry.lock();
        if let Some(entry) = inner.people.get_mut(&self.counselor) {
            entry.windows = entry.windows.saturating_sub(1);
        }
        inner.tidy(&self.counselor);
    }
}

fn unix_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here() -> Arc<Here> {
        Arc::default()
    }

    #[test]
    fn a_newer_desk_takes_the_seat_and_the_bound_holds() {
        let registry = Registry::new(2, Duration::from_secs(2));
        let mut first = registry.seat("ana", &here()).unwrap();
        let second = registry.seat("ana", &here()).unwrap();
        assert!(second.session > first.session);
        first.superseded.try_recv().unwrap();
        let _bo = registry.seat("bo", &here()).unwrap();
        assert_eq!(registry.seat("cy", &here()).err(), Some(Full));
        drop(first);
        assert!(registry.is_seated("ana"), "the older session must not take the newer one's seat");
        drop(second);
        registry.seat("cy", &here()).unwrap();
    }

    #[test]
    fn whoever_ends_before_it_attested_is_known_by_the_session_before() {
        let registry = Registry::new(2, Duration::from_secs(2));
        let first = registry.seat("ana", &here()).unwrap();
        assert_eq!((first.known(), registry.is_known("ana")), (None, false));
        registry.attested("ana", first.session);
        assert!(registry.is_known("ana"));
        let second = registry.seat("ana", &here()).unwrap();
        assert_eq!((second.known(), registry.is_known("ana")), (Some(first.session), false));
        let third = registry.seat("ana", &here()).unwrap();
        // The second's answer comes late.
        registry.attested("ana", second.session);
        assert_eq!((third.known(), second.known()), (Some(second.session), None));
        registry.attested("ana", third.session);
        registry.attested("ana", first.session);
        assert_eq!((third.known(), registry.is_known("ana")), (Some(third.session), true));
    }

    #[test]
    fn sessions_grow_past_what_the_router_knows() {
        let registry = Registry::new(2, Duration::from_secs(2));
        let ahead = unix_us() + 60_000_000;
        registry.observe(ahead);
        assert_eq!(registry.seat("ana", &here()).unwrap().session, ahead + 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_window_waits_longer_for_a_reload_than_for_silence() {
        let grace = Duration::from_secs(2);
        let registry = Registry::new(2, Duration::from_secs(2));
        let mut quiet = registry.open("ana").unwrap();
        for (left, waits) in [(Left::Gone, grace), (Left::Silent, Duration::ZERO), (Left::SignedOff, Duration::ZERO)] {
            let seat = registry.seat_if_free("ana", &here()).unwrap().unwrap();
            assert!(registry.seat_if_free("ana", &here()).unwrap().is_none());
            assert!(tokio::time::timeout(grace * 2, quiet.vacated(grace, None)).await.is_err(), "held is held");
            seat.give_up(left);
            let began = Instant::now();
            assert_eq!(quiet.vacated(grace, None).await, left);
            assert_eq!(began.elapsed(), waits);
        }
        registry.seat("ana", &here()).unwrap().give_up(Left::Silent);
        let began = Instant::now();
        assert_eq!(quiet.vacated(grace, Some(began)).await, Left::Silent);
        assert_eq!(began.elapsed(), grace, "whoever had it may come back first");
        assert_eq!(quiet.vacated(grace, Some(began + grace * 2)).await, Left::Silent);
        assert_eq!(began.elapsed(), grace * 2);
        registry.seat("ana", &here()).unwrap().give_up(Left::Elsewhere);
        let waiting = tokio::time::timeout(grace * 10, quiet.vacated(grace, None)).await;
        assert!(waiting.is_err(), "what moved to another process is not taken back by itself");
    }

    #[tokio::test(start_paused = true)]
    async fn a_window_that_missed_a_beat_gives_way_to_the_next_and_a_grpc_desk_does_not() {
        let registry = Registry::new(2, Duration::from_secs(2));
        let (window, grpc) = (here(), here());
        let _seat = registry.seat("ana", &window).unwrap();
        let _other = registry.seat("bo", &grpc).unwrap();
        window.spoken();
        tokio::time::advance(Duration::from_millis(1_999)).await;
        assert!(registry.seat_if_free("ana", &here()).unwrap().is_none());
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(registry.seat_if_free("bo", &here()).unwrap().is_none());
        let seat = registry.seat_if_free("ana", &here()).unwrap().unwrap();
        assert_eq!(registry.seat_if_free("cy", &here()).err(), Some(Full), "the seat changed hands, none was added");
        drop(seat);
    }

    #[test]
    fn windows_are_bounded_and_nothing_is_left_behind() {
        let registry = Registry::new(2, Duration::from_secs(2));
        let open: Vec<_> = (0..WINDOWS_MAX).map(|_| registry.open("ana").unwrap()).collect();
        assert_eq!(registry.open("ana").err(), Some(Full));
        drop(open);
        assert!(registry.lock().people.is_empty());
    }
}
