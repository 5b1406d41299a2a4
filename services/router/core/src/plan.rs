//! The routing plan in the core's terms: compiled, checked and versioned by the plan crate, journaled whole when activated.
//!
//! What one event needs to be explained later (ring, plan version, key) is written into that event, so an old plan is never
//! needed to read the past. Deliberately absent: what is open now, which reaches the core as a command.

use crate::contact::Channel;
use crate::counselor::Counselor;
use crate::hours::Hours;
use crate::id::{
    AccountId, CenterId, ContactId, CounselorId, Language, LineId, NeedId, NetworkId, PeerType, RegionId, SkillId,
};
use crate::time::Timestamp;
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

/// A queue is region × need × channel.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct QueueKey {
    /// Where the people in it are.
    pub region: RegionId,
    /// What they asked for.
    pub need: NeedId,
    /// How they reach us.
    pub channel: Channel,
}

/// A number that people call or text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// The carrier account it belongs to.
    pub account: AccountId,
    /// Its number in E.164. Public: it is what people dial.
    pub number: String,
    /// The need of everybody who reaches this line, if the line settles it.
    pub need: Option<NeedId>,
    /// The language of everybody who reaches this line, if the line settles it.
    pub language: Option<Language>,
    /// Digits offered in the menu, if there is one.
    pub menu: BTreeMap<u8, NeedId>,
}

/// A part of the area served.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Region {
    /// The region that takes over where this one has no queue.
    pub parent: Option<RegionId>,
}

/// Something people ask for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Need {
    /// What a counselor must be trained for.
    pub skills: BTreeSet<SkillId>,
    /// The language it implies, if it does.
    pub language: Option<Language>,
    /// 0 for most; each step counts as `Timing::ageing_ms` of waiting.
    pub priority: u8,
    /// Where people are asked for it, regions below these included; everywhere if empty. A line that settles its need is for whoever
    /// reaches it.
    pub regions: BTreeSet<RegionId>,
    /// On which channels people are asked for it; on all if empty.
    pub channels: BTreeSet<Channel>,
}

/// One step of the widening search.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ring {
    /// The centers whose counselors are asked in this step.
    pub centers: BTreeSet<CenterId>,
    /// How long somebody must have waited before they are; 0: at once. Never less than in the ring before.
    pub after_ms: u64,
    /// They are asked at once about everybody in the queue while fewer of its latest people than this were answered, in percent.
    pub below_answered_percent: Option<u8>,
}

/// How one queue is served.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Queue {
    /// Its rings, nearest first. Never empty in a checked plan.
    pub rings: Vec<Ring>,
    /// How long a counselor has to answer an offer.
    pub offer_ms: u64,
    /// How long a counselor has to write up.
    pub wrap_up_ms: u64,
}

/// A counselor or peer as the plan knows them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Member {
    /// Who employs them.
    pub center: CenterId,
    /// What they are trained for.
    pub skills: BTreeSet<SkillId>,
    /// What they speak.
    pub languages: BTreeSet<Language>,
    /// How many contacts at once, by channel; a channel that is absent is not theirs.
    pub capacity: BTreeMap<Channel, u32>,
    /// What makes them a peer; absent for a counselor.
    pub peer: Option<Peer>,
    /// What they must hold to be asked at all, and until when each is good.
    pub credentials: BTreeMap<String, Timestamp>,
}

/// A peer supporter, as the plan knows them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Peer {
    /// Which kinds of peer support they give.
    pub types: BTreeSet<PeerType>,
}

/// What a line does in writing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Texts {
    /// The automatic reply to a first message, by language; none where a language is absent.
    pub reply: BTreeMap<Language, String>,
    /// The survey: questions asked one after the other before the person is queued. May be empty.
    pub questions: Vec<Question>,
    /// Words that stand for a need when they are all a person writes, in capitals.
    pub keywords: BTreeMap<String, NeedId>,
    /// How long the whole survey may take, before the person is queued all the same.
    pub survey_ms: u64,
    /// How long a counselor who accepted has to write the first word.
    pub first_reply_ms: u64,
    /// How long nobody may write before the conversation goes to wrap-up; 0: never.
    pub idle_ms: u64,
    /// Whether somebody who writes after the end takes their conversation up again; otherwise they begin anew.
    pub reopens: bool,
    /// For how long after the end.
    pub reopen_ms: u64,
}

