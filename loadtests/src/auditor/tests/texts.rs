//! Messages lost, doubled or out of order, both ways: each broken once and found; and what is nobody's fault is not.

use super::super::{DeskHappened, TextAuthor};
use super::{RUN_ENDS_MS, Run};
use crate::carrier::{Conversation, Happened, MessageSid};
use crate::mark::Mark;

fn conversation(who: &str) -> Conversation {
    Conversation::new(format!("TX{who}"))
}

impl Run {
    /// The person writes; Holdfast takes it 20 ms later.
    pub(super) fn wrote(&mut self, at_ms: u64, who: &str, words: &str) -> &mut Self {
        let message = MessageSid::new(format!("SM{who}-{at_ms}"));
        self.wrote_in_vain(at_ms, who, words);
        self.carrier(at_ms + 20, Happened::TextTaken { message, attempt: 0, took_us: 900 })
    }

    fn wrote_in_vain(&mut self, at_ms: u64, who: &str, words: &str) -> &mut Self {
        let message = MessageSid::new(format!("SM{who}-{at_ms}"));
        let (line, class) = ("+12065550100".to_owned(), "general".to_owned());
        self.carrier(
            at_ms,
            Happened::TextWritten { message, conversation: conversation(who), line, class, mark: Mark::of(words) },
        )
    }

    /// The carrier takes a message of Holdfast's.
    pub(super) fn sent(&mut self, at_ms: u64, who: &str, number: u32, words: &str) -> &mut Self {
        self.sent_as(at_ms, who, number, words, false)
    }

    fn sent_as(&mut self, at_ms: u64, who: &str, number: u32, words: &str, late: bool) -> &mut Self {
        let what = Happened::TextSent {
            message: MessageSid::new(format!("SMout{who}-{at_ms}")),
            conversation: conversation(who),
            line: "+12065550100".to_owned(),
            mark: Mark::of(words),
            contact: Some(who.to_owned()),
            number: Some(number),
            late,
        };
        self.carrier(at_ms, what)
    }

    pub(super) fn saw(&mut self, at_ms: u64, counselor: &str, who: &str, number: u32, words: &str) -> &mut Self {
        self.saw_of(at_ms, counselor, who, number, TextAuthor::Person, words)
    }

    fn saw_of(
        &mut self,
        at_ms: u64,
        counselor: &str,
        who: &str,
        number: u32,
        author: TextAuthor,
        words: &str,
    ) -> &mut Self {
        let (contact, mark) = (who.to_owned(), Mark::of(words));
        self.desk(at_ms, counselor, DeskHappened::TextSeen { contact, number, author, mark })
    }

    /// The counselor sends; Holdfast says 10 ms later that it is done.
    fn asked(&mut self, at_ms: u64, counselor: &str, who: &str, words: &str) -> &mut Self {
        let (contact, request) = (who.to_owned(), format!("{counselor}-{at_ms}"));
        let asked =
            DeskHappened::SendAsked { contact: contact.clone(), request: request.clone(), mark: Mark::of(words) };
        self.desk(at_ms, counselor, asked);
        self.desk(at_ms + 10, counselor, DeskHappened::SendDone { contact, request })
    }

    pub(super) fn offered_in_writing(&mut self, at_ms: u64, counselor: &str, who: &str) -> &mut Self {
        self.offered(at_ms, counselor, who);
        let (offer, contact) = (super::offer(counselor, who), who.to_owned());
        self.desk(at_ms, counselor, DeskHappened::OfferIs { offer, contact, written: true, from: None })
    }

    fn counts(&self) -> (usize, usize, usize) {
        let texts = self.audited().texts;
        (texts.lost, texts.doubled, texts.disordered)
    }
}

