//! What several commands share: the person leaves, a counselor's leg is lost, a leg is dropped, an offer is taken back.

use super::Deciding;
use crate::contact::{Contact, ContactState, Direction, Outcome};
use crate::counselor::{Counselor, Presence, Readiness, ReadinessReason, SlotUse};
use crate::effect::Effect;
use crate::event::{Event, RequeueReason};
use crate::handoff::HandoffState;
use crate::id::CounselorId;
use crate::leg::{LOST_AFTER_MS, Leg, LegCause, LegState};
use crate::offer::RescindReason;
use crate::time::Timestamp;
use alloc::vec::Vec;

impl Deciding<'_> {
    fn rest_ms(&self) -> u64 {
        self.state.plan().map_or(0, |plan| plan.timing.rest_ms)
    }

    /// When a counselor who did not take a contact may be asked about it again.
    pub(crate) fn again_at(&self) -> Timestamp {
        self.now.plus_ms(self.rest_ms())
    }

    /// The person is gone: whatever state the contact is in, nobody is offered, dialed or held for it any more (S20).
    pub(crate) fn person_left(&mut self, contact: &Contact) {
        match contact.state {
            ContactState::Arriving | ContactState::Waiting => self.close_without_counselor(contact),
            ContactState::Offered => {
                self.rescind(contact, RescindReason::PersonLeft);
                self.close_without_counselor(contact);
            }
            // A callback that is not answered: whoever called writes down that it was tried.
            ContactState::Connecting if contact.direction == Direction::Outbound && contact.holder.is_some() => {
                self.drop_counselor_leg(contact);
                self.start_wrap_up(contact);
            }
            ContactState::Connecting => {
                self.drop_counselor_leg(contact);
                self.close_without_counselor(contact);
            }
            ContactState::Connected => {
                let in_the_middle = contact.open_handoff().is_some() || self.has_just_left(contact);
                self.settle_handoff(contact, None);
                self.drop_counselor_leg(contact);
                self.start_wrap_up(contact);
                if in_the_middle {
                    self.call_back(contact, None);
                }
            }
            ContactState::WrappingUp | ContactState::Closed => {}
        }
    }

    /// Whether whoever handed over left a moment ago. When a person hangs up their room ends, and carriers may tell of any leg first.
    fn has_just_left(&self, contact: &Contact) -> bool {
        let completed = contact.handoff.as_ref().filter(|it| it.state == HandoffState::Completed);
        completed.is_some_and(|it| self.now.since_ms(it.since) <= LOST_AFTER_MS)
    }

    /// Abandoned if nobody ever talked with them; completed if somebody did before the line broke.
    fn close_without_counselor(&mut self, contact: &Contact) {
        let outcome = if contact.connected_at.is_some() { Outcome::Completed } else { Outcome::Abandoned };
        self.close(contact, outcome);
    }

    /// Written up: completed if somebody talked with them; a callback that nobody answered was not.
    pub(crate) fn close_written_up(&mut self, contact: &Contact) {
        self.close_without_counselor(contact);
    }

    pub(crate) fn close(&mut self, contact: &Contact, outcome: Outcome) {
        let keep_ms = self.state.plan().map_or(0, |plan| plan.timing.closed_keep_ms);
        self.happen(Event::ContactClosed { contact: contact.id, outcome, archive_at: self.now.plus_ms(keep_ms) });
    }

    /// When silence in writing ends a conversation, counted from now; none if the plan has no such limit.
    pub(crate) fn idle_at(&self, texts: &crate::plan::Texts) -> Option<Timestamp> {
        (texts.idle_ms > 0).then(|| self.now.plus_ms(texts.idle_ms))
    }

    pub(crate) fn start_wrap_up(&mut self, contact: &Contact) {
        let deadline = self.now.plus_ms(self.wrap_up_ms(contact));
        self.happen(Event::WrapUpStarted { contact: contact.id, deadline });
    }

    pub(crate) fn wrap_up_ms(&self, contact: &Contact) -> u64 {
        let queue = contact.queue.as_ref().and_then(|key| self.state.plan()?.queues.get(key));
        queue.map_or(0, |queue| queue.wrap_up_ms)
    }

    pub(crate) fn rescind(&mut self, contact: &Contact, reason: RescindReason) {
        if let Some(offer) = contact.open_offer() {
            self.happen(Event::OfferRescinded {
                contact: contact.id,
                attempt: offer.attempt,
                counselor: offer.counselor.clone(),
                reason,
            });
        }
    }

    /// Takes back every open offer this counselor has.
    pub(crate) fn rescind_all(&mut self, counselor: &Counselor, reason: RescindReason) {
        for (contact, (_, used)) in &counselor.load {
            if *used == SlotUse::Offered
                && let Some(contact) = self.state.contact(*contact)
            {
                self.rescind_from(contact, &counselor.id, reason);
            }
        }
    }

    /// Takes back the open offer of this contact to this counselor, whichever kind it is.
    pub(crate) fn rescind_from(&mut self, contact: &Contact, counselor: &CounselorId, reason: RescindReason) {
        if contact.open_offer().is_some_and(|offer| offer.counselor == *counselor) {
            self.rescind(contact, reason);
        } else {
            self.rescind_peer(contact, reason);
        }
    }

    /// Ends the counselor's leg if it is not over, barring its dial if the carrier has not answered it yet.
    pub(crate) fn drop_counselor_leg(&mut self, contact: &Contact) {
        if let Some((leg, _)) = contact.counselor_leg() {
            self.drop_leg(contact, leg);
        }
    }

    pub(crate) fn drop_leg(&mut self, contact: &Contact, leg: u32) {
        let drops = |effect: &Effect| *effect == Effect::Drop { leg };
        if contact.outbox.values().any(|entry| drops(&entry.effect)) || self.asked(contact.id).any(drops) {
            return;
        }
        // Word of its end is what this is decided on: there is nothing left to end.
        let over = |event: &Event| {
            matches!(event, Event::LegMoved { contact: of, leg: moved, state, .. }
                if *of == contact.id && *moved == leg && state.is_over())
        };
        if self.events.iter().any(over) {
            return;
        }
        let by = self.ask(contact, Effect::Drop { leg });
        for (number, entry) in &contact.outbox {
            let dials = match &entry.effect {
                Effect::Dial { leg: dialed, .. } => *dialed == leg,
                Effect::DialPerson => leg == 0,
                Effect::Send { .. } | Effect::Hold { .. } | Effect::Drop { .. } | Effect::EndRoom => false,
            };
            if dials {
                self.happen(Event::EffectBarred { contact: contact.id, number: *number, by });
            }
        }
    }

    /// Off hold: whoever the person is with now must hear them at once.
    pub(crate) fn off_hold(&mut self, contact: &Contact) {
        if contact.held {
            self.happen(Event::PersonResumed { contact: contact.id });
            self.ask(contact, Effect::Hold { on: false });
        }
    }

    /// Back to its place, and off hold: whoever comes next must hear the person at once.
    pub(crate) fn requeue(&mut self, contact: &Contact, reason: RequeueReason, again_at: Timestamp) {
        if contact.is_calling_back() {
            return self.call_again(contact, reason, again_at);
        }
        if contact.held {
            self.ask(contact, Effect::Hold { on: false });
        }
        self.free_writers(contact);
        self.happen(Event::ContactRequeued { contact: contact.id, reason, again_at });
    }

    /// Whoever handed this person over and writes it up knows them. The person is alone and comes before the note: those who could
    /// take them are free to be asked. What they have written can still be kept.
    fn free_writers(&mut self, contact: &Contact) {
        let written_up =
            |event: &Event| matches!(event, Event::HandoffCompleted { contact: of, .. } if *of == contact.id);
        let just_now = self.events.iter().any(written_up).then(|| contact.handoff.as_ref().map(|it| it.from.clone()));
        let ready = |id: &CounselorId| {
            self.state.counselor(id).is_some_and(|it| {
                it.presence == Presence::Connected && it.readiness.takes(contact.channel) && it.readiness_next.is_none()
            })
        };
        let writers = contact.writing_up.keys().cloned().chain(just_now.flatten());
        let free: Vec<CounselorId> = writers.filter(ready).collect();
        for counselor in free {
            self.happen(Event::HandoffWrittenUp { contact: contact.id, counselor });
        }
    }

    /// Whoever calls somebody back is gone while the person's phone may ring. A leg is dialed once, so another callback takes over
    /// at the same place.
    fn call_again(&mut self, contact: &Contact, reason: RequeueReason, again_at: Timestamp) {
        self.stop_calling(contact);
        self.happen(Event::ContactRequeued { contact: contact.id, reason, again_at });
        self.close(contact, Outcome::Merged);
        self.call_back(contact, contact.place);
    }

    /// Nobody goes on calling this person back: their phone stops ringing, and so does that of whoever was to talk with them.
    pub(crate) fn stop_calling(&mut self, contact: &Contact) {
        if contact.legs.first().is_some_and(|leg| leg.state.is_live()) {
            self.drop_leg(contact, 0);
        }
        self.drop_counselor_leg(contact);
    }

    /// Somebody who is called back does not answer: their phone stops ringing, and whoever called writes it down.
    pub(crate) fn not_reached(&mut self, contact: &Contact) {
        if let Some(leg) = contact.legs.first().filter(|leg| !leg.state.is_over()) {
            self.give_up(contact, 0, leg);
        }
        self.drop_counselor_leg(contact);
        self.start_wrap_up(contact);
    }

    /// Nobody wrote in time: the person is back at their place, and whoever took them is asked whether they are there.
    pub(crate) fn nobody_wrote(&mut self, contact: &Contact) {
        let holder = contact.holder.clone();
        self.requeue(contact, RequeueReason::NobodyWrote, self.again_at());
        if let Some(holder) = holder {
            self.check_in(&holder, ReadinessReason::DidNotWrite);
        }
    }

    /// The person wrote last and nobody has answered for very long: they go to whoever joined, or back to their place, and whoever
    /// had them is asked whether they are there.
    pub(crate) fn not_answered(&mut self, contact: &Contact) {
        let holder = contact.holder.clone();
        let wrote =
            |it: &&CounselorId| contact.conversation.as_ref().is_some_and(|talk| talk.has_tried_since_asked(it));
        self.owner_lost(contact, RequeueReason::NobodyWrote);
        // Whoever wrote and did not get through is there.
        if let Some(holder) = holder.filter(|it| !wrote(&it)) {
            self.check_in(&holder, ReadinessReason::DidNotWrite);
        }
    }

    /// The counselor's leg did not come about: the contact is back at its place, and nobody else is sent to that phone.
    pub(crate) fn leg_failed(&mut self, contact: &Contact) {
        let holder = contact.holder.clone();
        self.requeue(contact, RequeueReason::LegFailed, self.again_at());
        if let Some(holder) = holder {
            self.check_in(&holder, ReadinessReason::PhoneNotReached);
        }
    }

    /// The counselor's leg is over. One that never came about sends the contact back at once; one that was answered may have
    /// ended because the person hung up, so the contact waits `leg::LOST_AFTER_MS` for word of that.
    pub(crate) fn counselor_leg_over(&mut self, contact: &Contact, was: LegState) {
        if contact.is_calling_back() && contact.state == ContactState::Connecting {
            // The person's phone may be ringing, and nobody is there any more: they must not answer to silence.
            return self.leg_failed(contact);
        }
        if contact.state == ContactState::Connecting && was < LegState::Answered {
            self.leg_failed(contact);
        }
    }

    /// Nothing was heard of the person's end: they are there, and alone.
    pub(crate) fn left_alone(&mut self, contact: &Contact) {
        if contact.state == ContactState::Connecting {
            self.leg_failed(contact);
        } else {
            self.owner_lost(contact, RequeueReason::LegLost);
        }
    }

    /// The counselor's leg took too long: given up on our side, and dropped at the carrier should it still appear.
    pub(crate) fn give_up_leg(&mut self, contact: &Contact) {
        if let Some((leg, at)) = contact.counselor_leg() {
            self.give_up(contact, leg, at);
        }
    }

    pub(crate) fn give_up(&mut self, contact: &Contact, leg: u32, at: &Leg) {
        let answered = at.state >= LegState::Answered;
        self.drop_leg(contact, leg);
        self.happen(Event::LegMoved {
            contact: contact.id,
            leg,
            state: if answered { LegState::Ended } else { LegState::Failed },
            external: None,
            cause: Some(if answered { LegCause::Dropped } else { LegCause::NoAnswer }),
        });
    }

    /// After an unanswered offer or phone: nobody is sent to somebody who may not be there.
    pub(crate) fn check_in(&mut self, counselor: &CounselorId, reason: ReadinessReason) {
        let on_shift = self.state.counselor(counselor).is_some_and(|it| {
            matches!(it.readiness, Readiness::Available | Readiness::AvailableFor(_)) && it.readiness_next.is_none()
        });
        if on_shift {
            self.happen(Event::ReadinessChanged {
                counselor: counselor.clone(),
                readiness: Readiness::CheckIn,
                reason,
            });
        }
    }
}
