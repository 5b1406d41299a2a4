//! A record as lines for people and as a line of JSON for their programs, for `journal dump`.
//!
//! Deliberately absent: anything that would need a key. Sealed fields show only their slot.

use super::event;
use super::tell::{Tell, Told};
use holdfast_core::event::{Event, Record};
use std::fmt::Write;

/// The record as text: a line for its header, then an indented line for each event. No line feed at the end.
///
/// Names that could break the line or steer a terminal are quoted and escaped.
#[must_use]
pub fn describe(record: &Record) -> String {
    let Record { sequence, epoch, at, principal, request, events } = record;
    let mut text = format!("{sequence} epoch={epoch} at_ms={} principal={}", at.0, principal.tell());
    // Writing into a String cannot fail; the result carries nothing.
    if let Some(request) = request {
        let _ = write!(text, " request={request}");
    }
    for event in events {
        let _ = write!(text, "\n  {}", event::kind(event));
        for (name, value) in told(event) {
            if !matches!(value, Told::Absent) {
                let _ = write!(text, " {name}={value}");
            }
        }
    }
    text
}

/// A plan takes no line of its own: the text says which it is, the JSON has it whole.
fn told(event: &Event) -> Vec<(&'static str, Told)> {
    if let Event::PlanActivated { plan } = event {
        return vec![
            ("version", plan.version.tell()),
            ("network", plan.network.tell()),
            ("queues", Told::Number(plan.queues.len() as i128)),
            ("members", Told::Number(plan.members.len() as i128)),
        ];
    }
    event::tell(event)
}

/// The record as one line of JSON, without a line feed.
///
/// An object with `sequence`, `epoch`, `at_ms`, `principal`, `request` (null if there was none) and `events`, each with its `kind`
/// and its fields. Numbers are whole and may exceed 2^53; ids are text. A sealed field is `{"sealed_in_slot":N}`.
#[must_use]
pub fn describe_json(record: &Record) -> String {
    let Record { sequence, epoch, at, principal, request, events } = record;
    let events = events.iter().map(|event| {
        let mut fields = vec![("kind", Told::Text(event::kind(event).to_owned()))];
        fields.extend(event::tell(event));
        Told::Fields(fields)
    });
    let line = Told::Fields(vec![
        ("sequence", sequence.tell()),
        ("epoch", epoch.tell()),
        ("at_ms", at.tell()),
        ("principal", principal.tell()),
        ("request", request.tell()),
        ("events", Told::List(events.collect())),
    ]);
    let mut json = String::new();
    line.write_json(&mut json);
    json
}
