//! A random night: moves drawn by proptest, played against the core, with everything it journaled kept.

use super::{moves, order, plan};
use holdfast_core::command::Command;
use holdfast_core::contact::ContactState;
use holdfast_core::counselor::Presence;
use holdfast_core::event::{Event, Record};
use holdfast_core::id::{ContactId, CounselorId, RequestId};
use holdfast_core::leg::{LegCause, LegState};
use holdfast_core::plan::Plan;
use holdfast_core::principal::Principal;
use holdfast_core::state::State;
use holdfast_core::step::Asked;
use holdfast_core::time::Timestamp;
use moves::Move;

pub(crate) struct Night {
    pub(crate) state: State,
    pub(crate) records: Vec<Record>,
    /// What a follower of the records has: the state before each step.
    follower: State,
    pub(crate) now_ms: u64,
    pub(crate) sessions: u64,
    pub(crate) texts: u128,
    epoch: u64,
    asked: u128,
    last: Option<Command>,
    events_from: usize,
}

impl Night {
    pub(crate) fn begin() -> Self {
        let mut night = Self {
            state: State::default(),
            records: Vec::new(),
            follower: State::default(),
            now_ms: 1_000_000,
            sessions: 0,
            texts: 0,
            epoch: 0,
            asked: 0,
            last: None,
            events_from: 0,
        };
        night.start(0);
        night.activate(plan::small());
        night
    }

    /// A night with these people at their desks.
    pub(crate) fn with(staff: u8) -> Self {
        let mut night = Self::begin();
        for who in moves::EVERYBODY.into_iter().filter(|who| staff & (1 << who) != 0) {
            night.comes(who);
        }
        night
    }

    fn comes(&mut self, who: u8) {
        for what in [0, 5] {
            let command = moves::desk(self, who, what);
            self.decide(command);
        }
    }

    pub(crate) fn activate(&mut self, plan: Plan) {
        self.decide(Command::ActivatePlan { plan: Box::new(plan) });
    }

    /// What happened since this was asked last.
    pub(crate) fn news(&mut self) -> Vec<Event> {
        let from = self.events_from;
        self.events_from = self.records.len();
        self.records[from..].iter().flat_map(|record| record.events.clone()).collect()
    }

    fn start(&mut self, gap_ms: u64) {
        self.epoch += 1;
        self.now_ms += gap_ms;
        self.decide(Command::StartLeading { epoch: self.epoch, gap_ms });
    }

    /// Decides a command, and the same once more: under the same request id nothing may come of it, and without one nothing may
    /// unless it is one that means something new each time.
    pub(crate) fn decide(&mut self, command: Command) {
        self.asked += 1;
        let asked = Asked { principal: Principal::Router, request: Some(RequestId(self.asked)) };
        let taken = self.step(&asked, &command);
        if taken {
            assert!(!self.step(&asked, &command), "twice under one request: {command:?}");
        }
        let anew = matches!(
            command,
            Command::SendText { .. }
                | Command::WriteNote { .. }
                | Command::ExtendWrapUp { .. }
                | Command::ErasePerson { .. }
                | Command::KeepTime
        );
        if taken && !anew {
            let nobody = Asked { principal: Principal::Router, request: None };
            assert!(!self.step(&nobody, &command), "twice: {command:?}");
        }
        self.last = Some(command);
    }

    fn step(&mut self, asked: &Asked, command: &Command) -> bool {
        let step = self.state.step(Timestamp(self.now_ms), asked, command);
        let record = step.ok().and_then(|step| step.record);
        if let Some(record) = &record {
            order::check(&self.follower, record);
            self.follower.apply(record);
        }
        let happened = record.is_some();
        self.records.extend(record);
        happened
    }

    pub(crate) fn play(&mut self, a_move: &Move) {
        match a_move {
            Move::Wait { ms } => self.run_clock(u64::from(*ms)),
            Move::Restart { gap_s } => self.restart(u64::from(*gap_s) * 1_000),
            Move::Repeat => {
                if let Some(last) = self.last.clone() {
                    self.decide(last);
                }
            }
            other => {
                if let Some(command) = moves::command(self, other) {
                    self.decide(command);
                }
            }
        }
    }

    fn restart(&mut self, gap_ms: u64) {
        let mut replayed = State::default();
        for record in &self.records {
            replayed.apply(record);
        }
        assert_eq!(replayed, self.state, "replay gives the state that was lost");
        replayed.match_everybody();
        self.state = replayed;
        self.start(gap_ms);
        // Mostly the desks are back at once.
        if !gap_ms.is_multiple_of(3_000) {
            let unsure = self.state.parts().counselors.values().filter(|it| it.presence == Presence::Unsure);
            let desks: Vec<(CounselorId, u64)> = unsure.map(|it| (it.id.clone(), it.session)).collect();
            for (counselor, session) in desks {
                self.decide(Command::ConnectDesk { counselor, session, audio: None });
            }
        }
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

    pub(crate) fn contacts(&self) -> Vec<ContactId> {
        self.state.parts().contacts.keys().copied().collect()
    }

    pub(crate) fn everybody_hangs_up(&mut self) {
        for contact in self.contacts() {
            let legs = self.state.contact(contact).map_or(0, |it| it.legs.len());
            for leg in 0..legs {
                let (state, cause) = (LegState::Ended, Some(LegCause::HungUp));
                self.decide(Command::ReportLeg { contact, leg: leg as u32, state, external: None, cause });
            }
        }
    }

    pub(crate) fn settle_everything(&mut self) {
        for contact in self.contacts() {
            let open: Vec<u32> =
                self.state.contact(contact).map_or(Vec::new(), |it| it.outbox.keys().copied().collect());
            for number in open {
                self.decide(moves::settled(contact, number));
            }
        }
    }

    /// Everybody who works here comes, takes whoever waits, says a word to whom they can, and ends it, until nobody is left. Nobody
    /// who is called back answers.
    pub(crate) fn everybody_is_served(&mut self) {
        self.activate(plan::small());
        for _ in 0..100 {
            self.settle_everything();
            for who in moves::EVERYBODY {
                self.comes(who);
            }
            for contact in self.contacts() {
                self.serve(contact);
            }
            self.everybody_hangs_up();
            self.settle_everything();
            self.run_clock(3_000);
            if self.state.parts().contacts.values().all(|it| it.state == ContactState::Closed) {
                return;
            }
        }
    }

    fn serve(&mut self, contact: ContactId) {
        let Some(it) = self.state.contact(contact) else { return };
        if let Some(offer) = it.open_offer().cloned() {
            self.decide(moves::accept(contact, &offer));
        }
        let Some(counselor) = self.state.contact(contact).and_then(|it| it.holder.clone()) else { return };
        let latest = self.state.contact(contact).and_then(|it| it.leg_of(&counselor)).map(|(leg, _)| leg);
        if let Some(leg) = latest {
            let (state, cause, external) = (LegState::InRoom, None, None);
            self.decide(Command::ReportLeg { contact, leg, state, external, cause });
        }
        self.decide(moves::word(&counselor, contact));
        self.decide(Command::EndContact { counselor: counselor.clone(), contact });
        self.decide(Command::FinishWrapUp { counselor, contact });
    }
}
