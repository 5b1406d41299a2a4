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

/// Lives through one call.
pub(crate) async fn live(exchange: Arc<Exchange>, sid: CallSid, script: PersonScript) {
    let Some(sight) = exchange.watch_call(&sid) else { return };
    let mut over = sight.clone();
    let by = tokio::select! {
        biased;
        _ = over.wait_for(|sight| sight.over) => return,
        () = stays(&exchange, sight, script.patience_ms, script.talk_ms, script.leaves_while_connecting_ms) => {
            EndedBy::Person
        }
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
}

fn company(sight: &Sight) -> Company {
    match (sight.accompanied, sight.alerting) {
        (true, _) => Company::Accompanied,
        (false, 0) => Company::Alone,
        (false, _) => Company::Alerting,
    }
}

/// Resolves when the person hangs up.
pub(crate) async fn stays(
    exchange: &Exchange,
    mut sight: watch::Receiver<Sight>,
    patience_ms: u64,
    talk_ms: u64,
    leaves_while_connecting_ms: Option<u64>,
) {
    let human = |duration_ms: u64| exchange.settings.human(duration_ms);
    let mut patience_ends = Instant::now() + human(patience_ms);
    let mut talk_left = human(talk_ms);
    loop {
        let now_seen = company(&sight.borrow_and_update());
        let since = Instant::now();
        let until = match (now_seen, leaves_while_connecting_ms) {
            (Company::Accompanied, _) => since + talk_left,
            (Company::Alerting, Some(leaves_ms)) => patience_ends.min(since + human(leaves_ms)),
            _ => patience_ends,
        };
        tokio::select! {
            () = tokio::time::sleep_until(until) => return,
            gone = async { sight.wait_for(|sight| company(sight) != now_seen).await.is_err() } => if gone {
                return std::future::pending().await;
            },
        }
        if now_seen == Company::Accompanied {
            talk_left = talk_left.saturating_sub(since.elapsed()).max(Duration::from_millis(1));
            patience_ends = Instant::now() + human(patience_ms);
        }
    }
}
