//! Records made of bytes: the same bytes make the same record, so that a failure shrinks and a golden record can be made again.

use crate::parts;
use crate::texts_and_handoffs::{about_a_conversation, about_a_handoff, about_a_peer, about_help};
use holdfast_core::contact::{Channel, Direction, Outcome, Place, RegionMethod};
use holdfast_core::counselor::{HelpLevel, Readiness, ReadinessReason};
use holdfast_core::effect::{Effect, Settlement};
use holdfast_core::event::{Event, Record, RequeueReason};
use holdfast_core::id::{ContactId, ExternalId, PersonId, RequestId};
use holdfast_core::leg::{LegCause, LegState, Party};
use holdfast_core::offer::{OfferState, RescindReason};
use holdfast_core::plan::QueueKey;
use holdfast_core::principal::{Principal, Role};
use holdfast_core::sealed::{KeySlot, Sealed};
use holdfast_core::time::Timestamp;

/// Bytes to make values of; zeros once they are used up.
pub(crate) struct Source<'a> {
    bytes: std::slice::Iter<'a, u8>,
    names: &'static [&'static str],
}

const CHANNELS: [Channel; 3] = [Channel::Voice, Channel::Text, Channel::Chat];
const PLAIN_NAMES: &[&str] = &["ana", "ben", "center-north", "es", "general", "line 988", "ñandú", "CA-12ab"];
const ANY_NAMES: &[&str] = &["ana", "ben", "center-north", "es", "", "a \"quoted\"\nname", "ñandú", "\u{1b}[2J"];

