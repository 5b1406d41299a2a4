//! A center as a whole: whether its counselors are asked now.
//!
//! | state | who says so | its counselors |
//! |---|---|---|
//! | taking | the plan's hours, or a directive before them | are asked |
//! | draining | a directive | get nobody new, and keep whom they have or are asked about |
//! | closed | the hours, or a directive | get nobody new; a directive also takes back what they are asked |
//! | silent | nobody: no counselor of a center that takes contacts is on shift | would be asked, and nobody is there |
//!
//! A center without hours is always open; so is one whose hours the calendar has not told of yet, since nobody may be stranded by a
//! clock that is late.

use crate::contact::Channel;
use crate::directive::{Directive, Door, Measure, Subject};
use crate::id::{CenterId, CounselorId};
use crate::plan::{QueueKey, Ruling};
use crate::state::{Parts, State};
use alloc::vec::Vec;

impl Parts {
    /// Whether a center's counselors are asked for a channel now.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn center_takes(&self, center: &CenterId, channel: Channel) -> Result<(), Ruling> {
        match self.door(center) {
            Some(Door::Taking) => Ok(()),
            Some(Door::Draining) => Err(Ruling::CenterDraining),
            Some(Door::Closed) => Err(Ruling::CenterClosed),
            None if self.open.get(center).is_none_or(|open| open.contains(&channel)) => Ok(()),
            None => Err(Ruling::OutOfHours),
        }
    }

    fn door(&self, center: &CenterId) -> Option<Door> {
        // Most networks have no directive in force, and this is asked about everybody.
        if self.directives.is_empty() {
            return None;
        }
        match self.directives.get(&Subject::Center(center.clone()))?.measure {
            Measure::Center { door, .. } => Some(door),
            Measure::Queue { .. } => None,
        }
    }

    /// The queue whose rings serve the people of a queue now.
    pub(crate) fn diverted(&self, queue: &QueueKey) -> Option<&QueueKey> {
        if self.directives.is_empty() {
            return None;
        }
        match &self.directives.get(&Subject::Queue(queue.clone()))?.measure {
            Measure::Queue { to, .. } => Some(to),
            Measure::Center { .. } => None,
        }
    }

    /// Forgets what is about centers and queues that the plan in force does not have.
    pub(crate) fn forget_strangers(&mut self) {
        let Some(plan) = &self.plan else { return };
        self.answered.retain(|queue, _| plan.queues.contains_key(queue));
        self.open.retain(|center, _| plan.hours.contains_key(center));
        self.directives.retain(|_, it| match &it.measure {
            Measure::Center { center, .. } => plan.centers.contains(center),
            Measure::Queue { queue, to } => plan.queues.contains_key(queue) && plan.queues.contains_key(to),
        });
    }
}

impl State {
    /// The directives in force.
    pub fn directives(&self) -> impl Iterator<Item = &Directive> {
        self.parts.directives.values()
    }

    /// Everybody of a center stands where they stand after what changed about it.
    pub(crate) fn stand_all(&mut self, center: &CenterId) {
        let Some(plan) = &self.parts.plan else { return };
        let works_there = |id: &&CounselorId| plan.members.get(*id).is_some_and(|it| it.center == *center);
        let theirs: Vec<CounselorId> = self.parts.counselors.keys().filter(works_there).cloned().collect();
        for id in theirs {
            self.stand(&id);
            self.touched.counselors.insert(id);
        }
    }
}
