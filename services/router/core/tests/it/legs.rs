//! What the reports of legs and the receipts of messages come to, in whatever order they come (S11).

use super::moves::{self, FIRST};
use super::night::Night;
use holdfast_core::command::Command;
use holdfast_core::contact::ContactState;
use holdfast_core::conversation::{BLOCKED, Delivery};
use holdfast_core::leg::{LegCause, LegState};

fn talking() -> Night {
    let mut night = Night::begin();
    let arrives = moves::desk(&mut night, 0, 0);
    night.decide(arrives);
    let available = moves::desk(&mut night, 0, 5);
    night.decide(available);
    night
}

fn called() -> Night {
    let mut night = talking();
    night.decide(moves::arrival(0, 1, 0));
    let offer = night.state.contact(FIRST).and_then(|it| it.open_offer().cloned()).unwrap();
    night.decide(moves::accept(FIRST, &offer));
    night
}

fn report(night: &mut Night, leg: u32, state: LegState) {
    let cause = state.is_over().then_some(LegCause::HungUp);
    night.decide(Command::ReportLeg { contact: FIRST, leg, state, external: None, cause });
}

/// Where the legs of one accepted contact are after these reports, in this order.
pub(crate) fn legs_after(order: &[usize]) -> (Vec<LegState>, ContactState) {
    let mut night = called();
    let reports = [
        (0, LegState::InRoom),
        (1, LegState::Alerting),
        (1, LegState::Answered),
        (1, LegState::InRoom),
        (0, LegState::Ended),
        (1, LegState::Ended),
    ];
    for index in order {
        let (leg, state) = reports[*index];
        report(&mut night, leg, state);
    }
    // The counselor's leg ends as the room does, whenever that is told.
    report(&mut night, 1, LegState::Ended);
    night.settle_everything();
    night.run_clock(200_000);
    let contact = night.state.contact(FIRST).unwrap();
    (contact.legs.iter().map(|leg| leg.state).collect(), contact.state)
}

/// A connected contact whose counselor's leg is told of first, and the person's a moment later: its state, and how many offers
/// there have been.
pub(crate) fn hang_up_told_backwards(between_ms: u64) -> (ContactState, u32) {
    let mut night = called();
    for (leg, state) in [(0, LegState::InRoom), (1, LegState::InRoom), (1, LegState::Ended)] {
        report(&mut night, leg, state);
    }
    night.run_clock(between_ms);
    report(&mut night, 0, LegState::Ended);
    let contact = night.state.contact(FIRST).unwrap();
    (contact.state, contact.offer.as_ref().map_or(0, |offer| offer.attempt))
}

/// How far a counselor's message has come, whether they are taken to be blocked, and what is still to be done, after the carrier has said these things about it.
pub(crate) fn message_after(order: &[usize]) -> (Option<Delivery>, bool, usize) {
    let mut night = talking();
    let keyword = moves::text(&mut night, 0, 1, 0);
    night.decide(keyword);
    let contact = night.contacts()[0];
    let offer = night.state.contact(contact).and_then(|it| it.open_offer().cloned()).unwrap();
    night.settle_everything();
    night.decide(moves::accept(contact, &offer));
    night.decide(moves::word(&offer.counselor, contact));
    let it = night.state.contact(contact).unwrap();
    let message = it.conversation.as_ref().unwrap().total;
    let number = *it.outbox.keys().next().unwrap();
    let receipt = |delivery: Delivery| {
        let code = (delivery == Delivery::Failed).then(|| BLOCKED.into());
        Command::ReportText { contact, message, delivery, external: None, code }
    };
    let said = [
        moves::settled(contact, number),
        Command::DoubtEffect { contact, number },
        receipt(Delivery::Sent),
        receipt(Delivery::Delivered),
        receipt(Delivery::Failed),
    ];
    for index in order {
        night.decide(said[*index].clone());
    }
    let it = night.state.contact(contact).unwrap();
    let talk = it.conversation.as_ref().unwrap();
    (talk.message(message).unwrap().delivery, talk.opted_out, it.outbox.len())
}
