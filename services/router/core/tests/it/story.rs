//! Golden stories: a transcript of what people do, and below each line everything the router made of it.
//!
//! Written by hand above `----`, regenerated below it with `HOLDFAST_STORIES=write cargo test -p holdfast-core`. After every
//! line the laws are checked and the state is rebuilt from the records alone.

use super::{plan, sentences, tell};
use holdfast_core::command::{Answer, Command};
use holdfast_core::conversation::BLOCKED;
use holdfast_core::effect::Settlement;
use holdfast_core::event::{Event, Record};
use holdfast_core::id::{ContactId, CounselorId, ExternalId, OfferId, PersonId, RequestId};
use holdfast_core::invariants;
use holdfast_core::leg::{LegCause, LegState};
use holdfast_core::principal::Principal;
use holdfast_core::sealed::{KeySlot, Sealed};
use holdfast_core::state::State;
use holdfast_core::step::Asked;
use holdfast_core::time::Timestamp;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

/// When every story begins.
pub(crate) const START_MS: u64 = 1_000_000;

pub(crate) struct Story {
    pub(crate) state: State,
    records: Vec<Record>,
    now_ms: u64,
    epoch: u64,
    /// How many messages there have been: each has a name at the carrier.
    pub(crate) texts: u32,
    /// How long ago the next message was written.
    pub(crate) found_after_ms: u64,
    request: Option<RequestId>,
}

