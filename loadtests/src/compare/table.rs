//! Ratios over runs, and the table in which a person reads them.

use super::{Report, Run};
use crate::floor::append::Disk;
use crate::floor::echo::Echo;
use serde::Serialize;
use std::fmt::Write as _;

/// The median of some runs, the least and the most.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Spread {
    /// The least.
    pub least: f64,
    /// The median.
    pub median: f64,
    /// The most.
    pub most: f64,
}

impl Spread {
    /// Of these.
    #[must_use]
    pub fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut all: Vec<f64> = values.collect();
        all.sort_by(f64::total_cmp);
        let at = |index: usize| all.get(index).copied().unwrap_or(0.0);
        let middle = all.len() / 2;
        let median = if all.len().is_multiple_of(2) && middle > 0 {
            f64::midpoint(at(middle - 1), at(middle))
        } else {
            at(middle)
        };
        Self { least: at(0), median, most: at(all.len().saturating_sub(1)) }
    }

    /// Run by run, one divided by the other.
    #[must_use]
    pub fn of_ratios(ours: impl Iterator<Item = f64>, floors: impl Iterator<Item = f64>) -> Self {
        Self::of(ours.zip(floors).map(|(ours, floor)| ours / floor))
    }

    /// With this many digits, as `median [least-most]`.
    #[must_use]
    pub fn words(&self, digits: usize) -> String {
        format!("{:.digits$} [{:.digits$}-{:.digits$}]", self.median, self.least, self.most)
    }
}

/// A line of the table: its name, its digits after the point, and what it shows of a run.
type Row = (&'static str, usize, fn(&Run) -> f64);

/// What a floor came to, alone (0) or together (1).
fn floor<T>(runs: &[[T; 2]], which: usize, of: fn(&T) -> f64) -> String {
    Spread::of(runs.iter().filter_map(|it| it.get(which)).map(of)).words(0)
}

/// The table.
#[must_use]
pub fn table(report: &Report) -> String {
    let mut out = String::new();
    let mut line = |text: String| {
        // Writing into a string cannot fail.
        let _ = writeln!(out, "{text}");
    };
    line(format!(
        "raw append + fdatasync: alone p50 {} us, p99 {} us; together {}/s, p99 {} us",
        floor::<Disk>(&report.disk, 0, |it| it.p50_us),
        floor::<Disk>(&report.disk, 0, |it| it.p99_us),
        floor::<Disk>(&report.disk, 1, |it| it.per_s),
        floor::<Disk>(&report.disk, 1, |it| it.p99_us)
    ));
    line(format!(
        "tonic echo: alone p50 {} us, p99 {} us; together {}/s, server {} us each",
        floor::<Echo>(&report.echo, 0, |it| it.p50_us),
        floor::<Echo>(&report.echo, 0, |it| it.p99_us),
        floor::<Echo>(&report.echo, 1, |it| it.per_s),
        floor::<Echo>(&report.echo, 1, |it| it.cpu_us)
    ));
    line(format!("{:<34} {:>26} {:>26}", "median [least-most]", "holdfast", "null route"));
    let rows: [Row; 9] = [
        ("knee, contacts/s", 0, |run| run.knee.rate_per_s),
        ("knee, server us/contact", 1, |run| run.knee.cpu_us_per_contact),
        ("knee, told p50 us", 0, |run| run.knee.told_us.p50),
        ("knee, told p99 us", 0, |run| run.knee.told_us.p99),
        ("open, answered p99 us", 0, |run| run.open.answered_us.p99),
        ("open, told p50 us", 0, |run| run.open.told_us.p50),
        ("open, told p99 us", 0, |run| run.open.told_us.p99),
        ("open, taken p99 us", 0, |run| run.open.taken_us.p99),
        ("open, server us/contact", 1, |run| run.open.cpu_us_per_contact),
    ];
    for (name, digits, of) in rows {
        let words = |runs: &[Run]| Spread::of(runs.iter().map(of)).words(digits);
        line(format!("{name:<34} {:>26} {:>26}", words(&report.holdfast), words(&report.null_route)));
    }
    line(format!("P1  rate ÷ floor          {:<24} bar >= 0.5, beyond >= 0.7", report.p1_rate.words(2)));
    line(format!("P2  told p50 ÷ floor      {:<24} bar <= 1.5, beyond <= 1.2", report.p2_told_p50.words(2)));
    line(format!("P2  told p99 ÷ floor      {:<24} bar <= 1.5, beyond <= 1.2", report.p2_told_p99.words(2)));
    line(format!("P3  processor ÷ floor     {:<24} bar <= 2.5, beyond <= 1.8", report.p3_cpu.words(2)));
    out
}

#[cfg(test)]
mod tests {
    use super::Spread;

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(Spread::of([3.0, 1.0, 2.0].into_iter()).median, 2.0);
        assert_eq!(Spread::of([4.0, 1.0, 2.0, 3.0].into_iter()).median, 2.5);
        let ratios = Spread::of_ratios([2.0, 9.0].into_iter(), [1.0, 3.0].into_iter());
        assert_eq!((ratios.least, ratios.most), (2.0, 3.0));
    }
}
