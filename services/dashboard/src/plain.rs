//! The plain board: one page of HTML without scripts, at most 30 KB, that says how old it is.
//!
//! Severity is ink and shape and word; colour comes last. Grey is the normal state. Names come from a plan and are escaped
//! and cut; people, numbers and contact ids do not reach this module at all.

use maud::{DOCTYPE, Markup, html};

use crate::figures::{Figures, Line, People, Severity, Share};
use crate::fold::Queue;
use crate::settings::DashboardSettings;
use crate::window::WINDOW_MIN;

/// The stylesheet.
pub(crate) const STYLE: &str = include_str!("plain/board.css");

/// Queues shown, at most: the most urgent ones.
pub(crate) const ROWS_MAX: usize = 40;

/// Bytes of rows, at most, so that a page stays under 30 KB whatever the names are.
const ROWS_BYTES_MAX: usize = 23_000;

/// Characters of one name that are shown, at most.
const NAME_CHARS_MAX: usize = 32;

/// Up to which age data are live, and up to which they are late; beyond they are lost.
const LIVE_MS: u64 = 2_000;
const LATE_MS: u64 = 5_000;

/// How old what is shown is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Age {
    /// Since the router was last heard.
    pub(crate) age_ms: u64,
    /// When that was.
    pub(crate) heard_unix_ms: u64,
}

/// The page before the router was ever heard.
pub(crate) fn not_connected() -> String {
    let body = html! {
        header { h1 { "Capacity" } p.age.lost { "Not connected yet" } }
        main { p.note { "This board has not heard from the router yet. It keeps trying, and this page looks again every 5 seconds. If this does not change within a minute, ask an operator to check the router." } }
    };
    document("Not connected yet", &body)
}

/// The page.
pub(crate) fn page(figures: &Figures, settings: &DashboardSettings, age: Age, counted_min: u64) -> String {
    let (state, words) = age_words(age);
    let body = html! {
        header {
            h1 { "Capacity" @if !figures.network.is_empty() { " · " (name(&figures.network)) } }
            p class={ "age " (state) } { (words) }
        }
        main class=(state) {
            @if state == "lost" {
                p.note { "The router has not been heard. These are the last numbers; waits go on growing. Trying again by itself." }
            }
            (tiles(figures, settings))
            (queues(figures, settings))
            p.note {
                @if counted_min < WINDOW_MIN { "Counting since this board started, " (counted_min) " min ago; the 30 minutes are not full yet. " }
                @if figures.incomplete { "There is more than this board can hold: some numbers are too low. " }
                "A wait counts from arrival. Answered in time: of those answered, gone, or still waiting beyond "
                (settings.answer_within_s) " s. Gone within " (settings.short_s) " s is not counted as left ("
                (figures.all.left_short) " in 30 min). A counselor counts once, and is free with nobody to look after."
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

fn age_words(age: Age) -> (&'static str, String) {
    if age.age_ms <= LIVE_MS {
        ("live", format!("Live · {}.{} s", age.age_ms / 1_000, age.age_ms % 1_000 / 100))
    } else if age.age_ms <= LATE_MS {
        ("late", format!("Late · {} s", age.age_ms / 1_000))
    } else {
        let seconds = age.heard_unix_ms / 1_000 % 86_400;
        let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        ("lost", format!("Lost · as of {hour:02}:{minute:02}:{second:02} UTC"))
    }
}

fn tiles(figures: &Figures, settings: &DashboardSettings) -> Markup {
    let Figures { all, people, .. } = figures;
    let within = settings.answer_within_s;
    let nobody_free = all.waiting > 0 && people.free == 0;
    html! {
        dl.tiles {
            (tile("Waiting now", &html! { (all.waiting) }, &html! {
                @if nobody_free { (chip(Severity::Watch, "nobody is free")) } @else { (chip(Severity::Ok, "")) }
            }))
            (tile("Longest wait", &wait(all.longest_wait_ms), &chip(
                all.wait_severity(settings), &format!("target {}", minutes(within * 1_000)))))
            (tile(&format!("Answered within {within} s, 30 min"), &share(all.answered), &chip(
                all.answered_severity(settings), &format!("target {} %", settings.answer_target_percent))))
            (tile("Left before answer, 30 min", &share(all.left), &chip(all.left_severity(), "limit 5 %")))
            (tile("Counselors free / on contact", &html! { (people.free) " / " (people.on_contact) }, &others(people)))
            (tile("Centers taking contacts", &html! { (figures.centers_taking) " of " (figures.centers) }, &html! {
                @if figures.centers_taking == 0 && figures.centers > 0 { (chip(Severity::Act, "none is taking contacts")) }
                @else { (chip(Severity::Ok, "")) }
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

fn queues(figures: &Figures, settings: &DashboardSettings) -> Markup {
    if figures.queues.is_empty() {
        return html! { p.note { "The plan in force has no queues. Ask an administrator to add one." } };
    }
    let mut rows = String::new();
    let mut shown = 0;
    for (queue, line, severity) in figures.queues.iter().take(ROWS_MAX) {
        let row = row(queue, line, *severity).into_string();
        if rows.len() + row.len() > ROWS_BYTES_MAX {
            break;
        }
        rows.push_str(&row);
        shown += 1;
    }
    let more = figures.queues.len() - shown;
    html! {
        div.table tabindex="0" role="region" aria-label="Queues" {
            table {
                caption { "Queues, most urgent first" @if more > 0 { " · the first " (shown) " of " (figures.queues.len()) } }
                thead { tr {
                    th scope="col" { "Queue" }
                    th scope="col" { "State" }
                    th scope="col" { "Waiting" }
                    th scope="col" { "Longest wait" }
                    th scope="col" { "In " (settings.answer_within_s) " s (30 min)" }
                    th scope="col" { "Left (30 min)" }
                    th scope="col" { "On contact" }
                } }
                tbody { (maud::PreEscaped(rows)) }
            }
        }
    }
}

fn row(queue: &Queue, line: &Line, severity: Severity) -> Markup {
    html! {
        tr {
            th scope="row" { (name(&queue.region)) " · " (name(&queue.need)) " · " (queue.channel) }
            td { (chip(severity, "")) }
            td { (line.waiting) }
            td { (wait(line.longest_wait_ms)) }
            td { (share(line.answered)) }
            td { (share(line.left)) }
            td { (line.on_contact) }
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
