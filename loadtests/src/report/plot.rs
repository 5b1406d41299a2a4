//! Plots as inline SVG: lines over the seconds of a run, phases as bands, a limit as a rule. No script; colours come from the page.

use std::fmt::Write as _;

const WIDTH: f64 = 880.0;
const HEIGHT: f64 = 230.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 26.0;
const BOTTOM: f64 = 28.0;
/// Points of one line; more are thinned, keeping the highest of each stretch.
const POINTS_MOST: usize = 440;

/// One line of a plot.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    pub(crate) name: String,
    /// Which of the page's four looks: 0 to 3.
    pub(crate) look: usize,
    /// Seconds and values; where nothing was measured there is a hole.
    pub(crate) points: Vec<(f64, Option<f64>)>,
}

/// A phase behind the lines.
#[derive(Clone, Debug)]
pub(crate) struct Band {
    pub(crate) name: String,
    pub(crate) from_s: f64,
    pub(crate) to_s: f64,
    /// Whether it is load, which is tinted.
    pub(crate) load: bool,
}

/// A plot.
#[derive(Clone, Debug)]
pub(crate) struct Plot<'a> {
    pub(crate) title: &'a str,
    pub(crate) unit: &'a str,
    /// Whether each line upwards is ten times the one below.
    pub(crate) log: bool,
    pub(crate) series: Vec<Series>,
    pub(crate) bands: &'a [Band],
    /// A rule, and its name.
    pub(crate) limit: Option<(f64, String)>,
}

/// Text that may stand in markup.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// A number as short as it can be read.
pub(crate) fn short(value: f64) -> String {
    let size = value.abs();
    if size >= 1e6 {
        format!("{}M", trimmed(value / 1e6))
    } else if size >= 1e4 {
        format!("{}k", trimmed(value / 1e3))
    } else {
        trimmed(value)
    }
}

