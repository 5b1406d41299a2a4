//! Who works: counselors, peers and centers, each person counted once. Peers are never counted as counselors.
//!
//! A counselor is free if they could take one more by some channel now: desk there, ready for the channel, room for it. So
//! somebody with one conversation and room for another is both free and on a contact. The feed does not say which centers
//! serve a queue, so a queue's free are those of its channel in the whole network.

use std::collections::BTreeMap;

use holdfast_proto::router::v1::{Channel, Presence};
use serde::Serialize;

use crate::fold::State;
use crate::member::Member;

/// How long a center whose desks were all lost is called silent, in milliseconds; then it counts as closed.
const SILENT_MS_MAX: u64 = 3_600_000;

/// Counselors, each counted once in each number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct People {
    pub(crate) free: u64,
    /// Voice, text, chat: who is free for it.
    pub(crate) free_by_channel: [u64; 3],
    pub(crate) on_contact: u64,
    pub(crate) wrapping_up: u64,
    pub(crate) away: u64,
    pub(crate) unsure: u64,
    /// On shift: desk there or unsure.
    pub(crate) on_shift: u64,
}

/// Peers, each counted once in each number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Peers {
    pub(crate) free: u64,
    pub(crate) on_contact: u64,
}

/// What a center does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum CenterState {
    /// Every desk of its that was on shift fell silent, and nobody signed off.
    Silent,
    /// Somebody there is ready.
    Taking,
    /// Nobody there is ready.
    Closed,
}

/// One center. Its numbers are of its counselors; of its peers if it has none.
#[derive(Debug, Clone)]
pub(crate) struct Center {
    pub(crate) id: String,
    pub(crate) state: CenterState,
    /// Since when it is silent.
    pub(crate) silent_since_ms: Option<u64>,
    /// How many of its desks are silent.
    pub(crate) silent_desks: u64,
    pub(crate) has_counselors: bool,
    pub(crate) people: People,
}

impl Center {
    pub(crate) fn is_taking(&self) -> bool {
        self.state == CenterState::Taking
    }
}

/// Everybody.
#[derive(Debug)]
pub(crate) struct Census {
    pub(crate) people: People,
    pub(crate) peers: Peers,
    pub(crate) centers: Vec<Center>,
}

#[derive(Default)]
struct Desks {
    people: People,
    any: bool,
    ready: bool,
    connected: bool,
    silent_desks: u64,
    silent_since_ms: Option<u64>,
}

impl Census {
    pub(crate) fn of(state: &State, now_ms: u64) -> Self {
        let (mut people, mut peers) = (People::default(), Peers::default());
        // Counselors and peers apart, for every center of the plan.
        let mut centers: BTreeMap<&str, [Desks; 2]> =
            state.names.centers.keys().map(|id| (id.as_str(), <[Desks; 2]>::default())).collect();
        for member in state.members() {
            let [counselors, companions] = centers.entry(member.view.center.as_str()).or_default();
            if member.is_peer() {
                companions.take(member, now_ms);
                peers.free += u64::from(member.is_free());
                peers.on_contact += u64::from(member.view.held > 0);
            } else {
                counselors.take(member, now_ms);
                people.take(member);
            }
        }
        let mut centers: Vec<_> = centers
            .into_iter()
            .map(|(id, [counselors, companions])| {
                let has_counselors = counselors.any;
                (if has_counselors { counselors } else { companions }).center(id, has_counselors)
            })
            .collect();
        centers.sort_by_cached_key(|center| {
            (center.state != CenterState::Silent, state.names.center(&center.id).to_owned(), center.id.clone())
        });
        Self { people, peers, centers }
    }
}

impl Desks {
    fn take(&mut self, member: &Member, now_ms: u64) {
        self.any = true;
        self.people.take(member);
        self.connected |= member.is_connected();
        self.ready |= member.is_connected() && member.is_ready();
        if let Some(since_ms) = member.silent_since_ms.filter(|since| now_ms.saturating_sub(*since) <= SILENT_MS_MAX) {
            self.silent_desks += 1;
            self.silent_since_ms = self.silent_since_ms.max(Some(since_ms));
        }
    }

    fn center(self, id: &str, has_counselors: bool) -> Center {
        let silent_since_ms = self.silent_since_ms.filter(|_| !self.connected);
        let state = if self.ready {
            CenterState::Taking
        } else if silent_since_ms.is_some() {
            CenterState::Silent
        } else {
            CenterState::Closed
        };
        let Self { people, silent_desks, .. } = self;
        Center { id: id.to_owned(), state, silent_since_ms, silent_desks, has_counselors, people }
    }
}

impl People {
    /// How many could take somebody by this channel now.
    pub(crate) fn free_for(&self, channel: Channel) -> u64 {
        let [voice, text, chat] = self.free_by_channel;
        match channel {
            Channel::Voice => voice,
            Channel::Text => text,
            Channel::Chat => chat,
            Channel::Unspecified => self.free,
        }
    }

    fn take(&mut self, member: &Member) {
        let view = &member.view;
        match view.presence() {
            Presence::Offline | Presence::Unspecified => return,
            Presence::Unsure => self.unsure += 1,
            Presence::Connected => {}
        }
        self.on_shift += 1;
        let free = member.is_free();
        self.free += u64::from(free);
        for (count, channel) in self.free_by_channel.iter_mut().zip([Channel::Voice, Channel::Text, Channel::Chat]) {
            *count += u64::from(member.is_free_for(channel));
        }
        if view.held > 0 {
            self.on_contact += 1;
        } else if view.wrapping_up > 0 {
            self.wrapping_up += 1;
        } else if member.is_connected() && !member.is_ready() {
            self.away += 1;
        }
    }
}
