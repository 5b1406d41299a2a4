//! One session of one desk, from the moment its seat is taken to its last word, whatever wire it speaks on.
//!
//! The parts run side by side as one future, so that whichever ends first ends all; nothing outlives the session but the
//! report of its loss. How somebody came to a seat is the wire's business: `stream` for gRPC, `window` for browsers.

use std::sync::Arc;
use std::time::Duration;

use holdfast_chassis::access::Principal;
use holdfast_chassis::pace::Pace;
use holdfast_chassis::pressure::Pressure;
use holdfast_chassis::shutdown::{Guard, Shutdown};
use holdfast_proto::desk::v1::work_response::{Hear, SignedIn};
use holdfast_proto::router::v1::Position;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::Instant;
use tonic::Status;

use crate::drafts::Drafts;
use crate::follow::Follow;
use crate::inbound::Inbound;
use crate::listen::{ORDERS_MAX, listen};
use crate::metrics;
use crate::names::Names;
use crate::orders::carry_out;
use crate::outgoing::Outgoing;
use crate::presence::{Attestation, lose};
use crate::registry::{Left, Registry, Seat};
use crate::router::Router;
use crate::settings::DeskSettings;

/// Why a session is over.
#[derive(Debug)]
pub(crate) enum End {
    /// The desk closed it, or the connection broke.
    Left,
    /// Nothing came from the desk for too long.
    Silent,
    /// The desk did not read for too long.
    TooSlow,
    /// A newer desk of the same person took over here: nothing is lost.
    Superseded,
    /// The same at another process.
    Elsewhere,
    /// The shift is over.
    SignedOff,
    /// This service is stopping.
    Restarting,
    /// Too many come at once: this one after so long.
    Later(Duration),
    /// The router will not have this desk.
    Refused(Status),
}

impl End {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Silent => "silent",
            Self::TooSlow => "too_slow",
            Self::Superseded | Self::Elsewhere => "superseded",
            Self::SignedOff => "signed_off",
            Self::Restarting => "restarting",
            Self::Later(_) => "paced",
            Self::Refused(_) => "refused",
        }
    }

    /// What becomes of the seat, for windows of the same person that wait for it.
    fn left(&self) -> Left {
        match self {
            Self::Left | Self::TooSlow | Self::Superseded | Self::Restarting | Self::Later(_) | Self::Refused(_) => {
                Left::Gone
            }
            Self::Silent => Left::Silent,
            Self::Elsewhere => Left::Elsewhere,
            Self::SignedOff => Left::SignedOff,
        }
    }
}

/// What every session shares.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) settings: Arc<DeskSettings>,
    pub(crate) registry: Registry,
    pub(crate) router: Router,
    pub(crate) shutdown: Shutdown,
    pub(crate) drafts: Drafts,
    pub(crate) names: Names,
    /// How hard pressed the router is.
    pub(crate) pressure: Pressure,
    /// How fast desks may sign in.
    pub(crate) pace: Pace,
    /// How many tell the router at a time that they are there or gone.
    pub(crate) telling: Arc<Semaphore>,
}

/// Somebody who has just taken a seat.
pub(crate) struct Start {
    pub(crate) who: Principal,
    pub(crate) seat: Seat,
    pub(crate) audio_address: String,
    /// Where the desk stands, to resume.
    pub(crate) from: Option<Position>,
}

impl Shared {
    /// Runs a session and reports its loss if it is one.
    pub(crate) async fn sit(&self, start: Start, inbound: impl Inbound, out: &Outgoing, guard: Guard) -> End {
        let Start { who, mut seat, audio_address, from } = start;
        if let Some(from) = from {
            metrics::resumed("desk");
            out.here().begin(from);
        }
        let session = seat.session;
        let end = self.serve(&who, &mut seat, audio_address, inbound, out).await;
        let known = seat.known();
        seat.give_up(end.left());
        tracing::info!(counselor = who.name, session, reason = end.name(), "a desk is gone");
        self.report(who, known.unwrap_or(session), &end, guard);
        end
    }

    async fn serve(
        &self,
        who: &Principal,
        seat: &mut Seat,
        audio_address: String,
        mut inbound: impl Inbound,
        out: &Outgoing,
    ) -> End {
        let settings = &self.settings;
        let (line, mut waiting) = mpsc::channel(ORDERS_MAX);
        let attestation = Attestation {
            who: who.clone(),
            session: seat.session,
            audio_address,
            router: self.router.clone(),
            turns: Arc::clone(&self.telling),
        };
        let work = async {
            let attested = match attestation.attest().await {
                Ok(place) => place,
                Err(status) => return End::Refused(status),
            };
            self.registry.attested(&who.name, attestation.session);
            let hear = Hear::SignedIn(SignedIn { session: attestation.session, counselor_id: who.name.clone() });
            if let Err(end) = out.say(hear).await {
                return end;
            }
            tracing::info!(counselor = who.name, session = attestation.session, "a desk is there");
            let (unsure_at, doubts) = watch::channel(Position::default());
            let follow = Follow {
                counselor: &who.name,
                session: attestation.session,
                router: &self.router,
                registry: &self.registry,
                pressure: &self.pressure,
                out,
                unsure_at,
                router_silence: settings.router_silence(),
            };
            tokio::select! {
                // Where both are there an answer goes out before the news: seldom is a desk told that somebody is gone, and then that
                // it has taken them. A desk must bear it all the same.
                biased;
                end = carry_out(&mut waiting, who, &self.router, out, settings.command_wait()) => end,
                end = follow.run() => end,
                end = attestation.keep(attested, doubts) => end,
            }
        };
        tokio::select! {
            end = Box::pin(work) => end,
            end = listen(&mut inbound, who, line, out, settings.command_wait()) => end,
            end = out.keep_beating() => end,
            _ = &mut seat.superseded => End::Superseded,
            () = self.shutdown.wait() => End::Restarting,
        }
    }

    /// Reports a lost desk in the background. At most one report per ended session, each bounded in time.
    fn report(&self, who: Principal, session: u64, end: &End, guard: Guard) {
        let patience = match end {
            End::Superseded | End::Elsewhere | End::SignedOff | End::Later(_) => return,
            End::Restarting => self.settings.lose_wait_stopping(),
            End::Left | End::Silent | End::TooSlow | End::Refused(_) => self.settings.lose_wait(),
        };
        let (router, registry, shutdown) = (self.router.clone(), self.registry.clone(), self.shutdown.clone());
        let turns = Arc::clone(&self.telling);
        let stopping = self.settings.lose_wait_stopping();
        tokio::spawn(async move {
            let _guard = guard;
            let report = lose(who, session, router, registry, turns, Instant::now() + patience);
            tokio::select! {
                () = report => {}
                () = async { shutdown.wait().await; tokio::time::sleep(stopping).await } => {}
            }
        });
    }
}
