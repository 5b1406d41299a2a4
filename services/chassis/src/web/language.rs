//! Which of our two languages to answer in: the address says, or else the browser.

use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;

/// A language our pages are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// The one that whoever asks for neither is answered in.
    English,
    /// Of no one country.
    Spanish,
}

impl Language {
    /// As `lang` says it in HTML and in an address.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
        }
    }

    fn named(code: &str) -> Option<Self> {
        match code.trim().split('-').next()?.to_ascii_lowercase().as_str() {
            "en" => Some(Self::English),
            "es" => Some(Self::Spanish),
            _ => None,
        }
    }

    /// What was asked for by name (`?lang=` of the address), else what the browser likes best, else English. A name that is none
    /// of ours asks for nothing.
    #[must_use]
    pub fn of(asked: Option<&str>, headers: &HeaderMap) -> Self {
        asked.and_then(Self::named).or_else(|| liked(headers)).unwrap_or(Self::English)
    }
}

fn liked(headers: &HeaderMap) -> Option<Language> {
    let list = headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?;
    let mut best: Option<(f32, Language)> = None;
    for entry in list.split(',').take(32) {
        let (code, weight) = entry.split_once(';').unwrap_or((entry, ""));
        let weight = weight.trim().strip_prefix("q=").map_or(1.0, |q| q.trim().parse().unwrap_or(0.0));
        let Some(language) = Language::named(code) else { continue };
        if weight > best.map_or(0.0, |(most, _)| most) {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_comes_first_and_then_what_is_liked_best() {
        let browser = |list: &'static str| HeaderMap::from_iter([(ACCEPT_LANGUAGE, list.parse().unwrap())]);
        for (asked, list, expected) in [
            (None, "", Language::English),
            (None, "fr, es-MX;q=0.8, en;q=0.7", Language::Spanish),
            (None, "en-US,en;q=0.9,es;q=0.8", Language::English),
            (Some("es"), "en", Language::Spanish),
            (Some("EN"), "es", Language::English),
            (Some("xx"), "es", Language::Spanish),
            (None, "es;q=0", Language::English),
        ] {
            assert_eq!(Language::of(asked, &browser(list)), expected, "{asked:?} {list}");
        }
    }
}
