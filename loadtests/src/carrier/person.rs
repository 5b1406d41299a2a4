//! A person's call from first ring to last: their patience and talk on one side, Holdfast's documents on the other.

use super::exchange::Exchange;
use super::flow;
use super::ledger::EndedBy;
use super::script::{CallSid, PersonScript};
use super::state::Sight;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// The longest that anybody stays for a handoff, milliseconds of human time.
const HANDED_OVER_MOST_MS: u64 = 3_600_000;

/// How long a person stays: the part of a script that is not about menus.
#[derive(Clone, Copy)]
pub(crate) struct Staying {
    pub(crate) patience_ms: u64,
    pub(crate) talk_ms: u64,
    pub(crate) leaves_while_connecting_ms: Option<u64>,
    pub(crate) stays_for_handoff: bool,
}

/// Lives through one call.
pub(crate) async fn live(exchange: Arc<Exchange>, sid: CallSid, script: PersonScript) {
    let Some(sight) = exchange.watch_call(&sid) else { return };
    let mut over = sight.clone();
    let staying = Staying {
        patience_ms: script.patience_ms,
        talk_ms: script.talk_ms,
        leaves_while_connecting_ms: script.leaves_while_connecting_ms,
        stays_for_handoff: script.stays_for_handoff,
    };
    let by = tokio::select! {
        biased;
        _ = over.wait_for(|sight| sight.over) => return,
        () = stays(&exchange, sight, staying) => EndedBy::Person,
        by = Box::pin(flow::converse(&exchange, &sid, &script)) => by,
    };
    exchange.change(|moves| moves.end(&sid, by));
}

/// What a person sees that matters to them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Company {
    Alone,
    Alerting,
    Accompanied,
    /// Somebody is with them, and somebody else comes or is there too.
    HandedOver,
}

fn company(sight: &Sight, stays_for_handoff: bool) -> Company {
    match (sight.accompanied, sight.alerting) {
        (true, alerting) if stays_for_handoff && sight.legs + alerting > 1 => Company::HandedOver,
        (true, _) => Company::Accompanied,
        (false, 0) => Company::Alone,
        (false, _) => Company::Alerting,
    }
}

/// Resolves when the person hangs up.
pub(crate) async fn stays(exchange: &Exchange, mut sight: watch::Receiver<Sight>, script: Staying) {
    let human = |duration_ms: u64| exchange.settings.human(duration_ms);
    let mut patience_ends = Instant::now() + human(script.patience_ms);
    let mut talk_left = human(script.talk_ms);
    loop {
        let now_seen = company(&sight.borrow_and_update(), script.stays_for_handoff);
        let since = Instant::now();
        let until = match (now_seen, script.leaves_while_connecting_ms) {
            (Company::Accompanied, _) => since + talk_left,
            (Company::HandedOver, _) => since + human(HANDED_OVER_MOST_MS),
            (Company::Alerting, Some(leaves_ms)) => patience_ends.min(since + human(leaves_ms)),
            _ => patience_ends,
        };
        let moved = sight.wait_for(|sight| company(sight, script.stays_for_handoff) != now_seen);
        tokio::select! {
            () = tokio::time::sleep_until(until) => return,
            gone = async { moved.await.is_err() } => if gone {
                return std::future::pending().await;
            },
        }
        match now_seen {
            Company::Accompanied => {
                talk_left = talk_left.saturating_sub(since.elapsed()).max(Duration::from_millis(1));
                patience_ends = Instant::now() + human(script.patience_ms);
            }
            Company::HandedOver => {
                talk_left = talk_left.max(human(script.talk_ms / 2));
                patience_ends = Instant::now() + human(script.patience_ms);
            }
            Company::Alone | Company::Alerting => {}
        }
    }
}
