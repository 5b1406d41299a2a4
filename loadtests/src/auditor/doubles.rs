//! S3, S4 and S12: nobody is held twice, no counselor holds more than they can, one call is one contact.

use super::intervals::{Span, overlapping};
use super::sheet::Sheet;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) fn check(sheet: &mut Sheet<'_>) {
    two_in_one_room(sheet);
    one_in_two_rooms(sheet);
    two_hands_on_one_contact(sheet);
    too_many_in_one_hand(sheet);
    talking_and_typing(sheet);
    one_offer_on_two_desks(sheet);
    two_contacts_for_one_call(sheet);
}

/// S3: two counselors' legs in one person's room at one time.
fn two_in_one_room(sheet: &mut Sheet<'_>) {
    let names: BTreeMap<String, String> =
        sheet.settings.addresses.iter().map(|(name, address)| (address.clone(), name.clone())).collect();
    for story in sheet.stories.clone() {
        let stays: Vec<_> =
            story.counselors.iter().filter(|stay| !sheet.settings.companions.contains(&stay.address)).collect();
        let spans: Vec<Span> =
            stays.iter().map(|stay| Span::new(stay.from_ms, stay.until_ms.unwrap_or(sheet.carrier.until_ms))).collect();
        for (one, other, both) in overlapping(&spans, 0) {
            let (Some(one), Some(other)) = (stays.get(one), stays.get(other)) else { continue };
            let contact = one.room.strip_prefix("contact-").unwrap_or_default();
            let handed = match (names.get(&one.address), names.get(&other.address)) {
                (Some(one), Some(other)) => sheet.three_together(contact, one, other, both),
                _ => false,
            };
            if one.room == other.room && one.address != other.address && !handed {
                let text =
                    format!("{} and {} were both with {} in {}", one.address, other.address, story.call, one.room);
                sheet.double("S3", both.from_ms, format!("person {}", story.call), text);
            }
        }
    }
}

/// S4: one counselor's address in two rooms at one time.
fn one_in_two_rooms(sheet: &mut Sheet<'_>) {
    let mut stays = BTreeMap::<String, Vec<(String, Span)>>::new();
    for stay in sheet.legs.iter().flat_map(|leg| &leg.stays) {
        let span = Span::new(stay.from_ms, stay.until_ms.unwrap_or(sheet.carrier.until_ms));
        stays.entry(stay.address.clone()).or_default().push((stay.room.clone(), span));
    }
    let counselors: BTreeSet<String> = sheet.settings.addresses.values().cloned().collect();
    for (address, rooms) in stays {
        if !counselors.contains(&address) {
            continue;
        }
        let spans: Vec<Span> = rooms.iter().map(|(_, span)| *span).collect();
        for (one, other, both) in overlapping(&spans, 0) {
            let (Some((one, _)), Some((other, _))) = (rooms.get(one), rooms.get(other)) else { continue };
            if one != other {
                let text = format!("{address} was in {one} and in {other}");
                sheet.double("S4", both.from_ms, format!("address {address} at {}", both.from_ms), text);
            }
        }
    }
}

/// S3: two counselors had their accept of one contact confirmed, and held it at one time.
fn two_hands_on_one_contact(sheet: &mut Sheet<'_>) {
    let mut hands = BTreeMap::<String, Vec<usize>>::new();
    for (index, holding) in sheet.holdings.iter().enumerate() {
        hands.entry(holding.contact.clone()).or_default().push(index);
    }
    for (contact, indexes) in hands {
        for (one, other, both) in overlapping_holdings(sheet, &indexes) {
            if one != other && !sheet.hands_over(&contact, &one, &other, both) {
                let at_ms = both.from_ms;
                let name = sheet
                    .by_contact
                    .get(&contact)
                    .and_then(|person| sheet.stories.get(*person))
                    .map_or_else(|| format!("contact {contact}"), |story| format!("person {}", story.call));
                sheet.double("S3", at_ms, name, format!("{one} and {other} both held contact {contact}"));
            }
        }
    }
}

/// S4: a counselor held more contacts than they have hands.
fn too_many_in_one_hand(sheet: &mut Sheet<'_>) {
    crowded(sheet, true, sheet.settings.text_capacity);
    if sheet.settings.capacity != 1 {
        return crowded(sheet, false, sheet.settings.capacity);
    }
    for (counselor, indexes) in by_counselor(sheet, false) {
        for (_, _, both) in overlapping_holdings(sheet, &indexes) {
            let at_ms = both.from_ms;
            let text = format!("{counselor} held two contacts");
            sheet.double("S4", at_ms, format!("counselor {counselor} at {at_ms}"), text);
        }
    }
}

