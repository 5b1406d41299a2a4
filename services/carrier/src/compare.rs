//! What differs between the legs that the router expects and those that are at the carrier. Pure.
//!
//! Absence counts for legs whose id at the carrier is known: those that are not, the outbox settles. A person's call is never
//! a stray: nothing here ends a call that came in from outside.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::Instant;

use crate::mirror::Expected;
use crate::names;
use crate::vendor::{LiveCall, Member};
use holdfast_proto::router::v1::LegState;

/// Legs by contact and number.
pub(crate) type Legs = BTreeMap<(String, u32), Expected>;

/// What is at the carrier.
#[derive(Debug, Default)]
pub(crate) struct Listed {
    pub(crate) calls: Vec<LiveCall>,
    /// Our rooms whose members were listed.
    pub(crate) members: Vec<Member>,
    /// Contacts of all started rooms of ours.
    pub(crate) rooms: BTreeSet<String>,
}

/// A difference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Difference {
    /// Expected and not there.
    Gone { contact: String, leg: u32, external_id: String, was_answered: bool },
    /// There, and not known to be.
    InRoom { contact: String, leg: u32, external_id: String },
    /// A leg of ours nobody expects.
    Stray { label: String, external_id: String },
    /// A room of a contact nobody knows.
    UnknownRoom { contact: String },
}

/// Whether somebody must look into rooms at all: there is a call nobody expects, or a leg that is not known to be inside.
pub(crate) fn rooms_needed(expected: &Legs, calls: &[LiveCall]) -> Looking {
    let ids: BTreeSet<&str> = expected.values().filter_map(|leg| leg.external_id.as_deref()).collect();
    let unexplained = calls.iter().any(|call| !call.inbound && !ids.contains(call.external_id.as_str()));
    // A planned leg is not asked of the carrier yet: nobody can be inside.
    let elsewhere = |leg: &&Expected| !matches!(leg.state, LegState::InRoom | LegState::Planned);
    let outside = expected.values().filter(elsewhere).map(|leg| leg.contact.clone());
    Looking { everywhere: unexplained, contacts: outside.collect() }
}

/// Where to look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Looking {
    pub(crate) everywhere: bool,
    pub(crate) contacts: BTreeSet<String>,
}

/// Compares. `before` is what was expected before the listing began, `now` what is expected after it; a difference must hold
/// against both. Legs first heard of less than `fresh` before `began` are left out.
pub(crate) fn compare(before: &Legs, now: &Legs, listed: &Listed, began: Instant, fresh: Duration) -> Vec<Difference> {
    let live: BTreeSet<&str> = listed.calls.iter().map(|call| call.external_id.as_str()).collect();
    let mut differences = Vec::new();
    for (key, leg) in before {
        let Some(id) = leg.external_id.as_deref().filter(|id| !live.contains(id)) else { continue };
        let still = now.get(key).is_some_and(|now| now.external_id == leg.external_id && now.state == leg.state);
        let settled = began.saturating_duration_since(leg.first_seen) >= fresh;
        if still && settled {
            differences.push(Difference::Gone {
                contact: leg.contact.clone(),
                leg: leg.leg,
                external_id: id.to_owned(),
                was_answered: leg.was_answered(),
            });
        }
    }
    let inbound: BTreeSet<&str> =
        listed.calls.iter().filter(|call| call.inbound).map(|call| call.external_id.as_str()).collect();
    for member in &listed.members {
        let by_id = |leg: &&Expected| leg.external_id.as_deref() == Some(member.external_id.as_str());
        let label = member.label.as_ref().map_or("", |label| label.as_str());
        let named = names::leg_of_label(label).map(|(contact, leg)| (contact.to_owned(), leg));
        let in_both = |key: &(String, u32)| before.get(key).filter(|_| now.contains_key(key));
        let expected = before.values().find(by_id).or_else(|| in_both(named.as_ref()?));
        match expected {
            Some(leg) => {
                let now_outside =
                    now.get(&(leg.contact.clone(), leg.leg)).is_some_and(|now| now.state != LegState::InRoom);
                if member.inside && leg.state != LegState::InRoom && now_outside {
                    let (contact, leg, external_id) = (leg.contact.clone(), leg.leg, member.external_id.clone());
                    differences.push(Difference::InRoom { contact, leg, external_id });
                }
            }
            None if named.as_ref().is_some_and(|named| named.1 > 0 && !now.contains_key(named))
                && !inbound.contains(member.external_id.as_str()) =>
            {
                let (label, external_id) = (label.to_owned(), member.external_id.clone());
                differences.push(Difference::Stray { label, external_id });
            }
            None => {}
        }
    }
    let known: BTreeSet<&str> = before.keys().chain(now.keys()).map(|(contact, _)| contact.as_str()).collect();
    let unknown = listed.rooms.iter().filter(|contact| !known.contains(contact.as_str()));
    differences.extend(unknown.map(|contact| Difference::UnknownRoom { contact: contact.clone() }));
    differences
}

#[cfg(test)]
mod tests;
