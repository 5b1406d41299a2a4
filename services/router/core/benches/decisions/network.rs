//! The example plan with as many counselors as wanted, and a network at work on it: every command is timed by its kind.
//!
//! Deliberately absent: randomness. Who comes, from where and for what goes round, so that two runs decide the same.

use holdfast_core::command::{Answer, Command};
use holdfast_core::contact::Channel;
use holdfast_core::counselor::Readiness;
use holdfast_core::event::{Event, Record};
use holdfast_core::id::{AccountId, ContactId, CounselorId, ExternalId, LineId, OfferId, PersonId};
use holdfast_core::plan::{Member, Plan};
use holdfast_core::principal::Principal;
use holdfast_core::sealed::{KeySlot, Sealed};
use holdfast_core::state::State;
use holdfast_core::step::Asked;
use holdfast_core::time::Timestamp;
use std::collections::{BTreeMap, VecDeque};
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// Area codes of the example plan, one that it does not list, and none.
const AREAS: [Option<u16>; 6] = [Some(206), Some(415), Some(512), Some(212), Some(999), None];

/// A network being driven.
pub(crate) struct Network {
    pub(crate) state: State,
    pub(crate) now_ms: u64,
    /// Nanoseconds of each command, by kind.
    pub(crate) times: BTreeMap<&'static str, Vec<u32>>,
    /// Offers that nobody has answered yet.
    pub(crate) offers: VecDeque<(OfferId, CounselorId)>,
    pub(crate) sessions: u64,
    /// What was journaled, where somebody wants it.
    pub(crate) records: Option<Vec<Record>>,
    next_id: u128,
    account: AccountId,
}

/// The example plan, its counselors multiplied until there are `counselors` of them (peers beside them).
pub(crate) fn plan(counselors: usize) -> Plan {
    let houses = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let file = houses.map(|it| it.join("deploy/config/plan.toml")).find(|it| it.exists()).unwrap();
    let mut plan = holdfast_plan::load(file).unwrap().into_plan(1);
    let pattern: Vec<Member> = plan.members.values().filter(|it| it.peer.is_none()).cloned().collect();
    plan.members.retain(|_, it| it.peer.is_some());
    for (number, member) in pattern.iter().cycle().take(counselors).enumerate() {
        plan.members.insert(counselor(number), member.clone());
    }
    plan
}

/// The nth counselor of [`plan`].
pub(crate) fn counselor(number: usize) -> CounselorId {
    CounselorId::from(format!("counselor-{number:06}").as_str())
}

/// As many bytes as a number or an address take when they are sealed.
fn sealed(slot: u64) -> Sealed {
    Sealed { slot: KeySlot(slot), ciphertext: Arc::from([7_u8; 44]) }
}

impl Network {
    /// Leading, with this plan in force and nobody there.
    pub(crate) fn new(plan: Plan) -> Self {
        let mut network = Self::recorded(plan);
        network.records = None;
        network
    }

    /// The same, keeping what it journals from the first record on.
    pub(crate) fn recorded(plan: Plan) -> Self {
        let mut network = Self {
            state: State::default(),
            now_ms: 1_700_000_000_000,
            times: BTreeMap::new(),
            offers: VecDeque::new(),
            sessions: 0,
            records: Some(Vec::new()),
            next_id: 0,
            account: "twilio-main".into(),
        };
        network.tell("StartLeading", &Command::StartLeading { epoch: 1, gap_ms: 0 });
        network.tell("ActivatePlan", &Command::ActivatePlan { plan: Box::new(plan) });
        network
    }

    /// Decides one command, takes its time and notes the offers it made.
    pub(crate) fn tell(&mut self, kind: &'static str, command: &Command) -> Answer {
        let asked = Asked { principal: Principal::Router, request: None };
        let started = Instant::now();
        let step = black_box(&mut self.state).step(Timestamp(self.now_ms), &asked, black_box(command));
        let took = started.elapsed();
        self.times.entry(kind).or_default().push(u32::try_from(took.as_nanos()).unwrap_or(u32::MAX));
        let step = step.unwrap_or_else(|refusal| panic!("{kind} is refused: {refusal}"));
        if let Some(record) = step.record {
            for event in &record.events {
                if let Event::ContactOffered { contact, attempt, counselor, .. } = event {
                    let offer = OfferId { contact: *contact, attempt: *attempt };
                    self.offers.push_back((offer, counselor.clone()));
                }
            }
            if let Some(records) = &mut self.records {
                records.push(record);
            }
        }
        step.answer
    }

