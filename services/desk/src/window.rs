//! One window of a browser, from its socket's first word to its last.
//!
//! A window has the lease of its person or is quiet. With it, it is a desk like any other: a session runs, fed from the
//! socket and heard on it. Without it, it is open, beats, and waits: until it takes the lease, or until whoever had it has
//! gone. So a reload, two tabs, a crash and a cut wire are one case each: the session ends the moment its window does, the
//! router is told at once, and another window of the same person takes over without anybody pressing anything.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use holdfast_chassis::web::{Pass, socket};
use holdfast_proto::desk::v1::WorkResponse;
use holdfast_proto::router::v1::Position;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep_until, timeout};

use crate::metrics;
use crate::refusal;
use crate::registry::{Left, Spot};
use crate::session::{End, Shared};
use crate::spoken;
use crate::wire::Frame;

mod desk;
mod words;

use desk::Desk;

/// Frames on their way to one socket, at most. A window that lets them stand is cut and resumes.
const FRAMES_MAX: usize = 64;

/// How long a session whose window is gone may take to end.
const END_WAIT: Duration = Duration::from_secs(1);

/// A window at work.
struct Window {
    shared: Shared,
    pass: Pass,
    build: &'static str,
    spot: Spot,
    frames: mpsc::Sender<Message>,
    /// The desk, while this window has the lease.
    desk: Option<Desk>,
    /// What it signed in with, once it has.
    signed_in: Option<SignedIn>,
    /// Set for a window that came quiet: before this moment the lease is not its to take by itself.
    not_before: Option<Instant>,
    heard_at: Instant,
    ticks: Interval,
}

/// What is needed to begin a session. The audio address is personal: no Debug.
struct SignedIn {
    audio_address: String,
    /// Where the window stood when it came, until it has been told more.
    from: Option<Position>,
}

/// What a window waits for.
#[expect(clippy::large_enum_variant, reason = "taken apart the moment it is made, never kept")]
enum Happened {
    Said(socket::Heard),
    Hears(Result<WorkResponse, End>),
    Vacated(Left),
    Tick,
    Over(End),
}

/// Runs a window until its socket is gone, or its person's shift or access ends.
pub(crate) async fn run(shared: Shared, pass: Pass, build: &'static str, socket: WebSocket) {
    let _client = metrics::client();
    let (sink, mut stream) = socket.split();
    let (frames, waiting) = mpsc::channel(FRAMES_MAX);
    let writer = tokio::spawn(write(sink, waiting));
    let end = match shared.registry.open(&pass.principal.name) {
        Err(_) => End::Refused(refusal::windows_full()),
        Ok(spot) => {
            let mut ticks = interval(shared.settings.beat());
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let (desk, signed_in, now) = (None, None, Instant::now());
            let (not_before, heard_at) = (None, now);
            let frames = frames.clone();
            let mut window = Window { shared, pass, build, spot, frames, desk, signed_in, not_before, heard_at, ticks };
            let end = Box::pin(window.live(&mut stream)).await;
            window.leave(&end).await;
            end
        }
    };
    metrics::window_ended(end.name());
    farewell(&frames, end);
    drop(frames);
    let aborts = writer.abort_handle();
    if timeout(socket::CLOSE_WAIT, writer).await.is_err() {
        aborts.abort();
    }
}

async fn write(mut sink: SplitSink<WebSocket, Message>, mut waiting: mpsc::Receiver<Message>) {
    while let Some(message) = waiting.recv().await {
        if sink.send(message).await.is_err() {
            return;
        }
    }
}

/// The last frame, where there is something to say, and the close.
fn farewell(frames: &mpsc::Sender<Message>, end: End) {
    let (reason, why, message, code) = match end {
        End::SignedOff => ("signed_off", "SIGNED_OFF".to_owned(), String::new(), socket::code::NORMAL),
        End::Restarting => ("restarting", "RESTARTING".to_owned(), String::new(), socket::code::AWAY),
        End::Refused(status) => {
            let why = refusal::reason(&status);
            // The page has these in its reader's language.
            let reason = match why.as_str() {
                "DESKS_FULL" => "desks_full",
                "WINDOWS_FULL" => "windows_full",
                "ACCESS_ENDED" => "access_ended",
                "UNKNOWN_COUNSELOR" => "unknown_counselor",
                _ => "refused",
            };
            (reason, why, status.message().to_owned(), socket::code::POLICY)
        }
        End::Later(after) => {
            let _ = frames.try_send(Message::text(socket::later_frame(after)));
            (socket::LATER, String::new(), String::new(), socket::code::TRY_AGAIN)
        }
        End::Left | End::Silent | End::TooSlow | End::Superseded | End::Elsewhere => {
            ("", String::new(), String::new(), socket::code::TRY_AGAIN)
        }
    };
    if !reason.is_empty() && reason != socket::LATER {
        let frame = Frame::End { reason, message: spoken::sentence(&why, &message) };
        // No room, or nobody there: then there is nobody to be told.
        let _ = frame.text().map(|text| frames.try_send(Message::text(text)));
    }
    let close = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
    let _ = frames.try_send(Message::Close(Some(close)));
}

