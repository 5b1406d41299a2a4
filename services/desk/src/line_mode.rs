//! `holdfast desk`: a whole desk in a terminal, for a person who takes a call.
//!
//! Plain sentences, one line each, in the order things happen: it works with a screen reader and over a bad connection. No
//! colour, no redrawing, no countdown: one line at an offer and one at five seconds left. What is said is settled in
//! `screen` and `sentences`, what is understood in `words`; this file only moves lines.

use std::io;
use std::time::Duration;

use holdfast_chassis::shutdown::Shutdown;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::Instant;

use crate::client::{DeskClient, DeskEvent};

mod screen;
mod sentences;
mod words;

use screen::{Act, Screen};

/// Characters in one typed line that are read, at most. A longer note is sent back by the service, with words.
const LINE_BYTES_MAX: usize = 16 * 1_024;

/// How long the end of the shift waits for its confirmation before the desk just leaves.
const LEAVE_WAIT: Duration = Duration::from_secs(5);

/// Runs a desk until the person quits, the input ends, the service will not have it, or `shutdown` is triggered.
///
/// Leaving without `quit` signs nobody off: the router keeps their contacts and gives them no new ones.
///
/// # Errors
/// Only what reading `input` or writing `output` ends with.
pub async fn run(
    mut client: DeskClient,
    input: impl AsyncBufRead + Unpin,
    mut output: impl AsyncWrite + Unpin,
    shutdown: Shutdown,
) -> io::Result<()> {
    let mut lines = input;
    let mut typed = Vec::new();
    let mut screen = Screen::new();
    let mut reading = true;
    say(&mut output, &[sentences::CONNECTING.to_owned()]).await?;
    loop {
        let reminder = screen.next_reminder();
        tokio::select! {
            event = client.next() => match event {
                Some(event) => {
                    let over = matches!(event, DeskEvent::Disconnected { returns: false, .. });
                    let words = screen.hear(event, Instant::now());
                    say(&mut output, &words).await?;
                    if over {
                        return Ok(());
                    }
                }
                None => return Ok(()),
            },
            read = read_line(&mut lines, &mut typed), if reading => {
                let Some(line) = read? else {
                    if screen.leaving_since().is_some() {
                        reading = false;
                        continue;
                    }
                    return say(&mut output, &[sentences::LEFT.to_owned()]).await;
                };
                let (words, act) = screen.typed(&line, Instant::now());
                say(&mut output, &words).await?;
                if let Some(Act { command, purpose }) = act {
                    match client.send(command) {
                        Ok(request_id) => screen.sent(request_id, purpose),
                        Err(error) => say(&mut output, &[sentences::not_sent(error)]).await?,
                    }
                }
            }
            () = wait_until(reminder) => {
                let words = screen.remind(Instant::now());
                say(&mut output, &words).await?;
            }
            () = shutdown.wait() => {
                return say(&mut output, &[sentences::LEFT.to_owned()]).await;
            }
            () = wait_until(screen.leaving_since().map(|since| since + LEAVE_WAIT)) => {
                return say(&mut output, &[sentences::LEFT_UNCONFIRMED.to_owned()]).await;
            }
        }
    }
}

async fn wait_until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// The next line; none at the end of the input. Cancel-safe: what was read stays in `typed`.
async fn read_line(input: &mut (impl AsyncBufRead + Unpin), typed: &mut Vec<u8>) -> io::Result<Option<String>> {
    loop {
        let available = input.fill_buf().await?;
        if available.is_empty() {
            return Ok(None);
        }
        let (line, used) = match available.iter().position(|byte| *byte == b'\n') {
            Some(end) => (available.get(..end).unwrap_or_default(), end + 1),
            None => (available, available.len()),
        };
        let over = line.len() < used;
        let room = LINE_BYTES_MAX.saturating_sub(typed.len());
        typed.extend_from_slice(line.get(..room.min(line.len())).unwrap_or_default());
        input.consume(used);
        if over {
            let line = String::from_utf8_lossy(typed).trim().to_owned();
            typed.clear();
            return Ok(Some(line));
        }
    }
}

async fn say(output: &mut (impl AsyncWrite + Unpin), lines: &[String]) -> io::Result<()> {
    for line in lines {
        output.write_all(line.as_bytes()).await?;
        output.write_all(b"\n").await?;
    }
    output.flush().await
}
