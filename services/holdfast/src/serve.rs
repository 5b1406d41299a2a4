//! `holdfast serve`: bolts the roles of one process together, and takes them apart again without dropping anybody.
//!
//! In one process the services speak to the router through a door, in several over TCP: the same clients, the same code.

use crate::cli::{RoleName, Serve};
use crate::config::Config;
use crate::exit;
use anyhow::{Context as _, bail};
use axum::Router as Routes;
use holdfast_chassis::access::{AccessTable, PrincipalSettings, Role, ServiceKind, generate_token, hash_token};
use holdfast_chassis::admission::{Class, Classes};
use holdfast_chassis::channel::{Address, Door, Line, connect};
use holdfast_chassis::http::{self, BoundHttp, Ops, Readiness, Version, ops_routes};
use holdfast_chassis::server::{BoundGrpc, GrpcServer, MESSAGE_BYTES_MAX};
use holdfast_chassis::settings::Secret;
use holdfast_chassis::shutdown::Shutdown;
use holdfast_chassis::telemetry::{Buckets, Meters, init_logs};
use holdfast_core::plan::Plan;
use holdfast_proto::router::v1::router_service_server::RouterServiceServer;
use holdfast_router::{MasterKey, Router};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

/// Time to answer is a matter of minutes; the buckets are the dashboard's.
const ANSWER_BUCKETS: &[f64] = &[1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 180.0, 300.0, 600.0];

/// What the way to the router may take to close beyond its own drain, after which it cuts what is left.
const WIRES_MARGIN: Duration = Duration::from_secs(1);

