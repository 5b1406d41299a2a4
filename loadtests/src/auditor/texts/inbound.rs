//! What people wrote: whoever has the person sees each acknowledged message once, and in order.

use super::super::desks::TextAuthor;
use super::super::intervals::Span;
use super::super::sheet::{Holding, Sheet};
use super::inversions;
use super::threads::{Pages, Sight, Thread};
use crate::carrier::TextStory;
use crate::mark::Mark;
use std::collections::{BTreeMap, BTreeSet};

type Counts = BTreeMap<Mark, usize>;

fn add(counts: &mut Counts, mark: Mark) {
    *counts.entry(mark).or_default() += 1;
}

fn of(counts: &Counts, mark: Mark) -> usize {
    counts.get(&mark).copied().unwrap_or(0)
}

pub(super) fn check(sheet: &mut Sheet<'_>, story: &TextStory, thread: &Thread) {
    let mut seen = Vec::new();
    for (contact, pages) in &thread.contacts {
        let (numbered, altered) = numbered(pages);
        if altered > 0 {
            sheet.texts.disordered += altered;
            let text = format!("contact {contact} showed other words under the same number");
            sheet.find("S11", sheet.carrier.until_ms, text);
        }
        seen.extend(numbered.into_values().filter(|(author, _)| *author == TextAuthor::Person).map(|(_, mark)| mark));
    }
    lost(sheet, story, thread, &seen);
    doubled(sheet, story, &seen);
    disordered(sheet, story, thread, &seen);
}

/// What stands under each number of a contact, on whichever desk; and how often two desks, or one, did not agree.
fn numbered(pages: &Pages) -> (BTreeMap<u32, (TextAuthor, Mark)>, usize) {
    let mut numbered = BTreeMap::new();
    let mut altered = 0;
    for sight in pages.sights.values().flatten() {
        let first = *numbered.entry(sight.number).or_insert((sight.author, sight.mark));
        altered += usize::from(first != (sight.author, sight.mark));
    }
    (numbered, altered)
}

/// Whether whoever holds the contact had time to see what was acknowledged at this moment.
fn had_time(sheet: &Sheet<'_>, holding: &Holding, taken_ms: u64) -> bool {
    let Some(after) = holding.span.common(Span::new(taken_ms, u64::MAX)) else { return false };
    let lit = sheet.lit.get(&holding.counselor).into_iter().flatten();
    let lit_ms: u64 = lit.filter_map(|span| span.common(after)).map(Span::length_ms).sum();
    lit_ms >= sheet.settings.text_settle_ms
}

fn lost(sheet: &mut Sheet<'_>, story: &TextStory, thread: &Thread, seen: &[Mark]) {
    let mut anywhere = Counts::new();
    seen.iter().for_each(|mark| add(&mut anywhere, *mark));
    let contacts: BTreeSet<&str> = thread.contacts.iter().map(|(contact, _)| contact.as_str()).collect();
    let holdings: Vec<Holding> =
        sheet.holdings.iter().filter(|holding| contacts.contains(holding.contact.as_str())).cloned().collect();
    // By mark: how many are missing, at the most that any one holder or all together show.
    let mut missing = Counts::new();
    let mut due = Counts::new();
    for text in &story.inbound {
        let Some(taken_ms) = text.taken_ms else { continue };
        if holdings.iter().any(|holding| had_time(sheet, holding, taken_ms)) {
            add(&mut due, text.mark);
        }
    }
    note_missing(&mut missing, &due, &anywhere);
    for holding in &holdings {
        let mut theirs = Counts::new();
        let sights = thread.contacts.iter().filter(|(contact, _)| *contact == holding.contact);
        for sight in sights.filter_map(|(_, pages)| pages.sights.get(&holding.counselor)).flatten() {
            add(&mut theirs, sight.mark);
        }
        let mut due = Counts::new();
        for text in story.inbound.iter().filter(|text| text.taken_ms.is_some_and(|at_ms| at_ms >= holding.span.from_ms))
        {
            if text.taken_ms.is_some_and(|taken_ms| had_time(sheet, holding, taken_ms)) {
                add(&mut due, text.mark);
            }
        }
        note_missing(&mut missing, &due, &theirs);
    }
    let count: usize = missing.values().sum::<usize>() + gaps(thread);
    if count > 0 {
        sheet.texts.lost += count;
        let text =
            format!("{count} acknowledged messages of {} were not shown to whoever had them", story.conversation);
        sheet.find("S1", story.acked_ms().unwrap_or(0), text);
    }
}

