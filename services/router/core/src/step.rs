//! One step: decide, apply, and then what follows from it (a readiness that was asked for earlier, the offers that became
//! possible), all in one record.
//!
//! The writer calls this and nothing else. If `decide` panics the state is untouched; only a panic while applying leaves it to
//! be rebuilt from what is committed.

use crate::command::{Answer, Command};
use crate::counselor::ReadinessReason;
use crate::decide::{Decision, decide};
use crate::event::{Event, Record};
use crate::id::RequestId;
use crate::principal::Principal;
use crate::refusal::Refusal;
use crate::state::{State, Touched};
use crate::time::Timestamp;
use alloc::vec::Vec;

/// How many offers one record may carry. More stay possible and are made in the records after it, which the router asks for
/// by `KeepTime` at once.
pub const OFFERS_PER_RECORD_MAX: usize = 256;

/// What one step gave: an answer, and a record unless nothing changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// What to answer once the record, or the last one before it, is durable.
    pub answer: Answer,
    /// What to journal.
    pub record: Option<Record>,
}

/// Who asks, and under which idempotency key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    /// Who.
    pub principal: Principal,
    /// The key, if there is one.
    pub request: Option<RequestId>,
}

impl State {
    /// Whether offers may still be possible that the last record had no room for.
    #[must_use]
    pub fn has_more_to_offer(&self) -> bool {
        self.touched != Touched::default()
    }

    /// Decides a command, folds what it caused into this state and gives the record to journal.
    ///
    /// # Errors
    /// A refusal; nothing has changed.
    pub fn step(&mut self, now: Timestamp, asked: &Asked, command: &Command) -> Result<Step, Refusal> {
        let now = now.max(self.parts.now);
        if self.has_decided(asked, command) {
            return Ok(Step { answer: Answer::AlreadyDone, record: None });
        }
        self.end_rests(now);
        let Decision { answer, events } = decide(self, now, command)?;
        if events.is_empty() && !self.has_more_to_offer() {
            return Ok(Step { answer, record: None });
        }
        let record = Record {
            sequence: self.parts.sequence.saturating_add(1),
            epoch: if let Command::StartLeading { epoch, .. } = command { *epoch } else { self.parts.epoch },
            at: now,
            principal: asked.principal.clone(),
            request: asked.request,
            events,
        };
        Ok(Step { answer, record: self.fold(now, record) })
    }

    /// Natural idempotency first: these answer with the contact, whoever asks how often.
    fn has_decided(&self, asked: &Asked, command: &Command) -> bool {
        !matches!(command, Command::ArriveContact { .. } | Command::ChooseNeed { .. } | Command::ReceiveText { .. })
            && asked.request.is_some_and(|request| self.parts.requests.contains_key(&request))
    }

    fn end_rests(&mut self, now: Timestamp) {
        while let Some((at, contact)) = self.index.rests.first().copied() {
            if at > now {
                break;
            }
            self.index.rests.pop_first();
            self.touched.contacts.insert(contact);
        }
    }

    /// Applies the record and everything that follows from it, which is added to it.
    fn fold(&mut self, now: Timestamp, mut record: Record) -> Option<Record> {
        for event in core::mem::take(&mut record.events) {
            self.put(&mut record, event);
        }
        for event in self.readiness_due() {
            self.put(&mut record, event);
        }
        for _ in 0..OFFERS_PER_RECORD_MAX {
            let Some(offer) = self.next_offer(now) else {
                self.touched = Touched::default();
                break;
            };
            self.put(&mut record, offer);
        }
        (!record.events.is_empty()).then_some(record)
    }

    fn put(&mut self, record: &mut Record, event: Event) {
        if record.events.is_empty() {
            self.begin(record);
        }
        self.apply_event(&event, record.request);
        record.events.push(event);
    }

    /// What counselors asked to become while they held somebody, now that they hold nobody.
    fn readiness_due(&self) -> Vec<Event> {
        self.touched
            .counselors
            .iter()
            .filter_map(|id| self.counselor(id))
            .filter(|it| !it.holds_somebody())
            .filter_map(|it| {
                Some(Event::ReadinessChanged {
                    counselor: it.id.clone(),
                    readiness: it.readiness_next.clone()?,
                    reason: ReadinessReason::AskedEarlier,
                })
            })
            .collect()
    }
}
