//! What happened: the facts that are journaled. Replaying them rebuilds the state, whatever today's rules say.
//!
//! An event names everything that is needed to explain it later, and nothing that could identify a person except the random
//! person id. Sealed fields are ciphertext.

use crate::contact::{Channel, Direction, Outcome, Place, RegionMethod};
use crate::conversation::{Author, Delivery, OptOut, Words};
use crate::counselor::{HelpLevel, Readiness, ReadinessReason};
use crate::directive::{Directive, Subject};
use crate::effect::{Effect, Settlement};
use crate::handoff::{ReturnReason, Toward, Wish};
use crate::id::{CenterId, ContactId, CounselorId, ExternalId, Language, LineId, NeedId, PersonId, RegionId};
use crate::leg::{LegCause, LegState, Party};
use crate::offer::{OfferState, RescindReason};
use crate::plan::{BoxedPlan, QueueKey};
use crate::sealed::{KeySlot, Sealed};
use crate::time::Timestamp;
use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::sync::Arc;
use alloc::vec::Vec;

pub use crate::contact::RequeueReason;
pub use crate::record::Record;

/// A fact. `contact` is always the contact that it is about, and `attempt` which of its offers.
#[expect(missing_docs, reason = "said once, above, for all of them")]
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
        /// When the time of the menu or the survey is up, if there is one.
        menu_ends_at: Option<Timestamp>,
        /// The contact it follows from, if it takes up a conversation again or calls somebody back.
        follows: Option<ContactId>,
    },
    /// It took its place in a queue.
    ContactQueued {
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
    /// Its own wait has widened the search: further rings are asked about it.
    SearchWidened {
        contact: ContactId,
        /// The longest clock of its queue's rings that has run out for it.
        reach_ms: u64,
    },
    /// It was held out to a counselor.
    ContactOffered {
        contact: ContactId,
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
        contact: ContactId,
        attempt: u32,
        /// Who took it.
        counselor: CounselorId,
        /// In writing: by when they must have written; whom the carrier blocks, when silence ends it.
        write_by: Option<Timestamp>,
    },
    /// The counselor said not now.
    OfferDeclined {
        contact: ContactId,
        attempt: u32,
        /// Who declined.
        counselor: CounselorId,
        /// When they may be asked again about this contact.
        again_at: Timestamp,
    },
    /// Nobody answered in time.
    OfferExpired {
        contact: ContactId,
        attempt: u32,
        /// Who did not answer.
        counselor: CounselorId,
        /// When they may be asked again about this contact.
        again_at: Timestamp,
    },
    /// It was taken back.
    OfferRescinded {
        contact: ContactId,
        attempt: u32,
        /// From whom.
        counselor: CounselorId,
        /// Why.
        reason: RescindReason,
    },
    /// A leg was begun: the carrier is asked to dial.
    LegStarted {
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
        contact: ContactId,
        /// With whom.
        counselor: CounselorId,
    },
    /// The person was put on hold.
    PersonHeld { contact: ContactId },
    /// The person was taken off hold.
    PersonResumed { contact: ContactId },
    /// It went back to its place in the queue. Its counselor is free again.
    ContactRequeued {
        contact: ContactId,
        /// Why.
        reason: RequeueReason,
        /// When the counselor who had it may be asked about it again.
        again_at: Timestamp,
    },
    /// The counselor is writing up.
    WrapUpStarted {
        contact: ContactId,
        /// Until when.
        deadline: Timestamp,
    },
    /// The counselor took more time.
    WrapUpExtended {
        contact: ContactId,
        /// Until when now.
        deadline: Timestamp,
    },
    /// It is over.
    ContactClosed {
        contact: ContactId,
        /// How.
        outcome: Outcome,
        /// When it leaves the hot state.
        archive_at: Timestamp,
    },
    /// It left the hot state; the journal keeps it.
    ContactArchived { contact: ContactId },
    /// Something is to be done at the carrier.
    EffectAsked {
        contact: ContactId,
        /// Its number, from 1.
        number: u32,
        /// What.
        effect: Effect,
    },
    /// The carrier did it, or never will.
    EffectSettled {
        contact: ContactId,
        /// Which effect.
        number: u32,
        /// How.
        settlement: Settlement,
    },
    /// The carrier's answer was ambiguous.
    EffectDoubted {
        contact: ContactId,
        /// Which effect.
        number: u32,
    },
    /// A later effect overtook it: it must not start any more.
    EffectBarred {
        contact: ContactId,
        /// Which effect.
        number: u32,
        /// By which.
        by: u32,
    },
    /// A counselor wrote a note.
    NoteWritten {
        contact: ContactId,
        /// Who.
        counselor: CounselorId,
        /// What, sealed.
        note: Sealed,
    },
    /// The person wrote.
    TextReceived {
        contact: ContactId,
        /// Its number in the conversation.
        message: u32,
        /// The carrier's name for it: it is never taken twice.
        external: ExternalId,
        /// What, sealed.
        words: Sealed,
        /// What the carrier took it for.
        opt_out: OptOut,
        /// How many pictures or files came with it.
        media: u32,
        /// When silence from here on would end the conversation, if the plan has that.
        idle_at: Option<Timestamp>,
        /// When they wrote it, if that was before: it was found at the carrier later.
        written_at: Option<Timestamp>,
    },
    /// Something was written to the person. Sending it is an effect.
    TextSent {
        contact: ContactId,
        /// Its number in the conversation.
        message: u32,
        /// Who wrote it.
        author: Author,
        /// What.
        words: Words,
        /// When silence from here on would end the conversation, if the plan has that.
        idle_at: Option<Timestamp>,
    },
    /// A message of ours came further.
    TextMoved {
        contact: ContactId,
        /// Which.
        message: u32,
        /// How far.
        delivery: Delivery,
        /// The carrier's code, if it failed.
        code: Option<Arc<str>>,
    },
    /// The person answered a question of the survey.
    QuestionAnswered {
        contact: ContactId,
        /// Which, from 0.
        question: u32,
        /// What it says about their need, if it says anything.
        need: Option<NeedId>,
    },
    /// It is taken to carry high risk from here on.
    AcuityRaised {
        contact: ContactId,
        /// Its place now, if it has one: nearer to the front, with the same sequence.
        place: Option<Place>,
    },
    /// The person wrote again while it was being written up: the conversation goes on.
    ContactReopened { contact: ContactId },
    /// A handoff began: the person is asked.
    HandoffStarted {
        contact: ContactId,
        /// Which of its handoffs, from 1.
        number: u32,
        /// Who hands over.
        from: CounselorId,
        /// Whom it looks for.
        toward: Toward,
        /// What they must bring.
        wish: Wish,
        /// When asking ends by itself.
        deadline: Timestamp,
    },
    /// The person agreed: somebody is asked.
    HandoffConsented {
        contact: ContactId,
        /// What they agreed to share, sealed.
        note: Option<Sealed>,
        /// By when somebody must be reserved.
        deadline: Timestamp,
    },
    /// Somebody was asked to take over.
    PeerOffered {
        contact: ContactId,
        attempt: u32,
        /// Whom.
        peer: CounselorId,
        /// Until when.
        deadline: Timestamp,
        /// Under which plan.
        plan_version: u64,
        /// Under which version of the matching rules.
        policy_version: u32,
    },
    /// They did not take it.
    PeerOfferClosed {
        contact: ContactId,
        attempt: u32,
        /// Who.
        peer: CounselorId,
        /// Declined, expired or rescinded.
        became: OfferState,
        /// Why it was taken back, if it was.
        reason: Option<RescindReason>,
        /// When they may be asked again about this contact.
        again_at: Option<Timestamp>,
    },
    /// They took it: they are reserved, and read the note.
    PeerReserved {
        contact: ContactId,
        attempt: u32,
        /// Who.
        peer: CounselorId,
        /// By when they must have read it.
        deadline: Timestamp,
    },
    /// They have read it and their phone is being dialed.
    PeerJoining {
        contact: ContactId,
        /// Their leg.
        leg: u32,
        /// By when they must be in the room.
        deadline: Timestamp,
    },
    /// Three are together.
    HandoffTogether {
        contact: ContactId,
        /// By when the one who joined must have confirmed.
        deadline: Timestamp,
    },
    /// Whoever joined owns the person from here on.
    HandoffConfirmed {
        contact: ContactId,
        /// When whoever handed over leaves by themself.
        deadline: Timestamp,
    },
    /// Whoever handed over has left and writes up.
    HandoffCompleted {
        contact: ContactId,
        /// Until when they write up.
        wrap_up_ends_at: Timestamp,
    },
    /// It was called off. The person is with whoever handed over.
    HandoffCancelled {
        contact: ContactId,
        /// By whom.
        by: CounselorId,
    },
    /// Something failed. The person is with whoever handed over.
    HandoffReturned {
        contact: ContactId,
        /// Why.
        reason: ReturnReason,
    },
    /// Whoever handed over takes more time to write up.
    HandoffWrapUpExtended {
        contact: ContactId,
        /// Who.
        counselor: CounselorId,
        /// Until when now.
        deadline: Timestamp,
    },
    /// Whoever handed over writes it up no more: done, out of time, or free for the person, who is alone again.
    HandoffWrittenUp {
        contact: ContactId,
        /// Who.
        counselor: CounselorId,
    },
    /// Somebody asked a supervisor for help.
    HelpAsked {
        /// Who.
        counselor: CounselorId,
        /// About which contact, if about one.
        contact: Option<ContactId>,
        /// How urgent.
        level: HelpLevel,
    },
    /// A supervisor answers.
    HelpAnswered {
        /// Whose request.
        counselor: CounselorId,
        /// Which supervisor.
        by: Arc<str>,
    },
    /// The request is over.
    HelpEnded {
        /// Whose.
        counselor: CounselorId,
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
    /// An operator decided something for a while, in place of what they decided before about the same.
    DirectiveGiven {
        /// What, until when, who, and why.
        directive: Box<Directive>,
    },
    /// Its time is up, or it was taken back.
    DirectiveEnded {
        /// What it was about.
        subject: Subject,
    },
    /// A center opened or closed by its hours.
    HoursChanged {
        /// Which.
        center: CenterId,
        /// For which channels it is open now.
        open: BTreeSet<Channel>,
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
