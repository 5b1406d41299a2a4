//! Handoffs: the lawful three together and everything near it that is not; owners, by voice and in writing; callbacks.

use super::super::{DeskHappened, DeskPart, HandoffStep, Report};
use super::{Run, address, offer, person, room};
use crate::carrier::{EndedBy, Happened};

impl Run {
    /// All these desks show the handoff of `who` at this step, from ana to cleo.
    fn step(&mut self, at_ms: u64, desks: &[&str], who: &str, step: HandoffStep) -> &mut Self {
        for desk in desks {
            let to = if step < HandoffStep::Briefing { "" } else { "cleo" };
            let what = DeskHappened::Handoff {
                contact: who.to_owned(),
                number: 1,
                step,
                from: "ana".to_owned(),
                to: to.to_owned(),
                owner: if step < HandoffStep::Confirmed { "ana" } else { "cleo" }.to_owned(),
                reason: String::new(),
            };
            self.desk(at_ms, desk, what);
        }
        self
    }

    fn part(&mut self, at_ms: u64, counselor: &str, who: &str, part: DeskPart, written: bool) -> &mut Self {
        self.desk(at_ms, counselor, DeskHappened::Part { contact: who.to_owned(), part, written })
    }

    /// Cleo is asked to take over from ana, and accepts: offered 500 ms before.
    fn reserved(&mut self, at_ms: u64, who: &str, written: bool) -> &mut Self {
        self.offered(at_ms - 500, "cleo", who);
        let (offer, contact) = (offer("cleo", who), who.to_owned());
        self.desk(at_ms - 500, "cleo", DeskHappened::OfferIs { offer, contact, written, from: Some("ana".to_owned()) });
        self.accepted(at_ms, "cleo", who)
    }

    fn wraps_up(&mut self, at_ms: u64, counselor: &str, who: &str) -> &mut Self {
        self.part(at_ms, counselor, who, DeskPart::WritingUp, false);
        self.desk(at_ms, counselor, DeskHappened::WrapUp { contact: who.to_owned() });
        self.desk(at_ms + 900, counselor, DeskHappened::Done { contact: who.to_owned() })
    }
}

/// By voice: ana talks with "1" from 1,400; cleo reads the note at 5,000, joins at 6,100, confirms at 8,000; ana leaves at 9,000.
fn clean() -> Run {
    let mut run = begun();
    run.step(6_000, &["ana", "cleo"], "1", HandoffStep::Joining).leg(6_000, "cleo", "1");
    run.step(6_120, &["ana", "cleo"], "1", HandoffStep::Together);
    run.step(8_000, &["ana", "cleo"], "1", HandoffStep::Confirmed);
    run.part(8_000, "ana", "1", DeskPart::Leaving, false).part(8_000, "cleo", "1", DeskPart::Owner, false);
    run.leg_ends(9_000, "ana", "1")
        .step(9_000, &["ana", "cleo"], "1", HandoffStep::Completed)
        .wraps_up(9_000, "ana", "1");
    run.person_ends(20_000, "1", EndedBy::Person).leg_ends(20_000, "cleo", "1").done(20_010, "cleo", "1");
    run
}

/// Until cleo has accepted.
fn begun() -> Run {
    let mut run = Run::default();
    run.available(0, "ana").available(0, "cleo").arrives(1_000, "1");
    run.offered(1_050, "ana", "1").accepted(1_200, "ana", "1").leg(1_300, "ana", "1");
    run.step(3_000, &["ana"], "1", HandoffStep::Consenting).step(4_000, &["ana"], "1", HandoffStep::Seeking);
    run.reserved(5_000, "1", false).step(5_005, &["ana", "cleo"], "1", HandoffStep::Briefing);
    run
}

fn ownerless(run: &Run) -> u64 {
    let report = run.audited();
    let found = report.laws_broken.iter().any(|finding| finding.law == "ownerless");
    assert_eq!(found, report.ownerless_ms > 0);
    report.ownerless_ms
}

fn counts(report: &Report) -> (usize, usize, usize, usize) {
    let it = report.handoffs;
    (it.started, it.completed, it.returned, it.cancelled)
}

#[test]
fn a_clean_handoff_breaks_nothing_and_is_counted() {
    let report = clean().audited();
    assert_eq!(report.laws_broken, vec![]);
    assert_eq!((report.doubles, report.ownerless_ms, counts(&report)), (0, 0, (1, 1, 0, 0)));
}

