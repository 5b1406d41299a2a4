//! One record's frames, made once when it is committed and shared by everybody who follows.

use super::touched::Touched;
use super::words::Archive;
use super::{capacity, desk, effects};
use crate::convert::desk_views;
use holdfast_core::event::Record;
use holdfast_core::id::{AccountId, CounselorId};
use holdfast_core::state::State;
use holdfast_proto::router::v1 as wire;
use holdfast_proto::router::v1::watch_response::Frame;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Which feed somebody follows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Feed {
    /// Operators'.
    Capacity,
    /// One desk's.
    Desk(CounselorId),
    /// One carrier account's.
    Effects(AccountId),
}

/// What one record means to each feed.
#[derive(Clone, Debug)]
pub struct Projection {
    /// The epoch it was decided in.
    pub epoch: u64,
    /// Its number.
    pub sequence: u64,
    /// Its time.
    pub at_ms: u64,
    capacity: wire::CapacityDelta,
    /// In the order of their ids.
    desks: Vec<(CounselorId, wire::DeskDelta)>,
    /// Peers and counselors who changed: every desk of the other kind is shown them.
    changed: Changed,
    /// In the order of their ids.
    effects: Vec<(AccountId, wire::EffectsDelta)>,
    /// Whether frames made before this one must never be sent again.
    pub erased: bool,
}

/// Those who changed, by kind.
#[derive(Clone, Debug, Default)]
struct Changed {
    /// Peers, for counselors' desks.
    peers: Vec<wire::DeskPeer>,
    /// Counselors, for peers' desks.
    counselors: Vec<wire::DeskPeer>,
    /// Whose desks are peers'.
    peers_desks: Peers,
}

/// The peers of the plan in force. Kept by whoever folds, and made anew only when the plan changes.
#[derive(Clone, Debug, Default)]
pub struct Peers(Arc<BTreeSet<CounselorId>>);

impl Peers {
    /// The peers of this state's plan.
    #[must_use]
    pub fn of(state: &State) -> Self {
        let members = state.plan().into_iter().flat_map(|plan| &plan.members);
        Self(Arc::new(members.filter(|(_, it)| it.peer.is_some()).map(|(id, _)| id.clone()).collect()))
    }

    /// Whether this is one of them.
    #[must_use]
    pub fn has(&self, id: &CounselorId) -> bool {
        self.0.contains(id)
    }

    /// All of them, in the order of their ids.
    pub fn all(&self) -> impl Iterator<Item = &CounselorId> {
        self.0.iter()
    }
}

impl Changed {
    fn of(state: &State, touched: &Touched, peers: &Peers) -> Self {
        let Some(plan) = state.plan() else { return Self::default() };
        let is_peer = |id: &CounselorId| peers.has(id);
        let all = touched.everybody || touched.plan;
        let moved: Vec<&CounselorId> =
            if all { plan.members.keys().collect() } else { touched.counselors.iter().collect() };
        if moved.is_empty() {
            return Self::default();
        }
        let view = |id: &&CounselorId| desk_views::peer(plan, id, state.counselor(id));
        Self {
            peers: moved.iter().filter(|id| is_peer(id)).map(view).collect(),
            counselors: moved.iter().filter(|id| !is_peer(id)).map(view).collect(),
            peers_desks: peers.clone(),
        }
    }

    fn shown_to(&self, counselor: &CounselorId) -> &[wire::DeskPeer] {
        if self.peers.is_empty() && self.counselors.is_empty() {
            &[]
        } else if self.peers_desks.0.contains(counselor) {
            &self.counselors
        } else {
            &self.peers
        }
    }
}

