//! The writer: persist BEFORE telling anybody.
//!
//! 1. Take the commands that came in while the last batch was being synced.
//! 2. Decide and apply each on the working state.
//! 3. Append what they caused as one batch: one write, one sync.
//! 4. Only then hand the records to the hub, which is waited for when it has too much to do, and answer, refusals included, in the order
//!    decided: whoever reads after their answer reads what it did.
//!
//! The only file in the house that appends to the journal. It is a thread of its own: the sync blocks.

use crate::clock::{NetworkClock, wall_ms};
use crate::convert::wish::Wish;
use crate::edge::index::{IndexError, PersonIndex};
use crate::edge::prepare::{Edge, PrepareError};
use crate::edge::vault::VaultError;
use crate::feed::hub::{Ask, HubDoor};
use crate::hours::OpeningHours;
use crate::metrics;
use crate::snapshots::Snapshots;
use holdfast_chassis::pressure::Pressure;
use holdfast_core::command::{Answer, Command};
use holdfast_core::event::{Event, Record, RequeueReason};
use holdfast_core::id::{ContactId, RequestId};
use holdfast_core::plan::Plan;
use holdfast_core::principal::Principal;
use holdfast_core::refusal::Refusal;
use holdfast_core::state::State;
use holdfast_core::step::{Asked, Step};
use holdfast_core::time::Timestamp;
use holdfast_journal::{
    ChainHash, Draft, Epoch, IDLE_BEFORE_MARK_MS, Journal, Outcome, RECORD_BYTES_MAX, Sequence, record,
};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

/// How many commands one batch takes. A higher value serves a surge with fewer syncs, a lower one answers sooner.
pub const BATCH_COMMANDS: usize = 256;
/// How many bytes of records one batch takes before it is appended.
pub const BATCH_BYTES: usize = 512 * 1_024;
/// How many deadlines one batch looks after, so that commands are never starved by them.
const BATCH_DEADLINES: usize = 64;
/// The largest plan a record can hold, with room for what else is in it.
const PLAN_BYTES_MAX: usize = RECORD_BYTES_MAX - 64 * 1_024;
/// The longest the writer sleeps: the watchdog wants to see it alive.
const NAP_MS: u64 = 250;

/// Where an answer goes.
pub type Reply = oneshot::Sender<Result<Decided, Failure>>;

/// What the writer is asked to decide.
pub struct Job {
    /// Who asks.
    pub principal: Principal,
    /// The idempotency key.
    pub request: Option<RequestId>,
    /// What.
    pub wish: Wish,
    /// Its name in metrics.
    pub kind: &'static str,
    /// When it came into this process; pressure is read from how long it waits from here on.
    pub arrived: Instant,
    /// Where the answer goes once it is durable.
    pub reply: Reply,
    /// Its place among the commands that may wait; given back when it is decided, whether or not anybody still listens.
    pub room: OwnedSemaphorePermit,
}

/// A durable answer.
#[derive(Clone, Debug)]
pub struct Decided {
    /// The answer.
    pub answer: Answer,
    /// The epoch it was given in.
    pub epoch: u64,
    /// Where the journal stood when it left.
    pub sequence: u64,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Refused; nothing changed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The edge could not prepare it; nothing changed.
    #[error(transparent)]
    Edge(#[from] PrepareError),
    /// It could not be decided; it was set aside and a human should look.
    #[error("the command could not be decided; it was set aside")]
    SetAside,
}

/// What happens when the journal fails: the process must end, and a supervisor starts it anew on the same journal.
pub type Fatal = Box<dyn Fn(&str) + Send>;

/// The writer of one network.
pub struct Driver {
    /// The state commands are decided on: ahead of the committed one by the batch in flight.
    pub working: State,
    /// The journal.
    pub journal: Box<dyn Journal>,
    /// Seals and prepares.
    pub edge: Edge,
    /// Time.
    pub clock: Arc<NetworkClock>,
    /// Where committed records go.
    pub hub: HubDoor,
    /// Shows the watchdog that the writer lives: milliseconds of network time.
    pub alive: Arc<AtomicU64>,
    /// Hears how long commands wait and commits take.
    pub pressure: Pressure,
    /// What happens when the journal fails.
    pub fatal: Fatal,
    /// Takes snapshots of what is committed.
    pub snapshots: Snapshots,
    /// What is open when.
    pub hours: OpeningHours,
}

/// What one turn gathered.
#[derive(Default)]
struct Batch {
    records: Vec<Record>,
    drafts: Vec<Draft>,
    bytes: usize,
    /// How long its commands waited, together.
    waited: Duration,
    replies: Vec<(Reply, Result<Answer, Failure>)>,
}

impl Driver {
    /// Begins to lead: the epoch, the gap, and the plan, durable before anybody is served. A plan that does not fit the people
    /// who are here leaves the one in force.
    ///
    /// # Errors
    /// If nothing could be made durable, or no plan is in force.
    pub fn begin(&mut self, epoch: u64, gap_ms: u64, plan: Plan) -> Result<(), String> {
        let asked = Asked { principal: Principal::Router, request: None };
        let mut batch = Batch::default();
        let lead = self.step(&asked, &Command::StartLeading { epoch, gap_ms }, &mut batch)?;
        lead.map_err(|failure| failure.to_string())?;
        let activated = match too_large(&plan) {
            Some(refusal) => Err(Failure::Refused(refusal)),
            None => self.step(&asked, &Command::ActivatePlan { plan: Box::new(plan) }, &mut batch)?,
        };
        if let Err(failure) = activated {
            if self.working.plan().is_none() {
                return Err(failure.to_string());
            }
            tracing::error!(%failure, "the plan file is not put in force; the plan before it stays");
        }
        self.keep_hours(&mut batch)?;
        self.commit(batch)
    }