#[test]
fn stories_read_as_they_did() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories");
    let mut files: Vec<_> = fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "no stories");
    let write = env::var("HOLDFAST_STORIES").is_ok_and(|value| value == "write");
    let mut wrong = Vec::new();
    for file in files {
        let told = fs::read_to_string(&file).unwrap();
        let retold = retell(&told);
        if write {
            fs::write(&file, &retold).unwrap();
        } else if told != retold {
            wrong.push(format!("{} now reads:\n{retold}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn retell(told: &str) -> String {
    let mut story = Story::begin();
    let mut out = String::new();
    let mut below = false;
    for line in told.lines() {
        if line == "----" {
            below = true;
        } else if line.is_empty() {
            if below {
                below = false;
            }
            out.push('\n');
        } else if line.starts_with('#') {
            out.push_str(line);
            out.push('\n');
        } else if !below {
            let _ = writeln!(out, "{line}\n----\n{}", story.line(line));
        }
    }
    out
}

impl Story {
    fn begin() -> Self {
        let mut story = Self {
            state: State::default(),
            records: Vec::new(),
            now_ms: START_MS,
            epoch: 0,
            texts: 0,
            found_after_ms: 0,
            request: None,
        };
        story.start(0);
        let _ = story.decide(&Command::ActivatePlan { plan: Box::new(plan::small()) });
        story
    }

    fn start(&mut self, gap_ms: u64) -> String {
        self.epoch += 1;
        self.now_ms += gap_ms;
        self.decide(&Command::StartLeading { epoch: self.epoch, gap_ms })
    }

    pub(crate) fn decide(&mut self, command: &Command) -> String {
        let asked = Asked { principal: Principal::Router, request: self.request.take() };
        let mut told = Vec::new();
        match self.state.step(Timestamp(self.now_ms), &asked, command) {
            Err(refusal) => told.push(format!("refused: {refusal}")),
            Ok(step) => {
                if let Some(record) = step.record {
                    told.extend(record.events.iter().map(tell::event));
                    self.records.push(record);
                } else {
                    told.push(answer(&step.answer));
                }
            }
        }
        self.check();
        told.join("\n")
    }

    /// The laws hold, and the records alone give the same state.
    fn check(&self) {
        assert_eq!(invariants::check(&self.state), vec![]);
        let mut replayed = State::default();
        for record in &self.records {
            replayed.apply(record);
        }
        assert_eq!(replayed, self.state);
    }

    fn line(&mut self, line: &str) -> String {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["call", "from", area, "on", line] => self.arrive(area.parse().ok(), line),
            [person, "calls", "again", "on", line] => self.call_again(person, line),
            ["call", "withheld", "on", line] => self.arrive(None, line),
            ["again:", "call", contact] => self.arrive_again(contact),
            ["wait", seconds] => self.wait((seconds.parse::<f64>().unwrap() * 1_000.0) as u64),
            ["let", seconds, "pass", "unnoticed"] => {
                self.now_ms += seconds.parse::<u64>().unwrap() * 1_000;
                String::from("the router has not looked at the clock yet")
            }
            ["router", "killed,", "back", "after", seconds] => self.restart(seconds.parse().unwrap()),
            ["the", "plan", "asks", "the", "second", "ring", how @ ..] => self.plan_second_ring(how),
            ["the", "plan", "asks", center, "alone", "in", region] => {
                let mut next = self.state.plan().unwrap().clone();
                let theirs = next.queues.iter_mut().filter(|(key, _)| key.region.as_str() == *region);
                theirs.for_each(|(_, it)| it.rings = plan::rings(&[&[center]]));
                self.decide(&Command::ActivatePlan { plan: Box::new(next) })
            }
            ["olga", rest @ ..] => self.decide(&sentences::directive(rest)),
            ["by", "the", "clock", center, how] => self.decide(&sentences::hours(center, how)),
            [count, "people", "call", "one", "by", "one", "and", "leave", "after", seconds] => {
                self.callers_leave(count.parse().unwrap(), seconds)
            }
            ["text", rest @ ..] => sentences::text(self, rest),
            ["found", "after", seconds, rest @ ..] => sentences::found(self, seconds, rest),
            ["again:", "the", "last", "text"] => sentences::text_again(self),
            [person, "writes", rest @ ..] if sentences::is_person(person) => sentences::writes(self, person, rest),
            [contact, "message", number, how @ ..] => sentences::receipt(self, contact, number, how),
            ["the", "carrier", "does", "everything"] => self.settle_everything(),
            [contact, "presses", digit] => {
                self.decide(&Command::ChooseNeed { contact: id(contact), digit: digit.parse().ok() })
            }
            [contact, "leg", leg, ..] => self.leg(contact, leg, &words[3..]),
            ["carrier:", contact, number, rest @ ..] => self.carrier(contact, number, rest),
            ["erase", person] => {
                let person = PersonId(person.trim_start_matches('p').parse().unwrap());
                self.decide(&Command::ErasePerson { person, slots: vec![] })
            }
            [who, rest @ ..] => self.counselor(&CounselorId::from(*who), rest),
            [] => String::new(),
        }
    }

    fn counselor(&mut self, who: &CounselorId, words: &[&str]) -> String {
        if let Some(told) = sentences::several(self, who, words) {
            return told;
        }
        if let [rest @ .., "once", "more"] = words {
            // The desk did not hear an answer and says it again, under the same request id.
            self.request = Some(RequestId(1));
            return self.counselor(who, rest);
        }
        if words.first() == Some(&"writes") && !self.knows(RequestId(1)) {
            self.request = Some(RequestId(1));
        }
        let command = sentences::command(who, words);
        self.decide(&command)
    }

    fn knows(&self, request: RequestId) -> bool {
        self.state.parts().requests.contains_key(&request)
    }

    /// The number of the next contact: the first that nobody has had.
    pub(crate) fn next_contact(&self) -> u128 {
        self.records
            .iter()
            .flat_map(|it| &it.events)
            .filter_map(|it| if let Event::ContactArrived { contact, .. } = it { Some(contact.0) } else { None })
            .max()
            .unwrap_or(0)
            + 1
    }

    fn settle_everything(&mut self) -> String {
        let open: Vec<(ContactId, u32)> = self
            .state
            .parts()
            .contacts
            .values()
            .flat_map(|it| it.outbox.keys().map(|number| (it.id, *number)).collect::<Vec<_>>())
            .collect();
        let mut told = Vec::new();
        for (contact, number) in open {
            let settlement = Settlement::Accepted(Some("CAx".into()));
            told.push(self.decide(&Command::SettleEffect { contact, number, settlement }));
        }
        if told.is_empty() { String::from("there is nothing to do") } else { told.join("\n") }
    }

    fn arrive(&mut self, area_code: Option<u16>, line: &str) -> String {
        let number = self.next_contact();
        self.decide(&arrival(number, area_code, line))
    }

    /// A new plan, in which the second ring of every queue has a clock.
    fn plan_second_ring(&mut self, how: &[&str]) -> String {
        let mut next = self.state.plan().unwrap().clone();
        plan::with_second_ring(&mut next, |ring| match how {
            ["after", seconds] => ring.after_ms = seconds.parse::<u64>().unwrap() * 1_000,
            ["below", percent] => ring.below_answered_percent = percent.parse().ok(),
            other => panic!("a ring has no such clock: {other:?}"),
        });
        self.decide(&Command::ActivatePlan { plan: Box::new(next) })
    }

    /// One after the other, for a queue that nobody is there for.
    fn callers_leave(&mut self, count: u32, seconds: &str) -> String {
        let mut told = Vec::new();
        for _ in 0..count {
            let contact = format!("c{}", self.next_contact());
            told.push(self.arrive(Some(206), "local"));
            told.push(self.wait((seconds.parse::<f64>().unwrap() * 1_000.0) as u64));
            told.push(self.leg(&contact, "0", &["hangs", "up"]));
        }
        let text = told.join("\n");
        assert!(!text.contains("offered"), "somebody was asked:\n{text}");
        let (queued, left) = (text.matches("queued:").count(), text.matches("closed: Abandoned").count());
        format!("{queued} people were queued, and {left} left unanswered")
    }

    /// Somebody who has called before calls again.
    fn call_again(&mut self, person: &str, line: &str) -> String {
        let mut command = arrival(self.next_contact(), Some(206), line);
        if let Command::ArriveContact { person: who, .. } = &mut command {
            *who = PersonId(person.trim_start_matches('p').parse().unwrap());
        }
        self.decide(&command)
    }

    fn arrive_again(&mut self, contact: &str) -> String {
        self.decide(&arrival(id(contact).0, Some(206), "lifeline"))
    }

    fn wait(&mut self, ms: u64) -> String {
        let until = self.now_ms + ms;
        let mut told = Vec::new();
        while let Some(due) = self.state.next_deadline().filter(|at| at.0 <= until) {
            self.now_ms = self.now_ms.max(due.0);
            let text = self.decide(&Command::KeepTime);
            if text != answer(&Answer::AlreadyDone) {
                told.push(text);
            }
        }
        self.now_ms = until;
        if told.is_empty() { String::from("nothing happens") } else { told.join("\n") }
    }

    /// The process dies: the state is rebuilt from the records, and a new epoch begins.
    fn restart(&mut self, seconds: u64) -> String {
        let mut replayed = State::default();
        for record in &self.records {
            replayed.apply(record);
        }
        replayed.match_everybody();
        self.state = replayed;
        self.start(seconds * 1_000)
    }

    pub(crate) fn leg(&mut self, contact: &str, leg: &str, words: &[&str]) -> String {
        let (state, cause) = match words {
            ["rings"] => (LegState::Alerting, None),
            ["answers"] => (LegState::Answered, None),
            ["joins"] => (LegState::InRoom, None),
            ["hangs", "up"] => (LegState::Ended, Some(LegCause::HungUp)),
            ["is", "busy"] => (LegState::Failed, Some(LegCause::Busy)),
            ["fails"] => (LegState::Failed, Some(LegCause::CarrierFailed)),
            ["is", "gone"] => (LegState::Ended, Some(LegCause::NotAtCarrier)),
            other => panic!("a leg cannot do this: {other:?}"),
        };
        let contact = id(contact);
        self.decide(&Command::ReportLeg { contact, leg: leg.parse().unwrap(), state, external: None, cause })
    }

    fn carrier(&mut self, contact: &str, number: &str, words: &[&str]) -> String {
        let number = number.trim_start_matches('#').parse().unwrap();
        let contact = id(contact);
        let command = match words {
            ["done"] => Command::SettleEffect { contact, number, settlement: Settlement::Accepted(Some("CAx".into())) },
            ["refuses"] => Command::SettleEffect { contact, number, settlement: Settlement::Refused("21217".into()) },
            ["blocks", "it"] => {
                Command::SettleEffect { contact, number, settlement: Settlement::Refused(BLOCKED.into()) }
            }
            ["cannot", "say"] => Command::DoubtEffect { contact, number },
            other => panic!("a carrier cannot say this: {other:?}"),
        };
        self.decide(&command)
    }
}

fn arrival(number: u128, area_code: Option<u16>, line: &str) -> Command {
    Command::ArriveContact {
        contact: ContactId(number),
        person: PersonId(number),
        external: ExternalId { account: "twilio-main".into(), id: format!("CA{number}").into() },
        line: line.into(),
        channel: holdfast_core::contact::Channel::Voice,
        area_code,
        number: area_code.map(|_| Sealed { slot: KeySlot(number as u64), ciphertext: [7].as_slice().into() }),
        slot: Some(KeySlot(number as u64)),
    }
}

pub(crate) fn id(contact: &str) -> ContactId {
    ContactId(contact.trim_start_matches('c').parse().unwrap())
}

pub(crate) fn offer_id(offer: &str) -> OfferId {
    let (contact, attempt) = offer.split_once('/').unwrap_or((offer, "1"));
    OfferId { contact: id(contact), attempt: attempt.parse().unwrap() }
}

fn answer(answer: &Answer) -> String {
    match answer {
        Answer::Arrived { contact, menu, .. } => format!("known already: {}, menu {menu:?}", tell::short(*contact)),
        Answer::Done | Answer::AlreadyDone => String::from("nothing changes: already so"),
        Answer::Ignored => String::from("nothing changes: late or out of order"),
    }
}
