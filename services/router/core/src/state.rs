//! Everything the router knows, and the indexes that make deciding cheap.
//!
//! The primary data is plain and public to read; only `apply` changes it. Indexes (waiting, free, deadlines) are derived: they
//! are rebuilt when a snapshot is restored and never stored.

use crate::contact::Contact;
use crate::counselor::Counselor;
use crate::id::{ContactId, CounselorId, ExternalId, Language, RequestId};
use crate::plan::{Plan, QueueKey};
use crate::time::Timestamp;
use alloc::collections::{BTreeMap, BTreeSet};

/// How many request ids are remembered. Beyond it the oldest is forgotten: a retry that late is decided afresh, which every
/// command's own guards make harmless.
pub const REQUESTS_MAX: usize = 65_536;

/// People who wait for the same thing: whoever can take one of them can take each of them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Class {
    /// The queue.
    pub queue: QueueKey,
    /// The language.
    pub language: Language,
}

/// What a deadline is about.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Deadline {
    /// A contact's: menu, offer, leg, wrap-up, archive.
    Contact(ContactId),
    /// A counselor's: the grace of a silent desk.
    Counselor(CounselorId),
}

/// The parts of the state that a snapshot holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Parts {
    /// The last record folded in.
    pub sequence: u64,
    /// The epoch of the router that leads or last led.
    pub epoch: u64,
    /// The highest event format that may occur.
    pub format: u32,
    /// The time of the last record.
    pub now: Timestamp,
    /// The plan in force.
    pub plan: Option<Plan>,
    /// Contacts in the hot state.
    pub contacts: BTreeMap<ContactId, Contact>,
    /// Counselors who ever signed in.
    pub counselors: BTreeMap<CounselorId, Counselor>,
    /// Carriers' ids seen, so that none makes a second contact (S12).
    pub externals: BTreeMap<ExternalId, (ContactId, Timestamp)>,
    /// The request ids decided last, by the sequence of their record.
    pub requests: BTreeMap<RequestId, u64>,
}

/// The whole state of one network.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub(crate) parts: Parts,
    /// Waiting contacts by class, in the order of their places.
    pub(crate) waiting: BTreeMap<Class, BTreeSet<(crate::contact::Place, ContactId)>>,
    /// Counselors who could take somebody, longest idle first.
    pub(crate) free: BTreeSet<(Timestamp, CounselorId)>,
    /// What is due when.
    pub(crate) deadlines: BTreeSet<(Timestamp, Deadline)>,
    /// Request ids by age, so that the oldest can be forgotten.
    pub(crate) requests_by_age: BTreeSet<(u64, RequestId)>,
    /// Carriers' ids by age, so that they can be forgotten.
    pub(crate) externals_by_age: BTreeSet<(Timestamp, ExternalId)>,
    /// What the last record touched: the only places where a new match can have appeared.
    pub(crate) touched: Touched,
}

/// What changed since the last matching.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Touched {
    /// Contacts that began to wait, or may be asked about again.
    pub contacts: BTreeSet<ContactId>,
    /// Counselors who may have become free.
    pub counselors: BTreeSet<CounselorId>,
}

impl PartialEq for State {
    /// Two states are equal when a snapshot of them would be.
    fn eq(&self, other: &Self) -> bool {
        self.parts == other.parts
    }
}
