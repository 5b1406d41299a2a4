//! The plain board: one page of HTML without scripts, at most 30 KB, that says how old it is.
//!
//! Severity is ink and shape and word; colour comes last. Grey is the normal state. Names come from a plan and are escaped
//! and cut. Nobody is named: it may hang on a wall.

use jiff::Timestamp;
use maud::{DOCTYPE, Markup, html};

use crate::board::{Age, Plain};
use crate::figures::{Severity, Share};
use crate::people::People;
use crate::settings::DashboardSettings;
use crate::view::Worries;
use crate::window::WINDOW_MIN;

mod calls;
mod queues;

/// The stylesheet.
pub(crate) const STYLE: &str = include_str!("plain/board.css");

/// Characters of one name that are shown, at most.
const NAME_CHARS_MAX: usize = 32;

/// Up to which age data are live, and up to which they are late; beyond they are lost.
const LIVE_MS: u64 = 2_000;
const LATE_MS: u64 = 5_000;

/// The page before the router was ever heard.
pub(crate) fn not_connected() -> String {
    let body = html! {
        header { h1 { "Capacity" } p.age.lost { "Not connected yet" } }
        main { p.note { "This board has not heard from the router yet. It keeps trying, and this page looks again every 5 seconds. If this does not change within a minute, ask an operator to check the router." } }
    };
    document("Not connected yet", &body)
}

/// The page.
pub(crate) fn page(known: &Plain, settings: &DashboardSettings) -> String {
    let Plain { figures, network, age, counted_min, incomplete, .. } = known;
    let (state, words) = age_words(*age, settings);
    let body = html! {
        header {
            h1 { "Capacity" @if !network.is_empty() { " · " (name(network)) } }
            p class={ "age " (state) } { (words) }
        }
        main class=(state) {
            @if state == "lost" {
                p.note { "The router has not been heard. These are the last numbers; waits go on growing. Trying again by itself." }
            }
            (tiles(known, settings))
            (calls::list(known, settings))
            (queues::table(known, settings))
            (today(known, settings))
            p.note {
                @if *counted_min < WINDOW_MIN { "Counting since this board started, " (counted_min) " min ago; the 30 minutes are not full yet. " }
                @if *incomplete { "There is more than this board can hold: some numbers are too low. " }
                "A wait counts from arrival. Answered in time: of those answered, gone, or still waiting beyond "
                (settings.answer_within_s) " s; “finished” leaves out those who still wait. Gone within " (settings.short_s)
                " s is not counted as left (" (figures.all.left_short) " in 30 min). A counselor counts once, and is free with \
                 the desk there, ready, and room for one more; a queue’s free are those of its channel in the whole network. \
                 Peers are counted apart. Callbacks wait like everybody and are in no percentage."
            }
        }
    };
    document(&format!("{} waiting · Capacity", figures.all.waiting), &body)
}

