//! What must happen at the carrier: entries in an outbox that is part of the state, numbered per contact from 1.
//!
//! An effect is asked for in the same record as the decision behind it, so a crash can lose neither without the other. It stays
//! open until the carrier's answer settles it; an ambiguous answer makes it doubted, and only listing at the carrier settles
//! that. Nothing is ever dialed twice blindly.

use crate::id::CounselorId;
use alloc::sync::Arc;

/// Something to do at the carrier.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Dial the counselor's phone into the person's room. The leg's label is the carrier's idempotency key.
    Dial {
        /// The leg's number within the contact.
        leg: u32,
        /// Whose phone; the edge unseals the address.
        counselor: CounselorId,
    },
    /// Dial the person themself into their room: a callback, once the counselor is there. Always leg 0.
    DialPerson,
    /// Send a message to the person. The carrier has no idempotency key for it.
    Send {
        /// Which of the contact's messages.
        message: u32,
    },
    /// Put the person on hold, or take them off.
    Hold {
        /// True to hold.
        on: bool,
    },
    /// End one leg, by its label, whether or not it was seen to start. Overtakes.
    Drop {
        /// The leg's number within the contact.
        leg: u32,
    },
    /// End the room and every leg in it. Overtakes.
    EndRoom,
}

impl Effect {
    /// Whether it may start before earlier effects have settled.
    #[must_use]
    pub const fn overtakes(&self) -> bool {
        matches!(self, Self::Drop { .. } | Self::EndRoom)
    }
}

/// How far an effect has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum EffectState {
    /// To be done.
    Asked,
    /// The carrier's answer was ambiguous: list there, then settle.
    Doubted,
}

/// An open entry of the outbox.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutboxEntry {
    /// What to do.
    pub effect: Effect,
    /// How far it has come.
    pub state: EffectState,
    /// The journal epoch it was asked in: the carrier service refuses older ones.
    pub epoch: u64,
}

/// How the carrier settled an effect.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Settlement {
    /// Done, with the carrier's id for what was made, if it makes one.
    Accepted(Option<Arc<str>>),
    /// Not done and never will be, with the carrier's code.
    Refused(Arc<str>),
}
