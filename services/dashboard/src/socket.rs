//! One open board: says hello, shows the newest frame, beats, and answers what is said.
//!
//! Nothing waits here for a slow browser: it holds one frame at most, and who missed one gets a snapshot. A browser that takes
//! nothing for [`SEND_WAIT`], or from which nothing is heard for [`SILENT_BEATS_MAX`], is let go and comes back by itself.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, Utf8Bytes, WebSocket};
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, SplitSink, SplitStream};
use futures_util::{FutureExt, SinkExt, StreamExt};
use holdfast_chassis::channel::Line;
use holdfast_chassis::web::socket::{close, code};
use holdfast_chassis::web::{Pass, Web};
use serde::Serialize;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use crate::board::{Board, Published};
use crate::frame::{Place, Rows, json};
use crate::help::answer_help;
use crate::metrics;
use crate::names::Names;
use crate::say::{Answer, Say, What};

/// Bytes in one message from a board, at most; one more closes.
pub(crate) const MESSAGE_BYTES_MAX: usize = 4 * 1_024;

/// Messages from one board between two beats, at most; one more closes.
const MESSAGES_MAX: u32 = 32;

/// Answers of the router that one board may wait for; one more is told to wait.
const PENDING_MAX: usize = 4;

/// How long a browser may take to take a frame.
const SEND_WAIT: Duration = Duration::from_secs(10);

/// Beats between two pings, and beats without any sign of the browser after which it is let go.
const PING_BEATS: u32 = 15;
const SILENT_BEATS_MAX: u32 = 45;

/// Why a board's socket ends.
enum End {
    /// The browser left, or broke the protocol.
    Left,
    /// It takes nothing, or nothing is heard from it.
    Silent,
    /// Whoever it was may not look any more.
    SignedOut,
    /// Too many messages, or of a kind boards do not speak.
    Rude,
    /// This process ends.
    Away,
}

/// What a board stands on.
pub(crate) struct Seat {
    pub(crate) board: Arc<Board>,
    pub(crate) router: Line,
    pub(crate) web: Web,
    pub(crate) pass: Pass,
}

struct Viewer {
    seat: Seat,
    sink: SplitSink<WebSocket, Message>,
    rows: Rows,
    /// Where the browser stands; none before its first snapshot, or when it asked for another.
    at: Option<Place>,
    /// The names it was told.
    names: Option<Arc<Names>>,
    pending: FuturesUnordered<BoxFuture<'static, Answer>>,
    messages: u32,
    silent_beats: u32,
}

#[derive(Serialize)]
struct Me<'a> {
    name: &'a str,
    role: &'static str,
}

/// Serves one board until it ends, and then gives its permit back.
pub(crate) async fn serve(seat: Seat, _permit: OwnedSemaphorePermit, socket: WebSocket) {
    let _open = metrics::open();
    let (sink, mut stream) = socket.split();
    let pending = FuturesUnordered::new();
    let mut viewer =
        Viewer { seat, sink, rows: Rows::Top, at: None, names: None, pending, messages: 0, silent_beats: 0 };
    let (code, reason) = match viewer.run(&mut stream).await {
        End::Left => return,
        End::Silent => (code::TRY_AGAIN, "too slow; come back"),
        End::SignedOut => (code::POLICY, "signed out"),
        End::Rude => (code::UNSUPPORTED, "not what a board says"),
        End::Away => (code::AWAY, "restarting; come back"),
    };
    close(&mut viewer.sink, code, reason).await;
}

impl Viewer {
    async fn run(&mut self, stream: &mut SplitStream<WebSocket>) -> End {
        let (mut frames, mut beats) = (self.seat.board.frames(), self.seat.board.beats());
        let mut closing = std::pin::pin!(self.seat.board.closing.wait());
        let (beat, first) = (beats.borrow_and_update().clone(), frames.borrow_and_update().clone());
        if let Err(end) = self.beat(beat, first).await {
            return end;
        }
        loop {
            let said = tokio::select! {
                () = &mut closing => Err(End::Away),
                heard = stream.next() => match heard {
                    Some(Ok(message)) => {
                        let newest = frames.borrow().clone();
                        self.hear(message, newest).await
                    }
                    Some(Err(_)) | None => Err(End::Left),
                },
                Some(answer) = self.pending.next(), if !self.pending.is_empty() => self.send(answer.frame().into()).await,
                changed = frames.changed() => {
                    let newest = frames.borrow_and_update().clone();
                    if changed.is_ok() { self.show(newest).await } else { Err(End::Away) }
                }
                changed = beats.changed() => {
                    let beat = beats.borrow_and_update().clone();
                    // A beat names the frame before it: first that frame.
                    let newest = frames.borrow_and_update().clone();
                    if changed.is_ok() { self.beat(beat, newest).await } else { Err(End::Away) }
                }
            };
            if let Err(end) = said {
                return end;
            }
        }
    }

