//! Who may speak: bearer tokens, the principals behind them and the gate in front of every rpc.
//!
//! Tokens are kept as SHA-256 only and looked up by that hash, so neither the table nor the time a lookup takes says
//! anything of a token. What a role may do is each service's own decision: it asks [`principal`] and judges. Tokens
//! have 256 random bits, so a slow password hash would buy nothing.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use tonic::Status;

use crate::settings::Secret;

pub use crate::bearer::{AccessLayer, AccessService, Bearer, MalformedToken, bearer_token};

/// Principals in one table, at most. Ten times the counselors of the whole 988 network; one more is a settings mistake.
pub const PRINCIPALS_MAX: usize = 100_000;

/// Bytes in a principal's name, at most; it is written into every event the principal causes.
pub const NAME_BYTES_MAX: usize = 64;

/// Bytes in a bearer token, at most. Ours have 43; the rest is room for tokens made elsewhere.
pub const TOKEN_BYTES_MAX: usize = 512;

/// Random bytes in a generated token.
const TOKEN_RANDOM_BYTES: usize = 32;

/// Which of our services a service principal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ServiceKind {
    /// The carrier service: webhooks in, call control out.
    Carrier,
    /// The desk service: counselors' and peers' sessions.
    Desk,
    /// The handoff service: warm handoffs for whoever is not at a desk of ours.
    Handoff,
    /// The dashboard service: folds committed events and writes nothing.
    Dashboard,
    /// The router service: the one writer.
    Router,
}

/// What a principal is. What it may do is decided where the request is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Role {
    /// A trained crisis counselor.
    Counselor,
    /// A peer supporter with lived experience.
    Peer,
    /// A supervisor of counselors or peers.
    Supervisor,
    /// Watches and steers the network.
    Operator,
    /// Changes plans, principals and settings.
    Administrator,
    /// One of our own services.
    Service(ServiceKind),
}

impl Role {
    /// Every role, in the order of their declaration.
    pub const ALL: [Self; 10] = [
        Self::Counselor,
        Self::Peer,
        Self::Supervisor,
        Self::Operator,
        Self::Administrator,
        Self::Service(ServiceKind::Carrier),
        Self::Service(ServiceKind::Desk),
        Self::Service(ServiceKind::Handoff),
        Self::Service(ServiceKind::Dashboard),
        Self::Service(ServiceKind::Router),
    ];

    /// The stable lowercase name, as in settings, on the wire and in metric labels.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Counselor => "counselor",
            Self::Peer => "peer",
            Self::Supervisor => "supervisor",
            Self::Operator => "operator",
            Self::Administrator => "administrator",
            Self::Service(ServiceKind::Carrier) => "carrier",
            Self::Service(ServiceKind::Desk) => "desk",
            Self::Service(ServiceKind::Handoff) => "handoff",
            Self::Service(ServiceKind::Dashboard) => "dashboard",
            Self::Service(ServiceKind::Router) => "router",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A role name that is none of [`Role::ALL`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown role `{0}`; use counselor, peer, supervisor, operator, administrator, carrier, desk, handoff, \
     dashboard or router"
)]
pub struct UnknownRole(pub String);

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(name: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.name() == name).ok_or_else(|| UnknownRole(name.to_owned()))
    }
}

impl TryFrom<String> for Role {
    type Error = UnknownRole;

    fn try_from(name: String) -> Result<Self, UnknownRole> {
        name.parse()
    }
}

impl From<Role> for String {
    fn from(role: Role) -> Self {
        role.name().to_owned()
    }
}

/// Who sent a request. Put into the request's extensions by [`AccessLayer`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Principal {
    /// Unique in its table; 1 to [`NAME_BYTES_MAX`] bytes, printable. For counselors the id used in the plan.
    pub name: String,
    /// What the principal is.
    pub role: Role,
}

/// One principal as written in the settings file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrincipalSettings {
    /// Unique name, 1 to [`NAME_BYTES_MAX`] printable bytes.
    pub name: String,
    /// A role name, see [`Role::name`].
    pub role: String,
    /// SHA-256 of the token in hex (64 digits), as printed by [`hash_token`]. The token itself is never in a settings file.
    pub token_sha256: String,
}

/// Why principals do not make a table. The table that was in force, if any, stays.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AccessError {
    /// Two principals share a name.
    #[error("principal `{name}` is listed twice; give each its own name")]
    DuplicateName {
        /// The shared name.
        name: String,
    },
    /// Two principals share a token, so that events could not say who acted.
    #[error("principals `{first}` and `{second}` share a token; generate one for each")]
    DuplicateToken {
        /// Listed first.
        first: String,
        /// Listed later.
        second: String,
    },
    /// The hash is not 64 hex digits.
    #[error("token_sha256 of principal `{name}` is not 64 hex digits; print it with `holdfast token`")]
    MalformedHash {
        /// Whose hash.
        name: String,
    },
    /// The name is empty, too long or unprintable.
    #[error("principal name {name:?} must have 1 to {NAME_BYTES_MAX} printable bytes")]
    MalformedName {
        /// The name as given.
        name: String,
    },
    /// The role is none of ours.
    #[error("principal `{name}`: {source}")]
    UnknownRole {
        /// Whose role.
        name: String,
        /// The role as given and the ones there are.
        source: UnknownRole,
    },
    /// More than [`PRINCIPALS_MAX`].
    #[error("{count} principals are more than {PRINCIPALS_MAX}")]
    TooMany {
        /// How many were given.
        count: usize,
    },
}

