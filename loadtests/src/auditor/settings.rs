//! What an audit is told: margins, who may take whom, and which company in a room is lawful.

use crate::carrier::{Story, TextStory};
use std::collections::{BTreeMap, BTreeSet};

/// Whether a counselor may take a person.
type Eligible = Box<dyn Fn(&str, &Story) -> bool + Send + Sync>;

/// Whether a counselor may take a conversation.
type EligibleInWriting = Box<dyn Fn(&str, &TextStory) -> bool + Send + Sync>;

/// The settings of an audit. Times in milliseconds.
pub struct AuditSettings {
    /// L1: how long a person may wait while an idle eligible counselor is available.
    pub stuck_ms: u64,
    /// S18: how long after an offer's deadline an accept may still be confirmed.
    pub accept_grace_ms: u64,
    /// S20: how long after Holdfast acknowledged the person's hang-up a dial may still arrive at the carrier.
    pub hang_up_margin_ms: u64,
    /// L4: how long after that a desk may still show the contact.
    pub closing_ms: u64,
    /// S7 and S8: how much later than a competing offer an offer may be seen on its desk.
    pub order_slack_ms: u64,
    /// S3 and S4: overlaps of holdings up to this long are wires racing, as seen on two desks. Legs in rooms have no margin.
    pub holding_slack_ms: u64,
    /// S4: how many persons one counselor may hold by voice.
    pub capacity: usize,
    /// S4: how many conversations one counselor may hold.
    pub text_capacity: usize,
    /// S4: nobody talks and types at once.
    pub voice_alone: bool,
    /// How long an acknowledged message may take to the desk of whoever has the person, and a message that is done to the carrier.
    pub text_settle_ms: u64,
    /// How long after the carrier cut a message's request whoever has the contact must have been told that it failed. Who has left
    /// by then cannot be told.
    pub doubt_ms: u64,
    /// L1 in writing: how long a conversation may wait beside somebody with empty hands; it includes the survey.
    pub text_stuck_ms: u64,
    /// How long after a handoff is over both may still be with the person: legs are dropped, and desks told, a moment later.
    pub handoff_settle_ms: u64,
    /// How long the router waits before it takes a leg that ended for lost (its `LOST_AFTER`).
    pub lost_after_ms: u64,
    /// How long a report of that, and what follows, may take over all wires.
    pub reporting_ms: u64,
    /// Each counselor's address, as dialed.
    pub addresses: BTreeMap<String, String>,
    /// Addresses that may be in a room beside a counselor: peers, supervisors, the other side of a handoff.
    pub companions: BTreeSet<String>,
    /// Who may take whom.
    pub eligible: Eligible,
    /// Who may take whom in writing; nobody says so: L1 in writing is not judged.
    pub eligible_in_writing: Option<EligibleInWriting>,
}

impl AuditSettings {
    /// Margins for a machine under load; everybody may take everybody.
    #[must_use]
    pub fn new(addresses: BTreeMap<String, String>) -> Self {
        Self {
            stuck_ms: 2_000,
            accept_grace_ms: 1_000,
            hang_up_margin_ms: 1_000,
            closing_ms: 10_000,
            order_slack_ms: 500,
            holding_slack_ms: 100,
            capacity: 1,
            text_capacity: 2,
            voice_alone: true,
            text_settle_ms: 5_000,
            doubt_ms: 8_000,
            text_stuck_ms: 20_000,
            handoff_settle_ms: 5_000,
            lost_after_ms: 1_500,
            reporting_ms: 1_500,
            addresses,
            companions: BTreeSet::new(),
            eligible: Box::new(|_counselor, _person| true),
            eligible_in_writing: None,
        }
    }
}

impl std::fmt::Debug for AuditSettings {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("AuditSettings")
            .field("stuck_ms", &self.stuck_ms)
            .field("capacity", &self.capacity)
            .field("addresses", &self.addresses.len())
            .finish_non_exhaustive()
    }
}
