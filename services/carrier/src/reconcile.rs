//! Compares what the router expects with what is at the carrier, on every return of the feed and on a slow clock, and repairs.
//!
//! Each repair is a command to the router or a dropped leg, with a log line and a count. A person is never hung up: their leg
//! is only ever reported, and a room nobody knows is only counted.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use holdfast_proto::router::v1::{LegCause, LegState};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::compare::{self, Difference, Legs, Listed};
use crate::executor::Executor;
use crate::metrics;
use crate::mirror::Mirror;
use crate::names;
use crate::request_id::fresh_request_id;
use crate::router::Report;
use crate::vendor::{Done, LiveRoom, Unlisted};

/// How long one repair is tried; the next round finds it again.
const REPAIR_WAIT: Duration = Duration::from_secs(3);

/// One account's reconciler.
pub(crate) struct Reconciler {
    pub(crate) executor: Executor,
    pub(crate) mirror: Arc<Mirror>,
    pub(crate) in_step: Arc<Notify>,
    /// What was seen in the last round and is acted on only when seen in two in a row.
    pub(crate) suspects: BTreeSet<Difference>,
    /// Where the last round stopped looking into rooms.
    pub(crate) looked_up_to: usize,
}

impl Reconciler {
    /// Reconciles until the process stops.
    pub(crate) async fn run(mut self) {
        let stop = self.executor.shutdown.clone();
        let every = Duration::from_millis(self.executor.bounds.reconcile_every_ms);
        loop {
            tokio::select! {
                () = tokio::time::sleep(every) => {}
                () = self.in_step.notified() => {}
                () = stop.wait() => return,
            }
            let outcome = tokio::select! {
                outcome = self.round() => outcome,
                () = stop.wait() => return,
            };
            metrics::round(self.executor.account.name.as_str(), outcome);
        }
    }

    async fn round(&mut self) -> &'static str {
        let Some(before) = self.mirror.expected() else { return "skipped" };
        let began = Instant::now();
        let Ok(listed) = self.list(&before).await else {
            tracing::warn!(account = %self.executor.account.name, "the carrier could not be listed, nothing is compared");
            return "unlisted";
        };
        // The feed broke meanwhile: what is expected now is not known.
        let Some(now) = self.mirror.expected() else { return "skipped" };
        let fresh = Duration::from_millis(self.executor.bounds.reconcile_fresh_ms);
        let mut suspects = BTreeSet::new();
        for difference in compare::compare(&before, &now, &listed, began, fresh) {
            match &difference {
                Difference::Gone { .. } | Difference::InRoom { .. } => self.report(&difference).await,
                Difference::Stray { label, external_id } if self.suspects.contains(&difference) => {
                    self.drop_stray(label, external_id).await;
                }
                Difference::UnknownRoom { contact } if self.suspects.contains(&difference) => {
                    metrics::unknown_room(self.executor.account.name.as_str());
                    tracing::warn!(
                        contact,
                        "a room has a contact the router does not know; the person is left in peace"
                    );
                }
                Difference::Stray { .. } | Difference::UnknownRoom { .. } => {}
            }
            suspects.insert(difference);
        }
        self.suspects = suspects;
        "done"
    }

    async fn list(&mut self, before: &Legs) -> Result<Listed, Unlisted> {
        let vendor = &self.executor.account.vendor;
        let turn = self.executor.wire.turn().await;
        let calls = vendor.live_calls(&turn).await?;
        let rooms = vendor.live_rooms(&turn).await?;
        drop(turn);
        let ours: Vec<(String, LiveRoom)> = rooms
            .into_iter()
            .filter_map(|room| Some((names::contact_of_room(room.room.as_str())?.to_owned(), room)))
            .collect();
        let looking = compare::rooms_needed(before, &calls);
        let wanted: Vec<&LiveRoom> = ours
            .iter()
            .filter(|(contact, _)| looking.everywhere || looking.contacts.contains(contact))
            .map(|(_, room)| room)
            .collect();
        let most = self.executor.bounds.rooms_listed_most;
        let from = if wanted.len() > most { self.looked_up_to % wanted.len() } else { 0 };
        let mut members = Vec::new();
        for room in wanted.iter().cycle().skip(from).take(most.min(wanted.len())) {
            let turn = self.executor.wire.turn().await;
            members.extend(vendor.members(&turn, room).await?);
        }
        self.looked_up_to = from + most.min(wanted.len());
        Ok(Listed { calls, members, rooms: ours.into_iter().map(|(contact, _)| contact).collect() })
    }

    async fn report(&self, difference: &Difference) {
        let (kind, report) = match difference.clone() {
            Difference::Gone { contact, leg, external_id, was_answered } => {
                let state = if was_answered { LegState::Ended } else { LegState::Failed };
                ("leg_gone", Report { contact, leg, state, external_id, cause: LegCause::NotAtCarrier })
            }
            Difference::InRoom { contact, leg, external_id } => {
                let (state, cause) = (LegState::InRoom, LegCause::Unspecified);
                ("leg_in_room", Report { contact, leg, state, external_id, cause })
            }
            Difference::Stray { .. } | Difference::UnknownRoom { .. } => return,
        };
        let told =
            self.executor.router.submit(&fresh_request_id(), report.command(), Instant::now() + REPAIR_WAIT).await;
        if told.is_ok() {
            metrics::repair(self.executor.account.name.as_str(), kind);
            tracing::warn!(
                contact = report.contact,
                leg = report.leg,
                kind,
                "repaired a leg by what is at the carrier"
            );
        }
    }

    async fn drop_stray(&self, label: &str, external_id: &str) {
        let turn = self.executor.wire.turn().await;
        let done = self.executor.account.vendor.end_call(&turn, external_id).await;
        if matches!(done, Done::Accepted(_)) {
            metrics::repair(self.executor.account.name.as_str(), "leg_dropped");
            tracing::warn!(label, "dropped a leg that nobody expects");
        }
    }
}
