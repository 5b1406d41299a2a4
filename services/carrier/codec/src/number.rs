//! North American numbers by hand: to E.164, and the area code and exchange used for geo-routing.
//!
//! Left out: the numbering of other countries (an E.164 number from elsewhere passes through unchanged) and any lookup of
//! which area codes exist.

/// Brings a dialled or carrier-given number to one spelling.
///
/// * `+` and 7 to 15 digits is E.164 already; a `+1` number must then be a well-formed NANP number.
/// * 10 digits, or 11 beginning with 1, are NANP when area code and exchange begin with 2 to 9.
/// * 3 to 6 digits are a short code (988, a text short code) and stay bare.
///
/// Spaces, dots, hyphens and parentheses are dropped. `None` when the text is none of these.
#[must_use]
pub fn normalize(text: &str) -> Option<String> {
    let mut digits = String::with_capacity(16);
    let mut plus = false;
    for (at, c) in text.trim().chars().enumerate() {
        match c {
            '+' if at == 0 => plus = true,
            '0'..='9' if digits.len() < 15 => digits.push(c),
            ' ' | '.' | '-' | '(' | ')' => {}
            _ => return None,
        }
    }
    match (plus, digits.len()) {
        (true, _) if digits.starts_with('1') => nanp(digits.strip_prefix('1')?),
        (true, 7..=15) => Some(format!("+{digits}")),
        (false, 10) => nanp(&digits),
        (false, 11) => nanp(digits.strip_prefix('1')?),
        (false, 3..=6) => Some(digits),
        _ => None,
    }
}

fn nanp(national: &str) -> Option<String> {
    let well_formed = national.len() == 10
        && national.starts_with(|c: char| ('2'..='9').contains(&c))
        && national.get(3..)?.starts_with(|c: char| ('2'..='9').contains(&c));
    well_formed.then(|| format!("+1{national}"))
}

/// The three-digit NANP area code of an E.164 number, or `None` for a number from elsewhere or a short code.
#[must_use]
pub fn area_code(e164: &str) -> Option<u16> {
    national(e164)?.get(..3)?.parse().ok()
}

/// The three-digit NANP exchange (the digits after the area code), or `None` as for [`area_code`].
#[must_use]
pub fn exchange(e164: &str) -> Option<u16> {
    national(e164)?.get(3..6)?.parse().ok()
}

fn national(e164: &str) -> Option<&str> {
    e164.strip_prefix("+1").filter(|n| n.len() == 10 && n.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling() {
        for text in ["+14155550100", "14155550100", "4155550100", "(415) 555-0100", "415.555.0100", " +1 415-555-0100 "]
        {
            assert_eq!(normalize(text).as_deref(), Some("+14155550100"), "{text}");
        }
        assert_eq!(normalize("988").as_deref(), Some("988"));
        assert_eq!(normalize("+442079460000").as_deref(), Some("+442079460000"));
    }

    #[test]
    fn refuses_what_is_no_number() {
        let long = "1".repeat(40);
        for text in [
            "",
            "+",
            "anonymous",
            "0155550100",
            "+11155550100",
            "4151550100",
            "24155550100",
            "12",
            "4+155",
            &long,
            "٣٤٥٦",
        ] {
            assert_eq!(normalize(text), None, "{text}");
        }
    }

    #[test]
    fn region_digits() {
        assert_eq!((area_code("+14155550100"), exchange("+14155550100")), (Some(415), Some(555)));
        assert_eq!((area_code("+442079460000"), exchange("988")), (None, None));
    }
}
