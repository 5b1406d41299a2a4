//! An offer: one contact held out to one counselor, with a deadline.
//!
//! At most one offer of a contact is open, and a counselor has at most one open offer per slot (S18). An offer that is no
//! longer open can never be accepted: that is what keeps a person from being answered twice.

use crate::contact::Contact;
use crate::id::CounselorId;
use crate::time::Timestamp;

/// The whole behaviour of an offer.
///
/// | from | what happens | to |
/// |---|---|---|
/// | Open | the counselor takes it before the deadline | Accepted |
/// | Open | the counselor says not now | Declined |
/// | Open | the deadline passes | Expired |
/// | Open | the person leaves, or the counselor cannot take them any more | Rescinded |
pub const TABLE: &[(OfferState, OfferState)] = &[
    (OfferState::Open, OfferState::Accepted),
    (OfferState::Open, OfferState::Declined),
    (OfferState::Open, OfferState::Expired),
    (OfferState::Open, OfferState::Rescinded),
];

/// Where an offer is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum OfferState {
    /// Held out, waiting for the counselor.
    Open,
    /// Taken.
    Accepted,
    /// Not now.
    Declined,
    /// Nobody answered in time.
    Expired,
    /// Taken back.
    Rescinded,
}

/// Why an offer was taken back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum RescindReason {
    /// The person hung up.
    PersonLeft,
    /// The counselor's desk was lost.
    DeskLost,
    /// The counselor left for a break while the offer was open.
    CounselorNotReady,
    /// A new plan no longer lets this counselor take this contact.
    PlanChanged,
    /// The handoff they were asked for is over.
    HandoffEnded,
    /// Somebody is at high risk now, this person or one whom the counselor has: they get nobody beside them.
    AcuityRaised,
    /// They were to be called back, and call by themselves.
    PersonCalls,
    /// The counselor's center was closed.
    CenterClosed,
}

/// What is remembered of a contact's latest offer, or of a handoff's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offer {
    /// Which of the contact's offers, from 1.
    pub attempt: u32,
    /// To whom.
    pub counselor: CounselorId,
    /// Where it is.
    pub state: OfferState,
    /// When it was made.
    pub offered_at: Timestamp,
    /// When it expires.
    pub deadline: Timestamp,
    /// Why it was taken back, if it was.
    pub rescinded: Option<RescindReason>,
}

impl Offer {
    /// Whether this is the offer of the contact's latest handoff.
    #[must_use]
    pub fn of_handoff(&self, contact: &Contact) -> bool {
        contact.handoff.as_ref().and_then(|it| it.offer.as_ref()).is_some_and(|it| it.attempt == self.attempt)
    }
}
