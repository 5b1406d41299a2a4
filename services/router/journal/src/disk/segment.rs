//! A segment: a file of fixed length, zero-filled and synced before its first use, so that an append never grows it.
//!
//! Its first sector names it; batches follow. The next segment is always prepared ahead, so that a full disk is met at a
//! preparation and never at an append.

use super::frame::SECTOR;
use crate::files::{self, File, FileLayer};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const MAGIC: &[u8; 8] = b"HFsegm\x00\x01";
const NAME_START: &str = "segment-";
const NAME_END: &str = ".log";

/// The file of a segment.
#[must_use]
pub(super) fn path(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("{NAME_START}{number:016}{NAME_END}"))
}

/// The numbers of the segments that are there, in order.
///
/// # Errors
/// As the system says.
pub(super) fn numbers(layer: &dyn FileLayer, dir: &Path) -> io::Result<Vec<u64>> {
    let mut numbers: Vec<u64> = layer
        .list(dir)?
        .iter()
        .filter_map(|name| name.strip_prefix(NAME_START)?.strip_suffix(NAME_END)?.parse().ok())
        .collect();
    numbers.sort_unstable();
    Ok(numbers)
}

/// The first sector.
#[must_use]
pub(super) fn head(number: u64) -> [u8; SECTOR] {
    let mut sector = [0; SECTOR];
    let crc = crc32c::crc32c(&number.to_le_bytes());
    let fields = MAGIC.iter().chain(&number.to_le_bytes()).chain(&crc.to_le_bytes()).copied().collect::<Vec<_>>();
    for (to, from) in sector.iter_mut().zip(fields) {
        *to = from;
    }
    sector
}

/// Makes a segment holding these batches, the rest of it zeros. Old or new, never neither.
///
/// # Errors
/// As the system says: a full disk is met here.
pub(super) fn create(
    layer: &dyn FileLayer,
    dir: &Path,
    number: u64,
    bytes: u64,
    batches: &[u8],
) -> io::Result<Arc<dyn File>> {
    let used = SECTOR.saturating_add(batches.len());
    let rest = usize::try_from(bytes).map_err(|_| io::ErrorKind::FileTooLarge)?.saturating_sub(used);
    files::replace(layer, &path(dir, number), &[&head(number), batches, &vec![0; rest]])
}

/// Reads a whole segment. None in place of the bytes if its first sector is not what it must be.
///
/// # Errors
/// As the system says.
pub(super) fn read(layer: &dyn FileLayer, dir: &Path, number: u64) -> io::Result<(Vec<u8>, bool)> {
    let file = layer.open(&path(dir, number))?;
    let bytes = files::read_all(&*file)?;
    let named = bytes.get(..SECTOR) == Some(&head(number)[..]);
    Ok((bytes, named))
}
