//! What the follower writes and every face reads: one state, one lock, and the frames that all boards share.
//!
//! A turn makes at most one frame, whoever looks on: 500 viewers cost the fold as much as one. Its bytes are made by the first
//! viewer that needs them and shared by the rest. Channels hold the newest frame only, so that nobody's slowness is kept.
//!
//! When the router is pressed, frames come further apart and each tells more; what calls for somebody at once, a request for help,
//! does not wait for the next. Beats keep their second, so that a page goes on knowing whether it hears, and say how far apart
//! frames come.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use holdfast_chassis::pressure::{Level, Pressure};
use holdfast_chassis::shutdown::Shutdown;
use serde::Serialize;
use tokio::sync::{Notify, Semaphore, watch};
use tokio::time::{Instant, MissedTickBehavior};

use crate::clock::Clock;
use crate::decisions::{Decision, Decisions, Ended};
use crate::figures::Figures;
use crate::fold::State;
use crate::frame::{self, Place, Rows};
use crate::settings::{DashboardSettings, SettingsError};
use crate::view::{self, Today, View};

/// Under pressure one reckoning of the plain board serves everybody for as long as this.
const PLAIN_KEPT: Duration = Duration::from_secs(1);

/// How many times as long as a turn took the next one waits, at least.
const REST: u32 = 4;

/// Beats, and the numbers that are looked at anew, come this far apart.
const SECOND: Duration = Duration::from_secs(1);

/// The board of this process.
pub(crate) struct Board {
    pub(crate) settings: DashboardSettings,
    /// How many more boards may be opened.
    pub(crate) seats: Arc<Semaphore>,
    /// Triggered when this board ends: sockets then say so and close.
    pub(crate) closing: Shutdown,
    clock: Arc<dyn Clock>,
    known: Mutex<Known>,
    /// The last reckoning of the plain board.
    plain_kept: Mutex<Option<(Instant, Arc<Plain>, Age)>>,
    pressure: Pressure,
    changed: Notify,
    /// Something came that must not wait for the next frame.
    urgent: Notify,
    frames: watch::Sender<Option<Arc<Published>>>,
    beats: watch::Sender<Utf8Bytes>,
}

struct Known {
    state: State,
    heard: Option<Heard>,
    decisions: Decisions,
    /// The last view, and the state it was made of.
    shown: Option<(Arc<View>, u64)>,
    place: Place,
    router_epoch: u64,
    /// Asks for a snapshot to everybody.
    anew: bool,
    acknowledged: bool,
    /// When the first thing came that no frame tells yet.
    born: Option<Instant>,
    now_ms: u64,
}

#[derive(Clone, Copy)]
struct Heard {
    steady_ms: u64,
    unix_ms: u64,
}

/// How old what is shown is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Age {
    /// Since the router was last heard.
    pub(crate) age_ms: u64,
    /// When that was.
    pub(crate) heard_unix_ms: u64,
}

/// What the plain board shows.
pub(crate) struct Plain {
    pub(crate) figures: Figures,
    pub(crate) names: Arc<crate::names::Names>,
    pub(crate) network: String,
    pub(crate) decisions: Vec<Decision>,
    pub(crate) decisions_total: usize,
    pub(crate) today: Today,
    pub(crate) incomplete: bool,
    pub(crate) counted_min: u64,
}

/// A frame for everybody. Its bytes are made once, when first needed.
pub(crate) struct Published {
    pub(crate) place: Place,
    pub(crate) view: Arc<View>,
    /// What it differs from; none where only a snapshot will do.
    before: Option<Arc<View>>,
    /// When the first thing it tells of came.
    pub(crate) born: Option<Instant>,
    deltas: [OnceLock<Utf8Bytes>; 2],
    snapshots: [OnceLock<Utf8Bytes>; 2],
    names: OnceLock<String>,
}

impl Published {
    /// The frame for somebody who stands right before it.
    pub(crate) fn delta(&self, rows: Rows) -> Option<Utf8Bytes> {
        let before = self.before.as_ref()?;
        let [top, all] = &self.deltas;
        let cell = if rows == Rows::Top { top } else { all };
        Some(cell.get_or_init(|| frame::delta(self.place, before, &self.view, rows).into()).clone())
    }

    /// The frame for everybody else.
    pub(crate) fn snapshot(&self, rows: Rows) -> Utf8Bytes {
        let [top, all] = &self.snapshots;
        let cell = if rows == Rows::Top { top } else { all };
        cell.get_or_init(|| frame::snapshot(self.place, &self.view, rows).into()).clone()
    }

