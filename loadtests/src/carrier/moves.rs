//! What may happen to calls: arriving, being dialed, alerting, being answered, ending. Each move writes the ledger, wakes
//! the call and says whom to tell; nothing here waits.

use super::ledger::{Book, EndedBy, Happened, LegFailure};
use super::script::{CallSid, PersonScript};
use super::settings::CarrierSettings;
use super::stamp;
use super::state::{Call, CallStatus, Detour, Listener, Seat, Sight, State};
use super::tell::Callback;
use crate::prng::Prng;
use tokio::sync::watch;

/// One change of the switchboard, made under its lock.
pub(crate) struct Moves<'a> {
    pub(crate) state: &'a mut State,
    pub(crate) settings: &'a CarrierSettings,
    pub(crate) book: &'a Book,
    pub(crate) callbacks: Vec<Callback>,
    /// The ledger took no more: the run has to stop.
    pub(crate) ledger_full: bool,
}

/// A dial that Holdfast asked for.
#[derive(Clone, Debug)]
pub(crate) struct DialOrder {
    pub(crate) room: String,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) label: Option<String>,
    pub(crate) alerts_at_most_ms: u64,
    pub(crate) starts: bool,
    pub(crate) ends_on_exit: bool,
    pub(crate) muted: bool,
    pub(crate) listener: Option<Listener>,
    pub(crate) room_listener: Option<Listener>,
}

/// Why there is no new call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CallRefusal {
    TooMany,
    LabelTaken,
    NoSuchRoom,
}

/// Whether a dial reaches out to a person (a callback): leg 0 is always theirs.
pub(crate) fn is_person(label: Option<&str>) -> bool {
    label.and_then(|label| label.strip_prefix("leg-")).is_some_and(|rest| rest.ends_with("-0"))
}

