//! The master key: one file, readable by its owner only, made by `holdfast init`. Everything sealed hangs on it.
//!
//! Keys for wrapping slots and for the person index are derived from it, so that neither can be turned into the other.

use aws_lc_rs::{hkdf, rand};
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const KEY_BYTES: usize = 32;
/// The file is one line: this, and 64 hexadecimal digits.
const MARK: &str = "holdfast-master-key-1 ";

/// The master key cannot be used or made.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// There is no such file.
    #[error("no master key at {}: make one with `holdfast init`, and keep a copy apart from the journal's backups", .0.display())]
    Missing(PathBuf),
    /// There is one already.
    #[error("{} exists: a new master key would make everything sealed under it unreadable", .0.display())]
    Exists(PathBuf),
    /// Others can read it.
    #[error("{} can be read by others (mode {mode:o}): chmod 600 it, and treat the key as known", path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// It is not a master key.
    #[error("{} is not a master key file", .0.display())]
    Malformed(PathBuf),
    /// The system refused.
    #[error("cannot use {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A key could not be derived.
    #[error("a key could not be derived from the master key")]
    Derive,
    /// The system gave no randomness.
    #[error("the system gave no randomness")]
    NoRandomness,
}

/// The key in memory. Wiped when dropped, cannot be printed.
pub struct MasterKey(Zeroizing<[u8; KEY_BYTES]>);

impl MasterKey {
    /// Makes a new key file.
    ///
    /// # Errors
    /// If the file exists or cannot be written.
    pub fn create(path: &Path) -> Result<(), MasterKeyError> {
        let mut key = Zeroizing::new([0_u8; KEY_BYTES]);
        rand::fill(key.as_mut()).map_err(|_| MasterKeyError::NoRandomness)?;
        let digits: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        let line = Zeroizing::new(format!("{MARK}{digits}\n"));
        let written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).and_then(|mut file| {
            file.write_all(line.as_bytes())?;
            file.sync_all()
        });
        written.map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => MasterKeyError::Exists(path.to_owned()),
            _ => MasterKeyError::Io { path: path.to_owned(), source },
        })
    }

    /// Reads the key file.
    ///
    /// # Errors
    /// If it is missing, readable by others, or not a key.
    pub fn load(path: &Path) -> Result<Self, MasterKeyError> {
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => MasterKeyError::Missing(path.to_owned()),
            _ => MasterKeyError::Io { path: path.to_owned(), source },
        };
        let mode = fs::metadata(path).map_err(failed)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(MasterKeyError::Exposed { path: path.to_owned(), mode });
        }
        let text = Zeroizing::new(fs::read_to_string(path).map_err(failed)?);
        let malformed = || MasterKeyError::Malformed(path.to_owned());
        let digits = text.trim_end().strip_prefix(MARK).ok_or_else(malformed)?;
        if digits.len() != KEY_BYTES * 2 || !digits.is_ascii() {
            return Err(malformed());
        }
        let mut key = Zeroizing::new([0_u8; KEY_BYTES]);
        for (index, byte) in key.iter_mut().enumerate() {
            let pair = digits.get(index * 2..index * 2 + 2).ok_or_else(malformed)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| malformed())?;
        }
        Ok(Self(key))
    }

    /// A key for one purpose.
    pub(crate) fn derive(&self, purpose: &'static [u8]) -> Result<Zeroizing<[u8; KEY_BYTES]>, MasterKeyError> {
        let mut derived = Zeroizing::new([0_u8; KEY_BYTES]);
        let secret = hkdf::Salt::new(hkdf::HKDF_SHA256, b"holdfast").extract(self.0.as_ref());
        let info = [purpose];
        let okm = secret.expand(&info, hkdf::HKDF_SHA256).map_err(|_| MasterKeyError::Derive)?;
        okm.fill(derived.as_mut()).map_err(|_| MasterKeyError::Derive)?;
        Ok(derived)
    }
}
