//! The page: whether it held, limit by limit; then the plots; then the figures behind them. One file, no script, light and dark.

use super::outcome::{Found, Quantiles, SecondFound};
use super::plot::{Band, Plot, Series, escape, short};
use super::verdict::{Outcome, Verdict, lateness, outcome, verdicts};
use super::{amount, overtaking, spread};
use crate::scenario::Role;
use std::fmt::Write as _;

const STYLE: &str = include_str!("style.css");

fn named(outcome: Outcome) -> (&'static str, &'static str) {
    match outcome {
        Outcome::Held => ("held", "It held"),
        Outcome::Broken => ("broken", "It did not hold"),
        Outcome::Invalid => ("invalid", "Invalid: the generator was late"),
    }
}

/// The worst of some outcomes.
fn worst(all: &[Found]) -> Outcome {
    let outcomes: Vec<Outcome> = all.iter().map(outcome).collect();
    [Outcome::Broken, Outcome::Invalid].into_iter().find(|it| outcomes.contains(it)).unwrap_or(Outcome::Held)
}

/// The page of runs of one scenario; the plots are of the last one.
pub(super) fn page(all: &[Found], last: &Found) -> String {
    let mut out = String::new();
    let (look, words) = named(worst(all));
    let title = format!("{}: {}", last.scenario.name, words.to_lowercase());
    let runs = if all.len() > 1 { format!(" &#183; {} runs", all.len()) } else { String::new() };
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/><meta name=\"viewport\" content=\"width=device-width\"/>\
         <title>{0}</title><style>{STYLE}</style></head><body><main><h1>{1}</h1><p class=\"soft\">{2}</p>\
         <p class=\"result {look}\">{words}</p><p class=\"soft\">{3}{runs}</p>",
        escape(&title),
        escape(&last.scenario.name),
        escape(&last.scenario.about),
        escape(&span(last)),
    );
    out.push_str(&limits(all, last));
    out.push_str(&books(last));
    out.push_str("<h2>Second by second</h2>");
    if all.len() > 1 {
        out.push_str("<p class=\"soft\">Of the last of these runs.</p>");
    }
    out.push_str(&plots(last));
    out.push_str(&steps(last));
    out.push_str(&phases(last));
    out.push_str(&circumstances(last));
    out.push_str("</main></body></html>\n");
    out
}

fn span(found: &Found) -> String {
    let fitted = found.fitted_to_minutes.map(|it| format!("; the load is fitted to {} min for a trial", short(it)));
    format!("{}, {} s, seed {}{}", found.began, found.seconds.len(), found.scenario.seed, fitted.unwrap_or_default())
}

fn limits(all: &[Found], last: &Found) -> String {
    let mut out = String::from("<h2>Limits</h2><div class=\"wide\"><table><thead><tr><th>Result</th><th>What</th>");
    let several = all.len() > 1;
    let measured = if several { "Measured, median [least-most]" } else { "Measured" };
    let _ = write!(out, "<th class=\"number\">{measured}</th><th class=\"number\">Limit</th></tr></thead><tbody>");
    let of = |found: &Found| verdicts(found).into_iter().chain(lateness(found)).collect::<Vec<Verdict>>();
    let each: Vec<Vec<Verdict>> = all.iter().map(of).collect();
    for (number, verdict) in of(last).iter().enumerate() {
        let same: Vec<&Verdict> = each.iter().filter_map(|it| it.get(number)).collect();
        let held = same.iter().all(|it| it.held);
        let (look, word) = if held { ("held", "held") } else { ("broken", "broken") };
        let measured = match (several, verdict.measured) {
            (true, _) => spread(same.iter().filter_map(|it| it.measured), &verdict.unit),
            (false, Some(measured)) => amount(measured, &verdict.unit),
            (false, None) => "nothing".to_owned(),
        };
        let than = if verdict.least { "at least" } else { "at most" };
        let _ = write!(
            out,
            "<tr><td><span class=\"mark {look}\">{word}</span></td><td class=\"what\">{}</td><td class=\"number\">{}</td>\
             <td class=\"number\">{than} {}</td></tr>",
            escape(&verdict.what),
            escape(&measured),
            escape(&amount(verdict.limit, &verdict.unit))
        );
    }
    if all.iter().any(|it| !it.ended_well) {
        out.push_str(
            "<tr><td><span class=\"mark broken\">broken</span></td><td class=\"what\">the server ended well when asked to</td>\
             <td class=\"number\">no</td><td class=\"number\">yes</td></tr>",
        );
    }
    out.push_str("</tbody></table></div>");
    out
}

