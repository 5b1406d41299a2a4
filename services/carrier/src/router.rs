//! The way to the router: commands that are sent until they are durable or refused.
//!
//! Every command is idempotent by its request id, so sending it again is always safe. Nothing of a command is ever logged.

use std::time::Duration;

use holdfast_chassis::backoff::{Backoff, is_final};
use holdfast_chassis::channel::Line;
use holdfast_chassis::retries::{Retries, Tries};
use holdfast_chassis::shutdown::Shutdown;
use holdfast_proto::router::v1::command::Kind;
use holdfast_proto::router::v1::router_service_client::RouterServiceClient;
use holdfast_proto::router::v1::submit_response::Outcome;
use holdfast_proto::router::v1::{
    Command, DoubtEffect, LegCause, LegState, ReportLeg, SettleEffect, SubmitRequest, settle_effect,
};
use tokio::time::Instant;
use tonic::{Code, Status};

use crate::effect::{Effect, Settlement};
use crate::request_id::request_id;

/// The first and the longest pause between two tries.
const PAUSE: (Duration, Duration) = (Duration::from_millis(50), Duration::from_millis(1_000));
/// How long one try may take; a router that takes longer is asked again, perhaps through another connection.
const TRY_WAIT: Duration = Duration::from_secs(3);

/// A line to the router. Clones share it.
#[derive(Clone)]
pub(crate) struct Router {
    client: RouterServiceClient<Line>,
    retries: Retries,
}

/// Why a command is not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Undone {
    /// Decided, and durably so.
    Refused(Code),
    /// Nothing could be made durable in the time there was.
    Unavailable,
}

/// A leg's report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Report {
    pub(crate) contact: String,
    pub(crate) leg: u32,
    pub(crate) state: LegState,
    pub(crate) external_id: String,
    pub(crate) cause: LegCause,
}

impl Report {
    pub(crate) fn command(&self) -> Kind {
        Kind::ReportLeg(ReportLeg {
            contact_id: self.contact.clone(),
            leg: self.leg,
            state: self.state.into(),
            external_id: self.external_id.clone(),
            cause: self.cause.into(),
        })
    }
}

impl Router {
    pub(crate) fn new(line: Line) -> Self {
        Self { client: RouterServiceClient::new(line), retries: Retries::new("carrier") }
    }

    /// The client, for a feed.
    pub(crate) fn client(&self) -> RouterServiceClient<Line> {
        self.client.clone()
    }

    /// Sends a command until it is decided or `until` has come.
    pub(crate) async fn submit(&self, id: &str, kind: Kind, until: Instant) -> Result<Outcome, Undone> {
        let mut tries = self.tries();
        loop {
            let left = until.saturating_duration_since(Instant::now()).min(TRY_WAIT);
            if left.is_zero() {
                return Err(Undone::Unavailable);
            }
            let failed = match self.once(id, kind.clone(), left).await {
                Ok(Err(away)) => away,
                Ok(Ok(outcome)) => {
                    tries.worked();
                    return Ok(outcome);
                }
                Err(code) => {
                    tries.worked();
                    return Err(Undone::Refused(code));
                }
            };
            if !tries.again(failed.as_ref(), Some(until)).await {
                return Err(Undone::Unavailable);
            }
        }
    }

    /// Sends a command until it is decided; gives up only at shutdown. True if it was decided, as done or as refused.
    pub(crate) async fn insist(&self, id: &str, kind: Kind, shutdown: &Shutdown) -> bool {
        let mut tries = self.tries();
        loop {
            let failed = match self.once(id, kind.clone(), TRY_WAIT).await {
                Ok(Err(away)) => away,
                Ok(Ok(_)) => {
                    tries.worked();
                    return true;
                }
                Err(code) => {
                    tries.worked();
                    tracing::info!(request_id = id, ?code, "the router refused what the carrier service told it");
                    return true;
                }
            };
            tokio::select! {
                _ = tries.again(failed.as_ref(), None) => {}
                () = shutdown.wait() => return false,
            }
        }
    }

    /// Says how an effect ended, until the router knows.
    pub(crate) async fn settle(
        &self,
        account: &str,
        effect: &Effect,
        settlement: &Settlement,
        shutdown: &Shutdown,
    ) -> bool {
        let (word, text) = match settlement {
            Settlement::Accepted(id) => ("accepted", id.clone().unwrap_or_default()),
            Settlement::Refused(code) => ("refused", code.clone()),
        };
        let id = request_id(&[account, "settle", &effect.contact, &effect.number.to_string(), word, &text]);
        let settlement = match settlement {
            Settlement::Accepted(_) => settle_effect::Settlement::AcceptedExternalId(text),
            Settlement::Refused(_) => settle_effect::Settlement::RefusedCode(text),
        };
        let settle =
            SettleEffect { contact_id: effect.contact.clone(), number: effect.number, settlement: Some(settlement) };
        self.insist(&id, Kind::SettleEffect(settle), shutdown).await
    }

    /// Says that an effect's outcome is in doubt, until the router knows.
    pub(crate) async fn doubt(&self, account: &str, effect: &Effect, shutdown: &Shutdown) -> bool {
        let id = request_id(&[account, "doubt", &effect.contact, &effect.number.to_string()]);
        let doubt = DoubtEffect { contact_id: effect.contact.clone(), number: effect.number };
        self.insist(&id, Kind::DoubtEffect(doubt), shutdown).await
    }

    fn tries(&self) -> Tries {
        self.retries.begin(Backoff::new(PAUSE.0, PAUSE.1))
    }

    /// One attempt: the outcome, or that nobody has decided and what was said instead; an error is a refusal for good.
    async fn once(&self, id: &str, kind: Kind, within: Duration) -> Result<Result<Outcome, Option<Status>>, Code> {
        let command = Some(Command { kind: Some(kind) });
        let mut request = tonic::Request::new(SubmitRequest { request_id: id.to_owned(), on_behalf_of: None, command });
        request.set_timeout(within);
        let mut client = self.client.clone();
        let answer = tokio::time::timeout(within, client.submit(request)).await;
        match answer {
            Err(_) => Ok(Err(None)),
            Ok(Ok(answer)) => answer.into_inner().outcome.map(Ok).ok_or(Code::Internal),
            Ok(Err(status)) if is_final(status.code()) => Err(status.code()),
            Ok(Err(status)) => Ok(Err(Some(status))),
        }
    }
}
