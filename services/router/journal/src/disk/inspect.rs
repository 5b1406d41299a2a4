//! Looking into a journal without touching it: every batch that is whole, before and after any damage. Needs no lock and no key.

use super::frame::{self, Batch, Found, SECTOR};
use super::scan::{Problem, walk};
use super::segment;
use crate::files::FileLayer;
use crate::terms::{Sequence, StoredRecord, Tail};
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// What a check of every byte found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyReport {
    /// Segments.
    pub segments: u64,
    /// Batches that are whole and in order, tail marks included.
    pub batches: u64,
    /// Records that are whole and in order.
    pub records: u64,
    /// Whether the tail is marked as complete.
    pub marked: bool,
    /// The last record that is readable from the beginning on.
    pub tail: Tail,
    /// What is wrong. A torn tail after a crash is repaired at the next start; anything else makes the journal refuse to lead.
    pub problems: Vec<Problem>,
}

impl fmt::Display for VerifyReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { segments, batches, records, marked, tail, problems } = self;
        writeln!(f, "{records} records in {batches} batches in {segments} segments, chain {:?}", tail.hash)?;
        writeln!(
            f,
            "tail {} (epoch {}), {}",
            tail.sequence.0,
            tail.epoch.0,
            if *marked { "marked complete" } else { "not marked" }
        )?;
        if problems.is_empty() {
            return f.write_str("no problems found");
        }
        for (index, problem) in problems.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

/// Checks every byte.
///
/// # Errors
/// As the system says.
pub fn verify(layer: &Arc<dyn FileLayer>, dir: &Path) -> io::Result<VerifyReport> {
    let walk = walk(&**layer, dir, |_, _, _| {})?;
    Ok(VerifyReport {
        segments: segment::numbers(&**layer, dir)?.len() as u64,
        batches: walk.batches,
        records: walk.tail.sequence.0,
        marked: walk.marked,
        tail: walk.tail,
        problems: walk.problem.into_iter().collect(),
    })
}

/// A journal looked into.
pub struct Inspected {
    layer: Arc<dyn FileLayer>,
    dir: std::path::PathBuf,
    segments: Vec<u64>,
}

/// Opens a journal for looking.
///
/// # Errors
/// As the system says.
pub fn inspect(layer: &Arc<dyn FileLayer>, dir: &Path) -> io::Result<Inspected> {
    let segments = segment::numbers(&**layer, dir)?;
    Ok(Inspected { layer: Arc::clone(layer), dir: dir.to_owned(), segments })
}

impl Inspected {
    /// Every record from one on that is whole, whatever stands before it.
    pub fn records(&self, from: Sequence) -> impl Iterator<Item = io::Result<StoredRecord>> + '_ {
        self.segments
            .iter()
            .flat_map(|number| match segment::read(&*self.layer, &self.dir, *number) {
                Ok((bytes, _)) => whole_batches(&bytes).into_iter().flat_map(|it| it.records).map(Ok).collect(),
                Err(error) => vec![Err(error)],
            })
            .filter(move |it| it.as_ref().map_or(true, |it| it.sequence >= from))
    }
}

/// Every batch of a segment that is whole, resuming after damage.
fn whole_batches(bytes: &[u8]) -> Vec<Batch> {
    let mut batches = Vec::new();
    let mut offset = SECTOR;
    while let Some(rest) = bytes.get(offset..).filter(|rest| !rest.is_empty()) {
        match frame::read(rest) {
            Found::Batch(batch) => {
                offset = offset.saturating_add(batch.length);
                batches.push(batch);
            }
            Found::Nothing | Found::Damaged => offset = offset.saturating_add(SECTOR),
        }
    }
    batches
}
