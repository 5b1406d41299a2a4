//! Each law is broken once in a hand-made ledger and found; the clean ledger it is made from gives nothing.

mod handoffs;
mod texts;

use super::{AuditSettings, DeskEntry, DeskHappened, DeskLedger, OfferEnd, Report, audit};
use crate::carrier::{CallSid, CarrierLedger, EndedBy, Entry, Happened};
use std::collections::BTreeMap;

const RUN_ENDS_MS: u64 = 60_000;

/// A run being written by hand, in any order.
#[derive(Clone, Default)]
struct Run {
    carrier: Vec<Entry>,
    desks: Vec<DeskEntry>,
}

impl Run {
    fn carrier(&mut self, at_ms: u64, what: Happened) -> &mut Self {
        self.carrier.push(Entry { at_ms, what });
        self
    }

    fn desk(&mut self, at_ms: u64, counselor: &str, what: DeskHappened) -> &mut Self {
        self.desks.push(DeskEntry { at_ms, counselor: counselor.to_owned(), what });
        self
    }

    /// Person `who` arrives, is acknowledged 10 ms later and sits in the room `contact-who`.
    fn arrives(&mut self, at_ms: u64, who: &str) -> &mut Self {
        let (call, room) = (person(who), room(who));
        let line = "988".to_owned();
        self.carrier(at_ms, Happened::CallArrived { call: call.clone(), line, class: "general".to_owned() });
        let acknowledged = Happened::Acknowledged { call: call.clone(), room: room.clone(), sent_ms: at_ms };
        self.carrier(at_ms + 10, acknowledged);
        self.carrier(at_ms + 10, Happened::PersonJoined { call, room, room_sid: format!("CF{who}") })
    }

    fn person_ends(&mut self, at_ms: u64, who: &str, by: EndedBy) -> &mut Self {
        let (call, room, room_sid) = (person(who), room(who), format!("CF{who}"));
        self.carrier(at_ms, Happened::PersonLeft { call: call.clone(), room, room_sid, by });
        self.carrier(at_ms, Happened::PersonEnded { call: call.clone(), by });
        let (event, call) = ("completed".to_owned(), Some(call));
        self.carrier(at_ms + 5, Happened::CallbackAnswered { call, event, sequence: 1, took_us: 900 })
    }

    /// The counselor's phone is dialed into the person's room and joins 100 ms later.
    fn leg(&mut self, at_ms: u64, counselor: &str, who: &str) -> &mut Self {
        let (leg, to, room) = (leg(counselor, who), address(counselor), room(who));
        let dialed = Happened::DialRequested { leg: leg.clone(), to: to.clone(), label: None, room: room.clone() };
        self.carrier(at_ms, dialed);
        self.carrier(at_ms + 100, Happened::LegJoined { leg, to, room, room_sid: format!("CF{who}") })
    }

    fn leg_ends(&mut self, at_ms: u64, counselor: &str, who: &str) -> &mut Self {
        let (leg, to, room) = (leg(counselor, who), address(counselor), room(who));
        self.carrier(at_ms, Happened::LegLeft { leg, to, room, room_sid: format!("CF{who}") })
    }

    fn available(&mut self, at_ms: u64, counselor: &str) -> &mut Self {
        self.desk(at_ms, counselor, DeskHappened::SignedIn).desk(at_ms, counselor, DeskHappened::Available)
    }

    fn offered(&mut self, at_ms: u64, counselor: &str, who: &str) -> &mut Self {
        let (offer, contact) = (offer(counselor, who), who.to_owned());
        self.desk(at_ms, counselor, DeskHappened::Offered { offer, contact, deadline_ms: at_ms + 5_000 })
    }

    fn closed(&mut self, at_ms: u64, counselor: &str, who: &str, reason: OfferEnd) -> &mut Self {
        self.desk(at_ms, counselor, DeskHappened::OfferClosed { offer: offer(counselor, who), reason })
    }

    fn accepted(&mut self, at_ms: u64, counselor: &str, who: &str) -> &mut Self {
        let (offer, contact) = (offer(counselor, who), who.to_owned());
        self.desk(at_ms, counselor, DeskHappened::AcceptSent { offer: offer.clone() });
        self.desk(at_ms + 5, counselor, DeskHappened::AcceptConfirmed { offer, contact })
    }

    fn done(&mut self, at_ms: u64, counselor: &str, who: &str) -> &mut Self {
        let contact = || who.to_owned();
        self.desk(at_ms, counselor, DeskHappened::Ended { contact: contact() });
        self.desk(at_ms, counselor, DeskHappened::WrapUp { contact: contact() });
        self.desk(at_ms + 500, counselor, DeskHappened::Done { contact: contact() })
    }

