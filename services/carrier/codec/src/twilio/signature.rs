//! Twilio's request signatures, checked over our configured URL and the raw body, and made for the simulated carrier.
//!
//! What is signed: the URL as configured (no fragment, no user information), then for a form every parameter received, as
//! name and value without separators, sorted by bytes, equal pairs once, empty values included. A JSON body is bound by its
//! SHA-256 in the query (`bodySHA256`). Whether a body is a form or JSON is decided by our route, never by a header.
//!
//! Signatures carry no time and can be replayed: the dedupe key of the event is what makes a replay harmless. The
//! concatenation is ambiguous (`AB=C` is signed like `A=BC`), so no parameter's name alone may grant anything.

mod material;
#[cfg(test)]
mod tests;

use aws_lc_rs::{constant_time, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::limits::{Form, FormRefusal, MAX_BODY_BYTES, MAX_HEADERS};
use crate::secret::Secret;
use crate::twilio::webhook::KNOWN_FIELDS;

pub use material::body_sha256_hex;

/// The header with the signature.
pub const SIGNATURE_HEADER: &str = "x-twilio-signature";
/// The header naming the shared key, on requests signed with one.
pub const SETTINGS_HEADER: &str = "x-twilio-webhooks-signature-settings";
/// The most live secrets of one kind: primary, secondary and room for a rotation that overlaps.
pub const MAX_SECRETS: usize = 4;
/// The most shared keys of one account.
pub const MAX_SHARED_KEYS: usize = 8;

/// The MAC of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// The auth token's, and a shared key's on request.
    HmacSha1,
    /// A shared key's.
    HmacSha256,
}

impl Algorithm {
    /// Its name in [`SETTINGS_HEADER`].
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::HmacSha1 => "HMAC_SHA1",
            Self::HmacSha256 => "HMAC_SHA256",
        }
    }

    fn mac(self) -> hmac::Algorithm {
        match self {
            Self::HmacSha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Self::HmacSha256 => hmac::HMAC_SHA256,
        }
    }
}

/// A shared key as configured: the algorithm is ours to say, so that a header cannot choose a weaker one.
#[derive(Debug, Clone)]
pub struct SharedKey {
    /// The key's id, `webhooks_sharedkey_…`.
    pub id: String,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// Its live secrets.
    pub secrets: Vec<Secret>,
}

/// The live secrets of one account. Without auth tokens only shared keys are accepted, and the other way round.
#[derive(Debug, Clone)]
pub struct Keyring {
    auth_tokens: Vec<Secret>,
    shared_keys: Vec<SharedKey>,
}

/// Why secrets do not make a keyring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyringRefusal {
    /// Nothing to verify with.
    #[error("the account has no signing secret, configure its auth token or a shared key")]
    Empty,
    /// A shared key without a secret.
    #[error("a shared key has no secret")]
    EmptySharedKey,
    /// Too many secrets or keys.
    #[error("more than {MAX_SECRETS} secrets of one kind or {MAX_SHARED_KEYS} shared keys, remove the retired ones")]
    TooMany,
    /// The same id twice.
    #[error("two shared keys have the same id")]
    RepeatedId,
}

/// The headers a signature needs, picked from all of a request's.
#[derive(Debug, Clone, Copy, Default)]
pub struct SignatureHeaders<'a> {
    signature: Option<&'a [u8]>,
    settings: Option<&'a [u8]>,
}

/// A form whose signature held. The only thing [`crate::twilio::webhook::read`] takes.
#[derive(Debug, Clone)]
pub struct VerifiedForm(Form);

