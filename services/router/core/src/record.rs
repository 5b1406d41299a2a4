//! A record of the journal: what one command caused, with who asked and when. What it can say is in [`crate::event`].

use crate::event::Event;
use crate::id::RequestId;
use crate::principal::Principal;
use crate::time::Timestamp;
use alloc::vec::Vec;

/// One journal record: everything one command caused, all or nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    /// Its number in the journal, from 1 without gaps.
    pub sequence: u64,
    /// The epoch of the writer that decided it.
    pub epoch: u64,
    /// When.
    pub at: Timestamp,
    /// Who asked.
    pub principal: Principal,
    /// The command's idempotency key, if it had one.
    pub request: Option<RequestId>,
    /// What it caused, in order.
    pub events: Vec<Event>,
}

impl Record {
    /// Whether somebody's data is to be made unreadable.
    #[must_use]
    pub fn erases(&self) -> bool {
        self.events.iter().any(|event| matches!(event, Event::PersonErased { .. }))
    }
}