    /// The plan's names, as JSON.
    pub(crate) fn names(&self) -> &str {
        self.names.get_or_init(|| frame::json(&*self.view.names))
    }
}

#[derive(Serialize)]
struct Beat {
    r#type: &'static str,
    seq: u64,
    at_ms: u64,
    router_ms: u64,
    frame_ms: u64,
}

impl Board {
    pub(crate) fn new(
        settings: DashboardSettings,
        clock: Arc<dyn Clock>,
        pressure: Pressure,
    ) -> Result<Self, SettingsError> {
        settings.check()?;
        let state = State::new(settings.short_s * 1_000, settings.answer_within_ms(), settings.time_zone()?);
        // A restarted board has another epoch: whoever comes back with a place of the old one gets a snapshot.
        let place = Place { epoch: clock.unix_ms(), seq: 0 };
        let known = Known {
            state,
            heard: None,
            decisions: Decisions::default(),
            shown: None,
            place,
            router_epoch: 0,
            anew: true,
            acknowledged: false,
            born: None,
            now_ms: 0,
        };
        let board = Self {
            seats: Arc::new(Semaphore::new(settings.viewers_max)),
            settings,
            closing: Shutdown::new(),
            clock,
            known: Mutex::new(known),
            plain_kept: Mutex::default(),
            pressure,
            changed: Notify::new(),
            urgent: Notify::new(),
            frames: watch::Sender::new(None),
            beats: watch::Sender::new(Utf8Bytes::default()),
        };
        board.beat();
        Ok(board)
    }

    /// Frames from here on; the newest only.
    pub(crate) fn frames(&self) -> watch::Receiver<Option<Arc<Published>>> {
        self.frames.subscribe()
    }

    /// Beats from here on; the newest only.
    pub(crate) fn beats(&self) -> watch::Receiver<Utf8Bytes> {
        self.beats.subscribe()
    }

    /// Changes what is known, and notes when. `epoch` is the router's.
    pub(crate) fn fold(&self, epoch: Option<u64>, change: impl FnOnce(&mut State)) {
        let heard = Heard { steady_ms: self.clock.steady_ms(), unix_ms: self.clock.unix_ms() };
        let mut known = self.lock();
        let version = known.state.version;
        change(&mut known.state);
        if let Some(epoch) = epoch.filter(|epoch| *epoch != known.router_epoch) {
            known.router_epoch = epoch;
            known.anew = true;
        }
        // Until the first snapshot there is nothing to show, whatever beats.
        if known.state.counting_since_ms.is_some() {
            known.heard = Some(heard);
        }
        if known.state.version != version {
            known.born.get_or_insert_with(Instant::now);
            self.changed.notify_one();
            if std::mem::take(&mut known.state.urgent) {
                self.urgent.notify_one();
            }
        }
    }

    /// What the router's feed says of its pressure.
    pub(crate) fn pressed(&self, level: Level) {
        self.pressure.told(level);
    }

    fn frame_ms(&self) -> u64 {
        self.settings.frame_ms(self.pressure.level())
    }

    /// Notes that somebody has seen to a decision.
    ///
    /// # Errors
    /// [`Ended`] if there is no such decision now.
    pub(crate) fn acknowledge(&self, id: &str, by: &str) -> Result<(), Ended> {
        let mut known = self.lock();
        known.decisions.acknowledge(id, by)?;
        known.acknowledged = true;
        known.born.get_or_insert_with(Instant::now);
        self.changed.notify_one();
        self.urgent.notify_one();
        Ok(())
    }

    /// Makes frames and beats until dropped.
    pub(crate) async fn turn_and_turn(&self) {
        tokio::join!(self.keep_turning(), self.keep_beating());
    }

