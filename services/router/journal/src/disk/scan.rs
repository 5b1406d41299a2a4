//! Walking a segment log, batch by batch, with the chain: where it ends, and whether it ends as a crash would end it.
//!
//! The one question that decides everything: is what cannot be read the *last* thing that was written? Then a crash may have
//! torn it, and nobody was ever told of it. If anything valid stands behind it, it was durable once, and it is damage.

use super::frame::{self, Batch, Found, SECTOR};
use super::segment;
use crate::files::FileLayer;
use crate::terms::{Sequence, Tail};
use std::fmt;
use std::io;
use std::path::Path;

/// Something in a journal that should not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The segment.
    pub segment: u64,
    /// Where in its file, in bytes.
    pub offset: u64,
    /// The record that should stand there.
    pub expected: Sequence,
    /// What is wrong.
    pub what: What,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Unreadable, with something valid behind it: it was durable once. The journal must not lead.
    Hole {
        /// The segment of what stands behind it.
        next_segment: u64,
        /// Where that begins.
        next_offset: u64,
    },
    /// Unreadable at the very end: torn by a crash, or damaged since. Nobody is known to have been told of it.
    Tail {
        /// How many bytes, up to the end of what is not zero.
        bytes: u64,
    },
    /// Readable, but it does not continue what stands before it.
    Misplaced,
    /// The segment's own first sector is damaged, or the segment is missing.
    Head,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { segment, offset, expected, what } = self;
        write!(f, "segment {segment}, byte {offset}, record {}: ", expected.0)?;
        match what {
            What::Hole { next_segment, next_offset } => {
                write!(
                    f,
                    "a hole: unreadable, and a valid batch stands behind it at segment {next_segment}, byte {next_offset}"
                )
            }
            What::Tail { bytes } => write!(f, "the tail is torn or damaged ({bytes} bytes)"),
            What::Misplaced => f.write_str("a batch that does not continue what stands before it"),
            What::Head => f.write_str("the segment's first sector is damaged or the segment is missing"),
        }
    }
}

/// What a walk found.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// The last record that is readable from the beginning on.
    pub tail: Tail,
    /// The number the next batch gets.
    pub next_batch: u64,
    /// Whether the last batch is a tail mark.
    pub marked: bool,
    /// The segment that holds the last batch, and where the next one would begin.
    pub end: (u64, usize),
    /// How many batches, tail marks included.
    pub batches: u64,
    /// What is wrong; nothing after the first problem was followed.
    pub problem: Option<Problem>,
}

/// Walks the segments in order and shows each batch. Stops at the first problem.
///
/// # Errors
/// As the system says.
pub(super) fn walk(layer: &dyn FileLayer, dir: &Path, mut see: impl FnMut(u64, usize, &Batch)) -> io::Result<Walk> {
    let numbers = segment::numbers(layer, dir)?;
    let mut walk = Walk { next_batch: 1, end: (1, SECTOR), ..Walk::default() };
    for (index, number) in numbers.iter().enumerate() {
        let (bytes, named) = segment::read(layer, dir, *number)?;
        let in_order = *number == (index as u64).saturating_add(1);
        if !named || !in_order {
            let offset = 0;
            walk.problem = Some(walk.problem_at(*number, offset, What::Head));
            // A segment prepared ahead that a crash left unnamed has never held anything.
            if !named
                && in_order
                && index.saturating_add(1) == numbers.len()
                && first_valid(&bytes, SECTOR, walk.next_batch).is_none()
            {
                walk.problem = None;
            }
            return Ok(walk);
        }
        let stopped = walk.segment(*number, &bytes, &mut see);
        if stopped {
            if let Some(problem) = &mut walk.problem
                && let What::Tail { .. } = problem.what
                && let Some((next_segment, next_offset)) = later(layer, dir, &numbers, *number, walk.next_batch)?
            {
                problem.what = What::Hole { next_segment, next_offset };
            }
            if walk.problem.is_none()
                && let Some((next_segment, next_offset)) = later(layer, dir, &numbers, *number, walk.next_batch)?
                && !begins(layer, dir, next_segment, next_offset, &walk)?
            {
                let (segment, offset) = walk.end;
                let what = What::Hole { next_segment, next_offset };
                walk.problem = Some(walk.problem_at(segment, offset as u64, what));
            }
            if walk.problem.is_some() {
                return Ok(walk);
            }
        }
    }
    Ok(walk)
}

