//! Frames of the capacity feed, folded into bounded state. Finished contacts stay only as counts.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use holdfast_proto::router::v1::{
    CapacityDelta, CapacitySnapshot, Channel, ContactState, ContactView, CounselorView, Named, QueueKey,
};
use jiff::tz::TimeZone;

use crate::hour::Hour;
use crate::live::Live;
use crate::member::Member;
use crate::metrics;
use crate::names::{Names, Queue};
use crate::today::Today;
use crate::window::Window;

/// Contacts that are not closed, at most; the router keeps fewer. Beyond, a contact is not shown, and the page says so.
pub(crate) const CONTACTS_MAX: usize = 200_000;

/// Counselors and peers, at most; twice what the chassis lets into one network.
pub(crate) const COUNSELORS_MAX: usize = 200_000;

/// Queues, at most.
pub(crate) const QUEUES_MAX: usize = 10_000;

/// Closed conversations remembered in case they open again, so that nobody is counted twice; beyond, the oldest is forgotten.
const CLOSED_MAX: usize = 65_536;

/// All that is known.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) queues: Vec<Arc<Queue>>,
    /// Queues of the plan in force; others are kept for what happened in them.
    planned: BTreeSet<usize>,
    /// The network's name.
    pub(crate) network: String,
    /// What the plan's ids are called on screens.
    pub(crate) names: Arc<Names>,
    by_name: BTreeMap<Arc<Queue>, usize>,
    contacts: BTreeMap<String, Live>,
    members: BTreeMap<String, Member>,
    closed: BTreeMap<String, Live>,
    closed_order: VecDeque<String>,
    pub(crate) window: Window,
    pub(crate) hour: Hour,
    pub(crate) today: Today,
    /// Who leaves sooner than this counts apart.
    pub(crate) short_ms: u64,
    /// Up to which wait somebody was answered in time.
    pub(crate) within_ms: u64,
    /// Whether something was beyond a bound since the last snapshot.
    pub(crate) incomplete: bool,
    /// Network time of the last frame.
    pub(crate) at_ms: u64,
    /// Network time of the first snapshot: what ended before is not counted.
    pub(crate) counting_since_ms: Option<u64>,
    /// Grows with everything that changes what is shown.
    pub(crate) version: u64,
    /// Whether somebody has asked for help, or been answered, since this was last taken back.
    pub(crate) urgent: bool,
}

impl State {
    pub(crate) fn new(short_ms: u64, within_ms: u64, zone: TimeZone) -> Self {
        Self {
            queues: Vec::new(),
            planned: BTreeSet::new(),
            network: String::new(),
            names: Arc::default(),
            by_name: BTreeMap::new(),
            contacts: BTreeMap::new(),
            members: BTreeMap::new(),
            closed: BTreeMap::new(),
            closed_order: VecDeque::new(),
            window: Window::default(),
            hour: Hour::default(),
            today: Today::new(zone),
            short_ms,
            within_ms,
            incomplete: false,
            at_ms: 0,
            counting_since_ms: None,
            version: 0,
            urgent: false,
        }
    }

    pub(crate) fn contacts(&self) -> impl Iterator<Item = (&str, &Live)> {
        self.contacts.iter().map(|(id, live)| (id.as_str(), live))
    }

    pub(crate) fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.values()
    }

    pub(crate) fn is_planned(&self, queue: usize) -> bool {
        self.planned.contains(&queue)
    }

    pub(crate) fn tick(&mut self, at_ms: u64) {
        self.at_ms = at_ms.max(self.at_ms);
        if let Some(since_ms) = self.counting_since_ms {
            self.today.turn(self.at_ms, since_ms);
        }
    }

    /// Replaces what is known; what was counted stays counted. Who is not in it any more ended unseen: how is not known, and not
    /// counted.
    pub(crate) fn snapshot(&mut self, snapshot: CapacitySnapshot, at_ms: u64) {
        self.counting_since_ms.get_or_insert(at_ms.max(self.at_ms));
        self.tick(at_ms);
        self.version += 1;
        self.incomplete = false;
        self.network = snapshot.network;
        self.name(snapshot.regions, snapshot.needs, snapshot.centers);
        self.planned = snapshot.queues.iter().filter_map(|key| self.queue(key)).collect();
        let mut known = std::mem::take(&mut self.contacts);
        for view in snapshot.contacts {
            // What was counted before the snapshot is not counted again.
            let before = known.remove(&view.contact_id);
            self.contact(view, before);
        }
        let mut known = std::mem::take(&mut self.members);
        for view in snapshot.counselors {
            let before = known.remove(&view.counselor_id);
            self.counselor(view, before.as_ref());
        }
    }

    /// Folds what changed.
    pub(crate) fn delta(&mut self, delta: CapacityDelta, at_ms: u64) {
        self.tick(at_ms);
        self.version += 1;
        for view in delta.contacts {
            let before = self.contacts.remove(&view.contact_id);
            self.contact(view, before);
        }
        for view in delta.counselors {
            let before = self.members.remove(&view.counselor_id);
            self.counselor(view, before.as_ref());
        }
    }

    fn name(&mut self, regions: Vec<Named>, needs: Vec<Named>, centers: Vec<Named>) {
        let names = Names::of(regions, needs, centers);
        // The same names stay the same value: that is how a board knows that it need not tell them again.
        if *self.names != names {
            self.names = Arc::new(names);
        }
    }

    fn queue(&mut self, key: &QueueKey) -> Option<usize> {
        let queue = Queue::of(key);
        if let Some(index) = self.by_name.get(&queue) {
            return Some(*index);
        }
        if self.queues.len() >= QUEUES_MAX {
            self.beyond("queue");
            return None;
        }
        let (index, queue) = (self.queues.len(), Arc::new(queue));
        self.queues.push(Arc::clone(&queue));
        self.by_name.insert(queue, index);
        Some(index)
    }

    fn contact(&mut self, view: ContactView, before: Option<Live>) {
        // A closed conversation that opens again is the one we knew.
        let before = before.or_else(|| self.closed.remove(&view.contact_id));
        if before.is_none() && self.contacts.len() >= CONTACTS_MAX {
            return self.beyond("contact");
        }
        let queue = view.queue.as_ref().and_then(|key| self.queue(key)).or(before.as_ref().and_then(|live| live.queue));
        let live = Live::of(&view, queue);
        self.count(&view, before.as_ref(), &live);
        if live.state != ContactState::Closed {
            self.contacts.insert(view.contact_id, live);
        } else if view.queue.as_ref().is_some_and(|key| key.channel() != Channel::Voice) {
            self.remember(view.contact_id, live);
        }
    }

    fn remember(&mut self, contact_id: String, live: Live) {
        if self.closed_order.len() >= CLOSED_MAX
            && let Some(oldest) = self.closed_order.pop_front()
        {
            self.closed.remove(&oldest);
        }
        self.closed_order.push_back(contact_id.clone());
        self.closed.insert(contact_id, live);
    }

    fn counselor(&mut self, view: CounselorView, before: Option<&Member>) {
        if self.members.len() >= COUNSELORS_MAX {
            return self.beyond("counselor");
        }
        self.urgent |= before.map_or(view.help.is_some(), |before| before.view.help != view.help);
        let member = Member::of(view, before, self.at_ms);
        self.members.insert(member.view.counselor_id.clone(), member);
    }

    fn beyond(&mut self, kind: &'static str) {
        self.incomplete = true;
        metrics::untracked(kind);
    }
}
