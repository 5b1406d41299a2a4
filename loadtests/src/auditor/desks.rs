//! What a simulated desk writes down: the counselor's side of the wire.

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
