//! Lost persons, L1 and L4: nobody acknowledged is let go of, nobody waits beside an idle counselor, nothing outlives its person.

use super::intervals::Span;
use super::sheet::Sheet;
use crate::carrier::EndedBy;

pub(crate) fn check(sheet: &mut Sheet<'_>) {
    ended_by_our_side(sheet);
    stuck(sheet);
    outlived(sheet);
}

/// Acknowledged persons whose call our side ended before any counselor was with them.
fn ended_by_our_side(sheet: &mut Sheet<'_>) {
    for (index, story) in sheet.stories.clone().into_iter().enumerate() {
        let Some((ended_ms, by)) = story.ended else { continue };
        let let_go = story.acked_ms.is_some() && story.accompanied_ms.is_none() && story.diverted_ms.is_none();
        if let_go && by != EndedBy::Person {
            sheet.lost.insert(index);
            let text = format!("{} was acknowledged and ended by {by:?} without a counselor", story.call);
            sheet.find("lost", ended_ms, text);
        }
    }
}

/// L1: an acknowledged person and an idle eligible counselor side by side for too long. If it lasts to the end of the run, the
/// person counts as lost.
fn stuck(sheet: &mut Sheet<'_>) {
    let (limit_ms, until_ms) = (sheet.settings.stuck_ms, sheet.carrier.until_ms);
    let mut broken = Vec::new();
    for (index, story) in sheet.stories.iter().enumerate() {
        let spans = sheet.waiting(index);
        if !spans.iter().any(|span| span.length_ms() > limit_ms) {
            continue;
        }
        for (counselor, idle) in &sheet.idle {
            let refused = sheet.offers_of(index).any(|offer| offer.counselor == *counselor);
            if refused || !(sheet.settings.eligible)(counselor, story) {
                continue;
            }
            if let Some(both) = longest_common(&spans, idle).filter(|both| both.length_ms() > limit_ms) {
                broken.push((index, both, counselor.clone()));
                break;
            }
        }
    }
    for (index, both, counselor) in broken {
        let Some(call) = sheet.stories.get(index).map(|story| story.call.clone()) else { continue };
        let text = format!("{call} waited {} ms while {counselor} was idle", both.length_ms());
        sheet.find("L1", both.from_ms, text);
        if both.until_ms >= until_ms {
            sheet.lost.insert(index);
        }
    }
}

/// The longest common span, the latest of equals. Both lists are in order.
fn longest_common(some: &[Span], others: &[Span]) -> Option<Span> {
    some.iter()
        .flat_map(|one| {
            let first = others.partition_point(|other| other.until_ms <= one.from_ms);
            let reachable = others.get(first..).unwrap_or_default();
            reachable.iter().take_while(|other| other.from_ms < one.until_ms).filter_map(|other| one.common(*other))
        })
        .max_by_key(|both| (both.length_ms(), both.from_ms))
}

/// L4: a desk that still shows a contact, held or offered, long after Holdfast knew the person was gone.
fn outlived(sheet: &mut Sheet<'_>) {
    let (limit_ms, until_ms) = (sheet.settings.closing_ms, sheet.carrier.until_ms);
    let mut broken = Vec::new();
    for (contact, person) in &sheet.by_contact {
        let Some(story) = sheet.stories.get(*person) else { continue };
        let (Some(known_ms), Some((ended_ms, _))) = (story.end_known_ms, story.ended) else { continue };
        let due_ms = known_ms.max(ended_ms).saturating_add(limit_ms);
        if due_ms >= until_ms {
            continue;
        }
        for holding in sheet.holdings.iter().filter(|holding| holding.contact == *contact) {
            if holding.ended_ms.is_none_or(|at_ms| at_ms > due_ms) {
                broken.push((due_ms, format!("{} still held contact {contact}", holding.counselor)));
            }
        }
        for offer in sheet.offers_of(*person).filter(|offer| offer.contact == *contact) {
            if offer.settled_ms().is_none_or(|at_ms| at_ms > due_ms) {
                broken.push((due_ms, format!("{} still saw an offer of contact {contact}", offer.counselor)));
            }
        }
    }
    for (at_ms, text) in broken {
        sheet.find("L4", at_ms, format!("{text} long after its person was known to be gone"));
    }
}
