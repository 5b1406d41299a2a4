//! The `grpc-timeout` header, read and written.

use std::time::Duration;

use http::{HeaderMap, HeaderValue};

const HEADER: &str = "grpc-timeout";

/// Digits in the header's number, at most, by the gRPC specification; it also keeps the arithmetic from overflowing.
const DIGITS_MAX: usize = 8;

/// How long the client waits, as its header says. A malformed header counts as none, as in tonic.
pub(crate) fn client_patience(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(HEADER)?.to_str().ok()?;
    let digits = text.get(..text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > DIGITS_MAX || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: u64 = digits.parse().ok()?;
    match text.get(digits.len()..)? {
        "H" => Some(Duration::from_secs(number * 3_600)),
        "M" => Some(Duration::from_secs(number * 60)),
        "S" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_millis(number)),
        "u" => Some(Duration::from_micros(number)),
        "n" => Some(Duration::from_nanos(number)),
        _ => None,
    }
}

/// Writes the header in the finest unit whose number has eight digits.
pub(crate) fn write_patience(headers: &mut HeaderMap, patience: Duration) {
    const LARGEST: u128 = 99_999_999;
    let (number, unit) =
        [(patience.as_micros(), 'u'), (patience.as_millis(), 'm'), (u128::from(patience.as_secs()), 'S')]
            .into_iter()
            .find(|(number, _)| *number <= LARGEST)
            .unwrap_or((LARGEST, 'S'));
    if let Ok(value) = HeaderValue::try_from(format!("{number}{unit}")) {
        headers.insert(HEADER, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &'static str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, HeaderValue::from_static(text));
        client_patience(&headers)
    }

    #[test]
    fn each_unit_is_read() {
        assert_eq!(read("3H"), Some(Duration::from_secs(10_800)));
        assert_eq!(read("2M"), Some(Duration::from_secs(120)));
        assert_eq!(read("5S"), Some(Duration::from_secs(5)));
        assert_eq!(read("70m"), Some(Duration::from_millis(70)));
        assert_eq!(read("99999999u"), Some(Duration::from_micros(99_999_999)));
        assert_eq!(read("0n"), Some(Duration::ZERO));
    }

    #[test]
    fn what_is_malformed_counts_as_none() {
        for text in ["", "S", "12", "999999999S", "1x", "-1S", "+1S", " 1S", "1.5S"] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }

    #[test]
    fn what_is_written_is_read_back_never_longer() {
        let mut headers = HeaderMap::new();
        for patience in [
            Duration::ZERO,
            Duration::from_micros(1),
            Duration::from_millis(1_999),
            Duration::from_secs(100),
            Duration::from_secs(86_400 * 30),
            Duration::MAX,
        ] {
            write_patience(&mut headers, patience);
            let read = client_patience(&headers).unwrap();
            assert!(read <= patience && (patience - read < Duration::from_secs(1) || patience == Duration::MAX));
        }
    }
}
