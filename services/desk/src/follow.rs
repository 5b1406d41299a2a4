//! The router's desk feed, forwarded in order. A broken feed is taken up again where the desk stands; nothing is kept here.

use std::time::Duration;

use holdfast_chassis::pressure::{Level, Pressure};
use holdfast_proto::desk::v1::work_response::Hear;
use holdfast_proto::router::v1::watch_response::Frame;
use holdfast_proto::router::v1::{DeskSelf, Position, Presence, WatchResponse};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::metrics;
use crate::outgoing::Outgoing;
use crate::registry::Registry;
use crate::router::{Router, is_final};
use crate::session::End;

/// One desk's feed.
pub(crate) struct Follow<'a> {
    pub(crate) counselor: &'a str,
    pub(crate) session: u64,
    pub(crate) router: &'a Router,
    pub(crate) registry: &'a Registry,
    /// Hears how hard pressed the router is.
    pub(crate) pressure: &'a Pressure,
    pub(crate) out: &'a Outgoing,
    /// Where the router was last seen to be unsure of this desk.
    pub(crate) unsure_at: watch::Sender<Position>,
    pub(crate) router_silence: Duration,
}

impl Follow<'_> {
    /// Forwards for as long as the desk is there.
    pub(crate) async fn run(&self) -> End {
        let mut tries = self.router.tries();
        let mut began = false;
        loop {
            let mut failed = None;
            match self.router.watch(self.counselor, self.out.here().place()).await {
                Ok(mut feed) => {
                    if began {
                        metrics::resumed("router");
                    }
                    began = true;
                    // Silence counts as broken: the router beats every second.
                    while let Ok(Ok(Some(frame))) = timeout(self.router_silence, feed.message()).await {
                        tries.worked();
                        if let Err(end) = self.forward(frame).await {
                            return end;
                        }
                    }
                }
                Err(status) if is_final(status.code()) => return End::Refused(status),
                Err(status) => failed = Some(status),
            }
            tries.again(failed.as_ref(), None).await;
        }
    }

    async fn forward(&self, response: WatchResponse) -> Result<(), End> {
        let Some(place) = response.position else {
            return Ok(());
        };
        self.registry.clock().advance(place, response.at_ms);
        // A new epoch is a new writer, and a new writer is unsure of everybody.
        self.doubt(Position { epoch: place.epoch, sequence: 0 });
        match response.frame {
            Some(Frame::DeskSnapshot(snapshot)) => {
                self.look(snapshot.self_.as_ref(), place)?;
                self.out.advance(place, response.at_ms, Hear::Snapshot(snapshot)).await
            }
            Some(Frame::DeskDelta(delta)) if Some(place) > self.out.here().place() => {
                self.look(delta.self_.as_ref(), place)?;
                self.out.advance(place, response.at_ms, Hear::Delta(delta)).await
            }
            Some(Frame::Beat(beat)) => {
                self.pressure.told(Level::of_number(beat.pressure));
                if Some(place) >= self.out.here().place() {
                    self.out.here().advance(place, response.at_ms);
                }
                self.out.beat_along().await
            }
            _ => Ok(()),
        }
    }

    /// Reads what the router thinks of this desk.
    fn look(&self, mine: Option<&DeskSelf>, place: Position) -> Result<(), End> {
        let Some(mine) = mine else { return Ok(()) };
        self.registry.observe(mine.session);
        if mine.session > self.session {
            return Err(End::Elsewhere);
        }
        if mine.presence == i32::from(Presence::Unsure) {
            self.doubt(place);
        }
        Ok(())
    }

    fn doubt(&self, place: Position) {
        self.unsure_at.send_if_modified(|unsure_at| {
            let newer = place > *unsure_at;
            if newer {
                *unsure_at = place;
            }
            newer
        });
    }
}
