//! Whom a record touched: the contacts, counselors and offers whose views may have changed.

use holdfast_core::event::{Event, Record};
use holdfast_core::id::{ContactId, CounselorId};
use holdfast_core::offer::OfferState;
use holdfast_core::state::State;
use std::collections::{BTreeMap, BTreeSet};

/// What one record touched, gathered before and after it is folded in.
#[derive(Debug, Default)]
pub struct Touched {
    /// Contacts.
    pub contacts: BTreeSet<ContactId>,
    /// Counselors whose own state or load changed.
    pub counselors: BTreeSet<CounselorId>,
    /// Which counselors had or have something to do with which contact.
    pub involved: BTreeMap<CounselorId, BTreeSet<ContactId>>,
    /// Offers that moved: contact, attempt, counselor, and where each came to be.
    pub offers: Vec<(ContactId, u32, CounselorId, OfferState)>,
    /// Contacts whose conversation somebody sees for the first time: accepted, together, or confirmed.
    pub shown: BTreeSet<ContactId>,
    /// Messages that are new or came further.
    pub messages: BTreeSet<(ContactId, u32)>,
    /// Whether the plan changed.
    pub plan: bool,
    /// Whether a person was erased: nothing made before may be sent again.
    pub erased: bool,
    /// Whether every counselor is concerned (a router began to lead).
    pub everybody: bool,
}

impl Touched {
    /// Looks at a record before it is folded in: whoever holds a contact now may not any more afterwards.
    #[must_use]
    pub fn before(state: &State, record: &Record) -> Self {
        let mut touched = Self::default();
        for event in &record.events {
            touched.event(event);
        }
        touched.involve(state);
        touched
    }

    /// Looks again after it is folded in.
    pub fn after(&mut self, state: &State) {
        self.involve(state);
    }

    /// Whether somebody sees this contact's conversation for the first time, so that it is sent whole.
    #[must_use]
    pub fn comes_into_view(&self, contact: ContactId) -> bool {
        self.shown.contains(&contact)
    }

    fn involve(&mut self, state: &State) {
        for id in &self.contacts {
            let Some(contact) = state.contact(*id) else { continue };
            let offered = contact.open_offer().map(|offer| &offer.counselor);
            let open = contact.open_handoff();
            let asked = open.and_then(|it| it.open_offer()).map(|offer| &offer.counselor);
            let handing = open.into_iter().flat_map(|it| std::iter::once(&it.from).chain(&it.to));
            let all = contact.holder.iter().chain(offered).chain(asked).chain(handing).chain(contact.writing_up.keys());
            for counselor in all {
                self.counselors.insert(counselor.clone());
                self.involved.entry(counselor.clone()).or_default().insert(*id);
            }
        }
    }

    fn event(&mut self, event: &Event) {
        if let Some(contact) = contact_of(event) {
            self.contacts.insert(contact);
        }
        match event {
            Event::ContactOffered { contact, attempt, counselor, .. } => {
                self.offer(*contact, *attempt, counselor, OfferState::Open);
            }
            Event::HandoffTogether { contact, .. } => {
                self.shown.insert(*contact);
            }
            Event::OfferAccepted { contact, attempt, counselor, .. } => {
                self.shown.insert(*contact);
                self.offer(*contact, *attempt, counselor, OfferState::Accepted);
            }
            Event::OfferDeclined { contact, attempt, counselor, .. } => {
                self.offer(*contact, *attempt, counselor, OfferState::Declined);
            }
            Event::OfferExpired { contact, attempt, counselor, .. } => {
                self.offer(*contact, *attempt, counselor, OfferState::Expired);
            }
            Event::OfferRescinded { contact, attempt, counselor, .. } => {
                self.offer(*contact, *attempt, counselor, OfferState::Rescinded);
            }
            Event::PeerOffered { contact, attempt, peer, .. } => {
                self.offer(*contact, *attempt, peer, OfferState::Open);
            }
            Event::PeerReserved { contact, attempt, peer, .. } => {
                self.offer(*contact, *attempt, peer, OfferState::Accepted);
            }
            Event::PeerOfferClosed { contact, attempt, peer, became, .. } => {
                self.offer(*contact, *attempt, peer, *became);
            }
            Event::TextReceived { contact, message, .. }
            | Event::TextSent { contact, message, .. }
            | Event::TextMoved { contact, message, .. } => {
                self.messages.insert((*contact, *message));
            }
            Event::HelpAsked { counselor, .. }
            | Event::HelpAnswered { counselor, .. }
            | Event::HelpEnded { counselor }
            | Event::DeskConnected { counselor, .. }
            | Event::DeskLost { counselor }
            | Event::CounselorLeft { counselor }
            | Event::ReadinessChanged { counselor, .. }
            | Event::ReadinessRequested { counselor, .. } => {
                self.counselors.insert(counselor.clone());
            }
            Event::PlanActivated { .. } => self.plan = true,
            Event::PersonErased { .. } => self.erased = true,
            Event::LeadingStarted { .. } => self.everybody = true,
            _ => {}
        }
    }

