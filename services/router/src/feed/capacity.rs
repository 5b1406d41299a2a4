//! The capacity feed: queues, contacts, offers and counselors as operators see them. No sealed fields, no person ids.

use super::touched::Touched;
use crate::convert::{terms, views};
use holdfast_core::contact::ContactState;
use holdfast_core::event::{Event, Record};
use holdfast_core::id::OfferId;
use holdfast_core::plan::{Names, Plan};
use holdfast_core::state::State;
use holdfast_proto::router::v1 as wire;
use std::collections::BTreeMap;

/// All there is.
#[must_use]
pub fn snapshot(state: &State) -> wire::CapacitySnapshot {
    let Some(plan) = state.plan() else { return wire::CapacitySnapshot::default() };
    wire::CapacitySnapshot {
        plan_version: plan.version,
        network: plan.network.to_string(),
        queues: plan.queues.keys().map(terms::queue).collect(),
        contacts: state
            .parts()
            .contacts
            .values()
            .filter(|it| it.state != ContactState::Closed)
            .map(|it| views::contact(it, 0))
            .collect(),
        counselors: plan.members.keys().map(|id| views::counselor(id, plan, state.counselor(id))).collect(),
        centers: named(plan.centers.iter(), plan, |names| &names.centers),
        regions: named(plan.regions.keys(), plan, |names| &names.regions),
        needs: named(plan.needs.keys(), plan, |names| &names.needs),
    }
}

/// Ids of the plan with their names for screens.
fn named<'a, Id: Ord + ToString + 'a>(
    ids: impl Iterator<Item = &'a Id>,
    plan: &'a Plan,
    of: impl Fn(&'a Names) -> &'a BTreeMap<Id, String>,
) -> Vec<wire::Named> {
    let names = plan.names.as_ref().map(of);
    ids.map(|id| {
        let name = names.and_then(|it| it.get(id)).cloned().unwrap_or_else(|| id.to_string());
        wire::Named { id: id.to_string(), name }
    })
    .collect()
}

/// What a record changed.
#[must_use]
pub fn delta(state: &State, record: &Record, touched: &Touched) -> wire::CapacityDelta {
    let Some(plan) = state.plan() else { return wire::CapacityDelta::default() };
    let closed = |contact| {
        record.events.iter().any(|it| matches!(it, Event::ContactClosed { contact: id, .. } if *id == contact))
    };
    let contacts = touched
        .contacts
        .iter()
        .filter_map(|id| state.contact(*id))
        .filter(|it| it.state != ContactState::Closed || closed(it.id))
        .map(|it| views::contact(it, if it.state == ContactState::Closed { record.at.0 } else { 0 }))
        .collect();
    let offers = touched
        .offers
        .iter()
        .map(|(contact, attempt, counselor, became)| wire::OfferView {
            offer_id: OfferId { contact: *contact, attempt: *attempt }.to_string(),
            counselor_id: counselor.to_string(),
            state: terms::offer_state(*became) as i32,
            queue: state.contact(*contact).and_then(|it| it.queue.as_ref()).map(terms::queue),
        })
        .collect();
    let everybody = touched.everybody.then(|| plan.members.keys()).into_iter().flatten();
    let counselors = everybody
        .chain(touched.counselors.iter().filter(|_| !touched.everybody))
        .map(|id| views::counselor(id, plan, state.counselor(id)))
        .collect();
    wire::CapacityDelta { contacts, counselors, offers, plan_changed: touched.plan }
}
