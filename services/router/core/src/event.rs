//! What happened: the facts that are journaled. Replaying them rebuilds the state, whatever today's rules say.
//!
//! An event names everything that is needed to explain it later, and nothing that could identify a person except the random
//! person id. Sealed fields are ciphertext.

use crate::contact::{Channel, Direction, Outcome, Place, RegionMethod};
use crate::counselor::{Readiness, ReadinessReason};
use crate::effect::{Effect, Settlement};
use crate::id::{ContactId, CounselorId, ExternalId, Language, LineId, NeedId, PersonId, RegionId, RequestId};
use crate::leg::{LegCause, LegState, Party};
use crate::offer::RescindReason;
use crate::plan::{BoxedPlan, QueueKey};
use crate::principal::Principal;
use crate::sealed::{KeySlot, Sealed};
use crate::time::Timestamp;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// One journal record: everything one command caused, all or nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    /// Its number in the journal, from 1 without gaps.
    pub sequence: u64,
    /// The epoch of the writer that decided it.
    pub epoch: u64,
    /// When.
    pub at: Timestamp,
    /// Who asked.
    pub principal: Principal,
    /// The command's idempotency key, if it had one.
    pub request: Option<RequestId>,
    /// What it caused, in order.
    pub events: Vec<Event>,
}

impl Record {
    /// Whether somebody's data is to be made unreadable.
    #[must_use]
    pub fn erases(&self) -> bool {
        self.events.iter().any(|event| matches!(event, Event::PersonErased { .. }))
    }
}

/// Why a contact went back to its place in the queue.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum RequeueReason {
    /// The counselor's phone was busy, rang out or could not be dialed.
    LegFailed,
    /// The counselor's leg was lost while the person was still there.
    LegLost,
    /// The counselor's desk gave the contact back.
    GivenBack,
    /// A command about it could not be decided; a human should look.
    Quarantined,
}

