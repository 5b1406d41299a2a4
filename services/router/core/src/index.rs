//! Indexes that make deciding cheap: derived from the parts, entry by entry, whenever one of them changes; never stored.

use crate::answered::Answered;
use crate::contact::{Channel, Contact, ContactState, Direction, Place};
use crate::conversation::Acuity;
use crate::counselor::{Counselor, Presence};
use crate::directive::Measure;
use crate::effect::Effect;
use crate::handoff::{HandoffState, Toward};
use crate::id::{ContactId, CounselorId, ExternalId, PersonId, RequestId};
use crate::leg::{Leg, LegState, Party};
use crate::plan::{Plan, QueueKey};
use crate::pool::{Pools, Rings, Standing, Standings, There};
use crate::state::{Class, Deadline, Parts};
use crate::time::Timestamp;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

/// People who wait for the same thing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Waiting {
    /// In the order of their places.
    pub places: BTreeSet<(Place, ContactId)>,
    /// Who may be asked about them.
    pub rings: Rings,
}

/// Derived from the parts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    /// Whom the plan treats alike.
    pub pools: Pools,
    /// Waiting contacts by class. A class that was there once stays, empty, until the plan changes: there are no more than the plan
    /// has queues, languages and clocks.
    pub waiting: BTreeMap<Class, Waiting>,
    /// How many wait.
    pub waiting_count: usize,
    /// Contacts that are in a queue, offered or not, by when they arrived.
    pub queued: BTreeSet<(Timestamp, ContactId)>,
    /// Counselors who could take somebody, and who is there at all.
    pub standings: Standings,
    /// How many rings are asked at once in each queue where too few of the latest people were answered.
    pub hurried: BTreeMap<QueueKey, u32>,
    /// In whose rings the people of a queue are searched for, where it is not its own.
    pub diverted: BTreeMap<QueueKey, QueueKey>,
    /// What is due when.
    pub deadlines: BTreeSet<(Timestamp, Deadline)>,
    /// When somebody may be asked again about a waiting contact.
    pub rests: BTreeSet<(Timestamp, ContactId)>,
    /// Contacts of each person, by channel: whoever calls often is not in the way of what they write.
    pub people: BTreeMap<Channel, BTreeSet<(PersonId, ContactId)>>,
    /// When somebody talked with each person, and in which of their contacts.
    pub talked: BTreeSet<(PersonId, Timestamp, ContactId)>,
    /// Callbacks that have not reached their person yet, by the person.
    pub callbacks: BTreeSet<(PersonId, ContactId)>,
    /// Handoffs that look for somebody and ask nobody right now, longest first.
    pub seeking: BTreeMap<Toward, BTreeSet<(Timestamp, ContactId)>>,
    /// Legs of each counselor that are to be dropped and may still be there.
    pub dropping: BTreeSet<(CounselorId, ContactId, u32)>,
    /// Request ids by age, so that the oldest can be forgotten.
    pub requests: BTreeSet<(u64, RequestId)>,
    /// Carriers' ids by age, so that they can be forgotten.
    pub externals: BTreeSet<(Timestamp, ExternalId)>,
}

/// What the indexes hold of one contact while it is what it is.
#[derive(PartialEq, Eq)]
pub(crate) struct Traces {
    waiting: Option<(Class, Place)>,
    is_queued: bool,
    is_callback: bool,
    talked_at: Option<Timestamp>,
    seeking: Option<(Toward, Timestamp)>,
    /// When somebody may be asked about it again.
    rests: Vec<Timestamp>,
    dropping: Vec<(CounselorId, u32)>,
    deadline: Option<Timestamp>,
    /// What where its counselors stand hangs on.
    bears: (Acuity, Option<Timestamp>),
}

impl Traces {
    pub(crate) fn of(contact: &Contact) -> Self {
        let waiting = waiting_at(contact);
        let seeks =
            contact.handoff.as_ref().filter(|it| it.state == HandoffState::Seeking && it.open_offer().is_none());
        let asked = waiting.is_some().then_some(&contact.rested);
        let rested = asked.into_iter().chain(seeks.map(|it| &it.rested));
        Self {
            is_queued: matches!(contact.state, ContactState::Waiting | ContactState::Offered),
            is_callback: is_callback(contact),
            talked_at: contact.connected_at,
            seeking: seeks.map(|it| (it.toward, it.since)),
            rests: rested.flat_map(BTreeMap::values).copied().collect(),
            dropping: dropping(contact).map(|(who, leg)| (who.clone(), leg)).collect(),
            deadline: contact.next_deadline(),
            bears: (contact.acuity, contact.offer.as_ref().map(|it| it.offered_at)),
            waiting,
        }
    }
}

