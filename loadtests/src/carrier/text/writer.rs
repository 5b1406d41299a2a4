//! A person who writes by script: turn after turn, each after the answers it waits for, or without them once patience is over.

use super::Conversation;
use super::receive::{self, Written};
use crate::carrier::exchange::Exchange;
use crate::carrier::settings::Hidden;
use std::sync::Arc;
use tokio::sync::watch;

/// One message of a script. Durations are human time (divided by the run's speed).
#[derive(Clone, Debug)]
pub struct Turn {
    /// How many messages must have come since the turn before.
    pub after_replies: u64,
    /// For how long they are waited for; then the person writes all the same.
    pub waits_ms: u64,
    /// How long they take to write, from there.
    pub lag_ms: u64,
    /// The words; neutral, and never shown.
    pub words: Hidden,
    /// How many pictures come with it.
    pub media: u32,
}

/// How one person writes.
#[derive(Clone, Debug)]
pub struct WriterScript {
    /// The person's number; never shown.
    pub from: Hidden,
    /// The line they write to.
    pub to: String,
    /// The scenario's name for persons of one kind.
    pub class: String,
    /// `FromState` of the hook.
    pub from_state: String,
    /// What they write, in order.
    pub turns: Vec<Turn>,
}

/// Lives through one script.
pub(crate) async fn live(exchange: Arc<Exchange>, conversation: Conversation, script: WriterScript) {
    let inbox = exchange.change(|moves| moves.state.messages.open_inbox(&conversation));
    let mut hushed = exchange.hushed();
    tokio::select! {
        _ = hushed.wait_for(|hushed| *hushed) => {}
        () = write_all(&exchange, inbox, &script) => {}
    }
    exchange.change(|moves| {
        moves.state.messages.close_inbox(&conversation);
        moves.state.messages.writers = moves.state.messages.writers.saturating_sub(1);
    });
}

async fn write_all(exchange: &Arc<Exchange>, mut inbox: watch::Receiver<u64>, script: &WriterScript) {
    let human = |duration_ms: u64| exchange.settings.human(duration_ms);
    let mut seen = 0;
    for turn in &script.turns {
        let enough = seen + turn.after_replies;
        // Whether they came, or patience is over, or the phone is gone: the person writes.
        drop(tokio::time::timeout(human(turn.waits_ms), inbox.wait_for(|count| *count >= enough)).await);
        tokio::time::sleep(human(turn.lag_ms)).await;
        seen = *inbox.borrow();
        let written = Written {
            from: script.from.clone(),
            line: script.to.clone(),
            class: script.class.clone(),
            from_state: script.from_state.clone(),
            words: turn.words.clone(),
            media: turn.media,
        };
        let sid = exchange.change(|moves| moves.write(&written));
        exchange.spawn(receive::deliver(Arc::clone(exchange), sid, written));
    }
}