impl Walk {
    fn problem_at(&self, segment: u64, offset: u64, what: What) -> Problem {
        Problem { segment, offset, expected: self.tail.sequence.next(), what }
    }

    /// Walks one segment. True where its batches end.
    fn segment(&mut self, number: u64, bytes: &[u8], see: &mut impl FnMut(u64, usize, &Batch)) -> bool {
        let mut offset = SECTOR;
        loop {
            let rest = bytes.get(offset..).unwrap_or_default();
            match frame::read(rest) {
                Found::Batch(batch) => {
                    let continues = batch.header.number == self.next_batch
                        && batch.header.first == self.tail.sequence.next()
                        && batch.header.previous == self.tail.hash
                        && batch.header.epoch >= self.tail.epoch;
                    if !continues {
                        self.problem = Some(self.problem_at(number, offset as u64, What::Misplaced));
                        return true;
                    }
                    see(number, offset, &batch);
                    self.tail = batch.tail(self.tail);
                    self.marked = batch.records.is_empty();
                    self.next_batch = self.next_batch.saturating_add(1);
                    self.batches = self.batches.saturating_add(1);
                    offset = offset.saturating_add(batch.length);
                    self.end = (number, offset);
                }
                found => {
                    let damaged = matches!(found, Found::Damaged) || rest.iter().any(|byte| *byte != 0);
                    if damaged {
                        self.problem = Some(self.unreadable(number, bytes, offset));
                    }
                    return true;
                }
            }
        }
    }

    fn unreadable(&self, number: u64, bytes: &[u8], offset: usize) -> Problem {
        let behind = first_valid(bytes, offset.saturating_add(SECTOR), self.next_batch);
        let what = match behind {
            Some(next) => What::Hole { next_segment: number, next_offset: next as u64 },
            None => {
                let end = bytes.iter().rposition(|byte| *byte != 0).map_or(offset, |last| last.saturating_add(1));
                What::Tail { bytes: end.saturating_sub(offset) as u64 }
            }
        };
        self.problem_at(number, offset as u64, what)
    }
}

/// Where a batch LATER than the one expected begins, at or after an offset. The expected one's own remains do not count: any
/// subset of its sectors may be there.
fn first_valid(bytes: &[u8], from: usize, expected: u64) -> Option<usize> {
    (from..bytes.len()).step_by(SECTOR).find(|offset| {
        let header = bytes.get(*offset..).and_then(frame::header);
        header.is_some_and(|it| it.number > expected)
    })
}

/// Where a later segment holds a batch, the expected one or one after it.
fn later(
    layer: &dyn FileLayer,
    dir: &Path,
    numbers: &[u64],
    after: u64,
    expected: u64,
) -> io::Result<Option<(u64, u64)>> {
    for number in numbers.iter().filter(|it| **it > after) {
        let (bytes, _) = segment::read(layer, dir, *number)?;
        if let Some(offset) = first_valid(&bytes, SECTOR, expected.saturating_sub(1)) {
            return Ok(Some((*number, offset as u64)));
        }
    }
    Ok(None)
}

/// Whether a later segment simply goes on where this one is full.
fn begins(layer: &dyn FileLayer, dir: &Path, number: u64, offset: u64, walk: &Walk) -> io::Result<bool> {
    let (bytes, _) = segment::read(layer, dir, number)?;
    let header = bytes.get(usize::try_from(offset).unwrap_or(usize::MAX)..).and_then(frame::header);
    let next = number == walk.end.0.saturating_add(1) && offset == SECTOR as u64;
    Ok(next && header.is_some_and(|it| it.number == walk.next_batch && it.previous == walk.tail.hash))
}
