//! Frames: a snapshot of a view, or the difference between two as a delta. A client that has applied every delta has exactly
//! what a snapshot at the same number says.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::decisions::Decision;
use crate::view::{CenterRow, Lines, QueueRow, ROWS_TOP, Tiles, Today, View};

/// Which rows somebody sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rows {
    /// The most urgent.
    Top,
    /// All, within bounds.
    All,
}

impl Rows {
    fn of(self, view: &View) -> &[QueueRow] {
        match self {
            Self::Top => view.rows.get(..ROWS_TOP).unwrap_or(&view.rows),
            Self::All => &view.rows,
        }
    }
}

/// Where a board stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Place {
    pub(crate) epoch: u64,
    pub(crate) seq: u64,
}

#[derive(Serialize)]
struct Snapshot<'a> {
    r#type: &'static str,
    #[serde(flatten)]
    place: Place,
    at_ms: u64,
    network: &'a str,
    tiles: &'a Tiles,
    queues: &'a [QueueRow],
    queues_total: usize,
    centers: &'a [CenterRow],
    decisions: &'a [Decision],
    lines: &'a Lines,
    today: &'a Today,
    incomplete: bool,
}

#[derive(Serialize)]
struct Delta<'a> {
    r#type: &'static str,
    #[serde(flatten)]
    place: Place,
    at_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    tiles: Option<&'a Tiles>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    queues: Vec<&'a QueueRow>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gone: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<Vec<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    queues_total: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    centers: Option<&'a [CenterRow]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decisions: Option<&'a [Decision]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<&'a Lines>,
    #[serde(skip_serializing_if = "Option::is_none")]
    today: Option<&'a Today>,
}

/// Everything, as JSON.
pub(crate) fn snapshot(place: Place, view: &View, rows: Rows) -> String {
    json(&Snapshot {
        r#type: "snapshot",
        place,
        at_ms: view.at_ms,
        network: &view.network,
        tiles: &view.tiles,
        queues: rows.of(view),
        queues_total: view.queues_total,
        centers: &view.centers,
        decisions: &view.decisions,
        lines: &view.lines,
        today: &view.today,
        incomplete: view.incomplete,
    })
}

/// What turns `before` into `now`, as JSON. Rows, centers and decisions are whole; the last two and the order are complete lists.
pub(crate) fn delta(place: Place, before: &View, now: &View, rows: Rows) -> String {
    let (old, new) = (rows.of(before), rows.of(now));
    let mut was: BTreeMap<&str, &QueueRow> = old.iter().map(|row| (row.key.as_str(), row)).collect();
    let queues: Vec<&QueueRow> = new.iter().filter(|row| was.remove(row.key.as_str()) != Some(*row)).collect();
    let same_order = old.len() == new.len() && old.iter().zip(new).all(|(a, b)| a.key == b.key);
    json(&Delta {
        r#type: "delta",
        place,
        at_ms: now.at_ms,
        tiles: (before.tiles != now.tiles).then_some(&now.tiles),
        queues,
        gone: was.into_keys().collect(),
        order: (!same_order).then(|| new.iter().map(|row| row.key.as_str()).collect()),
        queues_total: (before.queues_total != now.queues_total).then_some(now.queues_total),
        centers: (before.centers != now.centers).then_some(now.centers.as_slice()),
        decisions: (before.decisions != now.decisions).then_some(now.decisions.as_slice()),
        lines: (before.lines != now.lines).then_some(&*now.lines),
        today: (before.today != now.today).then_some(&*now.today),
    })
}

/// A frame's JSON. What is written here has no maps with odd keys and no numbers JSON lacks, so this does not fail; if it
/// did, an empty object is no frame and the client asks for a snapshot.
pub(crate) fn json(frame: &impl Serialize) -> String {
    serde_json::to_string(frame).unwrap_or_else(|_| "{}".to_owned())
}

#[cfg(test)]
mod follows;
