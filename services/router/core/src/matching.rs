//! Finding the next offer: the contact with the smallest place that somebody can take, and of those whoever talked with the person a
//! little while ago, or the longest idle in the nearest ring.
//!
//! A match can only appear where the last record touched something, so only that is looked at; after a restart or a new plan
//! everything counts as touched. Nothing here looks at everybody who waits, or at everybody who is free.

use crate::contact::{Contact, ContactState, Place};
use crate::event::Event;
use crate::handoff::{Handoff, HandoffState, Toward};
use crate::id::{ContactId, CounselorId};
use crate::index::{Waiting, class_of};
use crate::kept::Kept;
use crate::plan::Plan;
use crate::policy::{
    POLICY_VERSION, can_take_over, could_be_asked, eligible, like_them_could_take_over, needs_empty_hands,
};
use crate::pool::{Free, Stand, Standing};
use crate::state::{Class, State};
use crate::time::Timestamp;
use alloc::collections::{BTreeSet, btree_set};
use alloc::vec::Vec;
use core::cell::OnceCell;

/// Up to this many touched contacts and counselors are looked at one by one; beyond (a restart, a new plan), and where a ring has
/// opened for everybody, every class is, which finds the same matches.
const TOUCHED_MAX: usize = 64;

/// The first of a class that was not looked at yet, and those after it.
type Front<'a> = (&'a (Place, ContactId), btree_set::Iter<'a, (Place, ContactId)>);

/// One search for the next offer.
struct Search<'a> {
    state: &'a State,
    plan: &'a Plan,
    now: Timestamp,
    /// Found only where somebody who has somebody is about to get another.
    kept: OnceCell<Kept>,
}

fn next_attempt(contact: &Contact) -> u32 {
    contact.offer.as_ref().map_or(0, |offer| offer.attempt).max(contact.attempts).saturating_add(1)
}

impl State {
    /// The next offer to make, if there is one. Nothing is left to offer when this gives none (L1).
    pub(crate) fn next_offer(&self, now: Timestamp) -> Option<Event> {
        let plan = self.plan()?;
        let search = Search { state: self, plan, now, kept: OnceCell::new() };
        // Somebody who is talking and has been promised company goes before those who wait: whoever they are with is held up.
        if let Some(offer) = search.next_peer_offer() {
            return Some(offer);
        }
        if self.index.waiting_count == 0 || self.index.standings.free.is_empty() {
            return None;
        }
        let (place, contact, counselor, ring) = search.best()?;
        let queue = plan.queues.get(contact.queue.as_ref()?)?;
        Some(Event::ContactOffered {
            contact: contact.id,
            attempt: next_attempt(contact),
            counselor,
            deadline: now.plus_ms(queue.offer_ms),
            ring,
            place,
            plan_version: plan.version,
            policy_version: POLICY_VERSION,
        })
    }

    fn has_touched_much(&self) -> bool {
        self.touched.search || self.touched.contacts.len().saturating_add(self.touched.counselors.len()) > TOUCHED_MAX
    }

    /// Counselors who were touched and could take somebody, and where they stand.
    fn touched_free(&self, now: Timestamp) -> impl Iterator<Item = (&CounselorId, &Stand)> {
        let standing = |id| Some((id, self.index.standings.get(id)?));
        let good = move |(_, it): &(_, &Standing)| it.expires_at.is_none_or(|at| at > now);
        self.touched.counselors.iter().filter_map(standing).filter(good).map(|(id, it)| (id, &it.stand))
    }
}

