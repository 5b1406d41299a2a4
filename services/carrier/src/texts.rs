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
    in_the_air: BTreeMap<u64, SendText>,
    flights: u64,
}

/// A message that was given to the carrier and is not answered yet; until this is dropped.
#[derive(Debug)]
pub(crate) struct Flight<'a> {
    texts: &'a Texts,
    number: u64,
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        self.texts.lock().in_the_air.remove(&self.number);
    }
}

impl Texts {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, known: Mutex::default() }
    }

    /// The carrier itself said that this message is this one of ours. It is believed over any listing.
    pub(crate) fn told(&self, external_id: &str, contact: &str, message: u32) {
        self.lock().put(external_id, (contact.to_owned(), message), self.most);
    }

    /// Takes a listed message for this one of ours. False if it is another one's, or may become it: a message of the same words
    /// is on its way, and its answer will say.
    pub(crate) fn claim(&self, external_id: &str, contact: &str, text: &SendText) -> bool {
        let mut known = self.lock();
        let ours = (contact.to_owned(), text.message);
        match known.by_id.get(external_id) {
            Some(owner) => *owner == ours,
            None if known.in_the_air.values().any(|other| other.reads_like(text)) => false,
            None => {
                known.put(external_id, ours, self.most);
                true
            }
        }
    }

    /// The carrier's id of a message of ours, if it is known.
    pub(crate) fn id_of(&self, contact: &str, message: u32) -> Option<String> {
        self.lock().by_message.get(&(contact.to_owned(), message)).cloned()
    }

    /// Whether a message of the same words is on its way.
    pub(crate) fn like_it_in_the_air(&self, text: &SendText) -> bool {
        self.lock().in_the_air.values().any(|other| other.reads_like(text))
    }

    /// A message is given to the carrier now. Bounded by the requests in flight.
    pub(crate) fn set_out(&self, text: &SendText) -> Flight<'_> {
        let mut known = self.lock();
        known.flights += 1;
        let number = known.flights;
        known.in_the_air.insert(number, text.clone());
        drop(known);
        Flight { texts: self, number }
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
        assert!(texts.claim("SM1", "a", &text(1, "ok")));
        assert!(texts.claim("SM1", "a", &text(1, "ok")), "asked again");
        assert!(!texts.claim("SM1", "a", &text(2, "ok")));
        assert!(!texts.claim("SM1", "b", &text(1, "ok")));
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
        let flight = texts.set_out(&text(2, "ok"));
        assert!(texts.like_it_in_the_air(&text(1, "ok")));
        assert!(!texts.claim("SM1", "a", &text(1, "ok")));
        assert!(texts.claim("SM2", "a", &text(3, "other words")));
        texts.told("SM1", "a", 2);
        drop(flight);
        assert!(!texts.claim("SM1", "a", &text(1, "ok")), "it was the other's");
        assert!(texts.claim("SM3", "a", &text(1, "ok")));
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
