//! Signing secrets: held in memory, wiped when dropped, never shown.

use std::fmt;

use zeroize::Zeroizing;

/// The longest secret taken, in bytes.
pub const MAX_SECRET_BYTES: usize = 512;

/// One signing secret. Its Debug shows nothing of it; its memory is zeroed on drop.
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

/// Why bytes are not taken as a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretRefusal {
    /// An empty secret would verify what anyone can sign.
    #[error("the secret is empty, set it from the carrier's console")]
    Empty,
    /// More than [`MAX_SECRET_BYTES`].
    #[error("the secret is longer than {MAX_SECRET_BYTES} bytes, this is probably the wrong file")]
    TooLong,
}

impl Secret {
    /// Takes the bytes as they are; the buffer passed in becomes the secret's own, so no second copy is left behind.
    ///
    /// # Errors
    /// [`SecretRefusal`] when empty or too long.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, SecretRefusal> {
        let bytes = Zeroizing::new(bytes.into());
        if bytes.is_empty() {
            return Err(SecretRefusal::Empty);
        }
        if bytes.len() > MAX_SECRET_BYTES {
            return Err(SecretRefusal::TooLong);
        }
        Ok(Self(bytes))
    }

    /// The secret's bytes, for a MAC or a REST password and nothing else.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_nothing_and_refuses_the_unsafe_sizes() {
        let secret = Secret::new("carrier-test-token").unwrap();
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        assert_eq!(Secret::new("").unwrap_err(), SecretRefusal::Empty);
        assert_eq!(Secret::new(vec![1; MAX_SECRET_BYTES + 1]).unwrap_err(), SecretRefusal::TooLong);
    }
}