/// One question of the survey.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Question {
    /// The question, by language.
    pub words: BTreeMap<Language, String>,
    /// What a digit as an answer says about the need; anything else is for the counselor to read.
    pub choices: BTreeMap<u8, NeedId>,
}

/// The clocks of a warm handoff, all in milliseconds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Handoffs {
    /// To ask the person.
    pub consent_ms: u64,
    /// To reserve somebody.
    pub seek_ms: u64,
    /// For somebody to answer when asked.
    pub offer_ms: u64,
    /// To read the note.
    pub brief_ms: u64,
    /// For the one who joined to confirm.
    pub together_ms: u64,
    /// For whoever handed over to leave once the other has confirmed.
    pub leave_ms: u64,
}

/// What a plan without texts does.
static TEXTS: Texts = Texts {
    reply: BTreeMap::new(),
    questions: Vec::new(),
    keywords: BTreeMap::new(),
    survey_ms: 120_000,
    first_reply_ms: 90_000,
    idle_ms: 0,
    reopens: true,
    reopen_ms: 600_000,
};

/// The clocks of a plan without handoffs.
static HANDOFFS: Handoffs = Handoffs {
    consent_ms: 300_000,
    seek_ms: 180_000,
    offer_ms: 30_000,
    brief_ms: 120_000,
    together_ms: 1_800_000,
    leave_ms: 120_000,
};

impl Default for Texts {
    fn default() -> Self {
        TEXTS.clone()
    }
}

impl Default for Handoffs {
    fn default() -> Self {
        HANDOFFS.clone()
    }
}

/// What people call the parts of the plan on screens; a part that is not here is called by its id.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Names {
    /// Regions.
    pub regions: BTreeMap<RegionId, String>,
    /// Needs.
    pub needs: BTreeMap<NeedId, String>,
    /// Centers.
    pub centers: BTreeMap<CenterId, String>,
    /// Counselors and peers.
    pub members: BTreeMap<CounselorId, String>,
}

/// The clocks of the network, all in milliseconds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Timing {
    /// How long a person may think at the menu before they are queued for the default need.
    pub menu_ms: u64,
    /// How long a counselor's phone rings.
    pub ring_ms: u64,
    /// How long an answered leg may take to reach the room.
    pub join_ms: u64,
    /// How long a desk may be silent before the counselor has to say they are there.
    pub desk_grace_ms: u64,
    /// For how long a contact is not offered again to somebody who declined or missed it.
    pub rest_ms: u64,
    /// Waiting that one step of priority is worth (A of law L3).
    pub ageing_ms: u64,
    /// How long a closed contact stays in the hot state.
    pub closed_keep_ms: u64,
    /// For how long a carrier's id is remembered so that it makes no second contact (S12).
    pub external_keep_ms: u64,
    /// Whoever leaves sooner had no time to be answered, and says nothing about how a queue fares.
    pub short_abandon_ms: u64,
}

