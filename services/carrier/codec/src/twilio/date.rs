//! The carrier's way to write a moment, `Fri, 27 Nov 2026 07:15:09 +0000`, as seconds since 1970.
//!
//! Always universal time at this carrier; any other offset, and any other shape, is not read.

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Seconds since 1970; `None` when the text is not such a moment between 1970 and 9999.
#[must_use]
pub fn read(text: &str) -> Option<u64> {
    let (_, date) = text.split_once(", ")?;
    let mut parts = date.split(' ');
    let day = number(parts.next()?, 1, 31)?;
    let month = parts.next()?;
    let month = (1..).zip(MONTHS).find(|(_, name)| *name == month)?.0;
    let year = number(parts.next()?, 1970, 9999)?;
    let mut clock = parts.next()?.split(':');
    let (hour, minute) = (number(clock.next()?, 0, 23)?, number(clock.next()?, 0, 59)?);
    let second = number(clock.next()?, 0, 60)?;
    let universal = matches!(parts.next()?, "+0000" | "GMT" | "UTC");
    let whole = universal && parts.next().is_none() && clock.next().is_none();
    whole.then(|| days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second)
}

fn number(text: &str, least: u64, most: u64) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|number| digits && (least..=most).contains(number))
}

/// Days since 1970 in the Gregorian calendar. Years begin in March, so that the leap day is a year's last.
fn days(year: u64, month: u64, day: u64) -> u64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let before = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    // From the first of March of the year 0 to the first of January 1970.
    before - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_moments_and_nothing_else() {
        for (text, seconds) in [
            ("Thu, 01 Jan 1970 00:00:00 +0000", 0),
            ("Tue, 29 Feb 2000 23:59:59 +0000", 951_868_799),
            ("Fri, 27 Nov 2026 07:15:09 +0000", 1_795_763_709),
            ("Mon, 01 Mar 2100 00:00:00 GMT", 4_107_542_400),
        ] {
            assert_eq!(read(text), Some(seconds), "{text}");
        }
        for text in [
            "",
            "Fri, 27 Nov 2026",
            "2026-11-27T07:15:09Z",
            "Fri, 27 Nov 2026 07:15:09 +0100",
            "Fri, 27 Nov 2026 07:15:09 +0000 x",
            "Fri, 27 Nov 2026 07:15:09:1 +0000",
            "Fri, 32 Nov 2026 07:15:09 +0000",
            "Fri, +7 Nov 2026 07:15:09 +0000",
            "Fri, 27 NOV 2026 07:15:09 +0000",
            "Fri, 27 Nov 1969 07:15:09 +0000",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
