//! One server with its desks and webhooks, and the rounds on it.

use super::Plan;
use super::round::Sum;
use crate::installation::{Installation, Wanted};
use crate::lean::carrier::NullCarrier;
use crate::lean::desks::{Desks, Heard};
use crate::lean::hooks::{Arrived, HookError, Hooks};
use crate::moments;
use crate::prng::Prng;
use crate::process::{Process, StartError};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

/// How long everybody of a round may take to be taken, or to be gone.
const ROUND_MOST: Duration = Duration::from_secs(60);
/// How long a carrier that never answers wrongly is never compared with.
const NEVER_MS: u64 = 3_600_000;
/// Connections for webhooks in the open loop: as many as could be in flight at its worst.
const OPEN_CONNECTIONS: usize = 128;

/// Why a round broke off.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// A server did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// A webhook was not answered.
    #[error(transparent)]
    Hook(#[from] HookError),
    /// A desk could not sign in.
    #[error("a desk: {0}")]
    Desk(#[from] tonic::Status),
    /// A desk was refused what it asked, or its stream broke.
    #[error("desk {desk}: {why}")]
    Refused {
        /// Which.
        desk: usize,
        /// Why.
        why: String,
    },
    /// Somebody was told of twice, or of nobody who called.
    #[error("contact {0} was offered and nobody had called")]
    Stranger(String),
    /// Not all were taken, or not all were let go.
    #[error("only {had} of {of} were {what} within a minute")]
    Late {
        /// How many.
        had: usize,
        /// Of how many.
        of: usize,
        /// What.
        what: &'static str,
    },
    /// A file or `/proc` could not be read or written.
    #[error("{0}")]
    File(#[from] std::io::Error),
}

/// A server with desks.
pub struct Stage {
    /// The server.
    pub process: Process,
    pub(super) hooks: Arc<Hooks>,
    pub(super) desks: Desks,
    pub(super) heard: mpsc::Receiver<Heard>,
    carrier: Option<NullCarrier>,
    room: Arc<Semaphore>,
    /// Who is here: their call and number.
    pub(super) here: Vec<(Arrived, u64)>,
    pub(super) next: u64,
    pub(super) run: u32,
    // Removed when the process is over.
    _installation: Installation,
}

impl std::fmt::Debug for Stage {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Stage").field("process", &self.process).finish_non_exhaustive()
    }
}

impl Stage {
    /// Holdfast, all roles in one process, with a carrier that says yes to everything.
    ///
    /// # Errors
    /// If it does not start, or a desk cannot sign in.
    pub async fn holdfast(plan: &Plan) -> Result<Self, StageError> {
        let carrier = NullCarrier::start().await?;
        let wanted = Wanted {
            counselors: plan.desks,
            rest_base_url: carrier.base_url.clone(),
            reconcile_every_ms: NEVER_MS,
            within: Some(plan.within.clone()),
        };
        let installation = Installation::build(&wanted)?;
        let process = installation.serve(&plan.holdfast)?;
        Self::with(process, installation, Some(carrier), plan.in_flight).await
    }

    /// The null route.
    ///
    /// # Errors
    /// As [`Stage::holdfast`].
    pub async fn null_route(plan: &Plan, scratch: &Path) -> Result<Self, StageError> {
        let wanted = Wanted {
            counselors: plan.desks,
            rest_base_url: String::new(),
            reconcile_every_ms: NEVER_MS,
            within: Some(plan.within.clone()),
        };
        let installation = Installation::build(&wanted)?;
        let (file, bytes) = (scratch.join("null-route").display().to_string(), plan.record_bytes.to_string());
        let token = installation.auth_token().to_owned();
        let arguments = ["floor", "null-route", "--file", &file, "--record-bytes", &bytes, "--auth-token", &token];
        let process = Process::start(&plan.own, &arguments)?;
        Self::with(process, installation, None, plan.in_flight).await
    }

    async fn with(
        process: Process,
        installation: Installation,
        carrier: Option<NullCarrier>,
        in_flight: usize,
    ) -> Result<Self, StageError> {
        let connections = in_flight.max(OPEN_CONNECTIONS);
        let hooks = Hooks::open(process.http, installation.auth_token(), connections).await?;
        let room = Arc::new(Semaphore::new(0));
        let (desks, heard) = Desks::sign_in(process.grpc, &installation.members, Some(Arc::clone(&room))).await?;
        Ok(Self {
            process,
            hooks: Arc::new(hooks),
            desks,
            heard,
            carrier,
            room,
            here: Vec::new(),
            next: 0,
            run: std::process::id(),
            _installation: installation,
        })
    }

    /// `contacts` people call, and never are more than `in_flight` between their call and the answer to the accept.
    ///
    /// # Errors
    /// If anybody is not taken.
    pub async fn saturate(&mut self, contacts: usize, in_flight: usize) -> Result<Sum, StageError> {
        self.room.forget_permits(usize::MAX >> 4);
        self.room.add_permits(in_flight);
        let room = Arc::clone(&self.room);
        self.round(contacts, Turns::Room(room)).await
    }

    /// `contacts` people call at random moments, `rate_per_s` of them in a second, whatever becomes of those before.
    ///
    /// # Errors
    /// If anybody is not taken.
    pub async fn arrive(&mut self, contacts: usize, rate_per_s: f64) -> Result<Sum, StageError> {
        let mut prng = Prng::keyed(self.next, &["arrivals"]);
        let start = Instant::now() + Duration::from_millis(20);
        let mut at = 0.0;
        let due = (0..contacts).map(|_| {
            at += prng.exponential(1.0 / rate_per_s);
            start + Duration::from_secs_f64(at)
        });
        let moments = moments::told(due.collect());
        self.round(contacts, Turns::Moments(moments)).await
    }

    async fn round(&mut self, contacts: usize, mut turns: Turns) -> Result<Sum, StageError> {
        let dials = self.carrier.as_ref().map_or(0, NullCarrier::dials);
        let before = self.process.usage()?;
        let began = Instant::now();
        let first = self.next;
        self.next += u64::try_from(contacts).unwrap_or(0);
        let (mut calling, mut times) = (JoinSet::new(), Vec::with_capacity(contacts));
        let mut number = 0;
        let mut heard = Seen::default();
        while heard.taken.len() < contacts {
            let late = StageError::Late { had: heard.taken.len(), of: contacts, what: "taken" };
            let left = ROUND_MOST.checked_sub(began.elapsed()).ok_or(late)?;
            tokio::select! {
                biased;
                said = self.heard.recv() => heard.note(said)?,
                at = turns.next(), if number < contacts => {
                    let (hooks, run, who) = (Arc::clone(&self.hooks), self.run, first + u64::try_from(number).unwrap_or(0));
                    calling.spawn(async move {
                        let arrived = hooks.call(run, who).await;
                        (at, Instant::now(), who, arrived)
                    });
                    number += 1;
                }
                Some(called) = calling.join_next(), if !calling.is_empty() => times.push(called),
                () = tokio::time::sleep(left) => {}
            }
        }
        let lasted = heard.last.unwrap_or(began).duration_since(began);
        while let Some(called) = calling.join_next().await {
            times.push(called);
        }
        self.settled(dials, contacts).await;
        let after = self.process.usage()?;
        let mut sum = Sum { contacts, lasted, cpu_us: after.cpu_us.saturating_sub(before.cpu_us), ..Sum::default() };
        for called in times {
            let (due, answered, who, arrived) = called.map_err(|error| std::io::Error::other(error.to_string()))?;
            let arrived = arrived?;
            let us = |at: Instant| u64::try_from(at.saturating_duration_since(due).as_micros()).unwrap_or(u64::MAX);
            let stranger = || StageError::Stranger(arrived.contact.clone());
            sum.answered_us.push(us(answered));
            sum.told_us.push(us(heard.told.remove(&arrived.contact).ok_or_else(stranger)?));
            sum.taken_us.push(us(heard.taken.remove(&arrived.contact).ok_or_else(stranger)?));
            self.here.push((arrived, who));
        }
        match heard.told.into_keys().next() {
            Some(contact) => Err(StageError::Stranger(contact)),
            None => Ok(sum),
        }
    }

    /// Waits until everybody's dial is at the carrier: it is part of what a contact costs.
    async fn settled(&self, dials: u64, contacts: usize) {
        let Some(carrier) = &self.carrier else { return };
        let wanted = dials + u64::try_from(contacts).unwrap_or(0);
        let began = Instant::now();
        while carrier.dials() < wanted && began.elapsed() < ROUND_MOST {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Everybody hangs up; returns when all desks have nobody. Not measured.
    ///
    /// # Errors
    /// If a webhook is not answered, or a desk keeps somebody.
    pub async fn clear(&mut self) -> Result<(), StageError> {
        let of = self.here.len();
        let mut leaving = JoinSet::new();
        for (arrived, number) in self.here.drain(..) {
            let hooks = Arc::clone(&self.hooks);
            leaving.spawn(async move { hooks.hang_up(&arrived.call, number).await });
        }
        let began = Instant::now();
        let mut had = 0;
        while had < of || !leaving.is_empty() {
            let left = ROUND_MOST.checked_sub(began.elapsed());
            let left = left.ok_or(StageError::Late { had, of, what: "let go" })?;
            tokio::select! {
                said = self.heard.recv() => match said {
                    Some(Heard::Free { .. }) => had += 1,
                    Some(Heard::Failed { desk, why }) => return Err(StageError::Refused { desk, why }),
                    _ => {}
                },
                Some(left) = leaving.join_next() => left.map_err(|error| std::io::Error::other(error.to_string()))??,
                () = tokio::time::sleep(left) => {}
            }
        }
        // The legs are still being dropped; whoever's is not is offered nobody.
        let quiet = Duration::from_millis(300);
        tokio::time::sleep(if self.carrier.is_some() { quiet } else { quiet / 10 }).await;
        while let Ok(said) = self.heard.try_recv() {
            if let Heard::Failed { desk, why } = said {
                return Err(StageError::Refused { desk, why });
            }
        }
        Ok(())
    }
}

/// When the next person calls.
enum Turns {
    /// As soon as there is room.
    Room(Arc<Semaphore>),
    /// At these moments.
    Moments(mpsc::Receiver<Instant>),
}

impl Turns {
    /// The moment they were to call. Cancel-safe.
    async fn next(&mut self) -> Instant {
        match self {
            // Nobody is asked for after the last moment.
            Self::Moments(moments) => moments.recv().await.unwrap_or_else(Instant::now),
            Self::Room(room) => {
                // The semaphore is never closed.
                if let Ok(permit) = room.acquire().await {
                    permit.forget();
                }
                Instant::now()
            }
        }
    }
}

/// What desks have said in a round.
#[derive(Default)]
struct Seen {
    told: HashMap<String, Instant>,
    taken: HashMap<String, Instant>,
    last: Option<Instant>,
}

impl Seen {
    fn note(&mut self, said: Option<Heard>) -> Result<(), StageError> {
        match said {
            Some(Heard::Told { contact, at, .. }) => drop(self.told.insert(contact, at)),
            Some(Heard::Taken { contact, at, .. }) => {
                self.taken.insert(contact, at);
                self.last = self.last.max(Some(at));
            }
            Some(Heard::Failed { desk, why }) => return Err(StageError::Refused { desk, why }),
            Some(Heard::WritingUp { .. } | Heard::Free { .. }) => {}
            None => return Err(StageError::Refused { desk: 0, why: "all streams are over".to_owned() }),
        }
        Ok(())
    }
}
