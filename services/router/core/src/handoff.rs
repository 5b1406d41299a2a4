//! A warm handoff: a contact goes from whoever owns it to somebody else, and the person is with somebody at every moment.
//!
//! The counselor owns the person until the peer has confirmed. Whatever fails before that returns to the counselor; whatever
//! fails between confirmation and the counselor's leaving returns to them as well, since they are still there. The same machine
//! runs the other way, from a peer back to a counselor. A contact has at most one open handoff, and only while it is Connected.

use crate::id::{CounselorId, PeerType, SkillId};
use crate::offer::{Offer, OfferState};
use crate::time::Timestamp;
use alloc::collections::{BTreeMap, BTreeSet};

/// The whole behaviour of a handoff.
///
/// | from | what happens | to |
/// |---|---|---|
/// | — | the owner begins it | Consenting |
/// | Consenting | the person agrees | Seeking |
/// | Consenting | the person does not want to | Cancelled |
/// | Seeking | somebody is offered it and declines, does not answer, or cannot any more | Seeking, the next is asked |
/// | Seeking | somebody accepts: they are reserved | Briefing |
/// | Briefing | they have read the note; by voice their phone is dialed | Joining |
/// | Briefing | they have read the note; in writing they are in | Together |
/// | Joining | their leg is in the room | Together |
/// | Together | "I have them": they own the person now | Confirmed |
/// | Together | the owner's line breaks, or they give it back, while the other is there | Confirmed, and Completed at once |
/// | Confirmed | whoever handed over leaves, or the time to leave is up | Completed |
/// | Consenting … Together | the owner calls it off or ends the contact; gives it back while nobody else is there | Cancelled |
/// | Confirmed | either side calls it off | Cancelled, the person is with whoever handed over |
/// | any open | time is up, a leg or desk is lost, the other withdraws, the person leaves | Returned |
pub const TABLE: &[(Option<HandoffState>, HandoffState)] = &[
    (None, HandoffState::Consenting),
    (Some(HandoffState::Consenting), HandoffState::Seeking),
    (Some(HandoffState::Consenting), HandoffState::Cancelled),
    (Some(HandoffState::Consenting), HandoffState::Returned),
    (Some(HandoffState::Seeking), HandoffState::Briefing),
    (Some(HandoffState::Seeking), HandoffState::Cancelled),
    (Some(HandoffState::Seeking), HandoffState::Returned),
    (Some(HandoffState::Briefing), HandoffState::Joining),
    (Some(HandoffState::Briefing), HandoffState::Together),
    (Some(HandoffState::Briefing), HandoffState::Cancelled),
    (Some(HandoffState::Briefing), HandoffState::Returned),
    (Some(HandoffState::Joining), HandoffState::Together),
    (Some(HandoffState::Joining), HandoffState::Cancelled),
    (Some(HandoffState::Joining), HandoffState::Returned),
    (Some(HandoffState::Together), HandoffState::Confirmed),
    (Some(HandoffState::Together), HandoffState::Cancelled),
    (Some(HandoffState::Together), HandoffState::Returned),
    (Some(HandoffState::Confirmed), HandoffState::Completed),
    (Some(HandoffState::Confirmed), HandoffState::Cancelled),
    (Some(HandoffState::Confirmed), HandoffState::Returned),
];

/// Where a handoff is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum HandoffState {
    /// The person is being asked.
    Consenting,
    /// Somebody is being asked and reserved. The person has been told of nobody yet.
    Seeking,
    /// Whoever is reserved reads the note.
    Briefing,
    /// Their phone is being brought into the room.
    Joining,
    /// Three together. The owner is still whoever handed over.
    Together,
    /// Whoever joined owns the person; whoever handed over may leave.
    Confirmed,
    /// Over: whoever handed over has left.
    Completed,
    /// Over: called off.
    Cancelled,
    /// Over: something failed, and the person is with whoever handed over.
    Returned,
}

impl HandoffState {
    /// Whether it is not over.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(
            self,
            Self::Consenting | Self::Seeking | Self::Briefing | Self::Joining | Self::Together | Self::Confirmed
        )
    }
}

/// Whom a handoff looks for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Toward {
    /// A peer supporter.
    Peer,
    /// A counselor: a peer asks one back.
    Counselor,
}

/// Why a handoff was returned.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ReturnReason {
    /// Nobody said what the person answered.
    ConsentTimedOut,
    /// Nobody could be reserved in time.
    NobodyFree,
    /// Whoever was reserved did not say that they had read the note.
    PeerSilent,
    /// Their phone could not be brought into the room.
    LegFailed,
    /// Their leg was lost after it had been in the room.
    LegLost,
    /// Their desk was lost.
    DeskLost,
    /// They never confirmed.
    NotConfirmed,
    /// They gave it back.
    Withdrew,
    /// The person left.
    PersonLeft,
    /// Whoever handed over was lost before anybody else was with the person.
    OwnerLost,
}

/// What whoever takes over must bring.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Wish {
    /// The type of peer support; any if absent.
    pub peer_type: Option<PeerType>,
    /// What they must be trained for.
    pub skills: BTreeSet<SkillId>,
    /// One person in particular; the pool if absent.
    pub wanted: Option<CounselorId>,
}

/// What the state remembers of a contact's latest handoff.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Handoff {
    /// Which of the contact's handoffs, from 1.
    pub number: u32,
    /// Where it is.
    pub state: HandoffState,
    /// Whom it looks for.
    pub toward: Toward,
    /// What they must bring.
    pub wish: Wish,
    /// Who hands over.
    pub from: CounselorId,
    /// Who is reserved, has joined or has taken over.
    pub to: Option<CounselorId>,
    /// The latest offer to somebody.
    pub offer: Option<Offer>,
    /// Who declined or did not answer, and until when they are not asked again.
    pub rested: BTreeMap<CounselorId, Timestamp>,
    /// When it began.
    pub started_at: Timestamp,
    /// Since when it is in this state.
    pub since: Timestamp,
    /// When this state ends by itself.
    pub deadline: Option<Timestamp>,
    /// The leg of whoever joins, by voice.
    pub leg: Option<u32>,
    /// The journal sequence of the record with the note.
    pub note: Option<u64>,
    /// Why it was returned, if it was.
    pub reason: Option<ReturnReason>,
}

impl Handoff {
    /// The offer that somebody may answer, if there is one.
    #[must_use]
    pub fn open_offer(&self) -> Option<&Offer> {
        self.offer.as_ref().filter(|offer| offer.state == OfferState::Open && self.state == HandoffState::Seeking)
    }

    /// When something about it is due.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        if !self.state.is_open() {
            return None;
        }
        let offer = self.open_offer().map(|offer| offer.deadline);
        match (self.deadline, offer) {
            (Some(deadline), Some(offer)) => Some(deadline.min(offer)),
            (deadline, offer) => deadline.or(offer),
        }
    }

    /// Whether this counselor or peer is reserved for it or has joined, and does not own the person.
    #[must_use]
    pub fn is_joining(&self, who: &CounselorId) -> bool {
        matches!(self.state, HandoffState::Briefing | HandoffState::Joining | HandoffState::Together)
            && self.to.as_ref() == Some(who)
    }

    /// Whether this counselor or peer handed over, is confirmed to be replaced, and has not left.
    #[must_use]
    pub fn is_leaving(&self, who: &CounselorId) -> bool {
        self.state == HandoffState::Confirmed && self.from == *who
    }
}