    /// The next id that nobody has.
    pub(crate) fn fresh(&mut self) -> u128 {
        self.next_id += 1;
        // Spread as the edge's random ids are, and never the neighbour of another.
        self.next_id.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)
    }

    /// The nth counselor comes to their desk and is ready.
    pub(crate) fn comes(&mut self, who: &CounselorId) {
        self.sessions += 1;
        let (session, audio) = (self.sessions, Some(sealed(0)));
        self.tell("ConnectDesk", &Command::ConnectDesk { counselor: who.clone(), session, audio });
        let ready = Command::SetReadiness { counselor: who.clone(), readiness: Readiness::Available };
        self.tell("SetReadiness", &ready);
    }

    fn external(&self, id: u128) -> ExternalId {
        ExternalId { account: self.account.clone(), id: format!("CA{id:032x}").as_str().into() }
    }

    /// Somebody calls this line and, where there is a menu, presses this digit.
    pub(crate) fn calls(&mut self, line: &str, digit: Option<u8>) -> ContactId {
        let id = self.fresh();
        let contact = ContactId(id);
        let area = AREAS[(self.next_id % 6) as usize];
        let answer = self.tell(
            "ArriveContact",
            &Command::ArriveContact {
                contact,
                person: PersonId(id.rotate_left(64)),
                external: self.external(id),
                line: LineId::from(line),
                channel: Channel::Voice,
                area_code: area,
                number: Some(sealed(self.next_id as u64)),
                slot: Some(KeySlot(self.next_id as u64)),
            },
        );
        if matches!(answer, Answer::Arrived { menu, .. } if !menu.is_empty()) {
            self.tell("ChooseNeed", &Command::ChooseNeed { contact, digit });
        }
        contact
    }

    /// The next of the people who call: most press nothing, some are veterans, some speak Spanish, some call the youth line.
    pub(crate) fn somebody_calls(&mut self) -> ContactId {
        match self.next_id % 10 {
            0 => self.calls("main", Some(1)),
            1 => self.calls("main", Some(2)),
            2 => self.calls("youth-line", None),
            _ => self.calls("main", None),
        }
    }

    /// Somebody writes: the first message of a conversation, or one more. The survey is skipped by its time.
    pub(crate) fn writes(&mut self, person: PersonId, stop: bool) -> ContactId {
        let id = self.fresh();
        let command = Command::ReceiveText {
            contact: ContactId(id),
            person,
            external: self.external(id),
            line: LineId::from("main"),
            channel: Channel::Text,
            area_code: Some(206),
            number: Some(sealed(self.next_id as u64)),
            slot: KeySlot(self.next_id as u64),
            words: sealed(self.next_id as u64),
            digit: None,
            // Somebody who says what they need is asked nothing.
            keyword: Some("general".into()),
            opt_out: if stop {
                holdfast_core::conversation::OptOut::Stop
            } else {
                holdfast_core::conversation::OptOut::None
            },
            carrier_replied: false,
            media: 0,
            written_ago_ms: 0,
        };
        let kind = if stop { "ReceiveText (STOP)" } else { "ReceiveText" };
        match self.tell(kind, &command) {
            Answer::Arrived { contact, .. } => contact,
            other => panic!("a text is answered with {other:?}"),
        }
    }

    /// Whatever is due by now.
    pub(crate) fn keep_time(&mut self) {
        while self.state.next_deadline().is_some_and(|at| at.0 <= self.now_ms) || self.state.has_more_to_offer() {
            self.tell("KeepTime", &Command::KeepTime);
        }
    }
}
