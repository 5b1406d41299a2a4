//! A random night: moves drawn by proptest, played against the core, with everything it journaled kept.

use super::plan;
use holdfast_core::command::Command;
use holdfast_core::contact::{Channel, ContactState};
use holdfast_core::counselor::Readiness;
use holdfast_core::effect::Settlement;
use holdfast_core::event::{Event, Record};
use holdfast_core::id::{ContactId, CounselorId, ExternalId, OfferId, PersonId};
use holdfast_core::leg::{LegCause, LegState};
use holdfast_core::principal::Principal;
use holdfast_core::sealed::{KeySlot, Sealed};
use holdfast_core::state::State;
use holdfast_core::step::Asked;
use holdfast_core::time::Timestamp;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// One move. Numbers are taken modulo what there is, so that shrinking stays meaningful.
#[derive(Clone, Debug)]
pub(crate) enum Move {
    Arrive { person: u8, line: u8, area: u8 },
    Press { contact: u8, digit: u8 },
    Report { contact: u8, leg: u8, state: u8 },
    Carrier { contact: u8, number: u8, outcome: u8 },
    Desk { who: u8, what: u8 },
    Answer { who: u8, contact: u8, what: u8, attempt: u8 },
    Wait { ms: u32 },
    Restart { gap_s: u8 },
    Repeat,
}

pub(crate) fn any_move() -> impl Strategy<Value = Move> {
    prop_oneof![
        4 => (0..8_u8, 0..4_u8, 0..4_u8).prop_map(|(person, line, area)| Move::Arrive { person, line, area }),
        1 => (0..8_u8, 0..4_u8).prop_map(|(contact, digit)| Move::Press { contact, digit }),
        8 => (0..8_u8, 0..4_u8, 0..7_u8).prop_map(|(contact, leg, state)| Move::Report { contact, leg, state }),
        4 => (0..8_u8, 1..8_u8, 0..3_u8).prop_map(|(contact, number, outcome)| Move::Carrier { contact, number, outcome }),
        6 => (0..5_u8, 0..7_u8).prop_map(|(who, what)| Move::Desk { who, what }),
        10 => (0..4_u8, 0..8_u8, 0..9_u8, 0..3_u8)
            .prop_map(|(who, contact, what, attempt)| Move::Answer { who, contact, what, attempt }),
        3 => (0..40_000_u32).prop_map(|ms| Move::Wait { ms }),
        1 => (0..60_u8).prop_map(|gap_s| Move::Restart { gap_s }),
        1 => Just(Move::Repeat),
    ]
}

pub(crate) struct Night {
    pub(crate) state: State,
    pub(crate) records: Vec<Record>,
    now_ms: u64,
    epoch: u64,
    sessions: u64,
    last: Option<Command>,
    events_from: usize,
}

const LEG_STATES: [LegState; 7] = [
    LegState::Dialing,
    LegState::InDoubt,
    LegState::Alerting,
    LegState::Answered,
    LegState::InRoom,
    LegState::Ended,
    LegState::Failed,
];

impl Night {
    pub(crate) fn begin() -> Self {
        let mut night = Self {
            state: State::default(),
            records: Vec::new(),
            now_ms: 1_000_000,
            epoch: 0,
            sessions: 0,
            last: None,
            events_from: 0,
        };
        night.start(0);
        night.decide(Command::ActivatePlan { plan: Box::new(plan::small()) });
        night
    }

    pub(crate) fn states(&mut self) -> BTreeMap<ContactId, ContactState> {
        self.events_from = self.records.len();
        self.state.parts().contacts.values().map(|it| (it.id, it.state)).collect()
    }

    pub(crate) fn last_events(&self) -> Vec<Event> {
        self.records[self.events_from..].iter().flat_map(|record| record.events.clone()).collect()
    }

    fn start(&mut self, gap_ms: u64) {
        self.epoch += 1;
        self.now_ms += gap_ms;
        self.decide(Command::StartLeading { epoch: self.epoch, gap_ms });
    }

    fn decide(&mut self, command: Command) {
        let asked = Asked { principal: Principal::Router, request: None };
        if let Ok(step) = self.state.step(Timestamp(self.now_ms), &asked, &command) {
            self.records.extend(step.record);
        }
        self.last = Some(command);
    }

