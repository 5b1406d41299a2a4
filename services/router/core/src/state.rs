//! Everything the router knows, and the indexes that make deciding cheap.
//!
//! The primary data is plain and public to read; only `apply` changes it. Indexes (waiting, free, deadlines) are derived: they
//! are rebuilt when a snapshot is restored and never stored.

use crate::contact::{Channel, Contact, ContactState, Direction, Place};
use crate::counselor::{Counselor, Presence};
use crate::effect::Effect;
use crate::handoff::{Handoff, HandoffState};
use crate::id::{ContactId, CounselorId, ExternalId, Language, LineId, PersonId, RequestId};
use crate::leg::{Leg, LegState, Party};
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
    pub(crate) index: Index,
    /// What the last record touched: the only places where a new match can have appeared.
    pub(crate) touched: Touched,
}

/// Derived from the parts, entry by entry, whenever one of them changes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    /// Waiting contacts by class, in the order of their places.
    pub waiting: BTreeMap<Class, BTreeSet<(Place, ContactId)>>,
    /// Counselors who could take somebody, longest idle first.
    pub free: BTreeSet<(Timestamp, CounselorId)>,
    /// What is due when.
    pub deadlines: BTreeSet<(Timestamp, Deadline)>,
    /// When somebody may be asked again about a waiting contact.
    pub rests: BTreeSet<(Timestamp, ContactId)>,
    /// Contacts in writing of each person on each line.
    pub conversations: BTreeMap<(PersonId, LineId, Channel), BTreeSet<ContactId>>,
    /// Callbacks that have not reached their person yet, by the person.
    pub callbacks: BTreeMap<PersonId, BTreeSet<ContactId>>,
    /// Handoffs that look for somebody and ask nobody right now, longest first.
    pub seeking: BTreeSet<(Timestamp, ContactId)>,
    /// Legs of each counselor that are to be dropped and may still be there.
    pub dropping: BTreeMap<CounselorId, BTreeSet<(ContactId, u32)>>,
    /// Request ids by age, so that the oldest can be forgotten.
    pub requests: BTreeSet<(u64, RequestId)>,
    /// Carriers' ids by age, so that they can be forgotten.
    pub externals: BTreeSet<(Timestamp, ExternalId)>,
}

/// What changed since the last matching.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Touched {
    /// Contacts that may have begun to wait, or may be asked about again.
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

impl State {
    /// The state a snapshot holds, with its indexes built anew and everybody to be matched again.
    #[must_use]
    pub fn restore(parts: Parts) -> Self {
        let mut state = Self { parts, ..Self::default() };
        for contact in state.parts.contacts.values() {
            state.index.add_contact(contact);
            state.touched.contacts.insert(contact.id);
        }
        for counselor in state.parts.counselors.values() {
            state.index.add_counselor(counselor, state.parts.plan.as_ref());
            state.touched.counselors.insert(counselor.id.clone());
        }
        state.index.requests = state.parts.requests.iter().map(|(id, sequence)| (*sequence, *id)).collect();
        state.index.externals = state.parts.externals.iter().map(|(id, (_, at))| (*at, id.clone())).collect();
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
        let theirs = self.index.conversations.get(&(person, line.clone(), channel))?;
        let rank = |it: &Contact| match it.state {
            ContactState::Closed => 0,
            ContactState::WrappingUp => 1,
            ContactState::Arriving
            | ContactState::Waiting
            | ContactState::Offered
            | ContactState::Connecting
            | ContactState::Connected => 2,
        };
        theirs.iter().filter_map(|id| self.contact(*id)).max_by_key(|it| (rank(it), it.arrived_at, it.id))
    }

    /// The callback that this person waits for, if it has not reached them yet.
    #[must_use]
    pub fn callback(&self, person: PersonId) -> Option<&Contact> {
        let theirs = self.index.callbacks.get(&person)?.iter().filter_map(|id| self.contact(*id));
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

    /// The waiting contacts of each class, in the order of their places.
    pub fn waiting(&self) -> impl Iterator<Item = (&Class, &BTreeSet<(Place, ContactId)>)> {
        self.index.waiting.iter()
    }

    /// Changes a contact and keeps the indexes true.
    pub(crate) fn change_contact(&mut self, id: ContactId, change: impl FnOnce(&mut Contact)) {
        if let Some(contact) = self.parts.contacts.get_mut(&id) {
            self.index.remove_contact(contact);
            change(contact);
            self.index.add_contact(contact);
            self.touched.contacts.insert(id);
        }
    }

    /// Changes a counselor, who appears here at their first desk, and keeps the indexes true.
    pub(crate) fn change_counselor(&mut self, id: &CounselorId, change: impl FnOnce(&mut Counselor)) {
        let counselor = self.parts.counselors.entry(id.clone()).or_insert_with(|| Counselor::new(id.clone()));
        let plan = self.parts.plan.as_ref();
        self.index.remove_counselor(counselor, plan);
        change(counselor);
        self.index.add_counselor(counselor, plan);
        self.touched.counselors.insert(id.clone());
    }
}

impl Index {
    pub(crate) fn add_contact(&mut self, contact: &Contact) {
        if let Some((class, place)) = waiting_at(contact) {
            self.waiting.entry(class).or_default().insert((place, contact.id));
            for until in contact.rested.values() {
                self.rests.insert((*until, contact.id));
            }
        }
        if contact.channel.is_written() {
            let key = (contact.person, contact.line.clone(), contact.channel);
            self.conversations.entry(key).or_default().insert(contact.id);
        }
        if is_callback(contact) {
            self.callbacks.entry(contact.person).or_default().insert(contact.id);
        }
        if let Some((since, rests)) = seeking(contact) {
            self.seeking.insert((since, contact.id));
            self.rests.extend(rests.map(|until| (until, contact.id)));
        }
        for (counselor, leg) in dropping(contact) {
            self.dropping.entry(counselor.clone()).or_default().insert((contact.id, leg));
        }
        if let Some(at) = contact.next_deadline() {
            self.deadlines.insert((at, Deadline::Contact(contact.id)));
        }
    }