fn trimmed(value: f64) -> String {
    let digits = if value.abs() >= 100.0 {
        0
    } else if value.abs() >= 10.0 {
        1
    } else {
        2
    };
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// At most `POINTS_MOST` points: of each stretch the highest.
fn thinned(points: &[(f64, Option<f64>)]) -> Vec<(f64, Option<f64>)> {
    let stretch = points.len().div_ceil(POINTS_MOST).max(1);
    let highest = |it: &[(f64, Option<f64>)]| {
        let value = it.iter().filter_map(|point| point.1).max_by(f64::total_cmp);
        it.first().map(|point| (point.0, value))
    };
    points.chunks(stretch).filter_map(highest).collect()
}

impl Plot<'_> {
    fn values(&self) -> impl Iterator<Item = f64> {
        let limit = self.limit.as_ref().map(|it| it.0);
        self.series.iter().flat_map(|it| it.points.iter().filter_map(|point| point.1)).chain(limit)
    }

    /// The lowest and highest value shown.
    fn span(&self) -> (f64, f64) {
        let most = self.values().fold(0.0, f64::max);
        if !self.log {
            return (0.0, if most > 0.0 { most * 1.08 } else { 1.0 });
        }
        let least = self.values().filter(|it| *it > 0.0).fold(f64::MAX, f64::min).min(most.max(1.0));
        (10_f64.powf(least.log10().floor()), 10_f64.powf(most.max(least * 10.0).log10().ceil()))
    }

    fn ticks(&self, (low, high): (f64, f64)) -> Vec<f64> {
        if self.log {
            let mut ticks = Vec::new();
            let mut at = low;
            while at <= high * 1.001 {
                ticks.push(at);
                at *= 10.0;
            }
            return ticks;
        }
        let step = nice(high / 4.0);
        let mut ticks = Vec::new();
        let mut at = 0.0;
        while at <= high {
            ticks.push(at);
            at += step;
        }
        ticks
    }

    /// The plot as a figure: a heading, a legend, and an image with words for whoever does not see it.
    pub(crate) fn figure(&self, lasted_s: f64) -> String {
        let span = self.span();
        let x = |seconds: f64| LEFT + seconds / lasted_s.max(1.0) * (WIDTH - LEFT - RIGHT);
        let y = |value: f64| {
            let part = if self.log {
                (value.max(span.0).log10() - span.0.log10()) / (span.1.log10() - span.0.log10()).max(1e-9)
            } else {
                value / span.1
            };
            HEIGHT - BOTTOM - part.clamp(0.0, 1.0) * (HEIGHT - TOP - BOTTOM)
        };
        let mut out = String::new();
        let _ = write!(
            out,
            "<figure><figcaption><h3>{}</h3><span class=\"unit\">{}{}</span>{}</figcaption>\
             <svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">",
            escape(self.title),
            escape(self.unit),
            if self.log { ", each line ten times the one below" } else { "" },
            self.legend(),
            escape(&self.in_words()),
        );
        self.draw_bands(&mut out, x);
        for tick in self.ticks(span) {
            let at = y(tick);
            let _ = write!(
                out,
                "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>\
                 <text class=\"tick\" x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                WIDTH - RIGHT,
                LEFT - 8.0,
                at + 4.0,
                short(tick)
            );
        }
        draw_time(&mut out, lasted_s, x);
        for series in &self.series {
            draw_series(&mut out, series, x, y);
        }
        if let Some((limit, name)) = &self.limit {
            let at = y(*limit);
            let _ = write!(
                out,
                "<line class=\"limit\" x1=\"{LEFT}\" x2=\"{0}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>\
                 <text class=\"limit-name\" x=\"{0}\" y=\"{1:.1}\" text-anchor=\"end\">{2}</text>",
                WIDTH - RIGHT,
                at - 5.0,
                escape(name)
            );
        }
        out.push_str("</svg></figure>");
        out
    }

    fn legend(&self) -> String {
        let item = |it: &Series| {
            format!(
                "<span class=\"key\"><svg viewBox=\"0 0 26 8\" aria-hidden=\"true\"><line class=\"line look{}\" x1=\"0\" x2=\"26\" \
                 y1=\"4\" y2=\"4\"/></svg>{}</span>",
                it.look,
                escape(&it.name)
            )
        };
        self.series.iter().map(item).collect()
    }

    /// What the lines show, in words.
    fn in_words(&self) -> String {
        let mut words = format!("{}, {}.", self.title, self.unit);
        for series in &self.series {
            let mut values: Vec<f64> = series.points.iter().filter_map(|it| it.1).collect();
            values.sort_by(f64::total_cmp);
            let (middle, most) = (values.get(values.len() / 2), values.last());
            if let (Some(middle), Some(most)) = (middle, most) {
                let _ = write!(words, " {}: median {}, most {}.", series.name, short(*middle), short(*most));
            } else {
                let _ = write!(words, " {}: nothing measured.", series.name);
            }
        }
        words
    }

    fn draw_bands(&self, out: &mut String, x: impl Fn(f64) -> f64) {
        for band in self.bands {
            let (from, to) = (x(band.from_s), x(band.to_s));
            let look = if band.load { "band load" } else { "band" };
            let _ = write!(
                out,
                "<rect class=\"{look}\" x=\"{from:.1}\" y=\"{TOP}\" width=\"{:.1}\" height=\"{:.1}\"/>",
                (to - from).max(0.0),
                HEIGHT - TOP - BOTTOM
            );
            // A name only where it has room.
            if (to - from) > 7.0 * f64::from(u32::try_from(band.name.len()).unwrap_or(u32::MAX)) {
                let name = escape(&band.name);
                let _ = write!(
                    out,
                    "<text class=\"band-name\" x=\"{:.1}\" y=\"{:.1}\">{name}</text>",
                    from + 4.0,
                    TOP - 8.0
                );
            }
        }
    }
}

