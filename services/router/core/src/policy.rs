//! Who is offered to whom: the one place where a contact meets a counselor.
//!
//! Hard filters first (plan, presence, readiness, capacity, rest), then the contact with the smallest place, then the
//! counselor of the nearest ring who has been idle longest. A match can only appear where the last record touched something, so only that is
//! looked at; after a restart or a new plan everything counts as touched.
//!
//! L3': whoever can only be taken with empty hands (a caller, somebody at high risk) does not starve behind later texts. One
//! counselor for each of them is kept: they get nobody later, and are free once the conversations they have are over.

use crate::contact::{Channel, Contact, ContactState, Place};
use crate::conversation::Acuity;
use crate::counselor::{Counselor, Presence};
use crate::event::Event;
use crate::handoff::{Handoff, Toward, Wish};
use crate::id::{ContactId, CounselorId};
use crate::plan::{Plan, Ruling};
use crate::state::State;
use crate::time::Timestamp;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// The version of these rules, recorded in every offer so that the past can be explained.
pub const POLICY_VERSION: u32 = 3;

/// Up to this many touched contacts are looked at one by one; beyond (a restart, a new plan) every free counselor is, which finds
/// the same matches: each has a free counselor in it.
const TOUCHED_CONTACTS_MAX: usize = 64;

/// Whether this counselor may be asked about this contact now, and in which ring.
///
/// # Errors
/// The first filter that rules them out.
pub fn eligible(
    state: &State,
    plan: &Plan,
    contact: &Contact,
    id: &CounselorId,
    now: Timestamp,
) -> Result<u32, Ruling> {
    suits(state, plan, contact, id, now, Hands::AsTheyAre)
}

/// With which load somebody is considered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hands {
    /// With what they have.
    AsTheyAre,
    /// As if they had nobody.
    Empty,
}

fn suits(
    state: &State,
    plan: &Plan,
    contact: &Contact,
    id: &CounselorId,
    now: Timestamp,
    hands: Hands,
) -> Result<u32, Ruling> {
    let queue = contact.queue.as_ref().ok_or(Ruling::NotInPlan)?;
    let ring = plan.admits(id, queue, &contact.language)?;
    if let Some(credential) = plan.members.get(id).and_then(|it| it.expired(now)) {
        return Err(Ruling::CredentialExpired(credential.into()));
    }
    // They handed it over and still write up.
    if contact.writing_up.contains_key(id) {
        return Err(Ruling::HasPart);
    }
    can_take(state, plan, contact, id, hands)?;
    if contact.rested.get(id).is_some_and(|until| *until > now) {
        return Err(Ruling::Resting);
    }
    Ok(ring)
}

/// What both ways of being asked have in common: their desk is there, they take this channel, they have room and a phone that
/// nobody else may be on.
fn can_take(state: &State, plan: &Plan, contact: &Contact, id: &CounselorId, hands: Hands) -> Result<(), Ruling> {
    let counselor = state.counselor(id).ok_or(Ruling::NotConnected)?;
    if counselor.presence != Presence::Connected {
        return Err(Ruling::NotConnected);
    }
    let reachable = contact.channel != Channel::Voice || counselor.audio.is_some();
    if !counselor.readiness.takes(contact.channel) || counselor.readiness_next.is_some() || !reachable {
        return Err(Ruling::NotReady);
    }
    let full = match hands {
        Hands::AsTheyAre => !plan.has_room(counselor, contact.channel) || is_heavy(state, counselor, contact),
        Hands::Empty => plan.members.get(id).and_then(|it| it.capacity.get(&contact.channel)).is_none_or(|it| *it == 0),
    };
    if full {
        return Err(Ruling::AtCapacity);
    }
    if contact.channel == Channel::Voice && state.index.dropping.contains_key(id) {
        return Err(Ruling::PhoneInDoubt);
    }
    Ok(())
}

