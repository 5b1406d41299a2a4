//! Names for things: typed identifiers, so that a counselor cannot be passed where a center is meant.
//!
//! Everything that happens to one contact (offers, legs, effects) is numbered within that contact, so no counter is shared and
//! an id says by itself whose it is. Deliberately absent: any way to make a random id. Identifiers come in with commands.

use alloc::sync::Arc;
use core::fmt;

/// One person's attempt to reach the line by one channel. 128 random bits given by the router's edge, so that an id says
/// nothing about how many others there are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContactId(pub u128);

/// A person, by a random id that only the router's erasable index can tie to a number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(pub u128);

/// A command's idempotency key, chosen by whoever sends it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u128);

impl ContactId {
    /// The id of a contact that follows from this one without anybody outside giving it an id: a callback. Whoever uses it makes
    /// sure that it is free.
    #[must_use]
    pub const fn following(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}

macro_rules! hex_id {
    ($kind:ident) => {
        impl fmt::Display for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:032x}", self.0)
            }
        }
        impl fmt::Debug for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:032x}", self.0)
            }
        }
        impl core::str::FromStr for $kind {
            type Err = MalformedId;
            fn from_str(text: &str) -> Result<Self, MalformedId> {
                parse_hex(text).map(Self)
            }
        }
    };
}
hex_id!(ContactId);
hex_id!(PersonId);
hex_id!(RequestId);

/// The text is not 32 hexadecimal digits (hyphens, as in a UUID, are passed over).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an id is 32 hexadecimal digits")]
pub struct MalformedId;

fn parse_hex(text: &str) -> Result<u128, MalformedId> {
    let mut value: u128 = 0;
    let mut digits = 0_u32;
    for c in text.chars().filter(|c| *c != '-') {
        let digit = c.to_digit(16).ok_or(MalformedId)?;
        digits = digits.saturating_add(1);
        if digits > 32 {
            return Err(MalformedId);
        }
        value = (value << 4) | u128::from(digit);
    }
    if digits == 32 { Ok(value) } else { Err(MalformedId) }
}

macro_rules! name {
    ($(#[$doc:meta])* $kind:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $kind(Arc<str>);

        impl $kind {
            /// The name as the plan or the carrier gives it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl From<&str> for $kind {
            fn from(text: &str) -> Self {
                Self(Arc::from(text))
            }
        }
        impl fmt::Display for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl fmt::Debug for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}
name!(
    /// A pool of counselors with one plan: the unit of sharding and of tenancy.
    NetworkId
);
name!(
    /// A number that people call or text, as the plan names it.
    LineId
);
name!(
    /// A part of the area the network serves.
    RegionId
);
name!(
    /// What a person asked for, or what was resolved for them.
    NeedId
);
name!(
    /// An organisation that employs counselors and peers.
    CenterId
);
name!(
    /// A counselor or peer, by the name the plan gives them.
    CounselorId
);
name!(
    /// Something a counselor is trained for.
    SkillId
);
name!(
    /// A kind of peer support (substance-use, mental-health, family …), as the plan names it.
    PeerType
);
name!(
    /// A spoken or signed language, by its tag (`en`, `es`, `ase`).
    Language
);
name!(
    /// An account at a carrier, by the name the configuration gives it.
    AccountId
);

/// How the carrier names a call or conversation, within one of our accounts there. Dedupe rests on it (S12).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ExternalId {
    /// Our account at the carrier.
    pub account: AccountId,
    /// The carrier's own id.
    pub id: Arc<str>,
}

/// The nth offer of a contact, counted from 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OfferId {
    /// Whose offer.
    pub contact: ContactId,
    /// Which of that contact's offers, from 1.
    pub attempt: u32,
}

impl fmt::Display for OfferId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.contact, self.attempt)
    }
}
impl fmt::Debug for OfferId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
impl core::str::FromStr for OfferId {
    type Err = MalformedId;
    fn from_str(text: &str) -> Result<Self, MalformedId> {
        let (contact, attempt) = text.rsplit_once('-').ok_or(MalformedId)?;
        let attempt = attempt.parse().map_err(|_| MalformedId)?;
        Ok(Self { contact: contact.parse()?, attempt })
    }
}
