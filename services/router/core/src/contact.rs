//! One contact: a person's attempt to reach the line, from the first webhook to the end of the counselor's wrap-up.
//!
//! *Failed* is not an outcome for a person: whatever fails, the contact goes back to its place, and its place never changes (S8).

use crate::counselor::Counselor;
use crate::effect::OutboxEntry;
use crate::id::{ContactId, CounselorId, ExternalId, Language, LineId, NeedId, PersonId, RegionId};
use crate::leg::Leg;
use crate::offer::{Offer, OfferState};
use crate::plan::QueueKey;
use crate::sealed::KeySlot;
use crate::time::Timestamp;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// The whole behaviour of a contact.
///
/// | from | what happens | to |
/// |---|---|---|
/// | — | the carrier's first webhook | Arriving |
/// | Arriving | need and region resolved, or the menu's time is up | Waiting |
/// | Waiting | the router offers it to a counselor | Offered |
/// | Offered | declined, expired, rescinded | Waiting, at its place |
/// | Offered | accepted | Connecting |
/// | Connecting | the counselor's leg fails or ends, or their desk says so | Waiting, at its place |
/// | Connecting | both legs are in the room | Connected |
/// | Connected | the counselor's leg is lost while the person is still there | Waiting, at its place |
/// | Connected | the person or the counselor ends it | WrappingUp |
/// | Arriving, Waiting, Offered, Connecting | the person leaves | Closed, abandoned |
/// | WrappingUp | the counselor finishes, or the time is up | Closed, completed |
/// | Waiting, Offered | another service confirmed that it has the person | Closed, diverted |
/// | Arriving, Waiting, Offered | it is found to be part of another contact | Closed, merged |
pub const TABLE: &[(Option<ContactState>, ContactState)] = &[
    (None, ContactState::Arriving),
    (Some(ContactState::Arriving), ContactState::Waiting),
    (Some(ContactState::Arriving), ContactState::Closed),
    (Some(ContactState::Waiting), ContactState::Offered),
    (Some(ContactState::Waiting), ContactState::Closed),
    (Some(ContactState::Offered), ContactState::Waiting),
    (Some(ContactState::Offered), ContactState::Connecting),
    (Some(ContactState::Offered), ContactState::Closed),
    (Some(ContactState::Connecting), ContactState::Waiting),
    (Some(ContactState::Connecting), ContactState::Connected),
    (Some(ContactState::Connecting), ContactState::Closed),
    (Some(ContactState::Connected), ContactState::Waiting),
    (Some(ContactState::Connected), ContactState::WrappingUp),
    (Some(ContactState::WrappingUp), ContactState::Closed),
];

/// Where a contact is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ContactState {
    /// In the menu or survey, or being resolved.
    Arriving,
    /// In its queue.
    Waiting,
    /// Held out to one counselor; still in its queue.
    Offered,
    /// Accepted; the legs are coming together.
    Connecting,
    /// Two-way audio; in text, the first human message.
    Connected,
    /// The person has gone; the counselor is writing up.
    WrappingUp,
    /// Over, with an outcome.
    Closed,
}

/// How a contact ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Outcome {
    /// Somebody talked with them.
    Completed,
    /// They left before anybody did.
    Abandoned,
    /// Another service confirmed that it has them.
    Diverted,
    /// It was part of another contact.
    Merged,
}

/// How people reach the line.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Channel {
    /// A phone call.
    Voice,
    /// Text messages.
    Text,
    /// A chat on a web page.
    Chat,
}

/// Who started it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Direction {
    /// The person reached out.
    Inbound,
    /// We call back or follow up.
    Outbound,
}

/// How the region was resolved, in the order of preference.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum RegionMethod {
    /// The carrier's georouting token.
    GeoToken,
    /// Area code (and exchange).
    AreaCode,
    /// A postal code the person gave.
    PostalCode,
    /// None of them: the plan's default.
    Default,
}

