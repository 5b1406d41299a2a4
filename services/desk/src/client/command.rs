//! What a person at a desk can say, in their words; how it looks on the wire is settled here.

use holdfast_proto::desk::v1::work_request::Say;
use holdfast_proto::router::v1::{
    AcceptOffer, Channel, DeclineOffer, EndContact, ExtendWrapUp, FinishWrapUp, GiveBack, HoldPerson, Readiness,
    SetReadiness, SignOff, WriteNote,
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
            DeskCommand::SignOff => Self::SignOff(SignOff { counselor_id }),
        }
    }
}