    /// Shows the newest frame, in whichever form brings the browser there.
    async fn show(&mut self, newest: Option<Arc<Published>>) -> Result<(), End> {
        let names = newest.as_ref().map(|published| &published.view.names);
        let told = match (&self.names, names) {
            (Some(told), Some(names)) => Arc::ptr_eq(told, names),
            (Some(_), None) => true,
            (None, _) => false,
        };
        if !told {
            let hello = self.hello(newest.as_deref());
            self.send(hello.into()).await?;
            self.names = Some(names.map_or_else(Arc::default, Arc::clone));
        }
        let Some(published) = newest else { return Ok(()) };
        let place = published.place;
        let next = |at: Place| at.epoch == place.epoch && at.seq + 1 == place.seq;
        let delta = match self.at {
            Some(at) if at == place => return Ok(()),
            Some(at) if next(at) => published.delta(self.rows),
            _ => None,
        };
        let bytes = match delta {
            Some(delta) => delta,
            None => {
                if let Some(at) = self.at {
                    metrics::resync(if next(at) || at.epoch != place.epoch { "changed" } else { "slow" });
                }
                published.snapshot(self.rows)
            }
        };
        self.send(bytes).await?;
        self.at = Some(place);
        if let Some(born) = published.born {
            metrics::frame_age(born.elapsed());
        }
        Ok(())
    }

    fn hello(&self, newest: Option<&Published>) -> String {
        let Seat { web, pass, .. } = &self.seat;
        let me = json(&Me { name: &pass.principal.name, role: pass.principal.role.name() });
        let build = json(&web.build());
        let empty = || json(&Names::default());
        let names = newest.map_or_else(empty, |published| published.names().to_owned());
        format!("{{\"type\":\"hello\",\"me\":{me},\"build\":{build},\"demo\":{},\"names\":{names}}}", web.is_demo())
    }

    async fn beat(&mut self, beat: Utf8Bytes, newest: Option<Arc<Published>>) -> Result<(), End> {
        self.show(newest).await?;
        if !self.seat.pass.stands() {
            return Err(End::SignedOut);
        }
        self.messages = 0;
        self.silent_beats += 1;
        if self.silent_beats > SILENT_BEATS_MAX {
            return Err(End::Silent);
        }
        if self.silent_beats.is_multiple_of(PING_BEATS) {
            self.send_message(Message::Ping(axum::body::Bytes::new())).await?;
        }
        self.send(beat).await
    }

    async fn hear(&mut self, message: Message, newest: Option<Arc<Published>>) -> Result<(), End> {
        self.silent_beats = 0;
        let text = match message {
            Message::Text(text) => text,
            Message::Ping(_) | Message::Pong(_) => return Ok(()),
            Message::Close(_) => return Err(End::Left),
            Message::Binary(_) => return Err(End::Rude),
        };
        self.messages += 1;
        if self.messages > MESSAGES_MAX {
            return Err(End::Rude);
        }
        // Who they are is asked again for everything they say.
        if !self.seat.pass.stands() {
            return Err(End::SignedOut);
        }
        let Say { request_id, what } = match Say::read(&text) {
            Ok(say) => say,
            Err(error) => {
                return self.send(Answer::refused(String::new(), "malformed", error.to_string()).frame().into()).await;
            }
        };
        let answer = match what {
            What::Resync => {
                metrics::resync("asked");
                return self.again(request_id, newest).await;
            }
            What::AllRows { on } => {
                self.rows = if on { Rows::All } else { Rows::Top };
                metrics::resync("rows");
                return self.again(request_id, newest).await;
            }
            What::Acknowledge { decision } => {
                match self.seat.board.acknowledge(&decision, &self.seat.pass.principal.name) {
                    Ok(()) => Answer::ok(request_id),
                    Err(ended) => Answer::refused(request_id, "ended", ended.to_string()),
                }
            }
            What::AnswerHelp { .. } if self.pending.len() >= PENDING_MAX => Answer::refused(
                request_id,
                "busy",
                "Earlier answers are still on their way. Wait a moment and try again.",
            ),
            What::AnswerHelp { counselor_id } => {
                let Seat { router, pass, .. } = &self.seat;
                self.pending
                    .push(answer_help(router.clone(), pass.principal.clone(), request_id, counselor_id).boxed());
                return Ok(());
            }
        };
        self.send(answer.frame().into()).await
    }

    /// Answers, and shows everything anew.
    async fn again(&mut self, request_id: String, newest: Option<Arc<Published>>) -> Result<(), End> {
        self.send(Answer::ok(request_id).frame().into()).await?;
        self.at = None;
        self.show(newest).await
    }

    async fn send(&mut self, frame: Utf8Bytes) -> Result<(), End> {
        self.send_message(Message::Text(frame)).await
    }

    async fn send_message(&mut self, message: Message) -> Result<(), End> {
        match timeout(SEND_WAIT, self.sink.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Left),
            Err(_) => Err(End::Silent),
        }
    }
}