/// Why a request is not let in. All mean 403 (413 for [`FormRefusal::BodyTooLarge`]) and none repeats anything received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyRefusal {
    /// More than [`MAX_HEADERS`].
    #[error("the request has more than {MAX_HEADERS} headers")]
    TooManyHeaders,
    /// A signature header given twice.
    #[error("a signature header is given more than once")]
    RepeatedHeader,
    /// No signature.
    #[error("the request is not signed")]
    MissingSignature,
    /// A settings header we cannot read.
    #[error("the signature settings header is malformed")]
    MalformedSettings,
    /// A key we do not have: an unknown shared key, or an auth token where only shared keys are configured.
    #[error("the request is signed with a key that is not configured")]
    UnknownKey,
    /// The header names another algorithm than the configuration.
    #[error("the signature's algorithm is not the one configured for its key")]
    AlgorithmMismatch,
    /// The URL is not absolute http(s), or too long.
    #[error("the url to verify is not an absolute http or https url of bounded length")]
    Url,
    /// The form is broken or too large.
    #[error(transparent)]
    Form(#[from] FormRefusal),
    /// A body in which no parameter was found: its signature would not cover it.
    #[error("the body has no parameters, so nothing signs it")]
    UnsignedBody,
    /// A JSON body without its hash in the URL.
    #[error("the url does not carry the hash of the body")]
    MissingBodyHash,
    /// A JSON body with another hash.
    #[error("the body is not the one whose hash the url carries")]
    BodyHashMismatch,
    /// The signature is wrong.
    #[error("the signature does not match, check the public address and the secret")]
    Mismatch,
}

impl Keyring {
    /// Puts the live secrets of an account together. Give the primary and the secondary token while one is rotated.
    ///
    /// # Errors
    /// [`KeyringRefusal`] when there is nothing to verify with, too much, or an id twice.
    pub fn new(auth_tokens: Vec<Secret>, shared_keys: Vec<SharedKey>) -> Result<Self, KeyringRefusal> {
        if auth_tokens.is_empty() && shared_keys.is_empty() {
            return Err(KeyringRefusal::Empty);
        }
        if shared_keys.iter().any(|key| key.secrets.is_empty()) {
            return Err(KeyringRefusal::EmptySharedKey);
        }
        let counts = shared_keys.iter().map(|key| key.secrets.len()).chain([auth_tokens.len()]);
        if shared_keys.len() > MAX_SHARED_KEYS || counts.max() > Some(MAX_SECRETS) {
            return Err(KeyringRefusal::TooMany);
        }
        let repeated = |(at, key): (usize, &SharedKey)| shared_keys.iter().skip(at + 1).any(|other| other.id == key.id);
        if shared_keys.iter().enumerate().any(repeated) {
            return Err(KeyringRefusal::RepeatedId);
        }
        Ok(Self { auth_tokens, shared_keys })
    }

    /// Verifies a form request from its raw body. `url` is [`crate::callback::PublicBase::signed_url`].
    ///
    /// # Errors
    /// [`VerifyRefusal`]; nothing of the request may be used then.
    pub fn verify_form(
        &self,
        url: &str,
        headers: &SignatureHeaders<'_>,
        raw: &[u8],
    ) -> Result<VerifiedForm, VerifyRefusal> {
        let form = Form::parse(raw, KNOWN_FIELDS)?;
        if form.is_empty() && !raw.is_empty() {
            return Err(VerifyRefusal::UnsignedBody);
        }
        self.check(url, headers, &material::sorted(form.pairs()))?;
        Ok(VerifiedForm(form))
    }

    /// Verifies a JSON request from its raw body, which must be bound by `bodySHA256` in the URL unless it is empty.
    ///
    /// # Errors
    /// [`VerifyRefusal`]; nothing of the request may be used then.
    pub fn verify_json(&self, url: &str, headers: &SignatureHeaders<'_>, raw: &[u8]) -> Result<(), VerifyRefusal> {
        if raw.len() > MAX_BODY_BYTES {
            return Err(FormRefusal::BodyTooLarge.into());
        }
        match material::body_hash(url)? {
            Some(stated) => {
                let hash = body_sha256_hex(raw);
                constant_time::verify_slices_are_equal(hash.as_bytes(), stated.to_ascii_lowercase().as_bytes())
                    .map_err(|_| VerifyRefusal::BodyHashMismatch)?;
            }
            None if raw.is_empty() => {}
            None => return Err(VerifyRefusal::MissingBodyHash),
        }
        self.check(url, headers, &[])
    }