/// One at a time where one of them carries high risk (R8): whoever has such a contact takes no other, and it goes only to
/// somebody who has none.
fn is_heavy(state: &State, counselor: &Counselor, contact: &Contact) -> bool {
    let high = |id: &ContactId| state.contact(*id).is_some_and(|it| it.acuity == Acuity::High);
    !counselor.load.is_empty() && (contact.acuity == Acuity::High || counselor.load.keys().any(high))
}

/// Which counselors who have somebody are kept for a contact that came before: they get nobody who came after it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Kept(BTreeMap<CounselorId, (Place, ContactId)>);

impl Kept {
    /// Who is kept for whom now: at most one for each contact that only somebody with empty hands could take and nobody can.
    ///
    /// Costs nothing unless somebody who has a conversation has room for another while people wait, which L1 makes rare: those
    /// who wait then are callers, at high risk or resting. Then it reads the waiting contacts of every class up to as many
    /// as there are such counselors, and asks of each who could take it.
    #[must_use]
    pub fn find(state: &State, plan: &Plan, now: Timestamp) -> Self {
        let mut kept = Self::default();
        if state.index.waiting.is_empty() {
            return kept;
        }
        let busy: Vec<&Counselor> = state.busy_with_room().collect();
        if busy.is_empty() {
            return kept;
        }
        for (place, contact) in state.barred(plan, &busy, now) {
            let able = busy.iter().filter(|it| {
                !kept.0.contains_key(&it.id) && suits(state, plan, contact, &it.id, now, Hands::Empty).is_ok()
            });
            let best = able.min_by_key(|it| (has_later(state, it, contact), it.load.len(), it.idle_since, &it.id));
            if let Some(counselor) = best {
                kept.0.insert(counselor.id.clone(), (place, contact.id));
            }
            if kept.0.len() == busy.len() {
                break;
            }
        }
        kept
    }

    /// Whether this counselor is kept for somebody who came before this contact.
    ///
    /// # Errors
    /// For whom.
    pub fn allows(&self, id: &CounselorId, contact: &Contact) -> Result<(), Ruling> {
        match (self.0.get(id), contact.place) {
            (Some((earlier, whom)), Some(place)) if (*earlier, *whom) < (place, contact.id) => {
                Err(Ruling::KeptForEarlier(*whom))
            }
            _ => Ok(()),
        }
    }
}

/// Whether they have been offered somebody since this contact was queued. Those who have not are kept first, so that nobody waits
/// for a conversation that began after them.
fn has_later(state: &State, counselor: &Counselor, contact: &Contact) -> bool {
    let offered_at = |id: &ContactId| state.contact(*id)?.offer.as_ref().map(|it| it.offered_at);
    counselor.load.keys().any(|id| offered_at(id) > contact.enqueued_at)
}

/// Whether only somebody who has nobody else may take this contact.
fn needs_empty_hands(contact: &Contact) -> bool {
    contact.channel == Channel::Voice || contact.acuity == Acuity::High
}

/// Whether the plan lets somebody take this contact over in a handoff, whatever they are doing now.
///
/// # Errors
/// The first filter that rules them out.
pub fn could_take_over(
    plan: &Plan,
    contact: &Contact,
    toward: Toward,
    wish: &Wish,
    id: &CounselorId,
    now: Timestamp,
) -> Result<(), Ruling> {
    let member = plan.members.get(id).ok_or(Ruling::NotInPlan)?;
    match (&member.peer, toward) {
        (Some(peer), Toward::Peer) => {
            if let Some(wanted) = wish.peer_type.as_ref().filter(|it| !peer.types.contains(*it)) {
                return Err(Ruling::LacksPeerType(wanted.clone()));
            }
        }
        (None, Toward::Counselor) => {}
        (Some(_), Toward::Counselor) | (None, Toward::Peer) => return Err(Ruling::OtherKind),
    }
    if wish.wanted.as_ref().is_some_and(|wanted| wanted != id) {
        return Err(Ruling::NotWanted);
    }
    if let Some(missing) = wish.skills.iter().find(|it| !member.skills.contains(*it)) {
        return Err(Ruling::LacksSkill(missing.clone()));
    }
    if !member.languages.contains(&contact.language) {
        return Err(Ruling::LacksLanguage(contact.language.clone()));
    }
    if !member.capacity.contains_key(&contact.channel) {
        return Err(Ruling::NoSuchChannel);
    }
    if let Some(credential) = member.expired(now) {
        return Err(Ruling::CredentialExpired(credential.into()));
    }
    if contact.holder.as_ref() == Some(id) {
        return Err(Ruling::HasPart);
    }
    Ok(())
}

