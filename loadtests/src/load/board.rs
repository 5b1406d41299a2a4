//! Whoever watches the board: a WebSocket with a cookie, as the page has it, and how old what it shows is.

use super::desk::wire::open_socket;
use super::meter::Timed;
use super::world::World;
use crate::installation::Member;
use futures_util::{SinkExt as _, StreamExt as _};
use serde::Deserialize;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio_tungstenite::tungstenite::Message;

/// The server beats once a second; only what is later than that is age.
const BEAT_MS: i64 = 1_000;
/// How long a page waits before it comes back.
const BACK_AFTER: Duration = Duration::from_millis(500);
/// How often a viewer shows that it is there.
const SAYS_EVERY: Duration = Duration::from_secs(10);

/// A frame, as far as its age goes.
#[derive(Deserialize)]
struct Frame {
    at_ms: Option<i64>,
    #[serde(default)]
    router_ms: i64,
}

/// The least that the run's clock was ever ahead of a frame: network time stands there, since a frame only comes late.
pub(crate) struct Ahead(AtomicI64);

impl Default for Ahead {
    fn default() -> Self {
        Self(AtomicI64::new(i64::MAX))
    }
}

impl Ahead {
    /// How old a frame is, milliseconds: its delay, the router's silence, and the time without any frame beyond a beat.
    fn age_ms(&self, now_ms: i64, last_ms: Option<i64>, frame: &Frame) -> Option<i64> {
        let ahead = now_ms.saturating_sub(frame.at_ms.filter(|at| *at > 0)?);
        let least = self.0.fetch_min(ahead, Ordering::Relaxed).min(ahead);
        let gap = last_ms.map_or(0, |last| (now_ms - last - BEAT_MS).max(0));
        // A beat's time already counts the router's silence in; a frame's does not, and has none.
        Some((ahead - least).saturating_add(frame.router_ms.saturating_sub(BEAT_MS).max(0)).max(gap))
    }
}

/// Watches until the task ends.
pub(crate) async fn watch(world: Arc<World>, at: SocketAddr, operator: Member, ahead: Arc<Ahead>) {
    loop {
        let why = look(&world, at, &operator, &ahead).await;
        if let Err(why) = why {
            world.trouble(format!("a board's line: {why}"));
            world.boards_cut.fetch_add(1, Ordering::Relaxed);
        }
        tokio::time::sleep(BACK_AFTER).await;
    }
}

/// Counts down when the board is closed, however that comes.
struct Open<'a>(&'a World);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.boards_open.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn look(world: &World, at: SocketAddr, operator: &Member, ahead: &Ahead) -> Result<(), String> {
    let mut socket = open_socket(at, "/ui/v1/board", "holdfast", &operator.token).await?;
    world.boards_open.fetch_add(1, Ordering::Relaxed);
    let _open = Open(world);
    let mut last_ms = None;
    let mut says = tokio::time::interval(SAYS_EVERY);
    loop {
        let message = tokio::select! {
            heard = socket.next() => heard.ok_or("the socket ended")?.map_err(|error| error.to_string())?,
            _ = says.tick() => {
                socket.send(Message::Pong(bytes::Bytes::new())).await.map_err(|error| error.to_string())?;
                continue;
            }
        };
        let text = match message {
            Message::Text(text) => text,
            Message::Close(why) => return Err(why.map_or_else(|| "closed".to_owned(), |why| why.reason.to_string())),
            _ => continue,
        };
        let now_us = world.now_us();
        let now_ms = i64::try_from(now_us / 1_000).unwrap_or(i64::MAX);
        let frame: Frame = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        if let Some(age_ms) = ahead.age_ms(now_ms, last_ms, &frame) {
            let age_us = u64::try_from(age_ms).unwrap_or(0) * 1_000;
            world.meter.time(Timed::Board, now_us, age_us);
            last_ms = Some(now_ms);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Ahead, Frame};

    #[test]
    fn a_frame_is_as_old_as_its_delay_or_the_silence_before_it() {
        let ahead = Ahead::default();
        let frame = |at_ms, router_ms| Frame { at_ms: Some(at_ms), router_ms };
        assert_eq!(ahead.age_ms(10_000, None, &frame(5_000, 0)), Some(0), "the promptest word sets the clock");
        assert_eq!(ahead.age_ms(10_900, Some(10_000), &frame(5_600, 0)), Some(300));
        assert_eq!(ahead.age_ms(14_000, Some(10_900), &frame(9_000, 0)), Some(2_100), "nothing came for 3.1 s");
        assert_eq!(ahead.age_ms(15_000, Some(14_000), &frame(10_000, 4_000)), Some(3_000), "the router was silent");
        assert_eq!(ahead.age_ms(15_000, None, &Frame { at_ms: None, router_ms: 0 }), None);
    }
}
