//! Who came, to whom they were held out, who had them, and how it ended: what the run compares Holdfast's doings with.
//!
//! Written in the order in which desks and people hear of things. Streams of different desks may be read in another order than they were
//! written, so what looks doubled is a suspicion until the other desk has had [`SLACK_US`] to say that it was over.

use crate::report::outcome::Overtaking;
use std::collections::{HashMap, HashSet};

/// How long one desk's news may come behind another's.
const SLACK_US: u64 = 2_000_000;
/// How much later than another desk's news of an offer that of an earlier one may be read.
const ORDER_SLACK_US: u64 = 500_000;

/// A suspicion of a desk that is away, until it is back.
const PUT_OFF: u64 = u64::MAX;

/// A contact's id, read from its 32 hexadecimal digits.
pub(crate) type Contact = u128;

/// The id in a text, if it is one.
pub(crate) fn contact_of(text: &str) -> Option<Contact> {
    (text.len() == 32).then(|| u128::from_str_radix(text, 16).ok()).flatten()
}

/// Where somebody is, as far as anybody outside was told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Waiting,
    Offered(usize),
    Held(usize),
    Over,
}

#[derive(Clone, Debug, Default)]
struct Row {
    text: bool,
    /// Since when they could be offered: their intended start, or their last answer to the survey.
    ready_us: Option<u64>,
    /// Whether their first webhook was answered.
    acked: bool,
    /// The webhook that put them into the queue: posted, and answered.
    queued_us: Option<(u64, u64)>,
    first_offer_us: Option<u64>,
    /// The first offer: since when its desk was free.
    free_us: u64,
    /// Whether its latency was handed out.
    measured: bool,
    place: Place,
    /// They hang up; and that was acknowledged.
    leaves_us: Option<u64>,
    hung_up: bool,
}

struct Suspicion {
    contact: Contact,
    other: usize,
    at_us: u64,
    cleared: bool,
}

/// Somebody in the queue, from the webhook that put them there to their first offer or their hanging up.
#[derive(Clone, Copy)]
struct Waited {
    contact: Contact,
    posted_us: u64,
    answered_us: u64,
    until_us: Option<u64>,
    offered_us: Option<u64>,
}

/// What the whole run found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Audit {
    /// Acknowledged and told nothing.
    pub(crate) unheard: u64,
    pub(crate) doubled: u64,
    pub(crate) out_of_order: u64,
    /// Offered or held, and never acknowledged to whoever called: their answer was lost on the way, which is no fault.
    pub(crate) strangers: u64,
    /// Held by a desk that never heard of their end.
    pub(crate) stuck: u64,
}

/// The book of a run.
#[derive(Default)]
pub(crate) struct Ledger {
    rows: HashMap<Contact, Row>,
    suspicions: Vec<Suspicion>,
    /// Desks whose line is cut: they hear only when they are back that an offer or a conversation of theirs went on without them, and
    /// have [`SLACK_US`] from then on to say so.
    away: HashSet<usize>,
    /// Webhooks posted twice that named two contacts.
    split: u64,
    accepted_twice: u64,
    unheard: u64,
}

impl Ledger {
    /// Somebody's first webhook was answered.
    pub(crate) fn acked(&mut self, contact: Contact) {
        self.rows.entry(contact).or_default().acked = true;
    }

    /// The webhook that put somebody into the queue was posted and answered: before it they surely were not in it, after it they were.
    pub(crate) fn queued(&mut self, contact: Contact, posted_us: u64, answered_us: u64) {
        self.rows.entry(contact).or_default().queued_us.get_or_insert((posted_us, answered_us));
    }

    /// Since when somebody can be offered. Returns the latency of their first offer, if that was heard before.
    pub(crate) fn ready(&mut self, contact: Contact, text: bool, ready_us: u64) -> Option<u64> {
        let row = self.rows.entry(contact).or_default();
        row.text = text;
        row.ready_us.get_or_insert(ready_us);
        row.measure()
    }

    /// Somebody whose text was acknowledged was told nothing.
    pub(crate) fn unheard(&mut self) {
        self.unheard += 1;
    }

    /// The same webhook, posted again, named another contact.
    pub(crate) fn named_another(&mut self) {
        self.split += 1;
    }

    /// A desk was told of somebody; it could have taken them since `free_us`. Returns the latency of a first offer.
    pub(crate) fn told(&mut self, contact: Contact, desk: usize, free_us: u64, now_us: u64) -> Option<u64> {
        let row = self.rows.entry(contact).or_default();
        if let Place::Offered(other) | Place::Held(other) = row.place
            && other != desk
        {
            self.suspicions.push(suspicion(row, contact, other, now_us, &self.away));
        }
        row.place = Place::Offered(desk);
        if row.first_offer_us.is_some() {
            return None;
        }
        row.first_offer_us = Some(now_us);
        row.free_us = free_us;
        row.measure()
    }