impl<'a> Search<'a> {
    /// The pair to offer next.
    fn best(&self) -> Option<(Place, &'a Contact, CounselorId, u32)> {
        let mut candidates: Vec<(Place, ContactId)> = Vec::new();
        if self.state.has_touched_much() {
            candidates.extend(self.state.index.waiting.iter().filter_map(|(class, it)| self.first_in(class, it)));
        } else {
            candidates.extend(self.state.touched.contacts.iter().filter_map(|id| self.waiting_place(*id)));
            candidates.extend(self.state.touched_free(self.now).filter_map(|(id, stand)| self.first_for(id, stand)));
            // Whoever was kept is free again when the contact before has gone, which touches only that one.
            if !self.state.index.standings.turns.is_empty() {
                let written = self.state.index.waiting.iter();
                let written = written.filter(|(class, _)| !needs_empty_hands(class.queue.channel, class.acuity));
                candidates.extend(written.filter_map(|(class, it)| self.first_in(class, it)));
            }
        }
        candidates.sort_unstable();
        candidates.dedup();
        candidates.into_iter().find_map(|(place, id)| {
            let contact = self.state.contact(id)?;
            let (class, waiting) = self.state.index.waiting.get_key_value(&class_of(contact)?)?;
            let may = |who: &CounselorId| could_be_asked(contact, who, self.now);
            let known = self.known(class, waiting, contact, place);
            let (who, ring) = known.or_else(|| self.longest_idle(class, waiting, (place, id), may))?;
            debug_assert_eq!(eligible(self.state, self.plan, contact, who, self.now), Ok(ring), "the index is wrong");
            Some((place, contact, who.clone(), ring))
        })
    }

    fn waiting_place(&self, id: ContactId) -> Option<(Place, ContactId)> {
        let contact = self.state.contact(id).filter(|it| it.state == ContactState::Waiting)?;
        Some((contact.place?, id))
    }

    fn is_kept_before(&self, who: &CounselorId, place: (Place, ContactId)) -> bool {
        let kept = self.kept.get_or_init(|| Kept::find(self.state, self.now));
        kept.earlier(who, place).is_some()
    }

    /// Whoever talked with the person a little while ago, if they are asked and free: nobody has to tell their story twice because a
    /// line broke.
    fn known(
        &self,
        class: &Class,
        waiting: &Waiting,
        contact: &'a Contact,
        place: Place,
    ) -> Option<(&'a CounselorId, u32)> {
        let free = |who: &CounselorId| {
            let standing = self.state.index.standings.get(who)?;
            let Standing { stand, expires_at, .. } = standing;
            let good = expires_at.is_none_or(|at| at > self.now) && could_be_asked(contact, who, self.now);
            let fits = stand.fits(class.queue.channel, class.acuity) && self.state.asks(class, waiting, stand.pool);
            let kept = stand.busy && self.is_kept_before(who, (place, contact.id));
            (good && fits && !kept).then(|| waiting.rings.ring_of(stand.pool)).flatten()
        };
        self.state.talked_with(contact).find_map(|who| Some((who, free(who)?)))
    }

    /// The nearest ring first, and in it whoever has been idle longest, of those who stand free and may.
    fn longest_idle(
        &self,
        class: &Class,
        waiting: &'a Waiting,
        place: (Place, ContactId),
        may: impl Fn(&CounselorId) -> bool,
    ) -> Option<(&'a CounselorId, u32)> {
        let now = self.now;
        let (channel, acuity) = (class.queue.channel, class.acuity);
        for ring in self.state.pools_asked(class, waiting).chunk_by(|(one, _), (other, _)| one == other) {
            let stands = ring.iter().flat_map(|(_, pool)| self.state.index.standings.fit(*pool, channel, acuity));
            let first = |(stand, people): (&Stand, &'a BTreeSet<Free>)| {
                let able = |it: &&Free| {
                    it.is_good(now) && may(&it.who) && !(stand.busy && self.is_kept_before(&it.who, place))
                };
                people.iter().find(able)
            };
            if let (Some(first), Some((ring, _))) = (stands.filter_map(first).min(), ring.first()) {
                return Some((&first.who, *ring));
            }
        }
        None
    }

    /// The first of a class whom somebody can take. Goes on only while somebody is there who must not be asked about those before.
    fn first_in(&self, class: &Class, waiting: &'a Waiting) -> Option<(Place, ContactId)> {
        for (place, id) in &waiting.places {
            let at = (*place, *id);
            self.longest_idle(class, waiting, at, |_| true)?;
            let contact = self.state.contact(*id)?;
            let may = |who: &CounselorId| could_be_asked(contact, who, self.now);
            if self.longest_idle(class, waiting, at, may).is_some() {
                return Some(at);
            }
        }
        None
    }