    pub(crate) fn play(&mut self, a_move: &Move) {
        match a_move {
            Move::Arrive { person, line, area } => self.decide(arrival(*person, *line, *area)),
            Move::Press { contact, digit } => {
                self.decide(Command::ChooseNeed { contact: id(*contact), digit: Some(*digit) });
            }
            Move::Report { contact, leg, state } => {
                let state = LEG_STATES[usize::from(*state) % 7];
                let cause = state.is_over().then_some(LegCause::HungUp);
                let leg = u32::from(*leg);
                self.decide(Command::ReportLeg { contact: id(*contact), leg, state, external: None, cause });
            }
            Move::Carrier { contact, number, outcome } => self.carrier(*contact, *number, *outcome),
            Move::Desk { who, what } => self.desk(*who, *what),
            Move::Answer { who, contact, what, attempt } => self.answer(*who, *contact, *what, *attempt),
            Move::Wait { ms } => self.run_clock(u64::from(*ms)),
            Move::Restart { gap_s } => {
                let mut replayed = State::default();
                for record in &self.records {
                    replayed.apply(record);
                }
                assert_eq!(replayed, self.state, "replay gives the state that was lost");
                replayed.match_everybody();
                self.state = replayed;
                self.start(u64::from(*gap_s) * 1_000);
            }
            Move::Repeat => {
                if let Some(last) = self.last.clone() {
                    self.decide(last);
                }
            }
        }
    }

    fn carrier(&mut self, contact: u8, number: u8, outcome: u8) {
        let (contact, number) = (id(contact), u32::from(number));
        self.decide(match outcome {
            0 => Command::SettleEffect { contact, number, settlement: Settlement::Accepted(Some("CA9".into())) },
            1 => Command::SettleEffect { contact, number, settlement: Settlement::Refused("21217".into()) },
            _ => Command::DoubtEffect { contact, number },
        });
    }

    fn desk(&mut self, who: u8, what: u8) {
        let counselor = counselor(who);
        self.sessions += u64::from(what == 0);
        let session = self.sessions;
        let audio = Some(Sealed { slot: KeySlot(99), ciphertext: [1].as_slice().into() });
        self.decide(match what {
            0 => Command::ConnectDesk { counselor, session, audio },
            1 => Command::LoseDesk { counselor, session },
            2 => Command::SignOff { counselor },
            3 => Command::SetReadiness { counselor, readiness: Readiness::Break },
            4 => Command::SetReadiness { counselor, readiness: Readiness::AvailableFor([Channel::Text].into()) },
            _ => Command::SetReadiness { counselor, readiness: Readiness::Available },
        });
    }

    fn answer(&mut self, who: u8, contact: u8, what: u8, attempt: u8) {
        let counselor = counselor(who);
        let contact = id(contact);
        // Mostly the offer that is there, sometimes one that is not.
        let latest = self.state.contact(contact).and_then(|it| it.offer.as_ref()).map_or(1, |offer| offer.attempt);
        let offer = OfferId { contact, attempt: latest.saturating_sub(u32::from(attempt / 2)) };
        let counselor = match self.state.contact(contact).and_then(|it| it.open_offer()) {
            Some(open) if attempt == 0 => open.counselor.clone(),
            _ => self.state.contact(contact).and_then(|it| it.holder.clone()).unwrap_or(counselor),
        };
        let note = Sealed { slot: KeySlot(1), ciphertext: [3].as_slice().into() };
        self.decide(match what {
            0..=2 => Command::AcceptOffer { counselor, offer },
            3 => Command::DeclineOffer { counselor, offer },
            4 => Command::HoldPerson { counselor, contact, on: attempt == 0 },
            5 => Command::EndContact { counselor, contact },
            6 => Command::GiveBack { counselor, contact },
            7 => Command::FinishWrapUp { counselor, contact },
            _ => Command::WriteNote { counselor, contact, note },
        });
    }

    pub(crate) fn run_clock(&mut self, ms: u64) {
        let until = self.now_ms + ms;
        let mut ticks = 0;
        while let Some(due) = self.state.next_deadline().filter(|at| at.0 <= until) {
            self.now_ms = self.now_ms.max(due.0);
            self.decide(Command::KeepTime);
            ticks += 1;
            assert!(ticks < 100_000, "a deadline is due for ever: {due:?}");
        }
        self.now_ms = until;
    }