    /// A desk's accept was answered with yes.
    pub(crate) fn taken(&mut self, contact: Contact, desk: usize, now_us: u64) {
        let row = self.rows.entry(contact).or_default();
        if let Place::Held(other) = row.place {
            if other == desk {
                self.accepted_twice += 1;
            } else {
                self.suspicions.push(suspicion(row, contact, other, now_us, &self.away));
            }
        }
        // The news that they are gone may overtake the answer.
        if row.place != Place::Over {
            row.place = Place::Held(desk);
        }
    }

    /// A desk's line is cut.
    pub(crate) fn away(&mut self, desk: usize) {
        self.away.insert(desk);
    }

    /// A desk is at work: from now on it may be asked what it has.
    pub(crate) fn back(&mut self, desk: usize, now_us: u64) {
        if self.away.remove(&desk) {
            let put_off = self.suspicions.iter_mut().filter(|it| it.other == desk && it.at_us == PUT_OFF);
            put_off.for_each(|it| it.at_us = now_us);
        }
    }

    /// A desk has them no more, and they are not over: withdrawn, given back, lost with the desk.
    pub(crate) fn released(&mut self, contact: Contact, desk: usize, now_us: u64) {
        self.clear(contact, desk, now_us);
        if let Some(row) = self.rows.get_mut(&contact)
            && matches!(row.place, Place::Offered(had) | Place::Held(had) if had == desk)
        {
            row.place = Place::Waiting;
        }
    }

    /// A desk heard that it is over.
    pub(crate) fn closed(&mut self, contact: Contact, desk: usize, now_us: u64) {
        self.clear(contact, desk, now_us);
        self.rows.entry(contact).or_default().place = Place::Over;
    }

    fn clear(&mut self, contact: Contact, desk: usize, now_us: u64) {
        let young = |it: &&mut Suspicion| {
            it.contact == contact && it.other == desk && now_us <= it.at_us.saturating_add(SLACK_US)
        };
        self.suspicions.iter_mut().filter(young).for_each(|it| it.cleared = true);
    }

    /// Somebody hangs up. From here on others may be offered before them, whenever that is heard.
    pub(crate) fn leaves(&mut self, contact: Contact, now_us: u64) {
        self.rows.entry(contact).or_default().leaves_us.get_or_insert(now_us);
    }

    /// Somebody's hanging up was acknowledged. If nobody had them, it is over.
    pub(crate) fn hung_up(&mut self, contact: Contact) {
        let row = self.rows.entry(contact).or_default();
        row.hung_up = true;
        if row.place == Place::Waiting {
            row.place = Place::Over;
        }
    }

    /// People who are acknowledged, can be offered, are still there, and are with nobody: Holdfast must know of each.
    pub(crate) fn waiting(&self) -> u64 {
        count(self.rows.values().filter(|row| row.waits()).count())
    }

    /// Those of [`Self::waiting`] of whom no desk has heard and who have not begun to hang up: whatever is still on its way to or from a desk,
    /// they wait.
    pub(crate) fn surely_waiting(&self) -> u64 {
        let surely = |row: &&Row| row.waits() && row.leaves_us.is_none() && row.place == Place::Waiting;
        count(self.rows.values().filter(surely).count())
    }

    /// People who are with a desk.
    pub(crate) fn held(&self) -> u64 {
        count(self.rows.values().filter(|row| matches!(row.place, Place::Held(_))).count())
    }

    /// Acknowledged people.
    pub(crate) fn acknowledged(&self) -> u64 {
        count(self.rows.values().filter(|row| row.acked).count())
    }

    /// How many were offered at least once.
    pub(crate) fn offered(&self) -> u64 {
        count(self.rows.values().filter(|row| row.first_offer_us.is_some()).count())
    }

    /// The verdict of the book, when everybody has gone.
    pub(crate) fn audit(&self) -> Audit {
        Audit {
            unheard: self.unheard,
            doubled: count(self.suspicions.iter().filter(|it| !it.cleared && it.at_us != PUT_OFF).count())
                + self.split
                + self.accepted_twice,
            out_of_order: count(self.overtaken().len()),
            strangers: count(self.rows.values().filter(|row| !row.acked).count()),
            stuck: self.held(),
        }
    }

    /// Who was offered while somebody waited whose webhook had been answered before theirs was posted. One channel is one queue in these
    /// runs.
    pub(crate) fn overtaken(&self) -> Vec<Overtaking> {
        let mut all: Vec<Overtaking> = [false, true].into_iter().flat_map(|text| self.overtaken_in(text)).collect();
        all.sort_unstable_by_key(|it| it.offered_us);
        all
    }

