//! The other end of the wire: a desk that signs in, keeps beating, comes back by itself and loses nothing.
//!
//! Used by the line-mode desk, by simulated counselors and by load tests. Commands keep their request id over reconnects
//! and are asked again until they are answered or their time is up; the router makes that safe. Nothing is written down:
//! after the process is gone, the next sign-in begins from a snapshot.

use std::time::Duration;

use holdfast_chassis::channel::Line;
use holdfast_proto::router::v1::{DeskDelta, DeskSnapshot, Position};
use tokio::sync::{mpsc, oneshot};
use tonic::Code;

mod actor;
mod command;
mod pending;

pub use command::DeskCommand;

use actor::Actor;
use pending::Asked;

/// Commands of one client that are not answered yet, at most; [`DeskHandle::send`] answers [`SendError::Busy`] beyond.
pub const UNANSWERED_MAX: usize = 64;

/// Events that wait for the owner of the client, at most. Beyond, the client reads no further; the desk service cuts a
/// desk that does not read, and the client resumes where it stood.
pub const EVENTS_MAX: usize = 256;

/// How a client behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientSettings {
    /// How often it beats, in milliseconds. Well below the service's patience of 6,000.
    pub beat_ms: u64,
    /// How long the service may be silent before the client connects anew, in milliseconds.
    pub silence_ms: u64,
    /// How long a command may go unanswered, over reconnects, in milliseconds.
    pub answer_wait_ms: u64,
    /// The first pause before connecting anew, in milliseconds; doubles, with jitter.
    pub pause_first_ms: u64,
    /// The longest pause before connecting anew, in milliseconds.
    pub pause_most_ms: u64,
}

impl Default for ClientSettings {
    fn default() -> Self {
        Self { beat_ms: 2_000, silence_ms: 6_000, answer_wait_ms: 30_000, pause_first_ms: 100, pause_most_ms: 3_000 }
    }
}

/// What a desk lives through, in order.
#[derive(Clone, PartialEq)]
pub enum DeskEvent {
    /// The shift began.
    SignedIn {
        /// The session that speaks for the counselor.
        session: u64,
        /// Who the service believes is speaking.
        counselor_id: String,
    },
    /// The shift goes on after a broken stream; what was missed follows.
    Resumed {
        /// The new session.
        session: u64,
    },
    /// All there is; replaces what the desk had.
    Snapshot {
        /// Where the desk stands after it.
        position: Position,
        /// Network time, in milliseconds.
        at_ms: u64,
        /// The snapshot.
        snapshot: DeskSnapshot,
    },
    /// What changed.
    Delta {
        /// Where the desk stands after it.
        position: Position,
        /// Network time, in milliseconds.
        at_ms: u64,
        /// The change.
        delta: DeskDelta,
    },
    /// What became of a command given to [`DeskHandle::send`].
    Answered(Answer),
    /// The stream is over. Said once per stream that had begun, and for the last one.
    Disconnected {
        /// Whether the client comes back by itself. False after the end of the shift and where coming back would not help.
        returns: bool,
        /// How it ended.
        code: Code,
        /// Why, for a person.
        message: String,
    },
}

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Which.
    pub request_id: String,
    /// `Ok` is done.
    pub code: Code,
    /// A stable word for the reason; empty when done. `NOT_CONFIRMED`: nobody answered in time, and it may still happen.
    pub reason: String,
    /// What to tell the person at the desk; empty when done.
    pub message: String,
}

impl Answer {
    /// Whether the command is done.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.code == Code::Ok
    }

    fn not_confirmed(request_id: String) -> Self {
        Self {
            request_id,
            code: Code::DeadlineExceeded,
            reason: "NOT_CONFIRMED".to_owned(),
            message: "Not confirmed: there was no answer in time. Look at your state before you try again.".to_owned(),
        }
    }
}

/// Why a command was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// [`UNANSWERED_MAX`] commands wait already.
    #[error("too many commands wait for an answer; wait for one")]
    Busy,
    /// The client has ended.
    #[error("the desk has ended; start a new one")]
    Ended,
}

/// Gives commands. Clones speak for the same desk.
#[derive(Clone)]
pub struct DeskHandle {
    asked: mpsc::Sender<Asked>,
    answer_wait: Duration,
}

impl DeskHandle {
    /// Gives a command and returns its request id at once; the answer comes as [`DeskEvent::Answered`].
    ///
    /// # Errors
    /// See [`SendError`].
    pub fn send(&self, command: DeskCommand) -> Result<String, SendError> {
        let request_id = uuid::Uuid::new_v4().to_string();
        let asked = Asked::new(request_id.clone(), command, None, self.answer_wait);
        self.asked.try_send(asked).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => SendError::Busy,
            mpsc::error::TrySendError::Closed(_) => SendError::Ended,
        })?;
        Ok(request_id)
    }

    /// Gives a command and waits for its answer, at most [`ClientSettings::answer_wait_ms`].
    pub async fn ask(&self, command: DeskCommand) -> Answer {
        let request_id = uuid::Uuid::new_v4().to_string();
        let (reply, answer) = oneshot::channel();
        let asked = Asked::new(request_id.clone(), command, Some(reply), self.answer_wait);
        let wait = async {
            self.asked.send(asked).await.ok()?;
            answer.await.ok()
        };
        tokio::time::timeout(self.answer_wait, wait)
            .await
            .ok()
            .flatten()
            .unwrap_or_else(|| Answer::not_confirmed(request_id))
    }
}

/// A desk that is connected, or trying to be. Dropping it and all its handles leaves without signing off.
pub struct DeskClient {
    handle: DeskHandle,
    events: mpsc::Receiver<DeskEvent>,
}

impl DeskClient {
    /// Starts a desk over `line`, which carries the counselor's token. `audio_address` is where their phone is this shift
    /// (E.164 or SIP), or empty. Must be called inside a runtime. Each desk holds one stream of its line's connection, and the
    /// chassis's servers take 4,096 by default of them: give each counselor a line of their own.
    #[must_use]
    pub fn start(line: Line, audio_address: String, settings: ClientSettings) -> Self {
        let (asked, asks) = mpsc::channel(UNANSWERED_MAX);
        let (sender, events) = mpsc::channel(EVENTS_MAX);
        let handle = DeskHandle { asked, answer_wait: Duration::from_millis(settings.answer_wait_ms) };
        tokio::spawn(Actor::new(line, audio_address, settings, asks, sender).run());
        Self { handle, events }
    }

    /// Something to give commands with, apart from the events.
    #[must_use]
    pub fn handle(&self) -> DeskHandle {
        self.handle.clone()
    }

    /// As [`DeskHandle::send`].
    ///
    /// # Errors
    /// See [`SendError`].
    pub fn send(&self, command: DeskCommand) -> Result<String, SendError> {
        self.handle.send(command)
    }

    /// As [`DeskHandle::ask`]. Events wait meanwhile, at most [`EVENTS_MAX`].
    pub async fn ask(&self, command: DeskCommand) -> Answer {
        self.handle.ask(command).await
    }

    /// The next event; none after a [`DeskEvent::Disconnected`] that does not return. Cancel-safe.
    pub async fn next(&mut self) -> Option<DeskEvent> {
        self.events.recv().await
    }
}
