//! How each kind of effect is carried out to its end. `None` means that it is over for the router, or that the process stops.
//!
//! | effect | at the carrier | repeated | after a restart |
//! |---|---|---|---|
//! | dial | participant with a label; the label is the idempotency key | only when it cannot have arrived | listed first |
//! | hold | sets a state | freely, for a bounded time | done again |
//! | drop | ends a call found by id or label | freely, until it is over | done again |
//! | end room | ends the room, or the person's call | freely, until it is over | done again |
//! | send text | message without any key | only when it cannot have arrived | listed first, by the router's time, and after the grace if need be |

mod text;

use std::time::Duration;

use holdfast_carrier_codec::callback::Hook;
use holdfast_carrier_codec::model::DialLeg;
use holdfast_carrier_codec::token::Token;
use holdfast_chassis::backoff::{Backoff, SystemDice};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::doubt;
use crate::effect::{Effect, Kind, Settlement};
use crate::executor::Executor;
use crate::metrics;
use crate::names;
use crate::outbox::{Begun, Fate};
use crate::vendor::Done;

/// The shortest and the longest time a phone may be told to alert, in seconds.
const RING_S: (u64, u64) = (5, 600);
/// The first and the longest pause between two tries at the carrier.
const PAUSE: (Duration, Duration) = (Duration::from_millis(250), Duration::from_millis(4_000));
/// The code of an effect the carrier turned away for too long.
const UNAVAILABLE: &str = "carrier_unavailable";

/// Carries an effect out.
pub(crate) async fn out(executor: &Executor, begun: Begun) -> Option<Settlement> {
    let Begun { effect, redelivered, mut over } = begun;
    match &effect.kind {
        Kind::Dial { leg, label, .. } if effect.doubted => {
            doubt::resolve(executor, &effect, *leg, label, &mut over).await
        }
        Kind::Dial { .. } => dial(executor, &effect, redelivered, &mut over).await,
        Kind::Hold { person_external_id, on } => {
            hold(executor, &effect, (person_external_id.as_deref(), *on), &mut over).await
        }
        Kind::Drop { leg, label, external_id } => {
            doubt::drop_leg(executor, &effect, (*leg, label, external_id.as_deref()), &mut over).await
        }
        Kind::EndRoom { person_external_id } => {
            end_room(executor, &effect, person_external_id.as_deref(), &mut over).await
        }
        Kind::SendText(order) => text::send(executor, &effect, order, redelivered, &mut over).await,
        Kind::Unusable { code } => Some(Settlement::Refused((*code).to_owned())),
    }
}

/// The pauses between two tries at the carrier.
pub(crate) fn pace() -> Backoff {
    Backoff::new(PAUSE.0, PAUSE.1)
}

async fn dial(
    executor: &Executor,
    effect: &Effect,
    redelivered: bool,
    over: &mut watch::Receiver<bool>,
) -> Option<Settlement> {
    let Kind::Dial { leg, label, .. } = &effect.kind else { return None };
    if redelivered && let Some(found) = listed_first(executor, effect, label, over).await? {
        return Some(made(executor, effect, *leg, found));
    }
    let Some(order) = order(executor, effect) else { return Some(Settlement::Refused("malformed_contact".to_owned())) };
    let give_up = Instant::now() + Duration::from_millis(executor.bounds.retry_for_ms);
    let mut pace = pace();
    loop {
        let done = {
            let turn = executor.wire.turn().await;
            // The turn may have been long in coming, and the dial barred meanwhile.
            if !executor.with(&effect.contact, |outbox| outbox.may_dial(effect.number, *leg)) {
                return None;
            }
            executor.account.vendor.dial(&turn, &order).await
        };
        let learned = |fate| executor.with(&effect.contact, |outbox| outbox.dialed(*leg, fate));
        match done {
            Done::Accepted(Some(id)) => return Some(made(executor, effect, *leg, id)),
            Done::Refused(code) => {
                learned(Fate::NotMade);
                return Some(Settlement::Refused(code));
            }
            Done::Absent => {
                learned(Fate::NotMade);
                return Some(Settlement::Refused("no_room".to_owned()));
            }
            // Somebody with this label lives: an earlier attempt's leg, whose id a listing gives.
            Done::AlreadyThere | Done::Accepted(None) => {
                learned(Fate::Doubted);
                let turn = executor.wire.turn().await;
                if let Ok(Some(id)) = executor.account.vendor.find_leg(&turn, &effect.room, label).await {
                    return Some(made(executor, effect, *leg, id));
                }
                break;
            }
            Done::Doubtful => {
                learned(Fate::Doubted);
                break;
            }
            Done::Later => learned(Fate::NotMade),
        }
        let pause = pace.wait(&mut SystemDice);
        if Instant::now() + pause >= give_up {
            return Some(Settlement::Refused(UNAVAILABLE.to_owned()));
        }
        if !executor.pause_to_retry(over, pause).await {
            return None;
        }
    }
    metrics::effect(executor.account.name.as_str(), effect.name(), "doubted");
    tracing::warn!(contact = effect.contact, number = effect.number, "a dial is in doubt, listing at the carrier");
    executor.with(&effect.contact, |outbox| outbox.doubted(effect.number));
    executor.pump(&effect.contact);
    let telling = executor.router.doubt(executor.account.name.as_str(), effect, &executor.shutdown);
    let (settlement, _) = tokio::join!(doubt::resolve(executor, effect, *leg, label, over), telling);
    settlement
}

