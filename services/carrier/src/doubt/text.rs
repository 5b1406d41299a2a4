//! A text in doubt, looked for at the carrier by its words, its numbers and its time.
//!
//! A receipt that names the message settles it before any listing. A message at the carrier is taken for one of ours only; where
//! it may be either of two of the same words, receipts have the whole grace to say which. Its time is network time: before a beat
//! of the router has said what that is, no listing is asked for, as if none could be had.

use holdfast_carrier_codec::model::TextProgress;
use tokio::sync::watch;
use tokio::time::Instant;

use super::{NOT_FOUND, next_look};
use crate::effect::{Effect, SendText, Settlement};
use crate::executor::Executor;
use crate::network_time::CLOCKS_APART_MS;
use crate::texts::Claim;
use crate::vendor::Sought;

/// What a search came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Searched {
    Found(Settlement),
    /// Not there, and it will not appear any more.
    Absent,
    /// Not looked for: the router did not say what time it is within the grace.
    Untimed,
}

/// Looks for a text in doubt until it is found or stayed away for the whole grace after `since`, which refuses it; whoever may
/// have sent it did so before. It stays in doubt, and nothing waits for it, while no beat is heard or no listing can be had.
pub(crate) async fn resolve(
    executor: &Executor,
    effect: &Effect,
    text: &SendText,
    since: Instant,
    over: &mut watch::Receiver<bool>,
) -> Option<Settlement> {
    let _opened = executor.account.texts.open(&effect.contact, text, true);
    loop {
        match look_on(executor, effect, text, (since, true), over).await? {
            Searched::Found(settlement) => return Some(settlement),
            Searched::Absent => return Some(Settlement::Refused(NOT_FOUND.to_owned())),
            Searched::Untimed => {}
        }
    }
}

/// Looks for a text that the process before may have sent, until it is found or is certainly not there: by a listing that began
/// when this process had been at work for the grace, or by the first one if it was written since. The caller has it open.
pub(crate) async fn search(
    executor: &Executor,
    effect: &Effect,
    text: &SendText,
    over: &mut watch::Receiver<bool>,
) -> Option<Searched> {
    look_on(executor, effect, text, (executor.network_time.began(), false), over).await
}

async fn look_on(
    executor: &Executor,
    effect: &Effect,
    text: &SendText,
    (since, doubted): (Instant, bool),
    over: &mut watch::Receiver<bool>,
) -> Option<Searched> {
    let (contact, number) = (&effect.contact, effect.number);
    let (began, grace) = (Instant::now(), executor.bounds.doubt_grace());
    for attempt in 0.. {
        let late = since.elapsed() >= grace;
        // Asked before each look, as a beat may have come. What was written since this process follows was given to no other, so
        // what is listed is not it either.
        let unsent = !doubted && executor.network_time.is_after_start(text.written_at_ms);
        let looked = look(executor, effect, text, late).await;
        match &looked {
            Look::There(settlement) => return Some(Searched::Found(settlement.clone())),
            Look::Absent if late || unsent => return Some(Searched::Absent),
            Look::Unclear if unsent => return Some(Searched::Absent),
            Look::Untimed if began.elapsed() >= grace => {
                tracing::warn!(contact, number, "no beat of the router was heard, a text stays in doubt until one is");
                return Some(Searched::Untimed);
            }
            Look::Unlisted if attempt == 0 => {
                tracing::warn!(
                    contact,
                    number,
                    "the carrier could not be listed, a text stays in doubt until it can be"
                );
            }
            Look::Absent | Look::Unclear | Look::Untimed | Look::Unlisted => {}
        }
        let go_on = match looked {
            Look::Untimed => tokio::select! {
                go_on = executor.pause(over, next_look(executor, began, attempt)) => go_on,
                () = executor.network_time.heard() => true,
            },
            _ => executor.pause(over, next_look(executor, since, attempt)).await,
        };
        if !go_on {
            return None;
        }
    }
    None
}

enum Look {
    There(Settlement),
    /// What is listed may be another one's of the same words.
    Unclear,
    Absent,
    /// No beat was heard.
    Untimed,
    /// The listing could not be had.
    Unlisted,
}

async fn look(executor: &Executor, effect: &Effect, text: &SendText, late: bool) -> Look {
    let account = &executor.account;
    let known = || account.texts.id_of(&effect.contact, text.message);
    if let Some(id) = known() {
        return Look::There(Settlement::Accepted(Some(id)));
    }
    let Some(written_ms) = executor.network_time.wall(text.written_at_ms) else { return Look::Untimed };
    let turn = executor.wire.turn().await;
    let not_before_ms = written_ms.saturating_sub(CLOCKS_APART_MS);
    let sought = Sought { to: &text.to, from: &text.from, words: &text.words, not_before_ms };
    let Ok(listed) = account.vendor.find_texts(&turn, &sought).await else { return Look::Unlisted };
    drop(turn);
    // A receipt may have come meanwhile, and is surer than what the listing shows.
    if let Some(id) = known() {
        return Look::There(Settlement::Accepted(Some(id)));
    }
    let mut look = Look::Absent;
    for found in &listed {
        match account.texts.claim(&found.external_id, &effect.contact, text, late) {
            Claim::Granted => {
                return Look::There(match found.progress {
                    Some(TextProgress::Failed(code)) => {
                        Settlement::Refused(account.vendor.code(code.unwrap_or_default()))
                    }
                    _ => Settlement::Accepted(Some(found.external_id.clone())),
                });
            }
            Claim::Unclear => look = Look::Unclear,
            Claim::Anothers => {}
        }
    }
    look
}
