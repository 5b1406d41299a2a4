//! Our own ids as they travel through a carrier: room names, leg labels, contact and account ids.
//!
//! A token is safe in a path, a query, XML and a log without any escaping. It never carries anything about a person.

use std::fmt;

/// The longest token, in bytes.
pub const MAX_TOKEN_BYTES: usize = 64;

/// An opaque ASCII id of ours, `[A-Za-z0-9_-]{1,64}`, that cannot be mistaken for a carrier's own id.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(String);

/// Why a string is not a [`Token`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    /// No characters at all.
    #[error("the id is empty")]
    Empty,
    /// More than [`MAX_TOKEN_BYTES`].
    #[error("the id is longer than {MAX_TOKEN_BYTES} bytes")]
    TooLong,
    /// A byte outside the alphabet.
    #[error("the id has a character outside A-Z a-z 0-9 _ - at byte {0}")]
    Alphabet(usize),
    /// Two capitals and 32 hexadecimal digits: carriers refuse such a label because it reads like one of their ids.
    #[error("the id has the shape of a carrier's own id, choose another")]
    LooksLikeCarrierId,
}

impl Token {
    /// Takes a string as a token, or says why not.
    ///
    /// # Errors
    /// [`TokenRefusal`] when the text is empty, too long, outside the alphabet or shaped like a carrier's id.
    pub fn parse(text: &str) -> Result<Self, TokenRefusal> {
        if text.is_empty() {
            return Err(TokenRefusal::Empty);
        }
        if text.len() > MAX_TOKEN_BYTES {
            return Err(TokenRefusal::TooLong);
        }
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if let Some(at) = text.bytes().position(|b| !allowed(b)) {
            return Err(TokenRefusal::Alphabet(at));
        }
        if looks_like_carrier_id(text) {
            return Err(TokenRefusal::LooksLikeCarrierId);
        }
        Ok(Self(text.to_owned()))
    }

    /// The token's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn looks_like_carrier_id(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 34
        && bytes.iter().take(2).all(u8::is_ascii_uppercase)
        && bytes.iter().skip(2).all(u8::is_ascii_hexdigit)
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({})", self.0)
    }
}

impl AsRef<str> for Token {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_our_ids_and_refuses_the_rest() {
        assert!(Token::parse("leg-01J_x").is_ok());
        assert_eq!(Token::parse(""), Err(TokenRefusal::Empty));
        assert_eq!(Token::parse("a/b"), Err(TokenRefusal::Alphabet(1)));
        assert_eq!(Token::parse("é"), Err(TokenRefusal::Alphabet(0)));
        assert!(Token::parse(&"a".repeat(64)).is_ok());
        assert_eq!(Token::parse(&"a".repeat(65)), Err(TokenRefusal::TooLong));
        assert_eq!(Token::parse(&format!("CA{}", "0".repeat(32))), Err(TokenRefusal::LooksLikeCarrierId));
        assert!(Token::parse(&"0".repeat(34)).is_ok());
    }
}
