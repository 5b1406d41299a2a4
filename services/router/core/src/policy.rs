//! Who is offered to whom: the one place where a contact meets a counselor.
//!
//! Hard filters first (plan, presence, readiness, capacity, rest), then the contact with the smallest place, then the
//! counselor of the nearest ring who has been idle longest. A match can only appear where the last record touched something, so only that is
//! looked at; after a restart or a new plan everything counts as touched.

use crate::contact::{Channel, Contact, ContactState, Place};
use crate::counselor::{Counselor, Presence};
use crate::event::Event;
use crate::id::{ContactId, CounselorId};
use crate::plan::{Plan, Ruling};
use crate::state::State;
use crate::time::Timestamp;
use alloc::vec::Vec;

/// The version of these rules, recorded in every offer so that the past can be explained.
pub const POLICY_VERSION: u32 = 1;

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
    let queue = contact.queue.as_ref().ok_or(Ruling::NotInPlan)?;
    let ring = plan.admits(id, queue, &contact.language)?;
    let counselor = state.counselor(id).ok_or(Ruling::NotConnected)?;
    if counselor.presence != Presence::Connected {
        return Err(Ruling::NotConnected);
    }
    let reachable = contact.channel != Channel::Voice || counselor.audio.is_some();
    if !counselor.readiness.takes(contact.channel) || counselor.readiness_next.is_some() || !reachable {
        return Err(Ruling::NotReady);
    }
    if !plan.has_room(counselor, contact.channel) {
        return Err(Ruling::AtCapacity);
    }
    if contact.channel == Channel::Voice && state.index.dropping.contains_key(id) {
        return Err(Ruling::PhoneInDoubt);
    }
    if contact.is_resting(counselor, now) {
        return Err(Ruling::Resting);
    }
    Ok(ring)
}

impl State {
    /// The next offer to make, if there is one. Nothing is left to offer when this gives none (L1).
    pub(crate) fn next_offer(&self, now: Timestamp) -> Option<Event> {
        let plan = self.plan()?;
        if self.index.waiting.is_empty() || self.index.free.is_empty() {
            return None;
        }
        let mut candidates: Vec<(Place, ContactId)> = if self.touched.contacts.len() <= TOUCHED_CONTACTS_MAX {
            let by_contact = self.touched.contacts.iter().filter_map(|id| self.waiting_place(*id));
            by_contact.chain(self.first_for_each(plan, self.touched.counselors.iter(), now)).collect()
        } else {
            self.first_for_each(plan, self.index.free.iter().map(|(_, id)| id), now).collect()
        };
        candidates.sort_unstable();
        candidates.dedup();
        candidates.into_iter().find_map(|(place, id)| {
            let contact = self.contact(id)?;
            let (counselor, ring) = self.longest_idle_for(plan, contact, now)?;
            let queue = plan.queues.get(contact.queue.as_ref()?)?;
            Some(Event::ContactOffered {
                contact: id,
                attempt: contact.offer.as_ref().map_or(0, |offer| offer.attempt).saturating_add(1),
                counselor,
                deadline: now.plus_ms(queue.offer_ms),
                ring,
                place,
                plan_version: plan.version,
                policy_version: POLICY_VERSION,
            })
        })
    }

    fn first_for_each<'a>(
        &'a self,
        plan: &'a Plan,
        counselors: impl Iterator<Item = &'a CounselorId> + 'a,
        now: Timestamp,
    ) -> impl Iterator<Item = (Place, ContactId)> + 'a {
        counselors.filter_map(|id| self.counselor(id)).filter_map(move |it| self.first_for(plan, it, now))
    }

    fn waiting_place(&self, id: ContactId) -> Option<(Place, ContactId)> {
        let contact = self.contact(id).filter(|it| it.state == ContactState::Waiting)?;
        Some((contact.place?, id))
    }

    /// The contact that has waited longest, by its place, among those this counselor may be asked about.
    fn first_for(&self, plan: &Plan, counselor: &Counselor, now: Timestamp) -> Option<(Place, ContactId)> {
        if !self.index.free.contains(&(counselor.idle_since, counselor.id.clone())) {
            return None;
        }
        self.index
            .waiting
            .iter()
            .filter(|(class, _)| plan.admits(&counselor.id, &class.queue, &class.language).is_ok())
            .filter_map(|(_, places)| {
                places.iter().find(|(_, id)| {
                    self.contact(*id).is_some_and(|it| eligible(self, plan, it, &counselor.id, now).is_ok())
                })
            })
            .min()
            .copied()
    }

    /// The nearest ring first, and in it whoever has been idle longest.
    fn longest_idle_for(&self, plan: &Plan, contact: &Contact, now: Timestamp) -> Option<(CounselorId, u32)> {
        let mut best: Option<(&CounselorId, u32)> = None;
        for (_, id) in &self.index.free {
            let Ok(ring) = eligible(self, plan, contact, id, now) else { continue };
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
