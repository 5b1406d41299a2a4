//! What somebody asks for. A command is decided against the state and becomes events, or a refusal that says why not.
//!
//! Every command is harmless when it comes twice: a carrier repeats itself, a desk retries, a router restarts.

use crate::contact::Channel;
use crate::conversation::{Delivery, OptOut};
use crate::counselor::{HelpLevel, Readiness};
use crate::directive::{Measure, Subject};
use crate::effect::Settlement;
use crate::event::RequeueReason;
use crate::handoff::{Toward, Wish};
use crate::id::{CenterId, ContactId, CounselorId, ExternalId, LineId, NeedId, OfferId, PersonId};
use crate::leg::{LegCause, LegState};
use crate::plan::BoxedPlan;
use crate::sealed::{KeySlot, Sealed};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// A wish, from a carrier, a desk, an operator or the router itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// A person reached a line. Repeats (by the carrier's id) answer with the contact that is already there.
    ArriveContact {
        /// The id it gets if it is new.
        contact: ContactId,
        /// Whose attempt.
        person: PersonId,
        /// The carrier's name for it.
        external: ExternalId,
        /// The line they reached; one the plan does not know goes to the default queue.
        line: LineId,
        /// By which channel.
        channel: Channel,
        /// The area code of their number, derived by the edge.
        area_code: Option<u16>,
        /// Their number, sealed; absent for an anonymous caller.
        number: Option<Sealed>,
        /// The slot claimed for this contact.
        slot: Option<KeySlot>,
    },
    /// The person chose from the menu, or chose nothing.
    ChooseNeed {
        /// Which contact.
        contact: ContactId,
        /// The digit, if there was one.
        digit: Option<u8>,
    },
    /// The carrier, or reconciliation, says where a leg is.
    ReportLeg {
        /// Which contact.
        contact: ContactId,
        /// Which leg; 0 is the person's.
        leg: u32,
        /// Where it is.
        state: LegState,
        /// The carrier's id for it, if known.
        external: Option<Arc<str>>,
        /// Why it is over, if it is.
        cause: Option<LegCause>,
    },
    /// The carrier service settled an effect.
    SettleEffect {
        /// Which contact.
        contact: ContactId,
        /// Which effect.
        number: u32,
        /// How.
        settlement: Settlement,
    },
    /// The carrier's answer to an effect was ambiguous.
    DoubtEffect {
        /// Which contact.
        contact: ContactId,
        /// Which effect.
        number: u32,
    },
    /// A desk attests that its counselor is there. A higher session supersedes a lower one.
    ConnectDesk {
        /// Whose desk.
        counselor: CounselorId,
        /// The session.
        session: u64,
        /// Where to reach them by voice, if given anew.
        audio: Option<Sealed>,
    },
    /// A desk is gone. Ignored if a newer session has taken over.
    LoseDesk {
        /// Whose desk.
        counselor: CounselorId,
        /// The session that was lost.
        session: u64,
    },
    /// A counselor ends their shift.
    SignOff {
        /// Who.
        counselor: CounselorId,
    },
    /// A counselor says what they are ready for. While they hold somebody it takes effect afterwards.
    SetReadiness {
        /// Who.
        counselor: CounselorId,
        /// What.
        readiness: Readiness,
    },
    /// A counselor takes an offer.
    AcceptOffer {
        /// Who.
        counselor: CounselorId,
        /// Which.
        offer: OfferId,
    },
    /// A counselor says not now.
    DeclineOffer {
        /// Who.
        counselor: CounselorId,
        /// Which.
        offer: OfferId,
    },
    /// A counselor puts the person on hold or takes them off.
    HoldPerson {
        /// Who.
        counselor: CounselorId,
        /// Which contact.
        contact: ContactId,
        /// True to hold.
        on: bool,
    },
    /// A counselor ends the contact and goes to wrap-up.
    EndContact {
        /// Who.
        counselor: CounselorId,
        /// Which contact.
        contact: ContactId,
    },
    /// A counselor gives a contact back to its place in the queue (their own phone or room failed).
    GiveBack {
        /// Who.
        counselor: CounselorId,
        /// Which contact.
        contact: ContactId,
    },
    /// A counselor is done writing up.
    FinishWrapUp {
        /// Who.
        counselor: CounselorId,
        /// Which contact.
        contact: ContactId,
    },
    /// A counselor takes more time to write up. Always granted.
    ExtendWrapUp {
        /// Who.
        counselor: CounselorId,
        /// Which contact.
        contact: ContactId,
    },
    /// A counselor writes a note.
    WriteNote {
        /// Who.
        counselor: CounselorId,
        /// About which contact.
        contact: ContactId,
        /// What, sealed under the contact's slot.
        note: Sealed,
    },
    /// The person wrote. Goes to their open conversation on this line, or begins one.
    ReceiveText {
        /// The id a new contact gets.
        contact: ContactId,
        /// Who.
        person: PersonId,
        /// The carrier's name for the message.
        external: ExternalId,
        /// The line they wrote to.
        line: LineId,
        /// Text or chat.
        channel: Channel,
        /// The area code of their number, derived by the edge.
        area_code: Option<u16>,
        /// Their number, sealed under `slot`; only needed for a new contact.
        number: Option<Sealed>,
        /// The slot of the conversation it goes to, or the one claimed for a new contact.
        slot: KeySlot,
        /// What they wrote, sealed under `slot`.
        words: Sealed,
        /// The digit they wrote, if that is all they wrote: an answer to a question with choices. Derived by the edge.
        digit: Option<u8>,
        /// The need a keyword of the plan stands for, if that is all they wrote. Derived by the edge.
        keyword: Option<NeedId>,
        /// What the carrier took it for.
        opt_out: OptOut,
        /// Whether the carrier has answered by itself.
        carrier_replied: bool,
        /// How many pictures or files came with it.
        media: u32,
        /// How long ago they wrote it, in milliseconds: more than 0 if it was found at the carrier later.
        written_ago_ms: u64,
    },
    /// The carrier says how far a message of ours has come.
    ReportText {
        /// In which contact.
        contact: ContactId,
        /// Which message.
        message: u32,
        /// How far.
        delivery: Delivery,
        /// The carrier's id of it, if known.
        external: Option<Arc<str>>,
        /// The carrier's code, if it failed.
        code: Option<Arc<str>>,
    },
    /// A counselor or peer writes to the person.
    SendText {
        /// Who.
        counselor: CounselorId,
        /// In which contact.
        contact: ContactId,
        /// What, sealed under the contact's slot.
        words: Sealed,
    },
    /// The owner of a connected contact begins to hand it over.
    StartHandoff {
        /// Who.
        counselor: CounselorId,
        /// Which contact.
        contact: ContactId,
        /// Whom they look for.
        toward: Toward,
        /// What they must bring.
        wish: Wish,
    },
    /// What the person answered.
    RecordConsent {
        /// Who says so.
        counselor: CounselorId,
        /// Which contact.
        contact: ContactId,
        /// Whether they agreed.
        given: bool,
        /// What they agreed to share, sealed under the contact's slot.
        note: Option<Sealed>,
    },
    /// Whoever is reserved has read the note.
    JoinHandoff {
        /// Who.
        counselor: CounselorId,
        /// Which contact.
        contact: ContactId,
    },
    /// "I have them."
    ConfirmHandoff {
        /// Who.
        counselor: CounselorId,
        /// Which contact.
        contact: ContactId,
    },
    /// Whoever handed over leaves.
    LeaveHandoff {
        /// Who.
        counselor: CounselorId,
        /// Which contact.
        contact: ContactId,
    },
    /// Either side ends the handoff.
    CancelHandoff {
        /// Who.
        counselor: CounselorId,
        /// Which contact.
        contact: ContactId,
    },
    /// Somebody at a desk asks a supervisor for help.
    AskHelp {
        /// Who.
        counselor: CounselorId,
        /// About which contact, if about one.
        contact: Option<ContactId>,
        /// How urgent.
        level: HelpLevel,
    },
    /// A supervisor answers.
    AnswerHelp {
        /// Whose request.
        counselor: CounselorId,
        /// Which supervisor.
        by: Arc<str>,
    },
    /// The request is over.
    EndHelp {
        /// Whose.
        counselor: CounselorId,
    },
    /// An operator decides something for a while. Another about the same center or queue takes its place.
    GiveDirective {
        /// What.
        measure: Measure,
        /// For how long, at most [`crate::directive::LASTS_MAX_MS`].
        for_ms: u64,
        /// Who answers for it.
        by: Arc<str>,
        /// Why.
        reason: Arc<str>,
    },
    /// An operator takes a directive back.
    EndDirective {
        /// What it is about.
        subject: Subject,
    },
    /// The calendar says for which channels centers with hours are open now.
    SetHours {
        /// By center.
        open: BTreeMap<CenterId, BTreeSet<Channel>>,
    },
    /// Put a plan in force. The same plan again is a repeat.
    ActivatePlan {
        /// The plan; its version is set by the router.
        plan: BoxedPlan,
    },
    /// Make everything of a person unreadable.
    ErasePerson {
        /// Who.
        person: PersonId,
        /// The slots found in the archive.
        slots: Vec<KeySlot>,
    },
    /// Put a contact in its channel's default queue, for a human to look at.
    Quarantine {
        /// Which contact.
        contact: ContactId,
        /// Why.
        reason: RequeueReason,
    },
    /// A router begins to lead.
    StartLeading {
        /// Its epoch.
        epoch: u64,
        /// The wall time that passed while nobody led.
        gap_ms: u64,
    },
    /// A deadline is due.
    KeepTime,
}

/// What a decided command answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// Done.
    Done,
    /// It was done before; nothing changed.
    AlreadyDone,
    /// The contact is known, new or not.
    Arrived {
        /// Its id.
        contact: ContactId,
        /// The digits to offer, if the menu is still open.
        menu: Vec<u8>,
        /// Whether the carrier had told of it before.
        repeated: bool,
    },
    /// The fact was late or out of order; nothing changed.
    Ignored,
}
