//! The ledger retold call by call: what an auditor asks about one person or one leg.

use super::ledger::{CarrierLedger, EndedBy, Happened, HookKind, LegFailure};
use super::script::CallSid;
use serde::Serialize;
use std::collections::BTreeMap;

/// How a contact's room is named: this, then the contact's id.
const ROOM_PREFIX: &str = "contact-";

/// Somebody's time in a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stay {
    /// The call that was there.
    pub call: CallSid,
    /// The address dialed; empty for a person.
    pub address: String,
    /// The room's name.
    pub room: String,
    /// From when.
    pub from_ms: u64,
    /// Until when; `None` = still there at the end of the ledger.
    pub until_ms: Option<u64>,
}

impl Stay {
    /// Whether the two stays overlap for any time at all.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let end = |stay: &Self| stay.until_ms.unwrap_or(u64::MAX);
        self.from_ms.max(other.from_ms) < end(self).min(end(other))
    }
}

/// One person's call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Story {
    /// The call.
    pub call: CallSid,
    /// The line called.
    pub line: String,
    /// The scenario's class of the person.
    pub class: String,
    /// The first hook went out.
    pub arrived_ms: u64,
    /// The hook went out whose answer acknowledged the person.
    pub asked_ms: Option<u64>,
    /// The person was acknowledged: a 2xx answer that puts them in a room.
    pub acked_ms: Option<u64>,
    /// Names of the rooms Holdfast's answers named, in order, each once.
    pub rooms: Vec<String>,
    /// The person's own times in rooms.
    pub seats: Vec<Stay>,
    /// Counselors' times in the person's rooms, while the person was alive.
    pub counselors: Vec<Stay>,
    /// The first moment that the person and a counselor were in one room.
    pub accompanied_ms: Option<u64>,
    /// The person was sent to a landline: by the fallback, or by Holdfast's own document.
    pub diverted_ms: Option<u64>,
    /// When and by whom the call ended; `None` = alive at the end of the ledger.
    pub ended: Option<(u64, EndedBy)>,
    /// Holdfast first acknowledged a callback that says the person is gone.
    pub end_known_ms: Option<u64>,
    /// We reached out to them: a callback. They arrived when they were dialed, and are never acknowledged.
    pub outbound: bool,
}

impl Story {
    /// The contact ids in the rooms' names, in order.
    pub fn contacts(&self) -> impl Iterator<Item = &str> {
        self.rooms.iter().filter_map(|room| room.strip_prefix(ROOM_PREFIX))
    }
}

/// One dialed leg.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LegStory {
    /// The leg's call.
    pub leg: CallSid,
    /// The address dialed.
    pub address: String,
    /// Holdfast's label.
    pub label: Option<String>,
    /// The name of the room dialed into.
    pub room: String,
    /// The dial took effect at the carrier.
    pub dialed_ms: u64,
    /// Picked up.
    pub answered_ms: Option<u64>,
    /// Its times in rooms.
    pub stays: Vec<Stay>,
    /// It came to nothing.
    pub failed: Option<LegFailure>,
    /// When and by whom it ended.
    pub ended: Option<(u64, EndedBy)>,
}

#[derive(Default)]
struct Retelling {
    persons: BTreeMap<CallSid, Story>,
    order: Vec<CallSid>,
    legs: BTreeMap<CallSid, LegStory>,
    leg_order: Vec<CallSid>,
}

impl CarrierLedger {
    /// Every person's call, in order of arrival.
    #[must_use]
    pub fn stories(&self) -> Vec<Story> {
        let mut retelling = self.retell();
        retelling.introduce();
        retelling.order.iter().filter_map(|sid| retelling.persons.get(sid).cloned()).collect()
    }

    /// One person's call.
    #[must_use]
    pub fn story(&self, call: &CallSid) -> Option<Story> {
        self.stories().into_iter().find(|story| story.call == *call)
    }

    /// Every dialed leg, in order of dialing.
    #[must_use]
    pub fn legs(&self) -> Vec<LegStory> {
        let retelling = self.retell();
        retelling.leg_order.iter().filter_map(|sid| retelling.legs.get(sid).cloned()).collect()
    }

    /// How long Holdfast took over each answered voice hook (wait ticks aside), microseconds.
    pub fn hook_answer_us(&self) -> impl Iterator<Item = u64> {
        self.entries.iter().filter_map(|entry| match entry.what {
            Happened::HookAnswered { hook, took_us, .. } if hook != HookKind::WaitTick => Some(took_us),
            _ => None,
        })
    }

    fn retell(&self) -> Retelling {
        let mut retelling = Retelling::default();
        for entry in &self.entries {
            retelling.person(entry.at_ms, &entry.what);
            retelling.leg(entry.at_ms, &entry.what);
        }
        retelling
    }
}

fn stay(call: &CallSid, address: &str, room: &str, from_ms: u64) -> Stay {
    Stay { call: call.clone(), address: address.to_owned(), room: room.to_owned(), from_ms, until_ms: None }
}

