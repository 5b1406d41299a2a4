//! The table of queues, most urgent first, as many as fit.

use maud::{Markup, html};

use super::words::Words;
use super::{chip, name, nothing, share, wait};
use crate::board::Plain;
use crate::figures::{Figures, Row, Share};
use crate::names::Names;
use crate::settings::DashboardSettings;

/// Queues shown, at most: the most urgent ones.
const ROWS_MAX: usize = 40;

/// Bytes of rows, at most, so that a page stays under 30 KB whatever the names are.
const ROWS_BYTES_MAX: usize = 20_500;

pub(super) fn table(it: &Words, known: &Plain, settings: &DashboardSettings) -> Markup {
    let figures = &known.figures;
    if figures.queues.is_empty() {
        return html! { p.note { (it.no_queues) } };
    }
    let mut rows = String::new();
    let mut shown = 0;
    for line in figures.queues.iter().take(ROWS_MAX) {
        let row = row(it, figures, &known.names, line).into_string();
        if rows.len() + row.len() > ROWS_BYTES_MAX {
            break;
        }
        rows.push_str(&row);
        shown += 1;
    }
    let more = figures.queues.len() - shown;
    html! {
        div.table tabindex="0" role="region" aria-label=(it.queues) {
            table {
                caption { (it.queues_in_order) @if more > 0 { " · " (it.the_first(shown, figures.queues.len())) } }
                thead { tr {
                    th scope="col" { (it.queue) }
                    th scope="col" { (it.state) }
                    th scope="col" { (it.waiting) }
                    th scope="col" { (it.longest_wait) }
                    th scope="col" { (it.within(settings.answer_within_s)) }
                    th scope="col" { (it.finished_head) }
                    th scope="col" { (it.left_head) }
                    th scope="col" { (it.free) }
                    th scope="col" { (it.on_contact) }
                } }
                tbody { (maud::PreEscaped(rows)) }
            }
        }
    }
}

fn row(it: &Words, figures: &Figures, names: &Names, row: &Row) -> Markup {
    let Row { queue, line, severity } = row;
    html! {
        tr {
            th scope="row" {
                (name(names.region(&queue.region))) " · " (name(names.need(&queue.need))) " · " (it.channel(queue.channel))
            }
            td { (chip(it, *severity, "")) }
            td { (line.waiting) }
            td { (wait(it, line.longest_wait_ms(figures.now_ms))) }
            td { (short(it, line.sl)) }
            td { (short(it, line.sl_finished)) }
            td { (short(it, line.left)) }
            td { (figures.people.free_for(queue.channel())) }
            td { (line.on_contact) }
        }
    }
}

/// Forty rows have to fit: of nothing is said in one word.
fn short(it: &Words, of: Share) -> Markup {
    if of.whole == 0 { nothing(it.none) } else { share(it, of) }
}
