//! The gRPC face: who may sit at a desk. What happens there is the session's.

use std::sync::Arc;

use holdfast_chassis::access::{self, Role};
use holdfast_chassis::channel::Line;
use holdfast_chassis::server::MESSAGE_BYTES_MAX;
use holdfast_chassis::shutdown::Shutdown;
use holdfast_proto::desk::v1::WorkRequest;
use holdfast_proto::desk::v1::desk_service_server::{DeskService, DeskServiceServer};
use tonic::{Request, Response, Status, Streaming};

use crate::outgoing::Hearing;
use crate::refusal;
use crate::registry::Registry;
use crate::router::Router;
use crate::session::Shared;
use crate::settings::{DeskSettings, SettingsError};

/// The desk service, ready to be mounted behind the chassis's access layer. Clones are one service.
#[derive(Clone)]
pub struct DeskServer {
    shared: Shared,
}

/// Makes the desk service. `router` is the line to the router, with this service's own token; `shutdown` ends every
/// stream with UNAVAILABLE "restarting" and is held by guards named `desk` until the last lost desk is reported.
///
/// # Errors
/// [`SettingsError`] names the first setting out of range.
pub fn bind(settings: DeskSettings, router: Line, shutdown: Shutdown) -> Result<DeskServer, SettingsError> {
    settings.check()?;
    let shared = Shared {
        registry: Registry::new(settings.desks_max),
        router: Router::new(router),
        settings: Arc::new(settings),
        shutdown,
    };
    Ok(DeskServer { shared })
}

impl DeskServer {
    /// The tonic service to mount. Its one rpc, `/holdfast.desk.v1.DeskService/Work`, is a stream without a deadline.
    #[must_use]
    pub fn into_service(self) -> DeskServiceServer<Self> {
        DeskServiceServer::new(self).max_decoding_message_size(MESSAGE_BYTES_MAX)
    }
}

#[tonic::async_trait]
impl DeskService for DeskServer {
    type WorkStream = Hearing;

    async fn work(&self, request: Request<Streaming<WorkRequest>>) -> Result<Response<Hearing>, Status> {
        let who = access::principal(&request)?.clone();
        if !matches!(who.role, Role::Counselor | Role::Peer) {
            return Err(refusal::wrong_role(who.role.name()));
        }
        Ok(Response::new(self.shared.begin(who, request.into_inner())))
    }
}
