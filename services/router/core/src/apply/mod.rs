//! Folding facts into the state. The same code rebuilds a crashed router, feeds a standby and serves every read.
//!
//! Nothing here decides: an event is a fact, and what it means for the state is all that stands here. An event about something
//! that is not there changes nothing, so that no journal can make a router panic.

mod center;
mod contact;
mod conversation;
mod counselor;
mod effect;
mod handoff;
mod leg;
mod network;
mod offer;

use crate::event::{Event, Record};
use crate::id::RequestId;
use crate::state::{REQUESTS_MAX, State, Touched};

impl State {
    /// Folds one record in. Records come in sequence; one that is already folded in changes nothing.
    pub fn apply(&mut self, record: &Record) {
        if record.sequence <= self.parts.sequence {
            return;
        }
        self.begin(record);
        for event in &record.events {
            self.apply_event(event, record.request);
        }
        // Only the writer matches, and it matches as it decides: a follower's touches mean nothing.
        self.touched = Touched::default();
    }

    /// Notes the record's number, time and request before its events are folded in.
    pub(crate) fn begin(&mut self, record: &Record) {
        self.parts.sequence = record.sequence;
        self.parts.now = self.parts.now.max(record.at);
        if self.index.standings.expire(self.parts.now) {
            self.touched.search = true;
        }
        self.remember_request(record);
    }

    /// Counts everything as touched, so that the next step matches everybody: after a restart.
    pub fn match_everybody(&mut self) {
        self.touched.counselors = self.parts.counselors.keys().cloned().collect();
        self.touched.contacts = self.parts.contacts.keys().copied().collect();
    }

    fn remember_request(&mut self, record: &Record) {
        let Some(request) = record.request else {
            return;
        };
        if let Some(earlier) = self.parts.requests.insert(request, record.sequence) {
            self.index.requests.remove(&(earlier, request));
        }
        self.index.requests.insert((record.sequence, request));
        while self.parts.requests.len() > REQUESTS_MAX {
            let Some((_, oldest)) = self.index.requests.pop_first() else {
                break;
            };
            self.parts.requests.remove(&oldest);
        }
    }

    /// Folds one event in, at the time and sequence already noted.
    pub(crate) fn apply_event(&mut self, event: &Event, request: Option<RequestId>) {
        match event {
            Event::TextReceived { .. }
            | Event::TextSent { .. }
            | Event::TextMoved { .. }
            | Event::QuestionAnswered { .. }
            | Event::AcuityRaised { .. }
            | Event::ContactReopened { .. } => conversation::apply(self, event, request),
            Event::HandoffStarted { .. }
            | Event::HandoffConsented { .. }
            | Event::PeerOffered { .. }
            | Event::PeerOfferClosed { .. }
            | Event::PeerReserved { .. }
            | Event::PeerJoining { .. }
            | Event::HandoffTogether { .. }
            | Event::HandoffConfirmed { .. }
            | Event::HandoffCompleted { .. }
            | Event::HandoffCancelled { .. }
            | Event::HandoffReturned { .. }
            | Event::HandoffWrapUpExtended { .. }
            | Event::HandoffWrittenUp { .. } => handoff::apply(self, event),
            Event::ContactArrived { .. }
            | Event::ContactQueued { .. }
            | Event::SearchWidened { .. }
            | Event::ContactConnected { .. }
            | Event::PersonHeld { .. }
            | Event::PersonResumed { .. }
            | Event::ContactRequeued { .. }
            | Event::WrapUpStarted { .. }
            | Event::WrapUpExtended { .. }
            | Event::ContactClosed { .. }
            | Event::ContactArchived { .. }
            | Event::NoteWritten { .. } => contact::apply(self, event),
            Event::ContactOffered { .. }
            | Event::OfferAccepted { .. }
            | Event::OfferDeclined { .. }
            | Event::OfferExpired { .. }
            | Event::OfferRescinded { .. } => offer::apply(self, event),
            Event::LegStarted { .. } | Event::LegMoved { .. } => leg::apply(self, event),
            Event::EffectAsked { .. }
            | Event::EffectSettled { .. }
            | Event::EffectDoubted { .. }
            | Event::EffectBarred { .. } => effect::apply(self, event),
            Event::DeskConnected { .. }
            | Event::DeskLost { .. }
            | Event::CounselorLeft { .. }
            | Event::ReadinessChanged { .. }
            | Event::ReadinessRequested { .. }
            | Event::HelpAsked { .. }
            | Event::HelpAnswered { .. }
            | Event::HelpEnded { .. } => counselor::apply(self, event),
            Event::DirectiveGiven { .. } | Event::DirectiveEnded { .. } | Event::HoursChanged { .. } => {
                center::apply(self, event);
            }
            Event::PlanActivated { .. }
            | Event::PersonErased { .. }
            | Event::LeadingStarted { .. }
            | Event::ClockAdvanced { .. }
            | Event::FormatRaised { .. } => network::apply(self, event),
        }
    }
}