impl Moves<'_> {
    pub(crate) fn note(&mut self, what: Happened) {
        if !self.book.write(what) {
            self.ledger_full = true;
        }
    }

    fn new_sid(&mut self) -> (CallSid, u64) {
        let ordinal = self.state.next_ordinal();
        let sid = Prng::keyed(self.settings.seed, &["call", &ordinal.to_string()]).sid("CA");
        (CallSid::new(sid), ordinal)
    }

    fn has_room_for_a_call(&self) -> bool {
        self.state.alive < self.settings.bounds.calls_alive
    }

    /// A person's call, ringing.
    pub(crate) fn arrive(&mut self, script: &PersonScript) -> Result<CallSid, CallRefusal> {
        if !self.has_room_for_a_call() {
            return Err(CallRefusal::TooMany);
        }
        let (sid, ordinal) = self.new_sid();
        let listener = self.settings.status_url.clone().map(|url| Listener::new(url, "completed"));
        let call = Call {
            sid: sid.clone(),
            ordinal,
            dialed: false,
            is_leg: false,
            status: CallStatus::Ringing,
            from: script.from.clone(),
            to: script.to.clone(),
            from_state: script.from_state.clone(),
            label: None,
            listener,
            next_sequence: 0,
            seat: None,
            sight: watch::Sender::new(Sight::default()),
            made_s: stamp::now_s(),
            ended_s: None,
            orphan: None,
            room_listener: None,
        };
        self.state.calls.insert(sid.clone(), call);
        self.state.alive += 1;
        self.note(Happened::CallArrived { call: sid.clone(), line: script.to.clone(), class: script.class.clone() });
        Ok(sid)
    }

    /// A leg, dialed into a room. The room is made if it is named and not there.
    pub(crate) fn dial(&mut self, order: &DialOrder) -> Result<(CallSid, u32), CallRefusal> {
        if !self.has_room_for_a_call() {
            return Err(CallRefusal::TooMany);
        }
        let room_sid = self.live_room_for(&order.room, order.room_listener.as_ref())?;
        let label = order.label.as_deref();
        if label.is_some_and(|label| self.state.find_seated(&room_sid, label).is_some()) {
            return Err(CallRefusal::LabelTaken);
        }
        let room = self.state.rooms.get(&room_sid).map(|room| room.name.clone()).unwrap_or_default();
        let person = is_person(label);
        let (sid, ordinal) = self.new_sid();
        let seat = Seat {
            room_sid: room_sid.clone(),
            room: room.clone(),
            joined: false,
            starts: order.starts,
            ends_on_exit: order.ends_on_exit,
            muted: order.muted,
            held: false,
        };
        let call = Call {
            sid: sid.clone(),
            ordinal,
            dialed: true,
            is_leg: !person,
            status: CallStatus::Queued,
            from: super::settings::Hidden::new(order.from.clone()),
            to: order.to.clone(),
            from_state: String::new(),
            label: order.label.clone(),
            listener: order.listener.clone(),
            next_sequence: 0,
            seat: Some(seat),
            sight: watch::Sender::new(Sight::default()),
            made_s: stamp::now_s(),
            ended_s: None,
            orphan: None,
            room_listener: order.room_listener.clone(),
        };
        self.state.calls.insert(sid.clone(), call);
        self.state.alive += 1;
        if let Some(room) = self.state.rooms.get_mut(&room_sid) {
            room.seats.insert(sid.clone());
        }
        let earlier = self.state.dials.entry(order.to.clone()).or_default();
        let earlier_dials = *earlier;
        *earlier = earlier.saturating_add(1);
        let (leg, to, label) = (sid.clone(), order.to.clone(), order.label.clone());
        self.note(if person {
            Happened::PersonDialed { call: leg, line: order.from.clone(), room }
        } else {
            Happened::DialRequested { leg, to, label, room }
        });
        self.tell_call(&sid, "initiated", "initiated");
        self.refresh(&room_sid);
        Ok((sid, earlier_dials))
    }

    /// The phone alerts.
    pub(crate) fn alert(&mut self, sid: &CallSid) {
        if !self.set_status(sid, CallStatus::Ringing) {
            return;
        }
        let is_leg = self.state.calls.get(sid).is_some_and(|call| call.is_leg);
        if is_leg {
            self.note(Happened::LegAlerting { leg: sid.clone() });
        }
        self.tell_call(sid, "ringing", "ringing");
        if let Some(room_sid) =
            self.state.calls.get(sid).and_then(|call| call.seat.as_ref()).map(|s| s.room_sid.clone())
        {
            self.refresh(&room_sid);
        }
    }

    /// The phone was picked up: the leg joins its room. If that room is over, the room is made anew under its name, as
    /// a carrier that is told a name does: the counselor hears silence until somebody drops the leg.
    pub(crate) fn answer(&mut self, sid: &CallSid) {
        if !self.set_status(sid, CallStatus::InProgress) {
            return;
        }
        let is_leg = self.state.calls.get(sid).is_some_and(|call| call.is_leg);
        self.note(if is_leg {
            Happened::LegAnswered { leg: sid.clone() }
        } else {
            Happened::PersonAnswered { call: sid.clone() }
        });
        self.tell_call(sid, "answered", "in-progress");
        let Some(call) = self.state.calls.get_mut(sid) else { return };
        let listener = call.room_listener.clone();
        if let Some(mut seat) = call.orphan.take() {
            let Ok(room_sid) = self.live_room_for(&seat.room, listener.as_ref()) else { return };
            seat.room_sid.clone_from(&room_sid);
            if let Some(call) = self.state.calls.get_mut(sid) {
                call.seat = Some(seat);
            }
            if let Some(room) = self.state.rooms.get_mut(&room_sid) {
                room.seats.insert(sid.clone());
            }
        }
        self.join(sid);
    }

    /// The leg came to nothing.
    pub(crate) fn fail(&mut self, sid: &CallSid, why: LegFailure) {
        let status = match why {
            LegFailure::Busy => CallStatus::Busy,
            LegFailure::NoAnswer => CallStatus::NoAnswer,
            LegFailure::Failed => CallStatus::Failed,
            LegFailure::Canceled => CallStatus::Canceled,
        };
        self.over(sid, EndedBy::NeverJoined, status);
    }

    /// The call ends, whatever it is doing. Ending it again changes nothing.
    pub(crate) fn end(&mut self, sid: &CallSid, by: EndedBy) {
        let Some(call) = self.state.calls.get(sid) else { return };
        let status = match (call.status, by) {
            (_, EndedBy::Rejected) => CallStatus::Busy,
            (CallStatus::Queued | CallStatus::Ringing, _) => CallStatus::Canceled,
            _ => CallStatus::Completed,
        };
        self.over(sid, by, status);
    }

    fn over(&mut self, sid: &CallSid, by: EndedBy, status: CallStatus) {
        let Some(call) = self.state.calls.get_mut(sid) else { return };
        if call.status.is_over() {
            return;
        }
        let (is_leg, dialed, before) = (call.is_leg, call.dialed, call.status);
        call.status = status;
        call.ended_s = Some(stamp::now_s());
        call.orphan = None;
        let never_answered = dialed && before != CallStatus::InProgress;
        let by = if never_answered { EndedBy::NeverJoined } else { by };
        if never_answered {
            let why = match status {
                CallStatus::Busy => LegFailure::Busy,
                CallStatus::NoAnswer => LegFailure::NoAnswer,
                CallStatus::Failed => LegFailure::Failed,
                _ => LegFailure::Canceled,
            };
            self.note(if is_leg {
                Happened::LegFailed { leg: sid.clone(), why }
            } else {
                Happened::PersonNotReached { call: sid.clone(), why }
            });
        }
        self.leave(sid, by);
        self.note(if is_leg {
            Happened::LegEnded { leg: sid.clone(), by }
        } else {
            Happened::PersonEnded { call: sid.clone(), by }
        });
        self.tell_call(sid, "completed", status.name());
        if let Some(call) = self.state.calls.get(sid) {
            call.sight.send_modify(|sight| sight.over = true);
        }
        self.state.alive = self.state.alive.saturating_sub(1);
        self.state.ended_calls.push_back(sid.clone());
        self.state.forget_beyond(self.settings.bounds.ended_kept);
    }

    /// REST sends a person elsewhere: out of the room, on with another document. False if the call is not a live person's.
    pub(crate) fn send_elsewhere(&mut self, sid: &CallSid, detour: Detour) -> bool {
        if !self.state.calls.get(sid).is_some_and(|call| !call.dialed && !call.status.is_over()) {
            return false;
        }
        self.leave(sid, EndedBy::Rest);
        if let Some(call) = self.state.calls.get(sid) {
            call.sight.send_modify(|sight| {
                sight.detours = sight.detours.saturating_add(1);
                sight.detour = Some(detour);
            });
        }
        true
    }

    /// Sets a live call's status; false if the call is over or unknown.
    pub(crate) fn set_status(&mut self, sid: &CallSid, status: CallStatus) -> bool {
        match self.state.calls.get_mut(sid) {
            Some(call) if !call.status.is_over() => {
                call.status = status;
                true
            }
            _ => false,
        }
    }
}