    async fn keep_turning(&self) {
        let mut seconds = tokio::time::interval(SECOND);
        seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let second = tokio::select! {
                () = self.changed.notified() => false,
                _ = seconds.tick() => true,
            };
            let begun = Instant::now();
            // With nobody looking on, once a second is enough for what has to last.
            if second || self.frames.receiver_count() > 0 {
                self.turn(second);
            }
            // However much there is to count, the fold has the state for most of the time.
            let least = Duration::from_millis(self.settings.frame_ms).max(begun.elapsed() * REST);
            tokio::time::sleep(least).await;
            let spacing = Duration::from_millis(self.frame_ms());
            tokio::select! {
                () = tokio::time::sleep(spacing.saturating_sub(least)) => {}
                () = self.urgent.notified() => {}
            }
        }
    }

    async fn keep_beating(&self) {
        let mut seconds = tokio::time::interval(SECOND);
        seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            seconds.tick().await;
            // Where the router runs elsewhere nobody else tells what is heard of it.
            self.pressure.publish();
            self.beat();
        }
    }

    /// Makes one frame if anything that is shown differs. On the second, everything is looked at anew.
    fn turn(&self, second: bool) {
        let mut guard = self.lock();
        let known = &mut *guard;
        let Some((now_ms, _)) = known.now(&*self.clock) else { return };
        known.now_ms = now_ms;
        let fresh = known.shown.as_ref().is_some_and(|(_, version)| *version == known.state.version);
        if fresh && !second && !known.acknowledged {
            return;
        }
        known.acknowledged = false;
        let figures = Figures::of(&known.state, &self.settings, now_ms);
        known.state.today.turn(now_ms, known.state.counting_since_ms.unwrap_or(now_ms));
        known.state.hour.sample(now_ms, figures.all.waiting, figures.all.overdue);
        known.decisions.observe(&known.state, &figures, &self.settings);
        let before = known.shown.as_ref().map(|(view, _)| Arc::clone(view));
        let kept = before.as_ref().filter(|_| !second).map(|view| (Arc::clone(&view.lines), Arc::clone(&view.today)));
        let view = Arc::new(View::of(&known.state, &figures, &known.decisions, &self.settings, kept));
        if before.as_ref().is_some_and(|before| !known.anew && view.shows_the_same(before)) {
            known.shown = before.map(|before| (before, known.state.version));
            known.born = None;
            return;
        }
        let before = before.filter(|before| !known.anew && view.can_follow(before));
        let Place { epoch, seq } = known.place;
        known.place = if known.anew { Place { epoch: epoch + 1, seq: 1 } } else { Place { epoch, seq: seq + 1 } };
        known.anew = false;
        known.shown = Some((Arc::clone(&view), known.state.version));
        let published = Published {
            place: known.place,
            view,
            before,
            born: known.born.take(),
            deltas: Default::default(),
            snapshots: Default::default(),
            names: OnceLock::new(),
        };
        drop(guard);
        self.frames.send_replace(Some(Arc::new(published)));
    }

    fn beat(&self) {
        let known = self.lock();
        let (at_ms, router_ms) = known.now(&*self.clock).unwrap_or((0, self.clock.steady_ms()));
        let beat = Beat { r#type: "beat", seq: known.place.seq, at_ms, router_ms, frame_ms: self.frame_ms() };
        drop(known);
        self.beats.send_replace(frame::json(&beat).into());
    }

    /// What the plain board shows; none until the router was heard. Under pressure it is reckoned once a second at the most, and its
    /// age says so.
    pub(crate) fn plain(&self) -> Option<(Arc<Plain>, Age)> {
        if self.pressure.level() == Level::Calm {
            return self.reckon().map(|(plain, age)| (Arc::new(plain), age));
        }
        let mut kept = self.plain_kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, plain, age)) = kept.as_ref().filter(|(at, ..)| at.elapsed() < PLAIN_KEPT) {
            let since_ms = u64::try_from(at.elapsed().as_millis()).unwrap_or(u64::MAX);
            return Some((Arc::clone(plain), Age { age_ms: age.age_ms.saturating_add(since_ms), ..*age }));
        }
        let (plain, age) = self.reckon()?;
        let plain = Arc::new(plain);
        *kept = Some((Instant::now(), Arc::clone(&plain), age));
        Some((plain, age))
    }

    fn reckon(&self) -> Option<(Plain, Age)> {
        let mut known = self.lock();
        let heard = known.heard?;
        let (now_ms, age_ms) = known.now(&*self.clock)?;
        let since_ms = known.state.counting_since_ms.unwrap_or(now_ms);
        known.state.today.turn(now_ms, since_ms);
        let plain = Plain {
            figures: Figures::of(&known.state, &self.settings, now_ms),
            names: Arc::clone(&known.state.names),
            network: known.state.network.clone(),
            decisions: known.decisions.shown().to_vec(),
            decisions_total: known.decisions.total,
            today: view::today(&known.state, &self.settings.zone),
            incomplete: known.state.incomplete,
            counted_min: now_ms.saturating_sub(since_ms) / 60_000,
        };
        Some((plain, Age { age_ms, heard_unix_ms: heard.unix_ms }))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// Network time now, and how old the router's last word is.
    fn now(&self, clock: &dyn Clock) -> Option<(u64, u64)> {
        let age_ms = clock.steady_ms().saturating_sub(self.heard?.steady_ms);
        // Waits grow while the router is silent: better a wait too long on the page than one that stands still. And what was
        // shown is not taken back when the router's word comes a moment later than we reckoned.
        Some((self.state.at_ms.saturating_add(age_ms).max(self.now_ms), age_ms))
    }
}
