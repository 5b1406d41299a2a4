//! Everything the router knows, and the indexes that make deciding cheap.
//!
//! The primary data is plain and public to read; only `apply` changes it. Indexes (waiting, free, deadlines) are derived: they
//! are rebuilt when a snapshot is restored and never stored.

use crate::answered::Answered;
use crate::contact::{Channel, Contact, ContactState, Place};
use crate::contacts::Contacts;
use crate::conversation::Acuity;
use crate::counselor::Counselor;
use crate::directive::{Directive, Subject};
use crate::handoff::Handoff;
use crate::id::{CenterId, ContactId, CounselorId, ExternalId, Language, LineId, PersonId, RequestId};
use crate::index::{Index, Traces};
use crate::plan::{Plan, QueueKey};
use crate::time::Timestamp;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

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
    /// Their acuity: somebody at high risk goes only to somebody who has nobody else.
    pub acuity: Acuity,
    /// How far their own wait has widened the search for them.
    pub reach_ms: u64,
}

/// What a deadline is about.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Deadline {
    /// A contact's: menu, offer, leg, wrap-up, archive.
    Contact(ContactId),
    /// A counselor's: the grace of a silent desk.
    Counselor(CounselorId),
    /// A directive's end.
    Directive(Subject),
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
    pub contacts: Contacts,
    /// Counselors who ever signed in.
    pub counselors: BTreeMap<CounselorId, Counselor>,
    /// Carriers' ids seen, so that none makes a second contact (S12).
    pub externals: BTreeMap<ExternalId, (ContactId, Timestamp)>,
    /// The request ids decided last, by the sequence of their record.
    pub requests: BTreeMap<RequestId, u64>,
    /// How each queue of the plan has fared lately.
    pub answered: BTreeMap<QueueKey, Answered>,
    /// What operators have decided for a while.
    pub directives: BTreeMap<Subject, Directive>,
    /// For which channels each center with hours is open, as the calendar last said.
    pub open: BTreeMap<CenterId, BTreeSet<Channel>>,
}

/// The whole state of one network.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub(crate) parts: Parts,
    pub(crate) index: Index,
    /// What the last record touched: the only places where a new match can have appeared.
    pub(crate) touched: Touched,
}

/// What changed since the last matching.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Touched {
    /// Contacts that may have begun to wait, or may be asked about again.
    pub contacts: BTreeSet<ContactId>,
    /// Counselors who may have become free.
    pub counselors: BTreeSet<CounselorId>,
    /// A ring may have opened for everybody in some queue.
    pub search: bool,
}

impl PartialEq for State {
    /// Two states are equal when a snapshot of them would be.
    fn eq(&self, other: &Self) -> bool {
        self.parts == other.parts
    }
}

impl State {
    /// The state a snapshot holds, with its indexes built anew and everybody to be matched again.
    #[must_use]
    pub fn restore(parts: Parts) -> Self {
        let index = Index::of(&parts);
        let mut state = Self { parts, index, touched: Touched::default() };
        state.match_everybody();
        state
    }

    /// What a snapshot holds.
    #[must_use]
    pub const fn parts(&self) -> &Parts {
        &self.parts
    }

    /// The plan in force.
    #[must_use]
    pub const fn plan(&self) -> Option<&Plan> {
        self.parts.plan.as_ref()
    }

    /// A contact of the hot state.
    #[must_use]
    pub fn contact(&self, id: ContactId) -> Option<&Contact> {
        self.parts.contacts.get(&id)
    }

    /// A counselor who has ever signed in.
    #[must_use]
    pub fn counselor(&self, id: &CounselorId) -> Option<&Counselor> {
        self.parts.counselors.get(id)
    }

    /// The conversation of this person on this line: the one that goes on, else the one being written up, else the latest.
    #[must_use]
    pub fn conversation(&self, person: PersonId, line: &LineId, channel: Channel) -> Option<&Contact> {
        let rank = |it: &Contact| match it.state {
            ContactState::Closed => 0,
            ContactState::WrappingUp => 1,
            ContactState::Arriving
            | ContactState::Waiting
            | ContactState::Offered
            | ContactState::Connecting
            | ContactState::Connected => 2,
        };
        let theirs = self.contacts_by(channel, person).filter(|it| it.line == *line);
        theirs.max_by_key(|it| (rank(it), it.arrived_at, it.id))
    }

    /// What the hot state has of a person.
    pub(crate) fn contacts_of(&self, person: PersonId) -> impl Iterator<Item = &Contact> {
        self.index.people.keys().flat_map(move |channel| self.contacts_by(*channel, person))
    }

