//! Enums as lowercase words: the names of the proto without their prefix, both ways, so that there is one list.

use holdfast_proto::router::v1::{
    Acuity, Author, Channel, ContactState, Delivery, HandoffState, HandoffToward, HelpLevel, LegState, MemberKind,
    OfferState, OptOut, Outcome, Part, Presence, Readiness,
};
use serde::{Serialize, Serializer};

/// A word, kept as the proto shouts it and said in lowercase.
#[derive(Clone, Copy)]
pub(crate) struct Word(&'static str);

impl Serialize for Word {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_ascii_lowercase())
    }
}

/// An enum of the proto.
pub(crate) trait Worded: Copy + TryFrom<i32> {
    const PREFIX: &'static str;
    fn shouted(self) -> &'static str;
    fn of(name: &str) -> Option<Self>;
}

macro_rules! worded {
    ($($kind:ident $prefix:literal),* $(,)?) => {$(
        impl Worded for $kind {
            const PREFIX: &'static str = $prefix;
            fn shouted(self) -> &'static str {
                self.as_str_name()
            }
            fn of(name: &str) -> Option<Self> {
                Self::from_str_name(name)
            }
        }
    )*};
}

worded! {
    Acuity "ACUITY_", Author "AUTHOR_", Channel "CHANNEL_", ContactState "CONTACT_STATE_", Delivery "DELIVERY_",
    HandoffState "HANDOFF_STATE_", HandoffToward "HANDOFF_TOWARD_", HelpLevel "HELP_LEVEL_", LegState "LEG_STATE_",
    MemberKind "MEMBER_KIND_", OfferState "OFFER_STATE_", OptOut "OPT_OUT_", Outcome "OUTCOME_", Part "PART_",
    Presence "PRESENCE_", Readiness "READINESS_",
}

fn unspecified(word: &str) -> bool {
    word == "UNSPECIFIED"
}

/// The word of a value; none if it is not said, or newer than we are.
pub(crate) fn maybe<T: Worded>(value: i32) -> Option<Word> {
    let word = T::try_from(value).ok()?.shouted().strip_prefix(T::PREFIX)?;
    (!unspecified(word)).then_some(Word(word))
}

/// The word of a value that is always said; `otherwise` where it is not.
pub(crate) fn word<T: Worded>(value: i32, otherwise: &'static str) -> Word {
    maybe::<T>(value).unwrap_or(Word(otherwise))
}

/// The words of a list, without what is not said.
pub(crate) fn words<T: Worded>(values: &[i32]) -> Vec<Word> {
    values.iter().filter_map(|value| maybe::<T>(*value)).collect()
}

/// The value of a word; none if it is none of ours.
pub(crate) fn value<T: Worded + Into<i32>>(word: &str) -> Option<i32> {
    let shouted = word.to_ascii_uppercase();
    // Only what is lowercase: two spellings of one word would be one too many.
    if unspecified(&shouted) || word.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    T::of(&format!("{}{shouted}", T::PREFIX)).map(Into::into)
}
