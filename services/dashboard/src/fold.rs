//! Frames of the capacity feed, folded into bounded state. Finished contacts stay only as counts.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_proto::router::v1::{
    CapacityDelta, CapacitySnapshot, Channel, ContactState, ContactView, CounselorView, Outcome, QueueKey,
};

use crate::metrics;
use crate::window::Window;

/// Contacts that are not closed, at most; the router keeps fewer. Beyond, a contact is not shown, and the page says so.
pub(crate) const CONTACTS_MAX: usize = 200_000;

/// Counselors, at most; twice what the chassis lets into one network.
pub(crate) const COUNSELORS_MAX: usize = 200_000;

/// Queues, at most.
pub(crate) const QUEUES_MAX: usize = 10_000;

/// A queue, named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Queue {
    pub(crate) region: String,
    pub(crate) need: String,
    pub(crate) channel: &'static str,
}

/// A contact that is not closed, as far as a board cares: no id leaves this module.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Live {
    pub(crate) queue: Option<usize>,
    pub(crate) state: ContactState,
    pub(crate) arrived_at_ms: u64,
    pub(crate) ever_connected: bool,
    entered: bool,
}

impl Live {
    /// In a queue and with nobody: being offered counts as waiting.
    pub(crate) fn waits(&self) -> bool {
        self.entered && matches!(self.state, ContactState::Waiting | ContactState::Offered | ContactState::Connecting)
    }
}

/// All that is known.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) queues: Vec<Queue>,
    /// Queues of the plan in force; others are kept for what happened in them.
    planned: BTreeSet<usize>,
    /// The network's name.
    pub(crate) network: String,
    by_name: BTreeMap<Queue, usize>,
    contacts: BTreeMap<String, Live>,
    counselors: BTreeMap<String, CounselorView>,
    pub(crate) window: Window,
    /// Who leaves sooner than this counts apart.
    short_ms: u64,
    /// Whether something was beyond a bound since the last snapshot.
    pub(crate) incomplete: bool,
    /// Network time of the last frame.
    pub(crate) at_ms: u64,
    /// Network time of the first snapshot: what ended before is not counted.
    pub(crate) counting_since_ms: Option<u64>,
}

impl State {
    pub(crate) fn new(short_ms: u64) -> Self {
        Self { short_ms, ..Self::default() }
    }

    pub(crate) fn contacts(&self) -> impl Iterator<Item = &Live> {
        self.contacts.values()
    }

    pub(crate) fn counselors(&self) -> impl Iterator<Item = &CounselorView> {
        self.counselors.values()
    }

    pub(crate) fn is_planned(&self, queue: usize) -> bool {
        self.planned.contains(&queue)
    }

    pub(crate) fn tick(&mut self, at_ms: u64) {
        self.at_ms = at_ms.max(self.at_ms);
    }

    /// Replaces what is known; what was counted stays counted.
    pub(crate) fn snapshot(&mut self, snapshot: CapacitySnapshot, at_ms: u64) {
        self.tick(at_ms);
        self.counting_since_ms.get_or_insert(at_ms);
        self.incomplete = false;
        self.network = snapshot.network;
        self.planned = snapshot.queues.iter().filter_map(|key| self.queue(key)).collect();
        self.counselors.clear();
        let known = std::mem::take(&mut self.contacts);
        for view in snapshot.contacts {
            // What was counted before the snapshot is not counted again.
            if let Some(live) = known.get(&view.contact_id) {
                self.contacts.insert(view.contact_id.clone(), *live);
            }
            self.contact(view);
        }
        for view in snapshot.counselors {
            self.counselor(view);
        }
    }

    /// Folds what changed.
    pub(crate) fn delta(&mut self, delta: CapacityDelta, at_ms: u64) {
        self.tick(at_ms);
        for view in delta.contacts {
            self.contact(view);
        }
        for view in delta.counselors {
            self.counselor(view);
        }
    }

    fn queue(&mut self, key: &QueueKey) -> Option<usize> {
        let channel = match key.channel() {
            Channel::Voice => "voice",
            Channel::Text => "text",
            Channel::Chat => "chat",
            Channel::Unspecified => "any channel",
        };
        let queue = Queue { region: key.region.clone(), need: key.need.clone(), channel };
        if let Some(index) = self.by_name.get(&queue) {
            return Some(*index);
        }
        if self.queues.len() >= QUEUES_MAX {
            self.beyond("queue");
            return None;
        }
        let index = self.queues.len();
        self.queues.push(queue.clone());
        self.by_name.insert(queue, index);
        Some(index)
    }

    fn contact(&mut self, view: ContactView) {
        let before = self.contacts.get(&view.contact_id).copied();
        if before.is_none() && self.contacts.len() >= CONTACTS_MAX {
            return self.beyond("contact");
        }
        let queue = view.queue.as_ref().and_then(|key| self.queue(key)).or(before.and_then(|live| live.queue));
        let live = Live {
            queue,
            state: view.state(),
            arrived_at_ms: view.arrived_at_ms,
            ever_connected: view.connected_at_ms > 0,
            entered: view.enqueued_at_ms > 0,
        };
        if let Some(queue) = queue {
            self.count(queue, &view, before.as_ref(), &live);
        }
        if live.state == ContactState::Closed {
            self.contacts.remove(&view.contact_id);
        } else {
            self.contacts.insert(view.contact_id, live);
        }
    }

    /// Counts each step of a contact once, in the minute it happened.
    fn count(&mut self, queue: usize, view: &ContactView, before: Option<&Live>, live: &Live) {
        let now_ms = self.at_ms;
        if live.entered
            && !before.is_some_and(|before| before.entered)
            && let Some(tally) = self.window.at(queue, view.enqueued_at_ms, now_ms)
        {
            tally.entered += 1;
        }
        if live.ever_connected
            && !before.is_some_and(|before| before.ever_connected)
            && let Some(tally) = self.window.at(queue, view.connected_at_ms, now_ms)
        {
            tally.connected.add(view.connected_at_ms.saturating_sub(view.arrived_at_ms));
        }
        if live.state != ContactState::Closed || live.ever_connected || !live.entered {
            return;
        }
        let Some(tally) = self.window.at(queue, view.closed_at_ms, now_ms) else { return };
        let wait_ms = view.closed_at_ms.saturating_sub(view.arrived_at_ms);
        match view.outcome() {
            Outcome::Abandoned if wait_ms >= self.short_ms => tally.left += 1,
            Outcome::Abandoned => tally.left_short += 1,
            Outcome::Diverted => tally.diverted.add(wait_ms),
            Outcome::Completed | Outcome::Merged | Outcome::Unspecified => {}
        }
    }

    fn counselor(&mut self, view: CounselorView) {
        if self.counselors.len() >= COUNSELORS_MAX && !self.counselors.contains_key(&view.counselor_id) {
            return self.beyond("counselor");
        }
        self.counselors.insert(view.counselor_id.clone(), view);
    }

    fn beyond(&mut self, kind: &'static str) {
        self.incomplete = true;
        metrics::untracked(kind);
    }
}