impl<'a> Source<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes: bytes.iter(), names: ANY_NAMES }
    }
    /// Without names that would steer a terminal: for files that people look at.
    pub(crate) fn plain(bytes: &'a [u8]) -> Self {
        Self { bytes: bytes.iter(), names: PLAIN_NAMES }
    }
    pub(crate) fn byte(&mut self) -> u8 {
        self.bytes.next().copied().unwrap_or(0)
    }
    pub(crate) fn flag(&mut self) -> bool {
        self.byte() % 2 == 1
    }
    pub(crate) fn number(&mut self) -> u64 {
        // Small, middling or anything: each is a different length on the wire.
        let length = [1, 4, 8][usize::from(self.byte() % 3)];
        (0..length).fold(0, |number, _| (number << 8) | u64::from(self.byte()))
    }
    pub(crate) fn small(&mut self) -> u32 {
        u32::try_from(self.number() & u64::from(u32::MAX)).unwrap()
    }
    pub(crate) fn id(&mut self) -> u128 {
        (0..16).fold(0, |number, _| (number << 8) | u128::from(self.byte()))
    }
    pub(crate) fn one_of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[usize::from(self.byte()) % choices.len()].clone()
    }
    pub(crate) fn name<T: From<&'static str>>(&mut self) -> T {
        T::from(self.one_of(self.names))
    }
    pub(crate) fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.flag().then(|| make(self))
    }
    /// Up to three of something.
    pub(crate) fn some<T, C: FromIterator<T>>(&mut self, mut make: impl FnMut(&mut Self) -> T) -> C {
        (0..self.byte() % 4).map(|_| make(self)).collect()
    }
    pub(crate) fn contact(&mut self) -> ContactId {
        ContactId(self.id())
    }
    pub(crate) fn person(&mut self) -> PersonId {
        PersonId(self.id())
    }
    pub(crate) fn request(&mut self) -> RequestId {
        RequestId(self.id())
    }
    pub(crate) fn moment(&mut self) -> Timestamp {
        Timestamp(self.number())
    }
    pub(crate) fn slot(&mut self) -> KeySlot {
        KeySlot(self.number())
    }
    pub(crate) fn channel(&mut self) -> Channel {
        self.one_of(&CHANNELS)
    }
    pub(crate) fn sealed(&mut self) -> Sealed {
        Sealed { slot: self.slot(), ciphertext: self.some::<u8, Vec<u8>>(Self::byte).into() }
    }
    pub(crate) fn external(&mut self) -> ExternalId {
        ExternalId { account: self.name(), id: self.name() }
    }
    pub(crate) fn place(&mut self) -> Place {
        Place { key: self.number().cast_signed(), sequence: self.number() }
    }
    pub(crate) fn queue_key(&mut self) -> QueueKey {
        QueueKey { region: self.name(), need: self.name(), channel: self.channel() }
    }
    pub(crate) fn direction(&mut self) -> Direction {
        self.one_of(&[Direction::Inbound, Direction::Outbound])
    }
    pub(crate) fn region_method(&mut self) -> RegionMethod {
        use RegionMethod::{AreaCode, Default, GeoToken, PostalCode};
        self.one_of(&[GeoToken, AreaCode, PostalCode, Default])
    }
    pub(crate) fn outcome(&mut self) -> Outcome {
        self.one_of(&[Outcome::Completed, Outcome::Abandoned, Outcome::Diverted, Outcome::Merged])
    }
    pub(crate) fn leg_state(&mut self) -> LegState {
        use LegState::{Alerting, Answered, Dialing, Ended, Failed, InDoubt, InRoom, Planned};
        self.one_of(&[Dialing, InDoubt, Alerting, Answered, InRoom, Ended, Failed, Planned])
    }
    pub(crate) fn leg_cause(&mut self) -> LegCause {
        use LegCause::{Busy, CarrierFailed, Dropped, HungUp, NoAnswer, NotAtCarrier};
        self.one_of(&[HungUp, Dropped, Busy, NoAnswer, CarrierFailed, NotAtCarrier])
    }
    pub(crate) fn party(&mut self) -> Party {
        if self.flag() { Party::Counselor(self.name()) } else { Party::Person }
    }
    pub(crate) fn rescind_reason(&mut self) -> RescindReason {
        use RescindReason::{
            AcuityRaised, CenterClosed, CounselorNotReady, DeskLost, HandoffEnded, PersonCalls, PersonLeft, PlanChanged,
        };
        let earlier = [PersonLeft, DeskLost, CounselorNotReady, PlanChanged, HandoffEnded, AcuityRaised, PersonCalls];
        self.one_of(&[&earlier[..], &[CenterClosed]].concat())
    }
    pub(crate) fn offer_state(&mut self) -> OfferState {
        use OfferState::{Accepted, Declined, Expired, Open, Rescinded};
        self.one_of(&[Open, Accepted, Declined, Expired, Rescinded])
    }
    pub(crate) fn help_level(&mut self) -> HelpLevel {
        self.one_of(&[HelpLevel::Question, HelpLevel::Join, HelpLevel::Emergency])
    }
    fn requeue_reason(&mut self) -> RequeueReason {
        use RequeueReason::{DeskSilent, GivenBack, LegFailed, LegLost, NobodyWrote, Quarantined};
        self.one_of(&[LegFailed, LegLost, GivenBack, Quarantined, NobodyWrote, DeskSilent])
    }
    pub(crate) fn readiness(&mut self) -> Readiness {
        let channels = self.some(Self::channel);
        self.one_of(&[
            Readiness::Available,
            Readiness::AvailableFor(channels),
            Readiness::Break,
            Readiness::Training,
            Readiness::CheckIn,
            Readiness::Debrief,
        ])
    }
    fn readiness_reason(&mut self) -> ReadinessReason {
        use ReadinessReason::{Asked, AskedEarlier, DeskSilent, DidNotWrite, OfferExpired, PhoneNotReached};
        self.one_of(&[Asked, AskedEarlier, OfferExpired, PhoneNotReached, DeskSilent, DidNotWrite])
    }
    pub(crate) fn effect(&mut self) -> Effect {
        match self.byte() % 6 {
            0 => Effect::Dial { leg: self.small(), counselor: self.name() },
            1 => Effect::Hold { on: self.flag() },
            2 => Effect::Drop { leg: self.small() },
            3 => Effect::DialPerson,
            4 => Effect::Send { message: self.small() },
            _ => Effect::EndRoom,
        }
    }
    fn settlement(&mut self) -> Settlement {
        if self.flag() { Settlement::Refused(self.name()) } else { Settlement::Accepted(self.maybe(Self::name)) }
    }
    fn principal(&mut self) -> Principal {
        use Role::{Administrator, Counselor, Operator, Peer, Supervisor};
        match self.byte() % 4 {
            0 => Principal::Router,
            1 => Principal::Carrier(self.name()),
            2 => Principal::Service(self.name()),
            _ => Principal::Person {
                name: self.name(),
                role: self.one_of(&[Counselor, Peer, Supervisor, Operator, Administrator]),
            },
        }
    }
}

/// A record of events of these kinds.
pub(crate) fn record(kinds: &[&str], bytes: &[u8]) -> Record {
    record_from(kinds, Source::new(bytes))
}

/// A record of events of these kinds, made of what the source has.
pub(crate) fn record_from(kinds: &[&str], mut from: Source<'_>) -> Record {
    Record {
        sequence: from.number(),
        epoch: from.number(),
        at: from.moment(),
        principal: from.principal(),
        request: from.maybe(Source::request),
        events: kinds.iter().map(|kind| event(kind, &mut from)).collect(),
    }
}

/// An event of this kind. A kind without an arm here fails every test.
fn event(kind: &str, from: &mut Source<'_>) -> Event {
    about_a_contact(kind, from)
        .or_else(|| about_an_offer_or_leg(kind, from))
        .or_else(|| about_a_conversation(kind, from))
        .or_else(|| about_a_handoff(kind, from))
        .or_else(|| about_a_peer(kind, from))
        .or_else(|| about_help(kind, from))
        .or_else(|| about_the_rest(kind, from))
        .unwrap_or_else(|| panic!("no {kind} is generated yet: add it"))
}

