//! Simulated counselors and peers: each works a shift over the real desk stream and writes down what the screen showed.
//!
//! They decide only what a human decides (answer, decline, miss, write, hand over, end, rest). What Holdfast must have done with that is the
//! auditor's to judge, from the ledgers kept here.

mod asked;
mod book;
mod habits;
mod line;
mod manners;
mod mind;
mod network_time;
mod page;
mod screen;
mod talk;

pub use book::DESK_LINES_MOST;
pub use habits::Habits;
pub use manners::{HandoffHabits, TextHabits};

use crate::auditor::DeskLedger;
use crate::clock::RunClock;
use book::Book;
use habits::Temper;
use line::{Line, Signals};
use mind::Mind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The most counselors of one run. Each has a connection, and so a file, of its own.
pub const COUNSELORS_MOST: usize = 10_000;

/// One counselor as the run plays them.
#[derive(Clone, PartialEq, Eq)]
pub struct CounselorScript {
    /// The name in the plan, and in the ledger.
    pub name: String,
    /// The bearer token of their desk.
    pub token: String,
    /// Where their phone is: E.164 or a SIP address.
    pub audio_address: String,
}

impl std::fmt::Debug for CounselorScript {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("CounselorScript").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What a run's counselors are told.
#[derive(Clone, Debug)]
pub struct CounselorsSettings {
    /// Where the desk service is, such as `http://127.0.0.1:8443`.
    pub desk_uri: String,
    /// Who works. What exceeds [`COUNSELORS_MOST`] stays at home, which is logged.
    pub counselors: Vec<CounselorScript>,
    /// How they behave.
    pub habits: Habits,
    /// The seed of everything that is left to chance, but for request ids.
    pub seed: u64,
    /// How much faster than real the humans are; 1.0 is real, anything that is no positive number too.
    pub speed: f64,
    /// The run's clock, shared with the carrier.
    pub clock: RunClock,
}

/// Counselors at work. They stop when this is dropped.
#[derive(Debug)]
pub struct Counselors {
    books: Vec<Arc<Book>>,
    shifts: Mutex<Vec<JoinHandle<()>>>,
    tally: Arc<Tally>,
    uri: watch::Sender<String>,
    hurry: watch::Sender<bool>,
    stop: watch::Sender<bool>,
}

/// How many counselors are where, at this moment.
#[derive(Debug, Default)]
struct Tally {
    signed_in: AtomicUsize,
    busy: AtomicUsize,
}

impl Counselors {
    /// Starts everybody's shift, on the runtime this is called from. Whoever cannot connect keeps trying. Nobody begins a handoff.
    #[must_use]
    pub fn start(settings: CounselorsSettings) -> Self {
        Self::start_with(settings, TextHabits::USUAL, HandoffHabits::WILLING)
    }

    /// The same, with habits of writing and of handing over. Peers are started in the same way, with settings of their own.
    #[must_use]
    pub fn start_with(settings: CounselorsSettings, texts: TextHabits, handoffs: HandoffHabits) -> Self {
        let (uri, uri_seen) = watch::channel(settings.desk_uri);
        let (hurry, hurry_seen) = watch::channel(false);
        let (stop, stop_seen) = watch::channel(false);
        let tally = Arc::new(Tally::default());
        let left_out = settings.counselors.len().saturating_sub(COUNSELORS_MOST);
        if left_out > 0 {
            tracing::error!(left_out, most = COUNSELORS_MOST, "too many counselors for one run");
        }
        let mut books = Vec::new();
        let mut shifts = Vec::new();
        for script in settings.counselors.into_iter().take(COUNSELORS_MOST) {
            let book = Arc::new(Book::new(settings.clock, script.name.clone(), DESK_LINES_MOST));
            let temper =
                Temper::new(settings.habits, settings.speed, settings.seed, &script.name).with(texts, handoffs);
            let mind = Mind::new(settings.clock, temper, Arc::clone(&book));
            let signals = Signals { uri: uri_seen.clone(), hurry: hurry_seen.clone(), stop: stop_seen.clone() };
            let line = Line::new(script, mind, settings.clock, signals, Arc::clone(&tally));
            shifts.push(tokio::spawn(line.run()));
            books.push(book);
        }
        Self { books, shifts: Mutex::new(shifts), tally, uri, hurry, stop }
    }

    /// What every desk has written down so far, one ledger a counselor, in the order of the settings.
    #[must_use]
    pub fn ledgers(&self) -> Vec<DeskLedger> {
        self.books.iter().map(|book| book.copy()).collect()
    }

    /// False once a desk's ledger has reached [`DESK_LINES_MOST`]: then it ends early, and no audit of it can pass.
    #[must_use]
    pub fn ledgers_are_whole(&self) -> bool {
        self.books.iter().all(|book| book.is_whole())
    }

    /// How many have a session at this moment.
    #[must_use]
    pub fn signed_in(&self) -> usize {
        self.tally.signed_in.load(Ordering::Relaxed)
    }

    /// How many have an offer or a contact, as far as their screens show.
    #[must_use]
    pub fn busy(&self) -> usize {
        self.tally.busy.load(Ordering::Relaxed)
    }

    /// The desk service is elsewhere now: everybody leaves the old place and resumes at the new one. The same address
    /// again changes nothing.
    pub fn set_uri(&self, desk_uri: String) {
        self.uri.send_if_modified(|uri| {
            let moved = *uri != desk_uri;
            *uri = desk_uri;
            moved
        });
    }

    /// From now on everybody answers every offer, talks briefly and takes no break: to drain the queues at the end of a run.
    pub fn finish_quickly(&self) {
        self.hurry.send_replace(true);
    }

    /// Ends every shift where it is, and waits until all desks are silent. Nobody signs off. The ledgers stay readable.
    pub async fn stop(&self) {
        self.stop.send_replace(true);
        let shifts = std::mem::take(&mut *self.shifts.lock().unwrap_or_else(PoisonError::into_inner));
        for shift in shifts {
            if let Err(error) = shift.await {
                tracing::error!(%error, "a counselor's shift broke off");
            }
        }
    }
}