    pub(crate) fn remove_contact(&mut self, contact: &Contact) {
        if let Some((class, place)) = waiting_at(contact) {
            if let Some(places) = self.waiting.get_mut(&class) {
                places.remove(&(place, contact.id));
                if places.is_empty() {
                    self.waiting.remove(&class);
                }
            }
            for until in contact.rested.values() {
                self.rests.remove(&(*until, contact.id));
            }
        }
        if contact.channel.is_written() {
            let key = (contact.person, contact.line.clone(), contact.channel);
            if let Some(theirs) = self.conversations.get_mut(&key) {
                theirs.remove(&contact.id);
                if theirs.is_empty() {
                    self.conversations.remove(&key);
                }
            }
        }
        if is_callback(contact)
            && let Some(theirs) = self.callbacks.get_mut(&contact.person)
        {
            theirs.remove(&contact.id);
            if theirs.is_empty() {
                self.callbacks.remove(&contact.person);
            }
        }
        if let Some((since, rests)) = seeking(contact) {
            self.seeking.remove(&(since, contact.id));
            for until in rests {
                self.rests.remove(&(until, contact.id));
            }
        }
        for (counselor, leg) in dropping(contact) {
            if let Some(legs) = self.dropping.get_mut(counselor) {
                legs.remove(&(contact.id, leg));
                if legs.is_empty() {
                    self.dropping.remove(counselor);
                }
            }
        }
        if let Some(at) = contact.next_deadline() {
            self.deadlines.remove(&(at, Deadline::Contact(contact.id)));
        }
    }

    pub(crate) fn add_counselor(&mut self, counselor: &Counselor, plan: Option<&Plan>) {
        if could_take_somebody(counselor, plan) {
            self.free.insert((counselor.idle_since, counselor.id.clone()));
        }
        if let Some(at) = silence_ends_at(counselor, plan) {
            self.deadlines.insert((at, Deadline::Counselor(counselor.id.clone())));
        }
    }

    pub(crate) fn remove_counselor(&mut self, counselor: &Counselor, plan: Option<&Plan>) {
        self.free.remove(&(counselor.idle_since, counselor.id.clone()));
        if let Some(at) = silence_ends_at(counselor, plan) {
            self.deadlines.remove(&(at, Deadline::Counselor(counselor.id.clone())));
        }
    }
}

/// Counselors' legs that the carrier has been asked to end and has not yet answered for.
fn dropping(contact: &Contact) -> impl Iterator<Item = (&CounselorId, u32)> {
    contact.outbox.values().filter_map(|entry| {
        let Effect::Drop { leg } = entry.effect else { return None };
        match &contact.legs.get(usize::try_from(leg).ok()?)?.party {
            Party::Counselor(counselor) => Some((counselor, leg)),
            Party::Person => None,
        }
    })
}

/// Whether somebody is to be called back and has not been reached. Whoever answered our call is, or was, with us: one who waits
/// again after their counselor's line broke is in the room. One who did not answer keeps their place while that is written up: their
/// line may have been busy because they call us.
fn is_callback(contact: &Contact) -> bool {
    let unreached = |leg: &Leg| match contact.state {
        ContactState::Waiting | ContactState::Offered | ContactState::Connecting => {
            leg.state == LegState::Planned || leg.state < LegState::Answered
        }
        ContactState::WrappingUp => leg.state == LegState::Failed,
        ContactState::Arriving | ContactState::Connected | ContactState::Closed => false,
    };
    contact.direction == Direction::Outbound
        && contact.connected_at.is_none()
        && contact.legs.first().is_some_and(unreached)
}

/// Since when a handoff looks for somebody and asks nobody, and when those who did not take it may be asked again.
fn seeking(contact: &Contact) -> Option<(Timestamp, impl Iterator<Item = Timestamp>)> {
    let handoff = contact.handoff.as_ref().filter(|it| it.state == HandoffState::Seeking)?;
    handoff.open_offer().is_none().then(|| (handoff.since, handoff.rested.values().copied()))
}

fn waiting_at(contact: &Contact) -> Option<(Class, Place)> {
    if contact.state != ContactState::Waiting {
        return None;
    }
    let class = Class { queue: contact.queue.clone()?, language: contact.language.clone() };
    Some((class, contact.place?))
}

/// Worth looking at when somebody waits: the exact filters are the policy's.
fn could_take_somebody(counselor: &Counselor, plan: Option<&Plan>) -> bool {
    let Some(plan) = plan else { return false };
    let Some(member) = plan.members.get(&counselor.id) else { return false };
    counselor.presence == Presence::Connected
        && member.capacity.keys().any(|it| counselor.readiness.takes(*it) && plan.has_room(counselor, *it))
}

/// When a desk that is silent has been silent for too long.
pub(crate) fn silence_ends_at(counselor: &Counselor, plan: Option<&Plan>) -> Option<Timestamp> {
    let grace_ms = plan?.timing.desk_grace_ms;
    (counselor.presence == Presence::Unsure).then(|| counselor.presence_since.plus_ms(grace_ms))
}
