//! Which contact a call belongs to: for callbacks that carry a call's id and nothing of ours.
//!
//! Bounded: beyond the bound the oldest call is forgotten. Nothing is lost by that but a status callback's meaning, which
//! the room's callback and reconciliation tell too.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// Calls and their contacts, of one account.
#[derive(Debug)]
pub(crate) struct Contacts {
    most: usize,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    by_call: BTreeMap<String, String>,
    oldest_first: VecDeque<String>,
}

impl Contacts {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, known: Mutex::default() }
    }

    /// Remembers the contact of a call. The first one told stays.
    pub(crate) fn remember(&self, external_id: &str, contact: &str) {
        if external_id.is_empty() {
            return;
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.by_call.contains_key(external_id) {
            return;
        }
        known.by_call.insert(external_id.to_owned(), contact.to_owned());
        known.oldest_first.push_back(external_id.to_owned());
        while known.oldest_first.len() > self.most {
            if let Some(oldest) = known.oldest_first.pop_front() {
                known.by_call.remove(&oldest);
            }
        }
    }

    /// The contact of a call, if remembered.
    pub(crate) fn find(&self, external_id: &str) -> Option<String> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).by_call.get(external_id).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_call_is_forgotten_at_the_bound() {
        let contacts = Contacts::new(2);
        for call in ["a", "b", "a", "c", ""] {
            contacts.remember(call, &format!("of {call}"));
        }
        assert_eq!(contacts.find("a"), None);
        assert_eq!(contacts.find("b").as_deref(), Some("of b"));
        assert_eq!(contacts.find("c").as_deref(), Some("of c"));
        assert_eq!(contacts.find(""), None);
    }
}