/// A fact.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// A person reached the line. Their own leg is number 0 and answered.
    ContactArrived {
        /// Its new id.
        contact: ContactId,
        /// Whose attempt.
        person: PersonId,
        /// The carrier's name for it.
        external: ExternalId,
        /// The line they reached.
        line: LineId,
        /// By which channel.
        channel: Channel,
        /// Who started it.
        direction: Direction,
        /// The region it was resolved to.
        region: RegionId,
        /// How.
        region_method: RegionMethod,
        /// The need, if the line settles it.
        need: Option<NeedId>,
        /// The language, as far as known.
        language: Language,
        /// The person's number, sealed; absent for an anonymous caller.
        number: Option<Sealed>,
        /// The slot of everything sealed for this contact.
        slot: Option<KeySlot>,
        /// When the menu's time is up, if there is a menu.
        menu_ends_at: Option<Timestamp>,
    },
    /// It took its place in a queue.
    ContactQueued {
        /// Which contact.
        contact: ContactId,
        /// Which queue.
        queue: QueueKey,
        /// The need it was resolved to.
        need: NeedId,
        /// The language it needs.
        language: Language,
        /// Its place, for good.
        place: Place,
    },
    /// It was held out to a counselor.
    ContactOffered {
        /// Which contact.
        contact: ContactId,
        /// Which of its offers.
        attempt: u32,
        /// To whom.
        counselor: CounselorId,
        /// Until when.
        deadline: Timestamp,
        /// In which ring of the search, from 0.
        ring: u32,
        /// Its place at that moment.
        place: Place,
        /// Under which plan.
        plan_version: u64,
        /// Under which version of the matching rules.
        policy_version: u32,
    },
    /// The counselor took it.
    OfferAccepted {
        /// Which contact.
        contact: ContactId,
        /// Which of its offers.
        attempt: u32,
        /// Who took it.
        counselor: CounselorId,
    },
    /// The counselor said not now.
    OfferDeclined {
        /// Which contact.
        contact: ContactId,
        /// Which of its offers.
        attempt: u32,
        /// Who declined.
        counselor: CounselorId,
        /// When they may be asked again about this contact.
        again_at: Timestamp,
    },
    /// Nobody answered in time.
    OfferExpired {
        /// Which contact.
        contact: ContactId,
        /// Which of its offers.
        attempt: u32,
        /// Who did not answer.
        counselor: CounselorId,
        /// When they may be asked again about this contact.
        again_at: Timestamp,
    },
    /// It was taken back.
    OfferRescinded {
        /// Which contact.
        contact: ContactId,
        /// Which of its offers.
        attempt: u32,
        /// From whom.
        counselor: CounselorId,
        /// Why.
        reason: RescindReason,
    },
    /// A leg was begun: the carrier is asked to dial.
    LegStarted {
        /// Which contact.
        contact: ContactId,
        /// The leg's number, from 1.
        leg: u32,
        /// Whose phone.
        party: Party,
        /// By when it must be in the room.
        deadline: Timestamp,
    },
    /// A leg moved forward.
    LegMoved {
        /// Which contact.
        contact: ContactId,
        /// The leg's number.
        leg: u32,
        /// Where it is now.
        state: LegState,
        /// The carrier's id for it, if newly known.
        external: Option<Arc<str>>,
        /// Why it is over, if it is.
        cause: Option<LegCause>,
    },
    /// Both legs are in the room.
    ContactConnected {
        /// Which contact.
        contact: ContactId,
        /// With whom.
        counselor: CounselorId,
    },
    /// The person was put on hold.
    PersonHeld {
        /// Which contact.
        contact: ContactId,
    },
    /// The person was taken off hold.
    PersonResumed {
        /// Which contact.
        contact: ContactId,
    },
    /// It went back to its place in the queue. Its counselor is free again.
    ContactRequeued {
        /// Which contact.
        contact: ContactId,
        /// Why.
        reason: RequeueReason,
        /// When the counselor who had it may be asked about it again.
        again_at: Timestamp,
    },
    /// The counselor is writing up.
    WrapUpStarted {
        /// Which contact.
        contact: ContactId,
        /// Until when.
        deadline: Timestamp,
    },
    /// The counselor took more time.
    WrapUpExtended {
        /// Which contact.
        contact: ContactId,
        /// Until when now.
        deadline: Timestamp,
    },
    /// It is over.
    ContactClosed {
        /// Which contact.
        contact: ContactId,
        /// How.
        outcome: Outcome,
        /// When it leaves the hot state.
        archive_at: Timestamp,
    },
    /// It left the hot state; the journal keeps it.
    ContactArchived {
        /// Which contact.
        contact: ContactId,
    },
    /// Something is to be done at the carrier.
    EffectAsked {
        /// For which contact.
        contact: ContactId,
        /// Its number, from 1.
        number: u32,
        /// What.
        effect: Effect,
    },
    /// The carrier did it, or never will.
    EffectSettled {
        /// For which contact.
        contact: ContactId,
        /// Which effect.
        number: u32,
        /// How.
        settlement: Settlement,
    },
    /// The carrier's answer was ambiguous.
    EffectDoubted {
        /// For which contact.
        contact: ContactId,
        /// Which effect.
        number: u32,
    },
    /// A later effect overtook it: it must not start any more.
    EffectBarred {
        /// For which contact.
        contact: ContactId,
        /// Which effect.
        number: u32,
        /// By which.
        by: u32,
    },
    /// A counselor wrote a note.
    NoteWritten {
        /// About which contact.
        contact: ContactId,
        /// Who.
        counselor: CounselorId,
        /// What, sealed.
        note: Sealed,
    },
    /// A counselor's desk attested that they are there.
    DeskConnected {
        /// Whose.
        counselor: CounselorId,
        /// The session that may now speak for them.
        session: u64,
        /// Where to reach them by voice, if given anew, sealed.
        audio: Option<Sealed>,
    },
    /// A counselor's desk was lost.
    DeskLost {
        /// Whose.
        counselor: CounselorId,
    },
    /// A counselor is off shift: they signed off, or were silent beyond the grace.
    CounselorLeft {
        /// Who.
        counselor: CounselorId,
    },
    /// What a counselor is ready for changed.
    ReadinessChanged {
        /// Who.
        counselor: CounselorId,
        /// To what.
        readiness: Readiness,
        /// Why.
        reason: ReadinessReason,
    },
    /// A counselor who holds somebody asked to become something afterwards.
    ReadinessRequested {
        /// Who.
        counselor: CounselorId,
        /// What.
        readiness: Readiness,
    },
    /// A routing plan is in force from here on.
    PlanActivated {
        /// The plan, whole.
        plan: BoxedPlan,
    },
    /// A person's data is to be made unreadable: the slots are zeroed after this is durable.
    PersonErased {
        /// Who.
        person: PersonId,
        /// Every slot that held something of theirs.
        slots: Vec<KeySlot>,
    },
    /// A router began to lead. Every desk is unsure until it attests again.
    LeadingStarted {
        /// Its epoch, higher than any before.
        epoch: u64,
    },
    /// The wall clock moved while nobody led: the only way wall time enters.
    ClockAdvanced {
        /// By how much, clamped to 24 h.
        gap_ms: u64,
    },
    /// Event kinds up to this format may follow.
    FormatRaised {
        /// The format.
        format: u32,
    },
}
