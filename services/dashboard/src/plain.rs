//! The plain board: one page of HTML without scripts, at most 30 KB, that says how old it is.
//!
//! Severity is ink and shape and word; colour comes last. Grey is the normal state. Names come from a plan and are escaped
//! and cut. Nobody is named: it may hang on a wall. Every word is in `words`, in both languages.

use holdfast_chassis::web::Language;
use jiff::Timestamp;
use maud::{DOCTYPE, Markup, html};

use crate::board::{Age, Plain};
use crate::figures::{LEFT_PERCENT, Severity, Share};
use crate::people::People;
use crate::settings::DashboardSettings;
use crate::view::Worries;
use crate::window::WINDOW_MIN;

mod calls;
mod queues;
mod words;

use words::Words;

/// The stylesheet.
pub(crate) const STYLE: &str = include_str!("plain/board.css");

/// Characters of one name that are shown, at most.
const NAME_CHARS_MAX: usize = 32;

/// Up to which age data are live, and up to which they are late; beyond they are lost.
const LIVE_MS: u64 = 2_000;
const LATE_MS: u64 = 5_000;

/// The page before the router was ever heard.
pub(crate) fn not_connected(language: Language) -> String {
    let it = Words::of(language);
    let body = html! {
        header { h1 { (it.capacity) } p.age.lost { (it.not_connected) } (other_language(language)) }
        main { p.note { (it.not_connected_why) } }
    };
    document(language, it.not_connected, &body)
}

/// The page.
pub(crate) fn page(known: &Plain, age: Age, settings: &DashboardSettings, language: Language) -> String {
    let it = Words::of(language);
    let Plain { figures, network, counted_min, incomplete, .. } = known;
    let (state, words) = age_words(it, age, settings);
    let body = html! {
        header {
            h1 { (it.capacity) @if !network.is_empty() { " · " (name(network)) } }
            p class={ "age " (state) } { (words) }
            (other_language(language))
        }
        main class=(state) {
            @if state == "lost" {
                p.note { (it.lost_why) }
            }
            (tiles(it, known, settings))
            (calls::list(it, known, settings))
            (queues::table(it, known, settings))
            (today(it, known, settings))
            p.note {
                @if *counted_min < WINDOW_MIN { (it.counting_since(*counted_min)) " " }
                @if *incomplete { (it.incomplete) " " }
                (it.how_counted(settings, figures.all.left_short))
            }
        }
    };
    document(language, &it.title(figures.all.waiting), &body)
}

fn document(language: Language, title: &str, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang=(language.code()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                // Without an address it loads the one that is shown, and so in the same language.
                meta http-equiv="refresh" content="5";
                meta name="color-scheme" content="light dark";
                title { (title) }
                link rel="stylesheet" href="/board/plain.css";
            }
            body { (body) }
        }
    };
    page.into_string()
}

/// This page in the other language, under that language's own name.
fn other_language(language: Language) -> Markup {
    let (other, name) = match language {
        Language::English => (Language::Spanish, "Español"),
        Language::Spanish => (Language::English, "English"),
    };
    let code = other.code();
    html! { a href={ "/board/plain?lang=" (code) } lang=(code) hreflang=(code) { (name) } }
}

fn age_words(it: &Words, age: Age, settings: &DashboardSettings) -> (&'static str, String) {
    if age.age_ms <= LIVE_MS {
        ("live", it.live(age.age_ms))
    } else if age.age_ms <= LATE_MS {
        ("late", it.late(age.age_ms))
    } else {
        ("lost", it.lost(&clock(age.heard_unix_ms, settings, "%H:%M:%S %Z")))
    }
}

/// A moment in the zone of the settings.
fn clock(unix_ms: u64, settings: &DashboardSettings, format: &str) -> String {
    let moment = i64::try_from(unix_ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok()).unwrap_or_default();
    let zone = settings.time_zone().unwrap_or(jiff::tz::TimeZone::UTC);
    moment.to_zoned_datetime(zone).strftime(format).to_string()
}