/// A contact's place in its queue. Static: set once, never re-keyed (S7, S8, L3).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    /// `enqueued_at − priority · A`, smallest first.
    pub key: i64,
    /// Breaks ties: the journal sequence of the record that queued it, and its event's position there.
    pub sequence: u64,
}

/// How many notes a contact may have: a desk is shown all of them with every change.
pub const NOTES_MAX: usize = 100;

/// Everything the hot state remembers of one contact.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// Whose attempt it is.
    pub person: PersonId,
    /// The carrier's name for it.
    pub external: ExternalId,
    /// The line they reached.
    pub line: LineId,
    /// By which channel.
    pub channel: Channel,
    /// Who started it.
    pub direction: Direction,
    /// Where it is.
    pub state: ContactState,
    /// When its first webhook was decided.
    pub arrived_at: Timestamp,
    /// The region it was resolved to.
    pub region: RegionId,
    /// How.
    pub region_method: RegionMethod,
    /// What they asked for, once known.
    pub need: Option<NeedId>,
    /// The language they need.
    pub language: Language,
    /// Its queue, from Waiting on.
    pub queue: Option<QueueKey>,
    /// When it was queued.
    pub enqueued_at: Option<Timestamp>,
    /// Its place there.
    pub place: Option<Place>,
    /// Its latest offer.
    pub offer: Option<Offer>,
    /// Who holds it: accepted, connected or writing up.
    pub holder: Option<CounselorId>,
    /// When it was first connected.
    pub connected_at: Option<Timestamp>,
    /// Who said "not now" or did not answer, and until when they are not asked again.
    pub rested: BTreeMap<CounselorId, Timestamp>,
    /// Its legs, by number; 0 is the person's.
    pub legs: Vec<Leg>,
    /// Whether the person is on hold.
    pub held: bool,
    /// Its open effects, by number.
    pub outbox: BTreeMap<u32, OutboxEntry>,
    /// The number the next effect gets.
    pub next_effect: u32,
    /// The key slot of everything sealed for this contact.
    pub slot: Option<KeySlot>,
    /// Where each note is: the journal sequence of its record.
    pub notes: Vec<u64>,
    /// The deadline of its present state, if it has one: menu, a counselor's leg that is over, wrap-up, leaving the hot state.
    pub deadline: Option<Timestamp>,
    /// How it ended.
    pub outcome: Option<Outcome>,
}

impl Contact {
    /// The open offer, if there is one.
    #[must_use]
    pub fn open_offer(&self) -> Option<&Offer> {
        self.offer.as_ref().filter(|offer| offer.state == OfferState::Open)
    }

    /// Whether somebody may still be on the line or in the queue.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        matches!(self.state, ContactState::Closed)
    }

    /// The number and leg of the counselor's latest leg, if it is not over.
    #[must_use]
    pub fn counselor_leg(&self) -> Option<(u32, &Leg)> {
        let (index, leg) = self.legs.iter().enumerate().skip(1).next_back()?;
        if leg.state.is_over() { None } else { Some((u32::try_from(index).ok()?, leg)) }
    }

    /// When something about it is due: the menu, the open offer, the counselor's leg, the wrap-up, leaving the hot state.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        match self.state {
            ContactState::Arriving | ContactState::WrappingUp => self.deadline,
            ContactState::Offered => self.open_offer().map(|offer| offer.deadline),
            ContactState::Connecting => match self.counselor_leg() {
                Some((_, leg)) => leg.deadline,
                None => self.deadline,
            },
            ContactState::Connected => self.deadline.filter(|_| self.counselor_leg().is_none()),
            ContactState::Waiting => None,
            // What is open at the carrier pins the contact: nothing that has been asked for is forgotten.
            ContactState::Closed => self.deadline.filter(|_| self.outbox.is_empty()),
        }
    }

    /// Whether this counselor is asked again only later.
    #[must_use]
    pub fn is_resting(&self, counselor: &Counselor, now: Timestamp) -> bool {
        self.rested.get(&counselor.id).is_some_and(|until| *until > now)
    }
}
