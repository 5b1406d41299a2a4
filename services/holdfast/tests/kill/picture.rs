//! What an operator sees from outside: one snapshot of the capacity feed, and each waiting person's place.

use crate::house::House;
use holdfast_proto::router::v1::router_service_client::RouterServiceClient;
use holdfast_proto::router::v1::watch_request::{CapacityFeed, Feed};
use holdfast_proto::router::v1::watch_response::Frame;
use holdfast_proto::router::v1::{
    CapacitySnapshot, ContactState, ContactView, ExplainRequest, HandoffView, Presence, WatchRequest,
};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long a question to the router may take.
const ANSWER_MOST: Duration = Duration::from_secs(5);

/// Who is where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    /// Contacts that wait, in the order of their places.
    pub(crate) waiting: Vec<String>,
    /// When each of them was queued, in network milliseconds.
    pub(crate) enqueued_at_ms: Vec<u64>,
    /// Contacts held out to a counselor, and which of their offers it is.
    pub(crate) offered: BTreeMap<String, (String, u32)>,
    /// Contacts being brought together with a counselor.
    pub(crate) connecting: BTreeMap<String, String>,
    /// Contacts in conversation, and with whom.
    pub(crate) connected: BTreeMap<String, String>,
}

async fn snapshot(house: &House) -> Option<CapacitySnapshot> {
    let request = WatchRequest { from: None, feed: Some(Feed::Capacity(CapacityFeed {})) };
    let mut router = RouterServiceClient::new(house.operator_line());
    let mut frames = router.watch(request).await.ok()?.into_inner();
    while let Some(response) = frames.message().await.ok()? {
        if let Some(Frame::CapacitySnapshot(snapshot)) = response.frame {
            return Some(snapshot);
        }
    }
    None
}

async fn look(house: &House) -> CapacitySnapshot {
    tokio::time::timeout(ANSWER_MOST, snapshot(house)).await.ok().flatten().unwrap()
}

fn in_state(snapshot: &CapacitySnapshot, state: ContactState) -> impl Iterator<Item = &ContactView> {
    snapshot.contacts.iter().filter(move |it| it.state() == state)
}

/// How many wait, are offered and are connected.
pub(crate) async fn counts(house: &House) -> (usize, usize, usize) {
    let snapshot = look(house).await;
    let count = |state| in_state(&snapshot, state).count();
    (count(ContactState::Waiting), count(ContactState::Offered), count(ContactState::Connected))
}

/// How many counselors' desks are there.
pub(crate) async fn desks_there(house: &House) -> usize {
    look(house).await.counselors.iter().filter(|it| it.presence() == Presence::Connected).count()
}

/// Where one contact is, and with whom.
pub(crate) async fn whereabouts(house: &House, contact: &str) -> Option<(ContactState, String)> {
    let snapshot = look(house).await;
    let found = snapshot.contacts.iter().find(|it| it.contact_id == contact)?;
    Some((found.state(), found.counselor_id.clone()))
}

/// The latest handoff of a contact.
pub(crate) async fn handoff(house: &House, contact: &str) -> Option<HandoffView> {
    look(house).await.contacts.into_iter().find(|it| it.contact_id == contact)?.handoff
}

/// The whole picture. Places are asked of the router one by one.
pub(crate) async fn picture(house: &House) -> Picture {
    let snapshot = look(house).await;
    let mut router = RouterServiceClient::new(house.operator_line());
    let mut places = Vec::new();
    for contact in in_state(&snapshot, ContactState::Waiting) {
        let request = ExplainRequest { contact_id: contact.contact_id.clone() };
        let explained = router.explain(request).await.unwrap().into_inner();
        places.push((explained.ahead, contact.contact_id.clone(), contact.enqueued_at_ms));
    }
    places.sort();
    assert!(places.windows(2).all(|two| two[0].0 != two[1].0), "two people have one place: {places:?}");
    assert!(places.windows(2).all(|two| two[0].2 <= two[1].2), "places are not in the order of coming: {places:?}");
    let pairs = |state| in_state(&snapshot, state).map(|it| (it.contact_id.clone(), it.counselor_id.clone())).collect();
    Picture {
        waiting: places.iter().map(|(_, contact, _)| contact.clone()).collect(),
        enqueued_at_ms: places.iter().map(|(_, _, at_ms)| *at_ms).collect(),
        offered: in_state(&snapshot, ContactState::Offered)
            .map(|it| (it.contact_id.clone(), (it.counselor_id.clone(), it.offers)))
            .collect(),
        connecting: pairs(ContactState::Connecting),
        connected: pairs(ContactState::Connected),
    }
}
