//! The handoffs that are shown: frames of the capacity feed, folded. Open ones, and those that ended within the last ten minutes;
//! at the bound those that ended first are let go.

use std::collections::BTreeMap;
use std::sync::Arc;

use holdfast_proto::handoff::v1::Handoff;
use holdfast_proto::router::v1::{
    CapacityDelta, CapacitySnapshot, ContactState, ContactView, HandoffState, HandoffView, OfferView,
};

use crate::metrics;
use crate::step::{self, ASKED, PASSED, Step};
use crate::turn::{Moment, Turn, gone, names, state};

/// For how long a handoff that ended is shown, in network milliseconds.
pub(crate) const ENDED_KEEP_MS: u64 = 600_000;

/// Which handoff: of which contact, and which of its handoffs.
type Key = (String, u32);

#[derive(Debug)]
struct Entry {
    handoff: Arc<Handoff>,
    /// When it ended or was found to be over.
    ended_ms: Option<u64>,
}

/// All that is shown.
#[derive(Debug)]
pub(crate) struct Known {
    handoffs: BTreeMap<Key, Entry>,
    most: usize,
    /// Until when something is missing that should be shown, in network milliseconds.
    incomplete_until_ms: u64,
}

impl Known {
    pub(crate) const fn new(most: usize) -> Self {
        Self { handoffs: BTreeMap::new(), most, incomplete_until_ms: 0 }
    }

    /// Every handoff, in the order of contacts and of their numbers.
    pub(crate) fn all(&self) -> Vec<Arc<Handoff>> {
        self.handoffs.values().map(|entry| Arc::clone(&entry.handoff)).collect()
    }

    pub(crate) const fn incomplete(&self, at_ms: u64) -> bool {
        at_ms < self.incomplete_until_ms
    }

    /// The latest handoff of a contact.
    pub(crate) fn latest(&self, contact_id: &str) -> Option<&Arc<Handoff>> {
        let all = self.handoffs.range((contact_id.to_owned(), 0)..=(contact_id.to_owned(), u32::MAX));
        all.last().map(|(_, entry)| &entry.handoff)
    }

    /// Lets go of what ended too long ago.
    pub(crate) fn forget(&mut self, at_ms: u64) {
        self.handoffs
            .retain(|_, entry| entry.ended_ms.is_none_or(|ended_ms| at_ms <= ended_ms.saturating_add(ENDED_KEEP_MS)));
        metrics::known(self.handoffs.len());
    }

    /// All there is. What was open and is there no more ended while nobody looked; nobody knows who is being asked.
    pub(crate) fn snapshot(&mut self, snapshot: CapacitySnapshot, now: Moment) {
        let before = std::mem::take(&mut self.handoffs);
        for contact in snapshot.contacts {
            let ContactView { contact_id, queue, handoff: Some(view), .. } = contact else { continue };
            let known = before.get(&(contact_id.clone(), view.number)).map(|entry| &*entry.handoff);
            let same = known.filter(|it| state(it) == view.state());
            let what = match same {
                Some(it) if ![ASKED, PASSED].contains(&it.what.as_str()) => it.what.clone(),
                _ => step::word(view.state()).to_owned(),
            };
            let (position, at_ms) = match same {
                Some(it) => (it.position, it.at_ms),
                None => (Some(now.place), now.at_ms),
            };
            let handoff =
                Handoff { contact_id, view: Some(view), queue, what, asking_id: String::new(), position, at_ms };
            self.keep(handoff, now.at_ms);
        }
        for (key, entry) in before {
            if self.handoffs.contains_key(&key) {
                continue;
            }
            match entry.ended_ms {
                Some(ended_ms) => self.put(key, entry.handoff, Some(ended_ms), now.at_ms),
                None => self.put(key, Arc::new(gone(&entry.handoff, now)), Some(now.at_ms), now.at_ms),
            }
        }
        self.forget(now.at_ms);
    }

    /// What one decision of the router changed, as the steps it made.
    pub(crate) fn delta(&mut self, delta: CapacityDelta, now: Moment) -> Vec<Step> {
        let mut steps = Vec::new();
        for contact in delta.contacts {
            self.contact(contact, &delta.offers, now, &mut steps);
        }
        steps
    }

    fn contact(&mut self, contact: ContactView, offers: &[OfferView], now: Moment, steps: &mut Vec<Step>) {
        let closed = contact.state() == ContactState::Closed;
        let ContactView { contact_id, queue, handoff: Some(mut view), .. } = contact else { return };
        self.supersede(&contact_id, view.number, now, steps);
        let known = self.handoffs.get(&(contact_id.clone(), view.number));
        if known.is_some_and(|entry| entry.ended_ms.is_some()) {
            return;
        }
        let known = known.map(|entry| Arc::clone(&entry.handoff));
        if known.is_none() && !self.is_news(&view, now) {
            return;
        }
        if closed && step::is_open(&view) {
            view.state = HandoffState::Unspecified.into();
        }
        let mut turn =
            Turn::new(known.as_deref(), Handoff { contact_id, queue, view: Some(view), ..Handoff::default() }, now);
        turn.moved();
        turn.offered(offers);
        turn.detail();
        let (handoff, made) = turn.over();
        self.keep(handoff, now.at_ms);
        steps.extend(made);
    }

    /// Whether a handoff that is not known is worth taking up: it is open, or ended a moment ago and there is room for it.
    fn is_news(&self, view: &HandoffView, now: Moment) -> bool {
        let fresh = now.at_ms <= view.since_ms.saturating_add(ENDED_KEEP_MS);
        step::is_open(view) || (fresh && self.handoffs.len() < self.most)
    }

    /// A contact has one open handoff: a later one says that the earlier ones are over.
    fn supersede(&mut self, contact_id: &str, number: u32, now: Moment, steps: &mut Vec<Step>) {
        let earlier = self.handoffs.range_mut((contact_id.to_owned(), 0)..(contact_id.to_owned(), number));
        for (_, entry) in earlier.filter(|(_, entry)| entry.ended_ms.is_none()) {
            let before = names(&entry.handoff);
            let over = gone(&entry.handoff, now);
            steps.push(Step::new(over.clone(), before));
            *entry = Entry { handoff: Arc::new(over), ended_ms: Some(now.at_ms) };
        }
    }

    fn keep(&mut self, handoff: Handoff, at_ms: u64) {
        let Some(view) = &handoff.view else { return };
        let ended_ms = match view.state() {
            HandoffState::Unspecified => Some(at_ms),
            _ => (!step::is_open(view)).then_some(view.since_ms),
        };
        self.put((handoff.contact_id.clone(), view.number), Arc::new(handoff), ended_ms, at_ms);
        metrics::known(self.handoffs.len());
    }

    fn put(&mut self, key: Key, handoff: Arc<Handoff>, ended_ms: Option<u64>, at_ms: u64) {
        if !self.handoffs.contains_key(&key) && self.handoffs.len() >= self.most {
            self.incomplete_until_ms = at_ms.saturating_add(ENDED_KEEP_MS);
            let ended = self.handoffs.iter().filter_map(|(key, entry)| Some((entry.ended_ms?, key)));
            let Some((first_ms, first)) = ended.min() else {
                metrics::untracked(if ended_ms.is_some() { "ended" } else { "open" });
                return;
            };
            metrics::untracked("ended");
            if ended_ms.is_some_and(|ended_ms| ended_ms <= first_ms) {
                return;
            }
            let first = first.clone();
            self.handoffs.remove(&first);
        }
        self.handoffs.insert(key, Entry { handoff, ended_ms });
    }
}
