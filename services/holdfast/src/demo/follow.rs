//! What an operator's client sees: the capacity feed, folded for the demo's picture.

use holdfast_chassis::channel::Line;
use holdfast_proto::router::v1::router_service_client::RouterServiceClient;
use holdfast_proto::router::v1::watch_request::{CapacityFeed, Feed};
use holdfast_proto::router::v1::watch_response::Frame;
use holdfast_proto::router::v1::{
    CapacityDelta, CapacitySnapshot, ContactState, ContactView, CounselorView, OfferState, Presence, Readiness,
    WatchRequest, WatchResponse,
};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How many offers the picture remembers.
const OFFERS_SHOWN: usize = 12;
/// The pause before following again.
const AGAIN: Duration = Duration::from_millis(200);

/// What has been seen.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    pub(super) at_ms: u64,
    pub(super) contacts: BTreeMap<String, ContactView>,
    pub(super) counselors: BTreeMap<String, CounselorView>,
    pub(super) offers: VecDeque<String>,
    pub(super) arrived: u64,
    pub(super) connected: u64,
    pub(super) abandoned: u64,
    pub(super) closed: u64,
}

/// A follower. Dropping it stops it.
pub(super) struct Follow {
    seen: Arc<Mutex<Seen>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Follow {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Follow {
    pub(super) fn start(line: Line) -> Self {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let folding = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            loop {
                // Whatever ends a stream, a new one begins with a snapshot.
                drop(follow(line.clone(), &folding).await);
                tokio::time::sleep(AGAIN).await;
            }
        });
        Self { seen, task }
    }

    pub(super) fn look(&self) -> Seen {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn follow(line: Line, seen: &Mutex<Seen>) -> Result<(), tonic::Status> {
    let request = WatchRequest { from: None, feed: Some(Feed::Capacity(CapacityFeed {})) };
    let mut router = RouterServiceClient::new(line).max_decoding_message_size(64 * 1_024 * 1_024);
    let mut frames = router.watch(request).await?.into_inner();
    while let Some(WatchResponse { at_ms, frame: Some(frame), .. }) = frames.message().await? {
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.at_ms = at_ms;
        match frame {
            Frame::CapacitySnapshot(snapshot) => seen.begin(snapshot),
            Frame::CapacityDelta(delta) => seen.fold(delta),
            Frame::Beat(_)
            | Frame::DeskSnapshot(_)
            | Frame::DeskDelta(_)
            | Frame::EffectsSnapshot(_)
            | Frame::EffectsDelta(_) => {}
        }
    }
    Ok(())
}

impl Seen {
    fn begin(&mut self, snapshot: CapacitySnapshot) {
        self.contacts = snapshot.contacts.into_iter().map(|it| (it.contact_id.clone(), it)).collect();
        self.counselors = snapshot.counselors.into_iter().map(|it| (it.counselor_id.clone(), it)).collect();
    }

    fn fold(&mut self, delta: CapacityDelta) {
        for contact in delta.contacts {
            let before = self.contacts.get(&contact.contact_id);
            self.arrived += u64::from(before.is_none());
            let talks = before.is_none_or(|it| it.connected_at_ms == 0) && contact.connected_at_ms > 0;
            self.connected += u64::from(talks);
            if contact.state() == ContactState::Closed {
                self.closed += 1;
                self.abandoned += u64::from(contact.connected_at_ms == 0);
                self.contacts.remove(&contact.contact_id);
            } else {
                self.contacts.insert(contact.contact_id.clone(), contact);
            }
        }
        self.counselors.extend(delta.counselors.into_iter().map(|it| (it.counselor_id.clone(), it)));
        for offer in delta.offers {
            let need = offer.queue.as_ref().map_or("", |queue| queue.need.as_str());
            let word = match offer.state() {
                OfferState::Open => "offered to",
                OfferState::Accepted => "accepted by",
                OfferState::Declined => "declined by",
                OfferState::Expired => "not answered by",
                OfferState::Rescinded | OfferState::Unspecified => "taken back from",
            };
            self.offers.push_front(format!("{need} {word} {}", offer.counselor_id));
        }
        self.offers.truncate(OFFERS_SHOWN);
    }

    /// Waiting people by queue: how many, and how long the longest has waited, in milliseconds; longest first.
    pub(super) fn queues(&self) -> Vec<(String, usize, u64)> {
        let mut queues: BTreeMap<String, (usize, u64)> = BTreeMap::new();
        for contact in self.contacts.values() {
            let waits = matches!(contact.state(), ContactState::Waiting | ContactState::Offered);
            if let Some(queue) = contact.queue.as_ref().filter(|_| waits) {
                let entry = queues.entry(format!("{} / {}", queue.region, queue.need)).or_default();
                entry.0 += 1;
                entry.1 = entry.1.max(self.at_ms.saturating_sub(contact.arrived_at_ms));
            }
        }
        let mut queues: Vec<_> = queues.into_iter().map(|(name, (count, wait_ms))| (name, count, wait_ms)).collect();
        queues.sort_by_key(|(_, _, wait_ms)| std::cmp::Reverse(*wait_ms));
        queues
    }

    /// What a counselor is doing, in a word.
    pub(super) fn doing(counselor: &CounselorView) -> &'static str {
        match (counselor.presence(), counselor.readiness()) {
            (Presence::Connected, _) if counselor.held > 0 => "on contact",
            (Presence::Connected, _) if counselor.wrapping_up > 0 => "writing up",
            (Presence::Connected, _) if counselor.offered > 0 => "offered",
            (Presence::Connected, Readiness::Available | Readiness::AvailableFor) => "available",
            (Presence::Connected, Readiness::CheckIn) => "check-in",
            (Presence::Connected, _) => "on a break",
            (Presence::Unsure, _) => "unsure",
            (Presence::Offline | Presence::Unspecified, _) => "off shift",
        }
    }

    /// How many contacts are in a state.
    pub(super) fn count(&self, state: ContactState) -> usize {
        self.contacts.values().filter(|it| it.state() == state).count()
    }
}