fn about_a_contact(kind: &str, from: &mut Source<'_>) -> Option<Event> {
    let contact = from.contact();
    Some(match kind {
        "ContactArrived" => Event::ContactArrived {
            contact,
            person: from.person(),
            external: from.external(),
            line: from.name(),
            channel: from.channel(),
            direction: from.direction(),
            region: from.name(),
            region_method: from.region_method(),
            need: from.maybe(Source::name),
            language: from.name(),
            number: from.maybe(Source::sealed),
            slot: from.maybe(Source::slot),
            menu_ends_at: from.maybe(Source::moment),
            follows: from.maybe(Source::contact),
        },
        "ContactQueued" => Event::ContactQueued {
            contact,
            queue: from.queue_key(),
            need: from.name(),
            language: from.name(),
            place: from.place(),
        },
        "SearchWidened" => Event::SearchWidened { contact, reach_ms: from.number() },
        "ContactConnected" => Event::ContactConnected { contact, counselor: from.name() },
        "PersonHeld" => Event::PersonHeld { contact },
        "PersonResumed" => Event::PersonResumed { contact },
        "ContactRequeued" => Event::ContactRequeued { contact, reason: from.requeue_reason(), again_at: from.moment() },
        "WrapUpStarted" => Event::WrapUpStarted { contact, deadline: from.moment() },
        "WrapUpExtended" => Event::WrapUpExtended { contact, deadline: from.moment() },
        "ContactClosed" => Event::ContactClosed { contact, outcome: from.outcome(), archive_at: from.moment() },
        "ContactArchived" => Event::ContactArchived { contact },
        "EffectAsked" => Event::EffectAsked { contact, number: from.small(), effect: from.effect() },
        "EffectSettled" => Event::EffectSettled { contact, number: from.small(), settlement: from.settlement() },
        "EffectDoubted" => Event::EffectDoubted { contact, number: from.small() },
        "EffectBarred" => Event::EffectBarred { contact, number: from.small(), by: from.small() },
        "NoteWritten" => Event::NoteWritten { contact, counselor: from.name(), note: from.sealed() },
        _ => return None,
    })
}

fn about_an_offer_or_leg(kind: &str, from: &mut Source<'_>) -> Option<Event> {
    let (contact, attempt, counselor) = (from.contact(), from.small(), from.name());
    Some(match kind {
        "ContactOffered" => Event::ContactOffered {
            contact,
            attempt,
            counselor,
            deadline: from.moment(),
            ring: from.small(),
            place: from.place(),
            plan_version: from.number(),
            policy_version: from.small(),
        },
        "OfferAccepted" => Event::OfferAccepted { contact, attempt, counselor, write_by: from.maybe(Source::moment) },
        "OfferDeclined" => Event::OfferDeclined { contact, attempt, counselor, again_at: from.moment() },
        "OfferExpired" => Event::OfferExpired { contact, attempt, counselor, again_at: from.moment() },
        "OfferRescinded" => Event::OfferRescinded { contact, attempt, counselor, reason: from.rescind_reason() },
        "LegStarted" => Event::LegStarted { contact, leg: from.small(), party: from.party(), deadline: from.moment() },
        "LegMoved" => Event::LegMoved {
            contact,
            leg: from.small(),
            state: from.leg_state(),
            external: from.maybe(Source::name),
            cause: from.maybe(Source::leg_cause),
        },
        _ => return None,
    })
}

fn about_the_rest(kind: &str, from: &mut Source<'_>) -> Option<Event> {
    let counselor = from.name();
    Some(match kind {
        "DeskConnected" => {
            Event::DeskConnected { counselor, session: from.number(), audio: from.maybe(Source::sealed) }
        }
        "DeskLost" => Event::DeskLost { counselor },
        "CounselorLeft" => Event::CounselorLeft { counselor },
        "ReadinessChanged" => {
            Event::ReadinessChanged { counselor, readiness: from.readiness(), reason: from.readiness_reason() }
        }
        "ReadinessRequested" => Event::ReadinessRequested { counselor, readiness: from.readiness() },
        "PlanActivated" => Event::PlanActivated { plan: Box::new(parts::plan(from)) },
        "PersonErased" => Event::PersonErased { person: from.person(), slots: from.some(Source::slot) },
        "LeadingStarted" => Event::LeadingStarted { epoch: from.number() },
        "ClockAdvanced" => Event::ClockAdvanced { gap_ms: from.number() },
        "FormatRaised" => Event::FormatRaised { format: from.small() },
        "DirectiveGiven" => Event::DirectiveGiven { directive: Box::new(parts::directive(from)) },
        "DirectiveEnded" => Event::DirectiveEnded { subject: parts::directive(from).measure.subject() },
        "HoursChanged" => Event::HoursChanged { center: from.name(), open: from.some(Source::channel) },
        _ => return None,
    })
}
