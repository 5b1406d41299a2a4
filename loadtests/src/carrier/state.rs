//! The switchboard's memory: calls, seats and rooms, and the records the rest of the simulator reads.
//!
//! Plain data behind one lock (`exchange.rs`). What may happen to it is in `moves.rs`.

use super::ledger::{EndedBy, Number};
use super::script::CallSid;
use super::text::Messages;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use tokio::sync::{oneshot, watch};

/// A call's status, as the wire names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CallStatus {
    Queued,
    Ringing,
    InProgress,
    Completed,
    Busy,
    NoAnswer,
    Failed,
    Canceled,
}

impl CallStatus {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Ringing => "ringing",
            Self::InProgress => "in-progress",
            Self::Completed => "completed",
            Self::Busy => "busy",
            Self::NoAnswer => "no-answer",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }

    pub(crate) const fn is_over(self) -> bool {
        !matches!(self, Self::Queued | Self::Ringing | Self::InProgress)
    }
}

/// A room's status, as the wire names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RoomStatus {
    Init,
    InProgress,
    Completed,
}

impl RoomStatus {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::InProgress => "in-progress",
            Self::Completed => "completed",
        }
    }
}

/// Where callbacks go, and which are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listener {
    pub(crate) url: String,
    events: BTreeSet<String>,
}

impl Listener {
    /// `events` as the wire lists them, separated by spaces.
    pub(crate) fn new(url: String, events: &str) -> Self {
        Self { url, events: events.split_whitespace().map(str::to_owned).collect() }
    }

    pub(crate) fn wants(&self, event: &str) -> bool {
        self.events.contains(event)
    }
}

/// What a call's own life sees of the switchboard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sight {
    /// The call is over.
    pub(crate) over: bool,
    /// Legs alerting for this person's room.
    pub(crate) alerting: usize,
    /// A counselor's leg is in the room with them, and the room has started.
    pub(crate) accompanied: bool,
    /// How many legs are in the room with them, once it has started.
    pub(crate) legs: usize,
    /// How often the call was put out of a room.
    pub(crate) put_out: u32,
    /// Why, the last time.
    pub(crate) put_out_by: Option<EndedBy>,
    /// How often REST sent the call elsewhere, and where to.
    pub(crate) detours: u32,
    pub(crate) detour: Option<Detour>,
}

/// Where REST sent a live call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Detour {
    Url(String),
    Document(String),
}

/// A call's place in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seat {
    pub(crate) room_sid: String,
    pub(crate) room: String,
    /// False while its phone alerts.
    pub(crate) joined: bool,
    pub(crate) starts: bool,
    pub(crate) ends_on_exit: bool,
    pub(crate) muted: bool,
    pub(crate) held: bool,
}

/// One call, a person's or a dialed leg.
pub(crate) struct Call {
    pub(crate) sid: CallSid,
    pub(crate) ordinal: u64,
    /// Dialed by Holdfast; otherwise somebody called.
    pub(crate) dialed: bool,
    /// On the counselors' side; otherwise a person's, whoever called whom.
    pub(crate) is_leg: bool,
    pub(crate) status: CallStatus,
    pub(crate) from: Number,
    pub(crate) to: String,
    pub(crate) from_state: String,
    pub(crate) label: Option<String>,
    pub(crate) listener: Option<Listener>,
    pub(crate) next_sequence: u32,
    pub(crate) seat: Option<Seat>,
    pub(crate) sight: watch::Sender<Sight>,
    pub(crate) made_s: u64,
    pub(crate) ended_s: Option<u64>,
    /// The seat of a leg whose room was over before the phone was picked up: it would make the room anew.
    pub(crate) orphan: Option<Seat>,
    /// Who is told of a room that this leg makes.
    pub(crate) room_listener: Option<Listener>,
}

/// One room: a conference at the carrier.
pub(crate) struct Room {
    pub(crate) sid: String,
    pub(crate) name: String,
    pub(crate) ordinal: u64,
    pub(crate) status: RoomStatus,
    pub(crate) listener: Option<Listener>,
    pub(crate) next_sequence: u32,
    pub(crate) seats: BTreeSet<CallSid>,
    pub(crate) made_s: u64,
    pub(crate) ended_reason: Option<&'static str>,
}

/// Everything the switchboard knows.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) calls: BTreeMap<CallSid, Call>,
    pub(crate) rooms: BTreeMap<String, Room>,
    /// Live rooms by name.
    pub(crate) live_rooms: BTreeMap<String, String>,
    /// Calls not over.
    pub(crate) alive: usize,
    pub(crate) last_ordinal: u64,
    pub(crate) ended_calls: VecDeque<CallSid>,
    pub(crate) ended_rooms: VecDeque<String>,
    /// Dials so far by address.
    pub(crate) dials: BTreeMap<String, u32>,
    /// The end of each subject's queue of callbacks: the next one waits for it.
    pub(crate) tails: BTreeMap<String, oneshot::Receiver<()>>,
    /// Requests so far by route: numbers the draws of REST faults.
    pub(crate) asked: BTreeMap<String, u64>,
    /// Text messages both ways.
    pub(crate) messages: Messages,
}

impl State {
    pub(crate) fn next_ordinal(&mut self) -> u64 {
        self.last_ordinal += 1;
        self.last_ordinal
    }

    /// A live room by name, or any known one by its identifier.
    pub(crate) fn find_room(&self, name_or_sid: &str) -> Option<&Room> {
        let sid = self.live_rooms.get(name_or_sid).map_or(name_or_sid, String::as_str);
        self.rooms.get(sid)
    }

    /// A room's participant by call or label.
    pub(crate) fn find_seated(&self, room_sid: &str, who: &str) -> Option<&Call> {
        let room = self.rooms.get(room_sid)?;
        room.seats
            .iter()
            .filter_map(|sid| self.calls.get(sid))
            .find(|call| call.sid.as_str() == who || call.label.as_deref() == Some(who))
    }

    /// Forgets the oldest ended calls and rooms beyond `kept` of each.
    pub(crate) fn forget_beyond(&mut self, kept: usize) {
        while self.ended_calls.len() > kept {
            if let Some(sid) = self.ended_calls.pop_front() {
                self.calls.remove(&sid);
                self.tails.remove(sid.as_str());
            }
        }
        while self.ended_rooms.len() > kept {
            if let Some(sid) = self.ended_rooms.pop_front() {
                self.rooms.remove(&sid);
                self.tails.remove(&sid);
            }
        }
    }
}