/// 1, 2 or 5 with as many zeros as needed.
fn nice(step: f64) -> f64 {
    let power = 10_f64.powf(step.max(1e-9).log10().floor());
    let lead = step / power;
    power
        * if lead <= 1.0 {
            1.0
        } else if lead <= 2.0 {
            2.0
        } else if lead <= 5.0 {
            5.0
        } else {
            10.0
        }
}

fn draw_time(out: &mut String, lasted_s: f64, x: impl Fn(f64) -> f64) {
    let steps = [10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_800.0, 3_600.0];
    let step = steps.into_iter().find(|step| lasted_s / step <= 10.0).unwrap_or(7_200.0);
    let mut at = 0.0;
    while at <= lasted_s {
        let (minutes, seconds) = ((at / 60.0).floor(), at % 60.0);
        let _ = write!(
            out,
            "<text class=\"tick\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{minutes:.0}:{seconds:02.0}</text>",
            x(at),
            HEIGHT - 8.0
        );
        at += step;
    }
}

fn draw_series(out: &mut String, series: &Series, x: impl Fn(f64) -> f64, y: impl Fn(f64) -> f64) {
    let points = thinned(&series.points);
    let mut path = String::new();
    let mut dots = String::new();
    for (index, (at, value)) in points.iter().enumerate() {
        let Some(value) = value else { continue };
        let near = |other: Option<usize>| other.and_then(|it| points.get(it)).is_some_and(|it| it.1.is_some());
        let before = near(index.checked_sub(1));
        let _ = write!(path, "{}{:.1} {:.1}", if before { "L" } else { "M" }, x(*at), y(*value));
        // What stands alone is a dot.
        if !before && !near(Some(index + 1)) {
            let _ = write!(
                dots,
                "<circle class=\"dot look{}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"2\"/>",
                series.look,
                x(*at),
                y(*value)
            );
        }
    }
    let _ = write!(out, "<path class=\"line look{}\" d=\"{path}\"/>{dots}", series.look);
}

#[cfg(test)]
mod tests {
    use super::{Plot, Series, escape, nice, short, thinned};

    #[test]
    fn what_is_thinned_keeps_its_peaks() {
        let points: Vec<_> =
            (0..10_000_u32).map(|at| (f64::from(at), Some(if at == 7_777 { 99.0 } else { 1.0 }))).collect();
        let few = thinned(&points);
        assert!(few.len() <= super::POINTS_MOST);
        assert_eq!(few.iter().filter(|it| it.1 == Some(99.0)).count(), 1);
    }

    #[test]
    fn numbers_are_short_and_steps_are_round() {
        assert_eq!(
            [0.0, 0.25, 12.0, 1_234.0, 45_678.0, 2.5e6].map(short),
            ["0", "0.25", "12", "1234", "45.7k", "2.5M"]
        );
        assert_eq!([0.3, 1.2, 4.0, 70.0].map(nice), [0.5, 2.0, 5.0, 100.0]);
        assert_eq!(escape("a<b & \"c\""), "a&lt;b &amp; &quot;c&quot;");
    }

    #[test]
    fn a_figure_is_well_formed_and_says_what_it_shows() {
        let series = Series {
            name: "p99 <".to_owned(),
            look: 1,
            points: vec![(0.0, Some(2.0)), (1.0, None), (2.0, Some(40.0))],
        };
        let limit = Some((250.0, "limit".to_owned()));
        let plot = Plot { title: "Answered", unit: "ms", log: true, series: vec![series], bands: &[], limit };
        let figure = plot.figure(3.0);
        let read = roxmltree::Document::parse(&figure).unwrap();
        let image = read.descendants().find(|it| it.attribute("role") == Some("img")).unwrap();
        assert_eq!(image.attribute("aria-label"), Some("Answered, ms. p99 <: median 40, most 40."));
        assert_eq!(read.descendants().filter(|it| it.has_tag_name("circle")).count(), 2, "two lone points");
    }
}
