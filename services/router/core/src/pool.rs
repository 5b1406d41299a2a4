//! Pools: members whom the plan treats alike, and where in each of them a counselor stands who could take somebody now.
//!
//! Whether somebody may be asked hangs on the plan, on themselves, and on the one contact (a rest, a note still to be written). The
//! first two are settled here once, when they change, so that a decision looks at people who could be asked and at nobody else. Who is
//! there at all, with somebody or not, is counted beside it: where nobody is, the search goes on to the next ring.

use crate::contact::Channel;
use crate::conversation::Acuity;
use crate::counselor::{Counselor, Presence};
use crate::id::{CenterId, ContactId, CounselorId, Language, PeerType, SkillId};
use crate::plan::{Member, Plan};
use crate::state::Parts;
use crate::time::Timestamp;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

/// Members of one plan who have the same center, skills, languages and capacity, and give the same peer support.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct PoolId(u32);

/// All that the plan says of a member but who they are and what they must hold.
type Alike<'a> = (
    &'a CenterId,
    &'a BTreeSet<SkillId>,
    &'a BTreeSet<Language>,
    &'a BTreeMap<Channel, u32>,
    Option<&'a BTreeSet<PeerType>>,
);

/// The pools of the plan in force.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Pools {
    of: BTreeMap<CounselorId, PoolId>,
    /// Somebody of each pool, who stands for all in it.
    one: Vec<CounselorId>,
}

impl Pools {
    pub(crate) fn of_plan(plan: &Plan) -> Self {
        let mut pools = Self::default();
        let mut known: BTreeMap<Alike<'_>, PoolId> = BTreeMap::new();
        for (id, it) in &plan.members {
            let peer = it.peer.as_ref().map(|peer| &peer.types);
            let alike = (&it.center, &it.skills, &it.languages, &it.capacity, peer);
            let pool = *known.entry(alike).or_insert_with(|| {
                pools.one.push(id.clone());
                PoolId(u32::try_from(pools.one.len().saturating_sub(1)).unwrap_or(u32::MAX))
            });
            pools.of.insert(id.clone(), pool);
        }
        pools
    }

    /// Each pool, and somebody who stands for it.
    pub(crate) fn all<'a>(&'a self, plan: &'a Plan) -> impl Iterator<Item = (PoolId, &'a CounselorId, &'a Member)> {
        self.one.iter().zip(0_u32..).filter_map(|(id, pool)| Some((PoolId(pool), id, plan.members.get(id)?)))
    }
}

/// The pools that may be asked about one class of contacts, and in which ring.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Rings {
    /// Nearest ring first.
    nearest: Vec<(u32, PoolId)>,
    /// By pool.
    by_pool: Vec<Option<u32>>,
    /// How many rings the class's own wait has opened, at least one.
    open: u32,
    /// How many there are.
    total: u32,
}

impl Rings {
    /// The pools that `ring` gives a ring. So many are open by the class's own wait, of so many.
    pub(crate) fn new(
        pools: &Pools,
        (open, total): (usize, usize),
        ring: impl Fn(&CounselorId) -> Option<u32>,
    ) -> Self {
        let count = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
        let by_pool: Vec<Option<u32>> = pools.one.iter().map(ring).collect();
        let mut nearest: Vec<(u32, PoolId)> =
            by_pool.iter().zip(0_u32..).filter_map(|(ring, pool)| Some(((*ring)?, PoolId(pool)))).collect();
        nearest.sort_unstable();
        Self { nearest, by_pool, open: count(open.max(1).min(total)), total: count(total) }
    }

    /// The ring of this pool, if it has one.
    pub(crate) fn ring_of(&self, pool: PoolId) -> Option<u32> {
        usize::try_from(pool.0).ok().and_then(|at| *self.by_pool.get(at)?)
    }

    /// How many rings the class's own wait has opened.
    pub(crate) const fn open(&self) -> u32 {
        self.open
    }

    /// How many rings there are.
    pub(crate) const fn total(&self) -> u32 {
        self.total
    }

    /// The pools of the first so many rings, nearest first.
    pub(crate) fn first(&self, rings: u32) -> &[(u32, PoolId)] {
        if rings >= self.total {
            return &self.nearest;
        }
        let end = self.nearest.partition_point(|(ring, _)| *ring < rings);
        self.nearest.get(..end).unwrap_or_default()
    }
}

/// A set of channels.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(crate) struct Channels(u8);

impl Channels {
    const ALL: Self = Self(u8::MAX);

    const fn bit(channel: Channel) -> u8 {
        match channel {
            Channel::Voice => 1,
            Channel::Text => 2,
            Channel::Chat => 4,
        }
    }

    pub(crate) const fn has(self, channel: Channel) -> bool {
        self.0 & Self::bit(channel) != 0
    }

