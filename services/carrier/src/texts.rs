//! Which message at the carrier is which of ours: what keeps two of the same words from being taken for one another.
//!
//! Told by the carrier's answers and receipts, which are certain, and by listings, where a message of the same words may stand
//! for only one of ours. Bounded: beyond the bound the oldest is forgotten; what was made before a message was written is never
//! taken for it anyway.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::effect::SendText;

/// A message of ours: contact and number.
type Ours = (String, u32);

/// The messages of one account.
#[derive(Debug)]
pub(crate) struct Texts {
    most: usize,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    by_id: BTreeMap<String, Ours>,
    by_message: BTreeMap<Ours, String>,
    oldest_first: VecDeque<String>,
    open: BTreeMap<u64, Open>,
    opened: u64,
}

#[derive(Debug)]
struct Open {
    contact: String,
    text: SendText,
    in_doubt: bool,
}

/// A message that may be at the carrier and whose id is not known yet, until this is dropped. Bounded by the open effects.
#[derive(Debug)]
pub(crate) struct Opened<'a> {
    texts: &'a Texts,
    number: u64,
}

impl Opened<'_> {
    /// Its answer was lost.
    pub(crate) fn is_in_doubt(&self) {
        if let Some(open) = self.texts.lock().open.get_mut(&self.number) {
            open.in_doubt = true;
        }
    }
}

impl Drop for Opened<'_> {
    fn drop(&mut self) {
        self.texts.lock().open.remove(&self.number);
    }
}

/// Whose a listed message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Claim {
    /// The one it was claimed for.
    Granted,
    /// Another one's of ours.
    Anothers,
    /// Perhaps another one's of the same words: its answer or a receipt will say.
    Unclear,
}

impl Texts {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, known: Mutex::default() }
    }

    /// The carrier itself said that this message is this one of ours. It is believed over any listing.
    pub(crate) fn told(&self, external_id: &str, contact: &str, message: u32) {
        self.lock().put(external_id, (contact.to_owned(), message), self.most);
    }

    /// Takes a listed message for this one of ours. `late` says that the time for receipts is over: of two of the same words that
    /// are both in doubt, the one that asks gets it then.
    pub(crate) fn claim(&self, external_id: &str, contact: &str, text: &SendText, late: bool) -> Claim {
        let mut known = self.lock();
        let ours = (contact.to_owned(), text.message);
        if let Some(owner) = known.by_id.get(external_id) {
            return if *owner == ours { Claim::Granted } else { Claim::Anothers };
        }
        let rival = |other: &Open| {
            let same = other.contact == contact && other.text.message == text.message;
            !same && other.text.reads_like(text) && !(late && other.in_doubt)
        };
        if known.open.values().any(rival) {
            return Claim::Unclear;
        }
        known.put(external_id, ours, self.most);
        Claim::Granted
    }

    /// The carrier's id of a message of ours, if it is known.
    pub(crate) fn id_of(&self, contact: &str, message: u32) -> Option<String> {
        self.lock().by_message.get(&(contact.to_owned(), message)).cloned()
    }

    /// A message is given to the carrier now, or is in doubt.
    pub(crate) fn open(&self, contact: &str, text: &SendText, in_doubt: bool) -> Opened<'_> {
        let mut known = self.lock();
        known.opened += 1;
        let number = known.opened;
        known.open.insert(number, Open { contact: contact.to_owned(), text: text.clone(), in_doubt });
        drop(known);
        Opened { texts: self, number }
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn put(&mut self, external_id: &str, ours: Ours, most: usize) {
        match self.by_id.insert(external_id.to_owned(), ours.clone()) {
            None => self.oldest_first.push_back(external_id.to_owned()),
            Some(before) if before != ours => {
                self.by_message.remove(&before);
            }
            Some(_) => {}
        }
        self.by_message.insert(ours, external_id.to_owned());
        while self.oldest_first.len() > most {
            let Some(oldest) = self.oldest_first.pop_front() else { return };
            let Some(ours) = self.by_id.remove(&oldest) else { continue };
            if self.by_message.get(&ours) == Some(&oldest) {
                self.by_message.remove(&ours);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use holdfast_carrier_codec::model::{PhoneNumber, Words};

    use super::*;

    fn text(message: u32, words: &str) -> SendText {
        let number = |text| PhoneNumber::parse(text).unwrap();
        SendText {
            message,
            to: number("+14155550123"),
            from: number("988"),
            words: Words::new(words),
            written_at_ms: 0,
        }
    }

    #[test]
    fn one_message_at_the_carrier_is_one_of_ours() {
        let texts = Texts::new(8);
        let claim = |contact, message| texts.claim("SM1", contact, &text(message, "ok"), false);
        assert_eq!(claim("a", 1), Claim::Granted);
        assert_eq!(claim("a", 1), Claim::Granted, "asked again");
        assert_eq!((claim("a", 2), claim("b", 1)), (Claim::Anothers, Claim::Anothers));
        assert_eq!(texts.id_of("a", 1).as_deref(), Some("SM1"));
        texts.told("SM1", "a", 2);
        assert_eq!(
            (texts.id_of("a", 1), texts.id_of("a", 2).as_deref()),
            (None, Some("SM1")),
            "a receipt knows better"
        );
    }

    #[test]
    fn what_may_be_anothers_is_not_taken_while_that_one_is_on_its_way() {
        let texts = Texts::new(8);
        let sent = texts.open("a", &text(2, "ok"), false);
        for late in [false, true] {
            assert_eq!(texts.claim("SM1", "a", &text(1, "ok"), late), Claim::Unclear);
        }
        assert_eq!(texts.claim("SM2", "a", &text(3, "other words"), false), Claim::Granted);
        texts.told("SM1", "a", 2);
        drop(sent);
        assert_eq!(texts.claim("SM1", "a", &text(1, "ok"), true), Claim::Anothers);
        assert_eq!(texts.claim("SM3", "a", &text(1, "ok"), false), Claim::Granted);
    }

    #[test]
    fn of_two_in_doubt_neither_takes_anything_before_it_is_late() {
        let texts = Texts::new(8);
        let doubted = [texts.open("a", &text(1, "ok"), true), texts.open("a", &text(2, "ok"), false)];
        doubted[1].is_in_doubt();
        assert_eq!(texts.claim("SM1", "a", &text(1, "ok"), false), Claim::Unclear);
        assert_eq!(texts.claim("SM1", "a", &text(1, "ok"), true), Claim::Granted);
        assert_eq!(texts.claim("SM1", "a", &text(2, "ok"), true), Claim::Anothers);
        assert_eq!(texts.claim("SM2", "a", &text(2, "ok"), true), Claim::Granted);
    }

    #[test]
    fn the_oldest_is_forgotten_at_the_bound() {
        let texts = Texts::new(2);
        for (id, message) in [("SM1", 1), ("SM2", 2), ("SM1", 1), ("SM3", 3)] {
            texts.told(id, "a", message);
        }
        assert_eq!([1, 2, 3].map(|message| texts.id_of("a", message).is_some()), [false, true, true]);
    }
}
