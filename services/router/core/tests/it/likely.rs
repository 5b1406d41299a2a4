//! What is likely to happen next to a contact: so that random nights come far enough to meet what is rare.

use super::moves::{accept, sealed, settled, word};
use super::night::Night;
use holdfast_core::command::Command;
use holdfast_core::contact::{Contact, ContactState};
use holdfast_core::handoff::{Handoff, HandoffState, Toward, Wish};
use holdfast_core::id::{ContactId, CounselorId};
use holdfast_core::leg::{LegCause, LegState, Party};

/// The likely next thing, or with `how` from 9 on one of the things that go wrong.
pub(crate) fn command(night: &Night, contact: ContactId, how: u8) -> Option<Command> {
    let it = night.state.contact(contact)?;
    if how == 8 {
        return it.outbox.keys().next().map(|number| settled(contact, *number));
    }
    match it.state {
        ContactState::Arriving => Some(Command::ChooseNeed { contact, digit: Some(how) }),
        ContactState::Waiting | ContactState::Closed => it.outbox.keys().next().map(|number| settled(contact, *number)),
        ContactState::Offered => it.open_offer().map(|offer| accept(contact, offer)),
        ContactState::Connecting => coming_together(it, how),
        ContactState::Connected if how > 8 => goes_wrong(it, how),
        ContactState::Connected => match it.open_handoff() {
            Some(handoff) => handing_over(it, handoff, how),
            None => talking(it, how),
        },
        ContactState::WrappingUp => {
            let counselor = it.holder.clone()?;
            Some(Command::FinishWrapUp { counselor, contact })
        }
    }
}

fn report(contact: ContactId, leg: u32, state: LegState) -> Command {
    let cause = state.is_over().then_some(LegCause::HungUp);
    Command::ReportLeg { contact, leg, state, external: None, cause }
}

fn coming_together(it: &Contact, how: u8) -> Option<Command> {
    let holder = it.holder.as_ref()?;
    if it.channel.is_written() {
        return Some(word(holder, it.id));
    }
    let (mine, leg) = it.leg_of(holder)?;
    let person = it.legs.first()?.state;
    let person_first = how.is_multiple_of(2) && person < LegState::InRoom;
    Some(match (person_first, leg.state) {
        (true, _) | (false, LegState::InRoom) => {
            report(it.id, 0, if how == 7 { LegState::Failed } else { LegState::InRoom })
        }
        (false, _) if how == 9 => report(it.id, mine, LegState::Failed),
        (false, _) => report(it.id, mine, LegState::InRoom),
    })
}

fn talking(it: &Contact, how: u8) -> Option<Command> {
    let (counselor, contact) = (it.holder.clone()?, it.id);
    // A peer asks a counselor back.
    let toward = if counselor.as_str().starts_with('p') { Toward::Counselor } else { Toward::Peer };
    Some(match how {
        0..=5 => Command::StartHandoff { counselor, contact, toward, wish: Wish::default() },
        6 => Command::HoldPerson { counselor, contact, on: !it.held },
        _ => Command::EndContact { counselor, contact },
    })
}

fn handing_over(it: &Contact, handoff: &Handoff, how: u8) -> Option<Command> {
    let (from, contact) = (handoff.from.clone(), it.id);
    let to = handoff.to.clone();
    Some(match handoff.state {
        HandoffState::Consenting => {
            Command::RecordConsent { counselor: from, contact, given: how < 7, note: Some(sealed(1)) }
        }
        HandoffState::Seeking => accept(contact, handoff.open_offer()?),
        HandoffState::Briefing => Command::JoinHandoff { counselor: to?, contact },
        HandoffState::Joining => {
            report(contact, handoff.leg?, if how == 7 { LegState::Failed } else { LegState::InRoom })
        }
        HandoffState::Together => Command::ConfirmHandoff { counselor: to?, contact },
        HandoffState::Confirmed if how < 4 => report(contact, it.leg_of(&from)?.0, LegState::Ended),
        HandoffState::Confirmed => Command::LeaveHandoff { counselor: from, contact },
        HandoffState::Completed | HandoffState::Cancelled | HandoffState::Returned => return None,
    })
}

/// Somebody's line breaks, somebody gives up, or the person has had enough.
fn goes_wrong(it: &Contact, how: u8) -> Option<Command> {
    let last = |who: &CounselorId| it.leg_of(who).map(|(leg, _)| leg);
    let others = it.legs.iter().filter(|leg| matches!(leg.party, Party::Counselor(_)) && leg.state.is_live()).count();
    match (how, it.open_handoff()) {
        (9, Some(handoff)) => Some(report(
            it.id,
            last(handoff.to.as_ref().filter(|_| others > 1).unwrap_or(&handoff.from))?,
            LegState::Ended,
        )),
        (9, None) => Some(report(it.id, last(it.holder.as_ref()?)?, LegState::Ended)),
        (10, Some(handoff)) => Some(Command::CancelHandoff {
            counselor: handoff.to.clone().unwrap_or_else(|| handoff.from.clone()),
            contact: it.id,
        }),
        (10, None) => Some(Command::GiveBack { counselor: it.holder.clone()?, contact: it.id }),
        _ if it.held || others > 1 => Some(report(it.id, 0, LegState::Ended)),
        _ => None,
    }
}
