//! One-time codes: an address that signs in whoever opens it first. Kept by hash, in memory, few and for minutes.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::access::{RandomnessError, generate_token, hash_token};
use crate::settings::Secret;

/// How long a code can be used.
pub const CODE_LIFE: Duration = Duration::from_secs(10 * 60);

/// Codes that can be used at one time, at most.
pub const CODES_MAX: usize = 1_024;

/// Why no code was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OnceError {
    /// [`CODES_MAX`] are waiting to be used.
    #[error("{CODES_MAX} one-time codes wait to be used already; use one, or wait until they have expired")]
    Full,
    /// The token belongs to nobody in the table.
    #[error("the token belongs to nobody in the table")]
    UnknownToken,
    /// No randomness.
    #[error(transparent)]
    Random(#[from] RandomnessError),
}

#[derive(Default)]
pub(super) struct Codes {
    waiting: Mutex<BTreeMap<String, (Secret, Instant)>>,
}

impl Codes {
    pub(super) fn make(&self, token: Secret) -> Result<String, OnceError> {
        let code = generate_token()?;
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        waiting.retain(|_, (_, until)| *until > now);
        if waiting.len() >= CODES_MAX {
            return Err(OnceError::Full);
        }
        waiting.insert(hash_token(code.expose()), (token, now + CODE_LIFE));
        Ok(code.expose().to_owned())
    }

    /// The token behind a code; afterwards the code is worth nothing.
    pub(super) fn take(&self, code: &str) -> Option<Secret> {
        let (token, until) = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&hash_token(code))?;
        (until > Instant::now()).then_some(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> Secret {
        Secret::from("token".to_owned())
    }

    #[tokio::test(start_paused = true)]
    async fn a_code_works_once_and_not_for_ever() {
        let codes = Codes::default();
        let code = codes.make(token()).unwrap();
        assert!(codes.take(&code).is_some() && codes.take(&code).is_none());
        let code = codes.make(token()).unwrap();
        tokio::time::advance(CODE_LIFE).await;
        assert!(codes.take(&code).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn at_the_bound_nothing_is_made_until_some_expire() {
        let codes = Codes::default();
        for _ in 0..CODES_MAX {
            codes.make(token()).unwrap();
        }
        assert_eq!(codes.make(token()).err(), Some(OnceError::Full));
        tokio::time::advance(CODE_LIFE).await;
        codes.make(token()).unwrap();
    }
}
