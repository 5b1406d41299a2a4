//! The laws of a handoff: somebody owns the person at every moment, it ends, and nobody looks in vain.

use super::Violation;
use crate::contact::{Contact, ContactState};
use crate::counselor::{Presence, SlotUse};
use crate::handoff::HandoffState;
use crate::id::CounselorId;
use crate::policy::can_take_over;
use crate::state::State;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;

/// The slots that a handoff, and those who have handed over, take up.
pub(super) fn slots(contact: &Contact, expected: &mut BTreeMap<CounselorId, SlotUse>) {
    for who in contact.writing_up.keys() {
        expected.insert(who.clone(), SlotUse::WrappingUp);
    }
    let Some(handoff) = contact.open_handoff() else { return };
    if let Some(offer) = handoff.open_offer() {
        expected.insert(offer.counselor.clone(), SlotUse::Offered);
    }
    match handoff.state {
        HandoffState::Briefing | HandoffState::Joining | HandoffState::Together => {
            expected.extend(handoff.to.clone().map(|to| (to, SlotUse::Held)));
        }
        HandoffState::Confirmed => {
            expected.insert(handoff.from.clone(), SlotUse::Held);
        }
        HandoffState::Consenting
        | HandoffState::Seeking
        | HandoffState::Completed
        | HandoffState::Cancelled
        | HandoffState::Returned => {}
    }
}

/// S27: while a handoff is open its contact is Connected, and exactly one of the two owns the person: whoever hands over until
/// the other has confirmed, then the other.
pub(super) fn one_owner(contact: &Contact, broken: &mut Vec<Violation>) {
    let Some(handoff) = contact.open_handoff() else { return };
    let owner = if handoff.state == HandoffState::Confirmed { handoff.to.as_ref() } else { Some(&handoff.from) };
    let named = handoff.to.is_some()
        == matches!(
            handoff.state,
            HandoffState::Briefing | HandoffState::Joining | HandoffState::Together | HandoffState::Confirmed
        );
    if contact.state != ContactState::Connected || contact.holder.as_ref() != owner || owner.is_none() || !named {
        broken.push(Violation {
            law: "S27",
            text: format!(
                "contact {} is {:?} with {:?}, its handoff {:?} from {:?} to {:?}",
                contact.id, contact.state, contact.holder, handoff.state, handoff.from, handoff.to
            ),
        });
    }
    if handoff.to.as_ref() == Some(&handoff.from) {
        broken.push(Violation { law: "S27", text: format!("contact {} is handed to whoever has it", contact.id) });
    }
}

/// S27 for whoever is connected: by voice the owner is in the room, or was a moment ago; in writing nobody who has a part in it is
/// off shift.
pub(super) fn somebody_is_there(state: &State, contact: &Contact, broken: &mut Vec<Violation>) {
    let written = contact.channel.is_written();
    let talks = contact.state == ContactState::Connected || (written && contact.state == ContactState::Connecting);
    let (true, Some(holder)) = (talks, &contact.holder) else { return };
    if !written {
        let lost = contact.counselor_leg().is_none() && contact.next_deadline().is_some();
        if !contact.is_in_room(holder) && !lost {
            broken.push(Violation { law: "S27", text: format!("{holder} has contact {} from elsewhere", contact.id) });
        }
        return;
    }
    let handoff = contact.open_handoff();
    let others = handoff.and_then(|it| it.to.as_ref()).into_iter().chain(handoff.map(|it| &it.from));
    for who in others.chain([holder]) {
        if state.counselor(who).is_none_or(|it| it.presence == Presence::Offline) {
            let text = format!("{who} has a part in contact {} and is off shift", contact.id);
            broken.push(Violation { law: "S27", text });
        }
    }
}

/// L2 for handoffs: every open one ends by itself, and so does the writing up of whoever handed over.
pub(super) fn ends_by_itself(contact: &Contact, broken: &mut Vec<Violation>) {
    if contact.open_handoff().is_some_and(|it| it.next_deadline().is_none()) {
        broken.push(Violation { law: "L2", text: format!("the handoff of contact {} lasts for ever", contact.id) });
    }
}

/// L1 for handoffs: none looks for somebody while somebody who could be asked is free.
pub(super) fn nobody_seeks_in_vain(state: &State, broken: &mut Vec<Violation>) {
    let (Some(plan), false) = (state.plan(), state.has_more_to_offer()) else { return };
    let now = state.parts().now;
    for contact in state.parts().contacts.values() {
        let seeking = contact.open_handoff().filter(|it| it.state == HandoffState::Seeking);
        let Some(handoff) = seeking.filter(|it| it.open_offer().is_none()) else { continue };
        for who in state.parts().counselors.keys() {
            if can_take_over(state, plan, contact, handoff, who, now).is_ok() {
                broken.push(Violation {
                    law: "L1",
                    text: format!("the handoff of contact {} looks for somebody while {who} is free", contact.id),
                });
            }
        }
    }
}