/// A whole network: one pool of counselors under one plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// Grows with every activation.
    pub version: u64,
    /// Which network it is for.
    pub network: NetworkId,
    /// Its clocks.
    pub timing: Timing,
    /// Its lines.
    pub lines: BTreeMap<LineId, Line>,
    /// Its regions.
    pub regions: BTreeMap<RegionId, Region>,
    /// The region of a North American area code.
    pub area_codes: BTreeMap<u16, RegionId>,
    /// Its needs.
    pub needs: BTreeMap<NeedId, Need>,
    /// Its queues.
    pub queues: BTreeMap<QueueKey, Queue>,
    /// Where a contact goes whose region or need cannot be resolved. A queue of the plan for each channel it serves.
    pub default_region: RegionId,
    /// The need of somebody who did not say.
    pub default_need: NeedId,
    /// The language of somebody who did not say.
    pub default_language: Language,
    /// Its centers.
    pub centers: BTreeSet<CenterId>,
    /// Its counselors and peers.
    pub members: BTreeMap<CounselorId, Member>,
    /// What it does in writing; absent in plans from before that.
    pub texts: Option<Texts>,
    /// The clocks of a handoff; absent in plans from before that.
    pub handoffs: Option<Handoffs>,
    /// Names for screens; absent in plans from before that.
    pub names: Option<Names>,
    /// When its centers are open; one that is absent always is.
    pub hours: BTreeMap<CenterId, Hours>,
}

/// Why a counselor is not asked, in the order the filters are applied.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Ruling {
    /// Not in the plan.
    NotInPlan,
    /// No ring of the queue has their center.
    OtherCenter,
    /// The ring that has their center, counted from 0, is not asked yet.
    RingNotAsked(u32),
    /// Not trained for something the need asks.
    LacksSkill(SkillId),
    /// Does not speak the language.
    LacksLanguage(Language),
    /// A peer, where counselors are asked; or a counselor, where peers are.
    OtherKind,
    /// Does not give the type of peer support that is asked for.
    LacksPeerType(PeerType),
    /// Their center gets nobody new for a while.
    CenterDraining,
    /// Their center is closed for a while.
    CenterClosed,
    /// Their center takes no such contacts at this hour.
    OutOfHours,
    /// A credential of theirs has run out.
    CredentialExpired(String),
    /// Has a part in this contact already.
    HasPart,
    /// Somebody else was asked for by name.
    NotWanted,
    /// The plan gives them no such channel.
    NoSuchChannel,
    /// Their desk is not there.
    NotConnected,
    /// On a break, in training, or not taking this channel.
    NotReady,
    /// All their slots are in use.
    AtCapacity,
    /// Declined or missed this contact a moment ago.
    Resting,
    /// A call to their phone that is to be ended may still come about: two people must never meet on one phone.
    PhoneInDoubt,
    /// Has somebody, and is kept for this contact, which came before and can only be taken with empty hands.
    KeptForEarlier(ContactId),
}

impl Plan {
    /// The queue that serves this need here, or in the nearest region above, or the default queue of the channel.
    ///
    /// None only where the plan has no default queue for the channel, which a checked plan never lacks for its lines.
    #[must_use]
    pub fn queue_for(&self, region: &RegionId, need: &NeedId, channel: Channel) -> Option<QueueKey> {
        let mut keys = self.with_parents(region).map(|it| QueueKey { region: it.clone(), need: need.clone(), channel });
        keys.find(|key| self.queues.contains_key(key)).or_else(|| self.default_queue(channel))
    }

    /// Where contacts of this channel go when nothing else fits.
    #[must_use]
    pub fn default_queue(&self, channel: Channel) -> Option<QueueKey> {
        let key = QueueKey { region: self.default_region.clone(), need: self.default_need.clone(), channel };
        if self.queues.contains_key(&key) {
            return Some(key);
        }
        self.queues.keys().find(|key| key.channel == channel).cloned()
    }

    /// Whether the plan allows this counselor in this queue and language, whatever they are doing now. Gives the ring.
    ///
    /// # Errors
    /// The first filter that rules them out.
    pub fn admits(&self, counselor: &CounselorId, queue: &QueueKey, language: &Language) -> Result<u32, Ruling> {
        self.admits_in(counselor, queue, queue, language)
    }