fn document(title: &str, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
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

fn age_words(age: Age, settings: &DashboardSettings) -> (&'static str, String) {
    if age.age_ms <= LIVE_MS {
        ("live", format!("Live · {}.{} s", age.age_ms / 1_000, age.age_ms % 1_000 / 100))
    } else if age.age_ms <= LATE_MS {
        ("late", format!("Late · {} s", age.age_ms / 1_000))
    } else {
        ("lost", format!("Lost · as of {}", clock(age.heard_unix_ms, settings, "%H:%M:%S %Z")))
    }
}

/// A moment in the zone of the settings.
fn clock(unix_ms: u64, settings: &DashboardSettings, format: &str) -> String {
    let moment = i64::try_from(unix_ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok()).unwrap_or_default();
    let zone = settings.time_zone().unwrap_or(jiff::tz::TimeZone::UTC);
    moment.to_zoned_datetime(zone).strftime(format).to_string()
}

fn tiles(known: &Plain, settings: &DashboardSettings) -> Markup {
    let figures = &known.figures;
    let (all, people, peers) = (&figures.all, &figures.people, &figures.peers);
    let within = settings.answer_within_s;
    let Worries { waiting, counselors, centers } = Worries::of(figures, &known.decisions);
    let (taking, all_centers) = figures.centers_taking();
    let nobody = if figures.is_nobody_free() { "nobody is free" } else { "" };
    let none_taking = if taking == 0 && all_centers > 0 { "none is taking contacts" } else { "" };
    html! {
        dl.tiles {
            (tile("Waiting now", &html! { (all.waiting) }, &chip(waiting, nobody)))
            (tile("Longest wait", &wait(all.longest_wait_ms(figures.now_ms)), &chip(
                all.wait_severity(settings, figures.now_ms), &format!("target {}", minutes(within * 1_000)))))
            (tile(&format!("Answered within {within} s, 30 min"), &share(all.sl), &html! {
                (chip(all.sl_severity(settings), &format!("target {} %", settings.answer_target_percent)))
                " finished " (share(all.sl_finished))
            }))
            (tile("Left before answer, 30 min", &share(all.left), &chip(all.left_severity(), "limit 5 %")))
            (tile("Counselors free / on contact", &html! { (people.free) " / " (people.on_contact) }, &html! {
                (others(people)) @if counselors > Severity::Ok { " " (chip(counselors, "")) }
            }))
            (tile("Centers taking contacts", &html! { (taking) " of " (all_centers) }, &chip(centers, none_taking)))
            (tile("Peers free / on contact", &html! { (peers.free) " / " (peers.on_contact) }, &html! {
                "handoffs under way " (figures.handoffs)
            }))
            (tile("Conversations in writing", &html! { (figures.writing.whole) }, &html! {
                (figures.writing.part) " wait for an answer"
            }))
        }
    }
}

fn tile(label: &str, value: &Markup, small: &Markup) -> Markup {
    html! { div.tile { dt { (label) } dd { (value) } dd.small { (small) } } }
}

fn others(people: &People) -> Markup {
    html! {
        "wrap-up " (people.wrapping_up) " · away " (people.away)
        @if people.unsure > 0 { " · unsure " (people.unsure) }
    }
}

fn today(known: &Plain, settings: &DashboardSettings) -> Markup {
    let today = &known.today;
    let ms = |wait_ms: Option<u64>| html! { @match wait_ms { Some(ms) => (minutes(ms)), None => (nothing("nobody was answered")) } };
    html! {
        p.today {
            strong { "Today" } " since " (clock(today.since_ms, settings, "%H:%M %Z")) ": arrived " (today.arrived)
            " · answered " (today.answered) " · left " (today.left) " · wait on average " (ms(today.wait_ms.mean))
            ", 90 % within " (ms(today.wait_ms.p90)) " · handoffs started " (today.handoffs.started) ", completed "
            (today.handoffs.completed) ", returned " (today.handoffs.returned) ", cancelled " (today.handoffs.cancelled)
        }
    }
}

/// Shape, word and ink; the shape is for eyes only.
fn chip(severity: Severity, words: &str) -> Markup {
    let (class, shape, word) = match severity {
        Severity::Ok => ("ok", "●", "OK"),
        Severity::Watch => ("watch", "▲", "Watch"),
        Severity::Act => ("act", "◆", "Act"),
    };
    html! {
        span class={ "chip " (class) } {
            span aria-hidden="true" { (shape) } " " (word) @if !words.is_empty() { " · " (words) }
        }
    }
}

fn share(share: Share) -> Markup {
    match share.permille() {
        Some(permille) => html! { (permille / 10) "." (permille % 10) " %" },
        None => nothing("no contacts in window"),
    }
}

fn wait(wait_ms: Option<u64>) -> Markup {
    match wait_ms {
        Some(wait_ms) => html! { (minutes(wait_ms)) },
        None => nothing("nobody waits"),
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
