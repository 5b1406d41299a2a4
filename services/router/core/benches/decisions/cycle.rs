//! The steady state: somebody calls, somebody else is offered to whoever is done, talks, ends, is written up. As many wait after
//! a cycle as before it.

use super::network::{Network, counselor, plan};
use holdfast_core::command::Command;
use holdfast_core::effect::Settlement;
use holdfast_core::id::{ContactId, CounselorId};
use holdfast_core::leg::LegState;
use std::collections::VecDeque;

/// Who talks with whom, the longest first.
pub(crate) type Talks = VecDeque<(ContactId, CounselorId)>;

/// Everybody at their desk and talking with somebody, and `waiting` people waiting.
pub(crate) fn begin(waiting: usize, counselors: usize) -> (Network, Talks) {
    let mut network = Network::new(plan(counselors));
    for number in 0..counselors {
        network.comes(&counselor(number));
    }
    let mut talks = Talks::new();
    // Anybody takes somebody who says nothing.
    while talks.len() < counselors {
        network.calls("main", None);
        while take(&mut network, &mut talks) {}
    }
    while count(&network) < waiting {
        network.somebody_calls();
    }
    network.times.clear();
    (network, talks)
}

/// How many wait.
pub(crate) fn count(network: &Network) -> usize {
    network.state.waiting().map(|(_, places)| places.len()).sum()
}

/// Whoever was offered somebody accepts, and they are connected. False if nobody was offered.
pub(crate) fn take(network: &mut Network, talks: &mut Talks) -> bool {
    let Some((offer, who)) = network.offers.pop_front() else { return false };
    let contact = offer.contact;
    network.tell("AcceptOffer", &Command::AcceptOffer { counselor: who.clone(), offer });
    settle(network, contact, "SettleEffect (dial)");
    // The person's leg is in the room where carriers put them; the counselor's comes.
    in_room(network, contact, 0);
    in_room(network, contact, 1);
    talks.push_back((contact, who));
    true
}

fn in_room(network: &mut Network, contact: ContactId, leg: u32) {
    let command = Command::ReportLeg { contact, leg, state: LegState::InRoom, external: None, cause: None };
    network.tell("ReportLeg", &command);
}

/// The carrier has done everything that was asked for this contact.
pub(crate) fn settle(network: &mut Network, contact: ContactId, kind: &'static str) {
    let open = network.state.contact(contact).map(|it| it.outbox.keys().copied().collect::<Vec<u32>>());
    for number in open.unwrap_or_default() {
        let settlement = Settlement::Accepted(Some("CAdone".into()));
        network.tell(kind, &Command::SettleEffect { contact, number, settlement });
    }
}

/// The conversation that began first ends and is written up, and the counselor takes whom they are offered next.
pub(crate) fn end_one(network: &mut Network, talks: &mut Talks) {
    let Some((contact, who)) = talks.pop_front() else { return };
    network.tell("EndContact", &Command::EndContact { counselor: who.clone(), contact });
    settle(network, contact, "SettleEffect (end room)");
    network.tell("FinishWrapUp", &Command::FinishWrapUp { counselor: who, contact });
    while take(network, talks) {}
}

/// One cycle, a tenth of a second long.
pub(crate) fn cycle(network: &mut Network, talks: &mut Talks) {
    network.now_ms += 100;
    network.somebody_calls();
    while take(network, talks) {}
    end_one(network, talks);
    network.keep_time();
}
