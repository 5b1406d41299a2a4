//! What belongs to a person: numbers, addresses, pressed digits, written words. None of them can be printed by accident.
//!
//! Debug says only which kind of thing it is. There is no Display. `expose()` is the one way to the content, so that every
//! place that reads it can be found by name. Comparison and hashing are allowed: they are needed and show nothing.

use std::fmt;

use crate::number;

/// A telephone number in E.164, or a short code of 3 to 6 digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(String);

/// The text is not a telephone number. Says nothing of what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a telephone number, write it as +1 and ten digits or with its country code")]
pub struct NotANumber;

impl PhoneNumber {
    /// Reads and normalises a number, see [`number::normalize`].
    ///
    /// # Errors
    /// [`NotANumber`] when the text is not one.
    pub fn parse(text: &str) -> Result<Self, NotANumber> {
        number::normalize(text).map(Self).ok_or(NotANumber)
    }

    /// The number's text. Only for a carrier request or a sealed field.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The NANP area code, if it has one.
    #[must_use]
    pub fn area_code(&self) -> Option<u16> {
        number::area_code(&self.0)
    }

    /// The NANP exchange, if it has one.
    #[must_use]
    pub fn exchange(&self) -> Option<u16> {
        number::exchange(&self.0)
    }
}

/// Where a leg can be dialed, or what a call was made to: a number or a SIP address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Address {
    /// A telephone number.
    Phone(PhoneNumber),
    /// A SIP address, `sip:` or `sips:`, printable ASCII without spaces, at most 255 bytes.
    Sip(Words),
}

/// The text is neither a number nor a SIP address. Says nothing of what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("neither a telephone number nor a sip: address")]
pub struct NotAnAddress;

impl Address {
    /// Reads a number or a SIP address.
    ///
    /// # Errors
    /// [`NotAnAddress`] when the text is neither.
    pub fn parse(text: &str) -> Result<Self, NotAnAddress> {
        let text = text.trim();
        let sip = text.starts_with("sip:") || text.starts_with("sips:");
        if sip {
            let fits = text.len() <= 255 && text.bytes().all(|b| b.is_ascii_graphic()) && text.contains('@');
            return if fits { Ok(Self::Sip(Words::new(text))) } else { Err(NotAnAddress) };
        }
        PhoneNumber::parse(text).map(Self::Phone).map_err(|NotANumber| NotAnAddress)
    }

    /// The address's text. Only for a carrier request or a sealed field.
    #[must_use]
    pub fn expose(&self) -> &str {
        match self {
            Self::Phone(number) => number.expose(),
            Self::Sip(address) => address.expose(),
        }
    }
}

/// Text a person wrote, or text about them.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Words(String);

impl Words {
    /// Wraps the text as it is.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself. Only for a carrier request or a sealed field.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Keys a person pressed: `0-9 * # A-D`, and `w` for a pause when we send them. Empty: they were asked and pressed nothing.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Digits(String);

impl Digits {
    /// The most digits taken at once.
    pub const MAX: usize = 32;

    /// Reads pressed keys; `None` when too many or not keys.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let keys = |b: u8| matches!(b, b'0'..=b'9' | b'*' | b'#' | b'A'..=b'D' | b'w');
        (text.len() <= Self::MAX && text.bytes().all(keys)).then(|| Self(text.to_owned()))
    }

    /// The keys themselves.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether nothing was pressed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneNumber(…)")
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Words(…)")
    }
}

impl fmt::Debug for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digits(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        let address = Address::parse("sip:jo@example.org").unwrap();
        let shown = format!(
            "{:?} {:?} {:?}",
            PhoneNumber::parse("+14155550100").unwrap(),
            address,
            Digits::parse("1#").unwrap()
        );
        assert_eq!(shown, "PhoneNumber(…) Sip(Words(…)) Digits(…)");
    }

    #[test]
    fn addresses() {
        assert_eq!(Address::parse("4155550100").unwrap().expose(), "+14155550100");
        assert!(Address::parse("sip:no-host").is_err());
        assert!(Address::parse("sip:a b@c").is_err());
        assert!(Address::parse("client:jo").is_err());
        assert!(Digits::parse(&"1".repeat(33)).is_none());
    }
}
