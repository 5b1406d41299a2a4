//! One stream of one desk, from its first word to its last.
//!
//! The parts run side by side as one future, so that whichever ends first ends all; nothing outlives the stream but the
//! report of its loss.

use std::sync::Arc;

use holdfast_chassis::access::Principal;
use holdfast_chassis::shutdown::{Guard, Shutdown};
use holdfast_proto::desk::v1::WorkRequest;
use holdfast_proto::desk::v1::work_request::{Say, SignIn};
use holdfast_proto::desk::v1::work_response::{Hear, SignedIn};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, timeout};
use tonic::{Status, Streaming};

use crate::follow::Follow;
use crate::listen::{ORDERS_MAX, listen};
use crate::metrics;
use crate::orders::carry_out;
use crate::outgoing::{Hearing, Outgoing, open};
use crate::place::Place;
use crate::presence::{Attestation, lose};
use crate::refusal;
use crate::registry::{Registry, Seat};
use crate::router::Router;
use crate::settings::DeskSettings;
use crate::validate;

/// Why a stream is over.
#[derive(Debug)]
pub(crate) enum End {
    /// The desk closed it, or the connection broke.
    Left,
    /// Nothing came from the desk for too long.
    Silent,
    /// The desk did not read for too long.
    TooSlow,
    /// A newer desk of the same person took over: nothing is lost.
    Superseded,
    /// The shift is over.
    SignedOff,
    /// This service is stopping.
    Restarting,
    /// The router will not have this desk.
    Refused(Status),
}

impl End {
    fn name(&self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Silent => "silent",
            Self::TooSlow => "too_slow",
            Self::Superseded => "superseded",
            Self::SignedOff => "signed_off",
            Self::Restarting => "restarting",
            Self::Refused(_) => "refused",
        }
    }

    fn last_word(self) -> Option<Status> {
        match self {
            Self::Left | Self::SignedOff => None,
            Self::Silent => Some(refusal::silent()),
            Self::TooSlow => Some(refusal::too_slow()),
            Self::Superseded => Some(refusal::superseded()),
            Self::Restarting => Some(refusal::restarting()),
            Self::Refused(status) => Some(status),
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
}

impl Shared {
    /// Begins a session and answers what the desk will hear.
    pub(crate) fn begin(&self, who: Principal, inbound: Streaming<WorkRequest>) -> Hearing {
        let (out, last_word, hearing) = open(self.settings.unread());
        let guard = self.shutdown.guard("desk");
        let shared = self.clone();
        tokio::spawn(async move { Box::pin(shared.run(who, inbound, out, last_word, guard)).await });
        hearing
    }

    async fn run(
        self,
        who: Principal,
        mut inbound: Streaming<WorkRequest>,
        out: Outgoing,
        last_word: oneshot::Sender<Status>,
        guard: Guard,
    ) {
        let end = match self.sign_in(&who, &mut inbound, &out).await {
            Ok((seat, sign_in)) => {
                let session = seat.session;
                let end = self.serve(&who, seat, sign_in, inbound, &out).await;
                tracing::info!(counselor = who.name, session, reason = end.name(), "a desk is gone");
                self.report(who, session, &end, guard);
                end
            }
            Err(end) => end,
        };
        metrics::ended(end.name());
        if let Some(status) = end.last_word() {
            // Nobody listens any more if the connection is gone.
            let _ = last_word.send(status);
        }
    }

    async fn sign_in(
        &self,
        who: &Principal,
        inbound: &mut Streaming<WorkRequest>,
        out: &Outgoing,
    ) -> Result<(Seat, SignIn), End> {
        let first = tokio::select! {
            first = timeout(self.settings.silence(), inbound.message()) => first,
            () = self.shutdown.wait() => return Err(End::Restarting),
        };
        let first = match first {
            Err(_) => return Err(End::Silent),
            Ok(Err(_) | Ok(None)) => return Err(End::Left),
            Ok(Ok(Some(first))) => first,
        };
        let Some(Say::SignIn(sign_in)) = first.say else {
            return Err(End::Refused(refusal::field("sign_in", "must be the first word of a stream")));
        };
        let checked = validate::request_id(&first.request_id).and_then(|()| validate::sign_in(&sign_in));
        if let Err(wrong) = checked {
            return Err(End::Refused(refusal::field(wrong.field, wrong.message)));
        }
        let Ok(seat) = self.registry.seat(&who.name) else {
            return Err(End::Refused(refusal::desks_full(self.settings.desks_max)));
        };
        if let Some(from) = sign_in.from {
            metrics::resumed("desk");
            out.here().begin(from.into());
        }
        Ok((seat, sign_in))
    }

    async fn serve(
        &self,
        who: &Principal,
        mut seat: Seat,
        sign_in: SignIn,
        mut inbound: Streaming<WorkRequest>,
        out: &Outgoing,
    ) -> End {
        let settings = &self.settings;
        let (line, mut waiting) = mpsc::channel(ORDERS_MAX);
        let attestation = Attestation {
            who: who.clone(),
            session: seat.session,
            audio_address: sign_in.audio_address,
            router: self.router.clone(),
        };
        let work = async {
            let attested = match attestation.attest().await {
                Ok(place) => place,
                Err(status) => return End::Refused(status),
            };
            let hear = Hear::SignedIn(SignedIn { session: attestation.session, counselor_id: who.name.clone() });
            if let Err(end) = out.say(hear).await {
                return end;
            }
            tracing::info!(counselor = who.name, session = attestation.session, "a desk is there");
            let (unsure_at, doubts) = watch::channel(Place::default());
            let follow = Follow {
                counselor: &who.name,
                session: attestation.session,
                router: &self.router,
                registry: &self.registry,
                out,
                unsure_at,
                router_silence: settings.router_silence(),
            };
            tokio::select! {
                end = follow.run() => end,
                end = attestation.keep(attested, doubts) => end,
                end = carry_out(&mut waiting, who, &self.router, out, settings.command_wait()) => end,
            }
        };
        tokio::select! {
            end = Box::pin(work) => end,
            end = listen(&mut inbound, who, line, out, settings.silence(), settings.command_wait()) => end,
            end = out.keep_beating(settings.beat()) => end,
            _ = &mut seat.superseded => End::Superseded,
            () = self.shutdown.wait() => End::Restarting,
        }
    }

    /// Reports a lost desk in the background. At most one report per ended stream, each bounded in time.
    fn report(&self, who: Principal, session: u64, end: &End, guard: Guard) {
        let patience = match end {
            End::Superseded | End::SignedOff => return,
            End::Restarting => self.settings.lose_wait_stopping(),
            End::Left | End::Silent | End::TooSlow | End::Refused(_) => self.settings.lose_wait(),
        };
        let (router, registry, shutdown) = (self.router.clone(), self.registry.clone(), self.shutdown.clone());
        let stopping = self.settings.lose_wait_stopping();
        tokio::spawn(async move {
            let _guard = guard;
            let report = lose(who, session, router, registry, Instant::now() + patience);
            tokio::select! {
                () = report => {}
                () = async { shutdown.wait().await; tokio::time::sleep(stopping).await } => {}
            }
        });
    }
}
