//! A text in doubt, looked for at the carrier by its words, its numbers and its time.
//!
//! A receipt that names the message settles it before any listing. A message at the carrier is taken for one of ours only; where
//! it may be either of two of the same words, receipts have the whole grace to say which.

use holdfast_carrier_codec::model::TextProgress;
use tokio::sync::watch;
use tokio::time::Instant;

use super::{NOT_FOUND, next_look};
use crate::effect::{Effect, SendText, Settlement};
use crate::executor::Executor;
use crate::network_time::CLOCKS_APART_MS;
use crate::texts::Claim;
use crate::vendor::{Sought, Unlisted};

/// What a search came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Searched {
    Found(Settlement),
    /// Not there, and it will not appear any more.
    Absent,
}

/// Looks until the message is found or stayed away for the whole grace, which refuses it.
pub(crate) async fn resolve(
    executor: &Executor,
    effect: &Effect,
    text: &SendText,
    over: &mut watch::Receiver<bool>,
) -> Option<Settlement> {
    Some(match search(executor, effect, text, false, over).await? {
        Searched::Found(settlement) => settlement,
        Searched::Absent => Settlement::Refused(NOT_FOUND.to_owned()),
    })
}

/// Looks until the message is found or is certainly not there: by a listing that began after the grace, or by the first one if
/// `at_once` says that nobody can have sent it lately.
pub(crate) async fn search(
    executor: &Executor,
    effect: &Effect,
    text: &SendText,
    at_once: bool,
    over: &mut watch::Receiver<bool>,
) -> Option<Searched> {
    let began = Instant::now();
    let _opened = executor.account.texts.open(&effect.contact, text, true);
    for attempt in 0.. {
        let late = began.elapsed() >= executor.bounds.doubt_grace();
        match look(executor, effect, text, late).await {
            Ok(Look::There(settlement)) => return Some(Searched::Found(settlement)),
            Ok(Look::Absent) if late || at_once => return Some(Searched::Absent),
            // One that nobody can have sent is not what is listed either.
            Ok(Look::Unclear) if at_once => return Some(Searched::Absent),
            Ok(Look::Absent | Look::Unclear) => {}
            Err(Unlisted) if attempt == 0 => {
                let (contact, number) = (&effect.contact, effect.number);
                tracing::warn!(
                    contact,
                    number,
                    "the carrier could not be listed, a text stays in doubt until it can be"
                );
            }
            Err(Unlisted) => {}
        }
        if !executor.pause(over, next_look(executor, began, attempt)).await {
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
}

async fn look(executor: &Executor, effect: &Effect, text: &SendText, late: bool) -> Result<Look, Unlisted> {
    let account = &executor.account;
    let known = || account.texts.id_of(&effect.contact, text.message);
    if let Some(id) = known() {
        return Ok(Look::There(Settlement::Accepted(Some(id))));
    }
    let turn = executor.wire.turn().await;
    let not_before_ms = executor.network_time.wall(text.written_at_ms).saturating_sub(CLOCKS_APART_MS);
    let sought = Sought { to: &text.to, from: &text.from, words: &text.words, not_before_ms };
    let listed = account.vendor.find_texts(&turn, &sought).await?;
    drop(turn);
    // A receipt may have come meanwhile, and is surer than what the listing shows.
    if let Some(id) = known() {
        return Ok(Look::There(Settlement::Accepted(Some(id))));
    }
    let mut look = Look::Absent;
    for found in &listed {
        match account.texts.claim(&found.external_id, &effect.contact, text, late) {
            Claim::Granted => {
                return Ok(Look::There(match found.progress {
                    Some(TextProgress::Failed(code)) => {
                        Settlement::Refused(account.vendor.code(code.unwrap_or_default()))
                    }
                    _ => Settlement::Accepted(Some(found.external_id.clone())),
                }));
            }
            Claim::Unclear => look = Look::Unclear,
            Claim::Anothers => {}
        }
    }
    Ok(look)
}
