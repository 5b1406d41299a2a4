//! The table of queues, most urgent first, as many as fit.

use maud::{Markup, html};

use super::{chip, name, nothing, share, wait};
use crate::board::Plain;
use crate::figures::{Figures, Row, Share};
use crate::names::Names;
use crate::settings::DashboardSettings;

/// Queues shown, at most: the most urgent ones.
const ROWS_MAX: usize = 40;

/// Bytes of rows, at most, so that a page stays under 30 KB whatever the names are.
const ROWS_BYTES_MAX: usize = 20_500;

pub(super) fn table(known: &Plain, settings: &DashboardSettings) -> Markup {
    let figures = &known.figures;
    if figures.queues.is_empty() {
        return html! { p.note { "The plan in force has no queues. Ask an administrator to add one." } };
    }
    let mut rows = String::new();
    let mut shown = 0;
    for it in figures.queues.iter().take(ROWS_MAX) {
        let row = row(figures, &known.names, it).into_string();
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
                    th scope="col" { "Finished" }
                    th scope="col" { "Left (30 min)" }
                    th scope="col" { "Free" }
                    th scope="col" { "On contact" }
                } }
                tbody { (maud::PreEscaped(rows)) }
            }
        }
    }
}

fn row(figures: &Figures, names: &Names, row: &Row) -> Markup {
    let Row { queue, line, severity } = row;
    html! {
        tr {
            th scope="row" {
                (name(names.region(&queue.region))) " · " (name(names.need(&queue.need))) " · " (queue.channel)
            }
            td { (chip(*severity, "")) }
            td { (line.waiting) }
            td { (wait(line.longest_wait_ms(figures.now_ms))) }
            td { (short(line.sl)) }
            td { (short(line.sl_finished)) }
            td { (short(line.left)) }
            td { (figures.people.free_for(queue.channel())) }
            td { (line.on_contact) }
        }
    }
}

/// Forty rows have to fit: of nothing is said in one word.
fn short(of: Share) -> Markup {
    if of.whole == 0 { nothing("none") } else { share(of) }
}