impl Index {
    /// The indexes of these parts.
    pub(crate) fn of(parts: &Parts) -> Self {
        let pools = parts.plan.as_ref().map(Pools::of_plan).unwrap_or_default();
        let mut index = Self { pools, ..Self::default() };
        for (subject, directive) in &parts.directives {
            index.deadlines.insert((directive.until, Deadline::Directive(subject.clone())));
            if let Measure::Queue { queue, to } = &directive.measure {
                index.diverted.insert(queue.clone(), to.clone());
            }
        }
        for contact in parts.contacts.values() {
            index.add_contact(contact, parts.plan.as_ref());
        }
        for counselor in parts.counselors.values() {
            index.add_counselor(counselor, parts.plan.as_ref());
            index.stand(parts, counselor);
        }
        for queue in parts.answered.keys() {
            index.hurry(parts, queue);
        }
        index.requests = parts.requests.iter().map(|(id, sequence)| (*sequence, *id)).collect();
        index.externals = parts.externals.iter().map(|(id, (_, at))| (*at, id.clone())).collect();
        index
    }

    /// Notes a contact that is new.
    pub(crate) fn add_contact(&mut self, contact: &Contact, plan: Option<&Plan>) {
        self.people.entry(contact.channel).or_default().insert((contact.person, contact.id));
        self.add(contact, Traces::of(contact), plan);
    }

    /// Forgets a contact that has gone.
    pub(crate) fn remove_contact(&mut self, contact: &Contact) {
        if let Some(people) = self.people.get_mut(&contact.channel) {
            people.remove(&(contact.person, contact.id));
            if people.is_empty() {
                self.people.remove(&contact.channel);
            }
        }
        self.remove(contact, Traces::of(contact));
    }

    /// A contact has become what it is now. Gives who may stand elsewhere for it.
    pub(crate) fn change(&mut self, contact: &Contact, before: Traces, plan: Option<&Plan>) -> BTreeSet<CounselorId> {
        let after = Traces::of(contact);
        if before == after {
            return BTreeSet::new();
        }
        let mut moved: BTreeSet<CounselorId> = BTreeSet::new();
        if before.dropping != after.dropping {
            moved.extend(before.dropping.iter().chain(&after.dropping).map(|(who, _)| who.clone()));
        }
        if before.bears != after.bears {
            let asked = [contact.offer.as_deref(), contact.handoff.as_ref().and_then(|it| it.offer.as_ref())];
            moved.extend(asked.into_iter().flatten().map(|it| it.counselor.clone()));
            moved.extend(contact.holder.iter().chain(contact.writing_up.keys()).cloned());
            let handoff = contact.handoff.as_ref();
            moved.extend(handoff.map(|it| it.from.clone()).into_iter().chain(handoff.and_then(|it| it.to.clone())));
        }
        self.replace(contact, before, after, plan);
        moved
    }

    /// Leaves alone what is as it was.
    fn replace(&mut self, contact: &Contact, mut before: Traces, mut after: Traces, plan: Option<&Plan>) {
        if before.waiting == after.waiting {
            (before.waiting, after.waiting) = (None, None);
        }
        if before.deadline == after.deadline {
            (before.deadline, after.deadline) = (None, None);
        }
        if before.is_queued == after.is_queued {
            (before.is_queued, after.is_queued) = (false, false);
        }
        if before.talked_at == after.talked_at {
            (before.talked_at, after.talked_at) = (None, None);
        }
        if before.rests == after.rests {
            (before.rests, after.rests) = (Vec::new(), Vec::new());
        }
        self.remove(contact, before);
        self.add(contact, after, plan);
    }

    fn add(&mut self, contact: &Contact, traces: Traces, plan: Option<&Plan>) {
        let id = contact.id;
        if let Some((class, place)) = traces.waiting {
            self.waiting_count = self.waiting_count.saturating_add(1);
            let waiting = match self.waiting.get_mut(&class) {
                Some(waiting) => waiting,
                None => {
                    let rings = self.rings_of(&class, plan);
                    self.waiting.entry(class).or_insert(Waiting { places: BTreeSet::new(), rings })
                }
            };
            waiting.places.insert((place, id));
        }
        if traces.is_queued {
            self.queued.insert((contact.arrived_at, id));
        }
        if traces.is_callback {
            self.callbacks.insert((contact.person, id));
        }
        self.talked.extend(traces.talked_at.map(|at| (contact.person, at, id)));
        if let Some((toward, since)) = traces.seeking {
            self.seeking.entry(toward).or_default().insert((since, id));
        }
        self.rests.extend(traces.rests.into_iter().map(|until| (until, id)));
        self.dropping.extend(traces.dropping.into_iter().map(|(who, leg)| (who, id, leg)));
        self.deadlines.extend(traces.deadline.map(|at| (at, Deadline::Contact(id))));
    }