    fn overtaken_in(&self, text: bool) -> Vec<Overtaking> {
        // Whoever came back to the queue keeps their place and was offered before: only first offers are compared.
        let queued = |(contact, row): (&Contact, &Row)| {
            let (posted_us, answered_us) = row.queued_us?;
            let until_us = row.first_offer_us.into_iter().chain(row.leaves_us).min();
            Some(Waited { contact: *contact, posted_us, answered_us, until_us, offered_us: row.first_offer_us })
        };
        let here = self.rows.iter().filter(|(_, row)| row.text == text);
        let mut waits: Vec<Waited> = here.filter_map(queued).collect();
        waits.sort_unstable_by_key(|it| (it.answered_us, it.contact));
        // Of all who were answered up to each of them, whoever waited to the last.
        let longest = |last: &mut Option<Waited>, it: &Waited| {
            let so_far = last.filter(|last| last.until_us.is_none_or(|last| it.until_us.is_some_and(|it| it <= last)));
            *last = Some(so_far.unwrap_or(*it));
            *last
        };
        let lasting: Vec<Waited> = waits.iter().scan(None, longest).collect();
        let overtakes = |it: &Waited| {
            let offered_us = it.offered_us?;
            let before = waits.partition_point(|wait| wait.answered_us < it.posted_us);
            let past = before.checked_sub(1).and_then(|at| lasting.get(at))?;
            let waited_on = past.until_us.is_none_or(|until_us| until_us > offered_us + ORDER_SLACK_US);
            waited_on.then_some(Overtaking {
                text,
                posted_us: it.posted_us,
                offered_us,
                past_answered_us: past.answered_us,
                past_until_us: past.until_us,
                past_left: past.until_us.is_some() && past.offered_us != past.until_us,
            })
        };
        waits.iter().filter_map(overtakes).collect()
    }
}

/// That another desk has them too. A conversation or an offer of a desk that is away is asked about when it is back; a call goes on
/// without the line, and is doubled at once.
fn suspicion(row: &Row, contact: Contact, other: usize, now_us: u64, away: &HashSet<usize>) -> Suspicion {
    let call = matches!(row.place, Place::Held(_)) && !row.text;
    let at_us = if !call && away.contains(&other) { PUT_OFF } else { now_us };
    Suspicion { contact, other, at_us, cleared: false }
}

impl Row {
    fn waits(&self) -> bool {
        let with_nobody = matches!(self.place, Place::Waiting | Place::Offered(_));
        self.acked && self.ready_us.is_some() && !self.hung_up && with_nobody
    }

    fn measure(&mut self) -> Option<u64> {
        let (offer_us, ready_us) = (self.first_offer_us?, self.ready_us?);
        if std::mem::replace(&mut self.measured, true) {
            return None;
        }
        Some(offer_us.saturating_sub(ready_us.max(self.free_us)))
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Audit, Ledger, Overtaking, contact_of};

    const S: u64 = 1_000_000;

    /// Somebody calls at second `at` and is acknowledged after 1 ms.
    fn arrive(ledger: &mut Ledger, contact: u128, at: u64) {
        ledger.acked(contact);
        ledger.queued(contact, at * S, at * S + 1_000);
        assert_eq!(ledger.ready(contact, false, at * S), None);
    }

    #[test]
    fn an_offer_is_timed_from_when_both_were_there() {
        let mut ledger = Ledger::default();
        arrive(&mut ledger, 1, 10);
        assert_eq!(ledger.told(1, 7, 5 * S, 10 * S + 300), Some(300));
        arrive(&mut ledger, 2, 11);
        assert_eq!(ledger.told(2, 8, 20 * S, 20 * S + 400), Some(400), "the desk was free later");
        assert_eq!(ledger.told(3, 9, 0, 30 * S + 50), None, "offered before their call was known to be answered");
        assert_eq!(ledger.ready(3, false, 30 * S), Some(50));
        ledger.released(2, 8, 21 * S);
        assert_eq!(ledger.told(2, 9, 0, 22 * S), None, "a second offer is not a first one");
        assert_eq!((ledger.waiting(), ledger.offered()), (2, 3));
    }

