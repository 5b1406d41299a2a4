//! The clocks of a handoff.

use super::{accepted, refused_with, warned_with};
use holdfast_core::plan::Handoffs;

#[test]
fn the_clocks_are_bounded_and_the_rest_is_refused() {
    refused_with(
        "[handoff]\nseek_s = 0\nbrief_s = 3601\nleaves_s = 3\n",
        &[
            "plan.toml:57:10: handoff.seek_s: must be a whole number from 1 to 3600",
            "plan.toml:58:11: handoff.brief_s: must be a whole number from 1 to 3600",
            r#"plan.toml:59:1: handoff.leaves_s: unknown key; did you mean "leave_s"?"#,
        ],
    );
    refused_with("[[handoff]]\nseek_s = 8\n", &["plan.toml:56:1: handoff: must be a table, not a list"]);
}

#[test]
fn somebody_has_to_be_able_to_answer() {
    warned_with(
        "[handoff]\nseek_s = 20\n",
        &[
            "plan.toml:56:1: handoff.offer_s: is longer than seek_s: the looking ends before the first of them has to answer; make it a part of seek_s",
        ],
    );
    warned_with("[handoff]\nseek_s = 20\noffer_s = 20\n", &[]);
}

#[test]
fn what_is_written_is_what_the_core_gets() {
    assert_eq!(accepted("").plan.handoffs, Some(Handoffs::default()));
    let written =
        accepted("[handoff]\nconsent_s = 1\nseek_s = 20\noffer_s = 3\nbrief_s = 4\ntogether_s = 5\nleave_s = 6\n");
    let expected = Handoffs {
        consent_ms: 1_000,
        seek_ms: 20_000,
        offer_ms: 3_000,
        brief_ms: 4_000,
        together_ms: 5_000,
        leave_ms: 6_000,
    };
    assert_eq!(written.plan.handoffs, Some(expected));
}