/// For a dial that this process did not see asked. The outer `None` is the end of everything, the inner one "not there".
async fn listed_first(
    executor: &Executor,
    effect: &Effect,
    label: &Token,
    over: &mut watch::Receiver<bool>,
) -> Option<Option<String>> {
    let mut pace = pace();
    loop {
        let turn = executor.wire.turn().await;
        let found = executor.account.vendor.find_leg(&turn, &effect.room, label).await;
        drop(turn);
        if let Ok(found) = found {
            return Some(found);
        }
        if !executor.pause_to_retry(over, pace.wait(&mut SystemDice)).await {
            return None;
        }
    }
}

fn made(executor: &Executor, effect: &Effect, leg: u32, id: String) -> Settlement {
    executor.with(&effect.contact, |outbox| outbox.dialed(leg, Fate::Made(id.clone())));
    Settlement::Accepted(Some(id))
}

fn order(executor: &Executor, effect: &Effect) -> Option<DialLeg> {
    let Kind::Dial { leg, label, to, from, ring_ms } = &effect.kind else { return None };
    let url = |hook, leg| executor.account.url(hook, Some(&effect.contact), leg);
    let seconds = ring_ms.div_ceil(1_000).clamp(RING_S.0, RING_S.1);
    Some(DialLeg {
        leg: label.clone(),
        room: effect.room.clone(),
        to: to.clone(),
        from: from.clone(),
        ring_s: u16::try_from(seconds).unwrap_or(u16::MAX),
        // Nobody's leaving ends the room but the person's: a counselor whose line breaks, or who has handed the person over, leaves
        // them with whoever is there.
        end_room_on_exit: *leg == 0,
        status_url: url(Hook::Leg, Some(label))?,
        room_status_url: url(Hook::Room, None),
    })
}

async fn hold(
    executor: &Executor,
    effect: &Effect,
    (person, on): (Option<&str>, bool),
    over: &mut watch::Receiver<bool>,
) -> Option<Settlement> {
    let label = names::person_label(&effect.contact)?;
    let give_up = Instant::now() + Duration::from_millis(executor.bounds.retry_for_ms);
    let mut pace = pace();
    loop {
        let turn = executor.wire.turn().await;
        let done = executor.account.vendor.hold(&turn, &effect.room, (person, &label), on).await;
        drop(turn);
        match done {
            Done::Accepted(_) => return Some(Settlement::Accepted(None)),
            Done::Refused(code) => return Some(Settlement::Refused(code)),
            Done::Absent => return Some(Settlement::Refused("no_room".to_owned())),
            Done::Later | Done::AlreadyThere | Done::Doubtful => {}
        }
        let pause = pace.wait(&mut SystemDice);
        if Instant::now() + pause >= give_up {
            return Some(Settlement::Refused(UNAVAILABLE.to_owned()));
        }
        if !executor.pause_to_retry(over, pause).await {
            return None;
        }
    }
}

async fn end_room(
    executor: &Executor,
    effect: &Effect,
    person: Option<&str>,
    over: &mut watch::Receiver<bool>,
) -> Option<Settlement> {
    let mut pace = pace();
    loop {
        let turn = executor.wire.turn().await;
        let vendor = &executor.account.vendor;
        let done = match (vendor.end_room(&turn, &effect.room).await, person) {
            // No room, or one that cannot be ended: the person's call is what keeps it.
            (Done::Absent | Done::Refused(_), Some(person)) => vendor.end_call(&turn, person).await,
            (done, _) => done,
        };
        drop(turn);
        match done {
            Done::Accepted(_) | Done::Absent => return Some(Settlement::Accepted(None)),
            Done::Refused(code) => return Some(Settlement::Refused(code)),
            Done::Later | Done::AlreadyThere | Done::Doubtful => {}
        }
        if !executor.pause_to_retry(over, pace.wait(&mut SystemDice)).await {
            return None;
        }
    }
}
