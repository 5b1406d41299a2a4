//! Who may be offered to whom: every filter between a contact and a counselor.
//!
//! Hard filters first (plan, ring, center, presence, readiness, capacity, rest), then the contact with the smallest place, then
//! whoever talked with the person a little while ago, or the counselor of the nearest ring who has been idle longest. `search` says which rings are asked, `kept` has the one rule that looks
//! at more than one contact, `matching` finds the pairs that pass.

use crate::contact::{Channel, Contact};
use crate::conversation::Acuity;
use crate::counselor::{Counselor, Presence};
use crate::handoff::{Handoff, Toward, Wish};
use crate::id::{ContactId, CounselorId};
use crate::plan::{Member, Plan, Ruling};
use crate::state::State;
use crate::time::Timestamp;

/// The version of these rules, recorded in every offer so that the past can be explained.
pub const POLICY_VERSION: u32 = 6;

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
    let ring = plan.admits_in(id, queue, state.rings_queue(queue), &contact.language)?;
    state.is_asked(plan, contact, ring)?;
    if let Some(credential) = plan.members.get(id).and_then(|it| it.expired(now)) {
        return Err(Ruling::CredentialExpired(credential.into()));
    }
    // They handed it over and still write up.
    if contact.writing_up.contains_key(id) {
        return Err(Ruling::HasPart);
    }
    can_take(state, plan, contact, id)?;
    if contact.rested.get(id).is_some_and(|until| *until > now) {
        return Err(Ruling::Resting);
    }
    Ok(ring)
}

/// What both ways of being asked have in common: their center takes contacts, their desk is there, they take this channel, they have room and a phone that
/// nobody else may be on.
fn can_take(state: &State, plan: &Plan, contact: &Contact, id: &CounselorId) -> Result<(), Ruling> {
    if let Some(member) = plan.members.get(id) {
        state.parts().center_takes(&member.center, contact.channel)?;
    }
    let counselor = state.counselor(id).ok_or(Ruling::NotConnected)?;
    if counselor.presence != Presence::Connected {
        return Err(Ruling::NotConnected);
    }
    let reachable = contact.channel != Channel::Voice || counselor.audio.is_some();
    if !counselor.readiness.takes(contact.channel) || counselor.readiness_next.is_some() || !reachable {
        return Err(Ruling::NotReady);
    }
    if !plan.has_room(counselor, contact.channel) || is_heavy(state, counselor, contact) {
        return Err(Ruling::AtCapacity);
    }
    if contact.channel == Channel::Voice && state.index.is_in_doubt(id) {
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

/// Whether only somebody who has nobody else may take this contact.
pub(crate) fn needs_empty_hands(channel: Channel, acuity: Acuity) -> bool {
    channel == Channel::Voice || acuity == Acuity::High
}

/// What is left to ask of somebody of a pool of the contact's class who stands free: whether this one contact is not for them now.
pub(crate) fn could_be_asked(contact: &Contact, id: &CounselorId, now: Timestamp) -> bool {
    let rests = contact.rested.get(id).is_some_and(|until| *until > now);
    !rests && !contact.writing_up.contains_key(id)
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
    like_them_could_take_over(member, contact, toward, wish)?;
    if wish.wanted.as_ref().is_some_and(|wanted| wanted != id) {
        return Err(Ruling::NotWanted);
    }
    if let Some(credential) = member.expired(now) {
        return Err(Ruling::CredentialExpired(credential.into()));
    }
    if contact.holder.as_ref() == Some(id) {
        return Err(Ruling::HasPart);
    }
    Ok(())
}

/// What [`could_take_over`] asks of everybody whom the plan treats alike.
pub(crate) fn like_them_could_take_over(
    member: &Member,
    contact: &Contact,
    toward: Toward,
    wish: &Wish,
) -> Result<(), Ruling> {
    match (&member.peer, toward) {
        (Some(peer), Toward::Peer) => {
            if let Some(wanted) = wish.peer_type.as_ref().filter(|it| !peer.types.contains(*it)) {
                return Err(Ruling::LacksPeerType(wanted.clone()));
            }
        }
        (None, Toward::Counselor) => {}
        (Some(_), Toward::Counselor) | (None, Toward::Peer) => return Err(Ruling::OtherKind),
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
    can_take(state, plan, contact, id)?;
    if handoff.rested.get(id).is_some_and(|until| *until > now) {
        return Err(Ruling::Resting);
    }
    Ok(())
}
