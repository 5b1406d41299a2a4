//! One contact: a person's attempt to reach the line, from the first webhook to the end of the counselor's wrap-up.
//!
//! *Failed* is not an outcome for a person: whatever fails, the contact goes back to its place, and its place never changes (S8).

use crate::conversation::{Acuity, Conversation};
use crate::effect::OutboxEntry;
use crate::handoff::{Handoff, HandoffState};
use crate::id::{ContactId, CounselorId, ExternalId, Language, LineId, NeedId, PersonId, RegionId};
use crate::leg::{Leg, LegState, Party};
use crate::offer::{Offer, OfferState};
use crate::plan::QueueKey;
use crate::sealed::{KeySlot, Sealed};
use crate::time::Timestamp;
use alloc::boxed::Box;
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
/// | Connecting | both legs are in the room; in writing, the counselor wrote, or cannot since the carrier blocks it | Connected |
/// | Connecting | in writing, the counselor did not write in time | Waiting, at its place |
/// | Connecting | a callback is not answered | WrappingUp |
/// | Connected | the counselor's leg is lost while the person is still there | Waiting, at its place |
/// | Connected | in writing, the person wrote last and nobody answered for very long | Waiting, at its place |
/// | Connected | in writing, the holder's desk is silent beyond the grace | Waiting, at its place |
/// | Connected | the person or the counselor ends it; in writing, nobody wrote for very long | WrappingUp |
/// | WrappingUp | in writing, the person writes again and the plan reopens | Connected |
/// | Arriving, Waiting, Offered, Connecting | the person leaves | Closed, abandoned |
/// | WrappingUp | the counselor finishes, or the time is up | Closed, completed; abandoned if nobody ever talked with them |
/// | Waiting, Offered | another service confirmed that it has the person | Closed, diverted |
/// | Arriving, Waiting, Offered | it is found to be part of another contact | Closed, merged |
/// | Waiting, Offered, Connecting | a callback: the person calls before it reaches them, or another takes over | Closed, merged |
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
    (Some(ContactState::Connecting), ContactState::WrappingUp),
    (Some(ContactState::Connecting), ContactState::Closed),
    (Some(ContactState::Connected), ContactState::Waiting),
    (Some(ContactState::Connected), ContactState::WrappingUp),
    (Some(ContactState::WrappingUp), ContactState::Connected),
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

impl Channel {
    /// Whether people write rather than talk.
    #[must_use]
    pub const fn is_written(self) -> bool {
        matches!(self, Self::Text | Self::Chat)
    }
}

/// A contact's place in its queue. Static (S7, S8, L3): the key moves only once, when acuity is raised, and never back; the
/// sequence never does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    /// `enqueued_at − priority · A`, smallest first.
    pub key: i64,
    /// Breaks ties: the journal sequence of the record that queued it; where a place was passed on, of the one that first had it.
    pub sequence: u64,
}

/// What somebody is to a contact.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Part {
    /// They own the person: accepted, connected or writing up.
    Owner,
    /// They are reserved for a handoff, or have joined and not confirmed.
    Joining,
    /// They handed over, the other has confirmed, and they may leave.
    Leaving,
    /// They handed over, have left, and write up.
    WritingUp,
}

/// Why a contact went back to its place in the queue.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum RequeueReason {
    /// The counselor's phone was busy, rang out or could not be dialed.
    LegFailed,
    /// The counselor's leg was lost while the person was still there.
    LegLost,
    /// The counselor's desk gave the contact back.
    GivenBack,
    /// A command about it could not be decided; a human should look.
    Quarantined,
    /// Accepted in writing, and nobody wrote in time.
    NobodyWrote,
    /// In writing: the desk of whoever had it was silent beyond the grace.
    DeskSilent,
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
    /// The contact it follows from: the call that broke and is called back, the callback it takes over from, or the conversation it
    /// takes up again.
    pub follows: Option<ContactId>,
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
    /// When its first webhook was decided; of a callback, since when they are to be called back.
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
    /// How far its own wait has widened the search: the longest clock that has run out, of the rings in which it was searched for.
    pub reach_ms: u64,
    /// How much risk it is taken to carry.
    pub acuity: Acuity,
    /// How many offers it has made, to counselors and in handoffs.
    pub attempts: u32,
    /// Its latest offer.
    pub offer: Option<Box<Offer>>,
    /// Who holds it: accepted, connected or writing up.
    pub holder: Option<CounselorId>,
    /// When it was first connected.
    pub connected_at: Option<Timestamp>,
    /// Who said "not now" or did not answer, and until when they are not asked again.
    pub rested: BTreeMap<CounselorId, Timestamp>,
    /// Its legs, by number; 0 is the person's. None in writing.
    pub legs: Vec<Leg>,
    /// Whether the person is on hold.
    pub held: bool,
    /// Its open effects, by number.
    pub outbox: BTreeMap<u32, OutboxEntry>,
    /// The number the next effect gets.
    pub next_effect: u32,
    /// The person's number, to call or write to them; absent when withheld or erased.
    pub number: Option<Sealed>,
    /// The conversation, by channels in writing.
    pub conversation: Option<Box<Conversation>>,
    /// Its latest handoff.
    pub handoff: Option<Box<Handoff>>,
    /// Who handed it over, has left, and writes up until when.
    pub writing_up: BTreeMap<CounselorId, Timestamp>,
    /// The key slot of everything sealed for this contact.
    pub slot: Option<KeySlot>,
    /// Where each note is: the journal sequence of its record.
    pub notes: Vec<u64>,
    /// The deadline of its present state, if it has one: menu or survey, a search that reaches further, the first word of a
    /// counselor in writing, a counselor's leg that is over, silence in writing, wrap-up, leaving the hot state.
    pub deadline: Option<Timestamp>,
    /// How it ended.
    pub outcome: Option<Outcome>,
}

