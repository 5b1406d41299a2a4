//! S18 and S20: offers end when they end, and nobody is dialed for a person who is known to be gone.

use super::sheet::{Offer, Sheet};
use std::collections::BTreeMap;

pub(crate) fn check(sheet: &mut Sheet<'_>) {
    late_accepts(sheet);
    two_live_offers(sheet);
    dials_for_the_gone(sheet);
}

/// S18: an accept confirmed after the offer's deadline, or after the offer was taken off the screen.
fn late_accepts(sheet: &mut Sheet<'_>) {
    let grace_ms = sheet.settings.accept_grace_ms;
    for offer in sheet.offers.clone() {
        let Some(confirmed_ms) = offer.confirmed_ms else { continue };
        if confirmed_ms > offer.deadline_ms.saturating_add(grace_ms) {
            let late_ms = confirmed_ms - offer.deadline_ms;
            let text = format!("accept of offer {} was confirmed {late_ms} ms after its deadline", offer.offer);
            sheet.find("S18", confirmed_ms, text);
        }
        if let Some((closed_ms, end)) = offer.closed
            && end != super::OfferEnd::Accepted
            && closed_ms < confirmed_ms
        {
            let text = format!("accept of offer {} was confirmed after the offer had closed", offer.offer);
            sheet.find("S18", confirmed_ms, text);
        }
    }
}

/// S18: at most one live offer per counselor's hand.
fn two_live_offers(sheet: &mut Sheet<'_>) {
    let mut live = BTreeMap::<String, Vec<Offer>>::new();
    for offer in sheet.offers.clone() {
        let open = live.entry(offer.counselor.clone()).or_default();
        open.retain(|earlier| earlier.settled_ms().is_none_or(|settled_ms| settled_ms > offer.shown_ms));
        let hands = if offer.written { sheet.settings.text_capacity } else { sheet.settings.capacity };
        if open.iter().filter(|earlier| earlier.written == offer.written).count() >= hands {
            let text = format!("{} saw offer {} while another was open", offer.counselor, offer.offer);
            sheet.find("S18", offer.shown_ms, text);
        }
        open.push(offer);
    }
}

/// S20: a leg dialed into, or joining, the room of a person whose hang-up Holdfast had acknowledged.
fn dials_for_the_gone(sheet: &mut Sheet<'_>) {
    let mut gone = BTreeMap::<String, u64>::new();
    for story in &sheet.stories {
        // A person who was not reached is called back once more, in the same room.
        if let (Some(known_ms), Some((ended_ms, _)), false) = (story.end_known_ms, story.ended, story.outbound) {
            // A callback that merely says "left the room" may come before the call is over: the later of the two counts.
            let since_ms = known_ms.max(ended_ms);
            gone.extend(story.rooms.iter().map(|room| (room.clone(), since_ms)));
        }
    }
    for leg in sheet.legs.clone() {
        let Some(since_ms) = gone.get(&leg.room).copied() else { continue };
        let margin_ms = since_ms.saturating_add(sheet.settings.hang_up_margin_ms);
        if leg.dialed_ms > margin_ms {
            let text = format!("{} was dialed into {} after the person's hang-up was known", leg.address, leg.room);
            sheet.find("S20", leg.dialed_ms, text);
        } else if let Some(stay) = leg.stays.iter().find(|stay| stay.from_ms > margin_ms) {
            let text = format!("{} joined {} after the person's hang-up was known", leg.address, leg.room);
            sheet.find("S20", stay.from_ms, text);
        }
    }
}