#[test]
fn both_in_the_room_without_a_handoff_between_exactly_them_break_s3() {
    let mut run = clean();
    run.desks.retain(|line| !matches!(line.what, DeskHappened::Handoff { .. }));
    assert_eq!((run.laws(), run.audited().doubles), (vec!["S3"], 1));
    let mut third = clean();
    third.leg(7_000, "ben", "1").leg_ends(7_500, "ben", "1");
    assert_eq!((third.laws(), third.audited().doubles), (vec!["S3"], 1));
    let mut early = begun();
    // Cleo's phone was there before anybody had been reserved.
    early.leg(2_000, "cleo", "1").person_ends(12_000, "1", EndedBy::Person).leg_ends(12_000, "cleo", "1");
    early.leg_ends(12_000, "ana", "1").done(12_010, "ana", "1").done(12_010, "cleo", "1");
    assert_eq!(early.laws(), vec!["S3"]);
}

#[test]
fn who_has_handed_over_and_stays_breaks_s3() {
    let stays_until = |at_ms| {
        let mut run = clean();
        run.carrier.retain(|line| !matches!(&line.what, Happened::LegLeft { to, .. } if *to == address("ana")));
        run.leg_ends(at_ms, "ana", "1");
        run
    };
    assert_eq!(stays_until(10_000).laws(), Vec::<&str>::new());
    assert_eq!(stays_until(19_000).laws(), vec!["S3"]);
}

#[test]
fn two_owners_before_the_confirmation_break_s3_and_a_dark_desk_afterwards_does_not() {
    let mut early = clean();
    early.part(5_100, "cleo", "1", DeskPart::Owner, false);
    assert_eq!(early.laws(), vec!["S3"]);
    let told_late = |dark: bool| {
        let mut run = clean();
        run.desks.retain(|line| {
            let parts = matches!(
                line.what,
                DeskHappened::Part { .. } | DeskHappened::WrapUp { .. } | DeskHappened::Done { .. }
            );
            line.counselor != "ana" || !parts
        });
        run.wraps_up(18_000, "ana", "1");
        if dark {
            run.desk(7_000, "ana", DeskHappened::StreamOver).desk(17_990, "ana", DeskHappened::SignedIn);
        }
        run
    };
    assert_eq!(told_late(true).laws(), Vec::<&str>::new());
    assert_eq!(told_late(false).laws(), vec!["S3"]);
}

#[test]
fn every_end_is_counted_and_two_ends_of_one_handoff_are_found() {
    for (step, expected) in [(HandoffStep::Returned, (1, 0, 1, 0)), (HandoffStep::Cancelled, (1, 0, 0, 1))] {
        let mut run = begun();
        run.step(6_000, &["ana", "cleo"], "1", step).desk(
            6_000,
            "cleo",
            DeskHappened::Done { contact: "1".to_owned() },
        );
        run.person_ends(12_000, "1", EndedBy::Person).leg_ends(12_000, "ana", "1").done(12_010, "ana", "1");
        assert_eq!((run.laws(), counts(&run.audited())), (vec![], expected));
    }
    let mut run = clean();
    run.step(9_500, &["cleo"], "1", HandoffStep::Returned);
    assert_eq!(run.laws(), vec!["S9"]);
}

#[test]
fn a_person_whom_the_counselor_leaves_before_the_other_is_there_is_ownerless() {
    let alone = |dialed_ms: u64| {
        let mut run = begun();
        run.step(6_000, &["ana", "cleo"], "1", HandoffStep::Joining).leg_ends(7_000, "ana", "1");
        run.leg(dialed_ms, "cleo", "1").person_ends(20_000, "1", EndedBy::Person).leg_ends(20_000, "cleo", "1");
        run.done(20_010, "ana", "1").done(20_010, "cleo", "1");
        run
    };
    // 3 s of allowances after ana's phone left at 7,000.
    assert_eq!(ownerless(&alone(12_500)), 2_500);
    // A phone that is being dialed counts, and so does one that rings for long.
    assert_eq!(ownerless(&alone(9_900)), 0);
    let mut never = begun();
    never.leg_ends(7_000, "ana", "1").person_ends(30_000, "1", EndedBy::Person).done(30_010, "ana", "1");
    assert_eq!(ownerless(&never), 20_000);
}

#[test]
fn whoever_went_back_to_the_queue_is_ownerless_only_beside_an_idle_counselor_who_is_not_asked() {
    let requeued = |idle_ms: Option<u64>| {
        let mut run = Run::default();
        run.available(0, "ana").arrives(1_000, "1").offered(1_050, "ana", "1").accepted(1_200, "ana", "1");
        run.leg(1_300, "ana", "1").leg_ends(7_000, "ana", "1");
        run.desk(7_900, "ana", DeskHappened::NotAvailable).done(8_000, "ana", "1");
        if let Some(at_ms) = idle_ms {
            run.available(at_ms, "ben");
        }
        run.offered(30_000, "ben", "1").accepted(30_500, "ben", "1").leg(30_600, "ben", "1");
        run.person_ends(40_000, "1", EndedBy::Person).leg_ends(40_000, "ben", "1").done(40_010, "ben", "1");
        run
    };
    assert_eq!(ownerless(&requeued(None)), 0);
    assert_eq!(ownerless(&requeued(Some(29_990))), 10);
    assert_eq!(ownerless(&requeued(Some(20_000))), 10_000);
}

