//! The disk journal: a segment log on one machine. One write and one sync per batch; recovery that tells a torn tail from a hole.
//!
//! `frame` is how a batch lies in a file, `segment` the files, `scan` the walk that decides what was durable, `index` how readers
//! find a record, `snapshot` the snapshots, `inspect` looking without touching. Deliberately absent: truncation in place, mapped
//! memory, and any second try of a sync: a kernel may have marked as clean what never reached the disk.

mod frame;
mod index;
mod inspect;
mod scan;
mod segment;
mod snapshot;

pub use inspect::{Inspected, VerifyReport, inspect, verify};
pub use scan::{Problem, What};

use crate::files::{File, FileLayer};
use crate::terms::{
    ChainHash, Doubt, Draft, Epoch, Journal, Outcome, Reader, Rejection, Sequence, Snapshot, SnapshotError, Snapshots,
    StoreError, Tail, check,
};
use frame::SECTOR;
use index::{DiskReader, Index};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

/// How a disk journal is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskOptions {
    /// The length of a segment. A higher value rolls less often, a lower one starts sooner: the last segment is copied at start.
    pub segment_bytes: u64,
}

impl Default for DiskOptions {
    fn default() -> Self {
        Self { segment_bytes: 16 * 1_024 * 1_024 }
    }
}

/// The journal cannot be opened for writing.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it.
    #[error("another process has the journal: one process owns a directory")]
    Locked,
    /// Something durable is damaged. What is valid can still be read (`holdfast journal verify | dump`); leading on it would lose
    /// what stood there. Restore the directory from a copy.
    #[error("{0}: the journal refuses to lead")]
    Damaged(Problem),
    /// The log ends before a snapshot that was taken of it: durable records are missing. Restore the directory from a copy.
    #[error("the log ends at record {}, and a snapshot was taken at {}: the journal refuses to lead", tail.0, snapshot.0)]
    EndMissing {
        /// Where the log ends.
        tail: Sequence,
        /// Where the snapshot was taken.
        snapshot: Sequence,
    },
    /// A segment has another length than the options say, or the length cannot hold a batch.
    #[error("segments of {0} bytes do not fit: at least 16 sectors of 512 bytes, and the same as before")]
    SegmentLength(u64),
    /// The files failed.
    #[error("the journal's files failed")]
    Io(#[from] io::Error),
}

/// What was found at the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// The last record that was whole.
    pub tail: Tail,
    /// Batches read, tail marks included.
    pub batches: u64,
    /// Whether the last run ended with a tail mark: a clean stop, or a quiet moment.
    pub marked: bool,
    /// What was cut off the tail: a batch a crash tore, of which nobody was told, or damage to the last batch.
    pub cut: Option<Problem>,
}

/// A disk journal, open for writing.
pub struct Disk {
    layer: Arc<dyn FileLayer>,
    dir: PathBuf,
    options: DiskOptions,
    index: Arc<RwLock<Index>>,
    tail: Tail,
    next_batch: u64,
    marked: bool,
    segment: u64,
    offset: u64,
    file: Arc<dyn File>,
    /// The segment after this one, prepared.
    ahead: Option<Arc<dyn File>>,
    unfit: bool,
    _lock: Box<dyn Send + Sync>,
}

