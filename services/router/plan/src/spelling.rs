//! Which ids are well formed, and what a misspelt word was probably meant to be.
//!
//! Deliberately absent: any list of words. What may be written in a place is known there.

use crate::limits::ID_MAX_CHARS;

/// Words longer than this are not compared: nobody misspells an id into a paragraph.
const COMPARED_MAX_CHARS: usize = 48;
/// How much of a wrong value is quoted back.
const QUOTED_MAX_CHARS: usize = 60;

/// Whether this is an id: 1 to 40 of a-z, 0-9 and hyphen.
pub(crate) fn is_id(text: &str) -> bool {
    (1..=ID_MAX_CHARS).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Whether this is a language tag: two or three letters, then perhaps parts of two to eight (`en`, `ase`, `zh-hant`).
pub(crate) fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let primary = parts.next().unwrap_or_default();
    is_id(text)
        && (2..=3).contains(&primary.len())
        && primary.bytes().all(|b| b.is_ascii_lowercase())
        && parts.all(|part| (2..=8).contains(&part.len()))
}

/// Whether this is a number in E.164: a plus sign and 7 to 15 digits that do not begin with 0.
pub(crate) fn is_number(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit())
    })
}

/// A wrong value as it is quoted back: without control characters, and not at any length.
pub(crate) fn quoted(text: &str) -> String {
    let mut shown: String = text.chars().take(QUOTED_MAX_CHARS).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    format!("{shown:?}")
}

/// The candidate that this was probably meant to be: at most one slip for every three letters, and at least one.
pub(crate) fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let letters: Vec<char> = word.chars().take(COMPARED_MAX_CHARS + 1).collect();
    if letters.len() > COMPARED_MAX_CHARS {
        return None;
    }
    let most = (letters.len() / 3).max(1);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != word && candidate.len().abs_diff(word.len()) <= most)
        .map(|candidate| (slips(&letters, candidate), candidate))
        .filter(|(slips, _)| *slips <= most)
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many letters are missing, too many, wrong or swapped with their neighbor (optimal string alignment).
fn slips(word: &[char], candidate: &str) -> usize {
    let other: Vec<char> = candidate.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in word.iter().enumerate() {
        let mut row = Vec::with_capacity(above.len());
        row.push(i + 1);
        for (j, b) in other.iter().enumerate() {
            let mut least = (above[j] + usize::from(a != b)).min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == other[j - 1] && word[i - 1] == *b {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_languages_and_numbers_are_told_from_lookalikes() {
        assert!(is_id("king-county") && is_id("a") && is_id(&"x".repeat(40)));
        for wrong in ["", "Harbor", "king_county", "späti", &"x".repeat(41)] {
            assert!(!is_id(wrong), "{wrong}");
        }
        assert!(is_language("en") && is_language("ase") && is_language("zh-hant"));
        for wrong in ["e", "english", "en-US", "en_us", "e1", "en-", "12"] {
            assert!(!is_language(wrong), "{wrong}");
        }
        assert!(is_number("+12065550100"));
        for wrong in ["12065550100", "+0206555010", "+1 206 555 0100", "+123456", "+1234567890123456", ""] {
            assert!(!is_number(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_slip_is_forgiven_and_a_different_word_is_not() {
        let known = ["veteran", "spanish", "youth"];
        assert_eq!(nearest("vetaran", known), Some("veteran"));
        assert_eq!(nearest("vetearn", known), Some("veteran"));
        assert_eq!(nearest("yuoth", known), Some("youth"));
        assert_eq!(nearest("general", known), None);
        assert_eq!(nearest("youth", known), None);
        assert_eq!(nearest(&"y".repeat(500), known), None);
    }
}
