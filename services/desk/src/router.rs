//! Speaking to the router: commands with retries, and the desk feed. What an answer means is the callers' business.

use std::time::Duration;

use holdfast_chassis::access::Principal;
use holdfast_chassis::backoff::{self, Backoff};
use holdfast_chassis::channel::Line;
use holdfast_chassis::retries::{Retries, Tries};
use holdfast_proto::router::v1::router_service_client::RouterServiceClient;
use holdfast_proto::router::v1::watch_request::{DeskFeed, Feed};
use holdfast_proto::router::v1::{
    Actor, Command, Position, SubmitRequest, SubmitResponse, WatchRequest, WatchResponse, command,
};
use tokio::time::{Instant, timeout};
use tonic::{Code, Status, Streaming};

/// One attempt waits this long, at most: a router that hangs must not use up the whole patience of a command.
const ATTEMPT_MAX: Duration = Duration::from_secs(2);

/// The first and the longest pause between two attempts.
const PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(1));

/// Bytes in one frame of a desk feed, at most, on both of its ways: a snapshot of all contacts with two thousand full notes.
pub(crate) const FRAME_BYTES_MAX: usize = 16 * 1_024 * 1_024;

/// The router as this service sees it.
#[derive(Debug, Clone)]
pub(crate) struct Router {
    client: RouterServiceClient<Line>,
    retries: Retries,
}

/// A command on somebody's behalf.
pub(crate) fn wish(request_id: String, who: &Principal, kind: command::Kind) -> SubmitRequest {
    SubmitRequest {
        request_id,
        on_behalf_of: Some(Actor { name: who.name.clone(), role: who.role.name().to_owned() }),
        command: Some(Command { kind: Some(kind) }),
    }
}

/// A fresh idempotency key.
pub(crate) fn request_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

impl Router {
    pub(crate) fn new(line: Line) -> Self {
        let client = RouterServiceClient::new(line).max_decoding_message_size(FRAME_BYTES_MAX);
        Self { client, retries: Retries::new("desk") }
    }

    /// One thing asked of the router, and what follows if it fails: ten thousand desks come back spread over a second, and no faster
    /// than the router takes them.
    pub(crate) fn tries(&self) -> Tries {
        self.retries.begin(Backoff::new(PAUSE.0, PAUSE.1))
    }

    /// Submits until the router has decided; with `until`, not beyond it. The same request id makes repeating safe.
    ///
    /// Errors: the refusal, or what the last attempt ended with when the time was up.
    pub(crate) async fn submit(
        &self,
        request: SubmitRequest,
        until: Option<Instant>,
    ) -> Result<SubmitResponse, Status> {
        let mut tries = self.tries();
        loop {
            let left =
                until.map_or(ATTEMPT_MAX, |until| until.saturating_duration_since(Instant::now()).min(ATTEMPT_MAX));
            let mut client = self.client.clone();
            let status = match timeout(left, client.submit(request.clone())).await {
                Ok(Ok(response)) => {
                    tries.worked();
                    return Ok(response.into_inner());
                }
                Ok(Err(status)) if is_final(status.code()) => {
                    tries.worked();
                    return Err(status);
                }
                Ok(Err(status)) => status,
                Err(_) => Status::deadline_exceeded("the router did not answer in time"),
            };
            if !tries.again(Some(&status), until).await {
                return Err(status);
            }
        }
    }

    /// Follows one counselor's feed.
    pub(crate) async fn watch(
        &self,
        counselor: &str,
        from: Option<Position>,
    ) -> Result<Streaming<WatchResponse>, Status> {
        let request = WatchRequest { from, feed: Some(Feed::Desk(DeskFeed { counselor_id: counselor.to_owned() })) };
        let mut client = self.client.clone();
        match timeout(ATTEMPT_MAX, client.watch(request)).await {
            Ok(answer) => Ok(answer?.into_inner()),
            Err(_) => Err(Status::deadline_exceeded("the router did not answer in time")),
        }
    }
}

/// Whether asking again cannot change the answer: a desk whose token is not known has to sign in anew.
pub(crate) const fn is_final(code: Code) -> bool {
    matches!(code, Code::Unauthenticated) || backoff::is_final(code)
}