    /// The same where people of `queue` are searched for in the rings of another.
    pub(crate) fn admits_in(
        &self,
        counselor: &CounselorId,
        queue: &QueueKey,
        rings_of: &QueueKey,
        language: &Language,
    ) -> Result<u32, Ruling> {
        let member = self.members.get(counselor).ok_or(Ruling::NotInPlan)?;
        let rings = self.queues.get(rings_of).map_or(&[][..], |queue| &queue.rings);
        if member.peer.is_some() {
            return Err(Ruling::OtherKind);
        }
        let ring = rings.iter().position(|ring| ring.centers.contains(&member.center)).ok_or(Ruling::OtherCenter)?;
        if let Some(need) = self.needs.get(&queue.need)
            && let Some(missing) = need.skills.iter().find(|skill| !member.skills.contains(*skill))
        {
            return Err(Ruling::LacksSkill(missing.clone()));
        }
        if !member.languages.contains(language) {
            return Err(Ruling::LacksLanguage(language.clone()));
        }
        if !member.capacity.contains_key(&queue.channel) {
            return Err(Ruling::NoSuchChannel);
        }
        Ok(u32::try_from(ring).unwrap_or(u32::MAX))
    }

    /// Whether this counselor has more of a channel, or beside it, than they may.
    #[must_use]
    pub fn is_over(&self, counselor: &Counselor, channel: Channel) -> bool {
        let most = self.members.get(&counselor.id).and_then(|it| it.capacity.get(&channel).copied()).unwrap_or(0);
        let used = counselor.load.values().filter(|(used, _)| *used == channel).count();
        let exclusive = |used: Channel| used == Channel::Voice || channel == Channel::Voice;
        let beside = counselor.load.values().any(|(used, _)| *used != channel && exclusive(*used));
        beside || u32::try_from(used).map_or(true, |used| used > most)
    }

    /// Whether this counselor has a free slot for a channel now. Voice is exclusive: nobody talks and types at once.
    #[must_use]
    pub fn has_room(&self, counselor: &Counselor, channel: Channel) -> bool {
        let Some(member) = self.members.get(&counselor.id) else {
            return false;
        };
        let Some(most) = member.capacity.get(&channel) else {
            return false;
        };
        let exclusive = |used: Channel| used == Channel::Voice || channel == Channel::Voice;
        if counselor.load.values().any(|(used, _)| *used != channel && exclusive(*used)) {
            return false;
        }
        let used = counselor.load.values().filter(|(used, _)| *used == channel).count();
        u32::try_from(used).is_ok_and(|used| used < *most)
    }
}

impl Plan {
    /// Whether people of a region are offered a need on a channel: by a menu, a keyword or an answer.
    #[must_use]
    pub fn offers(&self, need: &NeedId, region: &RegionId, channel: Channel) -> bool {
        let Some(need) = self.needs.get(need) else { return false };
        let here = need.regions.is_empty() || self.with_parents(region).any(|it| need.regions.contains(it));
        here && (need.channels.is_empty() || need.channels.contains(&channel))
    }

    /// A region, and those above it.
    fn with_parents<'a>(&'a self, region: &'a RegionId) -> impl Iterator<Item = &'a RegionId> {
        let parent = |region: &&RegionId| self.regions.get(*region)?.parent.as_ref();
        // A tree has no more steps than regions; the bound keeps a damaged plan from looping.
        core::iter::successors(Some(region), parent).take(self.regions.len().saturating_add(1))
    }

    /// What the network does in writing.
    #[must_use]
    pub fn texts(&self) -> &Texts {
        self.texts.as_ref().unwrap_or(&TEXTS)
    }

    /// The clocks of a handoff.
    #[must_use]
    pub fn handoffs(&self) -> &Handoffs {
        self.handoffs.as_ref().unwrap_or(&HANDOFFS)
    }
}

impl Member {
    /// The first credential that has run out.
    #[must_use]
    pub fn expired(&self, now: Timestamp) -> Option<&str> {
        self.credentials.iter().find(|(_, good_until)| **good_until <= now).map(|(name, _)| name.as_str())
    }
}

/// A plan travels boxed: it is by far the largest thing an event can carry.
pub type BoxedPlan = Box<Plan>;
