//! What is open when, by the clocks of where centers are, days on which those change included.
#![expect(clippy::unwrap_used, reason = "tests")]

use holdfast_core::contact::Channel;
use holdfast_plan::{Calendar, parse};
use proptest::prelude::*;

const PLAN: &str = r#"
[network]
id = "demo"
default_region = "us"
default_need = "general"
default_language = "en"
[[regions]]
id = "us"
[[needs]]
id = "general"
[[queues]]
regions = ["us"]
needs = ["general"]
channels = ["voice"]
rings = [["harbor", "always"]]
[[centers]]
id = "harbor"
time_zone = "America/Denver"
HOURS
[[centers]]
id = "always"
[[counselors]]
id = "ana"
center = "harbor"
languages = ["en"]
[[counselors]]
id = "ben"
center = "always"
languages = ["en"]
"#;

fn calendar(hours: &str) -> Calendar {
    Calendar::of(&parse(&PLAN.replace("HOURS", hours), "plan.toml").unwrap().plan)
}

fn at(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
}

fn is_open(calendar: &Calendar, at_ms: i64, channel: Channel) -> bool {
    calendar.open_at(at_ms).values().next().unwrap().contains(&channel)
}

#[test]
fn hours_follow_the_clock_on_the_wall_summer_and_winter() {
    let calendar = calendar("hours = { voice = [\"mon-fri 08:00-22:00\"] }");
    let voice = |text| is_open(&calendar, at(text), Channel::Voice);
    // Denver is 6 hours behind in summer and 7 in winter. 2026-07-01 and 2026-12-02 are Wednesdays.
    assert!(!voice("2026-07-01T13:59:59Z"));
    assert!(voice("2026-07-01T14:00:00Z"));
    assert!(voice("2026-07-02T03:59:59Z"));
    assert!(!voice("2026-07-02T04:00:00Z"));
    assert!(!voice("2026-12-02T14:59:59Z"));
    assert!(voice("2026-12-02T15:00:00Z"));
    // Saturday.
    assert!(!voice("2026-07-04T18:00:00Z"));
    // A channel without hours is always open, and a center without any is not spoken of.
    assert!(is_open(&calendar, at("2026-07-04T18:00:00Z"), Channel::Text));
    assert_eq!(calendar.open_at(0).len(), 1);
}

#[test]
fn a_night_belongs_to_the_day_on_which_it_begins() {
    let calendar = calendar("hours = { voice = [\"fri 22:00-06:00\"] }");
    let voice = |text| is_open(&calendar, at(text), Channel::Voice);
    // Friday 2026-07-03, 22:00 in Denver, to Saturday 06:00.
    assert!(!voice("2026-07-04T03:59:59Z"));
    assert!(voice("2026-07-04T04:00:00Z"));
    assert!(voice("2026-07-04T11:59:59Z"));
    assert!(!voice("2026-07-04T12:00:00Z"));
    assert!(!voice("2026-07-05T05:00:00Z"));
}

#[test]
fn holidays_go_before_the_week() {
    let calendar = calendar(
        "hours = { voice = [\"daily 08:00-22:00\"] }\nholidays = { 2026-12-25 = [], 2026-12-24 = [\"08:00-12:00\"] }",
    );
    let voice = |text| is_open(&calendar, at(text), Channel::Voice);
    assert!(voice("2026-12-24T18:59:59Z"));
    assert!(!voice("2026-12-24T19:00:00Z"));
    assert!(!voice("2026-12-25T18:00:00Z"));
    assert!(voice("2026-12-26T18:00:00Z"));
}

#[test]
fn the_clock_is_put_back_and_forward() {
    // 2026-11-01, Denver: at 02:00 it is 01:00 again. Whoever closes at 01:30 closes the first time, and stays closed.
    let calendar = calendar("hours = { voice = [\"sun 00:00-01:30\"] }");
    let voice = |text| is_open(&calendar, at(text), Channel::Voice);
    assert!(voice("2026-11-01T07:29:59Z"));
    assert!(!voice("2026-11-01T07:30:00Z"));
    assert!(!voice("2026-11-01T08:15:00Z"));
    // 2026-03-08: 02:30 does not exist. Whoever opens then opens an hour after 01:30.
    let calendar = self::calendar("hours = { voice = [\"sun 02:30-12:00\"] }");
    let voice = |text| is_open(&calendar, at(text), Channel::Voice);
    assert!(!voice("2026-03-08T09:29:59Z"));
    assert!(voice("2026-03-08T09:30:00Z"));
}

#[test]
fn a_calendar_without_hours_never_changes() {
    let calendar = calendar("");
    assert!(calendar.is_empty());
    assert_eq!(calendar.changes_after(0), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Between now and the next change nothing changes, and at it something does, unless there is none for a week.
    #[test]
    fn nothing_changes_before_the_next_change(
        days in 1..128_u32, from in 0..48_u32, to in 0..48_u32, now in 1_767_000_000_000..1_800_000_000_000_i64, part in 0..100_i64,
    ) {
        prop_assume!(from != to);
        let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let days: Vec<&str> = names.iter().enumerate().filter(|(at, _)| days & (1 << at) != 0).map(|(_, it)| *it).collect();
        let time = |half: u32| format!("{:02}:{:02}", half / 2, half % 2 * 30);
        let calendar = calendar(&format!("hours = {{ voice = [\"{} {}-{}\"] }}", days.join(","), time(from), time(to)));
        let next = calendar.changes_after(now).unwrap();
        prop_assert!(next > now);
        let between = now + (next - now - 1) * part / 100;
        prop_assert_eq!(calendar.open_at(between), calendar.open_at(now));
        prop_assert_eq!(calendar.open_at(next - 1), calendar.open_at(now));
        let is_far = next - now >= 8 * 86_400_000;
        prop_assert!(is_far || calendar.open_at(next) != calendar.open_at(now));
    }
}