/// In writing: ana has "t" from 1,205; cleo confirms at 8,000 and her desk shows it at `owner_ms`.
fn in_writing(owner_ms: Option<u64>) -> Run {
    let mut run = Run::default();
    run.available(0, "ana").available(0, "cleo").wrote(1_000, "t", "Hi").sent(1_030, "t", 2, "One moment.");
    run.offered_in_writing(1_050, "ana", "t").accepted(1_200, "ana", "t").saw(1_210, "ana", "t", 1, "Hi");
    run.step(4_000, &["ana"], "t", HandoffStep::Seeking).reserved(5_000, "t", true).saw(5_010, "cleo", "t", 1, "Hi");
    run.step(6_000, &["ana", "cleo"], "t", HandoffStep::Together);
    run.step(8_000, &["ana"], "t", HandoffStep::Confirmed).part(8_000, "ana", "t", DeskPart::Leaving, true);
    run.step(9_000, &["ana"], "t", HandoffStep::Completed).wraps_up(9_000, "ana", "t");
    if let Some(owner_ms) = owner_ms {
        run.step(owner_ms, &["cleo"], "t", HandoffStep::Completed).part(owner_ms, "cleo", "t", DeskPart::Owner, true);
        run.done(40_000, "cleo", "t");
    }
    run
}

#[test]
fn in_writing_the_next_desk_must_have_the_person_when_the_other_has_handed_over() {
    assert_eq!((ownerless(&in_writing(Some(8_010))), in_writing(Some(8_010)).laws()), (0, vec![]));
    assert_eq!(counts(&in_writing(Some(8_010)).audited()), (1, 1, 0, 0));
    // 3 s of allowances after 8,000.
    assert_eq!(ownerless(&in_writing(Some(15_000))), 4_000);
    assert_eq!(ownerless(&in_writing(None)), 49_000);
    // While her line was down she had the conversation all the same.
    let mut dark = in_writing(Some(15_000));
    dark.desk(7_500, "cleo", DeskHappened::StreamOver).desk(14_990, "cleo", DeskHappened::SignedIn);
    assert_eq!(ownerless(&dark), 10);
    // Her desk heard of it first.
    let mut first = in_writing(Some(8_001));
    first.desks.retain(|line| line.counselor != "cleo" || line.at_ms < 40_000);
    first.done(8_500, "cleo", "t");
    assert_eq!(ownerless(&first), 0);
}

#[test]
fn being_asked_to_take_over_is_no_answer_to_somebody_who_waits() {
    let mut run = clean();
    // Somebody has waited since 2,000; cleo, who is a peer, is asked at 4,500 to take over from ana.
    run.arrives(2_000, "2").person_ends(19_000, "2", EndedBy::Person);
    for counselor in ["cleo", "ana"] {
        run.desk(1_500, counselor, DeskHappened::NotAvailable);
    }
    assert_eq!(run.laws(), Vec::<&str>::new());
}

#[test]
fn people_who_are_called_back_are_counted_apart() {
    let mut run = Run::default();
    let (call, again, room) = (person("0a"), person("0b"), room("x"));
    let room_sid = "CFx".to_owned();
    run.available(0, "ana").offered(1_000, "ana", "x").accepted(1_200, "ana", "x").leg(1_300, "ana", "x");
    let line = "+12065550100".to_owned();
    run.carrier(2_000, Happened::PersonDialed { call: call.clone(), line: line.clone(), room: room.clone() });
    run.carrier(4_000, Happened::PersonEnded { call, by: EndedBy::NeverJoined });
    run.carrier(5_000, Happened::PersonDialed { call: again.clone(), line, room: room.clone() });
    run.carrier(8_000, Happened::PersonJoined { call: again.clone(), room: room.clone(), room_sid: room_sid.clone() });
    run.carrier(15_000, Happened::PersonLeft { call: again.clone(), room, room_sid, by: EndedBy::Person });
    run.carrier(15_000, Happened::PersonEnded { call: again, by: EndedBy::Person });
    run.leg_ends(15_000, "ana", "x").done(15_010, "ana", "x");
    let report = run.audited();
    assert_eq!(report.laws_broken, vec![]);
    assert_eq!((report.arrived, report.callbacks.dialed, report.callbacks.reached), (0, 2, 1));
    assert_eq!((report.lost, report.ownerless_ms), (0, 0));
}
