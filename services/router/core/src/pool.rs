//! Pools: members whom the plan treats alike, and where in each of them a counselor stands who could take somebody now.
//!
//! Whether somebody may be asked hangs on the plan, on themselves, and on the one contact (a rest, a note still to be written). The
//! first two are settled here once, when they change, so that a decision looks at people who could be asked and at nobody else.

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
}

impl Rings {
    /// The pools that `ring` gives a ring.
    pub(crate) fn new(pools: &Pools, ring: impl Fn(&CounselorId) -> Option<u32>) -> Self {
        let by_pool: Vec<Option<u32>> = pools.one.iter().map(ring).collect();
        let mut nearest: Vec<(u32, PoolId)> =
            by_pool.iter().zip(0_u32..).filter_map(|(ring, pool)| Some(((*ring)?, PoolId(pool)))).collect();
        nearest.sort_unstable();
        Self { nearest, by_pool }
    }

    /// Whether this pool may be asked.
    pub(crate) fn have(&self, pool: PoolId) -> bool {
        usize::try_from(pool.0).ok().and_then(|at| self.by_pool.get(at)).is_some_and(Option::is_some)
    }

    /// The pools that may be asked, nearest ring first.
    pub(crate) fn nearest(&self) -> &[(u32, PoolId)] {
        &self.nearest
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
            if let Some(at) = was.expires_at {
                self.expiring.remove(&(at, id.clone()));
            }
        }
        if let Some(now) = now {
            self.free.entry(now.stand).or_default().insert(now.free(id));
            if now.stand.busy {
                self.turns.entry(now.stand).or_default().insert(now.turn(id));
            }
            if let Some(at) = now.expires_at {
                self.expiring.insert((at, id.clone()));
            }
            self.by_id.insert(id.clone(), now);
        }
    }

    /// Takes out whoever's credential has run out by now.
    pub(crate) fn expire(&mut self, now: Timestamp) {
        while let Some((_, id)) = self.expiring.first().filter(|(at, _)| *at <= now).cloned() {
            self.put(&id, None);
        }
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

    /// Where this counselor stands; none if they can take nobody. `in_doubt` is whether somebody may still be on their phone.
    pub(crate) fn of(parts: &Parts, pools: &Pools, in_doubt: bool, counselor: &Counselor) -> Option<Self> {
        if counselor.presence != Presence::Connected || counselor.readiness_next.is_some() {
            return None;
        }
        let plan = parts.plan.as_ref()?;
        let pool = *pools.of.get(&counselor.id)?;
        let member = plan.members.get(&counselor.id)?;
        if member.expired(parts.now).is_some() {
            return None;
        }
        let reachable = |it: Channel| it != Channel::Voice || (counselor.audio.is_some() && !in_doubt);
        let would = Channels::of(|it| {
            counselor.readiness.takes(it) && reachable(it) && member.capacity.get(&it).is_some_and(|most| *most > 0)
        });
        let contact = |id: &ContactId| parts.contacts.get(id);
        let heavy = counselor.load.keys().filter_map(contact).any(|it| it.acuity == Acuity::High);
        let takes = Channels::of(|it| !heavy && would.has(it) && plan.has_room(counselor, it));
        if takes == Channels::default() {
            return None;
        }
        let offered_at = |id: &ContactId| contact(id)?.offer.as_ref().map(|it| it.offered_at);
        Some(Self {
            stand: Stand { pool, busy: !counselor.load.is_empty(), takes, would },
            idle_since: counselor.idle_since,
            latest: counselor.load.keys().filter_map(offered_at).max(),
            load: counselor.load.len(),
            expires_at: member.credentials.values().min().copied(),
        })
    }
}
