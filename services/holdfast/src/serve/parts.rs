//! What the services of one process share, the gRPC side: the door to the router, the tokens they show it, and the server that
//! whoever speaks gRPC is mounted on.

use super::classes::classes;
use super::roles::Roles;
use crate::cli::RoleName;
use crate::config::Config;
use anyhow::{Context as _, bail};
use holdfast_chassis::access::{AccessTable, PrincipalSettings, Role, ServiceKind, generate_token, hash_token};
use holdfast_chassis::apart::Lane;
use holdfast_chassis::channel::{Address, Door, Line, connect};
use holdfast_chassis::pressure::Pressure;
use holdfast_chassis::server::{GrpcServer, MESSAGE_BYTES_MAX};
use holdfast_chassis::settings::Secret;
use holdfast_chassis::shutdown::Shutdown;
use holdfast_desk::DeskServer;
use holdfast_proto::router::v1::router_service_server::RouterServiceServer;
use holdfast_router::Router;

/// What services of this process share: the door to the router, and the tokens they show it.
pub(super) struct Parts {
    door: Door,
    pub(super) access: AccessTable,
    /// How hard pressed the router is: measured where it runs, elsewhere told by its feed.
    pub(super) pressure: Pressure,
    /// Where boards and pages run.
    pub(super) apart: Lane,
    /// The desk service, bound once: gRPC streams and browsers share its registry.
    pub(super) desk: Option<DeskServer>,
    tokens: Vec<(ServiceKind, Secret)>,
    here: bool,
}

impl Parts {
    pub(super) fn new(config: &Config, roles: &Roles, router: Option<&Router>, apart: Lane) -> anyhow::Result<Self> {
        let here = roles.has(RoleName::Router);
        if !here && config.link.is_none() {
            bail!("a process without the router role needs a [link] section that says where the router is");
        }
        // Services of this process are let in by tokens that live as long as it does, and are known to nobody else.
        let mut principals = config.access.principals.clone();
        let mut tokens = Vec::new();
        if here {
            for kind in [ServiceKind::Carrier, ServiceKind::Desk, ServiceKind::Handoff, ServiceKind::Dashboard] {
                let token = generate_token()?;
                principals.push(PrincipalSettings {
                    name: format!("{}@this-process", Role::Service(kind).name()),
                    role: Role::Service(kind).name().to_owned(),
                    token_sha256: hash_token(token.expose()),
                });
                tokens.push((kind, token));
            }
        }
        let access = AccessTable::new(&principals)?;
        let pressure = router.map(Router::pressure).unwrap_or_default();
        Ok(Self { door: Door::new(), access, pressure, apart, desk: None, tokens, here })
    }

    /// A line to the router for one service.
    pub(super) fn line(&self, config: &Config, kind: ServiceKind) -> anyhow::Result<Line> {
        if self.here {
            let token = self.tokens.iter().find(|(it, _)| *it == kind).map(|(_, token)| token);
            return Ok(connect(&Address::InProcess(self.door.clone()), token)?);
        }
        let link = config.link.as_ref().context("no [link] section")?;
        let (field, file) = match kind {
            ServiceKind::Carrier => ("carrier_token_file", &link.carrier_token_file),
            ServiceKind::Desk => ("desk_token_file", &link.desk_token_file),
            ServiceKind::Handoff => ("handoff_token_file", &link.handoff_token_file),
            ServiceKind::Dashboard | ServiceKind::Router => ("dashboard_token_file", &link.dashboard_token_file),
        };
        let file = file.as_ref().with_context(|| format!("link.{field} is missing; this role shows it the router"))?;
        let token = Secret::from_file(file)?;
        Ok(connect(&Address::Remote(link.router.clone()), Some(&token))?)
    }

    pub(super) fn grpc(
        &mut self,
        config: &Config,
        roles: &Roles,
        router: Option<&Router>,
        shutdown: &Shutdown,
    ) -> anyhow::Result<Option<GrpcServer>> {
        if router.is_none() && !roles.has(RoleName::Desk) && !roles.has(RoleName::Handoff) {
            return Ok(None);
        }
        let mut server = GrpcServer::new(config.grpc.clone(), self.access.clone())
            .classes(classes())
            .pressure(self.pressure.clone())
            .streaming(&["/holdfast.desk.v1.DeskService/Work", "/holdfast.router.v1.RouterService/Watch"])
            .descriptors(holdfast_proto::DESCRIPTORS);
        if let Some(router) = router {
            let service = RouterServiceServer::new(router.grpc()).max_decoding_message_size(MESSAGE_BYTES_MAX);
            server = server.door(self.door.clone()).service(service);
        }
        if roles.has(RoleName::Desk) {
            holdfast_desk::describe_metrics();
            let line = self.line(config, ServiceKind::Desk)?;
            let desk = holdfast_desk::bind(config.desk.clone(), line, self.pressure.clone(), shutdown.clone())?;
            self.desk = Some(desk.clone());
            server = server.service(desk.into_service());
        }
        if roles.has(RoleName::Handoff) {
            holdfast_handoff::describe_metrics();
            let line = self.line(config, ServiceKind::Handoff)?;
            let handoff = holdfast_handoff::bind(config.handoff.clone(), line)?;
            server = server.service(handoff.clone().into_service());
            tokio::spawn(handoff.run(shutdown.clone()));
        }
        Ok(Some(server))
    }
}