    /// Offer, accept, talk, end: from `at_ms` to `at_ms + 3_000`.
    fn served(&mut self, at_ms: u64, counselor: &str, who: &str) -> &mut Self {
        self.offered(at_ms, counselor, who).accepted(at_ms + 200, counselor, who);
        self.leg(at_ms + 300, counselor, who).person_ends(at_ms + 3_000, who, EndedBy::Person);
        self.leg_ends(at_ms + 3_000, counselor, who).done(at_ms + 3_010, counselor, who)
    }

    fn audited(&self) -> Report {
        self.audited_with(|_| {})
    }

    fn audited_with(&self, adjust: impl Fn(&mut AuditSettings)) -> Report {
        let mut entries = self.carrier.clone();
        entries.sort_by_key(|entry| entry.at_ms);
        let carrier = CarrierLedger { entries, until_ms: RUN_ENDS_MS, complete: true };
        let mut desks = self.desks.clone();
        desks.sort_by_key(|entry| entry.at_ms);
        let counselors = ["ana", "ben", "cleo"].map(|name| (name.to_owned(), address(name)));
        let mut settings = AuditSettings::new(BTreeMap::from(counselors));
        adjust(&mut settings);
        audit(&carrier, &[DeskLedger { entries: desks }], &settings)
    }

    /// The laws broken, each once, sorted.
    fn laws(&self) -> Vec<&'static str> {
        let mut laws: Vec<_> = self.audited().laws_broken.iter().map(|finding| finding.law).collect();
        laws.sort_unstable();
        laws.dedup();
        laws
    }
}

fn person(who: &str) -> CallSid {
    CallSid::new(format!("CA{who}"))
}

fn leg(counselor: &str, who: &str) -> CallSid {
    CallSid::new(format!("CA{counselor}-{who}"))
}

fn room(who: &str) -> String {
    format!("contact-{who}")
}

fn address(counselor: &str) -> String {
    format!("sip:{counselor}@desk.example")
}

fn offer(counselor: &str, who: &str) -> String {
    format!("{counselor}-{who}")
}

/// Two persons served one after the other by one counselor, a third served by another, a fourth who hangs up waiting.
fn clean() -> Run {
    let mut run = Run::default();
    run.available(0, "ana").arrives(1_000, "1").served(1_050, "ana", "1");
    run.available(2_000, "ben").arrives(2_100, "2").served(2_150, "ben", "2");
    run.arrives(2_500, "3").served(4_600, "ana", "3");
    run.arrives(4_700, "4").person_ends(5_000, "4", EndedBy::Person);
    run
}

#[test]
fn a_clean_run_breaks_nothing_and_its_counts_add_up() {
    let report = clean().audited();
    assert_eq!(report.laws_broken, vec![]);
    assert_eq!((report.lost, report.doubles, report.findings_left_out), (0, 0, 0));
    assert_eq!((report.arrived, report.connected, report.closed, report.abandoned), (4, 3, 3, 1));
    assert_eq!((report.waiting, report.talking, report.diverted, report.unacknowledged), (0, 0, 0, 0));
    assert_eq!((report.offers.made, report.offers.accepted), (3, 3));
    assert_eq!(report.wait_ms.count, 3);
    assert!(report.webhook_to_offer_ms.p50 >= 49.0);
    assert_eq!(report.webhook_to_offer_ms.count, 3);
    assert!(serde_json::to_string(&report).unwrap().contains("\"laws_broken\":[]"));
}

#[test]
fn nobody_who_was_offered_before_the_hook_counts_as_offered_at_once() {
    let mut run = clean();
    run.available(20_000, "cleo").offered(29_990, "cleo", "5").arrives(30_000, "5");
    let report = run.audited();
    assert_eq!(report.webhook_to_offer_ms.count, 3);
    assert!(report.webhook_to_offer_ms.p50 >= 49.0);
}

#[test]
fn two_counselors_with_one_person_break_s3_unless_one_is_a_companion() {
    let mut run = clean();
    run.leg(2_000, "cleo", "1").leg_ends(2_500, "cleo", "1");
    assert_eq!(run.laws(), vec!["S3"]);
    assert_eq!(run.audited().doubles, 1);
    let lawful = run.audited_with(|settings| {
        settings.companions.insert(address("cleo"));
    });
    assert_eq!(lawful.laws_broken, vec![]);
}

#[test]
fn a_contact_confirmed_to_two_counselors_breaks_s3() {
    let mut run = clean();
    run.offered(1_060, "cleo", "1").accepted(1_300, "cleo", "1").done(4_060, "cleo", "1");
    assert_eq!(run.laws(), vec!["S3"]);
    assert_eq!(run.audited().doubles, 1);
}

