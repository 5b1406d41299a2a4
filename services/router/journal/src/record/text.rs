//! The words of a conversation: who wrote, what, and how far it has come.
//!
//! Deliberately absent: the state of a conversation, which only snapshots hold.

use super::DecodeError;
use super::field::{Field, choice, required};
use super::tell::{Tell, Told};
use holdfast_core::conversation::{Author, Delivery, OptOut, Words};
use holdfast_proto::journal::v1;

choice!(Delivery: Queued, InDoubt, Sent, Delivered, Failed);
choice!(OptOut: None, Stop, Start, Help, MaybeStop);

impl Field<v1::Author> for Author {
    fn store(&self) -> v1::Author {
        use v1::author::Who;
        let who = match self {
            Self::Person => Who::Person(v1::PersonSide {}),
            Self::Line => Who::Line(v1::LineItself {}),
            Self::Member(member) => Who::Member(member.store()),
        };
        v1::Author { who: Some(who) }
    }
    fn load(wire: v1::Author, _: &'static str) -> Result<Self, DecodeError> {
        use v1::author::Who;
        match wire.who.ok_or(DecodeError::Malformed { field: "Author.who" })? {
            Who::Person(v1::PersonSide {}) => Ok(Self::Person),
            Who::Line(v1::LineItself {}) => Ok(Self::Line),
            Who::Member(member) => Field::load(member, "Author.member").map(Self::Member),
        }
    }
}

impl Tell for Author {
    fn tell(&self) -> Told {
        match self {
            Self::Person => Told::Text("the person".to_owned()),
            Self::Line => Told::Text("the line".to_owned()),
            Self::Member(member) => member.tell(),
        }
    }
}

impl Field<v1::Words> for Words {
    fn store(&self) -> v1::Words {
        use v1::words::Kind;
        let kind = match self {
            Self::Sealed(sealed) => Kind::Sealed(sealed.store()),
            Self::Said(said) => Kind::Said(said.store()),
        };
        v1::Words { kind: Some(kind) }
    }
    fn load(wire: v1::Words, _: &'static str) -> Result<Self, DecodeError> {
        use v1::words::Kind;
        match wire.kind.ok_or(DecodeError::Malformed { field: "Words.kind" })? {
            Kind::Sealed(sealed) => Field::load(sealed, "Words.sealed").map(Self::Sealed),
            Kind::Said(said) => Field::load(said, "Words.said").map(Self::Said),
        }
    }
}

impl Tell for Words {
    fn tell(&self) -> Told {
        match self {
            Self::Sealed(sealed) => sealed.tell(),
            Self::Said(said) => said.tell(),
        }
    }
}

required!(
    Author => v1::Author,
    Words => v1::Words,
);
