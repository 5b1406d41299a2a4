//! Somebody of the plan as a board sees them: counselor or peer, there or not, and free for what.

use holdfast_proto::router::v1::{Channel, CounselorView, MemberKind, Presence, Readiness};

/// Somebody, and since when their desk has been silent for no reason they gave.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) view: CounselorView,
    /// Since when their desk has been silent: unsure, or given up for lost without a sign-off.
    pub(crate) silent_since_ms: Option<u64>,
}

impl Member {
    /// What is known now, given what was.
    pub(crate) fn of(view: CounselorView, before: Option<&Self>, now_ms: u64) -> Self {
        let since_ms = if view.presence_since_ms == 0 { now_ms } else { view.presence_since_ms };
        let silent_since_ms = match view.presence() {
            Presence::Connected => None,
            Presence::Unsure => Some(before.and_then(|before| before.silent_since_ms).unwrap_or(since_ms)),
            // From unsure to offline is silence beyond the grace; whoever signs off goes there from connected.
            Presence::Offline | Presence::Unspecified => before.and_then(|before| before.silent_since_ms),
        };
        Self { view, silent_since_ms }
    }

    pub(crate) fn is_peer(&self) -> bool {
        self.view.kind() == MemberKind::Peer
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.view.presence() == Presence::Connected
    }

    pub(crate) fn is_ready(&self) -> bool {
        matches!(self.view.readiness(), Readiness::Available | Readiness::AvailableFor)
    }

    /// Whether they could take somebody by this channel now: desk there, ready for it, room for it.
    pub(crate) fn is_free_for(&self, channel: Channel) -> bool {
        let ready = match self.view.readiness() {
            Readiness::Available => true,
            Readiness::AvailableFor => self.view.channels().any(|it| it == channel),
            _ => false,
        };
        let room = || self.view.rooms.iter().any(|room| room.channel() == channel && room.free > 0);
        self.is_connected() && ready && room()
    }

    /// Whether they could take somebody by any channel.
    pub(crate) fn is_free(&self) -> bool {
        [Channel::Voice, Channel::Text, Channel::Chat].into_iter().any(|channel| self.is_free_for(channel))
    }
}
