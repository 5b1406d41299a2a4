//! What a simulated desk writes down: the counselor's side of the wire.

use crate::mark::Mark;
use serde::{Deserialize, Serialize};

/// How an offer ended on the counselor's screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OfferEnd {
    /// It was accepted, here.
    Accepted,
    /// It was declined, here.
    Declined,
    /// Its time ran out.
    Expired,
    /// Holdfast took it back: the person hung up, or the counselor's presence ended.
    Rescinded,
}

/// What somebody is to a contact on their screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeskPart {
    /// They own the person.
    Owner,
    /// They are reserved, or with the person and the other counselor, and have not confirmed.
    Joining,
    /// The other has confirmed; they may leave.
    Leaving,
    /// They have left and write up.
    WritingUp,
}

/// Where a handoff is on a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum HandoffStep {
    /// The person is being asked.
    Consenting,
    /// Somebody is being looked for.
    Seeking,
    /// Whoever was reserved reads the note.
    Briefing,
    /// They are being brought in.
    Joining,
    /// Three together.
    Together,
    /// The other one has the person.
    Confirmed,
    /// Over: the other one has the person alone.
    Completed,
    /// Over: called off.
    Cancelled,
    /// Over: something failed.
    Returned,
}

impl HandoffStep {
    /// Whether nothing follows.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Cancelled | Self::Returned)
    }
}

/// Who wrote a message, as a desk shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TextAuthor {
    /// The person.
    Person,
    /// The line by itself.
    Line,
    /// A counselor or peer.
    Desk,
}

/// One thing a desk saw or did. Ids are as they stand on the wire; a contact's id is the end of its room's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are ids and an absolute deadline on the run's clock, named as such")]
pub enum DeskHappened {
    /// The desk has a session.
    SignedIn,
    /// Holdfast confirmed the counselor available.
    Available,
    /// The counselor takes no offers: by choice, by a missed offer, or because the session ended.
    NotAvailable,
    /// An offer is on the screen.
    Offered { offer: String, contact: String, deadline_ms: u64 },
    /// The counselor pressed accept.
    AcceptSent { offer: String },
    /// Holdfast confirmed the accept.
    AcceptConfirmed { offer: String, contact: String },
    /// Holdfast refused the accept.
    AcceptRefused { offer: String, reason: String },
    /// The counselor pressed decline.
    DeclineSent { offer: String },
    /// The offer is gone from the screen.
    OfferClosed { offer: String, reason: OfferEnd },
    /// The desk shows person and counselor connected.
    Connected { contact: String },
    /// The desk shows the conversation over.
    Ended { contact: String },
    /// The counselor writes up.
    WrapUp { contact: String },
    /// The counselor is done with the contact.
    Done { contact: String },
    /// The desk's stream is over.
    StreamOver,
    /// What the offer before this line is, where it is no plain call: in writing, or to take over from somebody.
    OfferIs { offer: String, contact: String, written: bool, from: Option<String> },
    /// What the counselor is to a contact from now on, where it is not what an accepted offer makes them.
    Part { contact: String, part: DeskPart, written: bool },
    /// A message is on the screen, for the first time or with other words than before.
    TextSeen { contact: String, number: u32, author: TextAuthor, mark: Mark },
    /// A message is shown as one that will not arrive.
    TextFailed { contact: String, number: u32, mark: Mark },
    /// The counselor pressed send.
    SendAsked { contact: String, request: String, mark: Mark },
    /// Holdfast said that it is done.
    SendDone { contact: String, request: String },
    /// Holdfast refused it.
    SendRefused { contact: String, request: String, reason: String },
    /// A handoff is somewhere else than before. Empty ids: nobody.
    Handoff { contact: String, number: u32, step: HandoffStep, from: String, to: String, owner: String, reason: String },
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskEntry {
    /// Milliseconds on the run's clock.
    pub at_ms: u64,
    /// Whose desk.
    pub counselor: String,
    /// What.
    pub what: DeskHappened,
}

/// The lines of one desk, or of many written together; each desk's in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskLedger {
    /// The lines.
    pub entries: Vec<DeskEntry>,
}
