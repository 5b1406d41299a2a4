//! A counselor or peer on shift: presence × readiness × load, all three owned by the server.
//!
//! Nobody's state is changed behind their back: the only moves the router makes by itself are to *unsure* when the desk is
//! silent, and to *check-in* after an offer nobody answered. It never makes anybody available.

use crate::contact::Channel;
use crate::id::{ContactId, CounselorId};
use crate::sealed::Sealed;
use crate::time::Timestamp;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;

/// The whole behaviour of presence.
///
/// | from | what happens | to |
/// |---|---|---|
/// | Offline, Unsure, Connected | the desk attests | Connected |
/// | Connected | the desk is lost, or the router restarts | Unsure |
/// | Unsure | silent beyond the grace | Offline |
/// | any | signs off | Offline |
///
/// and of readiness:
///
/// | from | what happens | to |
/// |---|---|---|
/// | any | the person says so, and is free | what they said |
/// | any | the person says so, and holds someone | what they said, after this contact |
/// | Available | an offer expired unanswered | CheckIn |
/// | Available | their phone could not be reached | CheckIn |
/// | Available | they accepted a conversation and did not write | CheckIn |
/// | any | the desk was silent beyond the grace | CheckIn |
pub const PRESENCE_TABLE: &[(Presence, Presence)] = &[
    (Presence::Offline, Presence::Connected),
    (Presence::Unsure, Presence::Connected),
    (Presence::Connected, Presence::Unsure),
    (Presence::Unsure, Presence::Offline),
    (Presence::Connected, Presence::Offline),
];

/// Whether their desk is there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Presence {
    /// The desk is connected and attested.
    Connected,
    /// It was, and we do not know now. They keep their contacts and get no new offers.
    Unsure,
    /// Not on shift.
    Offline,
}

/// What they are ready for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Readiness {
    /// For every channel the plan gives them.
    Available,
    /// For some channels only.
    AvailableFor(BTreeSet<Channel>),
    /// On a break.
    Break,
    /// In training or another duty.
    Training,
    /// After an unanswered offer: "are you there?" Ends when they say so.
    CheckIn,
    /// Taking time after a hard contact.
    Debrief,
}

impl Readiness {
    /// Whether they take this channel now.
    #[must_use]
    pub fn takes(&self, channel: Channel) -> bool {
        match self {
            Self::Available => true,
            Self::AvailableFor(channels) => channels.contains(&channel),
            Self::Break | Self::Training | Self::CheckIn | Self::Debrief => false,
        }
    }
}

/// Why readiness changed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ReadinessReason {
    /// They said so.
    Asked,
    /// What they asked for while they held someone now takes effect.
    AskedEarlier,
    /// They did not answer an offer.
    OfferExpired,
    /// Their phone could not be reached.
    PhoneNotReached,
    /// Their desk was silent beyond the grace.
    DeskSilent,
    /// They accepted a conversation in writing and did not write.
    DidNotWrite,
}

/// How urgent a request for help is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum HelpLevel {
    /// A question.
    Question,
    /// Please join.
    Join,
    /// Safety emergency.
    Emergency,
}

/// An open request for a supervisor's help.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Help {
    /// How urgent.
    pub level: HelpLevel,
    /// About which contact, if about one.
    pub contact: Option<ContactId>,
    /// Since when.
    pub asked_at: Timestamp,
    /// Which supervisor answers, if one does.
    pub answered_by: Option<Arc<str>>,
    /// When they answered.
    pub answered_at: Option<Timestamp>,
}

/// What a slot is used for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum SlotUse {
    /// An open offer.
    Offered,
    /// Connecting or connected.
    Held,
    /// Writing up.
    WrappingUp,
}

/// Everything the state remembers of one counselor.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Counselor {
    /// Who.
    pub id: CounselorId,
    /// Whether their desk is there.
    pub presence: Presence,
    /// Since when.
    pub presence_since: Timestamp,
    /// What they are ready for.
    pub readiness: Readiness,
    /// What they asked to become after the contacts they hold.
    pub readiness_next: Option<Readiness>,
    /// The desk session that may speak for them; an older one is refused.
    pub session: u64,
    /// Where to reach them by voice this shift: a number or SIP address, sealed.
    pub audio: Option<Sealed>,
    /// Since when they have had nobody: longest idle first.
    pub idle_since: Timestamp,
    /// Their contacts, and what each slot is used for.
    pub load: BTreeMap<ContactId, (Channel, SlotUse)>,
    /// Their open request for help.
    pub help: Option<Help>,
}

impl Counselor {
    /// A counselor who has not signed in yet.
    #[must_use]
    pub const fn new(id: CounselorId) -> Self {
        Self {
            id,
            presence: Presence::Offline,
            presence_since: Timestamp(0),
            readiness: Readiness::Break,
            readiness_next: None,
            session: 0,
            audio: None,
            idle_since: Timestamp(0),
            load: BTreeMap::new(),
            help: None,
        }
    }

    /// Whether they hold somebody (an open offer or a wrap-up is not holding).
    #[must_use]
    pub fn holds_somebody(&self) -> bool {
        self.load.values().any(|(_, used)| *used == SlotUse::Held)
    }
}