    /// Runs until the last sender is gone, then marks the journal's end.
    pub fn run(mut self, jobs: &Receiver<Job>) {
        let mut idle_since = Instant::now();
        let mut marked = false;
        loop {
            self.alive.store(self.clock.now().0, Ordering::Relaxed);
            let first = match jobs.recv_timeout(self.patience(marked)) {
                Ok(job) => Some(job),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => break,
            };
            let wrote = match self.turn(first, jobs) {
                Ok(wrote) => wrote,
                Err(why) => {
                    (self.fatal)(&why);
                    return;
                }
            };
            if wrote {
                idle_since = Instant::now();
                marked = false;
            } else if !marked && idle_since.elapsed() >= Duration::from_millis(IDLE_BEFORE_MARK_MS) {
                if let Err(why) = self.rest() {
                    (self.fatal)(&why);
                    return;
                }
                marked = true;
            }
        }
        // What is not in the file is in the journal.
        if let Err(error) = self.people().flush() {
            tracing::error!(%error, "the person index could not be written; the next start will restore it");
        }
        if let Err(error) = self.journal.close() {
            tracing::error!(%error, "the journal could not be closed cleanly; the next start will repair its tail");
        }
        self.snapshots.finish(|| self.alive.store(self.clock.now().0, Ordering::Relaxed));
    }

    /// Nothing was appended for a while: what nobody waits for is done now.
    fn rest(&mut self) -> Result<(), String> {
        self.people().flush().map_err(|error| format!("the person index failed: {error}"))?;
        self.journal.idle().map_err(|error| format!("the tail could not be marked: {error}"))
    }

    /// How long to wait for a command before a deadline, the tail mark or the watchdog wants something.
    fn patience(&self, marked: bool) -> Duration {
        let longest = if marked { NAP_MS } else { IDLE_BEFORE_MARK_MS };
        let due_ms = self.working.next_deadline().map_or(longest, |at| at.since_ms(self.clock.now()));
        if self.working.has_more_to_offer() { Duration::ZERO } else { Duration::from_millis(due_ms.min(longest)) }
    }

    fn turn(&mut self, first: Option<Job>, jobs: &Receiver<Job>) -> Result<bool, String> {
        let before = self.journal.tail().sequence.0;
        let mut batch = Batch::default();
        let mut next = first;
        while let Some(job) = next {
            self.decide(job, &mut batch)?;
            // Who was erased is erased before anybody else is prepared: the index must not find them again.
            let erases = batch.records.last().is_some_and(Record::erases);
            let full = erases || batch.replies.len() >= BATCH_COMMANDS || batch.bytes >= BATCH_BYTES;
            next = if full { None } else { jobs.try_recv().ok() };
        }
        self.keep_hours(&mut batch)?;
        self.keep_time(&mut batch)?;
        self.commit(batch)?;
        let records = self.journal.tail().sequence.0.saturating_sub(before);
        self.tidy(records)?;
        Ok(records > 0)
    }

