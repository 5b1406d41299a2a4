//! The layer under the journal: the few things it does with files, so that each of them can be failed in a test.
//!
//! [`RealFiles`] is the file system, [`FaultyFiles`] a file system in memory that loses, keeps and tears what was not synced.

mod faulty;
mod real;

pub use faulty::{Crash, FaultyFiles};
pub use real::RealFiles;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file that is open.
pub trait File: Send + Sync {
    /// Writes all of it at an offset.
    ///
    /// # Errors
    /// As the system says. How much was written is then unknown.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Reads up to the buffer's length at an offset; fewer at the end of the file.
    ///
    /// # Errors
    /// As the system says.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// Makes what was written durable.
    ///
    /// # Errors
    /// As the system says. What was written since the last success may then be gone, whatever a later sync says.
    fn sync(&self) -> io::Result<()>;

    /// Its length.
    ///
    /// # Errors
    /// As the system says.
    fn length(&self) -> io::Result<u64>;
}

/// A file system, as far as the journal needs one.
pub trait FileLayer: Send + Sync {
    /// Makes a directory (mode 0700) and those above it; fine if it is there.
    ///
    /// # Errors
    /// As the system says.
    fn create_dir(&self, dir: &Path) -> io::Result<()>;

    /// Takes the directory for this process until the lock is dropped.
    ///
    /// # Errors
    /// `WouldBlock` if another process has it.
    fn lock_dir(&self, dir: &Path) -> io::Result<Box<dyn Send + Sync>>;

    /// The names in a directory, in order.
    ///
    /// # Errors
    /// As the system says.
    fn list(&self, dir: &Path) -> io::Result<Vec<String>>;

    /// Makes an empty file (mode 0600), replacing one of the same name.
    ///
    /// # Errors
    /// As the system says.
    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>>;

    /// Opens a file that is there.
    ///
    /// # Errors
    /// `NotFound` if it is not.
    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>>;

    /// Renames, replacing what has the new name.
    ///
    /// # Errors
    /// As the system says.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// As the system says.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes creations, renames and removals in a directory durable.
    ///
    /// # Errors
    /// As the system says.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;
}

/// Writes a whole file durably: under another name, synced, renamed, directory synced. Old or new, never neither.
///
/// # Errors
/// As the system says; the old file, if there was one, is then still there.
pub fn replace(layer: &dyn FileLayer, path: &Path, parts: &[&[u8]]) -> io::Result<Arc<dyn File>> {
    let temporary = PathBuf::from(format!("{}.new", path.display()));
    let file = layer.create(&temporary)?;
    let mut offset = 0;
    for part in parts {
        file.write_at(offset, part)?;
        offset = offset.saturating_add(u64::try_from(part.len()).unwrap_or(u64::MAX));
    }
    file.sync()?;
    layer.rename(&temporary, path)?;
    if let Some(dir) = path.parent() {
        layer.sync_dir(dir)?;
    }
    Ok(file)
}

/// Reads exactly, or says that the file is too short.
///
/// # Errors
/// `UnexpectedEof` if it ends before.
pub fn read_exact(file: &dyn File, mut offset: u64, mut buffer: &mut [u8]) -> io::Result<()> {
    while !buffer.is_empty() {
        let got = file.read_at(offset, buffer)?;
        if got == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        offset = offset.saturating_add(u64::try_from(got).unwrap_or(0));
        buffer = buffer.get_mut(got..).unwrap_or_default();
    }
    Ok(())
}

/// Reads a whole file.
///
/// # Errors
/// As the system says.
pub fn read_all(file: &dyn File) -> io::Result<Vec<u8>> {
    let length = usize::try_from(file.length()?).map_err(|_| io::ErrorKind::FileTooLarge)?;
    let mut bytes = vec![0; length];
    read_exact(file, 0, &mut bytes)?;
    Ok(bytes)
}
