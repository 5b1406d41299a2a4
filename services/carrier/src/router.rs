//! The way to the router: commands that are sent until they are durable or refused.
//!
//! Every command is idempotent by its request id, so sending it again is always safe. Nothing of a command is ever logged.

use std::time::Duration;

use holdfast_chassis::backoff::{Backoff, SystemDice, is_final};
use holdfast_chassis::channel::Line;
use holdfast_chassis::shutdown::Shutdown;
use holdfast_proto::router::v1::command::Kind;
use holdfast_proto::router::v1::router_service_client::RouterServiceClient;
use holdfast_proto::router::v1::submit_response::Outcome;
use holdfast_proto::router::v1::{
    Command, DoubtEffect, LegCause, LegState, ReportLeg, SettleEffect, SubmitRequest, settle_effect,
};
use tokio::time::Instant;
use tonic::Code;

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
        Self { client: RouterServiceClient::new(line) }
    }

    /// The client, for a feed.
    pub(crate) fn client(&self) -> RouterServiceClient<Line> {
        self.client.clone()
    }

    /// Sends a command until it is decided or `until` has come.
    pub(crate) async fn submit(&self, id: &str, kind: Kind, until: Instant) -> Result<Outcome, Undone> {
        let mut pace = Backoff::new(PAUSE.0, PAUSE.1);
        loop {
            let left = until.saturating_duration_since(Instant::now()).min(TRY_WAIT);
            if left.is_zero() {
                return Err(Undone::Unavailable);
            }
            match self.once(id, kind.clone(), left).await {
                Err(Undone::Unavailable) => {}
                decided => return decided,
            }
            let pause = pace.wait(&mut SystemDice);
            if until.saturating_duration_since(Instant::now()) <= pause {
                return Err(Undone::Unavailable);
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// Sends a command until it is decided; gives up only at shutdown. True if it was decided, as done or as refused.
    pub(crate) async fn insist(&self, id: &str, kind: Kind, shutdown: &Shutdown) -> bool {
        let mut pace = Backoff::new(PAUSE.0, PAUSE.1);
        loop {
            match self.once(id, kind.clone(), TRY_WAIT).await {
                Ok(_) => return true,
                Err(Undone::Refused(code)) => {
                    tracing::info!(request_id = id, ?code, "the router refused what the carrier service told it");
                    return true;
                }
                Err(Undone::Unavailable) => {}
            }
            tokio::select! {
                () = tokio::time::sleep(pace.wait(&mut SystemDice)) => {}
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

    async fn once(&self, id: &str, kind: Kind, within: Duration) -> Result<Outcome, Undone> {
        let command = Some(Command { kind: Some(kind) });
        let mut request = tonic::Request::new(SubmitRequest { request_id: id.to_owned(), on_behalf_of: None, command });
        request.set_timeout(within);
        let mut client = self.client.clone();
        let answer = tokio::time::timeout(within, client.submit(request)).await;
        match answer {
            Err(_) => Err(Undone::Unavailable),
            Ok(Ok(answer)) => answer.into_inner().outcome.ok_or(Undone::Refused(Code::Internal)),
            Ok(Err(status)) => Err(judge(status.code())),
        }
    }
}

fn judge(code: Code) -> Undone {
    if is_final(code) { Undone::Refused(code) } else { Undone::Unavailable }
}