    fn contacts_by(&self, channel: Channel, person: PersonId) -> impl Iterator<Item = &Contact> {
        let (first, last) = ((person, ContactId(0)), (person, ContactId(u128::MAX)));
        let theirs = self.index.people.get(&channel).map(|people| people.range(first..=last));
        theirs.into_iter().flatten().filter_map(|(_, id)| self.contact(*id))
    }

    /// Who has talked with this contact's person a little while ago, the last first: before the contact came back to its place, or in
    /// another that is still in the hot state.
    pub(crate) fn talked_with<'a>(&'a self, contact: &'a Contact) -> impl Iterator<Item = &'a CounselorId> {
        let (first, last) = (Timestamp(0), Timestamp(u64::MAX));
        let theirs = (contact.person, first, ContactId(0))..=(contact.person, last, ContactId(u128::MAX));
        let latest = self.index.talked.range(theirs).rev().map(|(.., id)| *id).find(|id| *id != contact.id);
        let latest = latest.and_then(|id| self.contact(id));
        contact.talked_with().chain(latest.into_iter().flat_map(Contact::talked_with))
    }

    /// The callback that this person waits for, if it has not reached them yet.
    #[must_use]
    pub fn callback(&self, person: PersonId) -> Option<&Contact> {
        let (first, last) = ((person, ContactId(0)), (person, ContactId(u128::MAX)));
        let theirs = self.index.callbacks.range(first..=last).filter_map(|(_, id)| self.contact(*id));
        // One that is still to be made before one that was tried.
        theirs.min_by_key(|it| (it.state == ContactState::WrappingUp, it.id))
    }

    /// Whoever has this contact, joins it or is being asked about it.
    pub(crate) fn with_part_in(&self, contact: &Contact) -> Vec<&Counselor> {
        let handoff = contact.open_handoff();
        let asked = [contact.open_offer(), handoff.and_then(Handoff::open_offer)];
        let asked = asked.into_iter().flatten().map(|it| &it.counselor);
        let have = [contact.holder.as_ref(), handoff.and_then(|it| it.to.as_ref()), handoff.map(|it| &it.from)];
        let all: BTreeSet<&CounselorId> = asked.chain(have.into_iter().flatten()).collect();
        all.into_iter().filter_map(|id| self.counselor(id)).collect()
    }

    /// When the router has to send `KeepTime`, if ever.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        let due = self.index.deadlines.first().map(|(at, _)| *at);
        let rest = self.index.rests.first().map(|(at, _)| *at);
        match (due, rest) {
            (Some(due), Some(rest)) => Some(due.min(rest)),
            (due, rest) => due.or(rest),
        }
    }

    /// How many are in a queue, offered or not, and since when the first of them has been here.
    #[must_use]
    pub fn queued(&self) -> (usize, Option<Timestamp>) {
        (self.index.queued.len(), self.index.queued.first().map(|(at, _)| *at))
    }

    /// The waiting contacts of each class, in the order of their places.
    pub fn waiting(&self) -> impl Iterator<Item = (&Class, &BTreeSet<(Place, ContactId)>)> {
        self.index.waiting.iter().map(|(class, it)| (class, &it.places)).filter(|(_, places)| !places.is_empty())
    }

    /// Adds a contact.
    pub(crate) fn add_contact(&mut self, contact: Contact) {
        self.index.add_contact(&contact, self.parts.plan.as_ref());
        self.parts.contacts.insert(contact.id, contact);
    }

    /// Changes a contact and keeps the indexes true.
    pub(crate) fn change_contact(&mut self, id: ContactId, change: impl FnOnce(&mut Contact)) {
        let Some(contact) = self.parts.contacts.get_mut(&id) else { return };
        let before = Traces::of(contact);
        change(contact);
        let moved = self.index.change(contact, before, self.parts.plan.as_ref());
        self.touched.contacts.insert(id);
        for who in moved {
            self.stand(&who);
        }
    }

    /// Changes a counselor, who appears here at their first desk, and keeps the indexes true.
    pub(crate) fn change_counselor(&mut self, id: &CounselorId, change: impl FnOnce(&mut Counselor)) {
        let plan = self.parts.plan.as_ref();
        if !self.parts.counselors.contains_key(id) {
            self.parts.counselors.insert(id.clone(), Counselor::new(id.clone()));
        }
        if let Some(counselor) = self.parts.counselors.get_mut(id) {
            self.index.remove_counselor(counselor, plan);
            change(counselor);
            self.index.add_counselor(counselor, plan);
        }
        self.stand(id);
        self.touched.counselors.insert(id.clone());
    }
}
