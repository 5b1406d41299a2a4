//! The service as the binary sees it: bound once, mounted on gRPC and on HTTP. What happens at a desk is the session's.

use std::sync::Arc;

use axum::Router;
use holdfast_chassis::access::{self, Role};
use holdfast_chassis::channel::Line;
use holdfast_chassis::pace::Pace;
use holdfast_chassis::pressure::Pressure;
use holdfast_chassis::server::MESSAGE_BYTES_MAX;
use holdfast_chassis::shutdown::Shutdown;
use holdfast_chassis::web::Web;
use holdfast_proto::desk::v1::WorkRequest;
use holdfast_proto::desk::v1::desk_service_server::{DeskService, DeskServiceServer};
use tokio::sync::Semaphore;
use tonic::{Request, Response, Status, Streaming};

use crate::drafts::Drafts;
use crate::face;
use crate::names::Names;
use crate::presence::TELLING_MAX;
use crate::refusal;
use crate::registry::Registry;
use crate::router;
use crate::session::Shared;
use crate::settings::{DeskSettings, SettingsError};
use crate::stream::{self, Responses};

/// The desk service, ready to be mounted behind the chassis's access layer. Clones are one service.
#[derive(Clone)]
pub struct DeskServer {
    shared: Shared,
}

/// Makes the desk service. `line` is the line to the router, with this service's own token; `pressure` is that of
/// this process, told by the feed where the router runs elsewhere; `shutdown` ends every
/// stream with UNAVAILABLE "restarting" and is held by guards named `desk` until the last lost desk is reported.
///
/// # Errors
/// [`SettingsError`] names the first setting out of range.
pub fn bind(
    settings: DeskSettings,
    line: Line,
    pressure: Pressure,
    shutdown: Shutdown,
) -> Result<DeskServer, SettingsError> {
    settings.check()?;
    let pace = Pace::new("desk", settings.sign_ins(), pressure.clone());
    let shared = Shared {
        registry: Registry::new(settings.desks_max, settings.window_stale()),
        router: router::Router::new(line),
        settings: Arc::new(settings),
        shutdown,
        drafts: Drafts::default(),
        names: Names::default(),
        pace,
        pressure,
        telling: Arc::new(Semaphore::new(TELLING_MAX)),
    };
    Ok(DeskServer { shared })
}

impl DeskServer {
    /// The tonic service to mount. Its one rpc, `/holdfast.desk.v1.DeskService/Work`, is a stream without a deadline.
    #[must_use]
    pub fn into_service(self) -> DeskServiceServer<Self> {
        DeskServiceServer::new(self).max_decoding_message_size(MESSAGE_BYTES_MAX)
    }

    /// The browser's side, behind the chassis's gate: the page `/desk` and its socket `/ui/v1/desk`. Desks of both wires share
    /// one registry: whichever way somebody comes, they have one desk.
    pub fn routes(&self, web: &Web) -> Router {
        face::routes(self.shared.clone(), web.clone())
    }

    /// How fast desks are let in, for whoever lets others in after them.
    #[must_use]
    pub fn pace(&self) -> Pace {
        self.shared.pace.clone()
    }

    /// The screen names of the plan's ids, for windows that open from now on; to be replaced when the plan is.
    #[must_use]
    pub fn names(&self) -> Names {
        self.shared.names.clone()
    }
}

#[tonic::async_trait]
impl DeskService for DeskServer {
    type WorkStream = Responses;

    async fn work(&self, request: Request<Streaming<WorkRequest>>) -> Result<Response<Responses>, Status> {
        let who = access::principal(&request)?.clone();
        if !matches!(who.role, Role::Counselor | Role::Peer) {
            return Err(refusal::wrong_role(who.role.name()));
        }
        Ok(Response::new(stream::begin(&self.shared, who, request.into_inner())))
    }
}
