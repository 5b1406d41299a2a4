//! The running switchboard: one lock around its memory, the lives of its calls, and the way to stop.
//!
//! Every change goes through `change`: moves under the lock, then callbacks are handed out in the order they arose.

use super::callbacks;
use super::ledger::{Book, Happened};
use super::moves::Moves;
use super::script::{CallSid, DialScripts};
use super::settings::CarrierSettings;
use super::state::{Sight, State};
use super::wire::Wire;
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Why a run stopped by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunStopped {
    /// The ledger is full.
    #[error("the ledger reached its declared maximum, raise ledger_entries or shorten the run")]
    LedgerFull,
    /// Too many callbacks wait.
    #[error("too many status callbacks are waiting, raise callbacks_pending or find out why Holdfast does not answer")]
    CallbacksFull,
}

pub(crate) struct Exchange {
    pub(crate) settings: CarrierSettings,
    pub(crate) book: Book,
    pub(crate) wire: Wire,
    pub(crate) scripts: DialScripts,
    pub(crate) pending_callbacks: AtomicUsize,
    state: Mutex<State>,
    running: Mutex<JoinSet<()>>,
    stopped: watch::Sender<Option<RunStopped>>,
    hushed: watch::Sender<bool>,
    closing: watch::Sender<bool>,
}

impl Exchange {
    pub(crate) fn new(settings: CarrierSettings, wire: Wire) -> Self {
        let book = Book::new(settings.clock, settings.bounds.ledger_entries);
        Self {
            settings,
            book,
            wire,
            scripts: DialScripts::default(),
            pending_callbacks: AtomicUsize::new(0),
            state: Mutex::default(),
            running: Mutex::default(),
            stopped: watch::Sender::new(None),
            hushed: watch::Sender::new(false),
            closing: watch::Sender::new(false),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the switchboard.
    pub(crate) fn read<R>(&self, look: impl FnOnce(&State) -> R) -> R {
        look(&self.lock())
    }

    /// Changes the switchboard, then sends what the change has to tell.
    pub(crate) fn change<R>(self: &Arc<Self>, make: impl FnOnce(&mut Moves<'_>) -> R) -> R {
        let mut state = self.lock();
        let mut moves = Moves {
            state: &mut state,
            settings: &self.settings,
            book: &self.book,
            callbacks: Vec::new(),
            ledger_full: false,
        };
        let result = make(&mut moves);
        let (callbacks, ledger_full) = (moves.callbacks, moves.ledger_full);
        drop(state);
        if ledger_full {
            self.stop_run(RunStopped::LedgerFull);
        }
        for callback in callbacks {
            if self.pending_callbacks.load(Ordering::Relaxed) >= self.settings.bounds.callbacks_pending {
                self.stop_run(RunStopped::CallbacksFull);
                break;
            }
            self.pending_callbacks.fetch_add(1, Ordering::Relaxed);
            self.spawn(callbacks::deliver(Arc::clone(self), callback));
        }
        result
    }

    /// Writes one line of the ledger from outside a change.
    pub(crate) fn note(&self, what: Happened) {
        if !self.book.write(what) {
            self.stop_run(RunStopped::LedgerFull);
        }
    }

    /// Runs something until it ends or the carrier stops. Their number is bounded by calls alive and callbacks pending.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        while running.try_join_next().is_some() {}
        if !*self.closing.borrow() && self.stopped.borrow().is_none() {
            running.spawn(work);
        }
    }

    /// A call's view of the switchboard; none if the call is forgotten.
    pub(crate) fn watch_call(&self, sid: &CallSid) -> Option<watch::Receiver<Sight>> {
        self.read(|state| state.calls.get(sid).map(|call| call.sight.subscribe()))
    }

    fn stop_run(&self, why: RunStopped) {
        self.book.cut_short();
        let first = self.stopped.send_if_modified(|stopped| {
            let first = stopped.is_none();
            stopped.get_or_insert(why);
            first
        });
        if first {
            tracing::error!(%why, "simulated carrier stopped");
        }
    }

    pub(crate) fn why_stopped(&self) -> Option<RunStopped> {
        *self.stopped.borrow()
    }

    /// Nobody writes of their own accord any more.
    pub(crate) fn hush(&self) {
        self.hushed.send_replace(true);
    }

    pub(crate) fn hushed(&self) -> watch::Receiver<bool> {
        self.hushed.subscribe()
    }

    /// Resolves when the carrier closes.
    pub(crate) fn closing(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut closing = self.closing.subscribe();
        async move {
            // An error means that the exchange is gone, which is closing too.
            let _gone = closing.wait_for(|closing| *closing).await;
        }
    }

    /// Ends all that runs; the returned set is to be awaited.
    pub(crate) fn close(&self) -> JoinSet<()> {
        self.closing.send_replace(true);
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.abort_all();
        std::mem::take(&mut *running)
    }
}
