//! A person reaches a line. Nobody is refused: what cannot be resolved goes to the default queue.

use super::Deciding;
use crate::command::{Answer, Command};
use crate::contact::{Channel, Contact, ContactState, Direction, Outcome, RegionMethod};
use crate::event::Event;
use crate::id::{ContactId, ExternalId, LineId, RegionId};
use crate::offer::RescindReason;
use crate::plan::Plan;
use crate::refusal::Refusal;
use alloc::vec::Vec;

pub(super) fn decide(deciding: &mut Deciding<'_>, command: &Command) -> Result<Answer, Refusal> {
    let Command::ArriveContact { contact, person, external, line, channel, area_code, number, slot } = command else {
        return Ok(Answer::Ignored);
    };
    let plan = deciding.plan()?;
    if let Some(known) = known(deciding, external) {
        return Ok(known);
    }
    if let Some(taken) = deciding.state.contact(*contact) {
        return Err(Refusal::WrongState { contact: *contact, state: taken.state });
    }
    if let Some(callback) = deciding.state.callback(*person).filter(|it| it.channel == *channel) {
        take_place_of(deciding, plan, callback, command);
        return Ok(Answer::Arrived { contact: *contact, menu: Vec::new(), repeated: false });
    }
    let on = plan.lines.get(line);
    let here = area_code.and_then(|code| plan.area_codes.get(&code));
    let need = on.and_then(|on| on.need.clone());
    let language = on
        .and_then(|on| on.language.clone())
        .or_else(|| plan.needs.get(need.as_ref()?)?.language.clone())
        .unwrap_or_else(|| plan.default_language.clone());
    let region = here.cloned().unwrap_or_else(|| plan.default_region.clone());
    let menu = menu(plan, line, &region, *channel);
    deciding.happen(Event::ContactArrived {
        contact: *contact,
        person: *person,
        external: external.clone(),
        line: line.clone(),
        channel: *channel,
        direction: Direction::Inbound,
        region: region.clone(),
        region_method: if here.is_some() { RegionMethod::AreaCode } else { RegionMethod::Default },
        need: need.clone(),
        language: language.clone(),
        number: number.clone(),
        slot: *slot,
        menu_ends_at: (!menu.is_empty()).then(|| deciding.now.plus_ms(plan.timing.menu_ms)),
        follows: None,
    });
    if menu.is_empty() {
        let need = need.unwrap_or_else(|| plan.default_need.clone());
        deciding.queue(plan, *contact, &region, need, language, *channel);
    }
    Ok(Answer::Arrived { contact: *contact, menu, repeated: false })
}

/// Somebody who is to be called back calls before we have reached them: they have the callback's place, and what is known about
/// them. Nobody calls them while they wait, and whoever was about to talk with them is free.
fn take_place_of(deciding: &mut Deciding<'_>, plan: &Plan, callback: &Contact, command: &Command) {
    let Command::ArriveContact { contact, person, external, line, channel, number, slot, .. } = command else { return };
    let need = callback.need.clone().unwrap_or_else(|| plan.default_need.clone());
    // Whoever tried in vain goes on writing that up.
    if callback.state != ContactState::WrappingUp {
        deciding.rescind(callback, RescindReason::PersonCalls);
        deciding.stop_calling(callback);
        deciding.close(callback, Outcome::Merged);
    }
    deciding.happen(Event::ContactArrived {
        contact: *contact,
        person: *person,
        external: external.clone(),
        line: line.clone(),
        channel: *channel,
        direction: Direction::Inbound,
        region: callback.region.clone(),
        region_method: callback.region_method,
        need: Some(need.clone()),
        language: callback.language.clone(),
        number: number.clone(),
        slot: *slot,
        menu_ends_at: None,
        follows: Some(callback.id),
    });
    let place = callback.place.unwrap_or_else(|| deciding.place(plan, &need));
    let language = callback.language.clone();
    deciding.queue_at(plan, *contact, &callback.region, need, language, *channel, place);
}

/// The carrier has told us about this call before.
fn known(deciding: &Deciding<'_>, external: &ExternalId) -> Option<Answer> {
    let (contact, _) = deciding.state.parts().externals.get(external)?;
    Some(Answer::Arrived { contact: *contact, menu: open_menu(deciding, *contact), repeated: true })
}

fn open_menu(deciding: &Deciding<'_>, contact: ContactId) -> Vec<u8> {
    let Some(contact) = deciding.state.contact(contact) else {
        return Vec::new();
    };
    if contact.state != ContactState::Arriving {
        return Vec::new();
    }
    deciding.state.plan().map_or_else(Vec::new, |plan| menu(plan, &contact.line, &contact.region, contact.channel))
}

/// The digits to offer: those whose need is offered to people of this region by this channel.
fn menu(plan: &Plan, line: &LineId, region: &RegionId, channel: Channel) -> Vec<u8> {
    let line = plan.lines.get(line).filter(|line| line.need.is_none() && channel == Channel::Voice);
    let choices = line.into_iter().flat_map(|line| &line.menu);
    choices.filter(|(_, need)| plan.offers(need, region, channel)).map(|(digit, _)| *digit).collect()
}

impl Deciding<'_> {
    /// Gives a contact its place, for good.
    pub(crate) fn queue(
        &mut self,
        plan: &Plan,
        contact: ContactId,
        region: &RegionId,
        need: crate::id::NeedId,
        language: crate::id::Language,
        channel: Channel,
    ) {
        let place = self.place(plan, &need);
        self.queue_at(plan, contact, region, need, language, channel, place);
    }

    /// The place of somebody who is queued now for this need.
    pub(crate) fn place(&self, plan: &Plan, need: &crate::id::NeedId) -> crate::contact::Place {
        let priority = plan.needs.get(need).map_or(0, |need| need.priority);
        let ahead_ms = u64::from(priority).saturating_mul(plan.timing.ageing_ms);
        let key =
            i64::try_from(self.now.0).unwrap_or(i64::MAX).saturating_sub(i64::try_from(ahead_ms).unwrap_or(i64::MAX));
        crate::contact::Place { key, sequence: self.state.parts().sequence.saturating_add(1) }
    }

    /// Gives a contact this place.
    #[expect(clippy::too_many_arguments, reason = "a contact that is being made has no state to read them from")]
    pub(crate) fn queue_at(
        &mut self,
        plan: &Plan,
        contact: ContactId,
        region: &RegionId,
        need: crate::id::NeedId,
        language: crate::id::Language,
        channel: Channel,
        place: crate::contact::Place,
    ) {
        let queue = plan.queue_for(region, &need, channel).unwrap_or_else(|| crate::plan::QueueKey {
            region: plan.default_region.clone(),
            need: plan.default_need.clone(),
            channel,
        });
        self.happen(Event::ContactQueued { contact, queue, need, language, place });
    }
}
