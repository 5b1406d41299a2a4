//! What could make one decision cost as much as there are people: each case at a small and at a large size.
//!
//! A case gives its network and then does the one thing that is timed. What grows with the size grows with a surge.

use super::cycle::{Talks, begin, end_one, settle, take};
use super::network::{Network, counselor, plan};
use holdfast_core::command::Command;
use holdfast_core::contact::Channel;
use holdfast_core::counselor::Readiness;
use holdfast_core::handoff::{Toward, Wish};
use holdfast_core::id::PersonId;
use holdfast_core::sealed::{KeySlot, Sealed};
use holdfast_core::time::Timestamp;
use std::collections::BTreeSet;

/// One case: how it is called, the two sizes, and what it does.
pub(crate) struct Case {
    /// What is asked of the core.
    pub(crate) name: &'static str,
    /// What the sizes count.
    pub(crate) of: &'static str,
    /// A small and a large size.
    pub(crate) sizes: [usize; 2],
    /// Plays it; the times of the network are the case's.
    pub(crate) play: fn(usize) -> Network,
}

/// How often the timed thing is done, where once would say little.
const TIMES: usize = 200;

/// Every case.
pub(crate) const CASES: &[Case] = &[
    Case {
        name: "arrives, nobody of many free is eligible",
        of: "free counselors",
        sizes: [100, 100_000],
        play: unfit,
    },
    Case {
        name: "one is done, many wait whom they cannot take",
        of: "waiting",
        sizes: [1_000, 1_000_000],
        play: skilled,
    },
    Case { name: "one is done, all wait in one queue", of: "waiting", sizes: [1_000, 1_000_000], play: popular },
    Case { name: "one on the way to a break is done", of: "waiting", sizes: [1_000, 1_000_000], play: leaving },
    Case { name: "one without a credential comes", of: "waiting", sizes: [1_000, 1_000_000], play: expired },
    Case { name: "texts, every writer kept for a caller", of: "writers and callers", sizes: [100, 2_000], play: kept },
    Case {
        name: "a text comes, many texts and one caller wait",
        of: "waiting texts",
        sizes: [1_000, 200_000],
        play: texts,
    },
    Case { name: "STOP from the queue", of: "waiting", sizes: [1_000, 200_000], play: alarm },
    Case { name: "a message of a long conversation", of: "messages", sizes: [100, 50_000], play: long },
    Case { name: "offers expire at once", of: "offers", sizes: [100, 20_000], play: burst },
    Case { name: "every desk is lost", of: "counselors", sizes: [100, 100_000], play: offline },
    Case { name: "handoffs seek in vain while others work", of: "handoffs", sizes: [10, 2_000], play: seeking },
    Case { name: "a center leaves the plan", of: "counselors", sizes: [100, 100_000], play: center },
    Case { name: "somebody is erased", of: "contacts", sizes: [1_000, 200_000], play: erased },
];

fn everybody(counselors: usize) -> Network {
    let mut network = Network::new(plan(counselors));
    for number in 0..counselors {
        network.comes(&counselor(number));
    }
    network
}

/// Nobody of the many who are free is trained for young people.
fn unfit(counselors: usize) -> Network {
    let mut plan = plan(counselors);
    for member in plan.members.values_mut() {
        member.skills.retain(|it| it.as_str() != "youth");
    }
    let mut network = Network::new(plan);
    for number in 0..counselors {
        network.comes(&counselor(number));
    }
    network.times.clear();
    for _ in 0..TIMES {
        network.calls("youth-line", None);
    }
    network
}

/// The queue is full of young people, and whoever is done is trained for veterans.
fn skilled(waiting: usize) -> Network {
    let mut plan = plan(100);
    for member in plan.members.values_mut() {
        member.skills.retain(|it| it.as_str() != "youth");
    }
    let mut network = Network::new(plan);
    for number in 0..100 {
        network.comes(&counselor(number));
    }
    for _ in 0..waiting {
        network.calls("youth-line", None);
    }
    network.times.clear();
    let mut talks = Talks::new();
    for _ in 0..TIMES {
        network.calls("main", None);
        while take(&mut network, &mut talks) {}
        end_one(&mut network, &mut talks);
    }
    network
}