fn books(found: &Found) -> String {
    let it = &found.books;
    let mut out = format!(
        "<p>{} people came; {} were acknowledged and {} offered to a desk. {} webhooks were posted while it was measured, {} without a \
         good answer.",
        it.people, it.acknowledged, it.offered, it.hooks, it.unanswered
    );
    if it.strangers > 0 {
        let _ = write!(out, " {} were offered although the answer to their call was lost on its way.", it.strangers);
    }
    out.push_str("</p>");
    if !found.overtakings.is_empty() {
        let lines = found.overtakings.iter().map(|it| format!("<li>{}</li>", escape(&overtaking(it))));
        let _ = write!(
            out,
            "<details><summary>Who was offered out of order</summary><ul>{}</ul></details>",
            lines.collect::<String>()
        );
    }
    out
}

fn ms(us: u32) -> f64 {
    f64::from(us) / 1_000.0
}

#[expect(clippy::cast_precision_loss, reason = "counts and bytes of a run")]
fn float(number: u64) -> f64 {
    number as f64
}

fn series(found: &Found, name: &str, look: usize, of: impl Fn(&SecondFound) -> Option<f64>) -> Series {
    let seconds = found.seconds.iter().zip(0_u32..);
    Series { name: name.to_owned(), look, points: seconds.map(|(second, at)| (f64::from(at), of(second))).collect() }
}

/// The mean of each second and the two on either side.
fn smooth(mut it: Series) -> Series {
    let values: Vec<f64> = it.points.iter().map(|point| point.1.unwrap_or(0.0)).collect();
    for (at, point) in it.points.iter_mut().enumerate() {
        let near = values.get(at.saturating_sub(2)..(at + 3).min(values.len())).unwrap_or_default();
        let count = f64::from(u32::try_from(near.len().max(1)).unwrap_or(1));
        point.1 = Some(near.iter().sum::<f64>() / count);
    }
    it
}

fn three(found: &Found, of: fn(&SecondFound) -> Option<[u32; 3]>) -> Vec<Series> {
    let names = ["half of them", "99 of 100", "999 of 1,000"];
    let line = |(look, name): (usize, &str)| series(found, name, look, move |it| of(it)?.get(look).copied().map(ms));
    names.into_iter().enumerate().map(line).collect()
}

fn plots(found: &Found) -> String {
    let lasted_s = float(u64::try_from(found.seconds.len()).unwrap_or(0));
    let band = |it: &super::outcome::PhaseFound| Band {
        name: it.name.clone(),
        from_s: it.from_s,
        to_s: it.to_s,
        load: matches!(it.role, Role::Load | Role::Onset),
    };
    let bands: Vec<Band> = found.phases.iter().map(band).collect();
    let limits = &found.scenario.what_it_shows;
    let plot = |title, unit, log, series, limit: Option<(f64, &str)>| {
        let limit = limit.map(|(at, name)| (at, name.to_owned()));
        Plot { title, unit, log, series, bands: &bands, limit }.figure(lasted_s)
    };
    let quiet_ms = found.of_role(Role::Quiet).next().map(|it| float(it.ack.p99_us) / 1_000.0);
    let ack = limits.ack_p99_times_quiet.zip(quiet_ms).map(|(times, quiet)| (times * quiet, "limit of 99 of 100"));
    let ack = ack.or(limits.ack_p99_ms.map(|it| (it, "limit of 99 of 100")));
    let mut out = plot("Webhook answered, from when it was due", "ms", true, three(found, |it| it.ack_us), ack);
    let offer = limits.offer_p99_ms.map(|it| (it, "limit of 99 of 100"));
    out += &plot(
        "Offered, from when a person waits and a desk is free",
        "ms",
        true,
        three(found, |it| it.offer_us),
        offer,
    );
    let people = |name: &str, look, of: fn(&SecondFound) -> u64| {
        smooth(series(found, name, look, move |it| Some(float(of(it)))))
    };
    let served = vec![
        people("due", 0, |it| it.due),
        people("acknowledged", 1, |it| it.acked),
        people("accepted by a counselor", 3, |it| it.taken),
    ];
    out += &plot("Offered against served", "people a second, mean of 5 s", false, served, None);
    let depth = vec![
        series(found, "waiting for a counselor", 1, |it| it.waiting.map(float)),
        series(found, "under way in all", 0, |it| Some(float(it.under_way))),
    ];
    out += &plot("Queue depth", "people", false, depth, None);
    if found.scenario.boards.viewers > 0 {
        let board = limits.board_p99_ms.map(|it| (it, "limit of 99 of 100"));
        let lines = three(found, |it| it.board_us).into_iter().take(2).collect();
        out += &plot("How old a board is, beyond its beat", "ms", false, lines, board);
    }
    let cores = series(found, "processors in use", 0, |it| (it.cpu_us > 0).then(|| float(it.cpu_us) / 1e6));
    out += &plot("Server: processor", "of its cores", false, vec![cores], None);
    let memory =
        series(found, "resident", 0, |it| (it.resident_bytes > 0).then(|| float(it.resident_bytes) / 1_048_576.0));
    out += &plot("Server: memory", "MiB", false, vec![memory], None);
    let open = vec![
        series(found, "open files of the server", 0, |it| Some(float(it.files))),
        series(found, "desks at work", 3, |it| Some(float(it.at_work))),
    ];
    out += &plot("Connections", "files, desks", false, open, None);
    let late = series(found, "latest start", 2, |it| Some(ms(it.late_most_us)));
    let limit = limits.generator_late_p99_ms.map(|it| (it, "limit of 99 of 100"));
    out += &plot("The generator's own lateness", "ms", false, vec![late], limit);
    out
}

