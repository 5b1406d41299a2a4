//! One record's frames, made once when it is committed and shared by everybody who follows.

use super::desk::Notes;
use super::touched::Touched;
use super::{capacity, desk, effects};
use crate::edge::vault::Vault;
use holdfast_core::event::Record;
use holdfast_core::id::{AccountId, CounselorId};
use holdfast_core::state::State;
use holdfast_proto::router::v1 as wire;
use holdfast_proto::router::v1::watch_response::Frame;
use std::collections::BTreeMap;

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
    desks: BTreeMap<CounselorId, wire::DeskDelta>,
    effects: BTreeMap<AccountId, wire::EffectsDelta>,
    /// Whether frames made before this one must never be sent again.
    pub erased: bool,
}

/// Folds a record into the state and gives its frames.
#[must_use]
pub fn fold(state: &mut State, record: &Record, notes: &Notes) -> Projection {
    let mut touched = Touched::before(state, record);
    state.apply(record);
    touched.after(state);
    let concerned: Vec<CounselorId> = if touched.everybody || touched.plan {
        state.parts().counselors.keys().cloned().collect()
    } else {
        touched.counselors.iter().cloned().collect()
    };
    let desks = concerned
        .into_iter()
        .filter_map(|counselor| {
            let delta = desk::delta(state, &counselor, &touched, notes)?;
            Some((counselor, delta))
        })
        .collect();
    Projection {
        epoch: record.epoch,
        sequence: record.sequence,
        at_ms: record.at.0,
        capacity: capacity::delta(state, record, &touched),
        desks,
        effects: effects::deltas(state, record, &touched, &notes.vault),
        erased: touched.erased,
    }
}

impl Projection {
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
            Feed::Desk(counselor) => Frame::DeskDelta(self.desks.get(counselor)?.clone()),
            Feed::Effects(account) => Frame::EffectsDelta(self.effects.get(account)?.clone()),
        };
        Some(respond(self.epoch, self.sequence, self.at_ms, frame))
    }
}

/// The snapshot of a feed.
#[must_use]
pub fn snapshot(state: &State, feed: &Feed, notes: &Notes, vault: &Vault) -> wire::WatchResponse {
    let frame = match feed {
        Feed::Capacity => Frame::CapacitySnapshot(capacity::snapshot(state)),
        Feed::Desk(counselor) => Frame::DeskSnapshot(desk::snapshot(state, counselor, notes)),
        Feed::Effects(account) => Frame::EffectsSnapshot(effects::snapshot(state, account, vault)),
    };
    respond(state.parts().epoch, state.parts().sequence, state.parts().now.0, frame)
}

/// A frame at a position.
#[must_use]
pub const fn respond(epoch: u64, sequence: u64, at_ms: u64, frame: Frame) -> wire::WatchResponse {
    wire::WatchResponse { position: Some(wire::Position { epoch, sequence }), at_ms, frame: Some(frame) }
}