    fn remove(&mut self, contact: &Contact, traces: Traces) {
        let id = contact.id;
        if let Some((class, place)) = traces.waiting {
            self.waiting_count = self.waiting_count.saturating_sub(1);
            if let Some(waiting) = self.waiting.get_mut(&class) {
                waiting.places.remove(&(place, id));
            }
        }
        if traces.is_queued {
            self.queued.remove(&(contact.arrived_at, id));
        }
        if traces.is_callback {
            self.callbacks.remove(&(contact.person, id));
        }
        if let Some(at) = traces.talked_at {
            self.talked.remove(&(contact.person, at, id));
        }
        if let Some((toward, since)) = traces.seeking
            && let Some(all) = self.seeking.get_mut(&toward)
        {
            all.remove(&(since, id));
            if all.is_empty() {
                self.seeking.remove(&toward);
            }
        }
        for until in traces.rests {
            self.rests.remove(&(until, id));
        }
        for (who, leg) in traces.dropping {
            self.dropping.remove(&(who, id, leg));
        }
        if let Some(at) = traces.deadline {
            self.deadlines.remove(&(at, Deadline::Contact(id)));
        }
    }

    pub(crate) fn add_counselor(&mut self, counselor: &Counselor, plan: Option<&Plan>) {
        if let Some(at) = silence_ends_at(counselor, plan) {
            self.deadlines.insert((at, Deadline::Counselor(counselor.id.clone())));
        }
    }

    pub(crate) fn remove_counselor(&mut self, counselor: &Counselor, plan: Option<&Plan>) {
        if let Some(at) = silence_ends_at(counselor, plan) {
            self.deadlines.remove(&(at, Deadline::Counselor(counselor.id.clone())));
        }
    }

    /// Notes where a counselor stands now. Gives whether nobody is there any more where they were.
    pub(crate) fn stand(&mut self, parts: &Parts, counselor: &Counselor) -> bool {
        let in_doubt = self.is_in_doubt(&counselor.id);
        let there = There::of(parts, &self.pools, counselor);
        let now = there.as_ref().and_then(|it| Standing::of(parts, it, in_doubt, counselor));
        self.standings.put(&counselor.id, now);
        self.standings.put_there(&counselor.id, there)
    }

    /// The queue in whose rings the people of a queue are searched for: its own, unless it is diverted.
    pub(crate) fn rings_queue<'a>(&'a self, queue: &'a QueueKey) -> &'a QueueKey {
        self.diverted.get(queue).unwrap_or(queue)
    }

    /// The pools that may be asked about a class, and in which ring.
    pub(crate) fn rings_of(&self, class: &Class, plan: Option<&Plan>) -> Rings {
        let of = self.rings_queue(&class.queue);
        let rings = plan.and_then(|plan| plan.queues.get(of)).map_or(&[][..], |queue| &queue.rings);
        let open = rings.iter().take_while(|ring| ring.after_ms <= class.reach_ms).count();
        let ring = |who: &CounselorId| plan?.admits_in(who, &class.queue, of, &class.language).ok();
        Rings::new(&self.pools, (open, rings.len()), ring)
    }

    /// Notes how many rings are asked at once in a queue after how it has fared. Gives whether there are more than before.
    pub(crate) fn hurry(&mut self, parts: &Parts, queue: &QueueKey) -> bool {
        let percent = parts.answered.get(queue).and_then(Answered::percent);
        let of = self.rings_queue(queue);
        let rings = parts.plan.as_ref().and_then(|plan| plan.queues.get(of)).map_or(&[][..], |it| &it.rings);
        let below = |most: u8| percent.is_some_and(|percent| percent < u32::from(most));
        let opened = rings.iter().zip(1_u32..).filter(|(ring, _)| ring.below_answered_percent.is_some_and(below));
        let before = self.hurried.get(queue).copied().unwrap_or(0);
        let asked = opened.map(|(_, count)| count).max().unwrap_or(0);
        if asked == 0 {
            self.hurried.remove(queue);
        } else if asked != before {
            self.hurried.insert(queue.clone(), asked);
        }
        asked > before
    }

    /// Whether somebody may still be on a counselor's phone who should not be.
    pub(crate) fn is_in_doubt(&self, id: &CounselorId) -> bool {
        let first = (id.clone(), ContactId(0), 0);
        self.dropping.range(first..).next().is_some_and(|(who, ..)| who == id)
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

/// The class a contact waits in and its place there, while it waits.
pub(crate) fn waiting_at(contact: &Contact) -> Option<(Class, Place)> {
    if contact.state != ContactState::Waiting {
        return None;
    }
    Some((class_of(contact)?, contact.place?))
}

/// The class of a contact that is or was queued.
pub(crate) fn class_of(contact: &Contact) -> Option<Class> {
    Some(Class {
        queue: contact.queue.clone()?,
        language: contact.language.clone(),
        acuity: contact.acuity,
        reach_ms: contact.reach_ms,
    })
}

/// When a desk that is silent has been silent for too long.
pub(crate) fn silence_ends_at(counselor: &Counselor, plan: Option<&Plan>) -> Option<Timestamp> {
    let grace_ms = plan?.timing.desk_grace_ms;
    (counselor.presence == Presence::Unsure).then(|| counselor.presence_since.plus_ms(grace_ms))
}