    /// The contact that has waited longest, by its place, among those this counselor may be asked about.
    fn first_for(&self, id: &CounselorId, stand: &Stand) -> Option<(Place, ContactId)> {
        let fits = |class: &Class| stand.fits(class.queue.channel, class.acuity);
        let waiting = self.state.index.waiting.iter();
        let classes = waiting.filter(|(class, it)| fits(class) && self.state.asks(class, it, stand.pool));
        let mut fronts: Vec<Front<'_>> = classes
            .filter_map(|(_, it)| {
                let mut places = it.places.iter();
                Some((places.next()?, places))
            })
            .collect();
        loop {
            let nearest = fronts.iter_mut().min_by_key(|(front, _)| **front)?;
            let at = *nearest.0;
            if stand.busy && self.is_kept_before(id, at) {
                return None;
            }
            if self.state.contact(at.1).is_some_and(|it| could_be_asked(it, id, self.now)) {
                return Some(at);
            }
            match nearest.1.next() {
                Some(next) => nearest.0 = next,
                None => fronts.retain(|(front, _)| **front != at),
            }
        }
    }

    /// The next person to ask to take over, if a handoff looks for one: whoever has been idle longest.
    fn next_peer_offer(&self) -> Option<Event> {
        let seeking = &self.state.index.seeking;
        if seeking.is_empty() || !self.state.has_more_to_offer() {
            return None;
        }
        let much = self.state.has_touched_much();
        let free: Vec<&CounselorId> = self.state.touched_free(self.now).map(|(id, _)| id).take(TOUCHED_MAX).collect();
        let kind = |id: &CounselorId| match self.plan.members.get(id)?.peer {
            Some(_) => Some(Toward::Peer),
            None => Some(Toward::Counselor),
        };
        let mut all: Vec<(Timestamp, ContactId)> = Vec::new();
        for (toward, theirs) in seeking {
            if much || free.iter().any(|id| kind(id) == Some(*toward)) {
                all.extend(theirs);
            } else {
                all.extend(self.state.touched.contacts.iter().filter_map(|id| self.seeks(*id, *toward)));
            }
        }
        all.sort_unstable();
        all.into_iter().find_map(|(_, id)| {
            let contact = self.state.contact(id)?;
            let handoff = contact.open_handoff()?;
            let anybody = much || self.state.touched.contacts.contains(&id);
            let peer =
                if anybody { self.who_takes_over(contact, handoff) } else { self.one_of(&free, contact, handoff) };
            Some(Event::PeerOffered {
                contact: id,
                attempt: next_attempt(contact),
                peer: peer?.clone(),
                deadline: self.now.plus_ms(self.plan.handoffs().offer_ms),
                plan_version: self.plan.version,
                policy_version: POLICY_VERSION,
            })
        })
    }

    /// Since when a contact looks for somebody of this kind, if it does and asks nobody.
    fn seeks(&self, id: ContactId, toward: Toward) -> Option<(Timestamp, ContactId)> {
        let handoff = self.state.contact(id)?.open_handoff()?;
        let seeks = handoff.state == HandoffState::Seeking && handoff.open_offer().is_none();
        (seeks && handoff.toward == toward).then_some((handoff.since, id))
    }

    fn takes_over(&self, contact: &Contact, handoff: &Handoff, who: &CounselorId) -> bool {
        can_take_over(self.state, self.plan, contact, handoff, who, self.now).is_ok()
    }

    /// Of these, whoever has been idle longest.
    fn one_of(&self, free: &[&'a CounselorId], contact: &Contact, handoff: &Handoff) -> Option<&'a CounselorId> {
        let able = free.iter().copied().filter(|who| self.takes_over(contact, handoff, who));
        able.min_by_key(|who| (self.state.index.standings.get(who).map(|it| it.idle_since), *who))
    }

    /// Of everybody, whoever has been idle longest.
    fn who_takes_over(&self, contact: &Contact, handoff: &Handoff) -> Option<&'a CounselorId> {
        let index = &self.state.index;
        if let Some(wanted) = &handoff.wish.wanted {
            let (who, _) = index.standings.get_key_value(wanted)?;
            return self.takes_over(contact, handoff, who).then_some(who);
        }
        let pools = index.pools.all(self.plan);
        let like = pools
            .filter(|(.., member)| like_them_could_take_over(member, contact, handoff.toward, &handoff.wish).is_ok());
        let stands = like.flat_map(|(pool, ..)| index.standings.fit(pool, contact.channel, contact.acuity));
        let first =
            stands.filter_map(|(_, people)| people.iter().find(|it| self.takes_over(contact, handoff, &it.who)));
        first.min().map(|it| &it.who)
    }
}
