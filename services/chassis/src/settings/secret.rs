//! A string nobody may print: tokens, keys, passwords.

use std::fmt;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use zeroize::Zeroizing;

/// Bytes in a secret file, at most: a key or a token, never a document.
pub const SECRET_FILE_BYTES_MAX: u64 = 64 * 1024;

/// Permission bits a secret file must not have: anything for group and others.
const MODE_FORBIDDEN: u32 = 0o077;

/// A string which is wiped from memory on drop and printed by nothing: `Debug` says `set`, `Display` does not exist.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

/// Why a secret file gave no secret. No variant carries any of its content.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// It cannot be opened or read.
    #[error("cannot read the secret file {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Others than its owner may read or write it.
    #[error("the secret file {} has mode {mode:04o}; run `chmod 600` on it", path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Empty, not text, or larger than [`SECRET_FILE_BYTES_MAX`].
    #[error("the secret file {} must hold 1 to {SECRET_FILE_BYTES_MAX} bytes of text", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
    },
}

impl Secret {
    /// The secret itself. Pass it on to what needs it; never to a log, an error or a format string that outlives the call.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.as_str()
    }

    /// Reads a secret from a file only its owner may read (mode 0600 or 0400). One line break at the end is not part of it.
    ///
    /// # Errors
    /// See [`SecretError`].
    pub fn from_file(path: &Path) -> Result<Self, SecretError> {
        let unreadable = |source| SecretError::Unreadable { path: path.to_owned(), source };
        let mut file = std::fs::File::open(path).map_err(unreadable)?;
        // The mode of the opened file, not of the path: no one can swap it in between.
        let metadata = file.metadata().map_err(unreadable)?;
        let mode = metadata.mode() & 0o7777;
        if mode & MODE_FORBIDDEN != 0 {
            return Err(SecretError::Exposed { path: path.to_owned(), mode });
        }
        let malformed = || SecretError::Malformed { path: path.to_owned() };
        if metadata.len() > SECRET_FILE_BYTES_MAX {
            return Err(malformed());
        }
        let mut text = Zeroizing::new(String::new());
        match (&mut file).take(SECRET_FILE_BYTES_MAX).read_to_string(&mut text) {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => return Err(malformed()),
            Err(error) => return Err(unreadable(error)),
        }
        let secret = text.strip_suffix('\n').unwrap_or(&text);
        let secret = secret.strip_suffix('\r').unwrap_or(secret);
        if secret.is_empty() {
            return Err(malformed());
        }
        Ok(Self::from(secret.to_owned()))
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "Secret(unset)" } else { "Secret(set)" })
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_string(SecretVisitor)
    }
}

/// serde's own messages quote the value they did not expect, so each mismatch is answered by hand.
struct SecretVisitor;

const NOT_TEXT: &str = "a secret must be a string in quotes";

impl Visitor<'_> for SecretVisitor {
    type Value = Secret;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string in quotes")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Secret, E> {
        Ok(Secret::from(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Secret, E> {
        Ok(Secret::from(text))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Secret, E> {
        Err(E::custom(NOT_TEXT))
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Secret, E> {
        Err(E::custom(NOT_TEXT))
    }

    fn visit_i128<E: Error>(self, _: i128) -> Result<Secret, E> {
        Err(E::custom(NOT_TEXT))
    }

    fn visit_u128<E: Error>(self, _: u128) -> Result<Secret, E> {
        Err(E::custom(NOT_TEXT))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Secret, E> {
        Err(E::custom(NOT_TEXT))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Secret, E> {
        Err(E::custom(NOT_TEXT))
    }
}