fn close(stays: &mut [Stay], at_ms: u64) {
    if let Some(last) = stays.last_mut() {
        last.until_ms.get_or_insert(at_ms);
    }
}

impl Retelling {
    /// Somebody calls, or is called back into a room.
    fn begin(&mut self, at_ms: u64, call: &CallSid, line: &str, class: &str, room: Option<&String>) {
        let story = Story {
            call: call.clone(),
            line: line.to_owned(),
            class: class.to_owned(),
            arrived_ms: at_ms,
            asked_ms: None,
            acked_ms: None,
            rooms: room.into_iter().cloned().collect(),
            seats: Vec::new(),
            counselors: Vec::new(),
            accompanied_ms: None,
            diverted_ms: None,
            ended: None,
            end_known_ms: None,
            outbound: room.is_some(),
        };
        self.order.push(call.clone());
        self.persons.insert(call.clone(), story);
    }

    fn person(&mut self, at_ms: u64, what: &Happened) {
        let call = match what {
            Happened::CallArrived { call, line, class } => return self.begin(at_ms, call, line, class, None),
            Happened::PersonDialed { call, line, room } => {
                return self.begin(at_ms, call, line, "callback", Some(room));
            }
            Happened::Acknowledged { call, .. }
            | Happened::PersonJoined { call, .. }
            | Happened::PersonLeft { call, .. }
            | Happened::PersonEnded { call, .. }
            | Happened::DivertedByDocument { call, .. }
            | Happened::DivertedToLandline { call }
            | Happened::CallbackAnswered { call: Some(call), .. } => call,
            _ => return,
        };
        let Some(story) = self.persons.get_mut(call) else { return };
        match what {
            Happened::Acknowledged { room, sent_ms, .. } => {
                story.asked_ms.get_or_insert(*sent_ms);
                story.acked_ms.get_or_insert(at_ms);
                if !story.rooms.contains(room) {
                    story.rooms.push(room.clone());
                }
            }
            Happened::PersonJoined { call, room, .. } => story.seats.push(stay(call, "", room, at_ms)),
            Happened::PersonLeft { .. } => close(&mut story.seats, at_ms),
            Happened::PersonEnded { by, .. } => story.ended = Some((at_ms, *by)),
            Happened::DivertedByDocument { .. } | Happened::DivertedToLandline { .. } => {
                story.diverted_ms.get_or_insert(at_ms);
            }
            Happened::CallbackAnswered { event, .. } if event == "participant-leave" || event == "completed" => {
                story.end_known_ms.get_or_insert(at_ms);
            }
            _ => {}
        }
    }

    fn leg(&mut self, at_ms: u64, what: &Happened) {
        if let Happened::DialRequested { leg, to, label, room } = what {
            let story = LegStory {
                leg: leg.clone(),
                address: to.clone(),
                label: label.clone(),
                room: room.clone(),
                dialed_ms: at_ms,
                answered_ms: None,
                stays: Vec::new(),
                failed: None,
                ended: None,
            };
            self.leg_order.push(leg.clone());
            self.legs.insert(leg.clone(), story);
            return;
        }
        let (Happened::LegAnswered { leg }
        | Happened::LegFailed { leg, .. }
        | Happened::LegJoined { leg, .. }
        | Happened::LegLeft { leg, .. }
        | Happened::LegEnded { leg, .. }) = what
        else {
            return;
        };
        let Some(story) = self.legs.get_mut(leg) else { return };
        match what {
            Happened::LegAnswered { .. } => story.answered_ms = Some(at_ms),
            Happened::LegFailed { why, .. } => story.failed = Some(*why),
            Happened::LegJoined { leg, to, room, .. } => story.stays.push(stay(leg, to, room, at_ms)),
            Happened::LegLeft { .. } => close(&mut story.stays, at_ms),
            Happened::LegEnded { by, .. } => story.ended = Some((at_ms, *by)),
            _ => {}
        }
    }

    /// Finds for each person the counselors who shared their rooms.
    fn introduce(&mut self) {
        let mut by_room = BTreeMap::<&str, Vec<&Stay>>::new();
        for stay in self.leg_order.iter().filter_map(|leg| self.legs.get(leg)).flat_map(|leg| &leg.stays) {
            by_room.entry(&stay.room).or_default().push(stay);
        }
        for story in self.persons.values_mut() {
            for seat in &story.seats {
                for stay in by_room.get(seat.room.as_str()).into_iter().flatten() {
                    if stay.overlaps(seat) {
                        let met_ms = stay.from_ms.max(seat.from_ms);
                        story.accompanied_ms =
                            Some(story.accompanied_ms.map_or(met_ms, |earlier_ms| earlier_ms.min(met_ms)));
                        story.counselors.push((*stay).clone());
                    }
                }
            }
        }
    }
}