fn note_missing(missing: &mut Counts, due: &Counts, seen: &Counts) {
    for (mark, due) in due {
        let lacking = due.saturating_sub(of(seen, *mark));
        if lacking > 0 {
            let known = missing.entry(*mark).or_default();
            *known = (*known).max(lacking);
        }
    }
}

/// Numbers of a person's messages that a desk skipped, although others have seen what stands there.
fn gaps(thread: &Thread) -> usize {
    let mut skipped = 0;
    for (_, pages) in &thread.contacts {
        let (numbered, _) = numbered(pages);
        for sights in pages.sights.values() {
            let theirs: BTreeSet<u32> = sights.iter().map(|sight| sight.number).collect();
            let (Some(first), Some(last)) = (theirs.first(), theirs.last()) else { continue };
            let between = numbered.range(*first..=*last);
            skipped += between
                .filter(|(number, (author, _))| *author == TextAuthor::Person && !theirs.contains(number))
                .count();
        }
    }
    skipped
}

fn doubled(sheet: &mut Sheet<'_>, story: &TextStory, seen: &[Mark]) {
    let (mut written, mut shown) = (Counts::new(), Counts::new());
    // A message whose hook was never answered may have been stored all the same.
    story.inbound.iter().for_each(|text| add(&mut written, text.mark));
    seen.iter().for_each(|mark| add(&mut shown, *mark));
    let (mut doubled, mut invented) = (0, 0);
    for (mark, shown) in &shown {
        match of(&written, *mark) {
            0 => invented += shown,
            written => doubled += shown.saturating_sub(written),
        }
    }
    let at_ms = story.acked_ms().unwrap_or(0);
    if doubled > 0 {
        sheet.texts.doubled += doubled;
        sheet.find("S12", at_ms, format!("{doubled} messages of {} were shown more than once", story.conversation));
    }
    if invented > 0 {
        sheet.find("S2", at_ms, format!("{invented} messages shown in {} were never written", story.conversation));
    }
}

fn disordered(sheet: &mut Sheet<'_>, story: &TextStory, thread: &Thread, seen: &[Mark]) {
    let mut written = BTreeMap::<Mark, Vec<(u64, u64)>>::new();
    for text in story.inbound.iter().rev() {
        let settled_ms = text.taken_ms.unwrap_or(u64::MAX);
        written.entry(text.mark).or_default().push((text.written_ms, settled_ms));
    }
    // The first of equal words is taken for the first.
    let order: Vec<(u64, u64)> = seen.iter().filter_map(|mark| written.get_mut(mark)?.pop()).collect();
    let late = |sights: &Vec<Sight>| {
        let rising = sights.iter().scan(0, |highest, sight| {
            let before = std::mem::replace(highest, sight.number.max(*highest));
            Some(sight.number < before)
        });
        rising.filter(|fell| *fell).count()
    };
    let shown_late: usize = thread.contacts.iter().flat_map(|(_, pages)| pages.sights.values()).map(late).sum();
    let count = inversions(&order) + shown_late;
    if count > 0 {
        sheet.texts.disordered += count;
        let text = format!("{count} messages of {} were shown out of order", story.conversation);
        sheet.find("S11", story.acked_ms().unwrap_or(0), text);
    }
}
