//! Reading the rings of a queue: which centers each step of the search asks, and when it is taken.
//!
//! A ring is a list of centers, or a table where it has a clock. Deliberately absent: whether the centers exist, and whether anybody
//! there can take the contacts.

use crate::findings::Findings;
use crate::read::{Table, Text, texts_of};
use crate::spelling::quoted;
use crate::timing::AFTER;
use std::collections::BTreeMap;

/// One step of a queue's search.
#[derive(Clone, Debug)]
pub(crate) struct Ring {
    pub(crate) centers: Vec<Text>,
    pub(crate) after_ms: u64,
    pub(crate) below_answered_percent: Option<u8>,
}

/// Reads `rings`, nearest first.
pub(crate) fn rings_of(table: &mut Table<'_, '_>, findings: &mut Findings) -> Vec<Ring> {
    let field = table.field("rings");
    let remedy = "write a list of lists of centers, nearest first: [[\"harbor\"], [\"valley\"]]";
    table.some("rings", remedy, findings);
    let values = table.list("rings", findings);
    let mut rings: Vec<(usize, Ring)> = Vec::with_capacity(values.len());
    let mut first: BTreeMap<String, usize> = BTreeMap::new();
    for (index, value) in values.iter().enumerate() {
        let at = value.span().start;
        let here = format!("{field}[{}]", index + 1);
        let ring = if let Some(centers) = value.get_ref().as_array() {
            if centers.is_empty() {
                findings.refuse(at, field.clone(), "a ring without centers", "take it out");
            }
            Ring { centers: texts_of(centers, &field, findings), after_ms: 0, below_answered_percent: None }
        } else if let Some(entries) = value.get_ref().as_table() {
            ring_of(Table::new(entries, at, here.clone()), findings)
        } else {
            let message = "each ring is a list of centers, or a table with centers and a clock";
            findings.refuse(at, field.clone(), message, remedy);
            continue;
        };
        each_center_once(&ring, &mut first, &field, findings);
        check_clock(rings.last(), &ring, (at, &here), findings);
        rings.push((at, ring));
    }
    rings.into_iter().map(|(_, ring)| ring).collect()
}

fn ring_of(mut table: Table<'_, '_>, findings: &mut Findings) -> Ring {
    let centers = table.some_texts("centers", "name the centers that it asks", findings);
    let after_ms = AFTER.read(&mut table, findings).unwrap_or(0);
    let below = table.number("answered_below_percent", 1..=100, findings);
    table.finish(findings);
    Ring { centers, after_ms, below_answered_percent: below.and_then(|it| u8::try_from(it).ok()) }
}

fn each_center_once(ring: &Ring, first: &mut BTreeMap<String, usize>, field: &str, findings: &mut Findings) {
    for center in &ring.centers {
        let at = center.span().start;
        if let Some(earlier) = first.insert(center.get_ref().clone(), at) {
            let center = quoted(center.get_ref());
            let earlier = findings.line(earlier);
            let message = format!("{center} is already in a ring before, on line {earlier}");
            findings.refuse(at, field, message, "keep the nearer one");
        }
    }
}

/// The first ring is asked at once, and none before the one before it.
fn check_clock(before: Option<&(usize, Ring)>, ring: &Ring, (at, here): (usize, &str), findings: &mut Findings) {
    let Some((earlier, before)) = before else {
        if ring.after_ms > 0 || ring.below_answered_percent.is_some() {
            findings.refuse(at, here, "the first ring is asked at once: a clock means nothing here", "leave it out");
        }
        return;
    };
    if ring.after_ms < before.after_ms {
        let (after_s, before_s) = (ring.after_ms / 1_000, before.after_ms / 1_000);
        let line = findings.line(*earlier);
        let message = format!("it is asked after {after_s} s, the ring before it, on line {line}, after {before_s} s");
        let remedy = format!("give it after_s = {before_s} or more, or let the two change places");
        findings.refuse(at, here, message, remedy);
    }
}
