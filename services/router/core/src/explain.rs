//! Why a contact waits: its place, who is before it, and for every counselor the first filter that rules them out.

use crate::contact::{Contact, Place};
use crate::id::{ContactId, CounselorId};
use crate::index::class_of;
use crate::kept::Kept;
use crate::plan::Ruling;
use crate::policy::{POLICY_VERSION, eligible};
use crate::refusal::Refusal;
use crate::state::State;
use alloc::vec::Vec;

/// The whole explanation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Explanation {
    /// The contact as it is.
    pub contact: Contact,
    /// Its place, if it has one.
    pub place: Option<Place>,
    /// How many of its class are before it.
    pub ahead: usize,
    /// The plan in force.
    pub plan_version: u64,
    /// The matching rules in force.
    pub policy_version: u32,
    /// Every counselor of the plan: their ring, and what rules them out.
    pub candidates: Vec<Candidate>,
}

/// One counselor, considered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// Who.
    pub counselor: CounselorId,
    /// The ring of the queue that has their center.
    pub ring: Option<u32>,
    /// The first filter that rules them out.
    pub ruled_out: Option<Ruling>,
}

/// Explains a contact of the hot state.
///
/// # Errors
/// `UnknownContact` if it is not there, `NoPlan` before the first plan.
pub fn explain(state: &State, id: ContactId) -> Result<Explanation, Refusal> {
    let contact = state.contact(id).ok_or(Refusal::UnknownContact(id))?;
    let plan = state.plan().ok_or(Refusal::NoPlan)?;
    let now = state.parts().now;
    let ahead = contact.place.zip(class_of(contact)).map_or(0, |(place, class)| {
        state.index.waiting.get(&class).map_or(0, |it| it.places.range(..(place, id)).count())
    });
    let kept = Kept::find(state, now);
    let candidates = plan
        .members
        .keys()
        .map(|counselor| Candidate {
            counselor: counselor.clone(),
            ring: contact.queue.as_ref().and_then(|queue| {
                let center = &plan.members.get(counselor)?.center;
                let rings = &plan.queues.get(state.rings_queue(queue))?.rings;
                let ring = rings.iter().position(|ring| ring.centers.contains(center))?;
                u32::try_from(ring).ok()
            }),
            ruled_out: eligible(state, plan, contact, counselor, now)
                .and_then(|_| kept.allows(counselor, contact))
                .err(),
        })
        .collect();
    Ok(Explanation {
        contact: contact.clone(),
        place: contact.place,
        ahead,
        plan_version: plan.version,
        policy_version: POLICY_VERSION,
        candidates,
    })
}
