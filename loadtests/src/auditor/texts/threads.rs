//! Which contacts belong to which conversation of the carrier, and what the desks saw and sent in them.

use super::super::desks::{DeskHappened, TextAuthor};
use super::super::sheet::Sheet;
use crate::mark::Mark;
use std::collections::{BTreeMap, BTreeSet};

/// A message as one desk first saw it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sight {
    pub(super) at_ms: u64,
    pub(super) number: u32,
    pub(super) author: TextAuthor,
    pub(super) mark: Mark,
}

/// A message that a desk asked to be sent.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) mark: Mark,
    pub(super) asked_ms: u64,
    pub(super) done_ms: Option<u64>,
    pub(super) refused: bool,
}

/// What desks saw and did in one contact.
#[derive(Clone, Debug, Default)]
pub(super) struct Pages {
    /// By desk, in the order of its ledger.
    pub(super) sights: BTreeMap<String, Vec<Sight>>,
    pub(super) asked: Vec<Asked>,
    /// Marks of messages that a desk showed as failed.
    pub(super) failed: Vec<Mark>,
}

impl Pages {
    fn first_ms(&self) -> u64 {
        self.sights.values().flatten().map(|sight| sight.at_ms).min().unwrap_or(u64::MAX)
    }
}

/// One conversation's contacts, in the order in which desks saw them.
#[derive(Clone, Debug, Default)]
pub(super) struct Thread {
    pub(super) contacts: Vec<(String, Pages)>,
    pub(super) was_offered: bool,
}

/// The threads of all conversations, in their order. What belongs to none is found.
pub(super) fn of(sheet: &mut Sheet<'_>) -> Vec<Thread> {
    let mut pages = read(sheet);
    let mut belongs = BTreeMap::<String, usize>::new();
    for (index, story) in sheet.conversations.iter().enumerate() {
        for contact in story.outbound.iter().filter_map(|text| text.contact.clone()) {
            belongs.insert(contact, index);
        }
    }
    let strays: Vec<String> = pages.keys().filter(|contact| !belongs.contains_key(*contact)).cloned().collect();
    for contact in strays {
        let Some(page) = pages.get(&contact) else { continue };
        match by_words(sheet, page, &belongs) {
            Some(index) => {
                belongs.insert(contact, index);
            }
            None => {
                let at_ms = page.first_ms();
                if page.sights.values().flatten().any(|sight| sight.author == TextAuthor::Person) {
                    sheet.find("S2", at_ms, format!("contact {contact} holds messages that nobody wrote"));
                }
            }
        }
    }
    let mut threads = vec![Thread::default(); sheet.conversations.len()];
    let offered: BTreeSet<&str> = sheet.offers.iter().map(|offer| offer.contact.as_str()).collect();
    for (contact, index) in belongs {
        let Some(thread) = threads.get_mut(index) else { continue };
        thread.was_offered |= offered.contains(contact.as_str());
        thread.contacts.push((contact.clone(), pages.remove(&contact).unwrap_or_default()));
    }
    for thread in &mut threads {
        thread.contacts.sort_by_key(|(contact, pages)| (pages.first_ms(), contact.clone()));
    }
    threads
}

fn read(sheet: &Sheet<'_>) -> BTreeMap<String, Pages> {
    let mut all = BTreeMap::<String, Pages>::new();
    for (counselor, lines) in &sheet.lines {
        let mut known = BTreeSet::<(&str, u32, Mark)>::new();
        let mut sending = BTreeMap::<&str, (&str, usize)>::new();
        for line in lines {
            match &line.what {
                // Seen again, where the contact came back to this desk, is known.
                DeskHappened::TextSeen { contact, number, author, mark } if known.insert((contact, *number, *mark)) => {
                    let sight = Sight { at_ms: line.at_ms, number: *number, author: *author, mark: *mark };
                    let pages = all.entry(contact.clone()).or_default();
                    pages.sights.entry((*counselor).to_owned()).or_default().push(sight);
                }
                DeskHappened::TextFailed { contact, mark, .. } => {
                    all.entry(contact.clone()).or_default().failed.push(*mark);
                }
                DeskHappened::SendAsked { contact, request, mark } => {
                    let pages = all.entry(contact.clone()).or_default();
                    sending.insert(request, (contact, pages.asked.len()));
                    let (mark, asked_ms) = (*mark, line.at_ms);
                    pages.asked.push(Asked { mark, asked_ms, done_ms: None, refused: false });
                }
                DeskHappened::SendDone { request, .. } | DeskHappened::SendRefused { request, .. } => {
                    let Some((contact, index)) = sending.get(request.as_str()) else { continue };
                    let Some(asked) = all.get_mut(*contact).and_then(|pages| pages.asked.get_mut(*index)) else {
                        continue;
                    };
                    match line.what {
                        DeskHappened::SendDone { .. } => asked.done_ms = Some(line.at_ms),
                        _ => asked.refused = true,
                    }
                }
                _ => {}
            }
        }
    }
    all
}

/// The one conversation whose person wrote all that the contact holds, if there is just one without a contact.
fn by_words(sheet: &Sheet<'_>, pages: &Pages, taken: &BTreeMap<String, usize>) -> Option<usize> {
    let person = |sight: &&Sight| sight.author == TextAuthor::Person;
    let words: BTreeSet<Mark> = pages.sights.values().flatten().filter(person).map(|sight| sight.mark).collect();
    if words.is_empty() {
        return None;
    }
    let wrote_all = |index: &usize| {
        let written = sheet.conversations.get(*index).map(|story| &story.inbound);
        words.iter().all(|mark| written.is_some_and(|texts| texts.iter().any(|text| text.mark == *mark)))
    };
    let with_contact: BTreeSet<usize> = taken.values().copied().collect();
    let fitting: Vec<usize> = (0..sheet.conversations.len()).filter(wrote_all).collect();
    let fresh: Vec<usize> = fitting.iter().copied().filter(|index| !with_contact.contains(index)).collect();
    fresh.first().or(fitting.first()).copied()
}
