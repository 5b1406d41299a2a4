//! What makes two states the same for the future: everything but how things are numbered and when they began. Moments count from
//! now, places and idle times by their order.

use holdfast_core::contact::Contact;
use holdfast_core::effect::Effect;
use holdfast_core::handoff::Handoff;
use holdfast_core::id::{ContactId, CounselorId};
use holdfast_core::leg::Party;
use holdfast_core::offer::OfferState;
use holdfast_core::state::State;
use holdfast_core::time::Timestamp;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

/// A state's key: two independent hashes of what counts.
pub(crate) fn of(state: &State) -> u128 {
    let mut hashes = [DefaultHasher::new(), DefaultHasher::new()];
    hashes[1].write_u64(0x9e37_79b9_7f4a_7c15);
    let told = tell(state);
    for hash in &mut hashes {
        told.hash(hash);
    }
    (u128::from(hashes[0].finish()) << 64) | u128::from(hashes[1].finish())
}

struct Telling {
    now: Timestamp,
    out: Vec<u64>,
}

fn tell(state: &State) -> Vec<u64> {
    let parts = state.parts();
    let mut it = Telling { now: parts.now, out: Vec::with_capacity(256) };
    let contacts: Vec<&Contact> = parts.contacts.values().collect();
    it.number(contacts.len() as u64);
    for contact in &contacts {
        it.contact(contact, &contacts);
    }
    let mut idle: Vec<Timestamp> = parts.counselors.values().map(|it| it.idle_since).collect();
    idle.sort_unstable();
    idle.dedup();
    for counselor in parts.counselors.values() {
        it.number(counselor.presence as u64);
        it.moment(Some(counselor.presence_since).filter(|_| counselor.presence as u64 == 1));
        it.text(&format!("{:?}{:?}", counselor.readiness, counselor.readiness_next));
        it.number(idle.iter().position(|at| *at == counselor.idle_since).unwrap_or(0) as u64);
        for (contact, (_, used)) in &counselor.load {
            it.number(position(&contacts, *contact));
            it.number(*used as u64);
        }
    }
    // Whether somebody has ever come, since they come once.
    for person in ["1-", "2-"] {
        it.number(u64::from(parts.externals.keys().any(|it| it.id.starts_with(person))));
    }
    it.out
}

fn position(contacts: &[&Contact], id: ContactId) -> u64 {
    contacts.iter().position(|it| it.id == id).unwrap_or(99) as u64
}

impl Telling {
    fn number(&mut self, number: u64) {
        self.out.push(number);
    }

    fn text(&mut self, text: &str) {
        let mut hash = DefaultHasher::new();
        text.hash(&mut hash);
        self.out.push(hash.finish());
    }

    fn who(&mut self, who: Option<&CounselorId>) {
        self.text(who.map_or("-", CounselorId::as_str));
    }

    /// How far from now: the past by how long ago, since a silence ends so long after it began.
    fn moment(&mut self, at: Option<Timestamp>) {
        self.out.push(at.map_or(u64::MAX, |at| at.0.wrapping_sub(self.now.0)));
    }

    fn ahead(&mut self, at: Option<Timestamp>) {
        self.moment(at.map(|at| at.max(self.now)));
    }

    fn contact(&mut self, contact: &Contact, all: &[&Contact]) {
        self.number(contact.person.0 as u64);
        self.number(contact.state as u64);
        self.number(contact.direction as u64);
        self.number(contact.acuity as u64);
        self.number(u64::from(contact.held) + 2 * u64::from(contact.connected_at.is_some()));
        self.who(contact.holder.as_ref());
        self.number(all.iter().filter(|it| it.place < contact.place).count() as u64);
        self.ahead(contact.deadline);
        if let Some(offer) = contact.open_offer() {
            self.who(Some(&offer.counselor));
            self.ahead(Some(offer.deadline));
        }
        for (who, until) in contact.rested.iter().filter(|(_, until)| **until > self.now).collect::<Vec<_>>() {
            self.who(Some(who));
            self.ahead(Some(*until));
        }
        self.number(u64::from(contact.conversation.as_ref().is_some_and(|it| it.opted_out)));
        self.legs(contact);
        for (who, until) in &contact.writing_up {
            self.who(Some(who));
            self.ahead(Some(*until));
        }
        if let Some(handoff) = &contact.handoff {
            self.handoff(handoff);
        }
    }

    /// The legs that can still matter, and what is open at the carrier, by the place of its leg among them.
    fn legs(&mut self, contact: &Contact) {
        let open = |leg: u32| contact.outbox.values().any(|it| leg_of(&it.effect) == Some(leg));
        let matters = |number: usize, party: &Party| match party {
            Party::Person => true,
            Party::Counselor(who) => {
                contact.leg_of(who).is_some_and(|(latest, _)| latest as usize == number) || open(number as u32)
            }
        };
        let legs: Vec<usize> = (0..contact.legs.len())
            .filter(|number| matters(*number, &contact.legs[*number].party) || contact.legs[*number].state.is_live())
            .collect();
        for number in &legs {
            let leg = &contact.legs[*number];
            self.who(if let Party::Counselor(who) = &leg.party { Some(who) } else { None });
            self.number(leg.state as u64);
            self.ahead(leg.deadline);
        }
        for entry in contact.outbox.values() {
            let at = leg_of(&entry.effect).and_then(|leg| legs.iter().position(|it| *it == leg as usize));
            let kind = match entry.effect {
                Effect::Dial { .. } => 0,
                Effect::DialPerson => 1,
                Effect::Send { .. } => 2,
                Effect::Hold { on } => 3 + u64::from(on),
                Effect::Drop { .. } => 5,
                Effect::EndRoom => 6,
            };
            self.number(kind * 100 + entry.state as u64 * 10 + at.map_or(9, |at| at as u64));
        }
    }

    fn handoff(&mut self, handoff: &Handoff) {
        self.number(handoff.state as u64);
        self.number(handoff.toward as u64);
        self.who(Some(&handoff.from));
        self.who(handoff.to.as_ref());
        if !handoff.state.is_open() {
            return;
        }
        self.ahead(handoff.deadline);
        if let Some(offer) = handoff.offer.as_ref().filter(|it| it.state == OfferState::Open) {
            self.who(Some(&offer.counselor));
            self.ahead(Some(offer.deadline));
        }
        for (who, until) in handoff.rested.iter().filter(|(_, until)| **until > self.now).collect::<Vec<_>>() {
            self.who(Some(who));
            self.ahead(Some(*until));
        }
    }
}

const fn leg_of(effect: &Effect) -> Option<u32> {
    match effect {
        Effect::Dial { leg, .. } | Effect::Drop { leg } => Some(*leg),
        Effect::DialPerson => Some(0),
        Effect::Send { .. } | Effect::Hold { .. } | Effect::EndRoom => None,
    }
}