/// Runs until SIGTERM or SIGINT.
pub(crate) async fn run(verb: Serve) -> anyhow::Result<ExitCode> {
    let mut config = Config::load(&verb.config)?;
    config.read_secrets(&verb.config)?;
    init_logs(&config.log)?;
    for known in config.known_secrets() {
        tracing::warn!(known, "replace what the example came with");
    }
    let shutdown = Shutdown::new();
    shutdown.on_signals()?;
    let roles = Roles::of(&verb.roles);
    let plan = if roles.has(RoleName::Router) { Some(load_plan(&config)?) } else { None };
    let serving = Serving::start(config, plan, &verb.roles, shutdown.clone()).await?;
    shutdown.wait().await;
    Ok(if serving.stop().await { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A process at work.
#[expect(missing_debug_implementations, reason = "holds threads and services")]
pub struct Serving {
    /// Where gRPC is served, if it is.
    pub grpc: Option<SocketAddr>,
    /// Where HTTP is served.
    pub http: Option<SocketAddr>,
    readiness: Readiness,
    health: Option<(HealthReporter, Vec<&'static str>)>,
    router: Option<Router>,
    /// Webhooks, desks and the carrier stop by this one.
    shutdown: Shutdown,
    /// The way to the router closes after them: what they have in hand still has to reach it.
    wires: Shutdown,
    wires_drain: Duration,
    failed: Arc<AtomicBool>,
    drain: Duration,
}

impl Serving {
    /// Starts the roles, all of them if none is named. Ready to serve when it returns.
    ///
    /// # Errors
    /// With what to do about it; nothing keeps running.
    pub async fn start(
        config: Config,
        plan: Option<Plan>,
        roles: &[RoleName],
        shutdown: Shutdown,
    ) -> anyhow::Result<Self> {
        let roles = Roles::of(roles);
        let wires = Shutdown::new();
        let readiness = Readiness::new();
        let meters = Meters::install(&[Buckets { metric: "holdfast_time_to_answer_seconds", bounds: ANSWER_BUCKETS }])?;
        meters.keep_up(&shutdown);
        let mut parts = Parts::new(&config, &roles)?;
        let routing = readiness.condition("router");
        let router = match plan.filter(|_| roles.has(RoleName::Router)) {
            Some(plan) => Some(open_router(&config, plan)?),
            None => None,
        };
        let grpc = parts.grpc(&config, &roles, router.as_ref(), &shutdown)?;
        let health = grpc.as_ref().map(|server| (server.health(), served(&roles)));
        let bound: Option<BoundGrpc> = match grpc {
            Some(server) => Some(server.bind().await.context("the gRPC listener")?),
            None => None,
        };
        let pages = parts.pages(&config, &roles, &shutdown)?;
        let ops = Ops {
            readiness: readiness.clone(),
            meters,
            version: Version { service: "holdfast", version: env!("CARGO_PKG_VERSION"), revision: None },
        };
        let pages = pages.merge(ops_routes(ops));
        let web: BoundHttp = http::bind(config.http.clone(), pages).await.context("the HTTP listener")?;
        let serving = Self {
            grpc: bound.as_ref().and_then(BoundGrpc::local_address),
            http: web.local_address(),
            readiness,
            health,
            router,
            shutdown: shutdown.clone(),
            wires: wires.clone(),
            wires_drain: Duration::from_millis(config.grpc.drain_ms_max).saturating_add(WIRES_MARGIN),
            failed: Arc::default(),
            drain: Duration::from_millis(config.shutdown.drain_ms_max),
        };
        if let Some(bound) = bound {
            let (shutdown, wires, failed) = (shutdown.clone(), wires, Arc::clone(&serving.failed));
            tokio::spawn(async move {
                if let Err(error) = bound.serve(wires).await {
                    failed.store(true, Ordering::Relaxed);
                    tracing::error!(%error, "the gRPC server ended");
                    shutdown.trigger();
                }
            });
        }
        tokio::spawn(web.serve(shutdown));
        routing.ready();
        serving.tell_health(ServingStatus::Serving).await;
        // Said last: whoever reads it may ask anything.
        tracing::info!(grpc = ?serving.grpc, http = ?serving.http, roles = ?roles.0, "holdfast serves");
        Ok(serving)
    }

    /// Where HTTP and gRPC are served.
    ///
    /// # Errors
    /// If this process serves only one of them.
    pub fn addresses(&self) -> anyhow::Result<(SocketAddr, SocketAddr)> {
        let http = self.http.context("no HTTP is served")?;
        Ok((http, self.grpc.context("no gRPC is served over TCP")?))
    }

    async fn tell_health(&self, status: ServingStatus) {
        let Some((reporter, services)) = &self.health else { return };
        for service in services {
            reporter.set_service_status(service, status).await;
        }
    }

    /// Takes no new work, finishes what is in hand, and marks the journal complete.
    ///
    /// False if a part had failed before: then the process did not end of its own will.
    pub async fn stop(self) -> bool {
        self.readiness.drain();
        self.tell_health(ServingStatus::NotServing).await;
        self.shutdown.trigger();
        if let Err(late) = self.shutdown.drain(self.drain).await {
            tracing::warn!(%late, "not everything ended in time");
        }
        self.wires.trigger();
        if let Err(late) = self.wires.drain(self.wires_drain).await {
            tracing::warn!(%late, "the way to the router did not close in time");
        }
        if let Some(router) = self.router {
            // Joining threads blocks; nothing else is left to run.
            drop(tokio::task::spawn_blocking(move || router.close()).await);
        }
        tracing::info!("holdfast has stopped");
        !self.failed.load(Ordering::Relaxed)
    }
}

/// What `grpc.health.v1` tells of: the process as a whole, and each service.
fn served(roles: &Roles) -> Vec<&'static str> {
    let named = [
        (true, ""),
        (roles.has(RoleName::Router), "holdfast.router.v1.RouterService"),
        (roles.has(RoleName::Desk), "holdfast.desk.v1.DeskService"),
        (roles.has(RoleName::Handoff), "holdfast.handoff.v1.HandoffService"),
    ];
    named.into_iter().filter_map(|(here, name)| here.then_some(name)).collect()
}

/// Which roles this process has.
struct Roles(BTreeSet<RoleName>);

impl Roles {
    fn of(named: &[RoleName]) -> Self {
        let all = [RoleName::Router, RoleName::Carrier, RoleName::Desk, RoleName::Handoff, RoleName::Dashboard];
        Self(if named.is_empty() { all.into() } else { named.iter().copied().collect() })
    }

    fn has(&self, role: RoleName) -> bool {
        self.0.contains(&role)
    }
}

/// The plan of the configuration.
///
/// # Errors
/// Every problem, with file and line.
pub fn load_plan(config: &Config) -> anyhow::Result<Plan> {
    let loaded = holdfast_plan::load(&config.router()?.plan_file)?;
    for warning in &loaded.warnings {
        tracing::warn!(%warning, "the plan");
    }
    Ok(loaded.plan)
}

fn open_router(config: &Config, plan: Plan) -> anyhow::Result<Router> {
    let settings = config.router()?;
    let master = MasterKey::load(&config.keys()?.master_file)?;
    let fatal = |why: &str| {
        tracing::error!(why, "the process must end; it recovers when it is started again");
        std::process::exit(exit::FATAL);
    };
    Ok(Router::open(settings, plan, &master, fatal)?)
}

/// What services of this process share: the door to the router, and the tokens they show it.
struct Parts {
    door: Door,
    access: AccessTable,
    tokens: Vec<(ServiceKind, Secret)>,
    here: bool,
}

impl Parts {
    fn new(config: &Config, roles: &Roles) -> anyhow::Result<Self> {
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
        Ok(Self { door: Door::new(), access: AccessTable::new(&principals)?, tokens, here })
    }

    /// A line to the router for one service.
    fn line(&self, config: &Config, kind: ServiceKind) -> anyhow::Result<Line> {
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

    fn grpc(
        &mut self,
        config: &Config,
        roles: &Roles,
        router: Option<&Router>,
        shutdown: &Shutdown,
    ) -> anyhow::Result<Option<GrpcServer>> {
        if router.is_none() && !roles.has(RoleName::Desk) && !roles.has(RoleName::Handoff) {
            return Ok(None);
        }
        let classes = Classes::new(Class::T1)
            .with("/holdfast.router.v1.RouterService/Submit", Class::T0)
            .with("/holdfast.router.v1.RouterService/Watch", Class::T0)
            .with("/holdfast.router.v1.RouterService/Explain", Class::T2)
            .with("/holdfast.desk.v1.DeskService/Work", Class::T0)
            // Somebody is with the person at every step of a handoff; who only looks may be told to come back.
            .with("/holdfast.handoff.v1.HandoffService/", Class::T0)
            .with("/holdfast.handoff.v1.HandoffService/Watch", Class::T1);
        let mut server = GrpcServer::new(config.grpc.clone(), self.access.clone())
            .classes(classes)
            .streaming(&["/holdfast.desk.v1.DeskService/Work", "/holdfast.router.v1.RouterService/Watch"])
            .descriptors(holdfast_proto::DESCRIPTORS);
        if let Some(router) = router {
            let service = RouterServiceServer::new(router.grpc()).max_decoding_message_size(MESSAGE_BYTES_MAX);
            server = server.door(self.door.clone()).service(service);
        }
        if roles.has(RoleName::Desk) {
            holdfast_desk::describe_metrics();
            let line = self.line(config, ServiceKind::Desk)?;
            let desk = holdfast_desk::bind(config.desk.clone(), line, shutdown.clone())?;
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

    fn pages(&self, config: &Config, roles: &Roles, shutdown: &Shutdown) -> anyhow::Result<Routes> {
        let mut pages = Routes::new();
        if roles.has(RoleName::Carrier) {
            let carrier = holdfast_carrier::bind(config.carrier.clone(), self.line(config, ServiceKind::Carrier)?)?;
            pages = pages.merge(carrier.routes());
            let shutdown = shutdown.clone();
            tokio::spawn(async move {
                carrier.run(shutdown.clone()).await;
                if !shutdown.is_triggered() {
                    // It would go on taking webhooks, and nobody would ever be dialed again.
                    tracing::error!("the carrier service ended; the process must end and be started anew");
                    std::process::exit(exit::FATAL);
                }
            });
        }
        if roles.has(RoleName::Dashboard) {
            let dashboard =
                holdfast_dashboard::bind(config.dashboard.clone(), self.line(config, ServiceKind::Dashboard)?)?;
            holdfast_dashboard::describe_metrics();
            pages = pages.merge(dashboard.routes());
            let shutdown = shutdown.clone();
            tokio::spawn(async move { dashboard.run(shutdown).await });
        }
        Ok(pages)
    }
}
