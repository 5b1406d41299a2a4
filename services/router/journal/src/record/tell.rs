//! What a value looks like to people: one tree for the text line and the JSON line.
//!
//! Ids and names are told in clear; of a sealed field only its key slot.

use holdfast_core::contacts::Contacts;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write};
use std::sync::Arc;

/// A value as it is told.
pub(super) enum Told {
    /// Nothing there.
    Absent,
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Number(i128),
    /// A name, an id or a choice.
    Text(String),
    /// Something sealed in this key slot.
    Sealed(u64),
    /// Several of a kind.
    List(Vec<Told>),
    /// Values under keys.
    Map(Vec<(String, Told)>),
    /// Named fields.
    Fields(Vec<(&'static str, Told)>),
}

/// A value that can be told to people.
pub(super) trait Tell {
    /// The value as it is told.
    fn tell(&self) -> Told;
}

macro_rules! number {
    ($($kind:ty),+) => {$(
        impl Tell for $kind {
            fn tell(&self) -> Told {
                Told::Number(i128::from(*self))
            }
        }
    )+};
}
number!(u8, u16, u32, u64, i64);

impl Tell for bool {
    fn tell(&self) -> Told {
        Told::Flag(*self)
    }
}
impl Tell for String {
    fn tell(&self) -> Told {
        Told::Text(self.clone())
    }
}
impl Tell for Arc<str> {
    fn tell(&self) -> Told {
        Told::Text(self.as_ref().to_owned())
    }
}
impl<T: Tell> Tell for Option<T> {
    fn tell(&self) -> Told {
        self.as_ref().map_or(Told::Absent, Tell::tell)
    }
}
impl<T: Tell> Tell for Box<T> {
    fn tell(&self) -> Told {
        T::tell(self)
    }
}
impl<T: Tell> Tell for Vec<T> {
    fn tell(&self) -> Told {
        Told::List(self.iter().map(Tell::tell).collect())
    }
}
impl<T: Tell> Tell for BTreeSet<T> {
    fn tell(&self) -> Told {
        Told::List(self.iter().map(Tell::tell).collect())
    }
}
impl<K: Tell, V: Tell> Tell for BTreeMap<K, V> {
    fn tell(&self) -> Told {
        Told::Map(self.iter().map(|(key, value)| (key.tell().as_key(), value.tell())).collect())
    }
}
impl Tell for Contacts {
    fn tell(&self) -> Told {
        Told::Map(self.iter().map(|(id, contact)| (id.tell().as_key(), contact.tell())).collect())
    }
}
impl<A: Tell, B: Tell> Tell for (A, B) {
    fn tell(&self) -> Told {
        Told::List(vec![self.0.tell(), self.1.tell()])
    }
}

impl Told {
    /// The value as the key of a map: fields joined by a stroke, as in `region/need/channel`.
    fn as_key(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Fields(fields) => {
                let parts: Vec<String> = fields.iter().map(|(_, value)| value.as_key()).collect();
                parts.join("/")
            }
            Self::Absent | Self::Flag(_) | Self::Number(_) | Self::Sealed(_) | Self::List(_) | Self::Map(_) => {
                self.to_string()
            }
        }
    }

    /// Appends the value as JSON.
    pub(super) fn write_json(&self, out: &mut String) {
        match self {
            Self::Absent => out.push_str("null"),
            Self::Flag(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Self::Number(number) => out.push_str(&number.to_string()),
            Self::Text(text) => write_json_text(text, out),
            Self::Sealed(slot) => Self::Fields(vec![("sealed_in_slot", slot.tell())]).write_json(out),
            Self::List(list) => {
                out.push('[');
                for (index, value) in list.iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { "," });
                    value.write_json(out);
                }
                out.push(']');
            }
            Self::Map(map) => write_json_object(map.iter().map(|(key, value)| (key.as_str(), value)), out),
            Self::Fields(fields) => write_json_object(fields.iter().map(|(key, value)| (*key, value)), out),
        }
    }
}

impl fmt::Display for Told {
    /// The value on one line, with absent fields left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("none"),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write_word(text, f),
            Self::Sealed(slot) => write!(f, "<sealed in slot {slot}>"),
            Self::List(list) => {
                f.write_char('[')?;
                for (index, value) in list.iter().enumerate() {
                    f.write_str(if index == 0 { "" } else { " " })?;
                    write!(f, "{value}")?;
                }
                f.write_char(']')
            }
            Self::Map(map) => write_fields(map.iter().map(|(key, value)| (key.as_str(), value)), f),
            Self::Fields(fields) => write_fields(fields.iter().map(|(key, value)| (*key, value)), f),
        }
    }
}

fn write_fields<'a>(fields: impl Iterator<Item = (&'a str, &'a Told)>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_char('{')?;
    for (index, (key, value)) in fields.filter(|(_, value)| !matches!(value, Told::Absent)).enumerate() {
        f.write_str(if index == 0 { "" } else { " " })?;
        write_word(key, f)?;
        write!(f, "={value}")?;
    }
    f.write_char('}')
}

/// A word as it is, or in quotes where it could be taken for something else, break the line or steer a terminal.
fn write_word(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let plain = |c: char| c.is_alphanumeric() || "-_.+@:/*#".contains(c);
    if !text.is_empty() && text.chars().all(plain) { f.write_str(text) } else { write!(f, "{text:?}") }
}

fn write_json_object<'a>(fields: impl Iterator<Item = (&'a str, &'a Told)>, out: &mut String) {
    out.push('{');
    for (index, (key, value)) in fields.enumerate() {
        out.push_str(if index == 0 { "" } else { "," });
        write_json_text(key, out);
        out.push(':');
        value.write_json(out);
    }
    out.push('}');
}

fn write_json_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}
