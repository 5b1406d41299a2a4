//! How one value of the core is stored in one field of a message, and the tables that say it for whole messages.
//!
//! The tables are exhaustive on both sides: a field or variant that the core or the wire gains does not compile until it is
//! mapped. Loading never fills in a default.

use super::DecodeError;
use std::collections::{BTreeMap, BTreeSet};

/// A value of the core that fits a field of type `Wire`.
pub(super) trait Field<Wire>: Sized {
    /// What the field holds for this value.
    fn store(&self) -> Wire;
    /// The value; `field` names it where it has no meaning.
    fn load(wire: Wire, field: &'static str) -> Result<Self, DecodeError>;
}

/// A message that holds one key and its value.
pub(super) trait Entry<Key, Value>: Sized {
    /// The entry of this key and value.
    fn of(key: &Key, value: &Value) -> Self;
    /// The key and the value of this entry.
    fn split(self) -> Result<(Key, Value), DecodeError>;
}

impl<T: Field<W>, W> Field<Option<W>> for Option<T> {
    fn store(&self) -> Option<W> {
        self.as_ref().map(Field::store)
    }
    fn load(wire: Option<W>, field: &'static str) -> Result<Self, DecodeError> {
        wire.map(|wire| T::load(wire, field)).transpose()
    }
}

impl<T: Field<W>, W> Field<W> for Box<T> {
    fn store(&self) -> W {
        T::store(self)
    }
    fn load(wire: W, field: &'static str) -> Result<Self, DecodeError> {
        T::load(wire, field).map(Self::new)
    }
}

impl<T: Field<W>, W> Field<Vec<W>> for Vec<T> {
    fn store(&self) -> Vec<W> {
        self.iter().map(Field::store).collect()
    }
    fn load(wire: Vec<W>, field: &'static str) -> Result<Self, DecodeError> {
        wire.into_iter().map(|wire| T::load(wire, field)).collect()
    }
}

impl<T: Field<W> + Ord, W> Field<Vec<W>> for BTreeSet<T> {
    fn store(&self) -> Vec<W> {
        self.iter().map(Field::store).collect()
    }
    fn load(wire: Vec<W>, field: &'static str) -> Result<Self, DecodeError> {
        let mut set = Self::new();
        for wire in wire {
            if !set.insert(T::load(wire, field)?) {
                return Err(DecodeError::Malformed { field });
            }
        }
        Ok(set)
    }
}

impl<K: Ord, V, E: Entry<K, V>> Field<Vec<E>> for BTreeMap<K, V> {
    fn store(&self) -> Vec<E> {
        self.iter().map(|(key, value)| E::of(key, value)).collect()
    }
    fn load(wire: Vec<E>, field: &'static str) -> Result<Self, DecodeError> {
        let mut map = Self::new();
        for entry in wire {
            let (key, value) = entry.split()?;
            if map.insert(key, value).is_some() {
                return Err(DecodeError::Malformed { field });
            }
        }
        Ok(map)
    }
}

/// Types whose value is the field.
macro_rules! same {
    ($($kind:ty),+) => {$(
        impl Field<$kind> for $kind {
            fn store(&self) -> $kind {
                self.clone()
            }
            fn load(wire: $kind, _: &'static str) -> Result<Self, DecodeError> {
                Ok(wire)
            }
        }
    )+};
}
same!(bool, u32, u64, i64, String);

/// Types whose value is a smaller part of a `uint32`.
macro_rules! narrow {
    ($($kind:ty),+) => {$(
        impl Field<u32> for $kind {
            fn store(&self) -> u32 {
                u32::from(*self)
            }
            fn load(wire: u32, field: &'static str) -> Result<Self, DecodeError> {
                Self::try_from(wire).map_err(|_| DecodeError::Malformed { field })
            }
        }
    )+};
}
narrow!(u8, u16);

/// Maps an enum without content to an enum of the wire, variant by variant, and tells it by the variant's name.
macro_rules! choice {
    ($core:ident: $($variant:ident),+ $(,)?) => {
        impl Field<i32> for $core {
            fn store(&self) -> i32 {
                let choice = match self {
                    $(Self::$variant => v1::$core::$variant,)+
                };
                choice.into()
            }
            fn load(wire: i32, field: &'static str) -> Result<Self, DecodeError> {
                match v1::$core::try_from(wire) {
                    $(Ok(v1::$core::$variant) => Ok(Self::$variant),)+
                    Ok(v1::$core::Unspecified) | Err(_) => Err(DecodeError::Malformed { field }),
                }
            }
        }
        impl Tell for $core {
            fn tell(&self) -> Told {
                let name = match self {
                    $(Self::$variant => stringify!($variant),)+
                };
                Told::Text(name.to_owned())
            }
        }
    };
}
pub(super) use choice;

/// Gives a type that is stored as a message the field of a message that must be there.
macro_rules! required {
    ($($core:ty => $wire:ty),+ $(,)?) => {$(
        impl Field<Option<$wire>> for $core {
            fn store(&self) -> Option<$wire> {
                Some(Field::<$wire>::store(self))
            }
            fn load(wire: Option<$wire>, field: &'static str) -> Result<Self, DecodeError> {
                Self::load(wire.ok_or(DecodeError::Malformed { field })?, field)
            }
        }
    )+};
}
pub(super) use required;

/// Maps a struct to a message. Fields of the same name first; after the semicolon those whose unit the wire names.
macro_rules! message {
    ($core:ident => $wire:ident { $($same:ident),* $(,)? $(; $($field:ident: $named:ident),+ $(,)?)? }) => {
        impl Field<v1::$wire> for $core {
            fn store(&self) -> v1::$wire {
                let Self { $($same,)* $($($field,)+)? } = self;
                v1::$wire { $($same: $same.store(),)* $($($named: $field.store(),)+)? }
            }
            fn load(wire: v1::$wire, _: &'static str) -> Result<Self, DecodeError> {
                let v1::$wire { $($same,)* $($($named,)+)? } = wire;
                Ok(Self {
                    $($same: Field::load($same, concat!(stringify!($wire), ".", stringify!($same)))?,)*
                    $($($field: Field::load($named, concat!(stringify!($wire), ".", stringify!($named)))?,)+)?
                })
            }
        }
        required!($core => v1::$wire);
        impl Tell for $core {
            fn tell(&self) -> Told {
                let Self { $($same,)* $($($field,)+)? } = self;
                Told::Fields(vec![
                    $((stringify!($same), $same.tell()),)*
                    $($((stringify!($named), $field.tell()),)+)?
                ])
            }
        }
    };
}
pub(super) use message;

/// Maps a key and its value, or its two values, to a message of a map's entries.
macro_rules! entry {
    ($wire:ident { $key:ident: $key_type:ty => $value:ident: $value_type:ty }) => {
        impl Entry<$key_type, $value_type> for v1::$wire {
            fn of($key: &$key_type, $value: &$value_type) -> Self {
                Self { $key: $key.store(), $value: $value.store() }
            }
            fn split(self) -> Result<($key_type, $value_type), DecodeError> {
                Ok((
                    Field::load(self.$key, concat!(stringify!($wire), ".", stringify!($key)))?,
                    Field::load(self.$value, concat!(stringify!($wire), ".", stringify!($value)))?,
                ))
            }
        }
    };
    ($wire:ident { $key:ident: $key_type:ty => $first:ident: $first_type:ty, $second:ident: $second_type:ty }) => {
        impl Entry<$key_type, ($first_type, $second_type)> for v1::$wire {
            fn of($key: &$key_type, ($first, $second): &($first_type, $second_type)) -> Self {
                Self { $key: $key.store(), $first: $first.store(), $second: $second.store() }
            }
            fn split(self) -> Result<($key_type, ($first_type, $second_type)), DecodeError> {
                Ok((
                    Field::load(self.$key, concat!(stringify!($wire), ".", stringify!($key)))?,
                    (
                        Field::load(self.$first, concat!(stringify!($wire), ".", stringify!($first)))?,
                        Field::load(self.$second, concat!(stringify!($wire), ".", stringify!($second)))?,
                    ),
                ))
            }
        }
    };
}
pub(super) use entry;
