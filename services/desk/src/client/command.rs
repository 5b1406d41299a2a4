//! What a person at a desk can say, in their words; how it looks on the wire is settled here.

use holdfast_proto::desk::v1::work_request::Say;
use holdfast_proto::router::v1::{
    AcceptOffer, AskHelp, CancelHandoff, Channel, ConfirmHandoff, DeclineOffer, EndContact, EndHelp, ExtendWrapUp,
    FinishWrapUp, GiveBack, HandoffToward, HelpLevel, HoldPerson, JoinHandoff, LeaveHandoff, Readiness, RecordConsent,
    SendText, SetReadiness, SignOff, StartHandoff, WriteNote,
};

/// A command. Deliberately without Debug: a note is a person's words.
#[derive(Clone, PartialEq, Eq)]
pub enum DeskCommand {
    /// Say what one is ready for; channels only with `AvailableFor`.
    SetReadiness(Readiness, Vec<Channel>),
    /// Take an offer, by its id.
    AcceptOffer(String),
    /// Not now, by the offer's id.
    DeclineOffer(String),
    /// Put the person of a contact on hold.
    Hold(String),
    /// Take the person of a contact off hold.
    Resume(String),
    /// End a contact.
    EndContact(String),
    /// Give a contact back to its place in the queue.
    GiveBack(String),
    /// Done writing up a contact.
    FinishWrapUp(String),
    /// More time to write up a contact.
    ExtendWrapUp(String),
    /// A note about a contact.
    WriteNote {
        /// Which contact.
        contact_id: String,
        /// The words, 1 to 8,000 bytes.
        words: String,
    },
    /// Write to the person of a contact. The request id is the message's own id: asked again, it is not sent again.
    SendText {
        /// Which contact.
        contact_id: String,
        /// The words, 1 to 1,600 bytes.
        words: String,
    },
    /// Begin to hand a contact over.
    StartHandoff {
        /// Which contact.
        contact_id: String,
        /// Whom it looks for.
        toward: HandoffToward,
        /// The type of peer, as the plan names it; empty for any.
        peer_type: String,
        /// Skills they must have, as the plan names them.
        skills: Vec<String>,
        /// One in particular; empty for the pool.
        wanted_id: String,
    },
    /// What the person answered when they were asked.
    Consent {
        /// Which contact.
        contact_id: String,
        /// Whether they agreed.
        given: bool,
        /// What they agreed to share, at most 8,000 bytes; empty unless they agreed.
        note: String,
    },
    /// The note is read: join the handoff of a contact.
    JoinHandoff(String),
    /// "I have them": of a contact whose handoff one joined.
    ConfirmHandoff(String),
    /// Leave a contact that was handed over.
    LeaveHandoff(String),
    /// End the handoff of a contact.
    CancelHandoff(String),
    /// Ask a supervisor for help; about no contact if its id is empty.
    AskHelp {
        /// About which contact.
        contact_id: String,
        /// How urgent.
        level: HelpLevel,
    },
    /// Help is not needed any more.
    EndHelp,
    /// End the shift. When it is done, so is the client.
    SignOff,
}

impl From<DeskCommand> for Say {
    fn from(command: DeskCommand) -> Self {
        // The service knows from the token who speaks.
        let counselor_id = String::new();
        match command {
            DeskCommand::SetReadiness(readiness, channels) => Self::SetReadiness(SetReadiness {
                counselor_id,
                readiness: readiness.into(),
                channels: channels.into_iter().map(Into::into).collect(),
            }),
            DeskCommand::AcceptOffer(offer_id) => Self::AcceptOffer(AcceptOffer { counselor_id, offer_id }),
            DeskCommand::DeclineOffer(offer_id) => Self::DeclineOffer(DeclineOffer { counselor_id, offer_id }),
            DeskCommand::Hold(contact_id) => Self::HoldPerson(HoldPerson { counselor_id, contact_id, on: true }),
            DeskCommand::Resume(contact_id) => Self::HoldPerson(HoldPerson { counselor_id, contact_id, on: false }),
            DeskCommand::EndContact(contact_id) => Self::EndContact(EndContact { counselor_id, contact_id }),
            DeskCommand::GiveBack(contact_id) => Self::GiveBack(GiveBack { counselor_id, contact_id }),
            DeskCommand::FinishWrapUp(contact_id) => Self::FinishWrapUp(FinishWrapUp { counselor_id, contact_id }),
            DeskCommand::ExtendWrapUp(contact_id) => Self::ExtendWrapUp(ExtendWrapUp { counselor_id, contact_id }),
            DeskCommand::WriteNote { contact_id, words } => {
                Self::WriteNote(WriteNote { counselor_id, contact_id, words })
            }
            DeskCommand::SendText { contact_id, words } => Self::SendText(SendText { counselor_id, contact_id, words }),
            DeskCommand::SignOff => Self::SignOff(SignOff { counselor_id }),
            of_two => say_of_two(of_two),
        }
    }
}

/// What concerns somebody else at a desk: handoffs and help. Everything else has been said above.
fn say_of_two(command: DeskCommand) -> Say {
    let counselor_id = String::new();
    match command {
        DeskCommand::StartHandoff { contact_id, toward, peer_type, skills, wanted_id } => {
            let toward = toward.into();
            Say::StartHandoff(StartHandoff { counselor_id, contact_id, toward, peer_type, skills, wanted_id })
        }
        DeskCommand::Consent { contact_id, given, note } => {
            Say::RecordConsent(RecordConsent { counselor_id, contact_id, given, note })
        }
        DeskCommand::JoinHandoff(contact_id) => Say::JoinHandoff(JoinHandoff { counselor_id, contact_id }),
        DeskCommand::ConfirmHandoff(contact_id) => Say::ConfirmHandoff(ConfirmHandoff { counselor_id, contact_id }),
        DeskCommand::LeaveHandoff(contact_id) => Say::LeaveHandoff(LeaveHandoff { counselor_id, contact_id }),
        DeskCommand::CancelHandoff(contact_id) => Say::CancelHandoff(CancelHandoff { counselor_id, contact_id }),
        DeskCommand::AskHelp { contact_id, level } => {
            Say::AskHelp(AskHelp { counselor_id, contact_id, level: level.into() })
        }
        _ => Say::EndHelp(EndHelp { counselor_id }),
    }
}
