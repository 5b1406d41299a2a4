//! Snapshots: a file each, written whole under another name and renamed, so that there is always the old one or the new one. The
//! two newest are kept; a damaged one is passed over for the one before it.

use crate::files::{self, FileLayer};
use crate::terms::{ChainHash, Epoch, Sequence, Snapshot, SnapshotError, Tail};
use std::io;
use std::path::{Path, PathBuf};

const NAME_START: &str = "snapshot-";
const MAGIC: &[u8; 8] = b"HFsnap\x00\x01";
const HEAD_BYTES: usize = 8 + 8 + 8 + 32 + 32;

fn path(dir: &Path, sequence: u64) -> PathBuf {
    dir.join(format!("{NAME_START}{sequence:020}"))
}

fn newest_first(layer: &dyn FileLayer, dir: &Path) -> io::Result<Vec<u64>> {
    let mut numbers: Vec<u64> =
        layer.list(dir)?.iter().filter_map(|name| name.strip_prefix(NAME_START)?.parse().ok()).collect();
    numbers.sort_unstable();
    numbers.reverse();
    Ok(numbers)
}

/// Writes a snapshot and removes all but the two newest.
///
/// # Errors
/// As the system says; the older ones are untouched then.
pub(super) fn save(layer: &dyn FileLayer, dir: &Path, at: Tail, body: &[u8]) -> Result<(), SnapshotError> {
    let mut head = Vec::with_capacity(HEAD_BYTES);
    head.extend_from_slice(MAGIC);
    head.extend_from_slice(&at.epoch.0.to_le_bytes());
    head.extend_from_slice(&at.sequence.0.to_le_bytes());
    head.extend_from_slice(&at.hash.0);
    let mut hasher = blake3::Hasher::new();
    hasher.update(&head);
    hasher.update(body);
    head.extend_from_slice(hasher.finalize().as_bytes());
    files::replace(layer, &path(dir, at.sequence.0), &[&head, body])?;
    for old in newest_first(layer, dir)?.into_iter().skip(2) {
        layer.remove(&path(dir, old))?;
    }
    Ok(())
}

/// The newest snapshot that is whole and ahead of the tail.
///
/// # Errors
/// As the system says.
pub(super) fn ahead(layer: &dyn FileLayer, dir: &Path, tail: Sequence) -> io::Result<Option<Sequence>> {
    for number in newest_first(layer, dir)?.into_iter().filter(|it| *it > tail.0) {
        let bytes = files::read_all(&*layer.open(&path(dir, number))?)?;
        if decode(&bytes).is_some() {
            return Ok(Some(Sequence(number)));
        }
    }
    Ok(None)
}

/// The newest whole snapshot that is not ahead of the tail.
///
/// # Errors
/// As the system says.
pub(super) fn newest(layer: &dyn FileLayer, dir: &Path, tail: Sequence) -> Result<Option<Snapshot>, SnapshotError> {
    for number in newest_first(layer, dir)? {
        let bytes = files::read_all(&*layer.open(&path(dir, number))?)?;
        if let Some(snapshot) = decode(&bytes).filter(|it| it.at.sequence <= tail) {
            return Ok(Some(snapshot));
        }
    }
    Ok(None)
}

fn decode(bytes: &[u8]) -> Option<Snapshot> {
    let (head, body) = bytes.split_at_checked(HEAD_BYTES)?;
    let (covered, hash) = head.split_at_checked(HEAD_BYTES - 32)?;
    let mut hasher = blake3::Hasher::new();
    hasher.update(covered);
    hasher.update(body);
    if hasher.finalize().as_bytes() != hash || !covered.starts_with(MAGIC) {
        return None;
    }
    let (epoch, rest) = covered.get(8..)?.split_first_chunk::<8>()?;
    let (sequence, rest) = rest.split_first_chunk::<8>()?;
    let (chain, _) = rest.split_first_chunk::<32>()?;
    let at = Tail {
        epoch: Epoch(u64::from_le_bytes(*epoch)),
        sequence: Sequence(u64::from_le_bytes(*sequence)),
        hash: ChainHash(*chain),
    };
    Some(Snapshot { at, body: body.to_vec() })
}
