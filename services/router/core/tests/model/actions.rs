//! Everything that can happen next: what people, phones and the carrier may do, in any order, whatever is expected of them.

use super::world::{self, STAFF};
use holdfast_core::command::Command;
use holdfast_core::contact::{Channel, Contact, ContactState, Direction};
use holdfast_core::conversation::OptOut;
use holdfast_core::counselor::{Presence, Readiness};
use holdfast_core::effect::{Effect, EffectState, Settlement};
use holdfast_core::event::Event;
use holdfast_core::handoff::{HandoffState, Toward, Wish};
use holdfast_core::id::{CounselorId, OfferId, PersonId};
use holdfast_core::leg::{LegCause, LegState, Party};
use holdfast_core::offer::Offer;
use holdfast_core::state::State;

/// One thing that happens.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    /// Somebody or something says this.
    Asked(Command),
    /// Nothing happens until the next deadline.
    TimeMoves,
    /// The process dies, and another leads.
    Crash,
}

impl Action {
    /// Does it; what came of it.
    pub(crate) fn happens(&self, state: &mut State) -> Vec<Event> {
        match self {
            Self::Asked(command) => world::decide(state, command),
            Self::TimeMoves => world::time_moves(state).unwrap_or_default(),
            Self::Crash => world::crash(state),
        }
    }
}

/// Everything that can happen in this state.
pub(crate) fn of(state: &State, channel: Channel) -> Vec<Action> {
    let mut all = Vec::new();
    for contact in state.parts().contacts.values() {
        phones(contact, &mut all);
        carrier(contact, &mut all);
        offers(contact, &mut all);
        owner(contact, &mut all);
        handoff(contact, &mut all);
    }
    for person in 1..=2 {
        reaching_out(state, channel, person, &mut all);
    }
    for who in STAFF {
        desk(state, who, &mut all);
    }
    let mut all: Vec<Action> = all.into_iter().map(Action::Asked).collect();
    all.extend(state.next_deadline().map(|_| Action::TimeMoves));
    all.push(Action::Crash);
    all
}

fn report(contact: &Contact, leg: usize, state: LegState) -> Command {
    let cause = state.is_over().then_some(LegCause::HungUp);
    Command::ReportLeg { contact: contact.id, leg: leg as u32, state, external: None, cause }
}

/// Every leg may come further, skip what lies between, and end; one that was given up may ring after all.
fn phones(contact: &Contact, all: &mut Vec<Command>) {
    for (number, leg) in contact.legs.iter().enumerate() {
        if leg.state.is_live() {
            let next = [LegState::Answered, LegState::InRoom, LegState::Ended, LegState::Failed];
            // Before anybody answered, failing and ending are the same.
            let differs = |next: &LegState| *next != LegState::Failed || leg.state < LegState::Answered;
            all.extend(
                next.iter()
                    .filter(|it| leg.state.may_become(**it) && differs(it))
                    .map(|it| report(contact, number, *it)),
            );
        }
        let latest = |who| contact.leg_of(who).is_some_and(|(latest, _)| latest as usize == number);
        if leg.state == LegState::Failed && matches!(&leg.party, Party::Counselor(who) if latest(who)) {
            all.push(report(contact, number, LegState::Answered));
        }
    }
}

/// The carrier does what it was asked, will not, or cannot say.
fn carrier(contact: &Contact, all: &mut Vec<Command>) {
    for (number, entry) in &contact.outbox {
        let (contact, number) = (contact.id, *number);
        all.push(Command::SettleEffect { contact, number, settlement: Settlement::Accepted(None) });
        let dials = matches!(entry.effect, Effect::Dial { .. } | Effect::DialPerson);
        if dials || matches!(entry.effect, Effect::Hold { .. }) {
            all.push(Command::SettleEffect { contact, number, settlement: Settlement::Refused("no".into()) });
        }
        if dials && entry.state == EffectState::Asked {
            all.push(Command::DoubtEffect { contact, number });
        }
    }
}

fn offers(contact: &Contact, all: &mut Vec<Command>) {
    let handoff = contact.open_handoff().and_then(|it| it.open_offer());
    for Offer { attempt, counselor, .. } in contact.open_offer().into_iter().chain(handoff) {
        let offer = OfferId { contact: contact.id, attempt: *attempt };
        all.push(Command::AcceptOffer { counselor: counselor.clone(), offer });
        all.push(Command::DeclineOffer { counselor: counselor.clone(), offer });
    }
}

