//! The words that records, plans and snapshots share.

use super::DecodeError;
use super::field::{Field, choice, message, required};
use super::tell::{Tell, Told};
use holdfast_core::contact::{Channel, Direction, Outcome, Place, RegionMethod};
use holdfast_core::counselor::{HelpLevel, Readiness, ReadinessReason};
use holdfast_core::effect::{Effect, Settlement};
use holdfast_core::event::RequeueReason;
use holdfast_core::id::ExternalId;
use holdfast_core::leg::{LegCause, LegState, Party};
use holdfast_core::offer::{OfferState, RescindReason};
use holdfast_core::plan::QueueKey;
use holdfast_proto::journal::v1;

choice!(Channel: Voice, Text, Chat);
choice!(Direction: Inbound, Outbound);
choice!(RegionMethod: GeoToken, AreaCode, PostalCode, Default);
choice!(Outcome: Completed, Abandoned, Diverted, Merged);
choice!(LegState: Dialing, InDoubt, Alerting, Answered, InRoom, Ended, Failed, Planned);
choice!(LegCause: HungUp, Dropped, Busy, NoAnswer, CarrierFailed, NotAtCarrier);
choice!(
    RescindReason: PersonLeft, DeskLost, CounselorNotReady, PlanChanged, HandoffEnded, AcuityRaised, PersonCalls, CenterClosed
);
choice!(RequeueReason: LegFailed, LegLost, GivenBack, Quarantined, NobodyWrote, DeskSilent);
choice!(ReadinessReason: Asked, AskedEarlier, OfferExpired, PhoneNotReached, DeskSilent, DidNotWrite);
choice!(OfferState: Open, Accepted, Declined, Expired, Rescinded);
choice!(HelpLevel: Question, Join, Emergency);

message!(ExternalId => ExternalId { account, id });
message!(QueueKey => QueueKey { region, need, channel });
message!(Place => Place { key, sequence });

impl Field<v1::Party> for Party {
    fn store(&self) -> v1::Party {
        use v1::party::Who;
        let who = match self {
            Self::Person => Who::Person(v1::PersonSide {}),
            Self::Counselor(counselor) => Who::Counselor(counselor.store()),
        };
        v1::Party { who: Some(who) }
    }
    fn load(wire: v1::Party, _: &'static str) -> Result<Self, DecodeError> {
        use v1::party::Who;
        match wire.who.ok_or(DecodeError::Malformed { field: "Party.who" })? {
            Who::Person(v1::PersonSide {}) => Ok(Self::Person),
            Who::Counselor(counselor) => Field::load(counselor, "Party.counselor").map(Self::Counselor),
        }
    }
}

impl Tell for Party {
    fn tell(&self) -> Told {
        match self {
            Self::Person => Told::Text("the person".to_owned()),
            Self::Counselor(counselor) => counselor.tell(),
        }
    }
}

impl Field<v1::Readiness> for Readiness {
    fn store(&self) -> v1::Readiness {
        use v1::ReadinessKind as Kind;
        let (kind, channels) = match self {
            Self::Available => (Kind::Available, Vec::new()),
            Self::AvailableFor(channels) => (Kind::AvailableFor, channels.store()),
            Self::Break => (Kind::Break, Vec::new()),
            Self::Training => (Kind::Training, Vec::new()),
            Self::CheckIn => (Kind::CheckIn, Vec::new()),
            Self::Debrief => (Kind::Debrief, Vec::new()),
        };
        v1::Readiness { kind: kind.into(), channels }
    }
    fn load(wire: v1::Readiness, _: &'static str) -> Result<Self, DecodeError> {
        use v1::ReadinessKind as Kind;
        let v1::Readiness { kind, channels } = wire;
        let without_channels = channels.is_empty();
        let readiness = match Kind::try_from(kind) {
            Ok(Kind::Available) => Self::Available,
            Ok(Kind::AvailableFor) => return Field::load(channels, "Readiness.channels").map(Self::AvailableFor),
            Ok(Kind::Break) => Self::Break,
            Ok(Kind::Training) => Self::Training,
            Ok(Kind::CheckIn) => Self::CheckIn,
            Ok(Kind::Debrief) => Self::Debrief,
            Ok(Kind::Unspecified) | Err(_) => return Err(DecodeError::Malformed { field: "Readiness.kind" }),
        };
        if without_channels { Ok(readiness) } else { Err(DecodeError::Malformed { field: "Readiness.channels" }) }
    }
}