impl Disk {
    /// Opens or makes a journal in a directory. The last segment is always copied, synced and renamed before anything is served:
    /// after a crash the cache may show what the disk does not have.
    ///
    /// # Errors
    /// See [`OpenError`]; nothing is changed where it refuses to lead.
    pub fn open(layer: Arc<dyn FileLayer>, dir: &Path, options: DiskOptions) -> Result<(Self, Recovery), OpenError> {
        if options.segment_bytes < 16 * SECTOR as u64 || !options.segment_bytes.is_multiple_of(SECTOR as u64) {
            return Err(OpenError::SegmentLength(options.segment_bytes));
        }
        layer.create_dir(dir)?;
        let lock = layer.lock_dir(dir).map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock => OpenError::Locked,
            _ => OpenError::Io(error),
        })?;
        let mut index = Index::default();
        let mut tail = Sequence::default();
        let walk = scan::walk(&*layer, dir, |segment, offset, batch| {
            tail = batch.records.last().map_or(tail, |it| it.sequence);
            let end = offset.saturating_add(batch.length) as u64;
            index.note(batch.header.first, segment, offset as u64, end, tail);
        })?;
        if let Some(problem) = &walk.problem
            && !matches!(problem.what, What::Tail { .. })
        {
            return Err(OpenError::Damaged(problem.clone()));
        }
        let recovery =
            Recovery { tail: walk.tail, batches: walk.batches, marked: walk.marked, cut: walk.problem.clone() };
        // A snapshot is written of what is durable: one that is ahead of the log proves that the log has lost its end.
        if let Some(snapshot) = snapshot::ahead(&*layer, dir, walk.tail.sequence)? {
            return Err(OpenError::EndMissing { tail: walk.tail.sequence, snapshot });
        }
        let (segment, offset) = walk.end;
        let file = rewrite_last(&*layer, dir, segment, offset, options)?;
        let disk = Self {
            layer,
            dir: dir.to_owned(),
            options,
            index: Arc::new(RwLock::new(index)),
            tail: walk.tail,
            next_batch: walk.next_batch,
            marked: walk.marked || walk.batches == 0,
            segment,
            offset: offset as u64,
            file,
            ahead: None,
            unfit: false,
            _lock: lock,
        };
        Ok((disk, recovery))
    }

    fn write(&mut self, epoch: Epoch, drafts: &[Draft]) -> io::Result<Tail> {
        let (bytes, after) = frame::encode(self.next_batch, self.tail, epoch, drafts);
        let length = bytes.len() as u64;
        let room = self.options.segment_bytes.saturating_sub(self.offset);
        if length > room {
            self.roll(length)?;
        }
        self.file.write_at(self.offset, &bytes)?;
        self.file.sync()?;
        let (first, offset) = (self.tail.sequence.next(), self.offset);
        self.offset = self.offset.saturating_add(length);
        self.tail = after;
        self.next_batch = self.next_batch.saturating_add(1);
        self.marked = drafts.is_empty();
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        index.note(first, self.segment, offset, self.offset, after.sequence);
        drop(index);
        // What could not be prepared is tried again with the next batch, and is fatal only where it is needed.
        if self.prepare_ahead().is_err() {
            self.ahead = None;
        }
        Ok(after)
    }

    /// Goes on in the next segment; one batch may be longer than a segment usually is.
    fn roll(&mut self, length: u64) -> io::Result<()> {
        let number = self.segment.saturating_add(1);
        let needed = length.saturating_add(SECTOR as u64);
        let file = match self.ahead.take() {
            Some(file) if file.length()? >= needed => file,
            _ => {
                let bytes = self.options.segment_bytes.max(needed);
                segment::create(&*self.layer, &self.dir, number, bytes, &[])?
            }
        };
        self.segment = number;
        self.offset = SECTOR as u64;
        self.file = file;
        Ok(())
    }

    /// Prepares the next segment once this one is half full: not in the middle of a batch, and before it is needed.
    fn prepare_ahead(&mut self) -> io::Result<()> {
        if self.ahead.is_none() && self.offset > self.options.segment_bytes / 2 {
            let number = self.segment.saturating_add(1);
            self.ahead = Some(segment::create(&*self.layer, &self.dir, number, self.options.segment_bytes, &[])?);
        }
        Ok(())
    }
}

/// Copies the valid part of the last segment to a new file, and removes what a crash left behind it.
fn rewrite_last(
    layer: &dyn FileLayer,
    dir: &Path,
    number: u64,
    end: usize,
    options: DiskOptions,
) -> io::Result<Arc<dyn File>> {
    let there = segment::numbers(layer, dir)?;
    let kept = if there.contains(&number) { segment::read(layer, dir, number)?.0 } else { Vec::new() };
    let batches = kept.get(SECTOR..end).unwrap_or_default();
    let bytes = options.segment_bytes.max(end as u64);
    let file = segment::create(layer, dir, number, bytes, batches)?;
    for ahead in there.into_iter().filter(|it| *it > number) {
        layer.remove(&segment::path(dir, ahead))?;
    }
    for name in layer.list(dir)?.into_iter().filter(|name| name.ends_with(".new")) {
        layer.remove(&dir.join(name))?;
    }
    layer.sync_dir(dir)?;
    Ok(file)
}

struct DiskSnapshots {
    layer: Arc<dyn FileLayer>,
    dir: PathBuf,
}

impl Snapshots for DiskSnapshots {
    fn save(&self, at: Tail, body: &[u8]) -> Result<(), SnapshotError> {
        snapshot::save(&*self.layer, &self.dir, at, body)
    }
}

impl Journal for Disk {
    fn tail(&self) -> Tail {
        self.tail
    }

    fn append(&mut self, epoch: Epoch, expected: Sequence, previous: ChainHash, batch: &[Draft]) -> Outcome {
        if self.unfit {
            return Outcome::Rejected(Rejection::Unfit);
        }
        if let Err(rejection) = check(self.tail, epoch, expected, previous, batch) {
            return Outcome::Rejected(rejection);
        }
        match self.write(epoch, batch) {
            Ok(tail) => Outcome::Committed(tail),
            Err(error) => {
                self.unfit = true;
                Outcome::Indeterminate(Doubt(error))
            }
        }
    }

    fn idle(&mut self) -> Result<(), StoreError> {
        if self.marked || self.unfit {
            return Ok(());
        }
        let written = self.write(self.tail.epoch, &[]);
        if written.is_err() {
            self.unfit = true;
        }
        written?;
        Ok(())
    }

    fn reader(&self) -> Arc<dyn Reader> {
        Arc::new(DiskReader { layer: Arc::clone(&self.layer), dir: self.dir.clone(), index: Arc::clone(&self.index) })
    }

    fn snapshots(&self) -> Arc<dyn Snapshots> {
        Arc::new(DiskSnapshots { layer: Arc::clone(&self.layer), dir: self.dir.clone() })
    }

    fn newest_snapshot(&self) -> Result<Option<Snapshot>, SnapshotError> {
        snapshot::newest(&*self.layer, &self.dir, self.tail.sequence)
    }
}