/// What whoever owns the person may do.
fn owner(contact: &Contact, all: &mut Vec<Command>) {
    let id = contact.id;
    for counselor in contact.writing_up.keys().cloned() {
        all.push(Command::FinishWrapUp { counselor, contact: id });
    }
    let Some(counselor) = contact.holder.clone() else { return };
    let mine = |make: fn(CounselorId, holdfast_core::id::ContactId) -> Command| make(counselor.clone(), id);
    match contact.state {
        ContactState::WrappingUp => all.push(mine(|counselor, contact| Command::FinishWrapUp { counselor, contact })),
        ContactState::Connecting => all.push(mine(|counselor, contact| Command::GiveBack { counselor, contact })),
        ContactState::Connected => {
            all.push(mine(|counselor, contact| Command::GiveBack { counselor, contact }));
            all.push(mine(|counselor, contact| Command::EndContact { counselor, contact }));
            let toward = if counselor.as_str() == "pia" { Toward::Counselor } else { Toward::Peer };
            if contact.open_handoff().is_none() {
                let wish = Wish::default();
                all.push(Command::StartHandoff { counselor: counselor.clone(), contact: id, toward, wish });
            } else if contact.channel == Channel::Voice {
                all.push(Command::HoldPerson { counselor: counselor.clone(), contact: id, on: !contact.held });
            }
        }
        ContactState::Arriving | ContactState::Waiting | ContactState::Offered | ContactState::Closed => {}
    }
    if contact.state == ContactState::Connecting && contact.channel.is_written() {
        all.push(Command::SendText { counselor, contact: id, words: world::sealed() });
    }
}

/// What both sides of a handoff may do.
fn handoff(contact: &Contact, all: &mut Vec<Command>) {
    let Some(open) = contact.open_handoff() else { return };
    let (from, contact) = (open.from.clone(), contact.id);
    all.push(Command::CancelHandoff { counselor: from.clone(), contact });
    all.push(Command::LeaveHandoff { counselor: from.clone(), contact });
    if open.state == HandoffState::Consenting {
        all.push(Command::RecordConsent { counselor: from.clone(), contact, given: true, note: None });
        all.push(Command::RecordConsent { counselor: from, contact, given: false, note: None });
    }
    if let Some(to) = &open.to {
        all.push(Command::JoinHandoff { counselor: to.clone(), contact });
        all.push(Command::ConfirmHandoff { counselor: to.clone(), contact });
        all.push(Command::CancelHandoff { counselor: to.clone(), contact });
    }
}

/// The second person comes at some moment; in writing both write again, and opt out and in.
fn reaching_out(state: &State, channel: Channel, person: u8, all: &mut Vec<Command>) {
    let theirs = || state.parts().contacts.values().filter(|it| it.person == PersonId(u128::from(person)));
    let came = state.parts().externals.keys().any(|it| it.id.starts_with(&format!("{person}-")));
    if !came {
        all.push(world::reaches_out(state, channel, person));
        return;
    }
    // Somebody who is to be called back calls before that.
    if !channel.is_written() && theirs().count() < 3 && state.callback(PersonId(u128::from(person))).is_some() {
        all.push(world::reaches_out(state, channel, person));
    }
    if !channel.is_written() || theirs().count() > 1 {
        return;
    }
    let Some(latest) = theirs().next_back() else { return };
    let over = matches!(latest.state, ContactState::WrappingUp | ContactState::Closed);
    if over && latest.direction == Direction::Inbound {
        all.push(world::writes(state, person, OptOut::None));
    }
    if person == 1 && !over {
        let opted_out = latest.conversation.as_ref().is_some_and(|it| it.opted_out);
        all.push(world::writes(state, person, if opted_out { OptOut::Start } else { OptOut::Stop }));
    }
}

fn desk(state: &State, who: &str, all: &mut Vec<Command>) {
    let counselor = CounselorId::from(who);
    let Some(known) = state.counselor(&counselor) else { return };
    match known.presence {
        Presence::Connected => all.push(Command::LoseDesk { counselor: counselor.clone(), session: known.session }),
        Presence::Unsure | Presence::Offline => all.push(world::attests(state, who)),
    }
    if known.presence == Presence::Connected && known.readiness != Readiness::Available {
        all.push(Command::SetReadiness { counselor, readiness: Readiness::Available });
    }
}