fn popular(waiting: usize) -> Network {
    let mut network = everybody(100);
    let mut talks = Talks::new();
    for _ in 0..waiting + 100 {
        network.calls("youth-line", None);
        while take(&mut network, &mut talks) {}
    }
    network.times.clear();
    for _ in 0..TIMES {
        network.calls("youth-line", None);
        end_one(&mut network, &mut talks);
    }
    network
}

/// Somebody who said that they want a break is given nobody when they are done.
fn leaving(waiting: usize) -> Network {
    let (mut network, mut talks) = begin(waiting, 100);
    for _ in 0..20 {
        let Some((_, who)) = talks.front().cloned() else { break };
        network.tell("SetReadiness", &Command::SetReadiness { counselor: who, readiness: Readiness::Break });
        end_one(&mut network, &mut talks);
    }
    network
}

/// The desk of somebody comes back whose credential has run out.
fn expired(waiting: usize) -> Network {
    let mut plan = plan(100);
    if let Some(member) = plan.members.get_mut(&counselor(0)) {
        member.credentials.insert("Safety planning".to_owned(), Timestamp(1));
    }
    let mut network = Network::new(plan);
    for _ in 0..waiting {
        network.calls("main", None);
    }
    network.times.clear();
    for _ in 0..20 {
        network.comes(&counselor(0));
    }
    network
}

/// Everybody writes with one and has room for another; as many callers wait, for each of whom somebody is kept. Texts come.
fn kept(size: usize) -> Network {
    let mut plan = plan(size);
    for member in plan.members.values_mut().filter(|it| it.peer.is_none()) {
        member.capacity.insert(Channel::Text, 2);
    }
    let mut network = Network::new(plan);
    for number in 0..size {
        network.comes(&counselor(number));
    }
    let mut talks = Talks::new();
    let mut person = 0;
    while talks.len() < size * 2 {
        person += 1;
        network.writes(PersonId(person), false);
        while take_text(&mut network, &mut talks) {}
    }
    for _ in 0..size {
        network.calls("main", None);
    }
    let mut halved = BTreeSet::new();
    while let Some((contact, who)) = talks.pop_front() {
        if halved.insert(who.clone()) {
            network.tell("EndContact", &Command::EndContact { counselor: who.clone(), contact });
            network.tell("FinishWrapUp", &Command::FinishWrapUp { counselor: who, contact });
        }
    }
    network.times.clear();
    for _ in 0..20 {
        person += 1;
        network.now_ms += 10;
        network.writes(PersonId(person), false);
    }
    network
}

/// Many texts wait behind a caller for whom the one who writes is kept.
fn texts(waiting: usize) -> Network {
    let mut network = everybody(1);
    let mut talks = Talks::new();
    network.writes(PersonId(1), false);
    while take_text(&mut network, &mut talks) {}
    network.calls("main", None);
    network.now_ms += 10;
    for person in 0..waiting {
        network.writes(PersonId(person as u128 + 2), false);
        if person % 1_024 == 0 {
            network.times.clear();
        }
    }
    network
}

/// Whoever was offered a text accepts and writes.
fn take_text(network: &mut Network, talks: &mut Talks) -> bool {
    let Some((offer, who)) = network.offers.pop_front() else { return false };
    network.tell("AcceptOffer", &Command::AcceptOffer { counselor: who.clone(), offer });
    let words = Sealed { slot: KeySlot(1), ciphertext: vec![1; 100].into() };
    network.tell("SendText", &Command::SendText { counselor: who.clone(), contact: offer.contact, words });
    settle(network, offer.contact, "SettleEffect (send)");
    talks.push_back((offer.contact, who));
    true
}

