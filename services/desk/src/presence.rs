//! Telling the router that a desk is there, again after every restart of it, and that it is gone.

use std::sync::Arc;
use std::time::Duration;

use holdfast_chassis::access::Principal;
use holdfast_proto::router::v1::command::Kind;
use holdfast_proto::router::v1::{ConnectDesk, LoseDesk, Position};
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, timeout_at};
use tonic::Status;

use crate::metrics;
use crate::registry::Registry;
use crate::router::{Router, is_final, request_id, wish};
use crate::session::End;

/// How many desks tell at a time that they are there or gone; the others wait for their turn. Ten thousand that come back at once are
/// taken as fast as the router takes them, and what those say who are there already does not wait behind all of them.
pub(crate) const TELLING_MAX: usize = 64;

/// How long one desk has its turn before the next one may try.
const TURN_MAX: Duration = Duration::from_secs(2);

/// What attesting needs. The audio address is personal: no Debug.
pub(crate) struct Attestation {
    pub(crate) who: Principal,
    pub(crate) session: u64,
    pub(crate) audio_address: String,
    pub(crate) router: Router,
    /// Has [`TELLING_MAX`] turns.
    pub(crate) turns: Arc<Semaphore>,
}

impl Attestation {
    /// Says that the desk is there until the router has heard it; answers where its journal stood then.
    pub(crate) async fn attest(&self) -> Result<Position, Status> {
        let kind = Kind::ConnectDesk(ConnectDesk {
            counselor_id: self.who.name.clone(),
            session: self.session,
            audio_address: self.audio_address.clone(),
        });
        let request = wish(request_id(), &self.who, kind);
        let answer = loop {
            // Never closed. Held for a while and no longer: who is gone must be told of as well.
            let turn = self.turns.acquire().await;
            let turn_ends = Instant::now() + TURN_MAX;
            match self.router.submit(request.clone(), Some(turn_ends)).await {
                Ok(answer) => break answer,
                Err(status) if is_final(status.code()) => return Err(status),
                Err(_) => {}
            }
            drop(turn);
            tokio::time::sleep_until(turn_ends).await;
        };
        metrics::attested();
        Ok(answer.position.unwrap_or_default())
    }

    /// Attests again whenever the feed shows a place beyond the last attestation at which the router is unsure.
    pub(crate) async fn keep(&self, mut attested: Position, mut unsure_at: watch::Receiver<Position>) -> End {
        loop {
            if unsure_at.wait_for(|place| *place > attested).await.is_err() {
                return End::Left;
            }
            tracing::info!(
                counselor = self.who.name,
                session = self.session,
                "the router is unsure of a desk that is there"
            );
            match self.attest().await {
                // At least the place that asked for it, so that one doubt is answered once.
                Ok(place) => attested = place.max(*unsure_at.borrow()),
                Err(status) => return End::Refused(status),
            }
        }
    }
}

/// Tells the router that a session is gone, until it has heard, `until` has come or it knows that the person is back at a desk here.
pub(crate) async fn lose(
    who: Principal,
    session: u64,
    router: Router,
    registry: Registry,
    turns: Arc<Semaphore>,
    until: Instant,
) {
    let kind = Kind::LoseDesk(LoseDesk { counselor_id: who.name.clone(), session });
    let request = wish(request_id(), &who, kind);
    loop {
        // Whoever gets no turn in time tells all the same, once.
        let turn = timeout_at(until, turns.acquire()).await;
        if registry.is_known(&who.name) {
            return metrics::lost("back");
        }
        let turn_ends = Instant::now() + TURN_MAX;
        let step = if turn.is_ok() { until.min(turn_ends) } else { turn_ends };
        match router.submit(request.clone(), Some(step)).await {
            Ok(_) => return metrics::lost("told"),
            Err(status) if is_final(status.code()) => return metrics::lost("refused"),
            Err(status) if Instant::now() >= until => {
                tracing::warn!(counselor = who.name, session, code = ?status.code(), "a lost desk could not be reported");
                return metrics::lost("untold");
            }
            Err(_) => {}
        }
        drop(turn);
        tokio::time::sleep_until(turn_ends.min(until)).await;
    }
}
