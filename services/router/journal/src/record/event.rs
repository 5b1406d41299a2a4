//! Every kind of event, once: its name, its message and its fields.
//!
//! An event of the core that is not in this table does not compile, and neither does a kind of the wire.

use super::DecodeError;
use super::field::Field;
use super::tell::{Tell, Told};
use holdfast_core::event::Event;
use holdfast_proto::journal::v1;
use v1::event::Kind;

macro_rules! events {
    ($($kind:ident { $($same:ident),* $(,)? $(; $($field:ident: $named:ident),+ $(,)?)? })+) => {
        /// The name of every kind of event, in the order of their numbers.
        pub const EVENT_KINDS: &[&str] = &[$(stringify!($kind)),+];

        /// The name of an event's kind, one of [`EVENT_KINDS`].
        #[must_use]
        pub const fn kind(event: &Event) -> &'static str {
            match event {
                $(Event::$kind { .. } => stringify!($kind),)+
            }
        }

        pub(super) fn store(event: &Event) -> Kind {
            match event {
                $(Event::$kind { $($same,)* $($($field,)+)? } => Kind::$kind(v1::$kind {
                    $($same: $same.store(),)* $($($named: $field.store(),)+)?
                }),)+
            }
        }

        pub(super) fn load(kind: Kind) -> Result<Event, DecodeError> {
            Ok(match kind {
                $(Kind::$kind(v1::$kind { $($same,)* $($($named,)+)? }) => Event::$kind {
                    $($same: Field::load($same, concat!(stringify!($kind), ".", stringify!($same)))?,)*
                    $($($field: Field::load($named, concat!(stringify!($kind), ".", stringify!($named)))?,)+)?
                },)+
            })
        }

        pub(super) fn tell(event: &Event) -> Vec<(&'static str, Told)> {
            match event {
                $(Event::$kind { $($same,)* $($($field,)+)? } => vec![
                    $((stringify!($same), $same.tell()),)* $($((stringify!($named), $field.tell()),)+)?
                ],)+
            }
        }
    };
}

events! {
    ContactArrived {
        contact, person, external, line, channel, direction, region, region_method, need, language, number, slot,
        follows;
        menu_ends_at: menu_ends_at_ms
    }
    ContactQueued { contact, queue, need, language, place }
    ContactOffered {
        contact, attempt, counselor, ring, place, plan_version, policy_version;
        deadline: deadline_at_ms
    }
    OfferAccepted { contact, attempt, counselor; write_by: write_by_ms }
    OfferDeclined { contact, attempt, counselor; again_at: again_at_ms }
    OfferExpired { contact, attempt, counselor; again_at: again_at_ms }
    OfferRescinded { contact, attempt, counselor, reason }
    LegStarted { contact, leg, party; deadline: deadline_at_ms }
    LegMoved { contact, leg, state, external, cause }
    ContactConnected { contact, counselor }
    PersonHeld { contact }
    PersonResumed { contact }
    ContactRequeued { contact, reason; again_at: again_at_ms }
    WrapUpStarted { contact; deadline: deadline_at_ms }
    WrapUpExtended { contact; deadline: deadline_at_ms }
    ContactClosed { contact, outcome; archive_at: archive_at_ms }
    ContactArchived { contact }
    EffectAsked { contact, number, effect }
    EffectSettled { contact, number, settlement }
    EffectDoubted { contact, number }
    EffectBarred { contact, number, by }
    NoteWritten { contact, counselor, note }
    DeskConnected { counselor, session, audio }
    DeskLost { counselor }
    CounselorLeft { counselor }
    ReadinessChanged { counselor, readiness, reason }
    ReadinessRequested { counselor, readiness }
    PlanActivated { plan }
    PersonErased { person, slots }
    LeadingStarted { epoch }
    ClockAdvanced { gap_ms }
    FormatRaised { format }
    TextReceived { contact, message, external, words, opt_out, media; idle_at: idle_at_ms, written_at: written_at_ms }
    TextSent { contact, message, author, words; idle_at: idle_at_ms }
    TextMoved { contact, message, delivery, code }
    QuestionAnswered { contact, question, need }
    AcuityRaised { contact, place }
    ContactReopened { contact }
    HandoffStarted { contact, number, from, toward, wish; deadline: deadline_at_ms }
    HandoffConsented { contact, note; deadline: deadline_at_ms }
    PeerOffered { contact, attempt, peer, plan_version, policy_version; deadline: deadline_at_ms }
    PeerOfferClosed { contact, attempt, peer, became, reason; again_at: again_at_ms }
    PeerReserved { contact, attempt, peer; deadline: deadline_at_ms }
    PeerJoining { contact, leg; deadline: deadline_at_ms }
    HandoffTogether { contact; deadline: deadline_at_ms }
    HandoffConfirmed { contact; deadline: deadline_at_ms }
    HandoffCompleted { contact; wrap_up_ends_at: wrap_up_ends_at_ms }
    HandoffCancelled { contact, by }
    HandoffReturned { contact, reason }
    HandoffWrapUpExtended { contact, counselor; deadline: deadline_at_ms }
    HandoffWrittenUp { contact, counselor }
    HelpAsked { counselor, contact, level }
    HelpAnswered { counselor, by }
    HelpEnded { counselor }
    SearchWidened { contact, reach_ms }
    DirectiveGiven { directive }
    DirectiveEnded { subject }
    HoursChanged { center, open }
}
