//! A file system in memory that behaves at a crash as a disk may: what was not synced is lost, kept or torn, sector by sector,
//! and so are names that were not synced with their directory. For tests; nothing of it is reachable in production.
//!
//! Every operation that changes something is counted. At the operation chosen for the crash everything stops: that operation
//! and all after it fail, until [`FaultyFiles::after_crash`] gives the file system a restarted machine would find.

use super::{File, FileLayer};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const SECTOR: usize = 512;

/// What happens to what was not synced when the machine stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crash {
    /// All of it is gone.
    Lost,
    /// All of it is there.
    Kept,
    /// Any subset of its sectors and names is there, chosen by this seed.
    Torn(u64),
}

/// A file system in memory. Clones are the same one.
#[derive(Clone, Debug, Default)]
pub struct FaultyFiles(Arc<Mutex<Disk>>);

#[derive(Clone, Debug, Default)]
struct Disk {
    /// Names as a directory shows them now, and as a restarted machine would at least find them.
    names: BTreeMap<PathBuf, usize>,
    durable_names: BTreeMap<PathBuf, usize>,
    files: Vec<Content>,
    operations: u64,
    stop_at: Option<u64>,
    stopped: bool,
    fail_sync_at: Option<u64>,
    locked: bool,
}

#[derive(Clone, Debug, Default)]
struct Content {
    now: Vec<u8>,
    durable: Vec<u8>,
    /// Ranges written since the last sync.
    unsynced: Vec<(usize, usize)>,
}

impl FaultyFiles {
    /// An empty file system.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops everything at the nth changing operation from now, counted from 0.
    pub fn stop_at(&self, operation: u64) {
        let mut disk = self.disk();
        disk.stop_at = Some(disk.operations.saturating_add(operation));
    }

    /// Makes the nth changing operation from now fail with EIO if it is a sync, and lose what it should have synced.
    pub fn fail_sync_at(&self, operation: u64) {
        let mut disk = self.disk();
        disk.fail_sync_at = Some(disk.operations.saturating_add(operation));
    }

    /// How many changing operations there have been.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.disk().operations
    }

    /// What a restarted machine finds.
    #[must_use]
    pub fn after_crash(&self, crash: Crash) -> Self {
        let disk = self.disk();
        let mut random = Random(match crash {
            Crash::Torn(seed) => seed | 1,
            Crash::Lost | Crash::Kept => 1,
        });
        let files: Vec<Content> = disk.files.iter().map(|it| it.after(crash, &mut random)).collect();
        let mut names = disk.durable_names.clone();
        for (name, file) in &disk.names {
            if disk.durable_names.get(name) != Some(file) && survives(crash, &mut random) {
                names.insert(name.clone(), *file);
            }
        }
        for name in disk.durable_names.keys().filter(|name| !disk.names.contains_key(*name)) {
            if survives(crash, &mut random) {
                names.remove(name);
            }
        }
        let durable_names = names.clone();
        Self(Arc::new(Mutex::new(Disk { names, durable_names, files, ..Disk::default() })))
    }

    /// The names and contents there are: for looking at, damaging and comparing.
    #[must_use]
    pub fn contents(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let disk = self.disk();
        disk.names.iter().filter_map(|(name, file)| Some((name.clone(), disk.files.get(*file)?.now.clone()))).collect()
    }

    /// A file system with these contents, all durable.
    #[must_use]
    pub fn with_contents(contents: BTreeMap<PathBuf, Vec<u8>>) -> Self {
        let mut disk = Disk::default();
        for (name, bytes) in contents {
            let file = disk.files.len();
            disk.files.push(Content { now: bytes.clone(), durable: bytes, unsynced: Vec::new() });
            disk.names.insert(name.clone(), file);
            disk.durable_names.insert(name, file);
        }
        Self(Arc::new(Mutex::new(disk)))
    }

    /// Flips one bit of a file.
    pub fn flip(&self, name: &Path, byte: usize, bit: u8) {
        let mut disk = self.disk();
        let Some(file) = disk.names.get(name).copied() else { return };
        if let Some(content) = disk.files.get_mut(file) {
            for image in [&mut content.now, &mut content.durable] {
                if let Some(byte) = image.get_mut(byte) {
                    *byte ^= 1 << (bit % 8);
                }
            }
        }
    }

    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn survives(crash: Crash, random: &mut Random) -> bool {
    match crash {
        Crash::Lost => false,
        Crash::Kept => true,
        Crash::Torn(_) => random.next() & 1 == 1,
    }
}

impl Content {
    fn after(&self, crash: Crash, random: &mut Random) -> Self {
        let image = match crash {
            Crash::Lost => self.durable.clone(),
            Crash::Kept => self.now.clone(),
            Crash::Torn(_) => self.torn(random),
        };
        Self { now: image.clone(), durable: image, unsynced: Vec::new() }
    }

