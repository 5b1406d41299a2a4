//! `holdfast serve`: bolts the roles of one process together, and takes them apart again without dropping anybody.
//!
//! In one process the services speak to the router through a door, in several over TCP: the same clients, the same code.

mod classes;
mod faces;
mod parts;
mod roles;

use crate::cli::{RoleName, Serve};
use crate::config::Config;
use crate::exit;
use anyhow::Context as _;
use axum::Router as Routes;
pub(crate) use faces::Additions;
use faces::Pages;
use holdfast_chassis::apart::Apart;
use holdfast_chassis::http::{self, BoundHttp, HttpSettings, Ops, Readiness, Version, ops_routes};
use holdfast_chassis::server::BoundGrpc;
use holdfast_chassis::shutdown::Shutdown;
use holdfast_chassis::telemetry::{Buckets, Meters, init_logs};
use holdfast_core::plan::Plan;
use holdfast_router::{MasterKey, Router};
use parts::Parts;
use roles::{Roles, served};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

/// Time to answer is a matter of minutes; the buckets are the dashboard's.
const ANSWER_BUCKETS: &[f64] = &[1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 180.0, 300.0, 600.0];

/// A board is fresh within parts of a second.
const FRAME_BUCKETS: &[f64] = &[0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0];

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
    /// Where desks and boards are served, if they have an address of their own.
    pub web: Option<SocketAddr>,
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
    /// The threads of boards and pages: the last to go.
    apart: Apart,
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
        Self::start_with(config, plan, roles, Additions::default(), shutdown).await
    }

    /// As [`Serving::start`], with what the demo adds to the faces.
    pub(crate) async fn start_with(
        config: Config,
        plan: Option<Plan>,
        roles: &[RoleName],
        additions: Additions,
        shutdown: Shutdown,
    ) -> anyhow::Result<Self> {
        let roles = Roles::of(roles);
        let wires = Shutdown::new();
        let readiness = Readiness::new();
        let meters = Meters::install(&[
            Buckets { metric: "holdfast_time_to_answer_seconds", bounds: ANSWER_BUCKETS },
            Buckets { metric: "holdfast_help_wait_seconds", bounds: ANSWER_BUCKETS },
            Buckets { metric: "holdfast_ui_frame_age_seconds", bounds: FRAME_BUCKETS },
        ])?;
        let apart = Apart::start(config.web.apart).context("the threads of boards and pages")?;
        {
            let _there = apart.lane().enter();
            meters.keep_up(&shutdown);
        }
        let routing = readiness.condition("router");
        let plan = plan.filter(|_| roles.has(RoleName::Router));
        let router = match plan.clone() {
            Some(plan) => Some(open_router(&config, plan)?),
            None => None,
        };
        let mut parts = Parts::new(&config, &roles, router.as_ref(), apart.lane())?;
        let grpc = parts.grpc(&config, &roles, router.as_ref(), &shutdown)?;
        let health = grpc.as_ref().map(|server| (server.health(), served(&roles)));
        let bound: Option<BoundGrpc> = match grpc {
            Some(server) => Some(server.bind().await.context("the gRPC listener")?),
            None => None,
        };
        let Pages { hooks, faces } = parts.pages(&config, &roles, plan.as_ref(), additions, &shutdown)?;
        let ops = Ops {
            readiness: readiness.clone(),
            meters,
            version: Version { service: "holdfast", version: env!("CARGO_PKG_VERSION"), revision: None },
        };
        let hooks = hooks.merge(ops_routes(ops, Some(&apart.lane())));
        let (http, web) = bind_http(&config, hooks, faces).await?;
        let serving = Self {
            grpc: bound.as_ref().and_then(BoundGrpc::local_address),
            http: http.local_address(),
            web: web.as_ref().and_then(BoundHttp::local_address),
            readiness,
            health,
            router,
            shutdown: shutdown.clone(),
            wires: wires.clone(),
            wires_drain: Duration::from_millis(config.grpc.drain_ms_max).saturating_add(WIRES_MARGIN),
            failed: Arc::default(),
            drain: Duration::from_millis(config.shutdown.drain_ms_max),
            apart,
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
        for listening in [Some(http), web].into_iter().flatten() {
            tokio::spawn(listening.serve(shutdown.clone()));
        }
        routing.ready();
        serving.tell_health(ServingStatus::Serving).await;
        // Said last: whoever reads it may ask anything.
        tracing::info!(grpc = ?serving.grpc, http = ?serving.http, web = ?serving.web, roles = ?roles, "holdfast serves");
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
        drop(self.apart);
        tracing::info!("holdfast has stopped");
        !self.failed.load(Ordering::Relaxed)
    }
}

/// One listener for all there is over HTTP, or one of their own for desks and boards.
async fn bind_http(config: &Config, hooks: Routes, faces: Routes) -> anyhow::Result<(BoundHttp, Option<BoundHttp>)> {
    let Some(address) = config.web.address else {
        let bound = http::bind(config.http.clone(), hooks.merge(faces)).await.context("the HTTP listener")?;
        return Ok((bound, None));
    };
    let bound = http::bind(config.http.clone(), hooks).await.context("the HTTP listener")?;
    let own = HttpSettings { address, tls: config.web.tls.clone(), ..config.http.clone() };
    Ok((bound, Some(http::bind(own, faces).await.context("the listener of desks and boards")?)))
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
