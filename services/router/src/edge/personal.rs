//! Text that identifies or quotes a person. It cannot be printed, and its memory is wiped when it is dropped.

use std::fmt;
use zeroize::Zeroizing;

/// A number, an address or words.
#[derive(Clone, PartialEq, Eq)]
pub struct Personal(Zeroizing<String>);

impl Personal {
    /// Takes text into keeping.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text, for sealing or for the one who may see it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The area code of a North American number, if it is one.
    #[must_use]
    pub fn area_code(&self) -> Option<u16> {
        let digits: String = self.0.chars().filter(char::is_ascii_digit).collect();
        let national = match (self.0.starts_with('+'), digits.len()) {
            (_, 11) if digits.starts_with('1') => digits.get(1..4)?,
            (false, 10) => digits.get(0..3)?,
            _ => return None,
        };
        national.parse().ok().filter(|code| (200..=999).contains(code))
    }
}

impl fmt::Debug for Personal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<personal>")
    }
}

#[cfg(test)]
mod tests {
    use super::Personal;

    #[test]
    fn only_north_american_numbers_have_an_area_code() {
        let code = |text: &str| Personal::new(text.to_owned()).area_code();
        assert_eq!(code("+12065550100"), Some(206));
        assert_eq!(code("2065550100"), Some(206));
        assert_eq!(code("+442079460000"), None);
        assert_eq!(code("+11065550100"), None);
        assert_eq!(code("anonymous"), None);
        assert_eq!(code(""), None);
    }

    #[test]
    fn it_cannot_be_printed() {
        let number = Personal::new("+12065550100".to_owned());
        assert_eq!(format!("{number:?}"), "<personal>");
    }
}