    fn check(&self, url: &str, headers: &SignatureHeaders<'_>, params: &[(&str, &str)]) -> Result<(), VerifyRefusal> {
        let given = headers.signature.ok_or(VerifyRefusal::MissingSignature)?;
        let (algorithm, secrets) = self.candidates(headers.settings)?;
        let urls = material::url_variants(url)?;
        // Every candidate is computed and compared, whichever matches: how long it takes says nothing about which.
        let mut matched = false;
        for secret in secrets {
            for url in &urls {
                let expected = mac(algorithm, secret, url, params);
                matched |= constant_time::verify_slices_are_equal(expected.as_bytes(), given).is_ok();
            }
        }
        if matched { Ok(()) } else { Err(VerifyRefusal::Mismatch) }
    }

    fn candidates(&self, settings: Option<&[u8]>) -> Result<(Algorithm, &[Secret]), VerifyRefusal> {
        let Some(settings) = settings else {
            let tokens = self.auth_tokens.as_slice();
            return if tokens.is_empty() { Err(VerifyRefusal::UnknownKey) } else { Ok((Algorithm::HmacSha1, tokens)) };
        };
        let (id, named) = material::settings(settings)?;
        let key = self.shared_keys.iter().find(|key| key.id == id).ok_or(VerifyRefusal::UnknownKey)?;
        if named.is_some_and(|named| !named.eq_ignore_ascii_case(key.algorithm.name())) {
            return Err(VerifyRefusal::AlgorithmMismatch);
        }
        Ok((key.algorithm, &key.secrets))
    }
}

impl<'a> SignatureHeaders<'a> {
    /// Picks what is needed from all headers of a request, names in any case.
    ///
    /// # Errors
    /// [`VerifyRefusal`] when there are too many headers or a signature header comes twice.
    pub fn collect(headers: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Result<Self, VerifyRefusal> {
        let mut picked = Self::default();
        for (at, (name, value)) in headers.into_iter().enumerate() {
            if at == MAX_HEADERS {
                return Err(VerifyRefusal::TooManyHeaders);
            }
            let slot = if name.eq_ignore_ascii_case(SIGNATURE_HEADER) {
                &mut picked.signature
            } else if name.eq_ignore_ascii_case(SETTINGS_HEADER) {
                &mut picked.settings
            } else {
                continue;
            };
            if slot.replace(value).is_some() {
                return Err(VerifyRefusal::RepeatedHeader);
            }
        }
        Ok(picked)
    }
}

impl VerifiedForm {
    /// The parameters.
    #[must_use]
    pub fn form(&self) -> &Form {
        &self.0
    }
}

/// Signs a form request as Twilio does, over `url` as it stands. The value for [`SIGNATURE_HEADER`].
#[must_use]
pub fn sign_form<N: AsRef<str>, V: AsRef<str>>(
    algorithm: Algorithm,
    secret: &Secret,
    url: &str,
    params: &[(N, V)],
) -> String {
    mac(algorithm, secret, material::bare(url), &material::sorted(params))
}

/// Signs a JSON request, whose `url` must already carry `bodySHA256=` and [`body_sha256_hex`] of the body.
#[must_use]
pub fn sign_json(algorithm: Algorithm, secret: &Secret, url: &str) -> String {
    mac(algorithm, secret, material::bare(url), &[])
}

fn mac(algorithm: Algorithm, secret: &Secret, url: &str, params: &[(&str, &str)]) -> String {
    let key = hmac::Key::new(algorithm.mac(), secret.expose());
    let mut context = hmac::Context::with_key(&key);
    context.update(url.as_bytes());
    for (name, value) in params {
        context.update(name.as_bytes());
        context.update(value.as_bytes());
    }
    STANDARD.encode(context.sign().as_ref())
}