    #[test]
    fn two_desks_at_once_are_doubled_unless_the_first_says_that_it_is_over() {
        let mut ledger = Ledger::default();
        for contact in 1..=3 {
            arrive(&mut ledger, contact, 1);
            ledger.told(contact, 1, 0, 2 * S);
            ledger.taken(contact, 1, 2 * S);
        }
        // Read late, but the first desk had let go.
        ledger.told(1, 2, 0, 3 * S);
        ledger.released(1, 1, 3 * S + 500);
        ledger.taken(1, 2, 4 * S);
        // Nobody let go.
        ledger.told(2, 2, 0, 3 * S);
        // Twice at the same desk.
        ledger.taken(3, 1, 5 * S);
        assert_eq!(ledger.audit().doubled, 2);
        ledger.released(2, 1, 60 * S);
        assert_eq!(ledger.audit().doubled, 2, "a minute later is no excuse");
    }

    #[test]
    fn whoever_is_away_says_when_it_is_back_what_it_has_no_more() {
        let mut ledger = Ledger::default();
        for (contact, text) in [(1, true), (2, false), (3, false), (4, true)] {
            ledger.acked(contact);
            ledger.ready(contact, text, S);
            ledger.told(contact, 1, 0, 2 * S);
        }
        for contact in [1, 2, 4] {
            ledger.taken(contact, 1, 2 * S);
        }
        ledger.away(1);
        for contact in 1..=4 {
            ledger.told(contact, 2, 0, 40 * S);
        }
        assert_eq!(ledger.audit().doubled, 1, "the call goes on without the line");
        ledger.back(1, 50 * S);
        ledger.released(1, 1, 51 * S);
        ledger.released(3, 1, 51 * S);
        assert_eq!(ledger.audit().doubled, 2, "and a conversation that it does not let go of");
    }

    #[test]
    fn an_answer_that_comes_after_the_end_holds_nobody() {
        let mut ledger = Ledger::default();
        arrive(&mut ledger, 1, 1);
        ledger.told(1, 1, 0, 2 * S);
        ledger.closed(1, 1, 2 * S);
        ledger.taken(1, 1, 2 * S);
        assert_eq!(ledger.audit().stuck, 0);
    }

    #[test]
    fn whoever_overtakes_is_counted_and_whoever_left_was_not_overtaken() {
        let mut ledger = Ledger::default();
        for contact in 1..=4 {
            arrive(&mut ledger, contact, u64::try_from(contact).unwrap());
        }
        ledger.leaves(2, 6 * S);
        ledger.told(3, 1, 0, 7 * S);
        ledger.told(1, 2, 0, 9 * S);
        ledger.told(4, 3, 0, 10 * S);
        // Heard of long after they had gone.
        ledger.hung_up(2);
        let three_before_one = Overtaking {
            text: false,
            posted_us: 3 * S,
            offered_us: 7 * S,
            past_answered_us: S + 1_000,
            past_until_us: Some(9 * S),
            past_left: false,
        };
        assert_eq!(ledger.overtaken(), [three_before_one]);
        assert_eq!(ledger.audit().out_of_order, 1);
    }

    #[test]
    fn whoever_writes_is_in_the_queue_once_their_last_answer_was_acknowledged() {
        let mut ledger = Ledger::default();
        for (contact, ready, answered) in [(1, 1, 5), (2, 3, 4), (3, 6, 7)] {
            ledger.acked(contact);
            ledger.ready(contact, true, ready * S);
            ledger.queued(contact, ready * S, answered * S);
        }
        // Their webhooks crossed: either may be first.
        ledger.told(2, 1, 0, 8 * S);
        assert_eq!(ledger.overtaken(), []);
        // The third was posted when both were in, and the first was never offered.
        ledger.told(3, 2, 0, 9 * S);
        let all = ledger.overtaken();
        assert_eq!(all.iter().map(|it| (it.posted_us, it.past_until_us)).collect::<Vec<_>>(), [(6 * S, None)]);
    }

    #[test]
    fn whoever_is_held_and_never_closed_is_stuck() {
        let mut ledger = Ledger::default();
        arrive(&mut ledger, 1, 1);
        arrive(&mut ledger, 2, 1);
        for contact in [1, 2] {
            ledger.told(contact, usize::try_from(contact).unwrap(), 0, 2 * S);
            ledger.taken(contact, usize::try_from(contact).unwrap(), 2 * S);
        }
        ledger.hung_up(1);
        ledger.closed(1, 1, 3 * S);
        ledger.told(9, 5, 0, 4 * S);
        assert_eq!(ledger.audit(), Audit { stuck: 1, strangers: 1, ..Audit::default() });
        assert_eq!((ledger.held(), ledger.acknowledged(), ledger.waiting()), (1, 2, 0));
    }

    #[test]
    fn an_id_is_32_hexadecimal_digits() {
        assert_eq!(contact_of("000000000000000000000000000000ff"), Some(255));
        assert_eq!(contact_of("ff"), None);
        assert_eq!(contact_of("zz0000000000000000000000000000ff"), None);
    }
}