fn steps(found: &Found) -> String {
    if found.steps.is_empty() {
        return String::new();
    }
    let mut out = String::from(
        "<h2>The search for the knee</h2><div class=\"wide\"><table><thead><tr><th>Result</th><th class=\"number\">People/s</th>\
         <th class=\"number\">Webhook p99</th><th class=\"number\">Answered in time</th><th class=\"number\">Server's part of the \
         machine</th></tr></thead><tbody>",
    );
    for step in &found.steps {
        let (look, word) = if step.held { ("held", "held") } else { ("broken", "gave") };
        let _ = write!(
            out,
            "<tr><td><span class=\"mark {look}\">{word}</span></td><td class=\"number\">{}</td><td class=\"number\">{}</td>\
             <td class=\"number\">{}</td><td class=\"number\">{}</td></tr>",
            short(step.rate_per_s),
            amount(float(step.ack_p99_us) / 1_000.0, "ms"),
            amount(step.part * 100.0, "%"),
            amount(step.server_part * 100.0, "%")
        );
    }
    out.push_str("</tbody></table></div>");
    out
}

fn phases(found: &Found) -> String {
    let mut out = String::from(
        "<h2>Phase by phase</h2><div class=\"wide\"><table><thead><tr><th>Phase</th><th>What</th><th class=\"number\">Count</th>\
         <th class=\"number\">50 %</th><th class=\"number\">90 %</th><th class=\"number\">99 %</th><th class=\"number\">99.9 %</th>\
         <th class=\"number\">Most</th></tr></thead><tbody>",
    );
    for phase in &found.phases {
        let rows =
            [("answered", phase.ack), ("offered", phase.offer), ("board", phase.board), ("generator late", phase.late)];
        for (what, it) in rows.into_iter().filter(|(_, it)| it.count > 0) {
            let Quantiles { count, p50_us, p90_us, p99_us, p999_us, most_us } = it;
            let cells = [p50_us, p90_us, p99_us, p999_us, most_us]
                .map(|us| format!("<td class=\"number\">{}</td>", amount(float(us) / 1_000.0, "ms")));
            let name = escape(&phase.name);
            let _ = write!(
                out,
                "<tr><td>{name}</td><td>{what}</td><td class=\"number\">{count}</td>{}</tr>",
                cells.concat()
            );
        }
    }
    out.push_str("</tbody></table></div>");
    out
}

fn circumstances(found: &Found) -> String {
    let machine = &found.machine;
    let desks = &found.scenario.desks;
    let gib = format!("{:.1} GiB", float(machine.memory_bytes) / 1_073_741_824.0);
    let rows = [
        ("Machine", format!("{} x {}, {gib}, shared by server and generator", machine.cores, machine.processor)),
        ("Kernel", machine.kernel.clone()),
        ("Holdfast", found.version.clone()),
        ("Desks", format!("{}, {} % in a browser", desks.count, short(desks.web * 100.0))),
        ("Boards", found.scenario.boards.viewers.to_string()),
        ("Webhooks", format!("{} connections kept", found.scenario.webhooks.connections)),
    ];
    let mut out = String::from("<h2>Circumstances</h2><dl>");
    for (name, value) in rows {
        let _ = write!(out, "<dt>{name}</dt><dd>{}</dd>", escape(&value));
    }
    for (why, often) in &found.troubles {
        let _ = write!(out, "<dt>{often} times</dt><dd>{}</dd>", escape(why));
    }
    for (name, count) in &found.server_counts {
        let _ = write!(out, "<dt>Server counts</dt><dd>{} {}</dd>", escape(name), short(*count));
    }
    out.push_str("</dl>");
    out
}
