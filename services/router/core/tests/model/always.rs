//! What must hold in every state and over every step: the laws, and what only two states together can show.

use super::actions::Action;
use holdfast_core::command::Command;
use holdfast_core::contact::{Contact, ContactState, Part};
use holdfast_core::effect::Effect;
use holdfast_core::handoff::HandoffState;
use holdfast_core::invariants;
use holdfast_core::leg::{LegState, Party};
use holdfast_core::state::State;

/// The first thing that is wrong in this state, in words.
pub(crate) fn broken(state: &State) -> Option<String> {
    let law = invariants::check(state).into_iter().next().map(|it| format!("{}: {}", it.law, it.text));
    law.or_else(|| state.parts().contacts.values().find_map(never_nobody))
}

/// The first thing that went wrong in this step, in words.
pub(crate) fn went_wrong(before: &State, action: &Action, after: &State) -> Option<String> {
    let contacts = || before.parts().contacts.values().filter_map(|it| Some((it, after.contact(it.id)?)));
    contacts()
        .find_map(|(was, is)| hung_up_on(was, action, is))
        .or_else(|| contacts().find_map(|(was, is)| left_in_the_room(was, is)))
        .or_else(|| contacts().find_map(|(was, is)| left_alone(was, is)))
}

/// Exactly one owner, or three together, and never nobody: whoever owns somebody by voice is in the room with them or was a moment
/// ago, and if they are not, whoever joins is not there either (or the person would be theirs).
fn never_nobody(contact: &Contact) -> Option<String> {
    if contact.state != ContactState::Connected {
        return None;
    }
    let Some(holder) = &contact.holder else { return Some(format!("{} has nobody", contact.id)) };
    let others = contact.open_handoff().map(|it| if it.from == *holder { it.to.as_ref() } else { Some(&it.from) });
    let waits = contact.next_deadline().is_some();
    (!contact.is_in_room(holder) && !waits)
        .then(|| format!("{holder} is not with {}, {others:?} may be, and nothing is due", contact.id))
}

/// Nobody ends somebody's contact but they themselves, or whoever owns it.
fn hung_up_on(was: &Contact, action: &Action, is: &Contact) -> Option<String> {
    let ended = matches!(is.state, ContactState::WrappingUp | ContactState::Closed);
    let there = was.channel.is_written() || is.legs.first().is_some_and(|leg| leg.state.is_live());
    let willed = matches!(action, Action::Asked(Command::EndContact { .. }));
    (was.state == ContactState::Connected && ended && there && !willed)
        .then(|| format!("{} was ended while the person was there", is.id))
}

/// Whoever stops having a part in a call while their leg is live is taken out of the room.
fn left_in_the_room(was: &Contact, is: &Contact) -> Option<String> {
    let out = |leg: u32| {
        is.outbox.values().any(|it| matches!(it.effect, Effect::EndRoom) || it.effect == Effect::Drop { leg })
    };
    let talks = |contact: &Contact, who| matches!(contact.part(who), Some(Part::Owner | Part::Joining | Part::Leaving));
    is.legs.iter().enumerate().find_map(|(number, leg)| {
        let Party::Counselor(who) = &leg.party else { return None };
        let latest = is.leg_of(who).is_some_and(|(latest, _)| latest as usize == number);
        let over = matches!(is.state, ContactState::WrappingUp | ContactState::Closed);
        let leaves = talks(was, who) && was.state != ContactState::WrappingUp && (over || !talks(is, who));
        let room = leg.state != LegState::Planned && leg.state.is_live();
        (latest && leaves && room && !out(number as u32)).then(|| format!("{who} stays in the room of {}", is.id))
    })
}

/// Nobody is taken out of a room in which they are the only one with the person.
fn left_alone(was: &Contact, is: &Contact) -> Option<String> {
    let leaving = was.open_handoff().filter(|it| it.state == HandoffState::Confirmed)?;
    let left = is.handoff.as_ref().is_some_and(|it| it.state == HandoffState::Completed);
    let alone = is.state == ContactState::Connected && !is.holder.as_ref().is_some_and(|it| is.is_in_room(it));
    (left && alone && is.is_in_room(&leaving.from)).then(|| format!("{} leaves {} alone", leaving.from, is.id))
}
