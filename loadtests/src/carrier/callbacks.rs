//! Sends status callbacks: in order per subject unless the dice say otherwise, tried again on a failed connection only.

use super::exchange::Exchange;
use super::fate;
use super::ledger::{CallbackFate, Happened, HookFailure};
use super::tell::Callback;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::oneshot;

const PLAIN: CallbackFate = CallbackFate { lost: false, copies: 1, delay_ms: 0 };

/// Delivers one callback, or gives it up; either way it is in the ledger.
pub(crate) async fn deliver(exchange: Arc<Exchange>, mut callback: Callback) {
    let settings = &exchange.settings;
    let (event, sequence) = (callback.event, callback.sequence);
    let fate = fate::of_callback(&settings.faults, settings.seed, &callback.subject, event, sequence);
    if fate != PLAIN {
        let subject = callback.subject.clone();
        exchange.note(Happened::CallbackFated { subject, event: event.to_owned(), sequence, fate });
    }
    if let Some(before) = callback.after.take() {
        // The one before it is settled when its sender is dropped, which arrives here as an error.
        let _settled = before.await;
    }
    // Swapped out, so that dropping it lets the next callback pass while this one waits.
    let mut settled = Some(std::mem::replace(&mut callback.settled, oneshot::channel().0));
    if fate.delay_ms > 0 {
        settled.take();
        tokio::time::sleep(Duration::from_millis(fate.delay_ms)).await;
    }
    if !fate.lost {
        for _copy in 0..fate.copies {
            send(&exchange, &callback).await;
        }
    }
    drop(settled);
    exchange.pending_callbacks.fetch_sub(1, Ordering::Relaxed);
}

async fn send(exchange: &Exchange, callback: &Callback) {
    let settings = &exchange.settings;
    let token = format!("{}-{}", callback.subject, callback.sequence);
    let mut tries_left = settings.status_retries;
    loop {
        let answer = exchange.wire.post(&callback.url, &callback.form, &token).await;
        let (call, event, sequence) = (callback.call.clone(), callback.event.to_owned(), callback.sequence);
        match answer {
            Ok(answer) => {
                let took_us = answer.took_us;
                return exchange.note(Happened::CallbackAnswered { call, event, sequence, took_us });
            }
            Err(HookFailure::Unreachable) if tries_left > 0 => {
                tries_left -= 1;
                tokio::time::sleep(Duration::from_millis(settings.retry_pause_ms)).await;
            }
            Err(why) => return exchange.note(Happened::CallbackGivenUp { call, event, sequence, why }),
        }
    }
}