#[test]
fn one_offer_on_two_desks_breaks_s3() {
    let mut run = clean();
    let what = DeskHappened::Offered { offer: offer("ana", "1"), contact: "1".to_owned(), deadline_ms: RUN_ENDS_MS };
    run.desk(1_055, "cleo", what);
    let rescinded = DeskHappened::OfferClosed { offer: offer("ana", "1"), reason: OfferEnd::Rescinded };
    run.desk(1_200, "cleo", rescinded);
    assert_eq!(run.laws(), vec!["S3"]);
}

#[test]
fn one_counselor_in_two_rooms_breaks_s4() {
    let mut run = clean();
    run.leg(2_300, "ana", "2").leg_ends(3_000, "ana", "2");
    // In two rooms at once, and the second person has two counselors.
    assert_eq!(run.laws(), vec!["S3", "S4"]);
    assert_eq!(run.audited().doubles, 2);
}

#[test]
fn one_counselor_holding_two_contacts_breaks_s4_unless_they_may() {
    let mut run = clean();
    run.available(9_000, "cleo").arrives(10_000, "5").arrives(10_100, "6");
    run.offered(10_050, "cleo", "5").accepted(10_100, "cleo", "5").leg(10_200, "cleo", "5");
    run.offered(10_150, "cleo", "6").accepted(10_300, "cleo", "6");
    run.person_ends(12_000, "5", EndedBy::Person).leg_ends(12_000, "cleo", "5").done(12_010, "cleo", "5");
    run.person_ends(12_100, "6", EndedBy::Person).done(12_110, "cleo", "6");
    assert_eq!(run.laws(), vec!["S4"]);
    assert_eq!(run.audited_with(|settings| settings.capacity = 2).laws_broken, vec![]);
}

#[test]
fn two_rooms_for_one_call_break_s12() {
    let mut run = clean();
    let again = Happened::Acknowledged { call: person("1"), room: room("1b"), sent_ms: 1_000 };
    run.carrier(1_020, again);
    assert_eq!(run.laws(), vec!["S12"]);
    assert_eq!(run.audited().doubles, 1);
}

#[test]
fn offering_the_later_person_first_breaks_s7() {
    let mut run = Run::default();
    run.arrives(1_000, "1").arrives(2_000, "2").available(2_500, "ana").served(2_600, "ana", "2");
    run.served(6_200, "ana", "1");
    assert_eq!(run.laws(), vec!["S7"]);
    // Not if the counselor may not take the earlier one, nor if the order of the two cannot be told from outside.
    let only_two = |settings: &mut AuditSettings| {
        settings.eligible = Box::new(|_, person| person.call == CallSid::new("CA2"));
    };
    assert_eq!(run.audited_with(only_two).laws_broken, vec![]);
    let mut together = Run::default();
    together.arrives(1_000, "1").arrives(1_005, "2").available(2_500, "ana").served(2_600, "ana", "2");
    together.served(6_200, "ana", "1");
    assert_eq!(together.laws(), Vec::<&str>::new());
}

#[test]
fn losing_ones_place_by_a_missed_offer_breaks_s8() {
    let mut run = Run::default();
    run.arrives(1_000, "1").available(1_100, "ana").offered(1_150, "ana", "1");
    run.closed(6_150, "ana", "1", OfferEnd::Expired).desk(6_150, "ana", DeskHappened::NotAvailable);
    run.arrives(2_000, "2").available(7_000, "ben").served(7_100, "ben", "2").served(10_700, "ben", "1");
    assert_eq!(run.laws(), vec!["S8"]);
    assert_eq!(run.audited().offers.expired, 1);
    // Kept, if the earlier person is served first.
    let mut kept = Run::default();
    kept.arrives(1_000, "1").available(1_100, "ana").offered(1_150, "ana", "1");
    kept.closed(6_150, "ana", "1", OfferEnd::Expired).desk(6_150, "ana", DeskHappened::NotAvailable);
    kept.arrives(2_000, "2").available(7_000, "ben").served(7_100, "ben", "1").served(10_700, "ben", "2");
    assert_eq!(kept.laws(), Vec::<&str>::new());
}

#[test]
fn an_accept_after_the_deadline_or_after_the_close_breaks_s18() {
    let mut late = Run::default();
    late.available(0, "ana").arrives(1_000, "1").offered(1_050, "ana", "1").accepted(7_500, "ana", "1");
    late.leg(7_600, "ana", "1").person_ends(9_000, "1", EndedBy::Person).leg_ends(9_000, "ana", "1");
    late.done(9_010, "ana", "1");
    assert_eq!(late.laws(), vec!["S18"]);
    let mut closed = clean();
    closed.closed(1_100, "ana", "1", OfferEnd::Rescinded);
    assert_eq!(closed.laws(), vec!["S18"]);
    let mut confirmed_here = clean();
    confirmed_here.closed(1_252, "ana", "1", OfferEnd::Accepted);
    assert_eq!(confirmed_here.laws(), Vec::<&str>::new());
}

