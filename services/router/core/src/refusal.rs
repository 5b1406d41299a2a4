//! Why a command was not done, and what to do about it. Refusals are answers, not failures: nothing has changed.

use crate::contact::{Channel, ContactState};
use crate::handoff::HandoffState;
use crate::id::{CenterId, ContactId, CounselorId, OfferId, PersonId};
use crate::offer::{OfferState, RescindReason};
use crate::plan::QueueKey;
use alloc::string::String;

/// A refused command.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    /// No such contact in the hot state.
    #[error("contact {0} is not known: it never existed, or closed long ago")]
    UnknownContact(ContactId),
    /// No such counselor in the plan.
    #[error("counselor {0} is not in the plan in force")]
    UnknownCounselor(CounselorId),
    /// No such leg.
    #[error("contact {contact} has no leg {leg}")]
    UnknownLeg {
        /// Which contact.
        contact: ContactId,
        /// Which leg.
        leg: u32,
    },
    /// No such offer to this counselor.
    #[error("offer {0} was not made to this counselor")]
    UnknownOffer(OfferId),
    /// The offer is no longer open.
    #[error("offer {offer} is no longer open: {state:?}")]
    OfferNotOpen {
        /// Which offer.
        offer: OfferId,
        /// What became of it.
        state: OfferState,
        /// Why it was taken back, if it was.
        reason: Option<RescindReason>,
    },
    /// The offer's deadline has passed.
    #[error("offer {0} has expired")]
    OfferExpired(OfferId),
    /// The contact is not this counselor's.
    #[error("contact {contact} is not held by this counselor")]
    NotHolder {
        /// Which contact.
        contact: ContactId,
    },
    /// The contact is in a state where this cannot be done.
    #[error("contact {contact} is {state:?}")]
    WrongState {
        /// Which contact.
        contact: ContactId,
        /// Where it is.
        state: ContactState,
    },
    /// There is no handoff in a state where this can be done.
    #[error("contact {contact} has no handoff that allows this: it is {state:?}")]
    WrongHandoffState {
        /// Which contact.
        contact: ContactId,
        /// Where its latest handoff is, if it ever had one.
        state: Option<HandoffState>,
    },
    /// Whoever hands over may not leave yet.
    #[error("contact {contact} cannot be left yet: whoever joins has to be there both ways and to have confirmed")]
    MayNotLeave {
        /// Which contact.
        contact: ContactId,
    },
    /// Somebody is already handing it over.
    #[error("contact {0} is being handed over already: cancel that first")]
    HandoffOpen(ContactId),
    /// The plan has nobody of that kind, type and skills.
    #[error("the plan has nobody who could take over contact {0}: ask for another type or other skills")]
    NobodyInPlan(ContactId),
    /// The contact is not in writing.
    #[error("contact {0} is not in writing")]
    NotWritten(ContactId),
    /// The plan has no queue for the channel at all.
    #[error("the plan has no queue for {0:?}: add one, or take the channel from the carrier")]
    NoQueueFor(Channel),
    /// The carrier blocks our messages to the person.
    #[error("the carrier blocks messages to this person until they write START")]
    CarrierBlocks(ContactId),
    /// There is no open request for help.
    #[error("counselor {0} has asked for no help")]
    NoHelpAsked(CounselorId),
    /// The desk has to connect first.
    #[error("counselor {0} has no connected desk")]
    DeskNotConnected(CounselorId),
    /// A newer desk session speaks for this counselor.
    #[error("a newer desk speaks for counselor {0}")]
    SessionSuperseded(CounselorId),
    /// The contact has as many notes as it may.
    #[error("contact {0} has as many notes as it may: end one thought before the next")]
    TooManyNotes(ContactId),
    /// They still hold somebody.
    #[error("counselor {0} still holds a contact: end it or hand it over first")]
    HoldsContact(CounselorId),
    /// A person with a contact that is not closed, or that somebody still writes up, cannot be erased.
    #[error("person {0} has a contact that is not closed or is still written up: erase when that is over")]
    PersonIsHere(PersonId),
    /// The plan contradicts itself or the people who are here now.
    #[error("the plan cannot be put in force: {0}")]
    PlanUnfit(String),
    /// No such center in the plan.
    #[error("center {0} is not in the plan in force")]
    UnknownCenter(CenterId),
    /// No such queue in the plan.
    #[error("queue {} / {} / {:?} is not in the plan in force", .0.region, .0.need, .0.channel)]
    UnknownQueue(QueueKey),
    /// A directive that says too little or lasts too long.
    #[error("the directive is not given: {0}")]
    DirectiveUnfit(&'static str),
    /// No plan is in force yet.
    #[error("no plan is in force")]
    NoPlan,
    /// The epoch is not higher than the last.
    #[error("epoch {0} is not higher than the last")]
    StaleEpoch(u64),
}