    pub(crate) fn everybody_hangs_up(&mut self) {
        let all: Vec<ContactId> = self.state.parts().contacts.keys().copied().collect();
        for contact in all {
            let legs = self.state.contact(contact).map_or(0, |it| it.legs.len());
            for leg in 0..legs {
                let (state, cause) = (LegState::Ended, Some(LegCause::HungUp));
                self.decide(Command::ReportLeg { contact, leg: leg as u32, state, external: None, cause });
            }
        }
    }

    pub(crate) fn settle_everything(&mut self) {
        let open: Vec<(ContactId, u32)> = self
            .state
            .parts()
            .contacts
            .values()
            .flat_map(|it| it.outbox.keys().map(|number| (it.id, *number)).collect::<Vec<_>>())
            .collect();
        for (contact, number) in open {
            self.decide(Command::SettleEffect { contact, number, settlement: Settlement::Accepted(None) });
        }
    }
}

fn arrival(person: u8, line: u8, area: u8) -> Command {
    let number = u128::from(person) + 1;
    Command::ArriveContact {
        contact: ContactId(number),
        person: PersonId(number),
        external: ExternalId { account: "twilio-main".into(), id: format!("CA{person}").into() },
        line: ["lifeline", "local", "youth", "nowhere"][usize::from(line)].into(),
        channel: Channel::Voice,
        area_code: [Some(206), Some(253), Some(999), None][usize::from(area)],
        number: None,
        slot: Some(KeySlot(u64::from(person))),
    }
}

fn id(contact: u8) -> ContactId {
    ContactId(u128::from(contact) + 1)
}

fn counselor(who: u8) -> CounselorId {
    ["ana", "ben", "cleo", "dev", "nobody"][usize::from(who)].into()
}

/// Where the legs of one accepted contact are after these reports, in this order.
pub(crate) fn legs_after(order: &[usize]) -> (Vec<LegState>, ContactState) {
    let mut night = Night::begin();
    night.desk(0, 0);
    night.desk(0, 5);
    night.decide(arrival(0, 1, 0));
    night.answer(0, 0, 0, 0);
    let reports = [
        (0, LegState::InRoom),
        (1, LegState::Alerting),
        (1, LegState::Answered),
        (1, LegState::InRoom),
        (0, LegState::Ended),
        (1, LegState::Ended),
    ];
    for index in order {
        let (leg, state) = reports[*index];
        let cause = state.is_over().then_some(LegCause::HungUp);
        night.decide(Command::ReportLeg { contact: id(0), leg, state, external: None, cause });
    }
    // The counselor's leg ends as the room does, whenever that is told.
    let (state, cause) = (LegState::Ended, Some(LegCause::HungUp));
    night.decide(Command::ReportLeg { contact: id(0), leg: 1, state, external: None, cause });
    night.settle_everything();
    night.run_clock(200_000);
    let contact = night.state.contact(id(0)).unwrap();
    (contact.legs.iter().map(|leg| leg.state).collect(), contact.state)
}

/// A connected contact whose counselor's leg is told of first, and the person's a moment later: its state, and how many offers
/// there have been.
pub(crate) fn hang_up_told_backwards(between_ms: u64) -> (ContactState, u32) {
    let mut night = Night::begin();
    night.desk(0, 0);
    night.desk(0, 5);
    night.decide(arrival(0, 1, 0));
    night.answer(0, 0, 0, 0);
    let mut report = |leg, state: LegState| {
        let cause = state.is_over().then_some(LegCause::HungUp);
        night.decide(Command::ReportLeg { contact: id(0), leg, state, external: None, cause });
        if leg == 1 && state.is_over() {
            night.run_clock(between_ms);
        }
    };
    for (leg, state) in [(0, LegState::InRoom), (1, LegState::InRoom), (1, LegState::Ended), (0, LegState::Ended)] {
        report(leg, state);
    }
    let contact = night.state.contact(id(0)).unwrap();
    (contact.state, contact.offer.as_ref().map_or(0, |offer| offer.attempt))
}
