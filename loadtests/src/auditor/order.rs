//! S7 and S8: within one class the first to come is the first to be offered, and a declined or missed offer costs no place.
//!
//! Holdfast's order is its journal's. From outside, one person came before another for certain only if they were acknowledged
//! before the other's hook even went out; only such pairs are judged.

use super::sheet::Sheet;
use std::collections::BTreeMap;

pub(crate) fn check(sheet: &mut Sheet<'_>) {
    let mut classes = BTreeMap::<String, Vec<usize>>::new();
    for (index, story) in sheet.stories.iter().enumerate() {
        if story.acked_ms.is_some() {
            classes.entry(story.class.clone()).or_default().push(index);
        }
    }
    let mut broken = Vec::new();
    for persons in classes.values_mut() {
        persons.sort_by_key(|index| sheet.stories.get(*index).and_then(|story| story.acked_ms));
        check_class(sheet, persons, &mut broken);
    }
    for (law, at_ms, text) in broken {
        sheet.find(law, at_ms, text);
    }
}

/// Persons come in the order of their acknowledgements.
fn check_class(sheet: &Sheet<'_>, persons: &[usize], broken: &mut Vec<(&'static str, u64, String)>) {
    let mut offers: Vec<(u64, usize, &str)> = persons
        .iter()
        .flat_map(|person| {
            // Whoever is asked to take over is no answer to somebody who waits.
            let offers = sheet.offers_of(*person).filter(|offer| !offer.handoff);
            offers.map(|offer| (offer.shown_ms, *person, offer.counselor.as_str()))
        })
        .collect();
    offers.sort_unstable();
    // Persons before `head` have nobody to wait for any more: offered and gone, or over.
    let mut head = 0;
    for (shown_ms, person, counselor) in offers {
        while persons.get(head).is_some_and(|earlier| is_settled(sheet, *earlier, shown_ms)) {
            head += 1;
        }
        // Their first try counts, answered or not: a hook whose answer was lost may have given them their place.
        let Some(arrived_ms) = sheet.stories.get(person).map(|story| story.arrived_ms) else { continue };
        for earlier in persons.get(head..).unwrap_or_default() {
            let Some(story) = sheet.stories.get(*earlier) else { continue };
            if story.acked_ms.is_none_or(|acked_ms| acked_ms > arrived_ms) {
                break;
            }
            if *earlier == person || !(sheet.settings.eligible)(counselor, story) {
                continue;
            }
            if let Some(law) = passed_over(sheet, *earlier, counselor, shown_ms) {
                let later = sheet.stories.get(person).map_or("", |story| story.call.as_str());
                let text = format!("{counselor} was offered {later} while {} came earlier and waited", story.call);
                broken.push((law, shown_ms, text));
                break;
            }
        }
    }
}

/// Whether nothing after `at_ms` can still be owed to the person.
fn is_settled(sheet: &Sheet<'_>, person: usize, at_ms: u64) -> bool {
    let Some(story) = sheet.stories.get(person) else { return true };
    let over_ms = [story.ended.map(|(at_ms, _)| at_ms), story.diverted_ms, story.accompanied_ms];
    over_ms.into_iter().flatten().any(|over_ms| over_ms <= at_ms)
}

/// The law that is broken if the person waits at this moment and stays so for the margin, without having turned this counselor
/// down or been turned down by them.
fn passed_over(sheet: &Sheet<'_>, person: usize, counselor: &str, at_ms: u64) -> Option<&'static str> {
    let slack_ms = sheet.settings.order_slack_ms;
    let waits = sheet.waiting(person).into_iter().find(|span| {
        // The margin is on both sides: an offer given back just now may not have been known yet.
        let since_ms = if sheet.first_offer_ms(person).is_some_and(|first_ms| first_ms < span.from_ms) {
            span.from_ms.saturating_add(slack_ms)
        } else {
            span.from_ms
        };
        since_ms <= at_ms && at_ms.saturating_add(slack_ms) < span.until_ms
    })?;
    let mut before = sheet.offers_of(person).filter(|offer| offer.shown_ms < waits.until_ms);
    let had_this_one = sheet.offers_of(person).any(|offer| offer.counselor == counselor && offer.shown_ms <= at_ms);
    if had_this_one {
        return None;
    }
    Some(if before.next().is_some() { "S8" } else { "S7" })
}
