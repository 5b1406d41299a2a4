//! Opening a router: recover, begin to lead, put the plan in force, and only then serve. And closing it again.

use crate::clock::NetworkClock;
use crate::driver::{Driver, Fatal, Job};
use crate::edge::index::PersonIndex;
use crate::edge::master::{MasterKey, MasterKeyError};
use crate::edge::prepare::Edge;
use crate::edge::vault::{Vault, VaultError};
use crate::feed::hub::{ASKS, Ask, Hub, HubDoor};
use crate::feed::words::Archive;
use crate::grpc::RouterGrpc;
use crate::hours::OpeningHours;
use crate::recover::{RecoverError, Recovered, recover};
use crate::settings::RouterSettings;
use crate::snapshots::Snapshots;
use crate::watchdog::{self, Marks};
use holdfast_chassis::pressure::{Pressure, PressureSettingsError};
use holdfast_core::plan::Plan;
use holdfast_journal::files::{FileLayer, RealFiles};
use holdfast_journal::people::{PeopleError, PeopleFile};
use holdfast_journal::slots::{SlotError, SlotFile};
use holdfast_journal::{Disk, DiskOptions, Journal, OpenError as JournalError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tokio::sync::Semaphore;

/// How often followers hear a beat.
const BEAT: Duration = Duration::from_secs(1);

/// The router cannot lead.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The journal cannot be opened.
    #[error("the journal in {path} cannot be opened")]
    Journal {
        /// Where it is.
        path: String,
        /// Why.
        #[source]
        source: JournalError,
    },
    /// The journal cannot be made a state of.
    #[error(transparent)]
    Recover(#[from] RecoverError),
    /// A setting is out of its range.
    #[error("router.{0}")]
    Settings(#[from] PressureSettingsError),
    /// The key slots cannot be opened.
    #[error("the key slots cannot be opened")]
    Slots(#[from] SlotError),
    /// The person index cannot be opened.
    #[error("the person index cannot be opened")]
    People(#[from] PeopleError),
    /// The keys do not fit.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The keys do not fit.
    #[error(transparent)]
    Master(#[from] MasterKeyError),
    /// The first records could not be written, or the plan does not fit and there is none in force.
    #[error("the router cannot begin to lead: {0}")]
    Lead(String),
    /// A thread could not be started.
    #[error("a thread could not be started")]
    Thread(#[from] std::io::Error),
}

/// A leading router.
pub struct Router {
    grpc: RouterGrpc,
    marks: Marks,
    threads: Vec<JoinHandle<()>>,
    beat: tokio::task::JoinHandle<()>,
}

impl Router {
    /// Recovers the journal, begins to lead and puts the plan in force. `fatal` is called when the process must end.
    ///
    /// # Errors
    /// See [`OpenError`]. Must be called inside a runtime.
    pub fn open(
        settings: &RouterSettings,
        plan: Plan,
        master: &MasterKey,
        fatal: impl Fn(&str) + Send + Sync + 'static,
    ) -> Result<Self, OpenError> {
        settings.pressure.check()?;
        crate::metrics::describe();
        let fatal = Arc::new(fatal);
        let files: Arc<dyn FileLayer> = Arc::new(RealFiles);
        let journal = open_journal(&files, &settings.journal_dir)?;
        let slots = SlotFile::open(Arc::clone(&files), &settings.journal_dir)?;
        let people = PeopleFile::open(files, &settings.journal_dir)?;
        for (file, torn) in [("slots", slots.torn()), ("people", people.torn())] {
            if torn > 0 {
                tracing::warn!(
                    file,
                    torn,
                    "the last entries were torn or damaged and are erased: such slots were used by nobody, and people are restored from the journal"
                );
            }
        }
        let vault = Arc::new(Vault::new(master, slots)?);
        let people = PersonIndex::new(master, people)?;
        let people = Arc::new(Mutex::new(people));
        let recovered = recover(&*journal)?;
        let archive = journal.reader();
        let edge = Edge { vault: Arc::clone(&vault), people };
        let words = Archive { vault, records: archive };
        Self::lead(settings, plan, journal, recovered, edge, words, fatal)
    }

    fn lead(
        settings: &RouterSettings,
        plan: Plan,
        journal: Box<dyn Journal>,
        recovered: Recovered,
        edge: Edge,
        words: Archive,
        fatal: Arc<dyn Fn(&str) + Send + Sync>,
    ) -> Result<Self, OpenError> {
        for (person, slots) in &recovered.erased {
            edge.vault.erase(slots)?;
            let mut people = edge.people.lock().unwrap_or_else(PoisonError::into_inner);
            people.erase(*person).map_err(|error| OpenError::Lead(error.to_string()))?;
        }
        restore_people(&edge, &recovered)?;
        let (clock, gap_ms) = NetworkClock::start(recovered.state.parts().now);
        let clock = Arc::new(clock);
        let epoch = journal.tail().epoch.0.max(recovered.state.parts().epoch).saturating_add(1);
        tracing::info!(epoch, gap_ms, replayed = recovered.replayed, "the router begins to lead");
        let (hub, asks) = tokio::sync::mpsc::channel(ASKS);
        let (people, archive) = (Arc::clone(&edge.people), Arc::clone(&words.records));
        let pressure = Pressure::new(settings.pressure);
        let following = Hub::new(recovered.state.clone(), words, Arc::clone(&clock), pressure.clone());
        let hub_thread = spawn("hub", move || following.run(asks))?;
        let marks = Marks::default();
        marks.alive.store(clock.now().0, Ordering::Relaxed);
        let snapshots = Snapshots::new(journal.snapshots(), settings.snapshot_every_records, recovered.replayed);
        let mut driver = Driver {
            working: recovered.state,
            journal,
            edge,
            clock: Arc::clone(&clock),
            hub: hub.clone(),
            alive: Arc::clone(&marks.alive),
            pressure: pressure.clone(),
            fatal: as_fatal(&fatal),
            snapshots,
            hours: OpeningHours::default(),
        };
        // The first records are written before anybody is served, on a thread that may block.
        let (jobs, queue) = mpsc::channel::<Job>();
        let begun = thread::scope(|scope| scope.spawn(|| driver.begin(epoch, gap_ms, plan)).join());
        begun.map_err(|_| OpenError::Lead("the writer panicked".to_owned()))?.map_err(OpenError::Lead)?;
        let (stop, panicked) = (Arc::clone(&marks.stop), as_fatal(&fatal));
        let writer = spawn("writer", move || {
            // A writer that panics must not be a process that looks alive.
            if catch_unwind(AssertUnwindSafe(|| driver.run(&queue))).is_err() {
                panicked("the writer panicked");
            }
            stop.store(true, Ordering::Relaxed);
        })?;
        let (watched, stuck_ms, fatal) = (marks.clone(), settings.watchdog_ms, as_fatal(&fatal));
        let dog = spawn("watchdog", move || watchdog::watch(&watched.alive, &clock, stuck_ms, &watched.stop, &fatal))?;
        let beat = tokio::spawn(beat(hub.clone(), pressure.clone()));
        let room = Arc::new(Semaphore::new(settings.commands_waiting_max.max(1)));
        let grpc = RouterGrpc { jobs: Arc::new(Mutex::new(Some(jobs))), room, hub, people, archive, pressure };
        Ok(Self { grpc, marks, threads: vec![writer, dog, hub_thread], beat })
    }

    /// The gRPC service; give it to a server.
    #[must_use]
    pub fn grpc(&self) -> RouterGrpc {
        self.grpc.clone()
    }

    /// How hard pressed the writer is; give it to whoever serves a lower class in this process.
    #[must_use]
    pub fn pressure(&self) -> Pressure {
        self.grpc.pressure.clone()
    }

    /// Ends cleanly: what was accepted is decided and durable, the journal is marked complete. Blocks until it is.
    pub fn close(self) {
        drop(self.grpc.jobs.lock().unwrap_or_else(PoisonError::into_inner).take());
        self.beat.abort();
        let Self { grpc, marks, threads, .. } = self;
        drop(grpc);
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a thread of the router panicked");
            }
        }
        marks.stop.store(true, Ordering::Relaxed);
    }
}

/// Gives back to the index whom a crash kept from its file. Who was erased stays so. A number that does not open costs that person that
/// they are known again, and the others nothing.
fn restore_people(edge: &Edge, recovered: &Recovered) -> Result<(), OpenError> {
    let mut people = edge.people.lock().unwrap_or_else(PoisonError::into_inner);
    let mut known = people.known();
    known.extend(recovered.erased.iter().map(|(person, _)| *person));
    let missing = recovered.arrived.iter().filter(|(person, _)| !known.contains(person));
    for (person, number) in missing {
        match edge.vault.unseal(number) {
            Ok(number) => people.restore(&number, *person),
            Err(VaultError::Erased) => {}
            Err(error) => tracing::error!(%error, "a number cannot be read, and whose it is cannot be restored"),
        }
    }
    people.flush().map_err(|error| OpenError::Lead(error.to_string()))
}

fn as_fatal(fatal: &Arc<dyn Fn(&str) + Send + Sync>) -> Fatal {
    let fatal = Arc::clone(fatal);
    Box::new(move |why| fatal(why))
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, OpenError> {
    Ok(thread::Builder::new().name(format!("holdfast-{name}")).spawn(run)?)
}

fn open_journal(files: &Arc<dyn FileLayer>, dir: &Path) -> Result<Box<dyn Journal>, OpenError> {
    let opened = Disk::open(Arc::clone(files), dir, DiskOptions::default());
    let (journal, recovery) =
        opened.map_err(|source| OpenError::Journal { path: dir.display().to_string(), source })?;
    match &recovery.cut {
        Some(cut) => {
            crate::metrics::tail_cut();
            tracing::warn!(%cut, "the tail of the journal was torn or damaged and is cut; nobody is known to have been told of it");
        }
        None => tracing::info!(?recovery, "the journal is open"),
    }
    Ok(Box::new(journal))
}

async fn beat(hub: HubDoor, pressure: Pressure) {
    let mut every = tokio::time::interval(BEAT);
    loop {
        every.tick().await;
        pressure.publish();
        if hub.send(Ask::Beat).await.is_err() {
            return;
        }
    }
}
