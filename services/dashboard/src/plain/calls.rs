//! What calls for a decision, in sentences without anybody's name.

use holdfast_proto::router::v1::HelpLevel;
use maud::{Markup, html};

use super::{chip, minutes, name};
use crate::board::Plain;
use crate::decisions::{Decision, Kind};
use crate::settings::DashboardSettings;

/// Decisions shown, at most.
const CALLS_MAX: usize = 8;

pub(super) fn list(known: &Plain, settings: &DashboardSettings) -> Markup {
    let shown = known.decisions.iter().take(CALLS_MAX);
    let more = known.decisions_total.saturating_sub(CALLS_MAX);
    html! {
        section.calls aria-label="Needs a decision" {
            h2 { "Needs a decision" }
            @if known.decisions.is_empty() { p.note { "Nothing needs a decision right now." } }
            @else {
                ul {
                    @for decision in shown {
                        li {
                            (chip(decision.severity, "")) " " (sentence(known, settings, decision))
                            @if !decision.acknowledged_by.is_empty() { " · seen" }
                        }
                    }
                    @if more > 0 { li { "and " (more) " more" } }
                }
            }
        }
    }
}

fn sentence(known: &Plain, settings: &DashboardSettings, decision: &Decision) -> String {
    let lasts = minutes(known.figures.now_ms.saturating_sub(decision.since_ms));
    let (value, subject) = (decision.value, subject(known, &decision.subject));
    match decision.kind {
        Kind::LongestWait => format!("{subject}: longest wait {lasts}, {value} waiting"),
        Kind::Sl => format!("{subject}: {value} % answered within {} s, for {lasts}", settings.answer_within_s),
        Kind::Left => format!("{subject}: {value} % left before an answer, for {lasts}"),
        Kind::NoOneFree => format!("Nobody is free for {subject}: {value} waiting, for {lasts}"),
        Kind::CenterSilent => format!("{subject}: silent for {lasts}, {value} desks"),
        Kind::Help => {
            let what = match i32::try_from(value).map(HelpLevel::try_from) {
                Ok(Ok(HelpLevel::Emergency)) => "Safety emergency: help is asked",
                Ok(Ok(HelpLevel::Join)) => "Somebody asks a supervisor to join",
                _ => "Somebody asks a supervisor a question",
            };
            format!("{what}, for {lasts}")
        }
        Kind::TextUnanswered => format!("{subject}: a person in writing waits {lasts} for an answer"),
        Kind::HandoffStuck => format!("{subject}: a handoff has not moved for {lasts}"),
    }
}

/// A queue, a center, a channel or the whole network, in words.
fn subject(known: &Plain, subject: &str) -> String {
    let mut parts = subject.splitn(3, '/');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(""), None, None) => "The network".to_owned(),
        (Some(region), Some(need), Some(channel)) => {
            format!("{} · {} · {}", name(known.names.region(region)), name(known.names.need(need)), name(channel))
        }
        _ => name(known.names.center(subject)),
    }
}