impl Window {
    async fn live(&mut self, stream: &mut SplitStream<WebSocket>) -> End {
        loop {
            let done = match self.happens(stream).await {
                Happened::Said(socket::Heard::Text(text)) => {
                    self.heard_at = Instant::now();
                    if let Some(desk) = &self.desk {
                        desk.here().spoken();
                    }
                    self.said(&text)
                }
                Happened::Said(socket::Heard::Binary) => {
                    Err(End::Refused(refusal::field("say", "must be text; this window sent bytes")))
                }
                Happened::Said(socket::Heard::Gone) => Err(End::Left),
                Happened::Hears(Ok(response)) => self.hears(response),
                Happened::Hears(Err(End::Superseded | End::Elsewhere)) => self.gave_way(),
                Happened::Hears(Err(end)) => {
                    self.desk = None;
                    Err(end)
                }
                Happened::Vacated(Left::SignedOff) => Err(End::SignedOff),
                Happened::Vacated(_) => self.take_over(),
                Happened::Tick => self.tick(),
                Happened::Over(end) => Err(end),
            };
            if let Err(end) = done {
                return end;
            }
        }
    }

    async fn happens(&mut self, stream: &mut SplitStream<WebSocket>) -> Happened {
        let settings = &self.shared.settings;
        let quiet = self.desk.is_none() && self.signed_in.is_some();
        let silent_at = self.heard_at + settings.window_silence();
        tokio::select! {
            biased;
            () = self.shared.shutdown.wait() => Happened::Over(End::Restarting),
            () = self.frames.closed() => Happened::Over(End::Left),
            _ = self.ticks.tick() => Happened::Tick,
            heard = socket::next(stream) => Happened::Said(heard),
            // After what the socket has: words that are here already were said in time.
            () = sleep_until(silent_at) => Happened::Over(End::Silent),
            heard = hear(&self.frames, self.desk.as_mut()) => Happened::Hears(heard),
            left = self.spot.vacated(settings.lease_grace(), self.not_before), if quiet => Happened::Vacated(left),
        }
    }

    /// A sign of life, and a look whether the person may still be here.
    fn tick(&mut self) -> Result<(), End> {
        if !self.pass.stands() {
            return Err(End::Refused(refusal::access_ended()));
        }
        // The greeting comes first.
        if self.signed_in.is_none() {
            return Ok(());
        }
        let (at_ms, router_ms) = self.clock();
        let Some(text) = Frame::Beat { at_ms, router_ms }.text() else { return Ok(()) };
        // Where there is no room, other words show that we are there.
        let _ = self.frames.try_send(Message::text(text));
        Ok(())
    }

    /// The router's time, and for how long it has been silent: as this window's desk hears it, or else as others here do.
    fn clock(&self) -> (u64, u64) {
        let here = self.desk.as_ref().map(Desk::here).or_else(|| self.spot.holder());
        let others = self.shared.registry.clock();
        match here {
            Some(here) if here.at_ms() > 0 => (here.at_ms(), here.router_ms()),
            Some(here) => (others.at_ms(), here.router_ms()),
            None => (others.at_ms(), 0),
        }
    }

    fn tell(&self, frame: &Frame<'_>) -> Result<(), End> {
        let Some(text) = frame.text() else { return Ok(()) };
        self.frames.try_send(Message::text(text)).map_err(|error| match error {
            TrySendError::Full(_) => End::TooSlow,
            TrySendError::Closed(_) => End::Left,
        })
    }

    /// Ends the session with its window, and waits for that: the router is told the moment it is over.
    async fn leave(&mut self, end: &End) {
        let Some(desk) = self.desk.take() else { return };
        let how = match end {
            End::Silent => End::Silent,
            End::TooSlow => End::TooSlow,
            _ => End::Left,
        };
        let _ = timeout(END_WAIT, desk.end(how)).await;
    }
}

/// The next word for a window with a desk, once there is room for it. Cancel-safe.
async fn hear(frames: &mpsc::Sender<Message>, desk: Option<&mut Desk>) -> Result<WorkResponse, End> {
    let Some(desk) = desk else { return std::future::pending().await };
    let _room = frames.reserve().await.map_err(|_| End::Left)?;
    desk.hear().await
}
