//! What several commands share about a handoff: it is called off, returned, completed, and its parts fail one by one.
//!
//! One rule runs through it: whoever owns the person keeps them until somebody else has them, and gets them back from whatever
//! fails in between.

use super::Deciding;
use crate::contact::{Channel, Contact, ContactState, Direction, Place};
use crate::counselor::{Counselor, ReadinessReason, SlotUse};
use crate::event::{Event, RequeueReason};
use crate::handoff::{Handoff, HandoffState, ReturnReason};
use crate::id::{ContactId, CounselorId, ExternalId};
use crate::leg::LegState;
use crate::offer::{OfferState, RescindReason};
use crate::plan::Plan;
use alloc::format;

/// How much waiting a broken handoff's callback counts as having done: more than anybody can have, whatever priority the plan gives.
/// Among themselves callbacks keep the order of needs and time.
const CALLBACK_AHEAD_MS: i64 = i64::MAX / 2;

impl Deciding<'_> {
    /// Three are together. The person hears both, so they are off hold.
    pub(crate) fn together(&mut self, plan: &Plan, contact: &Contact) {
        let deadline = self.now.plus_ms(plan.handoffs().together_ms);
        self.happen(Event::HandoffTogether { contact: contact.id, deadline });
        self.off_hold(contact);
    }

    /// Called off: whoever was asked, reserved or joined is free again.
    pub(crate) fn cancel_handoff(&mut self, contact: &Contact, handoff: &Handoff, by: &CounselorId) {
        self.release_joining(contact, handoff);
        self.back_to_from(contact, handoff);
        self.happen(Event::HandoffCancelled { contact: contact.id, by: by.clone() });
    }

    /// Something failed: whoever was asked, reserved or joined is free again.
    pub(crate) fn return_handoff(&mut self, contact: &Contact, handoff: &Handoff, reason: ReturnReason) {
        self.release_joining(contact, handoff);
        self.back_to_from(contact, handoff);
        self.happen(Event::HandoffReturned { contact: contact.id, reason });
    }

    /// Whoever gets the person back did not put them on hold.
    fn back_to_from(&mut self, contact: &Contact, handoff: &Handoff) {
        if handoff.state == HandoffState::Confirmed {
            self.off_hold(contact);
        }
    }

    fn release_joining(&mut self, contact: &Contact, handoff: &Handoff) {
        self.rescind_peer(contact, RescindReason::HandoffEnded);
        if let Some(to) = &handoff.to
            && let Some((leg, at)) = contact.leg_of(to)
            && !at.state.is_over()
        {
            self.drop_leg(contact, leg);
        }
    }

    /// Whoever handed over is out, and writes up.
    pub(crate) fn complete_handoff(&mut self, contact: &Contact, handoff: &Handoff) {
        if let Some((leg, at)) = contact.leg_of(&handoff.from)
            && !at.state.is_over()
        {
            self.drop_leg(contact, leg);
        }
        let wrap_up_ends_at = self.now.plus_ms(self.wrap_up_ms(contact));
        self.happen(Event::HandoffCompleted { contact: contact.id, wrap_up_ends_at });
    }

    /// The contact leaves Connected by its owner's will or by the person's: a handoff under way cannot go on.
    pub(crate) fn settle_handoff(&mut self, contact: &Contact, by: Option<&CounselorId>) {
        let Some(handoff) = contact.open_handoff() else { return };
        match (handoff.state, by) {
            // The person was already somebody else's: for whoever handed over it is complete.
            (HandoffState::Confirmed, _) => self.complete_handoff(contact, handoff),
            (_, Some(by)) => self.cancel_handoff(contact, handoff, by),
            (_, None) => self.return_handoff(contact, handoff, ReturnReason::PersonLeft),
        }
    }

    /// The open offer to a peer is closed without an answer of theirs.
    pub(crate) fn rescind_peer(&mut self, contact: &Contact, reason: RescindReason) {
        if let Some(offer) = contact.open_handoff().and_then(Handoff::open_offer) {
            self.happen(Event::PeerOfferClosed {
                contact: contact.id,
                attempt: offer.attempt,
                peer: offer.counselor.clone(),
                became: OfferState::Rescinded,
                reason: Some(reason),
                again_at: None,
            });
        }
    }

    /// A person who was cut off in the middle of a handoff is called back before anybody else is served; where another callback
    /// takes over from one that could not go on, at the same place.
    pub(crate) fn call_back(&mut self, contact: &Contact, at: Option<Place>) {
        let Some(plan) = self.state.plan() else { return };
        let (Channel::Voice, Some(number), Some(queue)) = (contact.channel, &contact.number, &contact.queue) else {
            return;
        };
        let Some(id) = self.free_id(contact.id) else { return };
        let Some(need) = contact.need.clone() else { return };
        self.happen(Event::ContactArrived {
            contact: id,
            person: contact.person,
            external: ExternalId {
                account: contact.external.account.clone(),
                id: format!("callback-{}", contact.id).into(),
            },
            line: contact.line.clone(),
            channel: contact.channel,
            direction: Direction::Outbound,
            region: contact.region.clone(),
            region_method: contact.region_method,
            need: Some(need.clone()),
            language: contact.language.clone(),
            number: Some(number.clone()),
            slot: contact.slot,
            menu_ends_at: None,
            follows: Some(contact.id),
        });
        let first = self.place(plan, &need);
        let place = at.unwrap_or(Place { key: first.key.saturating_sub(CALLBACK_AHEAD_MS), ..first });
        self.happen(Event::ContactQueued {
            contact: id,
            queue: queue.clone(),
            need,
            language: contact.language.clone(),
            place,
        });
    }

    /// A contact that follows from another needs an id, and nobody outside gives one. A few steps find a free one: ids are random.
    fn free_id(&self, from: ContactId) -> Option<ContactId> {
        let mut id = from;
        for _ in 0..64 {
            id = id.following();
            if self.state.contact(id).is_none() {
                return Some(id);
            }
        }
        None
    }

    /// A handoff's own time is up.
    pub(crate) fn handoff_due(&mut self, plan: &Plan, contact: &Contact, handoff: &Handoff) {
        if let Some(offer) = handoff.open_offer()
            && offer.deadline <= self.now
        {
            self.happen(Event::PeerOfferClosed {
                contact: contact.id,
                attempt: offer.attempt,
                peer: offer.counselor.clone(),
                became: OfferState::Expired,
                reason: None,
                again_at: Some(self.again_at()),
            });
            self.check_in(&offer.counselor, ReadinessReason::OfferExpired);
            if handoff.deadline.is_none_or(|at| at > self.now) {
                return;
            }
        }
        match handoff.state {
            HandoffState::Consenting => self.return_handoff(contact, handoff, ReturnReason::ConsentTimedOut),
            HandoffState::Seeking => {
                // The offer, if one is open, was closed just above or goes with the handoff.
                let still_open = handoff.open_offer().is_some_and(|offer| offer.deadline > self.now);
                if still_open {
                    self.return_handoff(contact, handoff, ReturnReason::NobodyFree);
                } else {
                    self.happen(Event::HandoffReturned { contact: contact.id, reason: ReturnReason::NobodyFree });
                }
            }
            HandoffState::Briefing => self.return_handoff(contact, handoff, ReturnReason::PeerSilent),
            HandoffState::Joining => self.joining_due(plan, contact, handoff),
            HandoffState::Together => match (contact.is_in_room(&handoff.from), is_joined(contact, handoff)) {
                (false, true) => self.take_over(contact, handoff),
                (true, true) => self.return_handoff(contact, handoff, ReturnReason::NotConfirmed),
                (_, false) => self.return_handoff(contact, handoff, ReturnReason::LegLost),
            },
            // Nobody leaves a person whose new owner's leg was lost a moment ago.
            HandoffState::Confirmed if contact.is_in_room(&handoff.from) && !is_joined(contact, handoff) => {
                self.return_handoff(contact, handoff, ReturnReason::LegLost);
            }
            HandoffState::Confirmed => self.complete_handoff(contact, handoff),
            HandoffState::Completed | HandoffState::Cancelled | HandoffState::Returned => {}
        }
    }

    fn joining_due(&mut self, plan: &Plan, contact: &Contact, handoff: &Handoff) {
        let at = handoff.leg.and_then(|leg| contact.legs.get(usize::try_from(leg).ok()?));
        if at.is_some_and(|leg| leg.state == LegState::InRoom) {
            // Word of the join came, and word of being together did not.
            return self.together(plan, contact);
        }
        let silent = at.is_some_and(|leg| leg.state < LegState::Answered || leg.state == LegState::Failed);
        if let (Some(number), Some(leg)) = (handoff.leg, at)
            && !leg.state.is_over()
        {
            self.give_up(contact, number, leg);
        }
        self.happen(Event::HandoffReturned { contact: contact.id, reason: ReturnReason::LegFailed });
        if silent && let Some(to) = &handoff.to {
            self.check_in(to, ReadinessReason::PhoneNotReached);
        }
    }

    /// A desk is gone, or silent beyond the grace: whoever it was has no part in a handoff that rests on their desk.
    pub(crate) fn leave_handoffs(&mut self, counselor: &Counselor) {
        for (id, (channel, used)) in &counselor.load {
            let Some(contact) = self.state.contact(*id).filter(|_| *used == SlotUse::Held) else { continue };
            let Some(handoff) = contact.open_handoff().filter(|it| it.to.as_ref() == Some(&counselor.id)) else {
                continue;
            };
            let rests_on_desk = matches!(handoff.state, HandoffState::Briefing | HandoffState::Joining)
                || (channel.is_written() && matches!(handoff.state, HandoffState::Together | HandoffState::Confirmed));
            if rests_on_desk {
                self.return_handoff(contact, handoff, ReturnReason::DeskLost);
            }
        }
    }

    /// The owner is gone and the person is still there. If somebody has joined, the person is theirs: they are not alone.
    /// Otherwise the contact goes back to its place.
    pub(crate) fn owner_lost(&mut self, contact: &Contact, reason: RequeueReason) {
        let Some(handoff) = contact.open_handoff() else {
            return self.requeue(contact, reason, self.now);
        };
        let confirmed = handoff.state == HandoffState::Confirmed;
        if handoff.state == HandoffState::Together && is_joined(contact, handoff) {
            return self.take_over(contact, handoff);
        }
        if confirmed && contact.is_in_room(&handoff.from) {
            return self.return_handoff(contact, handoff, ReturnReason::LegLost);
        }
        if confirmed {
            self.complete_handoff(contact, handoff);
        } else {
            self.return_handoff(contact, handoff, ReturnReason::OwnerLost);
        }
        self.requeue(contact, reason, self.now);
    }

    /// Whoever joined is there and whoever handed over is not: the person is theirs, asked or not.
    fn take_over(&mut self, contact: &Contact, handoff: &Handoff) {
        self.happen(Event::HandoffConfirmed { contact: contact.id, deadline: self.now });
        self.off_hold(contact);
        self.complete_handoff(contact, handoff);
    }

    /// The owner gives the person back while another may be there.
    pub(crate) fn given_back_together(&mut self, contact: &Contact, handoff: &Handoff) {
        if handoff.state == HandoffState::Confirmed && contact.is_in_room(&handoff.from) {
            self.return_handoff(contact, handoff, ReturnReason::Withdrew);
        } else if handoff.state == HandoffState::Together && is_joined(contact, handoff) {
            self.take_over(contact, handoff);
        } else {
            self.settle_handoff(contact, Some(&handoff.from));
            self.requeue(contact, RequeueReason::GivenBack, self.again_at());
        }
    }

    /// Conversations in writing of somebody who is gone for good: others take them. A call is where its leg is.
    pub(crate) fn leave_conversations(&mut self, counselor: &Counselor) {
        for (id, (channel, used)) in &counselor.load {
            if !channel.is_written() || *used != SlotUse::Held {
                continue;
            }
            let Some(contact) = self.state.contact(*id) else { continue };
            let owns = contact.holder.as_ref() == Some(&counselor.id);
            let talks = matches!(contact.state, ContactState::Connecting | ContactState::Connected);
            match contact.open_handoff() {
                // Returned already.
                Some(handoff) if handoff.to.as_ref() == Some(&counselor.id) => {}
                Some(handoff) if handoff.state == HandoffState::Confirmed && handoff.from == counselor.id => {
                    self.complete_handoff(contact, handoff);
                }
                _ if owns && talks => self.owner_lost(contact, RequeueReason::DeskSilent),
                _ => {}
            }
        }
    }
}

/// Whether whoever joins is there.
fn is_joined(contact: &Contact, handoff: &Handoff) -> bool {
    handoff.to.as_ref().is_some_and(|to| contact.is_in_room(to))
}
