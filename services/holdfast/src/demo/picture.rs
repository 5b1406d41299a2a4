//! The picture in the terminal: queues, counselors, the latest offers. The terminal's own colours; words and marks, not colour alone.

use super::follow::{Follow, Seen};
use holdfast_proto::router::v1::ContactState;
use ratatui::Frame;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyModifiers};
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::Line;
use ratatui::widgets::{Block, Paragraph, Row, Table};
use std::time::{Duration, Instant};

/// How often it is drawn.
const DRAW_EVERY: Duration = Duration::from_millis(100);

/// Draws until the person quits or the time is up. `ways` are how to come to the board, and stay in sight.
pub(super) async fn show(seen: &Follow, ways: &[String], lasting: Duration) -> anyhow::Result<()> {
    let mut terminal = ratatui::try_init()?;
    let started = Instant::now();
    let mut every = tokio::time::interval(DRAW_EVERY);
    let ended = loop {
        every.tick().await;
        let now = seen.look();
        if let Err(error) = terminal.draw(|frame| draw(frame, &now, ways)) {
            break Err(error.into());
        }
        match quits() {
            Ok(false) if started.elapsed() < lasting => {}
            Ok(_) => break Ok(()),
            Err(error) => break Err(error.into()),
        }
    };
    ratatui::restore();
    ended
}

/// Whether the person asked to quit. Does not wait for them.
fn quits() -> std::io::Result<bool> {
    while event::poll(Duration::ZERO)? {
        if let Event::Key(key) = event::read()? {
            let interrupted = key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
            if interrupted || matches!(key.code, KeyCode::Char('q') | KeyCode::Esc) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn draw(frame: &mut Frame<'_>, seen: &Seen, ways: &[String]) {
    let [head, body, foot] =
        Layout::vertical([Constraint::Length(3), Constraint::Min(5), Constraint::Length(3)]).areas(frame.area());
    let [left, right] = Layout::horizontal([Constraint::Percentage(55), Constraint::Percentage(45)]).areas(body);
    let [people, offers] = Layout::vertical([Constraint::Percentage(65), Constraint::Percentage(35)]).areas(right);
    let counts = format!(
        " waiting {}   offered {}   connecting {}   connected {}   writing up {}   |   called {}   talked {}   left {}",
        seen.count(ContactState::Waiting),
        seen.count(ContactState::Offered),
        seen.count(ContactState::Connecting),
        seen.count(ContactState::Connected),
        seen.count(ContactState::WrappingUp),
        seen.arrived,
        seen.connected,
        seen.abandoned,
    );
    let title = " Holdfast demo: simulated people ";
    frame.render_widget(Paragraph::new(counts).block(Block::bordered().title(title)), head);
    queues(frame, left, seen);
    counselors(frame, people, seen);
    let latest: Vec<Line<'_>> = seen.offers.iter().map(|it| Line::from(format!(" {it}"))).collect();
    frame.render_widget(Paragraph::new(latest).block(Block::bordered().title(" Latest offers ")), offers);
    let ways = ways.iter().map(|it| Line::from(format!(" {it}")));
    let foot_lines: Vec<Line<'_>> = ways.chain([Line::from(" q quits")]).collect();
    frame.render_widget(Paragraph::new(foot_lines), foot);
}

fn queues(frame: &mut Frame<'_>, area: Rect, seen: &Seen) {
    let rows = seen.queues().into_iter().map(|(name, count, wait_ms)| {
        let bars = "▮".repeat(count.min(30));
        Row::new([name, count.to_string(), format!("{:.1} s", Duration::from_millis(wait_ms).as_secs_f64()), bars])
    });
    let widths = [Constraint::Length(26), Constraint::Length(8), Constraint::Length(10), Constraint::Min(4)];
    let header = Row::new(["queue", "waiting", "longest", ""]).style(Style::new().add_modifier(Modifier::BOLD));
    let table = Table::new(rows, widths).header(header).block(Block::bordered().title(" People waiting "));
    frame.render_widget(table, area);
}

fn counselors(frame: &mut Frame<'_>, area: Rect, seen: &Seen) {
    let rows = seen.counselors.values().map(|it| {
        let doing = Seen::doing(it);
        let mark = match doing {
            "available" => "○",
            "on contact" => "●",
            "offered" => "◆",
            "writing up" => "✎",
            _ => "·",
        };
        Row::new([mark.to_owned(), it.counselor_id.clone(), it.center.clone(), doing.to_owned()])
    });
    let widths = [Constraint::Length(2), Constraint::Length(10), Constraint::Length(11), Constraint::Min(10)];
    frame.render_widget(Table::new(rows, widths).block(Block::bordered().title(" Counselors ")), area);
}