    fn offer(&mut self, contact: ContactId, attempt: u32, counselor: &CounselorId, state: OfferState) {
        self.counselors.insert(counselor.clone());
        self.involved.entry(counselor.clone()).or_default().insert(contact);
        self.offers.push((contact, attempt, counselor.clone(), state));
    }
}

/// The contact an event is about, if it is about one.
#[must_use]
pub fn contact_of(event: &Event) -> Option<ContactId> {
    match event {
        Event::ContactArrived { contact, .. }
        | Event::ContactQueued { contact, .. }
        | Event::SearchWidened { contact, .. }
        | Event::ContactOffered { contact, .. }
        | Event::OfferAccepted { contact, .. }
        | Event::OfferDeclined { contact, .. }
        | Event::OfferExpired { contact, .. }
        | Event::OfferRescinded { contact, .. }
        | Event::LegStarted { contact, .. }
        | Event::LegMoved { contact, .. }
        | Event::ContactConnected { contact, .. }
        | Event::PersonHeld { contact }
        | Event::PersonResumed { contact }
        | Event::ContactRequeued { contact, .. }
        | Event::WrapUpStarted { contact, .. }
        | Event::WrapUpExtended { contact, .. }
        | Event::ContactClosed { contact, .. }
        | Event::ContactArchived { contact }
        | Event::EffectAsked { contact, .. }
        | Event::EffectSettled { contact, .. }
        | Event::EffectDoubted { contact, .. }
        | Event::EffectBarred { contact, .. }
        | Event::TextReceived { contact, .. }
        | Event::TextSent { contact, .. }
        | Event::TextMoved { contact, .. }
        | Event::QuestionAnswered { contact, .. }
        | Event::AcuityRaised { contact, .. }
        | Event::ContactReopened { contact }
        | Event::HandoffStarted { contact, .. }
        | Event::HandoffConsented { contact, .. }
        | Event::PeerOffered { contact, .. }
        | Event::PeerOfferClosed { contact, .. }
        | Event::PeerReserved { contact, .. }
        | Event::PeerJoining { contact, .. }
        | Event::HandoffTogether { contact, .. }
        | Event::HandoffConfirmed { contact, .. }
        | Event::HandoffCompleted { contact, .. }
        | Event::HandoffCancelled { contact, .. }
        | Event::HandoffReturned { contact, .. }
        | Event::HandoffWrapUpExtended { contact, .. }
        | Event::HandoffWrittenUp { contact, .. }
        | Event::NoteWritten { contact, .. } => Some(*contact),
        Event::HelpAsked { .. } | Event::HelpAnswered { .. } | Event::HelpEnded { .. } => None,
        Event::DeskConnected { .. }
        | Event::DeskLost { .. }
        | Event::CounselorLeft { .. }
        | Event::ReadinessChanged { .. }
        | Event::ReadinessRequested { .. }
        | Event::DirectiveGiven { .. }
        | Event::DirectiveEnded { .. }
        | Event::HoursChanged { .. }
        | Event::PlanActivated { .. }
        | Event::PersonErased { .. }
        | Event::LeadingStarted { .. }
        | Event::ClockAdvanced { .. }
        | Event::FormatRaised { .. } => None,
    }
}