impl Tell for Readiness {
    fn tell(&self) -> Told {
        match self {
            Self::AvailableFor(channels) => Told::Fields(vec![("available_for", channels.tell())]),
            Self::Available | Self::Break | Self::Training | Self::CheckIn | Self::Debrief => {
                Told::Text(format!("{self:?}"))
            }
        }
    }
}

impl Field<v1::Effect> for Effect {
    fn store(&self) -> v1::Effect {
        use v1::effect::What;
        let what = match self {
            Self::Dial { leg, counselor } => What::Dial(v1::Dial { leg: leg.store(), counselor: counselor.store() }),
            Self::Hold { on } => What::Hold(v1::Hold { on: on.store() }),
            Self::Drop { leg } => What::Drop(v1::Drop { leg: leg.store() }),
            Self::EndRoom => What::EndRoom(v1::EndRoom {}),
            Self::DialPerson => What::DialPerson(v1::DialPerson {}),
            Self::Send { message } => What::Send(v1::Send { message: message.store() }),
        };
        v1::Effect { what: Some(what) }
    }
    fn load(wire: v1::Effect, _: &'static str) -> Result<Self, DecodeError> {
        use v1::effect::What;
        match wire.what.ok_or(DecodeError::Malformed { field: "Effect.what" })? {
            What::Dial(v1::Dial { leg, counselor }) => {
                Ok(Self::Dial { leg, counselor: Field::load(counselor, "Dial.counselor")? })
            }
            What::Hold(v1::Hold { on }) => Ok(Self::Hold { on }),
            What::Drop(v1::Drop { leg }) => Ok(Self::Drop { leg }),
            What::EndRoom(v1::EndRoom {}) => Ok(Self::EndRoom),
            What::DialPerson(v1::DialPerson {}) => Ok(Self::DialPerson),
            What::Send(v1::Send { message }) => Ok(Self::Send { message }),
        }
    }
}

impl Tell for Effect {
    fn tell(&self) -> Told {
        let (what, mut fields) = match self {
            Self::Dial { leg, counselor } => ("dial", vec![("leg", leg.tell()), ("counselor", counselor.tell())]),
            Self::Hold { on } => ("hold", vec![("on", on.tell())]),
            Self::Drop { leg } => ("drop", vec![("leg", leg.tell())]),
            Self::EndRoom => ("end_room", Vec::new()),
            Self::DialPerson => ("dial_person", Vec::new()),
            Self::Send { message } => ("send", vec![("message", message.tell())]),
        };
        fields.insert(0, ("what", Told::Text(what.to_owned())));
        Told::Fields(fields)
    }
}

impl Field<v1::Settlement> for Settlement {
    fn store(&self) -> v1::Settlement {
        use v1::settlement::How;
        let how = match self {
            Self::Accepted(external) => How::Accepted(v1::Accepted { external: external.store() }),
            Self::Refused(code) => How::Refused(code.store()),
        };
        v1::Settlement { how: Some(how) }
    }
    fn load(wire: v1::Settlement, _: &'static str) -> Result<Self, DecodeError> {
        use v1::settlement::How;
        match wire.how.ok_or(DecodeError::Malformed { field: "Settlement.how" })? {
            How::Accepted(v1::Accepted { external }) => Field::load(external, "Accepted.external").map(Self::Accepted),
            How::Refused(code) => Field::load(code, "Settlement.refused").map(Self::Refused),
        }
    }
}

impl Tell for Settlement {
    fn tell(&self) -> Told {
        match self {
            Self::Accepted(external) => Told::Fields(vec![("accepted", true.tell()), ("external", external.tell())]),
            Self::Refused(code) => Told::Fields(vec![("accepted", false.tell()), ("code", code.tell())]),
        }
    }
}

required!(
    Party => v1::Party,
    Readiness => v1::Readiness,
    Effect => v1::Effect,
    Settlement => v1::Settlement,
);
