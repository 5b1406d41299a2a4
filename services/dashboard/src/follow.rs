//! Keeping up with the router: takes the feed up where it stood, or from a snapshot, for as long as the process lives.

use std::sync::Arc;
use std::time::Duration;

use holdfast_chassis::backoff::{Backoff, SystemDice};
use holdfast_chassis::channel::Line;
use holdfast_chassis::pressure::Level;
use holdfast_proto::router::v1::router_service_client::RouterServiceClient;
use holdfast_proto::router::v1::watch_request::{CapacityFeed, Feed};
use holdfast_proto::router::v1::watch_response::Frame;
use holdfast_proto::router::v1::{Position, WatchRequest, WatchResponse};
use tokio::time::timeout;
use tonic::Code;

use crate::board::Board;
use crate::metrics;

/// Bytes in one frame, at most: a snapshot of everything the dashboard would keep.
const FRAME_BYTES_MAX: usize = 64 * 1_024 * 1_024;

pub(crate) struct Follower {
    client: RouterServiceClient<Line>,
    board: Arc<Board>,
}

/// What a frame asks of the follower.
enum Next {
    Go(Option<Position>),
    /// The plan changed: everything anew.
    Snapshot,
}

impl Follower {
    pub(crate) fn new(line: Line, board: Arc<Board>) -> Self {
        let client = RouterServiceClient::new(line).max_decoding_message_size(FRAME_BYTES_MAX);
        Self { client, board }
    }

    pub(crate) async fn run(mut self) {
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(2));
        let silence = Duration::from_millis(self.board.settings.router_silence_ms);
        let mut from = None;
        loop {
            metrics::followed(if from.is_some() { "position" } else { "snapshot" });
            let request = WatchRequest { from, feed: Some(Feed::Capacity(CapacityFeed {})) };
            match timeout(silence, self.client.watch(request)).await {
                Ok(Ok(answer)) => {
                    let mut feed = answer.into_inner();
                    while let Ok(Ok(Some(response))) = timeout(silence, feed.message()).await {
                        backoff.reset();
                        match self.take(response) {
                            Next::Go(position) => from = position.or(from),
                            Next::Snapshot => {
                                from = None;
                                break;
                            }
                        }
                    }
                }
                Ok(Err(status)) => {
                    tracing::warn!(code = ?status.code(), "cannot follow the router; trying again");
                    // A position the router will not take must not keep us away for ever; a router that is away is no reason
                    // to forget where we stood, and with it what ends meanwhile.
                    if matches!(status.code(), Code::InvalidArgument | Code::OutOfRange | Code::FailedPrecondition) {
                        from = None;
                    }
                }
                Err(_) => tracing::warn!("the router did not answer in time; trying again"),
            }
            tokio::time::sleep(backoff.wait(&mut SystemDice)).await;
        }
    }

    fn take(&self, response: WatchResponse) -> Next {
        let WatchResponse { position, at_ms, frame } = response;
        let mut next = Next::Go(position);
        let epoch = position.as_ref().map(|position| position.epoch);
        self.board.fold(epoch, |state| match frame {
            Some(Frame::CapacitySnapshot(snapshot)) => {
                metrics::frame("snapshot");
                state.snapshot(snapshot, at_ms);
            }
            Some(Frame::CapacityDelta(delta)) => {
                metrics::frame("delta");
                if delta.plan_changed {
                    next = Next::Snapshot;
                }
                state.delta(delta, at_ms);
            }
            Some(Frame::Beat(beat)) => {
                self.board.pressed(Level::of_number(beat.pressure));
                state.tick(at_ms);
            }
            _ => {}
        });
        next
    }
}
