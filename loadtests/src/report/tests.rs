//! A small run, made up, that the tests of this room share.

use super::outcome::{Books, FORMAT, Found, Machine, Overtaking, PhaseFound, Quantiles, SecondFound};
use super::{PageError, amount, page, words};
use crate::scenario::{Role, Scenario};
use std::collections::BTreeMap;

const SCENARIO: &str = r#"
name = "canned"
about = "a run that was <made up>"
[desks]
count = 3
[boards]
viewers = 2
[[phases]]
name = "quiet"
role = "quiet"
seconds = 4
rate_per_s = 1
[[phases]]
name = "load & more"
role = "load"
seconds = 6
rate_per_s = 5
[[phases]]
name = "after"
role = "after"
seconds = 6
[what_it_shows]
lost = 0
doubled = 0
ack_p99_times_quiet = 2
offer_p99_ms = 250
board_p99_ms = 1000
back_within_s = 60
generator_late_p99_ms = 50
"#;

fn quantiles(p99_us: u64) -> Quantiles {
    Quantiles { count: 100, p50_us: p99_us / 3, p90_us: p99_us / 2, p99_us, p999_us: p99_us, most_us: p99_us * 2 }
}

/// A run that held.
pub(super) fn canned() -> Found {
    let scenario = Scenario::parse(SCENARIO, "canned.toml").unwrap();
    let mut at = 0.0;
    let phase = |phase: &crate::scenario::Phase| {
        let from_s = at;
        at += phase.seconds;
        let ack = quantiles(if phase.role == Role::Quiet { 2_000 } else { 3_000 });
        let (name, role) = (phase.name.clone(), phase.role);
        let (offer, board, late) = (quantiles(12_000), quantiles(300_000), quantiles(900));
        PhaseFound { name, role, from_s, to_s: at, ack, offer, board, late }
    };
    let phases = scenario.phases.iter().map(phase).collect();
    let second = |number: u32| SecondFound {
        due: 5,
        acked: 5,
        hooks: 20,
        ack_us: Some([700, if (9..12).contains(&number) { 9_000 } else { 2_500 }, 9_500]),
        offer_us: number.is_multiple_of(3).then_some([5_000, 12_000, 12_000]),
        board_us: Some([90_000, 300_000, 300_000]),
        waiting: Some(u64::from(number)),
        under_way: 9,
        boards_open: 2,
        cpu_us: 250_000,
        resident_bytes: 90 << 20,
        files: 80,
        ..SecondFound::default()
    };
    Found {
        format: FORMAT,
        fitted_to_minutes: Some(0.1),
        began: "Tue, 31 Dec 2024 23:59:59 +0000".to_owned(),
        version: "0.1.0".to_owned(),
        machine: Machine {
            cores: 2,
            processor: "a processor".to_owned(),
            memory_bytes: 8 << 30,
            kernel: "Linux 6".to_owned(),
        },
        phases,
        seconds: (0..16).map(second).collect(),
        steps: Vec::new(),
        knee_per_s: None,
        knee_ack_p99_us: None,
        books: Books { people: 80, acknowledged: 80, offered: 79, hooks: 320, ..Books::default() },
        overtakings: Vec::new(),
        back_after_s: Some(1.0),
        desks_back_s: None,
        troubles: BTreeMap::from([("a desk's line: <odd>".to_owned(), 2)]),
        server_counts: BTreeMap::new(),
        ended_well: true,
        scenario,
    }
}

/// The page without its first line, which is no markup of its own.
fn read(text: &str) -> roxmltree::Document<'_> {
    let markup = text.strip_prefix("<!DOCTYPE html>\n").unwrap();
    roxmltree::Document::parse(markup).unwrap_or_else(|error| panic!("{error}"))
}

fn text_of(document: &roxmltree::Document<'_>) -> String {
    let texts = document.descendants().filter(|it| it.is_text()).filter_map(|it| it.text());
    texts.collect::<Vec<_>>().join(" ")
}

#[test]
fn the_page_is_well_formed_and_has_every_verdict() {
    let found = canned();
    let html = page(std::slice::from_ref(&found)).unwrap();
    let document = read(&html);
    let text = text_of(&document);
    for word in ["canned", "a run that was <made up>", "It held", "people lost", "load & more", "a desk's line: <odd>"]
    {
        assert!(text.contains(word), "{word} is missing");
    }
    assert!(
        text.contains("the load is fitted to 0.1 min for a trial") && text.contains("2 x a processor, 8.0 GiB"),
        "{text}"
    );
    let marks = document.descendants().filter(|it| it.attribute("class") == Some("mark held")).count();
    assert_eq!(marks, super::verdict::verdicts(&found).len() + 1, "one for each limit, and one for the generator");
    assert!(!html.contains("<script") && !html.contains("http://") && !html.contains("https://"), "it stands alone");
    let images = document.descendants().filter(|it| it.attribute("role") == Some("img"));
    let labels: Vec<_> = images.filter_map(|it| it.attribute("aria-label")).collect();
    assert!(labels.len() >= 8 && labels.iter().any(|it| it.starts_with("Queue depth, people. waiting")), "{labels:?}");
}

#[test]
fn a_broken_limit_is_seen_at_the_top() {
    let mut found = canned();
    found.books.lost = 2;
    let html = page(&[found.clone()]).unwrap();
    assert!(text_of(&read(&html)).contains("It did not hold"));
    let said = words(&found);
    assert!(said.starts_with("canned: not held\n  BROKEN people lost: 2, at most 0\n"), "{said}");
}

#[test]
fn whoever_was_offered_out_of_order_is_named_by_their_moments() {
    let mut found = canned();
    let past = (5_500_000, 6_250_000, 4_000_000);
    for (past_until_us, past_left) in [(Some(9_000_000), false), (Some(9_000_000), true), (None, false)] {
        let (posted_us, offered_us, past_answered_us) = past;
        let text = past_until_us.is_none();
        found.overtakings.push(Overtaking { text, posted_us, offered_us, past_answered_us, past_until_us, past_left });
    }
    let html = page(std::slice::from_ref(&found)).unwrap();
    let (seen, said) = (text_of(&read(&html)), words(&found));
    let past = "was offered at 6.250, and somebody who was in the queue at 4.000 waited on to";
    for (who, end) in [("called", "their offer at 9.000"), ("called", "9.000, and hung up"), ("wrote", "the end")] {
        let line = format!("whoever {who} at 5.500 {past} {end}");
        assert!(seen.contains(&line) && said.contains(&line), "{line}: {said}");
    }
}

#[test]
fn several_runs_make_one_page_with_their_spread() {
    let mut slow = canned();
    slow.phases[1].ack.p99_us = 7_000;
    let html = page(&[canned(), slow, canned()]).unwrap();
    let document = read(&html);
    let text = text_of(&document);
    assert!(text.contains("3 runs") && text.contains("1.50x [1.50-3.50]"), "{text}");
    assert!(text.contains("It did not hold"), "one of three did not");
    let mut other = canned();
    other.scenario.name = "another".to_owned();
    assert!(matches!(page(&[canned(), other]), Err(PageError::Different(..))));
    assert!(matches!(page(&[]), Err(PageError::Empty)));
}

#[test]
fn a_result_is_read_as_it_was_written() {
    let found = canned();
    let text = serde_json::to_string(&found).unwrap();
    assert_eq!(serde_json::from_str::<Found>(&text).unwrap(), found);
    assert_eq!([amount(1.5, "x"), amount(250.0, "ms"), amount(0.0, "")], ["1.50x", "250 ms", "0"]);
}
