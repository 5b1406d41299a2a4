//! Nobody who was connected is ever without an owner; and for how long somebody was.
//!
//! **By voice** a person has an owner while the phone of a counselor or peer is in their room, or is being dialed into it. When it
//! leaves, the router may take `lost_after_ms` to believe it, and all wires `reporting_ms` to tell; after an accept, the carrier has
//! `reporting_ms` until it dials. Whoever went back to their queue (no desk has them) waits like others, and the laws of waiting judge
//! that: but they count here too while an eligible counselor sits idle and nobody is being asked. A desk that shows a contact as its
//! own is no owner by itself: nobody hears it.
//!
//! **In writing** a person has an owner while a desk shows the conversation as its own. When one hands over, the next must show it
//! within the same allowances; the time in which the next desk's line is down does not count, since it still has the conversation.
//! A router that is killed makes nobody ownerless: phones stay in their rooms, and desks keep what they show.

use super::intervals::{Span, without};
use super::sheet::{Holding, Sheet};
use crate::carrier::Story;

pub(crate) fn check(sheet: &mut Sheet<'_>) {
    let mut alone = by_voice(sheet);
    alone.extend(in_writing(sheet));
    for (span, text) in alone {
        sheet.ownerless_ms = sheet.ownerless_ms.saturating_add(span.length_ms());
        sheet.find("ownerless", span.from_ms, format!("{text} had nobody for {} ms", span.length_ms()));
    }
}

fn allowance_ms(sheet: &Sheet<'_>) -> u64 {
    sheet.settings.lost_after_ms.saturating_add(sheet.settings.reporting_ms)
}

fn by_voice(sheet: &Sheet<'_>) -> Vec<(Span, String)> {
    let mut alone = Vec::new();
    for (index, story) in sheet.stories.iter().enumerate() {
        let Some(met_ms) = story.accompanied_ms else { continue };
        let over_ms = story.ended.map_or(sheet.carrier.until_ms, |(at_ms, _)| at_ms);
        let there: Vec<Span> = story
            .seats
            .iter()
            .filter_map(|seat| {
                Span::new(seat.from_ms, seat.until_ms.unwrap_or(over_ms)).common(Span::new(met_ms, over_ms))
            })
            .collect();
        let gaps = without(&there, &company(sheet, story));
        if gaps.is_empty() {
            continue;
        }
        let waiting = waiting_again(sheet, index, story);
        alone.extend(without(&gaps, &waiting).into_iter().map(|gap| (gap, story.call.to_string())));
    }
    alone
}

/// When somebody's phone was with the person or on its way, and the allowances after that.
fn company(sheet: &Sheet<'_>, story: &Story) -> Vec<Span> {
    let (until_ms, allowance_ms) = (sheet.carrier.until_ms, allowance_ms(sheet));
    let mut company: Vec<Span> = story
        .counselors
        .iter()
        .map(|stay| Span::new(stay.from_ms, stay.until_ms.map_or(until_ms, |at_ms| at_ms.saturating_add(allowance_ms))))
        .collect();
    for leg in sheet.legs.iter().filter(|leg| story.rooms.contains(&leg.room)) {
        let joined_ms = leg.stays.first().map(|stay| stay.from_ms);
        let came_to_ms = joined_ms.or(leg.ended.map(|(at_ms, _)| at_ms));
        let until_ms = came_to_ms.map_or(until_ms, |at_ms| at_ms.saturating_add(allowance_ms));
        company.push(Span::new(leg.dialed_ms, until_ms));
    }
    // From the accept until the carrier is asked to dial.
    let contacts: Vec<&str> = story.contacts().collect();
    let theirs = sheet.holdings.iter().filter(|holding| contacts.contains(&holding.contact.as_str()));
    let asking = |from_ms: u64| Span::new(from_ms, from_ms.saturating_add(sheet.settings.reporting_ms));
    company.extend(theirs.map(|holding| asking(holding.span.from_ms)));
    company
}

/// When the person was back in their queue, and was being asked for or could not be.
fn waiting_again(sheet: &Sheet<'_>, index: usize, story: &Story) -> Vec<Span> {
    let whole = [Span::new(0, sheet.carrier.until_ms)];
    let contacts: Vec<&str> = story.contacts().collect();
    let theirs = |holding: &&Holding| contacts.contains(&holding.contact.as_str());
    let held: Vec<Span> = sheet.holdings.iter().filter(theirs).map(|holding| holding.span).collect();
    let back = without(&whole, &held);
    let asked: Vec<Span> = sheet
        .offers_of(index)
        .map(|offer| Span::new(offer.shown_ms, offer.settled_ms().unwrap_or(sheet.carrier.until_ms)))
        .collect();
    let eligible = sheet.idle.iter().filter(|(counselor, _)| (sheet.settings.eligible)(counselor, story));
    let idle: Vec<Span> = eligible.flat_map(|(_, spans)| spans.iter().copied()).collect();
    // Back in the queue, less the time in which somebody sat idle and nobody was being asked.
    let neglected = without(&idle, &asked);
    without(&back, &neglected)
}

fn in_writing(sheet: &Sheet<'_>) -> Vec<(Span, String)> {
    let mut alone = Vec::new();
    for holding in sheet.holdings.iter().filter(|holding| holding.written && holding.handed) {
        let from_ms = holding.span.until_ms;
        let next = sheet
            .holdings
            .iter()
            .filter(|other| other.contact == holding.contact && other.counselor != holding.counselor)
            .filter(|other| other.span.from_ms >= holding.span.from_ms)
            .min_by_key(|other| other.span.from_ms);
        let until_ms = next.map_or(sheet.carrier.until_ms, |next| next.span.from_ms);
        let gap = Span::new(from_ms.saturating_add(allowance_ms(sheet)), until_ms);
        let successor =
            sheet.handoffs.iter().rev().find(|it| it.contact == holding.contact && it.from == holding.counselor);
        let dark = successor.map_or_else(Vec::new, |episode| sheet.dark(&episode.to));
        if gap.from_ms < gap.until_ms {
            let left = without(&[gap], &dark);
            alone.extend(left.into_iter().map(|gap| (gap, format!("contact {}", holding.contact))));
        }
    }
    alone
}
