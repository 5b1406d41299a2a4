//! The service as the binary sees it: bound once, mounted on gRPC, run beside it.

use std::sync::Arc;

use holdfast_chassis::access::{self, Principal, Role};
use holdfast_chassis::channel::Line;
use holdfast_chassis::deadline::Deadline;
use holdfast_chassis::server::MESSAGE_BYTES_MAX;
use holdfast_chassis::shutdown::Shutdown;
use holdfast_proto::handoff::v1::handoff_service_server::{HandoffService, HandoffServiceServer};
use holdfast_proto::handoff::v1::{
    CancelRequest, CommandResponse, ConfirmRequest, JoinRequest, LeaveRequest, RecordConsentRequest, StartRequest,
    WatchRequest,
};
use holdfast_proto::router::v1::submit_response::Outcome;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tonic::{Code, Request, Response, Status};

use crate::follow::Follower;
use crate::metrics;
use crate::order;
use crate::refusal;
use crate::router::Router;
use crate::settings::{HandoffSettings, SettingsError};
use crate::sight::Sight;
use crate::watching::Watching;

/// The handoff service, ready to be mounted behind the chassis's access layer. Clones are one service.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "holds a line and a state that have none")]
pub struct HandoffServer {
    sight: Arc<Sight>,
    router: Router,
    line: Line,
    settings: Arc<HandoffSettings>,
}

/// Makes the handoff service. `line` is the line to the router, with this service's own token.
///
/// # Errors
/// [`SettingsError`] names the first setting out of range.
pub fn bind(settings: HandoffSettings, line: Line) -> Result<HandoffServer, SettingsError> {
    settings.check()?;
    Ok(HandoffServer {
        sight: Arc::new(Sight::new(&settings)),
        router: Router::new(line.clone()),
        line,
        settings: Arc::new(settings),
    })
}

impl HandoffServer {
    /// The tonic service to mount. `/holdfast.handoff.v1.HandoffService/Watch` answers its head at once and then has no deadline
    /// but the client's; the six commands are unary.
    #[must_use]
    pub fn into_service(self) -> HandoffServiceServer<Self> {
        HandoffServiceServer::new(self).max_decoding_message_size(MESSAGE_BYTES_MAX)
    }

    /// Follows the router and beats until `shutdown` is triggered; reconnects by itself. Then every stream ends with UNAVAILABLE
    /// "restarting". Commands are taken before, without and after it.
    pub async fn run(self, shutdown: Shutdown) {
        let follower = Follower::new(self.line.clone(), Arc::clone(&self.sight), self.settings.router_silence());
        let beats = async {
            let mut beats = interval(self.settings.beat());
            beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                beats.tick().await;
                self.sight.beat();
            }
        };
        tokio::select! {
            () = follower.run() => {}
            () = beats => {}
            () = shutdown.wait() => {}
        }
        self.sight.close();
    }

    async fn carry_out<R: order::Request>(&self, request: Request<R>) -> Result<Response<CommandResponse>, Status> {
        let who = access::principal(&request)?.clone();
        if !matches!(who.role, Role::Counselor | Role::Peer) {
            return Err(refusal::may_not_command(who.role.name()));
        }
        let wait = Instant::now() + self.settings.command_wait();
        let until = Deadline::of(&request).map_or(wait, |deadline| deadline.at().min(wait));
        let order = request.into_inner().order(&who.name)?;
        let (name, contact_id) = (order.name, order.contact_id.clone());
        let decided = self.router.submit(order, &who, until).await;
        let decided = decided.inspect_err(|status| metrics::command(name, outcome(status)))?;
        let already_done = matches!(decided.outcome, Some(Outcome::AlreadyDone(_)));
        metrics::command(name, if already_done { "already_done" } else { "done" });
        if let Some(position) = decided.position {
            let longest = self.settings.see_wait().min(until.saturating_duration_since(Instant::now()));
            self.sight.reach(position, longest).await;
        }
        let (handoff, seen) = self.sight.latest(&contact_id, &who);
        Ok(Response::new(CommandResponse { position: decided.position, already_done, handoff, seen }))
    }

    fn follow(&self, who: &Principal, request: &WatchRequest) -> Result<Response<Watching>, Status> {
        self.sight.follow(who, request.from).map(Response::new)
    }
}

fn outcome(status: &Status) -> &'static str {
    if status.code() == Code::Unavailable { "router_away" } else { "refused" }
}

#[tonic::async_trait]
impl HandoffService for HandoffServer {
    type WatchStream = Watching;

    async fn start(&self, request: Request<StartRequest>) -> Result<Response<CommandResponse>, Status> {
        self.carry_out(request).await
    }

    async fn record_consent(
        &self,
        request: Request<RecordConsentRequest>,
    ) -> Result<Response<CommandResponse>, Status> {
        self.carry_out(request).await
    }

    async fn join(&self, request: Request<JoinRequest>) -> Result<Response<CommandResponse>, Status> {
        self.carry_out(request).await
    }

    async fn confirm(&self, request: Request<ConfirmRequest>) -> Result<Response<CommandResponse>, Status> {
        self.carry_out(request).await
    }

    async fn leave(&self, request: Request<LeaveRequest>) -> Result<Response<CommandResponse>, Status> {
        self.carry_out(request).await
    }

    async fn cancel(&self, request: Request<CancelRequest>) -> Result<Response<CommandResponse>, Status> {
        self.carry_out(request).await
    }

    async fn watch(&self, request: Request<WatchRequest>) -> Result<Response<Watching>, Status> {
        let who = access::principal(&request)?.clone();
        self.follow(&who, request.get_ref())
    }
}