fn tiles(it: &Words, known: &Plain, settings: &DashboardSettings) -> Markup {
    let figures = &known.figures;
    let (all, people, peers) = (&figures.all, &figures.people, &figures.peers);
    let within = settings.answer_within_s;
    let Worries { waiting, counselors, centers } = Worries::of(figures, &known.decisions);
    let (taking, all_centers) = figures.centers_taking();
    let nobody = if figures.is_nobody_free() { it.nobody_free } else { "" };
    let none_taking = if taking == 0 && all_centers > 0 { it.none_taking } else { "" };
    html! {
        dl.tiles {
            (tile(it.waiting_now, &html! { (all.waiting) }, &chip(it, waiting, nobody)))
            (tile(it.longest_wait, &wait(it, all.longest_wait_ms(figures.now_ms)), &chip(
                it, all.wait_severity(settings, figures.now_ms), &it.target(&minutes(within * 1_000)))))
            (tile(&it.answered_within(within), &share(it, all.sl), &html! {
                (chip(it, all.sl_severity(settings), &it.target(&it.percent(settings.answer_target_percent))))
                " " (it.finished) " " (share(it, all.sl_finished))
            }))
            (tile(it.left_before_answer, &share(it, all.left), &chip(it, all.left_severity(), &it.limit(LEFT_PERCENT.0))))
            (tile(it.counselors, &html! { (people.free) " / " (people.on_contact) }, &html! {
                (others(it, people)) @if counselors > Severity::Ok { " " (chip(it, counselors, "")) }
            }))
            (tile(it.centers_taking, &html! { (it.of_all(taking, all_centers)) }, &chip(it, centers, none_taking)))
            (tile(it.peers, &html! { (peers.free) " / " (peers.on_contact) }, &html! {
                (it.handoffs_under_way) " " (figures.handoffs)
            }))
            (tile(it.in_writing, &html! { (figures.writing.whole) }, &html! { (it.wait_for_answer(figures.writing.part)) }))
        }
    }
}

fn tile(label: &str, value: &Markup, small: &Markup) -> Markup {
    html! { div.tile { dt { (label) } dd { (value) } dd.small { (small) } } }
}

fn others(it: &Words, people: &People) -> Markup {
    html! {
        (it.wrapping_up) " " (people.wrapping_up) " · " (it.away) " " (people.away)
        @if people.unsure > 0 { " · " (it.unsure) " " (people.unsure) }
    }
}

fn today(it: &Words, known: &Plain, settings: &DashboardSettings) -> Markup {
    let today = &known.today;
    let ms = |wait_ms: Option<u64>| html! { @match wait_ms { Some(ms) => (minutes(ms)), None => (nothing(it.nobody_answered)) } };
    html! {
        p.today {
            strong { (it.today) } " " (it.since) " " (clock(today.since_ms, settings, "%H:%M %Z"))
            ": " (it.arrived) " " (today.arrived) " · " (it.answered) " " (today.answered) " · " (it.left) " " (today.left)
            " · " (it.wait_mean) " " (ms(today.wait_ms.mean)) ", " (it.most_within()) " " (ms(today.wait_ms.p90))
            " · " (it.handoffs_started) " " (today.handoffs.started) ", " (it.completed) " " (today.handoffs.completed)
            ", " (it.returned) " " (today.handoffs.returned) ", " (it.cancelled) " " (today.handoffs.cancelled)
        }
    }
}

/// Shape, word and ink; the shape is for eyes only.
fn chip(it: &Words, severity: Severity, more: &str) -> Markup {
    let (class, shape, word) = match severity {
        Severity::Ok => ("ok", "●", it.ok),
        Severity::Watch => ("watch", "▲", it.watch),
        Severity::Act => ("act", "◆", it.act),
    };
    html! {
        span class={ "chip " (class) } {
            span aria-hidden="true" { (shape) } " " (word) @if !more.is_empty() { " · " (more) }
        }
    }
}

fn share(it: &Words, share: Share) -> Markup {
    match share.permille() {
        Some(permille) => html! { (it.permille(permille)) },
        None => nothing(it.none_in_window),
    }
}

fn wait(it: &Words, wait_ms: Option<u64>) -> Markup {
    match wait_ms {
        Some(wait_ms) => html! { (minutes(wait_ms)) },
        None => nothing(it.nobody_waits),
    }
}

fn nothing(why: &str) -> Markup {
    html! { span aria-hidden="true" { "–" } span.sr { (why) } }
}

fn minutes(ms: u64) -> String {
    let seconds = ms / 1_000;
    if seconds < 3_600 {
        format!("{}:{:02}", seconds / 60, seconds % 60)
    } else {
        format!("{}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
    }
}

/// A name from a plan, without what would move a line about, cut to what fits.
fn name(name: &str) -> String {
    let mut plain: String =
        name.chars().filter(|c| !c.is_control() && !turns_text(*c)).take(NAME_CHARS_MAX + 1).collect();
    if plain.chars().count() > NAME_CHARS_MAX {
        plain = plain.chars().take(NAME_CHARS_MAX - 1).collect();
        plain.push('…');
    }
    plain
}

/// Marks that turn the direction of the text after them, and so could dress one name up as another.
fn turns_text(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
