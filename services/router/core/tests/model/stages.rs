//! Where exploring begins: every stage of a handoff that goes well, there and back, and a callback's.

use super::actions::Action;
use super::world;
use holdfast_core::command::Command;
use holdfast_core::contact::{Channel, Contact, ContactState};
use holdfast_core::effect::Settlement;
use holdfast_core::handoff::{Toward, Wish};
use holdfast_core::id::{CounselorId, OfferId};
use holdfast_core::leg::{LegCause, LegState};
use holdfast_core::state::State;

/// The stages, each with the way there.
pub(crate) fn of(channel: Channel) -> Vec<State> {
    let mut way = Way { state: world::begin(), stages: Vec::new() };
    way.asks(world::reaches_out(&way.state, channel, 1));
    way.accepts();
    way.comes_together();
    way.hands_over("ana", Toward::Peer);
    let handed_over = way.state.clone();
    way.hands_over("pia", Toward::Counselor);
    way.state = handed_over;
    way.asks(Command::LeaveHandoff { counselor: "ana".into(), contact: way.contact().id });
    if channel == Channel::Voice {
        way.is_called_back();
    }
    way.stages
}

struct Way {
    state: State,
    stages: Vec<State>,
}

impl Way {
    fn asks(&mut self, command: Command) {
        let happened = Action::Asked(command.clone()).happens(&mut self.state);
        assert!(!happened.is_empty(), "the way ends: {command:?}");
        self.stages.push(self.state.clone());
    }

    /// The latest contact.
    fn contact(&self) -> &Contact {
        self.state.parts().contacts.values().rev().find(|it| it.state != ContactState::Closed).unwrap()
    }

    fn settles(&mut self) {
        for id in self.state.parts().contacts.keys().copied().collect::<Vec<_>>() {
            let open: Vec<u32> = self.state.contact(id).unwrap().outbox.keys().copied().collect();
            for number in open {
                let settlement = Settlement::Accepted(None);
                world::decide(&mut self.state, &Command::SettleEffect { contact: id, number, settlement });
            }
        }
    }

    fn accepts(&mut self) {
        let it = self.contact();
        let offer = it.open_offer().or_else(|| it.open_handoff().and_then(|it| it.open_offer())).unwrap();
        let (counselor, offer) = (offer.counselor.clone(), OfferId { contact: it.id, attempt: offer.attempt });
        self.asks(Command::AcceptOffer { counselor, offer });
        self.settles();
    }

    fn reports(&mut self, leg: usize, state: LegState) {
        let cause = state.is_over().then_some(LegCause::HungUp);
        let contact = self.contact().id;
        self.asks(Command::ReportLeg { contact, leg: leg as u32, state, external: None, cause });
    }

    fn comes_together(&mut self) {
        let (contact, holder) = (self.contact().id, self.contact().holder.clone().unwrap());
        if self.contact().channel.is_written() {
            self.asks(Command::SendText { counselor: holder, contact, words: world::sealed() });
        } else {
            self.reports(0, LegState::InRoom);
            self.reports(self.contact().legs.len() - 1, LegState::InRoom);
        }
        self.settles();
    }

    fn hands_over(&mut self, from: &str, toward: Toward) {
        let (counselor, contact) = (CounselorId::from(from), self.contact().id);
        if let Some(leaves) = self.contact().open_handoff().map(|it| it.from.clone()) {
            self.asks(Command::LeaveHandoff { counselor: leaves, contact });
            self.settles();
        }
        self.asks(Command::StartHandoff { counselor: counselor.clone(), contact, toward, wish: Wish::default() });
        self.asks(Command::RecordConsent { counselor, contact, given: true, note: None });
        self.accepts();
        let to = self.contact().open_handoff().and_then(|it| it.to.clone()).unwrap();
        self.asks(Command::JoinHandoff { counselor: to.clone(), contact });
        self.settles();
        if !self.contact().channel.is_written() {
            self.reports(self.contact().legs.len() - 1, LegState::InRoom);
        }
        self.asks(Command::ConfirmHandoff { counselor: to, contact });
    }

    /// The peer hands over in turn, and the person's line breaks in the middle.
    fn is_called_back(&mut self) {
        self.settles();
        let contact = self.contact().id;
        let (counselor, wish) = (CounselorId::from("pia"), Wish::default());
        self.asks(Command::StartHandoff { counselor, contact, toward: Toward::Counselor, wish });
        self.reports(0, LegState::Ended);
        self.settles();
        self.accepts();
        self.reports(self.contact().legs.len() - 1, LegState::InRoom);
        self.reports(0, LegState::InRoom);
    }
}
