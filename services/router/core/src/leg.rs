//! One phone leg: the person's own, or the one dialed to a counselor.
//!
//! Carriers repeat, reorder and lose what they say about a leg, so a report is merged by rank: a leg only moves forward, and
//! the end absorbs everything (S11).

use crate::id::CounselorId;
use crate::time::Timestamp;
use alloc::sync::Arc;

/// The whole behaviour of a leg.
///
/// | from | report | to |
/// |---|---|---|
/// | Planned | the counselor is in the room, and a person is called back | Dialing |
/// | Dialing, InDoubt | the carrier cannot say whether it dialed | InDoubt |
/// | Dialing, InDoubt | the phone rings | Alerting |
/// | Dialing … Alerting, InDoubt | somebody answers | Answered |
/// | Dialing … Answered, InDoubt | joined the room | InRoom |
/// | Dialing … InRoom, InDoubt | hung up, or left the room | Ended |
/// | Dialing … Answered, InDoubt | busy, no answer, could not be dialed, never joined | Failed |
/// | Ended, Failed | anything | unchanged |
pub const TABLE: &[(&[LegState], LegState)] = &[
    (&[LegState::Planned], LegState::Dialing),
    (&[LegState::Dialing], LegState::InDoubt),
    (&[LegState::Dialing, LegState::InDoubt], LegState::Alerting),
    (&[LegState::Dialing, LegState::InDoubt, LegState::Alerting], LegState::Answered),
    (&[LegState::Dialing, LegState::InDoubt, LegState::Alerting, LegState::Answered], LegState::InRoom),
    (
        &[LegState::Dialing, LegState::InDoubt, LegState::Alerting, LegState::Answered, LegState::InRoom],
        LegState::Ended,
    ),
    (&[LegState::Dialing, LegState::InDoubt, LegState::Alerting, LegState::Answered], LegState::Failed),
];

/// How long a counselor's answered leg may be over before the person counts as left alone. When a person hangs up their room
/// ends, and carriers may tell of the counselor's leg first: until then nobody can say whose end it was. A higher value leaves
/// somebody whose counselor's line broke alone for longer, a lower one re-offers people who have just hung up.
pub const LOST_AFTER_MS: u64 = 1_500;

/// Where a leg is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum LegState {
    /// The carrier was asked to dial.
    Dialing,
    /// The carrier's answer was ambiguous: the phone may or may not be ringing.
    InDoubt,
    /// The phone is ringing.
    Alerting,
    /// Somebody answered; not yet in the room.
    Answered,
    /// In the person's room, with audio both ways.
    InRoom,
    /// Over after having been answered.
    Ended,
    /// Over without having been answered.
    Failed,
    /// The person's leg of a callback, before their phone is dialed.
    Planned,
}

impl LegState {
    /// Whether the table allows this move. Repeats and steps back are not moves.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        TABLE.iter().any(|(from, to)| *to == next && from.contains(&self))
    }

    /// Whether it is at the carrier, or may be.
    #[must_use]
    pub const fn is_live(self) -> bool {
        !matches!(self, Self::Planned | Self::Ended | Self::Failed)
    }

    /// Whether the leg is over.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Ended | Self::Failed)
    }
}

/// Whose phone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Party {
    /// The person who reached out. Always leg 0.
    Person,
    /// A counselor or peer: who accepted, or who joins in a handoff.
    Counselor(CounselorId),
}

/// Why a leg is over.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum LegCause {
    /// That side hung up.
    HungUp,
    /// We asked the carrier to end it.
    Dropped,
    /// The phone was busy.
    Busy,
    /// Nobody answered in time.
    NoAnswer,
    /// The carrier could not place or keep the call.
    CarrierFailed,
    /// Reconciliation found no such leg at the carrier.
    NotAtCarrier,
}

/// What a contact remembers of one leg. Its number is its place in the contact's list; 0 is the person's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Leg {
    /// Whose phone.
    pub party: Party,
    /// Where it is.
    pub state: LegState,
    /// The carrier's id, once known.
    pub external: Option<Arc<str>>,
    /// Why it is over, if it is.
    pub cause: Option<LegCause>,
    /// When it must have come further, if that is bounded: answered and in the room.
    pub deadline: Option<Timestamp>,
}
