//! The legs that the router expects at one account, as the effects feed told them: what reconciliation compares with.
//!
//! Bounded by the router's own bound on contacts in its hot state. Holds no numbers, only ids.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use holdfast_proto::router::v1::{ExpectedLeg, LegState};
use tokio::time::Instant;

/// One account's expected legs.
#[derive(Debug, Default)]
pub(crate) struct Mirror(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    connected: bool,
    legs: BTreeMap<(String, u32), Expected>,
}

/// A leg that should be at the carrier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) contact: String,
    pub(crate) leg: u32,
    pub(crate) room: String,
    pub(crate) label: String,
    pub(crate) external_id: Option<String>,
    pub(crate) state: LegState,
    /// When this process first heard of it.
    pub(crate) first_seen: Instant,
}

impl Expected {
    /// Whether somebody answered it, as far as the router knows.
    pub(crate) fn was_answered(&self) -> bool {
        matches!(self.state, LegState::Answered | LegState::InRoom)
    }
}

impl Mirror {
    /// The feed is open and in step, or not.
    pub(crate) fn set_connected(&self, connected: bool) {
        self.lock().connected = connected;
    }

    /// All legs there are.
    pub(crate) fn replace(&self, legs: Vec<ExpectedLeg>) {
        let mut state = self.lock();
        let before = std::mem::take(&mut state.legs);
        for leg in legs {
            let known = before.get(&(leg.contact_id.clone(), leg.leg)).map(|known| known.first_seen);
            put(&mut state, known, leg);
        }
    }

    /// Legs that moved; ended ones go.
    pub(crate) fn change(&self, legs: Vec<ExpectedLeg>) {
        let mut state = self.lock();
        for leg in legs {
            let known = state.legs.get(&(leg.contact_id.clone(), leg.leg)).map(|known| known.first_seen);
            put(&mut state, known, leg);
        }
    }

    /// The legs, by contact and number; `None` while the feed is not open.
    pub(crate) fn expected(&self) -> Option<BTreeMap<(String, u32), Expected>> {
        let state = self.lock();
        state.connected.then(|| state.legs.clone())
    }

    /// Contacts with a leg that is not over.
    pub(crate) fn contacts(&self) -> BTreeSet<String> {
        self.lock().legs.keys().map(|(contact, _)| contact.clone()).collect()
    }

    /// Whether a contact has a leg that is not over.
    pub(crate) fn has(&self, contact: &str) -> bool {
        let first = (contact.to_owned(), 0);
        self.lock().legs.range(first..).next().is_some_and(|((of, _), _)| of == contact)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn put(state: &mut State, first_seen: Option<Instant>, leg: ExpectedLeg) {
    let (now, key) = (leg.state(), (leg.contact_id.clone(), leg.leg));
    if matches!(now, LegState::Ended | LegState::Failed) {
        state.legs.remove(&key);
        return;
    }
    let first_seen = first_seen.unwrap_or_else(Instant::now);
    let expected = Expected {
        contact: leg.contact_id,
        leg: leg.leg,
        room: leg.room,
        label: leg.label,
        external_id: Some(leg.external_id).filter(|id| !id.is_empty()),
        state: now,
        first_seen,
    };
    state.legs.insert(key, expected);
}
