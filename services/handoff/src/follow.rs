//! Keeping up with the router: the capacity feed, once for everybody, taken up where it stood or from a snapshot.

use std::sync::Arc;
use std::time::Duration;

use holdfast_chassis::backoff::{Backoff, SystemDice};
use holdfast_chassis::channel::Line;
use holdfast_proto::router::v1::router_service_client::RouterServiceClient;
use holdfast_proto::router::v1::watch_request::{CapacityFeed, Feed};
use holdfast_proto::router::v1::watch_response::Frame;
use holdfast_proto::router::v1::{WatchRequest, WatchResponse};
use tokio::time::timeout;
use tonic::Code;

use crate::metrics;
use crate::sight::Sight;
use crate::turn::Moment;

/// Bytes in one frame, at most: a snapshot of every contact and counselor of a network.
const FRAME_BYTES_MAX: usize = 64 * 1_024 * 1_024;

pub(crate) struct Follower {
    client: RouterServiceClient<Line>,
    sight: Arc<Sight>,
    silence: Duration,
}

impl Follower {
    pub(crate) fn new(line: Line, sight: Arc<Sight>, silence: Duration) -> Self {
        let client = RouterServiceClient::new(line).max_decoding_message_size(FRAME_BYTES_MAX);
        Self { client, sight, silence }
    }

    /// Follows for as long as it is polled.
    pub(crate) async fn run(mut self) {
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(2));
        let mut from_here = true;
        loop {
            let from = self.sight.reached().filter(|_| from_here);
            from_here = true;
            metrics::followed(if from.is_some() { "position" } else { "snapshot" });
            let request = WatchRequest { from, feed: Some(Feed::Capacity(CapacityFeed {})) };
            match timeout(self.silence, self.client.watch(request)).await {
                Ok(Ok(answer)) => {
                    let mut feed = answer.into_inner();
                    // Silence counts as broken: the router beats every second.
                    while let Ok(Ok(Some(response))) = timeout(self.silence, feed.message()).await {
                        backoff.reset();
                        self.take(response);
                    }
                }
                Ok(Err(status)) => {
                    tracing::warn!(code = ?status.code(), "cannot follow the router; trying again");
                    // A position the router will not take must not keep us away for ever.
                    from_here =
                        !matches!(status.code(), Code::InvalidArgument | Code::OutOfRange | Code::FailedPrecondition);
                }
                Err(_) => tracing::warn!("the router did not answer in time; trying again"),
            }
            tokio::time::sleep(backoff.wait(&mut SystemDice)).await;
        }
    }

    fn take(&self, response: WatchResponse) {
        let WatchResponse { position: Some(position), at_ms, frame: Some(frame) } = response else { return };
        let now = Moment { place: position, at_ms };
        match frame {
            Frame::CapacitySnapshot(snapshot) => self.sight.snapshot(snapshot, now),
            Frame::CapacityDelta(delta) => self.sight.delta(delta, now),
            Frame::Beat(_) => self.sight.alive(now),
            // Not of this feed.
            Frame::DeskSnapshot(_) | Frame::DeskDelta(_) | Frame::EffectsSnapshot(_) | Frame::EffectsDelta(_) => {}
        }
    }
}