#[test]
fn two_open_offers_on_one_desk_break_s18() {
    let mut run = clean();
    run.available(9_000, "cleo").arrives(10_000, "5").arrives(10_020, "6");
    run.offered(10_100, "cleo", "5").offered(10_200, "cleo", "6");
    run.person_ends(10_500, "5", EndedBy::Person).closed(10_510, "cleo", "5", OfferEnd::Rescinded);
    run.person_ends(10_600, "6", EndedBy::Person).closed(10_610, "cleo", "6", OfferEnd::Rescinded);
    assert_eq!(run.laws(), vec!["S18"]);
}

#[test]
fn dialing_for_a_person_known_to_be_gone_breaks_s20() {
    let mut run = clean();
    run.leg(6_500, "cleo", "4").leg_ends(6_700, "cleo", "4");
    assert_eq!(run.laws(), vec!["S20"]);
    let mut racing = clean();
    racing.leg(5_200, "cleo", "4").leg_ends(5_400, "cleo", "4");
    assert_eq!(racing.laws(), Vec::<&str>::new());
}

#[test]
fn waiting_beside_an_idle_counselor_breaks_l1_and_to_the_end_of_the_run_is_lost() {
    let mut delayed = clean();
    delayed.available(9_000, "cleo").arrives(20_000, "5").served(24_000, "cleo", "5");
    assert_eq!(delayed.laws(), vec!["L1"]);
    assert_eq!(delayed.audited().lost, 0);
    let mut stuck = clean();
    stuck.available(9_000, "cleo").arrives(20_000, "5");
    let report = stuck.audited();
    assert_eq!((report.lost, report.waiting), (1, 0));
    assert_eq!(stuck.laws(), vec!["L1"]);
    let nobody = stuck.audited_with(|settings| settings.eligible = Box::new(|_, _| false));
    assert_eq!((nobody.lost, nobody.waiting), (0, 1));
    let mut on_break = clean();
    on_break.available(9_000, "cleo");
    for counselor in ["ana", "ben", "cleo"] {
        on_break.desk(19_000, counselor, DeskHappened::NotAvailable);
    }
    on_break.arrives(20_000, "5");
    assert_eq!(on_break.laws(), Vec::<&str>::new());
}

#[test]
fn a_person_whose_counselor_could_not_be_reached_waits_again() {
    let mut run = clean();
    run.available(9_000, "cleo").arrives(10_000, "5").offered(10_050, "cleo", "5").accepted(10_200, "cleo", "5");
    run.done(11_000, "cleo", "5");
    // Ana and Ben are idle from then on.
    assert_eq!(run.laws(), vec!["L1"]);
    assert_eq!(run.audited().lost, 1);
}

#[test]
fn a_person_ended_by_our_side_without_a_counselor_is_lost() {
    for by in [EndedBy::Rest, EndedBy::RoomEnd, EndedBy::Document] {
        let mut run = clean();
        run.arrives(10_000, "5").person_ends(10_400, "5", by);
        let report = run.audited();
        assert_eq!(report.lost, 1);
        assert_eq!(run.laws(), vec!["lost"]);
    }
    let mut diverted = clean();
    diverted.arrives(10_000, "5");
    diverted.carrier(10_300, Happened::DivertedToLandline { call: person("5") });
    diverted.person_ends(10_400, "5", EndedBy::Landline);
    assert_eq!((diverted.audited().lost, diverted.audited().diverted), (0, 1));
}

#[test]
fn a_desk_that_holds_or_shows_a_contact_long_after_its_person_breaks_l4() {
    let mut held = Run::default();
    held.available(0, "ana").arrives(1_000, "1").offered(1_050, "ana", "1").accepted(1_200, "ana", "1");
    held.leg(1_300, "ana", "1").person_ends(4_000, "1", EndedBy::Person).leg_ends(4_000, "ana", "1");
    held.done(20_000, "ana", "1");
    assert_eq!(held.laws(), vec!["L4"]);
    let mut shown = Run::default();
    shown.available(0, "ana").arrives(1_000, "1").offered(1_050, "ana", "1");
    shown.person_ends(4_000, "1", EndedBy::Person);
    assert_eq!(shown.laws(), vec!["L4"]);
}

#[test]
fn a_ledger_that_ends_early_never_passes() {
    let report = audit(&CarrierLedger::default(), &[], &AuditSettings::new(BTreeMap::new()));
    assert_eq!(report.laws_broken.iter().map(|finding| finding.law).collect::<Vec<_>>(), vec!["S23"]);
}