    fn torn(&self, random: &mut Random) -> Vec<u8> {
        let mut image = self.durable.clone();
        for (start, end) in &self.unsynced {
            let (first, last) = (start / SECTOR, end.saturating_sub(1) / SECTOR);
            for sector in first..=last {
                if random.next() & 1 == 0 {
                    continue;
                }
                let from = (sector * SECTOR).max(*start);
                let to = ((sector + 1) * SECTOR).min(*end);
                if image.len() < to {
                    image.resize(to, 0);
                }
                if let (Some(into), Some(out)) = (image.get_mut(from..to), self.now.get(from..to)) {
                    into.copy_from_slice(out);
                }
            }
        }
        image
    }
}

impl Disk {
    fn operate(&mut self) -> io::Result<()> {
        if self.stopped || self.stop_at == Some(self.operations) {
            self.stopped = true;
            return Err(io::Error::other("the machine has stopped"));
        }
        self.operations = self.operations.saturating_add(1);
        Ok(())
    }
}

struct FaultyFile {
    disk: Arc<Mutex<Disk>>,
    file: usize,
}

impl FaultyFile {
    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.disk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl File for FaultyFile {
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut disk = self.disk();
        let stopping = disk.stop_at == Some(disk.operations) && !disk.stopped;
        let operated = disk.operate();
        // The write that the machine stops in has reached the cache: what of it reaches the disk, the crash decides.
        if operated.is_ok() || stopping {
            let start = usize::try_from(offset).map_err(|_| io::ErrorKind::FileTooLarge)?;
            let end = start.saturating_add(bytes.len());
            if let Some(content) = disk.files.get_mut(self.file) {
                if content.now.len() < end {
                    content.now.resize(end, 0);
                }
                if let Some(into) = content.now.get_mut(start..end) {
                    into.copy_from_slice(bytes);
                }
                content.unsynced.push((start, end));
            }
        }
        operated
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let disk = self.disk();
        let start = usize::try_from(offset).map_err(|_| io::ErrorKind::FileTooLarge)?;
        let there = disk.files.get(self.file).and_then(|it| it.now.get(start..)).unwrap_or_default();
        let count = there.len().min(buffer.len());
        if let (Some(into), Some(out)) = (buffer.get_mut(..count), there.get(..count)) {
            into.copy_from_slice(out);
        }
        Ok(count)
    }

    fn sync(&self) -> io::Result<()> {
        let mut disk = self.disk();
        let failing = disk.fail_sync_at == Some(disk.operations);
        disk.operate()?;
        if let Some(content) = disk.files.get_mut(self.file) {
            if failing {
                // As a kernel does: the pages count as clean from now on, and what is on the disk is the old content.
                content.unsynced.clear();
                return Err(io::Error::from_raw_os_error(5));
            }
            if !content.unsynced.is_empty() {
                let unsynced = std::mem::take(&mut content.unsynced);
                if content.durable.len() < content.now.len() {
                    content.durable.resize(content.now.len(), 0);
                }
                for (start, end) in unsynced {
                    if let (Some(into), Some(out)) = (content.durable.get_mut(start..end), content.now.get(start..end))
                    {
                        into.copy_from_slice(out);
                    }
                }
            }
        }
        Ok(())
    }

    fn length(&self) -> io::Result<u64> {
        let disk = self.disk();
        Ok(disk.files.get(self.file).map_or(0, |it| it.now.len() as u64))
    }
}

impl FileLayer for FaultyFiles {
    fn create_dir(&self, _dir: &Path) -> io::Result<()> {
        Ok(())
    }

    fn lock_dir(&self, _dir: &Path) -> io::Result<Box<dyn Send + Sync>> {
        let mut disk = self.disk();
        if disk.locked {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        disk.locked = true;
        Ok(Box::new(Unlock(Arc::clone(&self.0))))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let disk = self.disk();
        let here = disk.names.keys().filter(|name| name.parent() == Some(dir));
        Ok(here.filter_map(|name| Some(name.file_name()?.to_str()?.to_owned())).collect())
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        let mut disk = self.disk();
        disk.operate()?;
        let file = disk.files.len();
        disk.files.push(Content::default());
        disk.names.insert(path.to_owned(), file);
        Ok(Arc::new(FaultyFile { disk: Arc::clone(&self.0), file }))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        let file = self.disk().names.get(path).copied().ok_or(io::ErrorKind::NotFound)?;
        Ok(Arc::new(FaultyFile { disk: Arc::clone(&self.0), file }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut disk = self.disk();
        disk.operate()?;
        let file = disk.names.remove(from).ok_or(io::ErrorKind::NotFound)?;
        disk.names.insert(to.to_owned(), file);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut disk = self.disk();
        disk.operate()?;
        disk.names.remove(path).map(|_| ()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        let mut disk = self.disk();
        disk.operate()?;
        disk.durable_names.retain(|name, _| name.parent() != Some(dir));
        let here: Vec<_> =
            disk.names.iter().filter(|(name, _)| name.parent() == Some(dir)).map(|(n, f)| (n.clone(), *f)).collect();
        disk.durable_names.extend(here);
        Ok(())
    }
}

struct Unlock(Arc<Mutex<Disk>>);

impl Drop for Unlock {
    fn drop(&mut self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).locked = false;
    }
}

/// xorshift: enough to choose sectors, the same for the same seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 11
    }
}