type Hash = [u8; 32];

/// The principals of this process by the hash of their token. Clones share one table, so [`AccessTable::replace`] is
/// seen by every layer at once.
#[derive(Clone, Default)]
pub struct AccessTable {
    by_hash: Arc<RwLock<Arc<HashMap<Hash, Principal>>>>,
}

impl AccessTable {
    /// Builds a table.
    ///
    /// # Errors
    /// See [`AccessError`]; the first mistake found, in the order of `entries`.
    pub fn new(entries: &[PrincipalSettings]) -> Result<Self, AccessError> {
        Ok(Self { by_hash: Arc::new(RwLock::new(Arc::new(index(entries)?))) })
    }

    /// Puts `entries` in force for all clones; requests already let in keep their principal. Idempotent.
    ///
    /// # Errors
    /// As [`AccessTable::new`]; then the old table stays in force.
    pub fn replace(&self, entries: &[PrincipalSettings]) -> Result<(), AccessError> {
        let fresh = Arc::new(index(entries)?);
        *self.by_hash.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// The principal a bearer token belongs to, if any. The token is hashed first, so the time taken depends on its
    /// hash alone. Tokens over [`TOKEN_BYTES_MAX`] belong to nobody.
    #[must_use]
    pub fn lookup(&self, token: &str) -> Option<Principal> {
        if token.len() > TOKEN_BYTES_MAX {
            return None;
        }
        let table = Arc::clone(&self.by_hash.read().unwrap_or_else(PoisonError::into_inner));
        table.get(&sha256(token)).cloned()
    }

    /// How many principals are in force.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_hash.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether nobody may speak.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl fmt::Debug for AccessTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessTable").field("principals", &self.len()).finish()
    }
}

fn index(entries: &[PrincipalSettings]) -> Result<HashMap<Hash, Principal>, AccessError> {
    if entries.len() > PRINCIPALS_MAX {
        return Err(AccessError::TooMany { count: entries.len() });
    }
    let mut names = HashSet::with_capacity(entries.len());
    let mut by_hash: HashMap<Hash, Principal> = HashMap::with_capacity(entries.len());
    for entry in entries {
        let name = entry.name.clone();
        if name.is_empty() || name.len() > NAME_BYTES_MAX || name.chars().any(char::is_control) {
            return Err(AccessError::MalformedName { name });
        }
        if !names.insert(entry.name.as_str()) {
            return Err(AccessError::DuplicateName { name });
        }
        let role = match entry.role.parse() {
            Ok(role) => role,
            Err(source) => return Err(AccessError::UnknownRole { name, source }),
        };
        let Some(hash) = parse_hash(&entry.token_sha256) else {
            return Err(AccessError::MalformedHash { name });
        };
        if let Some(first) = by_hash.get(&hash) {
            return Err(AccessError::DuplicateToken { first: first.name.clone(), second: name });
        }
        by_hash.insert(hash, Principal { name, role });
    }
    Ok(by_hash)
}

fn parse_hash(hex: &str) -> Option<Hash> {
    let digits = hex.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut hash = [0; 32];
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        let high = char::from(*pair.first()?).to_digit(16)?;
        let low = char::from(*pair.last()?).to_digit(16)?;
        *byte = u8::try_from(high * 16 + low).ok()?;
    }
    Some(hash)
}

fn sha256(token: &str) -> Hash {
    let mut hash = [0; 32];
    for (byte, out) in digest(&SHA256, token.as_bytes()).as_ref().iter().zip(hash.iter_mut()) {
        *out = *byte;
    }
    hash
}

/// The operating system gave no random bytes. Nothing was made; try again, and look at the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no random bytes")]
pub struct RandomnessError;

/// A new token: 32 random bytes as 43 characters of base64url.
///
/// # Errors
/// [`RandomnessError`] if the system's random source fails.
pub fn generate_token() -> Result<Secret, RandomnessError> {
    let mut bytes = zeroize::Zeroizing::new([0_u8; TOKEN_RANDOM_BYTES]);
    SystemRandom::new().fill(bytes.as_mut_slice()).map_err(|_| RandomnessError)?;
    Ok(Secret::from(URL_SAFE_NO_PAD.encode(bytes.as_slice())))
}

/// SHA-256 of a token in lowercase hex, as a settings file holds it.
#[must_use]
pub fn hash_token(token: &str) -> String {
    sha256(token).iter().fold(String::with_capacity(64), |mut hex, byte| {
        for nibble in [byte >> 4, byte & 0x0f] {
            hex.extend(char::from_digit(u32::from(nibble), 16));
        }
        hex
    })
}

/// Who sent this request, as [`AccessLayer`] found out.
///
/// # Errors
/// UNAUTHENTICATED if no layer stood in front, so that a service mounted without one serves nobody.
pub fn principal<T>(request: &tonic::Request<T>) -> Result<&Principal, Status> {
    request
        .extensions()
        .get::<Principal>()
        .ok_or_else(|| Status::unauthenticated("no principal stands behind this request"))
}