/// Whether somebody may be asked now to take this contact over.
///
/// # Errors
/// The first filter that rules them out.
pub fn can_take_over(
    state: &State,
    plan: &Plan,
    contact: &Contact,
    handoff: &Handoff,
    id: &CounselorId,
    now: Timestamp,
) -> Result<(), Ruling> {
    could_take_over(plan, contact, handoff.toward, &handoff.wish, id, now)?;
    if state.counselor(id).is_some_and(|it| it.load.contains_key(&contact.id)) {
        return Err(Ruling::HasPart);
    }
    can_take(state, plan, contact, id, Hands::AsTheyAre)?;
    if handoff.rested.get(id).is_some_and(|until| *until > now) {
        return Err(Ruling::Resting);
    }
    Ok(())
}

fn next_attempt(contact: &Contact) -> u32 {
    contact.offer.as_ref().map_or(0, |offer| offer.attempt).max(contact.attempts).saturating_add(1)
}

impl State {
    /// The next offer to make, if there is one. Nothing is left to offer when this gives none (L1).
    pub(crate) fn next_offer(&self, now: Timestamp) -> Option<Event> {
        let plan = self.plan()?;
        // Somebody who is talking and has been promised company goes before those who wait: whoever they are with is held up.
        if let Some(offer) = self.next_peer_offer(plan, now) {
            return Some(offer);
        }
        if self.index.waiting.is_empty() || self.index.free.is_empty() {
            return None;
        }
        let kept = Kept::find(self, plan, now);
        let mut candidates: Vec<(Place, ContactId)> = if self.touched.contacts.len() <= TOUCHED_CONTACTS_MAX {
            let by_contact = self.touched.contacts.iter().filter_map(|id| self.waiting_place(*id));
            // Whoever was kept is free again when the contact before has gone, which touches only that one.
            let busy = self.busy_with_room().map(|it| &it.id);
            let by_counselor = self.touched.counselors.iter().chain(busy);
            by_contact.chain(self.first_for_each(plan, &kept, by_counselor, now)).collect()
        } else {
            self.first_for_each(plan, &kept, self.index.free.iter().map(|(_, id)| id), now).collect()
        };
        candidates.sort_unstable();
        candidates.dedup();
        candidates.into_iter().find_map(|(place, id)| {
            let contact = self.contact(id)?;
            let (counselor, ring) = self.longest_idle_for(plan, &kept, contact, now)?;
            let queue = plan.queues.get(contact.queue.as_ref()?)?;
            Some(Event::ContactOffered {
                contact: id,
                attempt: next_attempt(contact),
                counselor,
                deadline: now.plus_ms(queue.offer_ms),
                ring,
                place,
                plan_version: plan.version,
                policy_version: POLICY_VERSION,
            })
        })
    }

    /// The next person to ask to take over, if a handoff looks for one: whoever has been idle longest.
    fn next_peer_offer(&self, plan: &Plan, now: Timestamp) -> Option<Event> {
        if self.index.seeking.is_empty() || !self.has_more_to_offer() {
            return None;
        }
        self.index.seeking.iter().find_map(|(_, id)| {
            let contact = self.contact(*id)?;
            let handoff = contact.open_handoff()?;
            let able = |who: &CounselorId| can_take_over(self, plan, contact, handoff, who, now).is_ok();
            let peer = self.index.free.iter().map(|(_, who)| who).find(|who| able(who))?;
            Some(Event::PeerOffered {
                contact: *id,
                attempt: next_attempt(contact),
                peer: peer.clone(),
                deadline: now.plus_ms(plan.handoffs().offer_ms),
                plan_version: plan.version,
                policy_version: POLICY_VERSION,
            })
        })
    }

