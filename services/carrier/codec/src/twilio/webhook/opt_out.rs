//! The words by which a person stops or restarts our messages at the carrier.
//!
//! Only a message that is one of them as a whole counts, in any case: the carrier acts on nothing else, and a person who writes
//! "please make it stop" is talking to us. Words of other languages, set up at the carrier, come with its own judgement. Without one
//! nobody knows whether the account blocks after such a word: by default it does.

use crate::model::OptOut;

/// The carrier's default words, and what each does.
const WORDS: [(&str, OptOut); 13] = [
    ("STOP", OptOut::MaybeStop),
    ("UNSUBSCRIBE", OptOut::MaybeStop),
    ("END", OptOut::MaybeStop),
    ("QUIT", OptOut::MaybeStop),
    ("STOPALL", OptOut::MaybeStop),
    ("REVOKE", OptOut::MaybeStop),
    ("OPTOUT", OptOut::MaybeStop),
    ("CANCEL", OptOut::MaybeStop),
    ("START", OptOut::Start),
    ("UNSTOP", OptOut::Start),
    ("YES", OptOut::Start),
    ("HELP", OptOut::Help),
    ("INFO", OptOut::Help),
];

/// What a whole message is to the carrier by its default words; `None` for an ordinary one.
#[must_use]
pub fn opt_out_word(body: &str) -> Option<OptOut> {
    let body = body.trim();
    WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(body)).map(|(_, meaning)| *meaning)
}

/// The carrier's own judgement of a message; `None` for one we do not know.
pub(super) fn named(kind: &str) -> Option<OptOut> {
    match kind {
        "STOP" => Some(OptOut::Stop),
        "START" => Some(OptOut::Start),
        "HELP" => Some(OptOut::Help),
        _ => None,
    }
}
