//! What may happen to rooms: being made, joined, held, left, ended; and what everybody in them sees of it.
//!
//! A room's callbacks go where its first participant said, and nowhere else; later participants' wishes are ignored.

use super::ledger::{EndedBy, Happened};
use super::moves::{CallRefusal, Moves};
use super::script::CallSid;
use super::stamp;
use super::state::{CallStatus, Listener, Room, RoomStatus, Seat};
use super::twiml::Seating;
use crate::prng::Prng;
use std::collections::BTreeSet;

const fn reason_left(by: EndedBy, room_ended: bool) -> &'static str {
    match (by, room_ended) {
        (EndedBy::Rest, true) => "conference_ended_via_api",
        (_, true) => "moderator_ended_conference",
        (EndedBy::Rest, false) => "participant_updated_via_api",
        (EndedBy::NeverJoined, false) => "participant_add_failed",
        (_, false) => "participant_hung_up",
    }
}

/// Whether a text has the form of a room's identifier at the carrier.
pub(crate) fn is_room_sid(text: &str) -> bool {
    text.len() == 34 && text.starts_with("CF") && text.bytes().skip(2).all(|byte| byte.is_ascii_hexdigit())
}

impl Moves<'_> {
    /// The live room of that name or identifier; a name that has none gets one.
    pub(crate) fn live_room_for(&mut self, room: &str, listener: Option<&Listener>) -> Result<String, CallRefusal> {
        if let Some(sid) = self.state.live_rooms.get(room) {
            return Ok(sid.clone());
        }
        if is_room_sid(room) {
            let known = self.state.rooms.get(room).filter(|known| known.status != RoomStatus::Completed);
            return known.map(|known| known.sid.clone()).ok_or(CallRefusal::NoSuchRoom);
        }
        let ordinal = self.state.next_ordinal();
        let sid = Prng::keyed(self.settings.seed, &["room", &ordinal.to_string()]).sid("CF");
        let made = Room {
            sid: sid.clone(),
            name: room.to_owned(),
            ordinal,
            status: RoomStatus::Init,
            listener: listener.cloned(),
            next_sequence: 0,
            seats: BTreeSet::new(),
            made_s: stamp::now_s(),
            ended_reason: None,
        };
        self.state.rooms.insert(sid.clone(), made);
        self.state.live_rooms.insert(room.to_owned(), sid.clone());
        self.note(Happened::RoomMade { room_sid: sid.clone(), room: room.to_owned() });
        Ok(sid)
    }

    /// A person's document puts them into a room. False if their call is over.
    pub(crate) fn seat_person(&mut self, sid: &CallSid, seating: &Seating) -> bool {
        if !self.set_status(sid, CallStatus::InProgress) {
            return false;
        }
        let listener = seating.callback_url.as_ref().map(|url| Listener::new(url.clone(), &seating.callback_events));
        let Ok(room_sid) = self.live_room_for(&seating.room, listener.as_ref()) else { return false };
        let Some(room) = self.state.rooms.get_mut(&room_sid) else { return false };
        room.seats.insert(sid.clone());
        let name = room.name.clone();
        if let Some(call) = self.state.calls.get_mut(sid) {
            call.label.clone_from(&seating.label);
            call.seat = Some(Seat {
                room_sid,
                room: name,
                joined: false,
                starts: seating.starts,
                ends_on_exit: seating.ends_on_exit,
                muted: seating.muted,
                held: false,
            });
        }
        self.join(sid);
        true
    }

    /// A seated call is in its room from now.
    pub(crate) fn join(&mut self, sid: &CallSid) {
        let Some(call) = self.state.calls.get_mut(sid) else { return };
        let (is_leg, to) = (call.is_leg, call.to.clone());
        let Some(seat) = call.seat.as_mut() else { return };
        seat.joined = true;
        let (room, room_sid) = (seat.room.clone(), seat.room_sid.clone());
        self.note(if is_leg {
            Happened::LegJoined { leg: sid.clone(), to, room, room_sid: room_sid.clone() }
        } else {
            Happened::PersonJoined { call: sid.clone(), room, room_sid: room_sid.clone() }
        });
        self.tell_room(&room_sid, "join", "participant-join", Some(sid), &[]);
        self.start_if_ready(&room_sid);
        self.refresh(&room_sid);
    }

    /// A room starts when two are in it and one of them starts it.
    fn start_if_ready(&mut self, room_sid: &str) {
        let Some(room) = self.state.rooms.get(room_sid) else { return };
        let seats: Vec<&Seat> = room
            .seats
            .iter()
            .filter_map(|sid| self.state.calls.get(sid)?.seat.as_ref())
            .filter(|seat| seat.joined)
            .collect();
        let ready = seats.len() >= 2 && seats.iter().any(|seat| seat.starts);
        if !ready || room.status != RoomStatus::Init {
            return;
        }
        let name = room.name.clone();
        if let Some(room) = self.state.rooms.get_mut(room_sid) {
            room.status = RoomStatus::InProgress;
        }
        self.note(Happened::RoomStarted { room_sid: room_sid.to_owned(), room: name });
        self.tell_room(room_sid, "start", "conference-start", None, &[]);
    }

    /// A call leaves its seat; that may end the room.
    pub(crate) fn leave(&mut self, sid: &CallSid, by: EndedBy) {
        let Some(seat) = self.vacate(sid, by, false) else { return };
        let joined_left = self.state.rooms.get(&seat.room_sid).is_some_and(|room| {
            room.seats.iter().any(|other| {
                self.state.calls.get(other).and_then(|call| call.seat.as_ref()).is_some_and(|seat| seat.joined)
            })
        });
        let empty = self.state.rooms.get(&seat.room_sid).is_some_and(|room| room.seats.is_empty());
        if seat.joined && seat.ends_on_exit {
            let reason = "participant-with-end-conference-on-exit-left";
            self.end_room(&seat.room_sid, EndedBy::RoomEnd, reason);
        } else if empty || (seat.joined && !joined_left) {
            self.end_room(&seat.room_sid, EndedBy::RoomEnd, "last-participant-left");
        } else {
            self.refresh(&seat.room_sid);
        }
    }

    /// Takes a call out of its seat, writes it down and tells the room.
    fn vacate(&mut self, sid: &CallSid, by: EndedBy, room_ended: bool) -> Option<Seat> {
        let call = self.state.calls.get(sid)?;
        let seat = call.seat.clone()?;
        let (is_leg, to, status) = (call.is_leg, call.to.clone(), call.status);
        let extra = [("ReasonParticipantLeft", reason_left(by, room_ended)), ("ParticipantCallStatus", status.name())];
        // Told before the seat is gone, because the callback carries the seat's flags.
        self.tell_room(&seat.room_sid, "leave", "participant-leave", Some(sid), &extra);
        if let Some(call) = self.state.calls.get_mut(sid) {
            call.seat = None;
        }
        if let Some(room) = self.state.rooms.get_mut(&seat.room_sid) {
            room.seats.remove(sid);
        }
        if seat.joined {
            let (room, room_sid) = (seat.room.clone(), seat.room_sid.clone());
            self.note(if is_leg {
                Happened::LegLeft { leg: sid.clone(), to, room, room_sid }
            } else {
                Happened::PersonLeft { call: sid.clone(), room, room_sid, by }
            });
        }
        Some(seat)
    }

    /// Ends a room: persons go on with their documents, legs in it end. Phones that still alert are dropped if REST ended
    /// the room, and go on alerting otherwise: that is the harder case for whoever has to drop them.
    pub(crate) fn end_room(&mut self, room_sid: &str, by: EndedBy, reason: &'static str) {
        let Some(room) = self.state.rooms.get_mut(room_sid) else { return };
        if room.status == RoomStatus::Completed {
            return;
        }
        room.status = RoomStatus::Completed;
        room.ended_reason = Some(reason);
        let name = room.name.clone();
        let seated: Vec<CallSid> = room.seats.iter().cloned().collect();
        self.state.live_rooms.remove(&name);
        for sid in seated {
            let joined = self.state.calls.get(&sid).and_then(|c| c.seat.as_ref()).is_some_and(|seat| seat.joined);
            let dialed = self.state.calls.get(&sid).is_some_and(|call| call.dialed);
            if !joined && by != EndedBy::Rest {
                self.orphan(&sid);
                continue;
            }
            self.vacate(&sid, by, true);
            if dialed {
                self.end(&sid, by);
            } else if let Some(call) = self.state.calls.get(&sid) {
                call.sight.send_modify(|sight| {
                    sight.put_out = sight.put_out.saturating_add(1);
                    sight.put_out_by = Some(by);
                    sight.accompanied = false;
                    sight.legs = 0;
                    sight.alerting = 0;
                });
            }
        }
        self.note(Happened::RoomEnded { room_sid: room_sid.to_owned(), room: name, by });
        self.tell_room(room_sid, "end", "conference-end", None, &[("ReasonConferenceEnded", reason)]);
        self.state.ended_rooms.push_back(room_sid.to_owned());
        self.state.forget_beyond(self.settings.bounds.ended_kept);
    }

    fn orphan(&mut self, sid: &CallSid) {
        let Some(call) = self.state.calls.get_mut(sid) else { return };
        call.orphan = call.seat.take();
        if let Some(room) = call.orphan.as_ref().and_then(|seat| self.state.rooms.get_mut(&seat.room_sid)) {
            room.seats.remove(sid);
        }
    }

    /// REST takes a participant out. A dialed call ends; a caller goes on with their document, which usually ends it.
    pub(crate) fn remove(&mut self, sid: &CallSid) {
        let Some(call) = self.state.calls.get(sid) else { return };
        if call.dialed {
            self.end(sid, EndedBy::Rest);
            return;
        }
        self.leave(sid, EndedBy::Rest);
        if let Some(call) = self.state.calls.get(sid) {
            call.sight.send_modify(|sight| {
                sight.put_out = sight.put_out.saturating_add(1);
                sight.put_out_by = Some(EndedBy::Rest);
                sight.accompanied = false;
                sight.legs = 0;
            });
        }
    }

    /// Sets what REST may set of a seat.
    pub(crate) fn reseat(&mut self, sid: &CallSid, held: Option<bool>, muted: Option<bool>, ends: Option<bool>) {
        let Some(seat) = self.state.calls.get_mut(sid).and_then(|call| call.seat.as_mut()) else { return };
        let room_sid = seat.room_sid.clone();
        let newly_held = held.filter(|held| *held != seat.held);
        let newly_muted = muted.filter(|muted| *muted != seat.muted);
        seat.held = held.unwrap_or(seat.held);
        seat.muted = muted.unwrap_or(seat.muted);
        seat.ends_on_exit = ends.unwrap_or(seat.ends_on_exit);
        if let Some(on) = newly_held {
            self.note(Happened::Held { call: sid.clone(), on });
            let event = if on { "participant-hold" } else { "participant-unhold" };
            self.tell_room(&room_sid, "hold", event, Some(sid), &[]);
        }
        if let Some(on) = newly_muted {
            self.note(Happened::Muted { call: sid.clone(), on });
            let event = if on { "participant-mute" } else { "participant-unmute" };
            self.tell_room(&room_sid, "mute", event, Some(sid), &[]);
        }
    }

    /// Shows the persons of a room who is with them.
    pub(crate) fn refresh(&mut self, room_sid: &str) {
        let Some(room) = self.state.rooms.get(room_sid) else { return };
        let seated = || room.seats.iter().filter_map(|sid| self.state.calls.get(sid));
        let joined = |call: &super::state::Call| call.seat.as_ref().is_some_and(|seat| seat.joined);
        let joined_legs = seated().filter(|call| call.is_leg && joined(call)).count();
        let legs = if room.status == RoomStatus::InProgress { joined_legs } else { 0 };
        let accompanied = legs > 0;
        let alerting = seated().filter(|call| call.is_leg && call.status == CallStatus::Ringing).count();
        for person in seated().filter(|call| !call.is_leg && joined(call)) {
            person.sight.send_if_modified(|sight| {
                let changed = (sight.alerting, sight.accompanied, sight.legs) != (alerting, accompanied, legs);
                sight.alerting = alerting;
                sight.legs = legs;
                sight.accompanied = accompanied;
                changed
            });
        }
    }
}
