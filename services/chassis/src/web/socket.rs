//! WebSockets within bounds: what a face's own machine stands on.
//!
//! A ping is answered by the library; a browser's script cannot send one, and so faces beat in words of their own.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use futures_util::{Sink, SinkExt};

/// Bytes in one message from a browser, at most: a note of 8,000 bytes, every one of them escaped, fits. One more closes.
pub const MESSAGE_BYTES_MAX: usize = 64 * 1_024;

/// Bytes read at a time, which every open socket keeps and which are wiped before each read: most words are shorter.
const READ_BYTES: usize = 16 * 1_024;

/// How long a socket that we end may take to be told so.
pub const CLOSE_WAIT: Duration = Duration::from_secs(1);

/// Close codes of RFC 6455 that we use.
pub mod code {
    /// The purpose is fulfilled.
    pub const NORMAL: u16 = 1_000;
    /// This process goes away; come back.
    pub const AWAY: u16 = 1_001;
    /// What came is not of a kind we take.
    pub const UNSUPPORTED: u16 = 1_003;
    /// Not allowed (any more).
    pub const POLICY: u16 = 1_008;
    /// Try again later.
    pub const TRY_AGAIN: u16 = 1_013;
}

/// Puts the bounds on an upgrade; the longest message is the face's own.
pub fn bounded(upgrade: WebSocketUpgrade, message_bytes_max: usize) -> WebSocketUpgrade {
    upgrade.max_message_size(message_bytes_max).max_frame_size(message_bytes_max).read_buffer_size(READ_BYTES)
}

/// Closes in words, for [`CLOSE_WAIT`] at most; a peer that is gone already does not matter.
pub async fn close(sink: &mut (impl Sink<Message, Error = axum::Error> + Unpin), code: u16, reason: &'static str) {
    let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
    let told = async {
        if sink.send(Message::Close(Some(frame))).await.is_ok() {
            let _ = sink.flush().await;
        }
    };
    let _ = tokio::time::timeout(CLOSE_WAIT, told).await;
}

/// Tells a browser that came with too many others to come back after so long, and closes.
pub async fn turn_away(mut socket: WebSocket, after: Duration) {
    let later = Message::text(later_frame(after));
    if matches!(tokio::time::timeout(CLOSE_WAIT, socket.send(later)).await, Ok(Ok(()))) {
        close(&mut socket, code::TRY_AGAIN, LATER).await;
    }
}

/// The reason of a close after [`later_frame`].
pub const LATER: &str = "later";

/// The frame that says when to come back; the same on every face.
#[must_use]
pub fn later_frame(after: Duration) -> String {
    format!("{{\"type\":\"later\",\"retry_ms\":{}}}", after.as_millis())
}

/// What came from a browser, seen from a face.
#[derive(Clone, PartialEq, Eq)]
#[expect(missing_debug_implementations, reason = "holds a person's words")]
pub enum Heard {
    /// Words.
    Text(Utf8Bytes),
    /// Something faces do not speak.
    Binary,
    /// The socket is closed, broken, or sent more than [`MESSAGE_BYTES_MAX`].
    Gone,
}

/// The next thing that matters. Cancel-safe.
pub async fn next(stream: &mut futures_util::stream::SplitStream<WebSocket>) -> Heard {
    use futures_util::StreamExt;
    loop {
        match stream.next().await {
            Some(Ok(Message::Text(text))) => return Heard::Text(text),
            Some(Ok(Message::Binary(_))) => return Heard::Binary,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(Message::Close(_)) | Err(_)) | None => return Heard::Gone,
        }
    }
}
