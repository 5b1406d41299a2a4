//! The declared bounds of what we read from a carrier, and the form parser that keeps them.
//!
//! The parser is strict where the usual ones are lenient: bad percent escapes and invalid UTF-8 are refused, because a lossy
//! reading would be signed differently from what was sent. A refusal names the field and the reason, never the value.

use std::fmt;

/// The largest body read, in bytes.
pub const MAX_BODY_BYTES: usize = 64 * 1024;
/// The most parameters in one body.
pub const MAX_PARAMETERS: usize = 128;
/// The longest decoded parameter name, in bytes.
pub const MAX_NAME_BYTES: usize = 128;
/// The longest decoded parameter value, in bytes.
pub const MAX_VALUE_BYTES: usize = 16 * 1024;
/// The most header lines on one request.
pub const MAX_HEADERS: usize = 64;
/// The longest URL verified, in bytes.
pub const MAX_URL_BYTES: usize = 4 * 1024;

/// The decoded parameters of an `application/x-www-form-urlencoded` body, in the order sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Form(Vec<(String, String)>);

/// Which field a refusal is about. Names come from the sender, so only names known in advance are repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// A field whose name we know.
    Named(&'static str),
    /// A field of unknown name, by its position from 0.
    At(usize),
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => write!(f, "field {name}"),
            Self::At(at) => write!(f, "field number {at}"),
        }
    }
}

/// Why a form was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FormRefusal {
    /// More than [`MAX_BODY_BYTES`].
    #[error("the body is larger than {MAX_BODY_BYTES} bytes")]
    BodyTooLarge,
    /// More than [`MAX_PARAMETERS`].
    #[error("the body has more than {MAX_PARAMETERS} parameters")]
    TooManyParameters,
    /// A name longer than [`MAX_NAME_BYTES`].
    #[error("the name of {0} is longer than {MAX_NAME_BYTES} bytes")]
    NameTooLong(Field),
    /// A value longer than [`MAX_VALUE_BYTES`].
    #[error("{0} is longer than {MAX_VALUE_BYTES} bytes")]
    ValueTooLong(Field),
    /// A percent sign without two hexadecimal digits after it.
    #[error("{0} has a percent sign without two hexadecimal digits")]
    BadEscape(Field),
    /// Bytes that are not UTF-8 after decoding.
    #[error("{0} is not UTF-8")]
    NotUtf8(Field),
}

/// A field that was expected once came more than once, with different values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the field is given more than once with different values")]
pub struct Repeated;

impl Form {
    /// Parses a raw body. `known` are the names a refusal may repeat.
    ///
    /// # Errors
    /// [`FormRefusal`] when a bound is passed or an encoding is broken.
    pub fn parse(raw: &[u8], known: &'static [&'static str]) -> Result<Self, FormRefusal> {
        if raw.len() > MAX_BODY_BYTES {
            return Err(FormRefusal::BodyTooLarge);
        }
        let mut pairs = Vec::new();
        for piece in raw.split(|b| *b == b'&').filter(|piece| !piece.is_empty()) {
            if pairs.len() == MAX_PARAMETERS {
                return Err(FormRefusal::TooManyParameters);
            }
            let at = Field::At(pairs.len());
            let mut halves = piece.splitn(2, |b| *b == b'=');
            let name = decode(halves.next().unwrap_or_default(), MAX_NAME_BYTES)
                .map_err(|flaw| flaw.refusal(at, FormRefusal::NameTooLong))?;
            let field = known.iter().find(|known| **known == name).map_or(at, |known| Field::Named(known));
            let value = decode(halves.next().unwrap_or_default(), MAX_VALUE_BYTES)
                .map_err(|flaw| flaw.refusal(field, FormRefusal::ValueTooLong))?;
            pairs.push((name, value));
        }
        Ok(Self(pairs))
    }

    /// The value of a field that comes at most once; the same value repeated counts as once.
    ///
    /// # Errors
    /// [`Repeated`] when it comes with different values.
    pub fn get(&self, name: &str) -> Result<Option<&str>, Repeated> {
        let mut values = self.0.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str());
        let first = values.next();
        if values.any(|other| Some(other) != first) {
            return Err(Repeated);
        }
        Ok(first)
    }

    /// All parameters in the order sent.
    #[must_use]
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// Whether there are no parameters.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Form({} parameters)", self.0.len())
    }
}

enum Flaw {
    TooLong,
    Escape,
    Utf8,
}

impl Flaw {
    fn refusal(self, field: Field, too_long: fn(Field) -> FormRefusal) -> FormRefusal {
        match self {
            Self::TooLong => too_long(field),
            Self::Escape => FormRefusal::BadEscape(field),
            Self::Utf8 => FormRefusal::NotUtf8(field),
        }
    }
}

fn decode(raw: &[u8], max_bytes: usize) -> Result<String, Flaw> {
    let mut out = Vec::with_capacity(raw.len().min(max_bytes));
    let mut rest = raw;
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        let decoded = match byte {
            b'+' => b' ',
            b'%' => {
                let (&[high, low], tail) = tail.split_first_chunk::<2>().ok_or(Flaw::Escape)?;
                rest = tail;
                hex(high).zip(hex(low)).map(|(high, low)| high << 4 | low).ok_or(Flaw::Escape)?
            }
            other => other,
        };
        if out.len() == max_bytes {
            return Err(Flaw::TooLong);
        }
        out.push(decoded);
    }
    String::from_utf8(out).map_err(|_| Flaw::Utf8)
}

fn hex(digit: u8) -> Option<u8> {
    (digit as char).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// Encodes parameters as a form body, in the order given.
#[must_use]
pub fn encode_form<N: AsRef<str>, V: AsRef<str>>(pairs: &[(N, V)]) -> String {
    let mut out = form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs {
        out.append_pair(name.as_ref(), value.as_ref());
    }
    out.finish()
}