    fn first_for_each<'a>(
        &'a self,
        plan: &'a Plan,
        kept: &'a Kept,
        counselors: impl Iterator<Item = &'a CounselorId> + 'a,
        now: Timestamp,
    ) -> impl Iterator<Item = (Place, ContactId)> + 'a {
        counselors.filter_map(|id| self.counselor(id)).filter_map(move |it| self.first_for(plan, kept, it, now))
    }

    /// Counselors who have somebody and room for another.
    fn busy_with_room(&self) -> impl Iterator<Item = &Counselor> {
        self.index.free.iter().filter_map(|(_, id)| self.counselor(id)).filter(|it| !it.load.is_empty())
    }

    /// In the order of their places, those who wait for somebody with empty hands, whom nobody can take now and one of these could
    /// if they had nobody. Of each class no more than there are counselors to keep.
    fn barred<'a>(
        &'a self,
        plan: &Plan,
        busy: &[&Counselor],
        now: Timestamp,
    ) -> impl Iterator<Item = (Place, &'a Contact)> {
        let able = |it: &Contact, hands| busy.iter().any(|who| suits(self, plan, it, &who.id, now, hands).is_ok());
        let taken = |it: &Contact| {
            let mut free = self.index.free.iter();
            free.any(|(_, who)| eligible(self, plan, it, who, now).is_ok())
        };
        let mut barred = Vec::new();
        for (class, places) in &self.index.waiting {
            let admitted = |it: &&&Counselor| {
                plan.admits(&it.id, &class.queue, &class.language).is_ok() && it.readiness.takes(class.queue.channel)
            };
            if busy.iter().find(admitted).is_none() {
                continue;
            }
            let contacts = places.iter().filter_map(|(place, id)| Some((*place, self.contact(*id)?)));
            let theirs = contacts.filter(|(_, it)| needs_empty_hands(it) && able(it, Hands::Empty) && !taken(it));
            barred.extend(theirs.take(busy.len()));
        }
        barred.sort_unstable_by_key(|(place, it)| (*place, it.id));
        barred.into_iter()
    }

    fn waiting_place(&self, id: ContactId) -> Option<(Place, ContactId)> {
        let contact = self.contact(id).filter(|it| it.state == ContactState::Waiting)?;
        Some((contact.place?, id))
    }

    /// The contact that has waited longest, by its place, among those this counselor may be asked about.
    fn first_for(&self, plan: &Plan, kept: &Kept, counselor: &Counselor, now: Timestamp) -> Option<(Place, ContactId)> {
        if !self.index.free.contains(&(counselor.idle_since, counselor.id.clone())) {
            return None;
        }
        self.index
            .waiting
            .iter()
            .filter(|(class, _)| plan.has_room(counselor, class.queue.channel))
            .filter(|(class, _)| plan.admits(&counselor.id, &class.queue, &class.language).is_ok())
            .filter_map(|(_, places)| {
                places.iter().find(|(_, id)| {
                    self.contact(*id).is_some_and(|it| {
                        eligible(self, plan, it, &counselor.id, now).is_ok() && kept.allows(&counselor.id, it).is_ok()
                    })
                })
            })
            .min()
            .copied()
    }

    /// The nearest ring first, and in it whoever has been idle longest.
    fn longest_idle_for(
        &self,
        plan: &Plan,
        kept: &Kept,
        contact: &Contact,
        now: Timestamp,
    ) -> Option<(CounselorId, u32)> {
        let mut best: Option<(&CounselorId, u32)> = None;
        for (_, id) in &self.index.free {
            let Ok(ring) = eligible(self, plan, contact, id, now) else { continue };
            if kept.allows(id, contact).is_err() {
                continue;
            }
            if best.is_none_or(|(_, nearest)| ring < nearest) {
                best = Some((id, ring));
            }
            if ring == 0 {
                break;
            }
        }
        best.map(|(id, ring)| (id.clone(), ring))
    }
}
