//! A text in doubt, looked for at the carrier by its words, its numbers and its time.
//!
//! A receipt that names the message settles it before any listing. Of two messages of the same words each is taken for one of
//! ours only; which one it is the person cannot tell either.

use holdfast_carrier_codec::model::TextProgress;
use tokio::sync::watch;
use tokio::time::Instant;

use super::{NOT_FOUND, next_look};
use crate::effect::{Effect, SendText, Settlement};
use crate::executor::Executor;
use crate::network_time::CLOCKS_APART_MS;
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
    for attempt in 0.. {
        let late = at_once || began.elapsed() >= executor.bounds.doubt_grace();
        match look(executor, effect, text).await {
            Ok(Look::There(settlement)) => return Some(Searched::Found(settlement)),
            Ok(Look::Absent) if late => return Some(Searched::Absent),
            Ok(Look::Absent | Look::PerhapsAnothers) | Err(Unlisted) => {}
        }
        if !executor.pause(over, next_look(executor, began, attempt)).await {
            return None;
        }
    }
    None
}

enum Look {
    There(Settlement),
    /// A message of the same words is on its way, and what is listed may be that one.
    PerhapsAnothers,
    Absent,
}

async fn look(executor: &Executor, effect: &Effect, text: &SendText) -> Result<Look, Unlisted> {
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
    for found in &listed {
        if account.texts.claim(&found.external_id, &effect.contact, text) {
            return Ok(Look::There(match found.progress {
                Some(TextProgress::Failed(code)) => Settlement::Refused(account.vendor.code(code.unwrap_or_default())),
                _ => Settlement::Accepted(Some(found.external_id.clone())),
            }));
        }
    }
    let perhaps = !listed.is_empty() && account.texts.like_it_in_the_air(text);
    Ok(if perhaps { Look::PerhapsAnothers } else { Look::Absent })
}
