//! An explanation on the wire.

use super::{terms, views};
use holdfast_core::explain::Explanation;
use holdfast_proto::router::v1 as wire;

/// The whole explanation.
#[must_use]
pub fn explanation(it: &Explanation) -> wire::ExplainResponse {
    wire::ExplainResponse {
        contact: Some(views::contact(&it.contact, 0)),
        key_ms: it.place.map(|place| place.key),
        ahead: u32::try_from(it.ahead).unwrap_or(u32::MAX),
        region_method: terms::region_method(it.contact.region_method).to_owned(),
        plan_version: it.plan_version,
        policy_version: it.policy_version,
        candidates: it
            .candidates
            .iter()
            .map(|candidate| {
                let (word, detail) = candidate.ruled_out.as_ref().map(terms::ruling).unwrap_or_default();
                wire::Candidate {
                    counselor_id: candidate.counselor.to_string(),
                    ring: candidate.ring,
                    ruled_out_by: word.to_owned(),
                    detail,
                }
            })
            .collect(),
    }
}