/// Ana has a conversation with "t" from 2,505 to 20,000. Messages 1, 3, 5 are the person's, 2 the line's, 4 and 6 hers.
fn clean() -> Run {
    let mut run = Run::default();
    run.available(0, "ana").wrote(1_000, "t", "Hi").sent(1_100, "t", 2, "One moment.").wrote(2_000, "t", "2");
    run.offered_in_writing(2_100, "ana", "t").accepted(2_500, "ana", "t");
    run.saw(2_506, "ana", "t", 1, "Hi").saw_of(2_506, "ana", "t", 2, TextAuthor::Line, "One moment.");
    run.saw(2_506, "ana", "t", 3, "2").asked(4_000, "ana", "t", "I am here.").sent(4_050, "t", 4, "I am here.");
    run.saw_of(4_020, "ana", "t", 4, TextAuthor::Desk, "I am here.").wrote(8_000, "t", "Thanks");
    run.saw(8_030, "ana", "t", 5, "Thanks").asked(9_000, "ana", "t", "Take your time.");
    run.sent(9_050, "t", 6, "Take your time.").done(20_000, "ana", "t");
    run
}

/// The same without the lines that `is` says.
fn without(is: impl Fn(&DeskHappened) -> bool, or: impl Fn(&Happened) -> bool) -> Run {
    let mut run = clean();
    run.desks.retain(|line| !is(&line.what));
    run.carrier.retain(|line| !or(&line.what));
    run
}

fn shows(what: &DeskHappened, words: &str) -> bool {
    matches!(what, DeskHappened::TextSeen { mark, .. } if *mark == Mark::of(words))
}

#[test]
fn a_clean_conversation_breaks_nothing_and_is_counted() {
    let report = clean().audited();
    assert_eq!(report.laws_broken, vec![]);
    let texts = report.texts;
    assert_eq!((texts.conversations, texts.inbound, texts.outbound), (1, 3, 3));
    assert_eq!((texts.lost, texts.doubled, texts.disordered, report.doubles, report.ownerless_ms), (0, 0, 0, 0, 0));
}

#[test]
fn a_message_that_the_holder_never_sees_is_lost_if_it_was_acknowledged_and_there_was_time() {
    let run = without(|line| shows(line, "Thanks"), |_| false);
    assert_eq!((run.laws(), run.counts()), (vec!["S1"], (1, 0, 0)));
    // One from before the accept counts as well.
    let first = without(|line| shows(line, "Hi"), |_| false);
    assert_eq!((first.laws(), first.counts()), (vec!["S1"], (1, 0, 0)));
    let never_taken = without(
        |line| shows(line, "Thanks"),
        |line| matches!(line, Happened::TextTaken { message, .. } if message.as_str() == "SMt-8000"),
    );
    assert_eq!(never_taken.laws(), Vec::<&str>::new());
    let mut at_the_end = clean();
    at_the_end.wrote(19_000, "t", "One more thing");
    assert_eq!(at_the_end.laws(), Vec::<&str>::new());
    let mut dark = without(|line| shows(line, "Thanks"), |_| false);
    dark.desk(8_010, "ana", DeskHappened::StreamOver).desk(19_000, "ana", DeskHappened::SignedIn);
    assert_eq!(dark.laws(), Vec::<&str>::new());
}

#[test]
fn of_two_messages_with_the_same_words_both_must_be_seen() {
    let mut run = clean();
    run.wrote(10_000, "t", "Thanks");
    assert_eq!((run.laws(), run.counts()), (vec!["S1"], (1, 0, 0)));
    run.saw(10_040, "ana", "t", 7, "Thanks");
    assert_eq!(run.laws(), Vec::<&str>::new());
}

