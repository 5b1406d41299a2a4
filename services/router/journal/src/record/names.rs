//! Ids, names, moments and ciphertext: the smallest things a field can hold.

use super::DecodeError;
use super::field::{Field, required};
use super::tell::{Tell, Told};
use holdfast_core::id::{
    AccountId, CenterId, ContactId, CounselorId, Language, LineId, NeedId, NetworkId, PeerType, PersonId, RegionId,
    RequestId, SkillId,
};
use holdfast_core::sealed::{KeySlot, Sealed};
use holdfast_core::time::Timestamp;
use holdfast_proto::journal::v1;
use prost::bytes::Bytes;
use std::sync::Arc;

/// Ids of 128 bits: 16 bytes, big-endian, and 32 hexadecimal digits for people.
macro_rules! id {
    ($($kind:ident),+) => {$(
        impl Field<Bytes> for $kind {
            fn store(&self) -> Bytes {
                Bytes::copy_from_slice(&self.0.to_be_bytes())
            }
            fn load(wire: Bytes, field: &'static str) -> Result<Self, DecodeError> {
                let bytes = <[u8; 16]>::try_from(wire.as_ref()).map_err(|_| DecodeError::Malformed { field })?;
                Ok(Self(u128::from_be_bytes(bytes)))
            }
        }
        impl Tell for $kind {
            fn tell(&self) -> Told {
                Told::Text(self.to_string())
            }
        }
    )+};
}
id!(ContactId, PersonId, RequestId);

/// A row of bits: 16 bytes, big-endian.
impl Field<Bytes> for u128 {
    fn store(&self) -> Bytes {
        Bytes::copy_from_slice(&self.to_be_bytes())
    }
    fn load(wire: Bytes, field: &'static str) -> Result<Self, DecodeError> {
        let bytes = <[u8; 16]>::try_from(wire.as_ref()).map_err(|_| DecodeError::Malformed { field })?;
        Ok(Self::from_be_bytes(bytes))
    }
}
impl Tell for u128 {
    fn tell(&self) -> Told {
        Told::Text(format!("{self:b}"))
    }
}

/// Names, as they are. An empty one is the writer's business: what was written must be readable.
macro_rules! name {
    ($($kind:ident),+) => {$(
        impl Field<String> for $kind {
            fn store(&self) -> String {
                self.as_str().to_owned()
            }
            fn load(wire: String, _: &'static str) -> Result<Self, DecodeError> {
                Ok(Self::from(wire.as_str()))
            }
        }
        impl Tell for $kind {
            fn tell(&self) -> Told {
                Told::Text(self.as_str().to_owned())
            }
        }
    )+};
}
name!(AccountId, CenterId, CounselorId, Language, LineId, NeedId, NetworkId, PeerType, RegionId, SkillId);

impl Field<String> for Arc<str> {
    fn store(&self) -> String {
        self.as_ref().to_owned()
    }
    fn load(wire: String, _: &'static str) -> Result<Self, DecodeError> {
        Ok(Self::from(wire))
    }
}

/// A number in a type of its own.
macro_rules! number {
    ($($kind:ident),+) => {$(
        impl Field<u64> for $kind {
            fn store(&self) -> u64 {
                self.0
            }
            fn load(wire: u64, _: &'static str) -> Result<Self, DecodeError> {
                Ok(Self(wire))
            }
        }
        impl Tell for $kind {
            fn tell(&self) -> Told {
                Told::Number(self.0.into())
            }
        }
    )+};
}
number!(KeySlot, Timestamp);

impl Field<v1::Sealed> for Sealed {
    fn store(&self) -> v1::Sealed {
        let Self { slot, ciphertext } = self;
        v1::Sealed { slot: slot.store(), ciphertext: Bytes::copy_from_slice(ciphertext) }
    }
    fn load(wire: v1::Sealed, _: &'static str) -> Result<Self, DecodeError> {
        let v1::Sealed { slot, ciphertext } = wire;
        Ok(Self { slot: KeySlot(slot), ciphertext: Arc::from(ciphertext.as_ref()) })
    }
}
required!(Sealed => v1::Sealed);

impl Tell for Sealed {
    fn tell(&self) -> Told {
        Told::Sealed(self.slot.0)
    }
}
