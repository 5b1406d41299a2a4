//! Telling the router that a desk is there, again after every restart of it, and that it is gone.

use std::sync::Arc;

use holdfast_chassis::access::Principal;
use holdfast_proto::router::v1::command::Kind;
use holdfast_proto::router::v1::{ConnectDesk, LoseDesk, Position};
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;
use tonic::Status;

use crate::metrics;
use crate::registry::Registry;
use crate::router::{Router, request_id, wish};
use crate::session::End;

/// How many desks tell at a time that they are there or gone; the others wait for their turn. Ten thousand that come back at once are
/// taken as fast as the router takes them, and what those say who are there already does not wait behind all of them.
pub(crate) const TELLING_MAX: usize = 64;

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
        // Never closed; and whoever goes away gives the turn back.
        let _turn = self.turns.acquire().await;
        let answer = self.router.submit(request, None).await?;
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

/// Tells the router that a session is gone, until it has heard, `until` has come or the person is back at a desk here.
pub(crate) async fn lose(
    who: Principal,
    session: u64,
    router: Router,
    registry: Registry,
    turns: Arc<Semaphore>,
    until: Instant,
) {
    let _turn = turns.acquire().await;
    if registry.is_seated(&who.name) {
        return metrics::lost("back");
    }
    let kind = Kind::LoseDesk(LoseDesk { counselor_id: who.name.clone(), session });
    let request = wish(request_id(), &who, kind);
    loop {
        let step = until.min(Instant::now() + std::time::Duration::from_secs(2));
        match router.submit(request.clone(), Some(step)).await {
            Ok(_) => return metrics::lost("told"),
            Err(status) if crate::router::is_final(status.code()) => return metrics::lost("refused"),
            Err(_) if registry.is_seated(&who.name) => return metrics::lost("back"),
            Err(status) if Instant::now() >= until => {
                tracing::warn!(counselor = who.name, session, code = ?status.code(), "a lost desk could not be reported");
                return metrics::lost("untold");
            }
            Err(_) => {}
        }
    }
}
