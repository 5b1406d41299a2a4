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
    use super::rfc2822;

    #[test]
    fn known_moments_are_written_as_the_standard_says() {
        assert_eq!(rfc2822(0), "Thu, 01 Jan 1970 00:00:00 +0000");
        assert_eq!(rfc2822(951_782_400), "Tue, 29 Feb 2000 00:00:00 +0000");
        assert_eq!(rfc2822(1_735_689_599), "Tue, 31 Dec 2024 23:59:59 +0000");
    }
}
