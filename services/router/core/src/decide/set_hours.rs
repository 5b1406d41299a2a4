//! The calendar says which centers are open. Only what changed is a fact.

use super::Deciding;
use crate::command::Answer;
use crate::contact::Channel;
use crate::event::Event;
use crate::id::CenterId;
use crate::refusal::Refusal;
use alloc::collections::{BTreeMap, BTreeSet};

pub(super) fn decide(
    deciding: &mut Deciding<'_>,
    open: &BTreeMap<CenterId, BTreeSet<Channel>>,
) -> Result<Answer, Refusal> {
    let plan = deciding.plan()?;
    let before = &deciding.state.parts().open;
    let known = open.iter().filter(|(center, _)| plan.hours.contains_key(*center));
    let changed = known.filter(|(center, channels)| before.get(*center) != Some(channels));
    for (center, channels) in changed {
        deciding.happen(Event::HoursChanged { center: center.clone(), open: channels.clone() });
    }
    Ok(if deciding.events.is_empty() { Answer::AlreadyDone } else { Answer::Done })
}
