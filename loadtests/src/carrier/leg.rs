//! A dialed phone, living by its script: alerts, is picked up or not, stays, hangs up.

use super::exchange::Exchange;
use super::ledger::{EndedBy, LegFailure};
use super::script::{CallSid, Dial, DialOutcome, DialScript};
use std::sync::Arc;

/// Lives through one leg.
pub(crate) async fn live(exchange: Arc<Exchange>, sid: CallSid, dial: Dial, alerts_at_most_ms: u64) {
    let Some(mut sight) = exchange.watch_call(&sid) else { return };
    tokio::select! {
        biased;
        _ = sight.wait_for(|sight| sight.over) => {}
        () = play(&exchange, &sid, &dial, alerts_at_most_ms) => {}
    }
}

async fn play(exchange: &Arc<Exchange>, sid: &CallSid, dial: &Dial, limit_ms: u64) {
    let script = exchange.scripts.script_for(dial);
    let Some(stays_ms) = reach(exchange, sid, &script, limit_ms).await else { return };
    match stays_ms {
        None => std::future::pending().await,
        Some(stays_ms) => {
            tokio::time::sleep(exchange.settings.human(stays_ms)).await;
            exchange.change(|moves| moves.end(sid, EndedBy::Counselor));
        }
    }
}

/// From the dial to the answer; `None` if nobody picks up, otherwise how long they stay.
pub(crate) async fn reach(
    exchange: &Arc<Exchange>,
    sid: &CallSid,
    script: &DialScript,
    limit_ms: u64,
) -> Option<Option<u64>> {
    let wait = |duration_ms: u64| tokio::time::sleep(exchange.settings.human(duration_ms));
    let alerts_ms = script.alerts_after_ms.min(limit_ms);
    let fail = |why| {
        exchange.change(|moves| moves.fail(sid, why));
        None
    };
    if let DialOutcome::Fails { after_ms } = script.outcome {
        wait(after_ms).await;
        return fail(LegFailure::Failed);
    }
    if let DialOutcome::Busy { after_ms } = script.outcome {
        wait(after_ms).await;
        return fail(LegFailure::Busy);
    }
    wait(alerts_ms).await;
    exchange.change(|moves| moves.alert(sid));
    let (answers_at_ms, stays_ms) = match script.outcome {
        DialOutcome::Answers { after_ms, stays_ms } if after_ms < limit_ms => (after_ms, stays_ms),
        DialOutcome::AnswersLate { past_ms } => (limit_ms.saturating_add(past_ms), None),
        _ => {
            wait(limit_ms.saturating_sub(alerts_ms)).await;
            return fail(LegFailure::NoAnswer);
        }
    };
    wait(answers_at_ms.saturating_sub(alerts_ms)).await;
    exchange.change(|moves| moves.answer(sid));
    Some(stays_ms)
}
