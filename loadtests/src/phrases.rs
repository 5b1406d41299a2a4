//! Neutral words for people who write to each other in a run. Nothing here is about anybody, or about why people write to a line.
//!
//! Two halves make a line, so that few are the same within one conversation.

use crate::prng::Prng;

/// How people begin.
pub(crate) const FIRST_WORDS: &[&str] =
    &["Hi", "hello", "👋", "Hey", "Is somebody there?", "hola", "Good evening", "🙂"];

const PERSON_FIRST: &[&str] = &[
    "It is quiet here tonight.",
    "I am at the kitchen table.",
    "The bus was late today.",
    "I have been up for a while.",
    "My phone is at twelve percent.",
    "It has been raining since noon.",
    "I wanted to hear from somebody.",
    "I am back now.",
    "That makes sense.",
    "I had not thought of it that way.",
    "Sorry, I was away for a moment.",
    "Okay.",
];

const PERSON_SECOND: &[&str] = &[
    "I made some tea.",
    "The neighbors are away.",
    "Thank you for writing back.",
    "I am not sure what to say.",
    "Can you stay a little?",
    "I will try that.",
    "Tomorrow is a long day.",
    "My sister usually writes on Sundays.",
    "The dog is asleep.",
    "I can see the street from here.",
    "What do you mean?",
    "Yes.",
];

const DESK_FIRST: &[&str] = &[
    "I am here.",
    "Thank you for telling me.",
    "Take your time.",
    "I am reading along.",
    "That sounds like a long day.",
    "I hear you.",
    "There is no hurry.",
    "You can write as it comes.",
    "I am glad that you wrote.",
    "Let us take it one thing at a time.",
];

const DESK_SECOND: &[&str] = &[
    "What would help most right now?",
    "How is it where you are?",
    "Is there somebody with you?",
    "What happened then?",
    "What usually helps on an evening like this?",
    "Would you like to say more about that?",
    "How long have you been up?",
    "Shall we think about tomorrow together?",
    "What would you like to talk about first?",
    "I will stay as long as you like.",
];

/// A line that somebody adds when they write in pieces.
pub(crate) const PIECES: &[&str] =
    &["and", "one moment", "so", "I mean", "anyway", "wait", "where was I", "right", "sorry, typing on the phone"];

fn any<'a>(prng: &mut Prng, of: &'a [&'a str]) -> &'a str {
    let last = u64::try_from(of.len()).unwrap_or(1).saturating_sub(1);
    let index = usize::try_from(prng.between(0, last)).unwrap_or(0);
    of.get(index).copied().unwrap_or_default()
}

/// One of these.
pub(crate) fn pick(prng: &mut Prng, of: &[&str]) -> String {
    any(prng, of).to_owned()
}

/// Something a person might write.
pub(crate) fn person(prng: &mut Prng) -> String {
    format!("{} {}", any(prng, PERSON_FIRST), any(prng, PERSON_SECOND))
}

/// Something a counselor or peer might write.
pub(crate) fn desk(prng: &mut Prng) -> String {
    format!("{} {}", any(prng, DESK_FIRST), any(prng, DESK_SECOND))
}

#[cfg(test)]
mod tests {
    use super::{DESK_FIRST, FIRST_WORDS, PIECES, desk, person, pick};
    use crate::prng::Prng;
    use std::collections::BTreeSet;

    #[test]
    fn lines_are_short_and_few_are_alike() {
        let mut prng = Prng::new(3);
        let lines: BTreeSet<String> =
            (0..80).map(|n| if n % 2 == 0 { person(&mut prng) } else { desk(&mut prng) }).collect();
        assert!(lines.len() > 55, "{}", lines.len());
        assert!(lines.iter().all(|line| line.len() < 160));
        assert!(FIRST_WORDS.contains(&pick(&mut prng, FIRST_WORDS).as_str()));
        assert!(!pick(&mut prng, PIECES).is_empty() && DESK_FIRST.len() == 10);
    }
}
