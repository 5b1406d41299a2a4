//! Texts that no webhook brought us: written while nothing here answered, and still at the carrier. They are looked for at the
//! start and on a slow clock, and told to the router in the order in which they were written, with how long ago that was. What
//! webhooks bring meanwhile is not kept back for them.
//!
//! A text is taken once, by its id at the carrier, however often and by whomever it is told. Left out: calls. Whoever called while
//! nothing answered was put through by the carrier's fallback.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use holdfast_proto::router::v1::submit_response::Outcome;
use tokio::time::Instant;
use tonic::Code;

use crate::executor::Executor;
use crate::metrics;
use crate::request_id::request_id;
use crate::router::Undone;
use crate::vendor::{Unlisted, Written};
use crate::webhook;

/// How far a round looks back beyond the one before it: for texts that were too fresh then, or stood in the listing only later.
const OVERLAP_S: u64 = 600;

/// The pause after a round that could not be finished.
const AGAIN: Duration = Duration::from_secs(5);

/// How long the router may take for one text.
const TELL_WAIT: Duration = Duration::from_secs(3);

/// Texts that wait to be told, at most; what is beyond, the newest, is found again.
const UNTOLD_MAX: usize = 10_000;

/// After so many texts in a row that the router did not take, the others wait for the next round.
const FAILURES_MAX: usize = 3;

/// Ids of texts the router has, bounded: the oldest is forgotten, and told once more if it is found again, which changes nothing.
#[derive(Debug)]
pub(crate) struct Told {
    most: usize,
    ids: Mutex<(BTreeSet<String>, VecDeque<String>)>,
}

impl Told {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, ids: Mutex::default() }
    }

    pub(crate) fn add(&self, id: &str) {
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        let (known, oldest_first) = &mut *ids;
        if !known.insert(id.to_owned()) {
            return;
        }
        oldest_first.push_back(id.to_owned());
        while oldest_first.len() > self.most {
            if let Some(oldest) = oldest_first.pop_front() {
                known.remove(&oldest);
            }
        }
    }

    pub(crate) fn has(&self, id: &str) -> bool {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).0.contains(id)
    }
}

/// One account's search.
pub(crate) struct Missed {
    executor: Executor,
    /// From when the next round looks, in seconds since 1970; from as long ago as is allowed if there was none.
    since_s: Option<u64>,
    /// What was found and the router does not have yet, by when it was written.
    untold: BTreeMap<(u64, String), Written>,
    /// Whether the last look failed: a streak is logged once.
    unlisted: bool,
}

impl Missed {
    pub(crate) const fn new(executor: Executor) -> Self {
        Self { executor, since_s: None, untold: BTreeMap::new(), unlisted: false }
    }

    /// Looks until the process stops.
    pub(crate) async fn run(mut self) {
        let stop = self.executor.shutdown.clone();
        let every = Duration::from_millis(self.executor.bounds.missed_every_ms);
        loop {
            let outcome = tokio::select! {
                outcome = self.round() => outcome,
                () = stop.wait() => return,
            };
            metrics::missed_round(self.executor.account.name.as_str(), outcome);
            let pause = if outcome == "done" { every } else { every.min(AGAIN) };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.wait() => return,
            }
        }
    }

    async fn round(&mut self) -> &'static str {
        let listed = self.list().await;
        if listed.is_err() && !self.unlisted {
            tracing::warn!(account = %self.executor.account.name, "the carrier's list of texts could not be read, it is tried again");
        }
        self.unlisted = listed.is_err();
        self.tell_all().await;
        match (self.unlisted, self.untold.is_empty()) {
            (true, _) => "unlisted",
            (false, false) => "untold",
            (false, true) => "done",
        }
    }

    /// Adds what is at the carrier and was told by nobody to what is to be told.
    async fn list(&mut self) -> Result<(), Unlisted> {
        let Executor { account, wire, bounds, .. } = &self.executor;
        let now_s = now_s();
        let first_s = now_s.saturating_sub(bounds.missed_within_ms / 1_000);
        let listed = account.vendor.written(wire, self.since_s.unwrap_or(first_s).max(first_s)).await?;
        if !listed.whole {
            metrics::missed_left_out(account.name.as_str(), "cut", 1);
            tracing::error!(account = %account.name, "the carrier's list of texts is longer than is read: older ones may stay there");
        }
        if listed.unreadable > 0 {
            metrics::missed_left_out(account.name.as_str(), "unreadable", listed.unreadable);
            tracing::warn!(account = %account.name, entries = listed.unreadable, "entries in the carrier's list of texts could not be read");
        }
        // One that is on its way by a webhook is left to that, which knows more of it.
        let after_s = bounds.missed_after_ms / 1_000;
        let settled_s = now_s.saturating_sub(after_s);
        let missed =
            listed.texts.into_iter().filter(|it| it.made_at_s <= settled_s && !account.told.has(&it.external_id));
        for it in missed {
            self.untold.insert((it.made_at_s, it.external_id.clone()), it);
        }
        // What is beyond the bound is found again: this look does not count as made.
        if self.untold.len() <= UNTOLD_MAX {
            self.since_s = Some(now_s.saturating_sub(OVERLAP_S.saturating_add(after_s)));
        }
        while self.untold.len() > UNTOLD_MAX {
            self.untold.pop_last();
        }
        Ok(())
    }

    /// Tells the router of each, the oldest first. One that it cannot take keeps nobody else's words back; when several in a row fail
    /// it is away.
    async fn tell_all(&mut self) {
        let mut failed = 0;
        for it in std::mem::take(&mut self.untold).into_values() {
            let told = failed < FAILURES_MAX && self.tell(&it).await;
            failed = if told { 0 } else { failed + 1 };
            if !told {
                self.untold.insert((it.made_at_s, it.external_id.clone()), it);
            }
        }
    }

    /// Whether it needs no more telling.
    async fn tell(&self, it: &Written) -> bool {
        let Executor { account, router, .. } = &self.executor;
        let (name, external_id) = (account.name.as_str(), it.external_id.as_str());
        let ago_ms = now_s().saturating_sub(it.made_at_s).saturating_mul(1_000);
        let kind = webhook::text::receive(account, external_id, &it.text, Some(ago_ms.max(1)));
        let id = request_id(&[name, "missed", external_id]);
        match router.submit(&id, kind, Instant::now() + TELL_WAIT).await {
            Ok(Outcome::Arrived(arrived)) if !arrived.repeated => {
                metrics::missed_text(name, "taken");
                tracing::warn!(
                    account = name,
                    external_id,
                    ago_ms,
                    "a text that no webhook brought was found at the carrier"
                );
            }
            // It had it, or the number is somebody else's.
            Ok(_) | Err(Undone::Refused(Code::NotFound)) => {}
            Err(Undone::Refused(code)) => {
                metrics::missed_text(name, "refused");
                tracing::error!(
                    account = name,
                    external_id,
                    ?code,
                    "the router refused a text of a person that was found at the carrier"
                );
                return false;
            }
            Err(Undone::Unavailable) => return false,
        }
        account.told.add(external_id);
        true
    }
}

fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_text_is_forgotten_at_the_bound() {
        let told = Told::new(2);
        for id in ["a", "b", "a", "c"] {
            told.add(id);
        }
        assert!(!told.has("a") && told.has("b") && told.has("c"));
    }
}