fn alarm(waiting: usize) -> Network {
    let mut network = Network::new(plan(1));
    for person in 0..waiting {
        network.writes(PersonId(person as u128 + 1), false);
    }
    network.times.clear();
    for person in 0..TIMES {
        network.writes(PersonId((person * waiting / TIMES) as u128 + 1), true);
    }
    network
}

fn long(messages: usize) -> Network {
    let mut network = everybody(1);
    let mut talks = Talks::new();
    network.writes(PersonId(1), false);
    while take_text(&mut network, &mut talks) {}
    for number in 0..messages {
        if number + TIMES >= messages {
            network.times.entry("SendText").or_default();
        } else {
            network.times.clear();
        }
        network.writes(PersonId(1), false);
        let Some((contact, who)) = talks.front().cloned() else { break };
        let words = Sealed { slot: KeySlot(1), ciphertext: vec![1; 100].into() };
        network.tell("SendText", &Command::SendText { counselor: who, contact, words });
        settle(&mut network, contact, "SettleEffect (send)");
    }
    network
}

/// Nobody answers: all offers run out in the same moment, and everybody who was asked is asked whether they are there.
fn burst(offers: usize) -> Network {
    let mut network = everybody(offers);
    for _ in 0..offers * 2 {
        network.calls("main", None);
    }
    network.times.clear();
    network.offers.clear();
    network.now_ms += 21_000;
    network.keep_time();
    network
}

/// The desk service is gone: every desk is lost, half of them while they are being asked.
fn offline(counselors: usize) -> Network {
    let mut network = everybody(counselors);
    for _ in 0..counselors / 2 {
        network.calls("main", None);
    }
    network.times.clear();
    for number in 0..counselors {
        let session = network.state.counselor(&counselor(number)).map_or(0, |it| it.session);
        network.tell("LoseDesk", &Command::LoseDesk { counselor: counselor(number), session });
    }
    network.now_ms += 31_000;
    network.keep_time();
    network
}

/// Many look for a peer and nobody is there; everybody else goes on.
fn seeking(handoffs: usize) -> Network {
    let (mut network, mut talks) = begin(100, handoffs * 2);
    for (contact, who) in talks.iter().take(handoffs).cloned().collect::<Vec<_>>() {
        let (toward, wish) = (Toward::Peer, Wish::default());
        network.tell("StartHandoff", &Command::StartHandoff { counselor: who.clone(), contact, toward, wish });
        network.tell("RecordConsent", &Command::RecordConsent { counselor: who, contact, given: true, note: None });
    }
    talks.rotate_left(handoffs);
    // Free, and no peers.
    let mut free = everybody_else(&mut network, &mut talks, handoffs / 2);
    network.times.clear();
    for _ in 0..TIMES {
        network.calls("youth-line", None);
        while take(&mut network, &mut free) {}
        end_one(&mut network, &mut free);
    }
    network
}

/// Lets so many go until nobody waits and they are free.
fn everybody_else(network: &mut Network, talks: &mut Talks, free: usize) -> Talks {
    for _ in 0..free {
        end_one(network, talks);
    }
    Talks::new()
}

/// A plan without one center is put in force while its people are being asked.
fn center(counselors: usize) -> Network {
    let mut network = everybody(counselors);
    for _ in 0..counselors / 2 {
        network.calls("main", None);
    }
    network.times.clear();
    let mut without = plan(counselors);
    without.members.retain(|_, it| it.center.as_str() != "valley");
    network.tell("ActivatePlan", &Command::ActivatePlan { plan: Box::new(without) });
    network.keep_time();
    network
}

fn erased(contacts: usize) -> Network {
    let mut network = everybody(1);
    for _ in 0..contacts {
        network.calls("main", None);
    }
    network.times.clear();
    for person in 0..20 {
        network.tell("ErasePerson", &Command::ErasePerson { person: PersonId(person), slots: Vec::new() });
    }
    network
}
