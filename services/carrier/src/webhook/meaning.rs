//! What a carrier's notification says about a leg. Pure: an event in, a report or nothing out.
//!
//! The contact comes from our own callback URL or from our own names; where both say one they must agree.

use holdfast_carrier_codec::model::{Event, EventKind, FailCause, LeftReason, LegState as Told, MemberChange};
use holdfast_proto::router::v1::{LegCause, LegState};

use crate::names;
use crate::router::Report;

/// What a notification comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Report this.
    Report(Report),
    /// A person's call is over, and nothing says whose it was.
    UnknownCall,
    /// Nothing of ours changed.
    Nothing,
    /// Our names in it contradict each other: which ones.
    Contradiction(&'static str),
}

/// What a notification of a room, a leg or a person's call says. `person_of` is the contact whose person the call is known to
/// be, if it is known.
pub(super) fn of(event: &Event, person_of: Option<&str>) -> Meaning {
    match &event.kind {
        EventKind::RoomMember(member) => {
            let label = member.label.as_ref().map(|label| label.as_str());
            let Some((state, cause)) = change(member.change) else { return Meaning::Nothing };
            let room = names::contact_of_room(member.room.as_str());
            let (contact, leg) = match label.map(names::leg_of_label) {
                Some(Some(named)) => (Some(named.0), named.1),
                // A label that is not ours: somebody else is in the room. They are no leg of the contact.
                Some(None) => return Meaning::Nothing,
                // Without a label only the call itself can say that it is the person's, and not a visitor's.
                None if person_of.is_some() && person_of == room => (room, 0),
                None => return Meaning::Nothing,
            };
            if contact != room {
                return Meaning::Contradiction("FriendlyName");
            }
            // A person who called us does not fail: whatever ended before they were inside is their leaving. One whom we call
            // back may not answer.
            let called_us = leg == 0 && label.is_none_or(names::called_us);
            let state = if called_us && state == LegState::Failed { LegState::Ended } else { state };
            report(event, contact, leg, state, cause)
        }
        EventKind::LegState { label: Some(label), state } => {
            let Some((contact, leg)) = names::leg_of_label(label.as_str()) else {
                return Meaning::Contradiction("leg");
            };
            match leg_state(*state) {
                Some((state, cause)) => report(event, Some(contact), leg, state, cause),
                None => Meaning::Nothing,
            }
        }
        EventKind::LegState { label: None, state: Told::Ended | Told::Failed(_) } => {
            match event.contact.as_ref().map(|contact| contact.as_str()).or(person_of) {
                Some(contact) => report(event, Some(contact), 0, LegState::Ended, LegCause::HungUp),
                None => Meaning::UnknownCall,
            }
        }
        _ => Meaning::Nothing,
    }
}

fn report(event: &Event, contact: Option<&str>, leg: u32, state: LegState, cause: LegCause) -> Meaning {
    let given = event.contact.as_ref().map(|contact| contact.as_str());
    let Some(contact) = contact.or(given) else { return Meaning::Nothing };
    if given.is_some_and(|given| given != contact) {
        return Meaning::Contradiction("contact");
    }
    Meaning::Report(Report { contact: contact.to_owned(), leg, state, external_id: event.external_id.clone(), cause })
}

fn change(change: MemberChange) -> Option<(LegState, LegCause)> {
    Some(match change {
        MemberChange::Joined => (LegState::InRoom, LegCause::Unspecified),
        MemberChange::Left(LeftReason::NeverJoined(why)) => (LegState::Failed, fail_cause(why)),
        MemberChange::Left(LeftReason::HungUp | LeftReason::Unstated) => (LegState::Ended, LegCause::HungUp),
        MemberChange::Left(LeftReason::Removed | LeftReason::RoomEnded | LeftReason::LastExit) => {
            (LegState::Ended, LegCause::Dropped)
        }
        MemberChange::Held | MemberChange::Unheld | MemberChange::Muted | MemberChange::Unmuted => return None,
    })
}

fn leg_state(told: Told) -> Option<(LegState, LegCause)> {
    Some(match told {
        // That it dials is known from the REST answer.
        Told::Initiated => return None,
        Told::Ringing => (LegState::Alerting, LegCause::Unspecified),
        Told::Answered => (LegState::Answered, LegCause::Unspecified),
        Told::Ended => (LegState::Ended, LegCause::HungUp),
        Told::Failed(why) => (LegState::Failed, fail_cause(why)),
    })
}

fn fail_cause(why: FailCause) -> LegCause {
    match why {
        FailCause::Busy => LegCause::Busy,
        FailCause::NoAnswer => LegCause::NoAnswer,
        FailCause::Failed => LegCause::CarrierFailed,
        FailCause::Canceled => LegCause::Dropped,
    }
}

#[cfg(test)]
mod tests;
