//! Each refusal and each warning, with the exact file, line and column, and what it tells the operator to do.
#![expect(clippy::panic, reason = "tests")]

mod handoffs;
mod hours;
mod meaning;
mod peers;
mod shape;
mod texts;

use holdfast_plan::{Loaded, PlanError, Problem, parse};

/// A plan as small as a plan can be while everything is in it. Its lines are counted below: the tests name them.
const PLAN: &str = r#"[network]
id = "demo"
default_region = "us"
default_need = "general"
default_language = "en"
[timing]
menu_s = 8
[[lines]]
id = "main"
account = "twilio-main"
number = "+12065550100"
menu = { 1 = "veteran" }
[[lines]]
id = "local"
account = "twilio-main"
number = "+12065550101"
need = "general"
[[regions]]
id = "us"
area_codes = [212]
[[regions]]
id = "washington"
parent = "us"
area_codes = [206, 253]
[[needs]]
id = "general"
[[needs]]
id = "veteran"
skills = ["veteran"]
[[queues]]
regions = ["us", "washington"]
needs = ["general"]
channels = ["voice"]
rings = [["harbor"], ["valley"]]
[[queues]]
regions = ["us"]
needs = ["veteran"]
channels = ["voice"]
rings = [["harbor"]]
offer_s = 30
[[centers]]
id = "harbor"
[[centers]]
id = "valley"
name = "Valley"
[[counselors]]
id = "ana"
center = "harbor"
skills = ["veteran"]
languages = ["en"]
[[counselors]]
id = "ben"
center = "valley"
languages = ["en"]
capacity = { voice = 1 }
"#;

/// The plan with the `nth` (from 0) occurrence of some text replaced.
fn edited(old: &str, nth: usize, new: &str) -> String {
    let (at, _) = PLAN.match_indices(old).nth(nth).unwrap_or_else(|| panic!("the plan has no {old:?}"));
    format!("{}{new}{}", &PLAN[..at], &PLAN[at + old.len()..])
}

fn listed(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

fn refusal(text: &str) -> PlanError {
    match parse(text, "plan.toml") {
        Ok(_) => panic!("accepted:\n{text}"),
        Err(refused) => refused,
    }
}

/// Asserts that the plan so edited is refused for exactly this.
#[track_caller]
fn refused(old: &str, nth: usize, new: &str, expected: &[&str]) {
    assert_eq!(listed(&refusal(&edited(old, nth, new)).problems), expected);
}

/// Asserts that the plan so edited is accepted with exactly these warnings.
#[track_caller]
fn warned(old: &str, nth: usize, new: &str, expected: &[&str]) {
    match parse(&edited(old, nth, new), "plan.toml") {
        Ok(loaded) => assert_eq!(listed(&loaded.warnings), expected),
        Err(refused) => panic!("refused:\n{refused}"),
    }
}

/// Asserts that the plan with this behind it is refused for exactly this. What is added begins on line 56.
#[track_caller]
fn refused_with(added: &str, expected: &[&str]) {
    assert_eq!(listed(&refusal(&format!("{PLAN}{added}")).problems), expected);
}

/// Asserts that the plan with this behind it is accepted with exactly these warnings. What is added begins on line 56.
#[track_caller]
fn warned_with(added: &str, expected: &[&str]) {
    assert_eq!(listed(&accepted(added).warnings), expected);
}

/// The plan with this behind it.
#[track_caller]
fn accepted(added: &str) -> Loaded {
    match parse(&format!("{PLAN}{added}"), "plan.toml") {
        Ok(loaded) => loaded,
        Err(refused) => panic!("refused:\n{refused}"),
    }
}

#[test]
fn the_small_plan_is_accepted_without_a_word() {
    warned("", 0, "", &[]);
}
