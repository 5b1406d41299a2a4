//! Carries out an account's effects: each contact's in order, each to the end, each end told to the router.
//!
//! What may start is decided in [`crate::outbox`], how each kind is carried out in [`crate::carry`]. A stop of the process
//! lets requests in flight end and starts nothing new; whatever is open then stays open in the router's outbox.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use holdfast_chassis::shutdown::Shutdown;
use tokio::sync::watch;

use crate::account::Account;
use crate::carry;
use crate::effect::{Effect, Settlement};
use crate::metrics;
use crate::network_time::NetworkTime;
use crate::outbox::{Begun, Fate, Outbox, Taken};
use crate::rest::Wire;
use crate::router::Router;
use crate::settings::Bounds;

/// One account's executor. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Executor {
    pub(crate) account: Arc<Account>,
    pub(crate) wire: Wire,
    pub(crate) router: Router,
    pub(crate) bounds: Bounds,
    pub(crate) shutdown: Shutdown,
    pub(crate) network_time: Arc<NetworkTime>,
    /// By contact. An entry goes when the contact has neither open effects nor expected legs.
    outboxes: Arc<Mutex<BTreeMap<String, Outbox>>>,
}

impl Executor {
    pub(crate) fn new(account: Arc<Account>, wire: Wire, router: Router, bounds: Bounds, shutdown: Shutdown) -> Self {
        Self { account, wire, router, bounds, shutdown, network_time: Arc::default(), outboxes: Arc::default() }
    }

    /// Takes all open effects there are. What this process does not know is redelivered; what is not among them is over.
    pub(crate) fn snapshot(&self, effects: Vec<Effect>) {
        let open: BTreeSet<(String, u32)> =
            effects.iter().map(|effect| (effect.contact.clone(), effect.number)).collect();
        let known: Vec<(String, u32)> = {
            let outboxes = self.lock();
            let pairs = outboxes.iter().flat_map(|(contact, outbox)| {
                outbox.numbers().into_iter().map(move |number| (contact.clone(), number))
            });
            pairs.collect()
        };
        for (contact, number) in known.iter().filter(|known| !open.contains(*known)) {
            self.ended(contact, *number, false);
        }
        for effect in effects {
            self.tell_again(&effect.contact, effect.number);
            self.take(effect, true);
        }
    }

    /// Takes an effect that was asked or doubted just now.
    pub(crate) fn asked(&self, effect: Effect) {
        self.take(effect, false);
    }

    /// An effect is over for the router.
    pub(crate) fn ended(&self, contact: &str, number: u32, barred: bool) {
        let unstarted = self.with(contact, |outbox| outbox.end(number));
        if unstarted && barred {
            metrics::effect(self.account.name.as_str(), "any", "barred");
            tracing::info!(contact, number, "an effect was barred before it started");
        }
        self.pump(contact);
    }

    /// A dialed leg was heard of: its dial was made.
    pub(crate) fn saw_leg(&self, contact: &str, leg: u32, external_id: &str) {
        let mut outboxes = self.lock();
        if let Some(outbox) = outboxes.get_mut(contact) {
            outbox.dialed(leg, Fate::Made(external_id.to_owned()));
        }
    }

    /// Keeps contacts that have something open or, by `lives`, legs, and forgets all others.
    pub(crate) fn keep(&self, lives: impl Fn(&str) -> bool) {
        self.lock().retain(|contact, outbox| !outbox.is_idle() || lives(contact));
    }

    /// Forgets a contact that has no legs, if it has nothing open either.
    pub(crate) fn forget(&self, contact: &str) {
        let mut contacts = self.lock();
        if contacts.get(contact).is_some_and(Outbox::is_idle) {
            contacts.remove(contact);
        }
    }

    /// Starts what may start.
    pub(crate) fn pump(&self, contact: &str) {
        if self.shutdown.is_triggered() {
            return;
        }
        let begun = self.lock().get_mut(contact).map(Outbox::begin).unwrap_or_default();
        for begun in begun {
            let executor = self.clone();
            tokio::spawn(async move { executor.run(begun).await });
        }
    }

    /// Looks into a contact's outbox.
    pub(crate) fn with<T>(&self, contact: &str, look: impl FnOnce(&mut Outbox) -> T) -> T {
        look(self.lock().entry(contact.to_owned()).or_default())
    }

    /// Pauses. False if the effect is over or the process stops.
    pub(crate) async fn pause(&self, over: &mut watch::Receiver<bool>, pause: Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(pause) => true,
            _ = over.wait_for(|over| *over) => false,
            () = self.shutdown.wait() => false,
        }
    }

    /// Pauses before the carrier is asked again for what it did not do: as long as it asks for, and until there is a place among the
    /// retries. False as for [`Executor::pause`].
    pub(crate) async fn pause_to_retry(&self, over: &mut watch::Receiver<bool>, pause: Duration) -> bool {
        let waited = async {
            tokio::time::sleep(pause).await;
            self.wire.may_retry().await;
        };
        tokio::select! {
            () = waited => true,
            _ = over.wait_for(|over| *over) => false,
            () = self.shutdown.wait() => false,
        }
    }

    fn take(&self, effect: Effect, redelivered: bool) {
        let (contact, number, epoch, name) = (effect.contact.clone(), effect.number, effect.epoch, effect.name());
        if self.with(&contact, |outbox| outbox.take(effect, redelivered)) == Taken::Fenced {
            metrics::effect(self.account.name.as_str(), name, "fenced");
            tracing::warn!(contact, number, epoch, "an effect of a replaced writer was refused");
        }
        self.pump(&contact);
    }

    /// Settled here and still open there: the router may have lost the word. It is told again and nothing is done again.
    fn tell_again(&self, contact: &str, number: u32) {
        if let Some((effect, settlement)) = self.with(contact, |outbox| outbox.settlement(number)) {
            let executor = self.clone();
            tokio::spawn(async move {
                let account = executor.account.name.as_str();
                executor.router.settle(account, &effect, &settlement, &executor.shutdown).await;
            });
        }
    }

    async fn run(self, begun: Begun) {
        let _guard = self.shutdown.guard("carrier effect");
        let effect = Arc::clone(&begun.effect);
        let Some(settlement) = carry::out(&self, begun).await else {
            return self.pump(&effect.contact);
        };
        let outcome = match &settlement {
            Settlement::Accepted(_) => "accepted",
            Settlement::Refused(code) => {
                let (contact, number, kind) = (&effect.contact, effect.number, effect.name());
                tracing::warn!(contact, number, kind, code, "the carrier refused an effect");
                "refused"
            }
        };
        metrics::effect(self.account.name.as_str(), effect.name(), outcome);
        self.with(&effect.contact, |outbox| outbox.settled(effect.number, settlement.clone()));
        self.pump(&effect.contact);
        self.router.settle(self.account.name.as_str(), &effect, &settlement, &self.shutdown).await;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Outbox>> {
        self.outboxes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
