//! What everybody in a run shares: the clock, the way to the webhooks, the books, and who waits for what.

use super::ledger::{Contact, Ledger};
use super::meter::{Counted, Meter, Timed};
use super::posts::{Form, Posts};
use crate::prng::Prng;
use crate::scenario::Scenario;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, mpsc, watch};

/// How often a callback that must arrive is repeated, and after how long.
const INSIST: u32 = 20;
const INSIST_AFTER: Duration = Duration::from_millis(500);
/// Messages on their way to one phone.
pub(crate) const INBOX_MOST: usize = 64;

/// The shared world of a run.
pub(crate) struct World {
    pub(crate) scenario: Scenario,
    pub(crate) began: Instant,
    pub(crate) meter: Arc<Meter>,
    pub(crate) posts: Posts,
    ledger: Mutex<Ledger>,
    /// Who waits for a counselor, or to hear that it is over.
    calls: Mutex<HashMap<Contact, Arc<Notify>>>,
    phones: Mutex<HashMap<String, mpsc::Sender<Option<Contact>>>>,
    /// True when everybody is to go home.
    pub(crate) home: watch::Sender<bool>,
    /// Counts the cuts of all desks; and within how many milliseconds they come back.
    pub(crate) cut: watch::Sender<(u32, u64)>,
    /// How many desks are at work.
    pub(crate) at_work: AtomicU64,
    /// Boards that are open.
    pub(crate) boards_open: AtomicU64,
    /// Refused commands of desks and broken lines, by reason.
    pub(crate) troubles: Mutex<BTreeMap<String, u64>>,
    /// Numbers people and messages.
    pub(crate) next: AtomicU64,
    /// People under way.
    pub(crate) under_way: AtomicU64,
}

impl World {
    pub(crate) fn new(scenario: Scenario, began: Instant, meter: Arc<Meter>, posts: Posts) -> Arc<Self> {
        Arc::new(Self {
            scenario,
            began,
            meter,
            posts,
            ledger: Mutex::default(),
            calls: Mutex::default(),
            phones: Mutex::default(),
            home: watch::Sender::new(false),
            cut: watch::Sender::new((0, 0)),
            at_work: AtomicU64::new(0),
            boards_open: AtomicU64::new(0),
            troubles: Mutex::default(),
            next: AtomicU64::new(0),
            under_way: AtomicU64::new(0),
        })
    }

    /// Microseconds since the process of the run began.
    pub(crate) fn now_us(&self) -> u64 {
        crate::clock::whole_us(self.began.elapsed())
    }

    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A duration with this mean, at most `most_s`: what a person takes. None at all if the mean is 0.
    pub(crate) fn drawn(&self, who: &[&str], mean_s: f64, most_s: f64) -> Duration {
        if mean_s <= 0.0 {
            return Duration::ZERO;
        }
        let drawn_s = Prng::keyed(self.scenario.seed, who).exponential(mean_s).min(most_s);
        Duration::from_secs_f64(drawn_s)
    }

    /// Waits as long as a person takes.
    pub(crate) async fn human(&self, who: &[&str], mean_s: f64, most_s: f64) {
        let drawn = self.drawn(who, mean_s, most_s);
        if !drawn.is_zero() {
            tokio::time::sleep(drawn).await;
        }
    }

    /// Posts a callback until it is answered: what must be known in the end, whatever happens in between. False if it never was.
    pub(crate) async fn insist(&self, hook: &str, form: &Form) -> bool {
        for _ in 0..INSIST {
            if self.posts.post(None, hook, form).await.is_ok() {
                return true;
            }
            tokio::time::sleep(INSIST_AFTER).await;
        }
        false
    }

    /// Somebody begins to wait for a counselor.
    pub(crate) fn expect(&self, contact: Contact) -> Arc<Notify> {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(calls.entry(contact).or_default())
    }

    /// Somebody waits no longer.
    pub(crate) fn forget(&self, contact: Contact) {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).remove(&contact);
    }

    /// A counselor is in somebody's room, or a conversation is over.
    pub(crate) fn connected(&self, contact: Contact) {
        if let Some(waits) = self.calls.lock().unwrap_or_else(PoisonError::into_inner).get(&contact) {
            waits.notify_one();
        }
    }

    /// A phone that texts come to.
    pub(crate) fn open_phone(&self, number: &str) -> mpsc::Receiver<Option<Contact>> {
        let (give, take) = mpsc::channel(INBOX_MOST);
        self.phones.lock().unwrap_or_else(PoisonError::into_inner).insert(number.to_owned(), give);
        take
    }

    pub(crate) fn close_phone(&self, number: &str) {
        self.phones.lock().unwrap_or_else(PoisonError::into_inner).remove(number);
    }

    /// A text is on somebody's phone.
    pub(crate) fn delivered(&self, number: &str, contact: Option<Contact>) {
        self.meter.count(Counted::Texts, self.now_us());
        if let Some(phone) = self.phones.lock().unwrap_or_else(PoisonError::into_inner).get(number) {
            // Somebody with so many unread is not reading.
            let _ = phone.try_send(contact);
        }
    }

    /// A first offer was timed.
    pub(crate) fn offered(&self, latency_us: Option<u64>) {
        if let Some(latency_us) = latency_us {
            let due_us = self.now_us().saturating_sub(latency_us);
            self.meter.time(Timed::Offer, due_us, latency_us);
            self.meter.count(Counted::Told, self.now_us());
        }
    }

    /// Something went wrong that is no verdict by itself.
    pub(crate) fn trouble(&self, what: String) {
        let mut troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        // Reasons are few; should they not be, the rest is one of them.
        let what = if troubles.len() < 100 || troubles.contains_key(&what) { what } else { "other".to_owned() };
        *troubles.entry(what).or_default() += 1;
    }

    /// Resolves when everybody is to go home.
    pub(crate) async fn homeward(&self) {
        // The sender lives as long as this.
        let _ = self.home.subscribe().wait_for(|home| *home).await;
    }
}