/// Folds a record into the state and gives its frames.
#[must_use]
pub fn fold(state: &mut State, record: &Record, words: &Archive, peers: &mut Peers) -> Projection {
    let mut touched = Touched::before(state, record);
    state.apply(record);
    if touched.plan {
        *peers = Peers::of(state);
    }
    touched.after(state);
    let concerned: Vec<CounselorId> = if touched.everybody || touched.plan {
        state.parts().counselors.keys().cloned().collect()
    } else {
        touched.counselors.iter().cloned().collect()
    };
    let desks = concerned
        .into_iter()
        .filter_map(|counselor| {
            let delta = desk::delta(state, &counselor, &touched, words)?;
            Some((counselor, delta))
        })
        .collect();
    Projection {
        epoch: record.epoch,
        sequence: record.sequence,
        at_ms: record.at.0,
        capacity: capacity::delta(state, record, &touched),
        desks,
        changed: Changed::of(state, &touched, peers),
        effects: effects::deltas(state, record, &touched, words),
        erased: touched.erased,
    }
}

impl Projection {
    /// Whether every desk may have a frame of it: of the few peers one has changed, and all counselors are shown them.
    #[must_use]
    pub const fn concerns_every_desk(&self) -> bool {
        !self.changed.peers.is_empty()
    }

    /// The desks that may have a frame of it, if not every one may.
    pub fn desks(&self) -> impl Iterator<Item = &CounselorId> {
        let shown = (!self.changed.counselors.is_empty()).then_some(&*self.changed.peers_desks.0);
        let twice = shown.into_iter().flatten().filter(|it| of(&self.desks, it).is_none());
        self.desks.iter().map(|(id, _)| id).chain(twice)
    }

    /// The carrier accounts that have a frame of it.
    pub fn accounts(&self) -> impl Iterator<Item = &AccountId> {
        self.effects.iter().map(|(id, _)| id)
    }

    /// The frame for a feed, if this record concerns it.
    #[must_use]
    pub fn frame(&self, feed: &Feed) -> Option<wire::WatchResponse> {
        let frame = match feed {
            Feed::Capacity => {
                let it = &self.capacity;
                let quiet = it.contacts.is_empty() && it.counselors.is_empty() && it.offers.is_empty();
                if quiet && !it.plan_changed {
                    return None;
                }
                Frame::CapacityDelta(it.clone())
            }
            Feed::Desk(counselor) => {
                let own = of(&self.desks, counselor);
                let peers = self.changed.shown_to(counselor);
                if own.is_none() && peers.is_empty() {
                    return None;
                }
                let mut delta = own.cloned().unwrap_or_default();
                delta.peers = peers.to_vec();
                Frame::DeskDelta(delta)
            }
            Feed::Effects(account) => Frame::EffectsDelta(of(&self.effects, account)?.clone()),
        };
        Some(respond(self.epoch, self.sequence, self.at_ms, frame))
    }
}

/// What there is for somebody, among a few in the order of their ids.
fn of<'a, Id: Ord, T>(all: &'a [(Id, T)], id: &Id) -> Option<&'a T> {
    let at = all.binary_search_by(|(it, _)| it.cmp(id)).ok()?;
    all.get(at).map(|(_, it)| it)
}

/// The snapshot of a feed.
#[must_use]
pub fn snapshot(state: &State, feed: &Feed, words: &Archive, peers: &Peers) -> wire::WatchResponse {
    let frame = match feed {
        Feed::Capacity => Frame::CapacitySnapshot(capacity::snapshot(state)),
        Feed::Desk(counselor) => Frame::DeskSnapshot(desk::snapshot(state, counselor, words, peers)),
        Feed::Effects(account) => Frame::EffectsSnapshot(effects::snapshot(state, account, words)),
    };
    respond(state.parts().epoch, state.parts().sequence, state.parts().now.0, frame)
}

/// A frame at a position.
#[must_use]
pub const fn respond(epoch: u64, sequence: u64, at_ms: u64, frame: Frame) -> wire::WatchResponse {
    wire::WatchResponse { position: Some(wire::Position { epoch, sequence }), at_ms, frame: Some(frame) }
}