/// S4: a counselor held somebody by voice and somebody in writing.
fn talking_and_typing(sheet: &mut Sheet<'_>) {
    if !sheet.settings.voice_alone {
        return;
    }
    let mut both_ways = by_counselor(sheet, false);
    for (counselor, indexes) in by_counselor(sheet, true) {
        both_ways.entry(counselor).or_default().extend(indexes);
    }
    let mut broken = Vec::new();
    for (counselor, indexes) in both_ways {
        let holdings: Vec<_> = indexes.iter().filter_map(|index| sheet.holdings.get(*index)).collect();
        let spans: Vec<Span> = holdings.iter().map(|holding| holding.span).collect();
        for (one, other, both) in overlapping(&spans, sheet.settings.holding_slack_ms) {
            let written = |index: usize| holdings.get(index).is_some_and(|holding| holding.written);
            if written(one) != written(other) {
                broken.push((both.from_ms, counselor.clone()));
            }
        }
    }
    for (at_ms, counselor) in broken {
        let text = format!("{counselor} held somebody by voice and somebody in writing");
        sheet.double("S4", at_ms, format!("counselor {counselor} at {at_ms}"), text);
    }
}

fn by_counselor(sheet: &Sheet<'_>, written: bool) -> BTreeMap<String, Vec<usize>> {
    let mut held = BTreeMap::<String, Vec<usize>>::new();
    for (index, holding) in sheet.holdings.iter().enumerate().filter(|(_, holding)| holding.written == written) {
        held.entry(holding.counselor.clone()).or_default().push(index);
    }
    held
}

fn crowded(sheet: &mut Sheet<'_>, written: bool, capacity: usize) {
    let slack_ms = sheet.settings.holding_slack_ms;
    for (counselor, indexes) in by_counselor(sheet, written) {
        let spans: Vec<Span> = indexes.iter().filter_map(|index| sheet.holdings.get(*index)).map(|h| h.span).collect();
        for span in &spans {
            let moment_ms = span.from_ms.saturating_add(slack_ms);
            let at_once = spans.iter().filter(|s| s.from_ms <= span.from_ms && moment_ms < s.until_ms).count();
            if at_once > capacity {
                let text = format!("{counselor} held {at_once} contacts, {capacity} allowed");
                sheet.double("S4", span.from_ms, format!("counselor {counselor} at {}", span.from_ms), text);
            }
        }
    }
}

/// Pairs of holdings that overlap: their counselors, and when.
fn overlapping_holdings(sheet: &Sheet<'_>, indexes: &[usize]) -> Vec<(String, String, Span)> {
    let holdings: Vec<_> = indexes.iter().filter_map(|index| sheet.holdings.get(*index)).collect();
    let spans: Vec<Span> = holdings.iter().map(|holding| holding.span).collect();
    let counselor = |index: usize| holdings.get(index).map(|holding| holding.counselor.clone()).unwrap_or_default();
    let pairs = overlapping(&spans, sheet.settings.holding_slack_ms);
    pairs.into_iter().map(|(one, other, both)| (counselor(one), counselor(other), both)).collect()
}

/// S3: one offer is one counselor's.
fn one_offer_on_two_desks(sheet: &mut Sheet<'_>) {
    let mut seen = BTreeMap::<String, String>::new();
    for offer in sheet.offers.clone() {
        let first = seen.entry(offer.offer.clone()).or_insert_with(|| offer.counselor.clone()).clone();
        if first != offer.counselor {
            let text = format!("offer {} was shown to {first} and to {}", offer.offer, offer.counselor);
            sheet.double("S3", offer.shown_ms, format!("offer {}", offer.offer), text);
        }
    }
}

/// S12: one call is one contact for ever, so Holdfast names one room for it.
fn two_contacts_for_one_call(sheet: &mut Sheet<'_>) {
    for story in sheet.stories.clone() {
        if story.contacts().count() > 1 {
            let text = format!("{} was put in {}", story.call, story.rooms.join(" and "));
            sheet.double("S12", story.arrived_ms, format!("person {}", story.call), text);
        }
    }
}