#[test]
fn a_message_on_one_holders_desk_and_not_on_the_next_is_lost() {
    let mut run = clean();
    run.wrote(30_000, "t", "Hello again").offered_in_writing(30_100, "ana", "t").accepted(30_200, "ana", "t");
    run.saw(30_210, "ana", "t", 7, "Hello again").done(40_000, "ana", "t");
    run.available(40_100, "ben").offered_in_writing(40_200, "ben", "t").accepted(40_300, "ben", "t");
    run.saw(40_310, "ben", "t", 1, "Hi").saw(40_310, "ben", "t", 7, "Hello again").done(50_000, "ben", "t");
    // The numbers 3 and 5 are the person's, and Ben's desk skipped them.
    assert_eq!((run.laws(), run.counts()), (vec!["S1"], (2, 0, 0)));
    run.saw(40_310, "ben", "t", 3, "2").saw(40_310, "ben", "t", 5, "Thanks");
    let in_order = |line: &DeskHappened| match line {
        DeskHappened::TextSeen { number, .. } => *number,
        _ => 0,
    };
    run.desks.sort_by_key(|line| (line.at_ms, in_order(&line.what)));
    assert_eq!(run.laws(), Vec::<&str>::new());
}

#[test]
fn a_message_shown_twice_is_doubled_and_one_that_nobody_wrote_is_found() {
    let mut twice = clean();
    twice.saw(8_500, "ana", "t", 7, "Thanks");
    assert_eq!((twice.laws(), twice.counts()), (vec!["S12"], (0, 1, 0)));
    let mut invented = clean();
    invented.saw(8_500, "ana", "t", 7, "I never wrote this");
    assert_eq!(invented.laws(), vec!["S2"]);
    // A hook that was never answered may have been stored all the same.
    let mut stored = clean();
    stored.wrote_in_vain(10_000, "t", "Still there?").saw(10_040, "ana", "t", 7, "Still there?");
    assert_eq!(stored.laws(), Vec::<&str>::new());
}

#[test]
fn messages_out_of_order_are_found_where_the_order_is_certain() {
    let mut swapped = clean();
    swapped.wrote(10_000, "t", "first").wrote(11_000, "t", "second");
    swapped.saw(11_050, "ana", "t", 7, "second").saw(11_060, "ana", "t", 8, "first");
    assert_eq!((swapped.laws(), swapped.counts()), (vec!["S11"], (0, 0, 1)));
    let mut racing = clean();
    racing.wrote(10_000, "t", "first").wrote(10_010, "t", "second");
    racing.saw(11_050, "ana", "t", 7, "second").saw(11_060, "ana", "t", 8, "first");
    assert_eq!(racing.laws(), Vec::<&str>::new());
    let mut slipped_in = clean();
    slipped_in.wrote(10_000, "t", "first").wrote(11_000, "t", "second");
    slipped_in.saw(11_050, "ana", "t", 8, "second").saw(11_060, "ana", "t", 7, "first");
    assert_eq!((slipped_in.laws(), slipped_in.counts()), (vec!["S11"], (0, 0, 1)));
    let mut altered = clean();
    altered.saw(9_500, "ana", "t", 5, "2");
    assert_eq!(altered.laws(), vec!["S11"]);
}

#[test]
fn a_message_that_is_done_and_never_at_the_carrier_is_lost_unless_the_desk_says_so() {
    let gone = |line: &Happened| matches!(line, Happened::TextSent { number: Some(6), .. });
    let lost = || without(|_| false, gone);
    assert_eq!((lost().laws(), lost().counts()), (vec!["L9"], (1, 0, 0)));
    let mark = Mark::of("Take your time.");
    let mut told = lost();
    told.desk(12_000, "ana", DeskHappened::TextFailed { contact: "t".to_owned(), number: 6, mark });
    assert_eq!(told.laws(), Vec::<&str>::new());
    let mut refused = lost();
    let (contact, number) = (Some("t".to_owned()), Some(6));
    refused
        .carrier(9_050, Happened::TextRefused { conversation: conversation("t"), mark, contact, number, code: 21_610 });
    assert_eq!(refused.laws(), Vec::<&str>::new());
    // Its request was cut, and Ana had the contact for another eleven seconds: somebody has to tell her.
    let mut cut = lost();
    let (contact, number) = (Some("t".to_owned()), Some(6));
    cut.carrier(9_050, Happened::TextCut { conversation: conversation("t"), mark, contact, number });
    assert_eq!(cut.laws(), vec!["L9"]);
    let left = cut.audited_with(|settings| settings.doubt_ms = 11_000);
    assert_eq!((left.laws_broken, left.texts.lost), (vec![], 0));
    let mut on_its_way = clean();
    on_its_way.asked(RUN_ENDS_MS - 1_000, "ana", "t", "Good night.");
    assert_eq!(on_its_way.laws(), Vec::<&str>::new());
}