    fn of(takes: impl Fn(Channel) -> bool) -> Self {
        let each = [Channel::Voice, Channel::Text, Channel::Chat].into_iter().filter(|it| takes(*it));
        Self(each.fold(0, |all, it| all | Self::bit(it)))
    }

    /// Each of them.
    fn each(self) -> impl Iterator<Item = Channel> {
        [Channel::Voice, Channel::Text, Channel::Chat].into_iter().filter(move |it| self.has(*it))
    }
}

/// What those who stand alike could take now.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Stand {
    /// Of which pool.
    pub pool: PoolId,
    /// Whether they have somebody.
    pub busy: bool,
    /// What they take beside whom they have. Never none.
    pub takes: Channels,
    /// What they would take with empty hands.
    pub would: Channels,
}

impl Stand {
    /// Everybody of a pool who has somebody, or who has nobody.
    pub(crate) const fn range(pool: PoolId, busy: bool) -> (Self, Self) {
        let first = Self { pool, busy, takes: Channels(0), would: Channels(0) };
        let last = Self { pool, busy, takes: Channels::ALL, would: Channels::ALL };
        (first, last)
    }

    /// Whether they could be asked about this, as far as that hangs on them.
    pub(crate) fn fits(&self, channel: Channel, acuity: Acuity) -> bool {
        match acuity {
            Acuity::Routine => self.takes.has(channel),
            Acuity::High => !self.busy && self.would.has(channel),
        }
    }
}

/// Somebody who could take somebody, in the order in which they are asked.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Free {
    pub idle_since: Timestamp,
    pub who: CounselorId,
    /// When the first of their credentials runs out.
    expires_at: Option<Timestamp>,
}

/// Somebody who is on shift and takes contacts, whether they have somebody or not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct There {
    pool: PoolId,
    /// What they take with empty hands. Never none.
    would: Channels,
    /// When the first of their credentials runs out.
    expires_at: Option<Timestamp>,
}

impl There {
    /// Whether this counselor is there, and for what. Somebody whose desk was lost a moment ago still is.
    pub(crate) fn of(parts: &Parts, pools: &Pools, counselor: &Counselor) -> Option<Self> {
        if counselor.presence == Presence::Offline || counselor.readiness_next.is_some() {
            return None;
        }
        let pool = *pools.of.get(&counselor.id)?;
        let member = parts.plan.as_ref()?.members.get(&counselor.id)?;
        let reachable = |it: Channel| it != Channel::Voice || counselor.audio.is_some();
        let would = Channels::of(|it| {
            let able = member.capacity.get(&it).is_some_and(|most| *most > 0) && reachable(it);
            able && counselor.readiness.takes(it) && parts.center_takes(&member.center, it).is_ok()
        });
        let is_there = would != Channels::default() && member.expired(parts.now).is_none();
        is_there.then(|| Self { pool, would, expires_at: member.credentials.values().min().copied() })
    }
}

impl Free {
    /// Whether they still hold what they must.
    pub(crate) fn is_good(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|at| at > now)
    }
}

/// In which order those who have somebody are kept: whose latest contact began the longest ago, with the fewest, longest idle.
pub(crate) type Turn = (Option<Timestamp>, usize, Timestamp, CounselorId);

/// Where one counselor stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Standing {
    pub stand: Stand,
    pub idle_since: Timestamp,
    /// When they were last offered one of those they have.
    pub latest: Option<Timestamp>,
    /// How many they have.
    pub load: usize,
    /// When the first of their credentials runs out.
    pub expires_at: Option<Timestamp>,
}

/// Who stands where: everybody whose desk is there and who could take somebody.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Standings {
    by_id: BTreeMap<CounselorId, Standing>,
    /// By stand, longest idle first.
    pub free: BTreeMap<Stand, BTreeSet<Free>>,
    /// Those of them who have somebody, in the order in which they are kept.
    pub turns: BTreeMap<Stand, BTreeSet<Turn>>,
    there: BTreeMap<CounselorId, There>,
    /// How many are there of each pool, for each channel. Never 0.
    counts: BTreeMap<(PoolId, Channel), u32>,
    /// Whose credentials run out when.
    expiring: BTreeSet<(Timestamp, CounselorId)>,
}

impl Standings {
    pub(crate) fn get(&self, id: &CounselorId) -> Option<&Standing> {
        self.by_id.get(id)
    }

    /// The same, with their id as it is kept here.
    pub(crate) fn get_key_value(&self, id: &CounselorId) -> Option<(&CounselorId, &Standing)> {
        self.by_id.get_key_value(id)
    }

    /// The stands of those of a pool who are free for this.
    pub(crate) fn fit(
        &self,
        pool: PoolId,
        channel: Channel,
        acuity: Acuity,
    ) -> impl Iterator<Item = (&Stand, &BTreeSet<Free>)> {
        let ((first, _), (_, last)) = (Stand::range(pool, false), Stand::range(pool, true));
        self.free.range(first..=last).filter(move |(stand, _)| stand.fits(channel, acuity))
    }

