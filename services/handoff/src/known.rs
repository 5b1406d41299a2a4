//! The handoffs that are shown: frames of the capacity feed, folded. Open ones, and those that ended within the last ten minutes;
//! at the bound those that ended first are let go.

use std::collections::BTreeMap;
use std::sync::Arc;

use holdfast_proto::handoff::v1::Handoff;
use holdfast_proto::router::v1::{
    CapacityDelta, CapacitySnapshot, ContactState, ContactView, HandoffState, HandoffView, OfferState, OfferView,
    QueueKey,
};

use crate::metrics;
use crate::place::Place;
use crate::step::{self, ASKED, PASSED, Step, parts};

/// For how long a handoff that ended is shown, in network milliseconds.
pub(crate) const ENDED_KEEP_MS: u64 = 600_000;

/// The moment of a frame: where the router stood, and its network time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) place: Place,
    pub(crate) at_ms: u64,
}

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

    pub(crate) fn len(&self) -> usize {
        self.handoffs.len()
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
        self.handoffs.retain(|_, entry| entry.ended_ms.is_none_or(|ended_ms| at_ms <= ended_ms.saturating_add(ENDED_KEEP_MS)));
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
                None => (Some(now.place.into()), now.at_ms),
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
        let mut turn = Turn::new(known.as_deref(), Handoff { contact_id, queue, view: Some(view), ..Handoff::default() }, now);
        turn.moved();
        turn.offered(offers);
        turn.detail();
        let Turn { handoff, steps: made, .. } = turn;
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

/// One handoff and one decision about it.
struct Turn {
    /// The state before; absent if the handoff was not known.
    before: Option<HandoffState>,
    /// What was known of it, as it would have been told again.
    told: Option<(Option<HandoffView>, Option<QueueKey>)>,
    /// Who had a part until now.
    parts: Vec<String>,
    handoff: Handoff,
    steps: Vec<Step>,
}

impl Turn {
    fn new(known: Option<&Handoff>, mut handoff: Handoff, now: Moment) -> Self {
        handoff.position = Some(now.place.into());
        handoff.at_ms = now.at_ms;
        if let Some(known) = known {
            handoff.what.clone_from(&known.what);
            handoff.asking_id.clone_from(&known.asking_id);
        }
        Self {
            before: known.map(state),
            told: known.map(|known| (known.view.clone(), known.queue.clone())),
            parts: known.map(names).unwrap_or_default(),
            handoff,
            steps: Vec::new(),
        }
    }

    fn tell(&mut self, what: &str) {
        what.clone_into(&mut self.handoff.what);
        self.steps.push(Step::new(self.handoff.clone(), std::mem::take(&mut self.parts)));
        self.parts = names(&self.handoff);
    }

    /// It came to another state.
    fn moved(&mut self) {
        let now = state(&self.handoff);
        if now != HandoffState::Seeking {
            self.handoff.asking_id.clear();
        }
        for what in step::words(self.before, now) {
            self.tell(what);
        }
    }

    /// Somebody was asked, or whoever was asked passed.
    fn offered(&mut self, offers: &[OfferView]) {
        if state(&self.handoff) != HandoffState::Seeking {
            return;
        }
        let contact_id = self.handoff.contact_id.clone();
        for offer in offers {
            if offer.offer_id.split_once('-').is_none_or(|(contact, _)| contact != contact_id) {
                continue;
            }
            match offer.state() {
                OfferState::Open => {
                    self.handoff.asking_id.clone_from(&offer.counselor_id);
                    self.tell(ASKED);
                }
                OfferState::Declined | OfferState::Expired | OfferState::Rescinded => {
                    // Whoever was asked before this service looked had a part as well.
                    self.parts.push(offer.counselor_id.clone());
                    self.handoff.asking_id.clear();
                    self.tell(PASSED);
                }
                OfferState::Accepted | OfferState::Unspecified => {}
            }
        }
    }

    /// Nothing happened that has a word, and still something is not as it was told.
    fn detail(&mut self) {
        let Some((view, queue)) = &self.told else { return };
        if self.steps.is_empty() && (*view != self.handoff.view || *queue != self.handoff.queue) {
            let what = self.handoff.what.clone();
            self.tell(&what);
        }
    }
}

fn state(handoff: &Handoff) -> HandoffState {
    handoff.view.as_ref().map_or(HandoffState::Unspecified, HandoffView::state)
}

fn names(handoff: &Handoff) -> Vec<String> {
    parts(handoff).map(str::to_owned).collect()
}

/// An open handoff of which is known only that it is over.
fn gone(handoff: &Handoff, now: Moment) -> Handoff {
    let view = handoff.view.clone().map(|view| HandoffView {
        state: HandoffState::Unspecified.into(),
        owner_id: String::new(),
        deadline_ms: 0,
        ..view
    });
    Handoff {
        view,
        what: step::word(HandoffState::Unspecified).to_owned(),
        asking_id: String::new(),
        position: Some(now.place.into()),
        at_ms: now.at_ms,
        ..handoff.clone()
    }
}
