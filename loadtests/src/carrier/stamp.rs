//! Wall-clock stamps in the form the carrier's callbacks carry (RFC 2822, always UTC).

use std::time::{SystemTime, UNIX_EPOCH};

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Seconds since 1970 now; 0 if the machine's clock is before that.
pub(crate) fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// `Tue, 31 Dec 2024 23:59:59 +0000`.
pub(crate) fn rfc2822(epoch_s: u64) -> String {
    let (day_count, in_day) = (epoch_s / 86_400, epoch_s % 86_400);
    let (year, month, day) = civil(day_count);
    let weekday = DAYS.get(usize::try_from(day_count % 7).unwrap_or(0)).copied().unwrap_or("Thu");
    let month = MONTHS.get(month).copied().unwrap_or("Jan");
    let (hour, minute, second) = (in_day / 3_600, in_day % 3_600 / 60, in_day % 60);
    format!("{weekday}, {day:02} {month} {year} {hour:02}:{minute:02}:{second:02} +0000")
}

/// Seconds since 1970 of `YYYY-MM-DD` or `YYYY-MM-DDThh:mm:ssZ`.
pub(crate) fn read(text: &str) -> Option<u64> {
    let (date, time) = text.split_once('T').unwrap_or((text, "00:00:00Z"));
    let mut date = date.splitn(3, '-').map(|part| part.parse::<u64>().ok());
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let mut time = time.strip_suffix('Z')?.splitn(3, ':').map(|part| part.split('.').next()?.parse::<u64>().ok());
    let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
    let in_range = (1970..10_000).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    if !in_range || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    // As in `civil`, years begin in March.
    let (year, from_march) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    let in_era = year % 400 * 365 + year % 400 / 4 - year % 400 / 100 + (153 * from_march + 2) / 5 + day - 1;
    let day_count = (year / 400 * 146_097 + in_era).checked_sub(719_468)?;
    Some(day_count * 86_400 + hour * 3_600 + minute * 60 + second)
}

/// Year, month (0 to 11) and day (from 1) of a day counted from 1970-01-01, in the Gregorian calendar.
fn civil(day_count: u64) -> (u64, usize, u64) {
    // Days are counted from 1 March of year 0, so that a leap day is the last of its year.
    let from_march = day_count + 719_468;
    let (era, in_era) = (from_march / 146_097, from_march % 146_097);
    let year_of_era = (in_era - in_era / 1_460 + in_era / 36_524 - in_era / 146_096) / 365;
    let in_year = in_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * in_year + 2) / 153;
    let day = in_year - (153 * shifted_month + 2) / 5 + 1;
    let month = (shifted_month + 2) % 12;
    let year = era * 400 + year_of_era + u64::from(month < 2);
    (year, usize::try_from(month).unwrap_or(0), day)
}

#[cfg(test)]
mod tests {
    use super::{read, rfc2822};

    #[test]
    fn dates_of_a_listing_are_read() {
        assert_eq!(read("1970-01-01"), Some(0));
        assert_eq!(read("2000-02-29T00:00:00Z"), Some(951_782_400));
        assert_eq!(read("2024-12-31T23:59:59Z"), Some(1_735_689_599));
        assert_eq!(read("2024-12-31T23:59:59.250Z"), Some(1_735_689_599));
        for wrong in ["", "2024-13-01", "2024-01-00", "yesterday", "2024-01-01T25:00:00Z", "2024-01-01 10:00"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn known_moments_are_written_as_the_standard_says() {
        assert_eq!(rfc2822(0), "Thu, 01 Jan 1970 00:00:00 +0000");
        assert_eq!(rfc2822(951_782_400), "Tue, 29 Feb 2000 00:00:00 +0000");
        assert_eq!(rfc2822(1_735_689_599), "Tue, 31 Dec 2024 23:59:59 +0000");
    }
}
