//! Sends a text message: once, whatever becomes of the answer.
//!
//! The carrier has no idempotency key for it. What cannot have arrived is sent again for a while; what may have arrived is
//! looked for and never sent again. One that this process did not see asked may have been sent by the process before: it is
//! looked for first, and sent only when it is certain that it is not there. That takes a beat of the router, which says what time
//! it is. Without one for the whole grace the text is in doubt: the next goes out, and this one is looked for and not sent.

use std::time::Duration;

use holdfast_carrier_codec::callback::Hook;
use holdfast_carrier_codec::model::SendText as Order;
use holdfast_chassis::backoff::SystemDice;
use tokio::sync::watch;
use tokio::time::Instant;

use super::{UNAVAILABLE, pace};
use crate::doubt::text::{Searched, resolve, search};
use crate::effect::{Effect, SendText, Settlement};
use crate::executor::Executor;
use crate::metrics;
use crate::texts::Opened;
use crate::vendor::Done;

/// Sends the message, or finds out what became of it.
pub(super) async fn send(
    executor: &Executor,
    effect: &Effect,
    text: &SendText,
    redelivered: bool,
    over: &mut watch::Receiver<bool>,
) -> Option<Settlement> {
    if effect.doubted {
        let since = if redelivered { executor.network_time.began() } else { Instant::now() };
        return resolve(executor, effect, text, since, over).await;
    }
    if redelivered {
        let _opened = executor.account.texts.open(&effect.contact, text, true);
        match search(executor, effect, text, over).await? {
            Searched::Found(settlement) => return Some(settlement),
            Searched::Absent => {}
            Searched::Untimed => {
                return in_doubt(executor, effect, text, executor.network_time.began(), over).await;
            }
        }
    }
    let Some(order) = order(executor, effect, text) else {
        return Some(Settlement::Refused("malformed_contact".to_owned()));
    };
    let give_up = Instant::now() + Duration::from_millis(executor.bounds.retry_for_ms);
    let mut pace = pace();
    let _opened = loop {
        let (done, opened) = once(executor, effect, text, &order).await?;
        match done {
            Done::Accepted(Some(id)) => return Some(Settlement::Accepted(Some(id))),
            Done::Refused(code) => return Some(Settlement::Refused(code)),
            Done::Absent => return Some(Settlement::Refused("no_account".to_owned())),
            Done::Accepted(None) | Done::AlreadyThere | Done::Doubtful => break opened,
            Done::Later => {}
        }
        let pause = pace.wait(&mut SystemDice);
        if Instant::now() + pause >= give_up {
            return Some(Settlement::Refused(UNAVAILABLE.to_owned()));
        }
        drop(opened);
        if !executor.pause_to_retry(over, pause).await {
            return None;
        }
    };
    in_doubt(executor, effect, text, Instant::now(), over).await
}

/// Lets the next start, tells the router, and looks for what may have been sent before `since`. The caller has it open.
async fn in_doubt(
    executor: &Executor,
    effect: &Effect,
    text: &SendText,
    since: Instant,
    over: &mut watch::Receiver<bool>,
) -> Option<Settlement> {
    metrics::effect(executor.account.name.as_str(), effect.name(), "doubted");
    tracing::warn!(contact = effect.contact, number = effect.number, "a text is in doubt, listing at the carrier");
    executor.with(&effect.contact, |outbox| outbox.doubted(effect.number));
    executor.pump(&effect.contact);
    let telling = executor.router.doubt(executor.account.name.as_str(), effect, &executor.shutdown);
    let (settlement, _) = tokio::join!(resolve(executor, effect, text, since, over), telling);
    settlement
}

/// One try. `None` if the effect was over before its turn came.
async fn once<'a>(
    executor: &'a Executor,
    effect: &Effect,
    text: &SendText,
    order: &Order,
) -> Option<(Done, Opened<'a>)> {
    let turn = executor.wire.turn().await;
    if !executor.with(&effect.contact, |outbox| outbox.is_open(effect.number)) {
        return None;
    }
    let texts = &executor.account.texts;
    let opened = texts.open(&effect.contact, text, false);
    let done = executor.account.vendor.send_text(&turn, order).await;
    match &done {
        // Before it is open no more, so that no doubt about the same words takes this one.
        Done::Accepted(Some(id)) => texts.told(id, &effect.contact, text.message),
        Done::Accepted(None) | Done::AlreadyThere | Done::Doubtful => opened.is_in_doubt(),
        Done::Refused(_) | Done::Absent | Done::Later => {}
    }
    Some((done, opened))
}

fn order(executor: &Executor, effect: &Effect, text: &SendText) -> Option<Order> {
    let mut callback = executor.account.callback(Hook::TextStatus, Some(&effect.contact), None)?;
    callback.message = Some(text.message);
    Some(Order {
        to: text.to.clone(),
        from: text.from.clone(),
        body: text.words.clone(),
        status_url: Some(executor.account.base.url(&callback)),
    })
}
