//! Doubts settled by looking: was the dial made, the text sent, and is the leg that must be dropped gone for good.
//!
//! A leg may appear late: the carrier took the request and the answer was lost. So absence counts only after a grace, and only
//! by a listing that began after it; a listing that could not be had proves nothing.

pub(crate) mod text;

use std::time::Duration;

use holdfast_carrier_codec::token::Token;
use holdfast_chassis::backoff::SystemDice;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::carry;
use crate::effect::{Effect, Settlement};
use crate::executor::Executor;
use crate::outbox::Fate;
use crate::vendor::Done;

/// The code of a dial or text that was in doubt and never made.
const NOT_FOUND: &str = "not_found";

/// Lists until the dialed leg is found, is heard of otherwise, or stayed away for the whole grace.
pub(crate) async fn resolve(
    executor: &Executor,
    effect: &Effect,
    leg: u32,
    label: &Token,
    over: &mut watch::Receiver<bool>,
) -> Option<Settlement> {
    let began = Instant::now();
    for attempt in 0.. {
        if let Fate::Made(id) = executor.with(&effect.contact, |outbox| outbox.fate(leg)) {
            return Some(Settlement::Accepted(Some(id)));
        }
        let turn = executor.wire.turn().await;
        let late = began.elapsed() >= executor.bounds.doubt_grace();
        let found = executor.account.vendor.find_leg(&turn, &effect.room, label).await;
        drop(turn);
        match found {
            Ok(Some(id)) => {
                executor.with(&effect.contact, |outbox| outbox.dialed(leg, Fate::Made(id.clone())));
                return Some(Settlement::Accepted(Some(id)));
            }
            Ok(None) if late => {
                executor.with(&effect.contact, |outbox| outbox.dialed(leg, Fate::NotMade));
                return Some(Settlement::Refused(NOT_FOUND.to_owned()));
            }
            Ok(None) | Err(_) => {}
        }
        if !executor.pause(over, next_look(executor, began, attempt)).await {
            return None;
        }
    }
    None
}

/// Ends a leg, by the carrier's id where one is known and else by its label; stays on while the leg may still appear.
pub(crate) async fn drop_leg(
    executor: &Executor,
    effect: &Effect,
    (leg, label, given): (u32, &Token, Option<&str>),
    over: &mut watch::Receiver<bool>,
) -> Option<Settlement> {
    let began = Instant::now();
    let mut pace = carry::pace();
    let mut attempt = 0;
    loop {
        let turn = executor.wire.turn().await;
        let fate = executor.with(&effect.contact, |outbox| outbox.fate(leg));
        let late = began.elapsed() >= executor.bounds.doubt_grace();
        let vendor = &executor.account.vendor;
        let target = match (given, &fate) {
            (Some(id), _) => Ok(Some(id.to_owned())),
            (None, Fate::Made(id)) => Ok(Some(id.clone())),
            (None, _) => vendor.find_leg(&turn, &effect.room, label).await,
        };
        let done = match &target {
            Ok(Some(id)) => Some(vendor.end_call(&turn, id).await),
            Ok(None) | Err(_) => None,
        };
        drop(turn);
        let pause = match (target, done) {
            (_, Some(Done::Accepted(_) | Done::Absent)) => return Some(Settlement::Accepted(None)),
            (_, Some(Done::Refused(code))) => return Some(Settlement::Refused(code)),
            (Ok(None), _) if late || fate == Fate::NotMade => return Some(Settlement::Accepted(None)),
            (Ok(None), _) => {
                attempt += 1;
                next_look(executor, began, attempt - 1)
            }
            _ => pace.wait(&mut SystemDice),
        };
        if !executor.pause(over, pause).await {
            return None;
        }
    }
}

/// The pause before the next listing: growing, but not past the end of the grace.
fn next_look(executor: &Executor, began: Instant, attempt: u32) -> Duration {
    let pause = executor.bounds.doubt_pause(attempt);
    let left = executor.bounds.doubt_grace().saturating_sub(began.elapsed());
    if left.is_zero() { pause } else { pause.min(left) }
}
