//! An effect of the router's outbox, read from the wire into the carriers' common model.
//!
//! Addresses and words are held in types whose Debug shows nothing, so an effect may be logged by mistake without harm.

use holdfast_carrier_codec::model::{Address, PhoneNumber, Words};
use holdfast_carrier_codec::token::Token;
use holdfast_proto::router::v1::{self as wire, effect::Kind as WireKind};

use crate::names;

/// Something to do at the carrier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Effect {
    pub(crate) contact: String,
    pub(crate) number: u32,
    pub(crate) epoch: u64,
    pub(crate) doubted: bool,
    pub(crate) room: Token,
    pub(crate) kind: Kind,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Dial {
        leg: u32,
        label: Token,
        to: Address,
        from: PhoneNumber,
        ring_ms: u64,
    },
    Hold {
        person_external_id: Option<String>,
        on: bool,
    },
    Drop {
        leg: u32,
        label: Token,
        external_id: Option<String>,
    },
    EndRoom {
        person_external_id: Option<String>,
    },
    SendText(SendText),
    /// One that cannot be carried out; refused with this code so that the router does not wait for it.
    Unusable {
        code: &'static str,
    },
}

/// A message to the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SendText {
    /// Which of the contact's messages.
    pub(crate) message: u32,
    pub(crate) to: PhoneNumber,
    pub(crate) from: PhoneNumber,
    pub(crate) words: Words,
    /// When it was written, in network time.
    pub(crate) written_at_ms: u64,
}

impl SendText {
    /// Whether the carrier cannot tell the two apart but by their time.
    pub(crate) fn reads_like(&self, other: &Self) -> bool {
        self.to == other.to && self.from == other.from && self.words == other.words
    }
}

/// How an effect ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Settlement {
    Accepted(Option<String>),
    Refused(String),
}

impl Effect {
    /// Reads an effect. `None` if it does not even say whose it is, so that it could not be refused either.
    pub(crate) fn read(wire: wire::Effect) -> Option<Self> {
        let own_room = names::room(&wire.contact_id)?;
        let room = Token::parse(&wire.room).ok();
        let kind = match (&room, wire.kind) {
            (_, None) => Kind::Unusable { code: "unknown_effect" },
            // A conversation in writing has no room.
            (_, Some(WireKind::SendText(text))) => Kind::text(text),
            (None, _) => Kind::Unusable { code: "malformed_room" },
            (_, Some(kind)) => Kind::read(kind),
        };
        let room = room.unwrap_or(own_room);
        Some(Self {
            contact: wire.contact_id,
            number: wire.number,
            epoch: wire.epoch,
            doubted: wire.doubted,
            room,
            kind,
        })
    }

    /// Whether it starts before earlier ones are settled.
    pub(crate) fn overtakes(&self) -> bool {
        matches!(self.kind, Kind::Drop { .. } | Kind::EndRoom { .. })
    }

    /// For metrics and logs.
    pub(crate) fn name(&self) -> &'static str {
        match self.kind {
            Kind::Dial { .. } => "dial",
            Kind::Hold { .. } => "hold",
            Kind::Drop { .. } => "drop",
            Kind::EndRoom { .. } => "end_room",
            Kind::SendText(_) => "send_text",
            Kind::Unusable { .. } => "unusable",
        }
    }
}

impl Kind {
    fn read(wire: WireKind) -> Self {
        match wire {
            WireKind::Dial(dial) => {
                let Ok(label) = Token::parse(&dial.label) else { return Self::Unusable { code: "malformed_label" } };
                let Ok(to) = Address::parse(&dial.to) else { return Self::Unusable { code: "malformed_address" } };
                let Ok(from) = PhoneNumber::parse(&dial.from) else { return Self::Unusable { code: "malformed_from" } };
                Self::Dial { leg: dial.leg, label, to, from, ring_ms: dial.ring_ms }
            }
            WireKind::Hold(hold) => Self::Hold { person_external_id: given(hold.person_external_id), on: hold.on },
            WireKind::Drop(drop) => match Token::parse(&drop.label) {
                Ok(label) => Self::Drop { leg: drop.leg, label, external_id: given(drop.external_id) },
                Err(_) => Self::Unusable { code: "malformed_label" },
            },
            WireKind::EndRoom(end) => Self::EndRoom { person_external_id: given(end.person_external_id) },
            WireKind::SendText(text) => Self::text(text),
        }
    }

    fn text(wire: wire::effect::SendText) -> Self {
        let Ok(to) = PhoneNumber::parse(&wire.to) else { return Self::Unusable { code: "malformed_address" } };
        let Ok(from) = PhoneNumber::parse(&wire.from) else { return Self::Unusable { code: "malformed_from" } };
        // Words whose key was erased come empty, and the carrier has no message without any.
        if wire.words.is_empty() {
            return Self::Unusable { code: "no_words" };
        }
        let (message, words, written_at_ms) = (wire.message, Words::new(wire.words), wire.written_at_ms);
        Self::SendText(SendText { message, to, from, words, written_at_ms })
    }
}

fn given(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(to: &str, from: &str) -> wire::Effect {
        let (to, from, words) = (to.to_owned(), from.to_owned(), "nobody else may read this".to_owned());
        let text = wire::effect::SendText { message: 3, to, from, words, written_at_ms: 7 };
        let contact_id = "00112233445566778899aabbccddeeff".to_owned();
        wire::Effect {
            contact_id,
            number: 1,
            epoch: 1,
            kind: Some(WireKind::SendText(text)),
            ..wire::Effect::default()
        }
    }

    #[test]
    fn a_text_needs_no_room_and_shows_nothing() {
        let effect = Effect::read(text("+14155550123", "+18005550101")).unwrap();
        assert!(matches!(&effect.kind, Kind::SendText(text) if text.message == 3 && text.written_at_ms == 7));
        let shown = format!("{effect:?}");
        assert!(!shown.contains("555") && !shown.contains("nobody"), "{shown}");
    }

    #[test]
    fn what_cannot_be_carried_out_is_refused_and_says_why() {
        let code = |wire| match Effect::read(wire).unwrap().kind {
            Kind::Unusable { code } => code,
            _ => "usable",
        };
        assert_eq!(code(text("nowhere", "988")), "malformed_address");
        assert_eq!(code(text("+14155550123", "")), "malformed_from");
        let erased =
            WireKind::SendText(wire::effect::SendText { to: "988".into(), from: "988".into(), ..Default::default() });
        assert_eq!(code(wire::Effect { kind: Some(erased), ..text("+14155550123", "988") }), "no_words");
        assert_eq!(code(wire::Effect { kind: None, ..text("+14155550123", "988") }), "unknown_effect");
        let hold = WireKind::Hold(wire::effect::Hold { person_external_id: String::new(), on: true });
        assert_eq!(code(wire::Effect { kind: Some(hold), ..text("+14155550123", "988") }), "malformed_room");
        assert_eq!(Effect::read(wire::Effect { contact_id: "x".into(), ..text("+14155550123", "988") }), None);
    }
}