    fn decide(&mut self, job: Job, batch: &mut Batch) -> Result<(), String> {
        let started = Instant::now();
        let asked = Asked { principal: job.principal, request: job.request };
        let answer = match self.edge.prepare(&self.working, job.wish) {
            Err(PrepareError::Refused(refusal)) => Err(Failure::Refused(refusal)),
            // A file that failed once is never served from again: not the journal's, and not the keys'.
            Err(PrepareError::Vault(VaultError::Slots(error))) => return Err(format!("the key slots failed: {error}")),
            Err(PrepareError::Index(IndexError::File(error))) => {
                return Err(format!("the person index failed: {error}"));
            }
            Err(error) => Err(Failure::Edge(error)),
            Ok(command) => self.step(&asked, &command, batch)?,
        };
        let outcome = match &answer {
            Ok(_) => "done",
            Err(Failure::Refused(_) | Failure::Edge(PrepareError::NotOurLine)) => "refused",
            Err(_) => "failed",
        };
        let waited = job.arrived.elapsed();
        metrics::decided(job.kind, outcome, started.elapsed(), waited);
        batch.waited = batch.waited.saturating_add(waited);
        batch.replies.push((job.reply, answer));
        Ok(())
    }

    /// One step on the working state. A panic costs the command, never the state.
    fn step(&mut self, asked: &Asked, command: &Command, batch: &mut Batch) -> Result<Result<Answer, Failure>, String> {
        let now = self.clock.now();
        let working = &mut self.working;
        match catch_unwind(AssertUnwindSafe(|| working.step(now, asked, command))) {
            Ok(Ok(Step { answer, record })) => {
                batch.extend(record);
                Ok(Ok(answer))
            }
            Ok(Err(refusal)) => Ok(Err(Failure::Refused(refusal))),
            Err(_) => {
                self.set_aside(command, batch)?;
                Ok(Err(Failure::SetAside))
            }
        }
    }

    /// Rebuilds the working state from what is committed and gives the contact, if there is one, to its queue and a human.
    fn set_aside(&mut self, command: &Command, batch: &mut Batch) -> Result<(), String> {
        metrics::quarantined();
        tracing::error!("a command could not be decided and was set aside");
        self.commit(std::mem::take(batch))?;
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        let read = Ask::Read(Box::new(move |state: &State| drop(sender.send(state.clone()))));
        self.hub.blocking_send(read).map_err(|_| "the hub is gone")?;
        self.working = receiver.recv().map_err(|_| "the hub is gone")?;
        self.working.match_everybody();
        if let Some(contact) = contact_of(command) {
            let asked = Asked { principal: Principal::Router, request: None };
            let quarantine = Command::Quarantine { contact, reason: RequeueReason::Quarantined };
            let now = self.clock.now();
            if let Ok(Step { record, .. }) = self.working.step(now, &asked, &quarantine) {
                batch.extend(record);
            }
        }
        Ok(())
    }

    /// Tells the core what has opened or closed by the clocks of the centers.
    fn keep_hours(&mut self, batch: &mut Batch) -> Result<(), String> {
        let wall_ms = i64::try_from(wall_ms()).unwrap_or(i64::MAX);
        let Some(command) = self.hours.due(self.working.plan(), wall_ms) else { return Ok(()) };
        let asked = Asked { principal: Principal::Router, request: None };
        if let Err(failure) = self.step(&asked, &command, batch)? {
            tracing::error!(%failure, "opening hours could not be kept");
        }
        Ok(())
    }

    fn keep_time(&mut self, batch: &mut Batch) -> Result<(), String> {
        let asked = Asked { principal: Principal::Router, request: None };
        for _ in 0..BATCH_DEADLINES {
            let due = self.working.next_deadline().is_some_and(|at| at <= self.clock.now());
            if !(due || self.working.has_more_to_offer()) {
                break;
            }
            match self.step(&asked, &Command::KeepTime, batch)? {
                Ok(_) => {}
                Err(Failure::Refused(refusal)) => {
                    tracing::error!(%refusal, "a deadline could not be kept");
                    break;
                }
                // It would come again for ever: better a restart that people see than a writer that does nothing else.
                Err(failure) => return Err(format!("a deadline could not be kept: {failure}")),
            }
        }
        Ok(())
    }

    fn commit(&mut self, batch: Batch) -> Result<(), String> {
        self.pressure.waited(batch.waited, u32::try_from(batch.replies.len()).unwrap_or(u32::MAX));
        if !batch.drafts.is_empty() {
            let started = Instant::now();
            self.pressure.commit_begins();
            self.append(&batch.drafts)?;
            self.pressure.commit_ends();
            metrics::committed(batch.drafts.len(), started.elapsed());
            self.erase(&batch.records)?;
            self.hub.blocking_send(Ask::Committed(batch.records)).map_err(|_| "the hub is gone")?;
        }
        let (epoch, sequence) = (self.working.parts().epoch, self.journal.tail().sequence.0);
        for (reply, answer) in batch.replies {
            // Whoever asked may be gone; what they asked for is done all the same.
            drop(reply.send(answer.map(|answer| Decided { answer, epoch, sequence })));
        }
        Ok(())
    }

