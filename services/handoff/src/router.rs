//! Having commands decided: the router is asked until it has decided, or the time is up. What an answer means is the caller's.

use std::time::Duration;

use holdfast_chassis::access::Principal;
use holdfast_chassis::backoff::{Backoff, is_final};
use holdfast_chassis::channel::Line;
use holdfast_chassis::retries::Retries;
use holdfast_proto::router::v1::router_service_client::RouterServiceClient;
use holdfast_proto::router::v1::{Actor, Command, SubmitRequest, SubmitResponse};
use tokio::time::{Instant, timeout};
use tonic::{Code, Status};

use crate::order::Order;
use crate::refusal;

/// One attempt waits this long, at most: a router that hangs must not use up the whole patience of a command.
const ATTEMPT_MAX: Duration = Duration::from_secs(2);

/// The router as this service asks it.
#[derive(Debug, Clone)]
pub(crate) struct Router {
    client: RouterServiceClient<Line>,
    retries: Retries,
}

impl Router {
    pub(crate) fn new(line: Line) -> Self {
        Self { client: RouterServiceClient::new(line), retries: Retries::new("handoff") }
    }

    /// Has a command of `who` decided, not beyond `until`. The same request id makes repeating safe.
    ///
    /// Errors: the router's refusal as it is, or that it could not be asked.
    pub(crate) async fn submit(&self, order: Order, who: &Principal, until: Instant) -> Result<SubmitResponse, Status> {
        let request = SubmitRequest {
            request_id: order.request_id,
            on_behalf_of: Some(Actor { name: who.name.clone(), role: who.role.name().to_owned() }),
            command: Some(Command { kind: Some(order.kind) }),
        };
        let mut tries = self.retries.begin(Backoff::new(Duration::from_millis(50), Duration::from_secs(1)));
        loop {
            let left = until.saturating_duration_since(Instant::now()).min(ATTEMPT_MAX);
            let mut client = self.client.clone();
            let mut failed = None;
            match timeout(left, client.submit(request.clone())).await {
                Ok(Ok(response)) => {
                    tries.worked();
                    return Ok(response.into_inner());
                }
                Ok(Err(status)) if status.code() == Code::Unauthenticated => {
                    tracing::error!("the router does not know the token of the handoff service");
                    return Err(refusal::not_let_in());
                }
                Ok(Err(status)) if is_final(status.code()) => {
                    tries.worked();
                    return Err(status);
                }
                Ok(Err(status)) => {
                    tracing::debug!(code = ?status.code(), "the router has not decided; asking again");
                    failed = Some(status);
                }
                Err(_) => tracing::debug!("the router did not answer in time; asking again"),
            }
            if !tries.again(failed.as_ref(), Some(until)).await {
                return Err(refusal::router_away());
            }
        }
    }
}