impl Contact {
    /// The open offer, if there is one.
    #[must_use]
    pub fn open_offer(&self) -> Option<&Offer> {
        self.offer.as_deref().filter(|offer| offer.state == OfferState::Open)
    }

    /// Whether somebody may still be on the line or in the queue.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        matches!(self.state, ContactState::Closed)
    }

    /// The number and leg of the owner's latest leg, if it is not over.
    #[must_use]
    pub fn counselor_leg(&self) -> Option<(u32, &Leg)> {
        self.leg_of(self.holder.as_ref()?).filter(|(_, leg)| !leg.state.is_over())
    }

    /// The number and leg of the latest leg of this counselor or peer.
    #[must_use]
    pub fn leg_of(&self, who: &CounselorId) -> Option<(u32, &Leg)> {
        let theirs = |leg: &Leg| matches!(&leg.party, Party::Counselor(counselor) if counselor == who);
        let (index, leg) = self.legs.iter().enumerate().rev().find(|(_, leg)| theirs(leg))?;
        Some((u32::try_from(index).ok()?, leg))
    }

    /// Whether this counselor or peer is in the person's room now; in writing, whether they have a part in the conversation.
    #[must_use]
    pub fn is_in_room(&self, who: &CounselorId) -> bool {
        self.channel.is_written() || self.leg_of(who).is_some_and(|(_, leg)| leg.state == LegState::InRoom)
    }

    /// Who has talked with the person in this contact, the last first.
    pub fn talked_with(&self) -> impl Iterator<Item = &CounselorId> {
        let over = self.handoff.as_ref().filter(|it| it.state == HandoffState::Completed);
        let handed_to = over.and_then(|it| it.to.as_ref());
        let taken_by = self.offer.as_ref().filter(|it| it.state == OfferState::Accepted).map(|it| &it.counselor);
        handed_to.into_iter().chain(taken_by).filter(|_| self.connected_at.is_some())
    }

    /// The handoff that is not over, if there is one.
    #[must_use]
    pub fn open_handoff(&self) -> Option<&Handoff> {
        self.handoff.as_deref().filter(|it| it.state.is_open())
    }

    /// How long before it was known of its first message was written, in milliseconds; 0 but for one that was found late.
    #[must_use]
    pub fn late_ms(&self) -> u64 {
        let first = self.conversation.as_ref().and_then(|it| it.messages.first());
        first.map_or(0, |it| self.arrived_at.since_ms(it.at))
    }

    /// Whether this counselor or peer handed it over, the last time that it was.
    #[must_use]
    pub fn was_handed_over_by(&self, who: &CounselorId) -> bool {
        self.handoff.as_ref().is_some_and(|it| it.state == HandoffState::Completed && it.from == *who)
    }

    /// What this counselor or peer is to the contact now; none if nothing. An open offer is no part yet.
    #[must_use]
    pub fn part(&self, who: &CounselorId) -> Option<Part> {
        if self.holder.as_ref() == Some(who) {
            return Some(Part::Owner);
        }
        let handoff = self.handoff.as_ref();
        if handoff.is_some_and(|it| it.is_joining(who)) {
            return Some(Part::Joining);
        }
        if handoff.is_some_and(|it| it.is_leaving(who)) {
            return Some(Part::Leaving);
        }
        self.writing_up.contains_key(who).then_some(Part::WritingUp)
    }

    /// Whether this contact calls the person back: their phone is dialed or rings, and they have not answered yet.
    #[must_use]
    pub fn is_calling_back(&self) -> bool {
        self.direction == Direction::Outbound
            && self.connected_at.is_none()
            && self.legs.first().is_some_and(|leg| leg.state < LegState::Answered)
    }

    /// The clock of a callback's counselor who waits in the room for the person to come.
    fn person_comes_by(&self) -> Option<Timestamp> {
        let waits = self.counselor_leg().is_some_and(|(_, leg)| leg.state == LegState::InRoom);
        self.legs.first().filter(|leg| waits && leg.state < LegState::InRoom)?.deadline
    }

    /// When something about it is due: its own state, an open handoff, or somebody who handed it over and still writes up.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        let handoff = self.handoff.as_deref().and_then(Handoff::next_deadline);
        let writing_up = self.writing_up.values().min().copied();
        [self.own_deadline(), handoff, writing_up].into_iter().flatten().min()
    }

    /// When something about its own state is due.
    pub(crate) fn own_deadline(&self) -> Option<Timestamp> {
        match self.state {
            ContactState::Arriving | ContactState::Waiting | ContactState::WrappingUp => self.deadline,
            ContactState::Offered => self.open_offer().map(|offer| offer.deadline),
            ContactState::Connecting => match self.counselor_leg() {
                Some((_, leg)) => self.person_comes_by().or(leg.deadline),
                None => self.deadline,
            },
            ContactState::Connected => self.deadline.filter(|_| self.counselor_leg().is_none()),
            // What is open at the carrier pins the contact, and so does whoever still writes it up.
            ContactState::Closed => self.deadline.filter(|_| self.outbox.is_empty() && self.writing_up.is_empty()),
        }
    }
}