    /// Notes where somebody stands now; none if they can take nobody.
    pub(crate) fn put(&mut self, id: &CounselorId, now: Option<Standing>) {
        let was = self.by_id.get(id);
        if was == now.as_ref() {
            return;
        }
        if let Some(was) = self.by_id.remove(id) {
            remove(&mut self.free, &was.stand, &was.free(id));
            if was.stand.busy {
                remove(&mut self.turns, &was.stand, &was.turn(id));
            }
        }
        if let Some(now) = now {
            self.free.entry(now.stand).or_default().insert(now.free(id));
            if now.stand.busy {
                self.turns.entry(now.stand).or_default().insert(now.turn(id));
            }
            self.by_id.insert(id.clone(), now);
        }
    }

    /// Notes whether somebody is there now. Gives whether they were the last of their pool for a channel.
    pub(crate) fn put_there(&mut self, id: &CounselorId, now: Option<There>) -> bool {
        if self.there.get(id) == now.as_ref() {
            return false;
        }
        if let Some(now) = &now {
            self.count(now);
            self.expiring.extend(now.expires_at.map(|at| (at, id.clone())));
        }
        let was = match now {
            Some(now) => self.there.insert(id.clone(), now),
            None => self.there.remove(id),
        };
        let Some(was) = was else { return false };
        if let Some(at) = was.expires_at.filter(|at| self.there.get(id).is_none_or(|now| now.expires_at != Some(*at))) {
            self.expiring.remove(&(at, id.clone()));
        }
        self.uncount(&was)
    }

    fn count(&mut self, there: &There) {
        for channel in there.would.each() {
            let count = self.counts.entry((there.pool, channel)).or_default();
            *count = count.saturating_add(1);
        }
    }

    fn uncount(&mut self, there: &There) -> bool {
        let mut was_last = false;
        for channel in there.would.each() {
            let key = (there.pool, channel);
            let left = self.counts.get(&key).map_or(0, |count| count.saturating_sub(1));
            if left > 0 {
                self.counts.insert(key, left);
            } else {
                was_last |= self.counts.remove(&key).is_some();
            }
        }
        was_last
    }

    /// Whether anybody of a pool is there for a channel, with somebody or not.
    pub(crate) fn has_somebody(&self, pool: PoolId, channel: Channel) -> bool {
        self.counts.contains_key(&(pool, channel))
    }

    /// Takes out whoever's credential has run out by now. Gives whether somebody was the last of their pool.
    pub(crate) fn expire(&mut self, now: Timestamp) -> bool {
        let mut was_last = false;
        while let Some((_, id)) = self.expiring.first().filter(|(at, _)| *at <= now).cloned() {
            self.put(&id, None);
            was_last |= self.put_there(&id, None);
        }
        was_last
    }
}

fn remove<T: Ord>(all: &mut BTreeMap<Stand, BTreeSet<T>>, stand: &Stand, one: &T) {
    if let Some(people) = all.get_mut(stand) {
        people.remove(one);
        if people.is_empty() {
            all.remove(stand);
        }
    }
}

impl Standing {
    fn free(&self, id: &CounselorId) -> Free {
        Free { idle_since: self.idle_since, who: id.clone(), expires_at: self.expires_at }
    }

    fn turn(&self, id: &CounselorId) -> Turn {
        (self.latest, self.load, self.idle_since, id.clone())
    }

    /// Where this counselor, who is there, stands; none if they can take nobody. `in_doubt` is whether somebody may still be on their
    /// phone.
    pub(crate) fn of(parts: &Parts, there: &There, in_doubt: bool, counselor: &Counselor) -> Option<Self> {
        if counselor.presence != Presence::Connected {
            return None;
        }
        let plan = parts.plan.as_ref()?;
        let would = Channels::of(|it| there.would.has(it) && !(it == Channel::Voice && in_doubt));
        let contact = |id: &ContactId| parts.contacts.get(id);
        let heavy = counselor.load.keys().filter_map(contact).any(|it| it.acuity == Acuity::High);
        let takes = Channels::of(|it| !heavy && would.has(it) && plan.has_room(counselor, it));
        if takes == Channels::default() {
            return None;
        }
        let offered_at = |id: &ContactId| contact(id)?.offer.as_ref().map(|it| it.offered_at);
        Some(Self {
            stand: Stand { pool: there.pool, busy: !counselor.load.is_empty(), takes, would },
            idle_since: counselor.idle_since,
            latest: counselor.load.keys().filter_map(offered_at).max(),
            load: counselor.load.len(),
            expires_at: there.expires_at,
        })
    }
}
