//! Webhooks in, call control out: carriers' claims become the router's commands, the router's effects become REST requests.
//!
//! Nothing is decided here and nothing is kept: what must not be lost is in the router's outbox and at the carrier, and this
//! service can be killed at any moment. With the codec this is the only crate that knows a vendor, and within it only
//! `vendor/` does. One process at a time serves an account: two would both send a text. Left out: listening (the binary mounts
//! [`CarrierService::routes`]), the words of automatic replies, which are the plan's, and fetching pictures that people send.

mod account;
mod carry;
mod compare;
mod contacts;
mod doubt;
mod effect;
mod executor;
mod feed;
mod metrics;
mod mirror;
mod missed;
mod names;
mod network_time;
mod outbox;
mod reconcile;
mod request_id;
mod rest;
mod router;
pub mod settings;
mod texts;
mod vendor;
mod webhook;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use holdfast_chassis::channel::Line;
use holdfast_chassis::shutdown::Shutdown;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use account::Account;
use executor::Executor;
use feed::Feed;
use mirror::Mirror;
use missed::Missed;
use reconcile::Reconciler;
use router::Router;
pub use settings::{CarrierSettings, SettingsRefusal};
use webhook::Hooks;

/// The carrier service, checked and ready; nothing runs before [`CarrierService::run`].
pub struct CarrierService {
    settings: CarrierSettings,
    accounts: Vec<Arc<Account>>,
    wire: rest::Wire,
    router: Router,
}

/// Checks everything that [`bind`] would refuse.
///
/// # Errors
/// [`SettingsRefusal`], the first mistake found.
pub fn check(settings: &CarrierSettings) -> Result<(), SettingsRefusal> {
    accounts(settings).map(drop)
}

fn accounts(settings: &CarrierSettings) -> Result<Vec<Arc<Account>>, SettingsRefusal> {
    settings.check()?;
    settings.accounts.iter().map(|account| Account::new(account, &settings.bounds).map(Arc::new)).collect()
}

/// Makes the service from its settings and a line to the router. Opens no connection.
///
/// # Errors
/// [`SettingsRefusal`] says which setting cannot be used and why.
pub fn bind(settings: CarrierSettings, router: Line) -> Result<CarrierService, SettingsRefusal> {
    let accounts = accounts(&settings)?;
    let wire = rest::Wire::new(&settings.bounds)?;
    Ok(CarrierService { accounts, wire, router: Router::new(router), settings })
}

impl CarrierService {
    /// The webhooks, `POST /v1/carriers/{account}/{hook}`, to be mounted at the root of the HTTP listener. They work whether or
    /// not [`CarrierService::run`] does.
    pub fn routes(&self) -> axum::Router {
        let accounts: BTreeMap<_, _> =
            self.accounts.iter().map(|account| (account.name.as_str().to_owned(), Arc::clone(account))).collect();
        webhook::routes(Hooks { accounts, router: self.router.clone(), bounds: self.settings.bounds })
    }

    /// Follows the router's effects, carries them out and reconciles, until `shutdown`. Requests in flight then hold a guard.
    /// Returns earlier only if a part of it died; start the process anew then.
    pub async fn run(self, shutdown: Shutdown) {
        let mut parts = JoinSet::new();
        for account in self.accounts {
            let bounds = self.settings.bounds;
            let (mirror, in_step) = (Arc::new(Mirror::default()), Arc::new(Notify::new()));
            let executor =
                Executor::new(Arc::clone(&account), self.wire.clone(), self.router.clone(), bounds, shutdown.clone());
            let feed = Feed {
                account,
                router: self.router.clone(),
                executor: executor.clone(),
                mirror: Arc::clone(&mirror),
                in_step: Arc::clone(&in_step),
                silence: Duration::from_millis(bounds.feed_silence_ms),
                position: None,
            };
            parts.spawn(feed.follow());
            parts.spawn(Missed::new(executor.clone()).run());
            let reconciler = Reconciler { executor, mirror, in_step, suspects: BTreeSet::new(), looked_up_to: 0 };
            parts.spawn(reconciler.run());
        }
        // A part that died takes the others with it: half a carrier service would look alive.
        if let Some(Err(error)) = parts.join_next().await {
            tracing::error!(%error, "a part of the carrier service died");
            return;
        }
        while parts.join_next().await.is_some() {}
    }
}
