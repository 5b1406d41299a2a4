//! Counting what contacts do: each step of each contact once, at the moment it happened, wherever it is counted.
//!
//! For every queue and over any time it holds: entered = answered + left + left soon + diverted + merged + still waiting.

use holdfast_proto::router::v1::{ContactState, ContactView, Outcome};

use crate::fold::State;
use crate::live::Live;

impl State {
    /// Counts the steps between `before` and now.
    pub(crate) fn count(&mut self, view: &ContactView, before: Option<&Live>, live: &Live) {
        self.count_handoff(before, live);
        // Nobody holds the line of a callback, so it cannot be answered in time or left.
        if live.outbound {
            return;
        }
        if before.is_none() {
            self.count_arrival(view);
        }
        let Some(queue) = live.queue else { return };
        if live.entered
            && !before.is_some_and(|before| before.entered)
            && let Some(tally) = self.window.at(queue, view.enqueued_at_ms, self.at_ms)
        {
            tally.entered += 1;
        }
        if live.ever_connected && !before.is_some_and(|before| before.ever_connected) {
            self.count_answer(queue, view);
        }
        let was_closed = before.is_some_and(|before| before.state == ContactState::Closed);
        if live.state == ContactState::Closed && !was_closed && live.entered && !live.ever_connected {
            self.count_end(queue, view);
        }
    }

    fn count_arrival(&mut self, view: &ContactView) {
        if let Some(minute) = self.hour.at(view.arrived_at_ms, self.at_ms) {
            minute.arrived += 1;
        }
        if self.today.has(view.arrived_at_ms) {
            self.today.arrived += 1;
        }
    }

    fn count_answer(&mut self, queue: usize, view: &ContactView) {
        let at_ms = view.connected_at_ms;
        let wait_ms = at_ms.saturating_sub(view.arrived_at_ms);
        if let Some(tally) = self.window.at(queue, at_ms, self.at_ms) {
            tally.connected.add(wait_ms);
        }
        let in_time = wait_ms <= self.within_ms;
        if let Some(minute) = self.hour.at(at_ms, self.at_ms) {
            minute.within += u64::from(in_time);
            minute.finished += 1;
        }
        if self.today.has(at_ms) {
            self.today.answer(wait_ms);
        }
    }

    /// Somebody is gone with whom nobody talked.
    fn count_end(&mut self, queue: usize, view: &ContactView) {
        let at_ms = view.closed_at_ms;
        let wait_ms = at_ms.saturating_sub(view.arrived_at_ms);
        let left = view.outcome() == Outcome::Abandoned && wait_ms >= self.short_ms;
        let diverted_late = view.outcome() == Outcome::Diverted && wait_ms > self.within_ms;
        if let Some(tally) = self.window.at(queue, at_ms, self.at_ms) {
            match view.outcome() {
                Outcome::Abandoned if left => tally.left += 1,
                Outcome::Abandoned => tally.left_short += 1,
                Outcome::Diverted => tally.diverted.add(wait_ms),
                Outcome::Completed | Outcome::Merged | Outcome::Unspecified => {}
            }
        }
        if let Some(minute) = self.hour.at(at_ms, self.at_ms) {
            minute.finished += u64::from(left || diverted_late);
        }
        if left && self.today.has(at_ms) {
            self.today.left += 1;
        }
    }

    /// A handoff is counted when it is first seen and when it is first seen to be over.
    fn count_handoff(&mut self, before: Option<&Live>, live: &Live) {
        let Some(handoff) = &live.handoff else { return };
        let known = before.and_then(|before| before.handoff.as_ref()).filter(|known| known.number == handoff.number);
        if known.is_none() && self.today.has(handoff.started_at_ms) {
            self.today.handoffs.started += 1;
        }
        if handoff.is_over() && !known.is_some_and(crate::live::Handing::is_over) && self.today.has(handoff.since_ms) {
            self.today.hand_over(handoff.state);
        }
    }
}

#[cfg(test)]
mod adds_up;
