//! How far the search for somebody reaches: which rings of a queue are asked, nearest first.
//!
//! | what opens a ring | for whom |
//! |---|---|
//! | their own wait has passed its clock | one person, until they are answered |
//! | too few of the queue's latest people were answered | everybody in the queue, while it is so |
//! | nobody on shift in the rings before it could ever take them | everybody in the queue, while it is so |
//!
//! A ring that is open does not close those before it: whoever frees up nearer is asked first, so that the search comes back by
//! itself. A ring never opens before the one before it.

use crate::contact::{Channel, Contact};
use crate::id::{ContactId, CounselorId};
use crate::index::{Waiting, class_of};
use crate::plan::{Plan, QueueKey, Ruling};
use crate::pool::{PoolId, Rings};
use crate::state::{Class, State};
use crate::time::Timestamp;

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
        self.plan()?.widens_at(contact.queue.as_ref()?, contact.enqueued_at?, contact.reach_ms)
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

impl Plan {
    /// When the search for somebody who came into a queue at `since` and has come this far reaches further by their own wait.
    pub(crate) fn widens_at(&self, queue: &QueueKey, since: Timestamp, reach_ms: u64) -> Option<Timestamp> {
        let clocks = self.queues.get(queue)?.rings.iter().map(|ring| ring.after_ms);
        Some(since.plus_ms(clocks.filter(|after_ms| *after_ms > reach_ms).min()?))
    }

    /// The longest clock of a queue's rings that has run out for somebody who has waited so long.
    pub(crate) fn reach_ms(&self, queue: &QueueKey, wait_ms: u64) -> u64 {
        let rings = self.queues.get(queue).map_or(&[][..], |queue| &queue.rings);
        rings.iter().map(|ring| ring.after_ms).filter(|after_ms| *after_ms <= wait_ms).max().unwrap_or(0)
    }
}
