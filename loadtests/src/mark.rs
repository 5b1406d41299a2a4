//! A mark of some words: equal words have equal marks within one run, and nothing of the words can be had from it.
//!
//! Carrier and desks write marks into their ledgers instead of words, so that an auditor can compare what nobody may read.

use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

/// A keyed hash of words. The key is made anew with every process, so that not even a short word can be guessed from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mark(u64);

impl Mark {
    /// The mark of these words.
    #[must_use]
    pub fn of(words: &str) -> Self {
        static KEY: OnceLock<[u8; 32]> = OnceLock::new();
        let key = KEY.get_or_init(|| {
            let (one, other) = (uuid::Uuid::new_v4(), uuid::Uuid::new_v4());
            *blake3::hash(&[one.into_bytes(), other.into_bytes()].concat()).as_bytes()
        });
        let hash = blake3::keyed_hash(key, words.as_bytes());
        Self(hash.as_bytes().iter().take(8).fold(0, |number, byte| (number << 8) | u64::from(*byte)))
    }
}

#[cfg(test)]
mod tests {
    use super::Mark;

    #[test]
    fn equal_words_have_equal_marks_and_others_do_not() {
        assert_eq!(Mark::of("hello"), Mark::of("hello"));
        assert_ne!(Mark::of("hello"), Mark::of("hello "));
        assert!(!format!("{:?}", Mark::of("hello")).contains("hello"));
    }
}