#[test]
fn a_message_sent_twice_is_doubled_by_its_number_or_by_its_words() {
    let mut again = clean();
    again.sent(9_900, "t", 6, "Take your time.");
    assert_eq!((again.laws(), again.counts()), (vec!["S5"], (0, 1, 0)));
    let mut renamed = clean();
    renamed.sent(9_900, "t", 9, "Take your time.");
    assert_eq!((renamed.laws(), renamed.counts()), (vec!["S5"], (0, 1, 0)));
    let mut automatic = clean();
    automatic.sent(9_900, "t", 2, "One moment.");
    assert_eq!((automatic.laws(), automatic.counts()), (vec!["S5"], (0, 1, 0)));
    let mut meant = clean();
    meant.asked(9_800, "ana", "t", "Take your time.").sent(9_900, "t", 7, "Take your time.");
    assert_eq!(meant.laws(), Vec::<&str>::new());
}

#[test]
fn messages_sent_out_of_order_are_found_unless_the_carrier_was_late() {
    let shuffled = |late: bool, done_first: bool| {
        let mut run = clean();
        run.asked(10_000, "ana", "t", "one").asked(if done_first { 10_500 } else { 10_005 }, "ana", "t", "two");
        run.sent(11_000, "t", 8, "two").sent_as(11_900, "t", 7, "one", late);
        run
    };
    assert_eq!((shuffled(false, true).laws(), shuffled(false, true).counts()), (vec!["S5"], (0, 0, 1)));
    assert_eq!(shuffled(true, true).laws(), Vec::<&str>::new());
    assert_eq!(shuffled(false, false).laws(), Vec::<&str>::new());
}

#[test]
fn a_conversation_that_nobody_is_offered_beside_an_idle_counselor_breaks_l1_and_is_lost() {
    let mut run = clean();
    run.wrote(25_000, "u", "Hi").sent(25_100, "u", 2, "One moment.");
    assert_eq!(run.laws(), Vec::<&str>::new());
    let judged = |run: &Run| run.audited_with(|settings| settings.eligible_in_writing = Some(Box::new(|_, _| true)));
    let report = judged(&run);
    assert_eq!(report.laws_broken.iter().map(|it| it.law).collect::<Vec<_>>(), vec!["L1"]);
    assert_eq!(report.texts.lost, 1);
    run.offered_in_writing(25_500, "ana", "u");
    assert_eq!(judged(&run).laws_broken, vec![]);
}

#[test]
fn talking_and_typing_at_once_breaks_s4() {
    let mut run = clean();
    run.arrives(5_000, "1").served(5_050, "ana", "1");
    assert_eq!((run.laws(), run.audited().doubles), (vec!["S4"], 1));
    assert_eq!(run.audited_with(|settings| settings.voice_alone = false).laws_broken, vec![]);
}

#[test]
fn two_conversations_are_within_a_counselors_hands_and_three_are_not() {
    let mut run = clean();
    for (index, who) in ["u", "v"].into_iter().enumerate() {
        let at_ms = 5_000 + 1_000 * u64::try_from(index).unwrap();
        run.wrote(at_ms, who, "Hi").offered_in_writing(at_ms + 50, "ana", who).accepted(at_ms + 100, "ana", who);
        run.saw(at_ms + 110, "ana", who, 1, "Hi").done(19_000, "ana", who);
        assert_eq!(run.laws(), if index == 0 { vec![] } else { vec!["S4"] });
    }
}
