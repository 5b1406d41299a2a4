//! How far the search for somebody reaches: which rings of a queue are asked, nearest first.
//!
//! | what opens a ring | for whom |
//! |---|---|
//! | their own wait has passed its clock | one person, for good |
//! | too few of the queue's latest people were answered | everybody in the queue, while it is so |
//! | nobody on shift in the rings before it could ever take them | everybody in the queue, while it is so |
//!
//! A queue that an operator has diverted is searched for in the rings of another, by the same rules.
//!
//! A ring that is open does not close those before it: whoever frees up nearer is asked first, so that the search comes back by
//! itself. A ring never opens before the one before it.

use crate::contact::{Channel, Contact, ContactState};
use crate::id::{ContactId, CounselorId};
use crate::index::{Waiting, class_of};
use crate::plan::{Plan, QueueKey, Ruling};
use crate::pool::{PoolId, Rings};
use crate::state::{Class, State};
use crate::time::Timestamp;
use alloc::vec::Vec;

impl State {
    /// How many rings are asked about a class now. All of them are the usual case, and cost nothing.
    pub(crate) fn rings_asked(&self, class: &Class, rings: &Rings) -> u32 {
        let mut asked = rings.open().max(self.index.hurried.get(&class.queue).copied().unwrap_or(0));
        while asked < rings.total() && !self.somebody_is_there(rings.first(asked), class.queue.channel) {
            asked = asked.saturating_add(1);
        }
        asked.min(rings.total())
    }

    /// The pools that are asked about a class now, nearest ring first.
    pub(crate) fn pools_asked<'a>(&self, class: &Class, waiting: &'a Waiting) -> &'a [(u32, PoolId)] {
        waiting.rings.first(self.rings_asked(class, &waiting.rings))
    }

    /// Whether a pool is asked about a class now.
    pub(crate) fn asks(&self, class: &Class, waiting: &Waiting, pool: PoolId) -> bool {
        let ring = waiting.rings.ring_of(pool);
        ring.is_some_and(|ring| ring < waiting.rings.open() || ring < self.rings_asked(class, &waiting.rings))
    }

    fn somebody_is_there(&self, pools: &[(u32, PoolId)], channel: Channel) -> bool {
        pools.iter().any(|(_, pool)| self.index.standings.has_somebody(*pool, channel))
    }

    /// Whether the ring of this counselor is asked about a contact that waits, or would be if it waited.
    ///
    /// # Errors
    /// Their ring is not asked yet.
    pub(crate) fn is_asked(&self, plan: &Plan, contact: &Contact, ring: u32) -> Result<(), Ruling> {
        let Some(class) = class_of(contact) else { return Err(Ruling::NotInPlan) };
        let asked = match self.index.waiting.get(&class) {
            Some(waiting) => self.rings_asked(&class, &waiting.rings),
            None => self.rings_asked(&class, &self.index.rings_of(&class, Some(plan))),
        };
        if ring < asked { Ok(()) } else { Err(Ruling::RingNotAsked(ring)) }
    }

    /// When the search for a contact that waits reaches further by its own wait; none if it reaches everybody.
    pub(crate) fn widens_at(&self, id: ContactId) -> Option<Timestamp> {
        let contact = self.contact(id)?;
        self.widens_in(contact.queue.as_ref()?, contact.enqueued_at?, contact.reach_ms)
    }

    /// The same of somebody who came into a queue at `since` and has come this far.
    pub(crate) fn widens_in(&self, queue: &QueueKey, since: Timestamp, reach_ms: u64) -> Option<Timestamp> {
        let clocks = self.plan()?.queues.get(self.rings_queue(queue))?.rings.iter().map(|ring| ring.after_ms);
        Some(since.plus_ms(clocks.filter(|after_ms| *after_ms > reach_ms).min()?))
    }

    /// The longest clock of the rings of a queue's people that has run out for somebody who has waited so long.
    pub(crate) fn reach_ms(&self, queue: &QueueKey, wait_ms: u64) -> u64 {
        let queue = self.plan().and_then(|plan| plan.queues.get(self.rings_queue(queue)));
        let clocks = queue.map_or(&[][..], |queue| &queue.rings).iter().map(|ring| ring.after_ms);
        clocks.filter(|after_ms| *after_ms <= wait_ms).max().unwrap_or(0)
    }

    /// The queue in whose rings the people of a queue are searched for: its own, unless an operator has diverted it.
    pub(crate) fn rings_queue<'a>(&'a self, queue: &'a QueueKey) -> &'a QueueKey {
        self.index.rings_queue(queue)
    }

    /// A queue's people are searched for in other rings from here on.
    pub(crate) fn search_anew(&mut self, queue: &QueueKey) {
        match self.parts.diverted(queue) {
            Some(to) => self.index.diverted.insert(queue.clone(), to.clone()),
            None => self.index.diverted.remove(queue),
        };
        self.index.hurry(&self.parts, queue);
        let theirs = |class: &&Class| class.queue == *queue;
        let classes: Vec<Class> = self.index.waiting.keys().filter(theirs).cloned().collect();
        for class in classes {
            let rings = self.index.rings_of(&class, self.parts.plan.as_ref());
            let Some(waiting) = self.index.waiting.get_mut(&class) else { continue };
            waiting.rings = rings;
            let everybody: Vec<ContactId> = waiting.places.iter().map(|(_, id)| *id).collect();
            everybody.into_iter().for_each(|id| self.set_clock(id));
        }
        self.touched.search = true;
    }

    /// Sets the clock of the search for somebody who waits, after what it hangs on has changed.
    pub(crate) fn set_clock(&mut self, id: ContactId) {
        let widens_at = self.widens_at(id);
        self.change_contact(id, |it| {
            if it.state == ContactState::Waiting {
                it.deadline = widens_at;
            }
        });
    }

    /// Notes that one of a queue's people was answered, or left.
    pub(crate) fn count_answered(&mut self, queue: &QueueKey, was_answered: bool) {
        self.parts.answered.entry(queue.clone()).or_default().add(was_answered);
        if self.index.hurry(&self.parts, queue) {
            self.touched.search = true;
        }
    }

    /// Notes where somebody stands now.
    pub(crate) fn stand(&mut self, id: &CounselorId) {
        if let Some(counselor) = self.parts.counselors.get(id)
            && self.index.stand(&self.parts, counselor)
        {
            self.touched.search = true;
        }
    }
}
