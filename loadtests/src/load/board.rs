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
#[derive(Default, Deserialize)]
#[serde(default)]
struct Frame {
    r#type: String,
    at_ms: Option<i64>,
    router_ms: i64,
    /// How far apart frames with changes are now; beats say it.
    frame_ms: Option<i64>,
}

/// What a board has seen, cuts of its line included: while it was away what it shows grew old.
#[derive(Default)]
struct Seen {
    /// The last word of any kind.
    word_ms: Option<i64>,
    /// The last that changed what is shown.
    change_ms: Option<i64>,
    frame_ms: i64,
}

impl Seen {
    /// The time without any word beyond a beat, or how long a change may have been kept for the frame that brings it: no longer than since
    /// the last such frame, and than they are apart.
    fn gap_ms(&mut self, now_ms: i64, frame: &Frame) -> i64 {
        let silence = self.word_ms.replace(now_ms).map_or(0, |last| (now_ms - last - BEAT_MS).max(0));
        if frame.r#type == "beat" {
            self.frame_ms = frame.frame_ms.unwrap_or(self.frame_ms);
            return silence;
        }
        let kept = self.change_ms.replace(now_ms).map_or(0, |last| (now_ms - last).min(self.frame_ms));
        silence.max(kept)
    }
}

/// The least that the run's clock was ever ahead of a frame: network time stands there, since a frame only comes late.
pub(crate) struct Ahead(AtomicI64);

impl Default for Ahead {
    fn default() -> Self {
        Self(AtomicI64::new(i64::MAX))
    }
}

impl Ahead {
    /// How old is what a board shows when a frame comes, milliseconds: the frame's delay, the router's silence, and the board's gap.
    fn age_ms(&self, now_ms: i64, seen: &mut Seen, frame: &Frame) -> Option<i64> {
        let ahead = now_ms.saturating_sub(frame.at_ms.filter(|at| *at > 0)?);
        let least = self.0.fetch_min(ahead, Ordering::Relaxed).min(ahead);
        let gap = seen.gap_ms(now_ms, frame);
        // A beat's time already counts the router's silence in; a frame's does not, and has none.
        Some((ahead - least).saturating_add(frame.router_ms.saturating_sub(BEAT_MS).max(0)).max(gap))
    }
}

/// Watches until the task ends.
pub(crate) async fn watch(world: Arc<World>, at: SocketAddr, operator: Member, ahead: Arc<Ahead>) {
    let mut seen = Seen::default();
    loop {
        if let Err(why) = look(&world, at, &operator, &ahead, &mut seen).await {
            world.trouble(format!("a board's line: {why}"));
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

async fn look(world: &World, at: SocketAddr, operator: &Member, ahead: &Ahead, seen: &mut Seen) -> Result<(), String> {
    let mut socket = open_socket(at, "/ui/v1/board", "holdfast", &operator.token).await?;
    world.boards_open.fetch_add(1, Ordering::Relaxed);
    let _open = Open(world);
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
        if let Some(age_ms) = ahead.age_ms(now_ms, seen, &frame) {
            let age_us = u64::try_from(age_ms).unwrap_or(0) * 1_000;
            world.meter.time(Timed::Board, now_us, age_us);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Ahead, Frame, Seen};

    fn frame(kind: &str, at_ms: i64, router_ms: i64) -> Frame {
        Frame { r#type: kind.to_owned(), at_ms: Some(at_ms), router_ms, frame_ms: None }
    }

    #[test]
    fn what_is_shown_is_as_old_as_its_delay_or_the_silence_before_it() {
        let (ahead, mut seen) = (Ahead::default(), Seen::default());
        let mut age = |now_ms, frame: &Frame| ahead.age_ms(now_ms, &mut seen, frame);
        assert_eq!(age(10_000, &frame("beat", 5_000, 0)), Some(0), "the promptest word sets the clock");
        assert_eq!(age(10_900, &frame("beat", 5_600, 0)), Some(300));
        assert_eq!(age(14_000, &frame("beat", 9_000, 0)), Some(2_100), "nothing came for 3.1 s");
        assert_eq!(age(15_000, &frame("beat", 10_000, 4_000)), Some(3_000), "the router was silent");
        assert_eq!(age(15_000, &Frame::default()), None);
    }

    #[test]
    fn a_change_may_have_been_kept_since_the_frame_before() {
        let (ahead, mut seen) = (Ahead::default(), Seen::default());
        let mut age = |now_ms, frame: &Frame| ahead.age_ms(now_ms, &mut seen, frame);
        let beat = |at_ms, frame_ms| Frame { frame_ms: Some(frame_ms), ..frame("beat", at_ms, 0) };
        assert_eq!(age(10_000, &beat(5_000, 250)), Some(0));
        assert_eq!(age(10_100, &frame("snapshot", 5_100, 0)), Some(0));
        assert_eq!(age(10_200, &frame("delta", 5_200, 0)), Some(100));
        assert_eq!(age(11_000, &frame("delta", 6_000, 0)), Some(250), "calm boards change four times a second");
        for second in 12..21 {
            assert_eq!(age(second * 1_000, &beat(second * 1_000 - 5_000, 10_000)), Some(0));
        }
        assert_eq!(age(20_500, &frame("delta", 15_500, 0)), Some(9_500), "pressed ones wait");
    }
}
