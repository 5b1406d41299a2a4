//! What counselors and peers wrote: each message that a desk was told is done is at the carrier once, and in order.

use super::super::desks::TextAuthor;
use super::super::sheet::Sheet;
use super::inversions;
use super::threads::{Asked, Thread};
use crate::carrier::{OutboundText, TextStory};
use crate::mark::Mark;
use std::collections::BTreeMap;

pub(super) fn check(sheet: &mut Sheet<'_>, story: &TextStory, thread: &Thread) {
    let mut by_mark = BTreeMap::<Mark, Vec<&Asked>>::new();
    let mut asked: Vec<&Asked> = thread.contacts.iter().flat_map(|(_, pages)| &pages.asked).collect();
    asked.sort_by_key(|asked| asked.asked_ms);
    for asked in asked {
        by_mark.entry(asked.mark).or_default().push(asked);
    }
    lost(sheet, story, thread, &by_mark);
    doubled(sheet, story, thread, &by_mark);
    disordered(sheet, story, &by_mark);
}

fn marked(texts: &[OutboundText], mark: Mark) -> impl Iterator<Item = &OutboundText> {
    texts.iter().filter(move |text| text.mark == mark)
}

/// Whether nobody had the contact any more when it could be known that the carrier never sent what it cut.
fn nobody_to_tell(sheet: &Sheet<'_>, text: &OutboundText) -> bool {
    let known_ms = text.at_ms.saturating_add(sheet.settings.doubt_ms);
    let theirs = sheet.holdings.iter().filter(|holding| Some(&holding.contact) == text.contact.as_ref());
    !theirs.into_iter().any(|holding| holding.span.from_ms <= known_ms && known_ms < holding.span.until_ms)
}

/// Done, with time enough, and neither at the carrier, nor refused there, nor shown to the desk as failed.
fn lost(sheet: &mut Sheet<'_>, story: &TextStory, thread: &Thread, by_mark: &BTreeMap<Mark, Vec<&Asked>>) {
    let due_ms = sheet.carrier.until_ms.saturating_sub(sheet.settings.text_settle_ms);
    let mut lost = 0;
    let mut at_ms = None;
    for (mark, asked) in by_mark {
        let due = asked.iter().filter(|it| it.done_ms.is_some_and(|done_ms| done_ms <= due_ms)).count();
        let failed =
            thread.contacts.iter().flat_map(|(_, pages)| &pages.failed).filter(|failed| *failed == mark).count();
        let came = marked(&story.outbound, *mark).filter(|text| !text.cut || nobody_to_tell(sheet, text)).count();
        let missing = due.saturating_sub(came + failed);
        if missing > 0 {
            lost += missing;
            at_ms = at_ms.or(asked.first().and_then(|it| it.done_ms));
        }
    }
    if lost > 0 {
        sheet.texts.lost += lost;
        let text =
            format!("{lost} messages to {} were said to be done and never came to the carrier", story.conversation);
        sheet.find("L9", at_ms.unwrap_or(0), text);
    }
}

/// More at the carrier than desks asked for; or one number of one contact twice, whoever wrote it.
fn doubled(sheet: &mut Sheet<'_>, story: &TextStory, thread: &Thread, by_mark: &BTreeMap<Mark, Vec<&Asked>>) {
    let sent: Vec<OutboundText> = story.outbound.iter().filter(|text| text.message.is_some()).cloned().collect();
    let mut beyond = 0;
    for (mark, asked) in by_mark {
        let sights = thread.contacts.iter().flat_map(|(_, pages)| pages.sights.values().max_by_key(|it| it.len()));
        let of_the_line = sights.flatten().filter(|it| it.author == TextAuthor::Line && it.mark == *mark).count();
        beyond += marked(&sent, *mark).count().saturating_sub(asked.len() + of_the_line);
    }
    let mut numbers = BTreeMap::<(&String, u32), usize>::new();
    for text in &sent {
        if let (Some(contact), Some(number)) = (&text.contact, text.number) {
            *numbers.entry((contact, number)).or_default() += 1;
        }
    }
    let again: usize = numbers.values().map(|count| count.saturating_sub(1)).sum();
    let count = beyond.max(again);
    if count > 0 {
        sheet.texts.doubled += count;
        let at_ms = sent.first().map_or(0, |text| text.at_ms);
        sheet.find("S5", at_ms, format!("{count} messages to {} were sent more than once", story.conversation));
    }
}

fn disordered(sheet: &mut Sheet<'_>, story: &TextStory, by_mark: &BTreeMap<Mark, Vec<&Asked>>) {
    let mut left: BTreeMap<Mark, Vec<&Asked>> = by_mark
        .iter()
        .map(|(mark, asked)| (*mark, asked.iter().rev().copied().filter(|asked| !asked.refused).collect()))
        .collect();
    let mut order = Vec::new();
    for text in story.outbound.iter().filter(|text| text.message.is_some()) {
        let Some(asked) = left.get_mut(&text.mark).and_then(Vec::pop) else { continue };
        // What the carrier did long after its connection was cut has no place among the others.
        if !text.late {
            order.push((asked.asked_ms, asked.done_ms.unwrap_or(u64::MAX)));
        }
    }
    let count = inversions(&order);
    if count > 0 {
        sheet.texts.disordered += count;
        let at_ms = story.outbound.first().map_or(0, |text| text.at_ms);
        sheet.find("S5", at_ms, format!("{count} messages to {} were sent out of order", story.conversation));
    }
}
