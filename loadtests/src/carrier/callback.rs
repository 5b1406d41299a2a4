//! A person who is called back: their phone alerts, is picked up or not, and from then on they are a person in a room.

use super::exchange::Exchange;
use super::ledger::EndedBy;
use super::leg;
use super::person::{self, Staying};
use super::script::{CallSid, CallbackDial};
use std::sync::Arc;

/// Lives through one callback.
pub(crate) async fn live(exchange: Arc<Exchange>, sid: CallSid, dial: CallbackDial, alerts_at_most_ms: u64) {
    let Some(sight) = exchange.watch_call(&sid) else { return };
    let mut over = sight.clone();
    let script = exchange.scripts.callback_for(&dial);
    let whole = async {
        if leg::reach(&exchange, &sid, &script.reach, alerts_at_most_ms).await.is_some() {
            let (patience_ms, talk_ms) = (script.patience_ms, script.talk_ms);
            let staying = Staying { patience_ms, talk_ms, leaves_while_connecting_ms: None, stays_for_handoff: true };
            person::stays(&exchange, sight, staying).await;
            exchange.change(|moves| moves.end(&sid, EndedBy::Person));
        }
    };
    tokio::select! {
        biased;
        _ = over.wait_for(|sight| sight.over) => {}
        () = whole => {}
    }
}
