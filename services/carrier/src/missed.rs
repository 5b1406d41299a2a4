//! Texts that no webhook brought us: written while nothing here answered, and still at the carrier. They are looked for at the
//! start and on a slow clock, and told to the router in the order in which they were written.
//!
//! A text is taken once, by its id at the carrier, however often and by whomever it is told. Left out: calls. Whoever called while
//! nothing answered was put through by the carrier's fallback.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

use crate::executor::Executor;
use crate::metrics;
use crate::request_id::request_id;
use crate::router::Undone;
use crate::vendor::Written;
use crate::webhook;

/// How far a round looks back beyond the one before it: for texts that were too fresh then, or stood in the listing only later.
const OVERLAP_S: u64 = 600;

/// The pause after a round that could not be finished.
const AGAIN: Duration = Duration::from_secs(5);

/// How long the router may take for one text.
const TELL_WAIT: Duration = Duration::from_secs(8);

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
}

impl Missed {
    pub(crate) const fn new(executor: Executor) -> Self {
        Self { executor, since_s: None }
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
        let Executor { account, wire, bounds, .. } = &self.executor;
        let now_s = now_s();
        let since_s = self.since_s.unwrap_or_else(|| now_s.saturating_sub(bounds.missed_within_ms / 1_000));
        let turn = wire.turn().await;
        let Ok((written, whole)) = account.vendor.written(&turn, since_s).await else { return "unlisted" };
        drop(turn);
        if !whole {
            metrics::missed_cut(account.name.as_str());
            tracing::error!(account = %account.name, "the carrier's list of texts is longer than is read: older ones may stay there");
        }
        // One that is on its way by a webhook is left to that, which knows more of it.
        let settled_s = now_s.saturating_sub(bounds.missed_after_ms / 1_000);
        let missed = written.into_iter().filter(|it| it.made_at_s <= settled_s && !account.told.has(&it.external_id));
        for it in missed {
            if !self.tell(&it).await {
                return "unavailable";
            }
        }
        self.since_s = Some(now_s.saturating_sub(OVERLAP_S.saturating_add(bounds.missed_after_ms / 1_000)));
        "done"
    }

    /// Whether the router has it, or will never take it.
    async fn tell(&self, it: &Written) -> bool {
        let Executor { account, router, .. } = &self.executor;
        let kind = webhook::text::receive(account, &it.external_id, &it.text, true);
        let id = request_id(&[account.name.as_str(), "missed", &it.external_id]);
        match router.submit(&id, kind, Instant::now() + TELL_WAIT).await {
            Ok(_) => {
                metrics::missed_told(account.name.as_str());
                tracing::warn!(account = %account.name, external_id = it.external_id, "a text that no webhook brought was found at the carrier");
            }
            // Written to a number that is not ours, or what no queue of the plan takes.
            Err(Undone::Refused(code)) => {
                tracing::info!(account = %account.name, external_id = it.external_id, ?code, "a text at the carrier is not taken");
            }
            Err(Undone::Unavailable) => return false,
        }
        account.told.add(&it.external_id);
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