    /// Right after a turn the working state is the committed one. No record before a snapshot is read again for who is who, so the
    /// person index is whole first.
    fn tidy(&mut self, records: u64) -> Result<(), String> {
        let due = self.snapshots.due(records);
        let mut people = self.people();
        if due || people.is_full() {
            people.flush().map_err(|error| format!("the person index failed: {error}"))?;
        }
        drop(people);
        if due {
            self.snapshots.take(self.working.parts(), self.journal.tail());
        }
        Ok(())
    }

    fn people(&self) -> MutexGuard<'_, PersonIndex> {
        self.edge.people.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn append(&mut self, drafts: &[Draft]) -> Result<(), String> {
        let tail = self.journal.tail();
        let epoch = Epoch(self.working.parts().epoch);
        let (expected, previous): (Sequence, ChainHash) = (Sequence(tail.sequence.0.saturating_add(1)), tail.hash);
        match self.journal.append(epoch, expected, previous, drafts) {
            Outcome::Committed(_) => Ok(()),
            Outcome::Rejected(why) => Err(format!("the journal refused the batch: {why:?}")),
            // On one machine nothing can be read back that a failed sync did not make durable: end, and recover on start.
            Outcome::Indeterminate(why) => Err(format!("the journal cannot say whether the batch is durable: {why:?}")),
        }
    }

    /// What was erased is unreadable before anybody hears that it is.
    fn erase(&mut self, records: &[Record]) -> Result<(), String> {
        for event in records.iter().flat_map(|it| &it.events) {
            if let Event::PersonErased { person, slots } = event {
                self.edge.vault.erase(slots).map_err(|error| format!("slots could not be zeroed: {error}"))?;
                self.people().erase(*person).map_err(|error| format!("the index could not be zeroed: {error}"))?;
            }
        }
        Ok(())
    }
}

/// A plan that no record can hold is refused before anything is tried.
fn too_large(plan: &Plan) -> Option<Refusal> {
    let event = Event::PlanActivated { plan: Box::new(plan.clone()) };
    let record = Record {
        sequence: 0,
        epoch: 0,
        at: Timestamp(0),
        principal: Principal::Router,
        request: None,
        events: vec![event],
    };
    let bytes = record::encode(&record).len();
    (bytes > PLAN_BYTES_MAX).then(|| {
        Refusal::PlanUnfit(format!(
            "it takes {bytes} bytes in the journal, {PLAN_BYTES_MAX} at most: name fewer queues"
        ))
    })
}

impl Batch {
    fn extend(&mut self, step: Option<Record>) {
        if let Some(it) = step {
            let body = record::encode(&it);
            self.bytes = self.bytes.saturating_add(body.len());
            self.drafts.push(Draft { body });
            self.records.push(it);
        }
    }
}

fn contact_of(command: &Command) -> Option<ContactId> {
    match command {
        Command::ArriveContact { contact, .. }
        | Command::ChooseNeed { contact, .. }
        | Command::ReportLeg { contact, .. }
        | Command::SettleEffect { contact, .. }
        | Command::DoubtEffect { contact, .. }
        | Command::HoldPerson { contact, .. }
        | Command::EndContact { contact, .. }
        | Command::GiveBack { contact, .. }
        | Command::FinishWrapUp { contact, .. }
        | Command::ExtendWrapUp { contact, .. }
        | Command::WriteNote { contact, .. }
        | Command::ReceiveText { contact, .. }
        | Command::ReportText { contact, .. }
        | Command::SendText { contact, .. }
        | Command::StartHandoff { contact, .. }
        | Command::RecordConsent { contact, .. }
        | Command::JoinHandoff { contact, .. }
        | Command::ConfirmHandoff { contact, .. }
        | Command::LeaveHandoff { contact, .. }
        | Command::CancelHandoff { contact, .. } => Some(*contact),
        Command::AcceptOffer { offer, .. } | Command::DeclineOffer { offer, .. } => Some(offer.contact),
        Command::AskHelp { contact, .. } => *contact,
        Command::AnswerHelp { .. }
        | Command::EndHelp { .. }
        | Command::ConnectDesk { .. }
        | Command::LoseDesk { .. }
        | Command::SignOff { .. }
        | Command::SetReadiness { .. }
        | Command::GiveDirective { .. }
        | Command::EndDirective { .. }
        | Command::SetHours { .. }
        | Command::ActivatePlan { .. }
        | Command::ErasePerson { .. }
        | Command::Quarantine { .. }
        | Command::StartLeading { .. }
        | Command::KeepTime => None,
    }
}
