//! What calls for a decision, in sentences without anybody's name.

use maud::{Markup, html};

use super::words::{Facts, Words};
use super::{chip, minutes, name};
use crate::board::Plain;
use crate::decisions::{Decision, Kind};
use crate::settings::DashboardSettings;

/// Decisions shown, at most.
const CALLS_MAX: usize = 8;

pub(super) fn list(it: &Words, known: &Plain, settings: &DashboardSettings) -> Markup {
    let shown = known.decisions.iter().take(CALLS_MAX);
    let more = known.decisions_total.saturating_sub(CALLS_MAX);
    html! {
        section.calls aria-label=(it.needs_decision) {
            h2 { (it.needs_decision) }
            @if known.decisions.is_empty() { p.note { (it.no_decision) } }
            @else {
                ul {
                    @for decision in shown {
                        li {
                            (chip(it, decision.severity, "")) " " (sentence(it, known, settings, decision))
                            @if !decision.acknowledged_by.is_empty() { " · " (it.seen) }
                        }
                    }
                    @if more > 0 { li { (it.and_more(more)) } }
                }
            }
        }
    }
}

fn sentence(it: &Words, known: &Plain, settings: &DashboardSettings, decision: &Decision) -> String {
    let lasts = minutes(known.figures.now_ms.saturating_sub(decision.since_ms));
    let subject = subject(it, known, decision);
    it.decision(decision, &Facts { subject: &subject, lasts: &lasts, within_s: settings.answer_within_s })
}

/// A queue, a center, a channel or the whole network, in words.
fn subject(it: &Words, known: &Plain, decision: &Decision) -> String {
    let subject = decision.subject.as_str();
    let mut parts = subject.splitn(3, '/');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(""), None, None) => it.network.to_owned(),
        (Some(region), Some(need), Some(channel)) => format!(
            "{} · {} · {}",
            name(known.names.region(region)),
            name(known.names.need(need)),
            name(it.channel(channel))
        ),
        _ if decision.kind == Kind::NoOneFree => name(it.channel(subject)),
        _ => name(known.names.center(subject)),
    }
}
