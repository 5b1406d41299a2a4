//! What opening hours may say. The center of the plan stands on line 41.

use super::{edited, listed, refusal};
use holdfast_plan::parse;

const HOURS: &str = "time_zone = \"America/Denver\"\nhours = { voice = [\"mon-fri 08:00-22:00\"] }";

/// The plan with these lines below its first center, which is on lines 41 and 42.
fn with(lines: &str) -> String {
    edited("id = \"harbor\"\n", 0, &format!("id = \"harbor\"\n{lines}\n"))
}

fn refused(lines: &str, expected: &[&str]) {
    assert_eq!(listed(&refusal(&with(lines)).problems), expected, "{lines}");
}

#[test]
fn hours_as_people_write_them_are_taken() {
    for hours in [
        HOURS,
        "time_zone = \"UTC\"\nhours = { voice = [\"daily 00:00-24:00\"] }",
        "time_zone = \"UTC\"\nhours = { text = [\"fri-mon 18:00-02:00\", \"tue,wed 09:30-17:00\"] }",
        "time_zone = \"UTC\"\nhours = { voice = [\"sun 08:00-12:00\"] }\nholidays = { \"2026-12-25\" = [], 2026-12-24 = [\"08:00-12:00\"] }",
        "time_zone = \"UTC\"",
    ] {
        let parsed = parse(&with(hours), "plan.toml");
        assert!(parsed.is_ok(), "{hours}: {:?}", parsed.err());
    }
}

#[test]
fn hours_follow_a_clock_that_exists() {
    refused(
        "hours = { voice = [\"daily 08:00-22:00\"] }",
        &[
            "plan.toml:41:1: centers.harbor.time_zone: is missing; say whose clock the hours follow, as in \"America/Denver\"",
        ],
    );
    refused(
        "time_zone = \"Denver\"\nhours = { voice = [\"daily 08:00-22:00\"] }",
        &[
            "plan.toml:43:13: centers.harbor.time_zone: there is no time zone \"Denver\"; use a name of the IANA time zone database, such as \"America/Denver\"",
        ],
    );
    refused(
        "holidays = { \"2026-12-25\" = [] }",
        &[
            "plan.toml:43:12: centers.harbor.holidays: there are holidays and no hours; add hours, or take the holidays out: without hours it is always open",
        ],
    );
}

#[test]
fn an_opening_is_days_and_times() {
    let opening = |text: &str| {
        let lines = format!("time_zone = \"UTC\"\nhours = {{ voice = [\"{text}\"] }}");
        let said = format!(
            "plan.toml:44:20: centers.harbor.hours.voice: \"{text}\" is no opening; write days and times, as in \"mon-fri 08:00-22:00\" or \"daily 18:00-02:00\""
        );
        refused(&lines, &[&said]);
    };
    for text in [
        "08:00-22:00",
        "monday 08:00-22:00",
        "mon-fri 8:00-22:00",
        "mon-fri 08:00-25:00",
        "mon-fri 08:00-08:00",
        "mon-fri 24:00-08:00",
        "mon-fri 08:60-22:00",
        "mon- 08:00-22:00",
        "",
    ] {
        opening(text);
    }
    refused(
        "time_zone = \"UTC\"\nhours = { fax = [\"daily 08:00-22:00\"] }",
        &["plan.toml:44:11: centers.harbor.hours: \"fax\" is not a channel; use voice, text or chat"],
    );
    refused(
        "time_zone = \"UTC\"\nhours = { voice = [] }",
        &[
            "plan.toml:44:19: centers.harbor.hours.voice: is never open; leave the channel out if it is always open, or take it from everybody's capacity",
        ],
    );
    refused(
        "time_zone = \"UTC\"\nhours = { voice = \"daily 08:00-22:00\" }",
        &["plan.toml:44:19: centers.harbor.hours.voice: must be a list in square brackets"],
    );
}

#[test]
fn a_holiday_is_a_date_and_spans() {
    let holidays = |text: &str, said: &str| refused(&format!("{HOURS}\nholidays = {{ {text} }}"), &[said]);
    holidays(
        "\"25.12.2026\" = []",
        "plan.toml:45:14: centers.harbor.holidays: \"25.12.2026\" is not a date; write year, month and day, as in \"2026-12-25\"",
    );
    holidays(
        "\"2026-02-30\" = []",
        "plan.toml:45:14: centers.harbor.holidays: \"2026-02-30\" is not a date; write year, month and day, as in \"2026-12-25\"",
    );
    holidays(
        "\"2026-12-24\" = [\"morning\"]",
        "plan.toml:45:30: centers.harbor.holidays.2026-12-24: \"morning\" is no span of time; write from when to when, as in \"08:00-12:00\"",
    );
}
