//! What each REST request does: rooms, participants and calls. Nothing here waits; faults and HTTP are in `serve.rs`.

use super::answer::{Paging, Reply, page};
use super::messages;
use super::request::{Ask, Params};
use crate::carrier::callback;
use crate::carrier::exchange::Exchange;
use crate::carrier::ledger::EndedBy;
use crate::carrier::leg;
use crate::carrier::moves::{CallRefusal, DialOrder, is_person};
use crate::carrier::script::{CallSid, CallbackDial, Dial};
use crate::carrier::stamp;
use crate::carrier::state::{Call, Detour, Listener, Room, RoomStatus, State};
use serde_json::{Value, json};
use std::sync::Arc;

/// How long a phone alerts unless the dial says otherwise, seconds.
const ALERTS_DEFAULT_S: u64 = 60;
const ALERTS_MOST_S: u64 = 600;

/// Does what was asked and says what the carrier would answer.
pub(crate) fn perform(exchange: &Arc<Exchange>, ask: &Ask, params: &Params) -> Reply {
    let account = exchange.settings.account_sid.as_str();
    match ask {
        Ask::ListConferences => exchange.read(|state| list_rooms(state, account, params)),
        Ask::ReadConference(room) => {
            exchange.read(|state| found(state.find_room(room).map(|room| room_json(account, room))))
        }
        Ask::EndConference(room) => end_room(exchange, room, params),
        Ask::ListParticipants(room) => exchange.read(|state| list_seated(state, account, room, params)),
        Ask::CreateParticipant(room) => dial(exchange, room, params),
        Ask::ReadParticipant(room, who) => read_seated(exchange, room, who, 200),
        Ask::ChangeParticipant(room, who) => {
            let Some(sid) = seated(exchange, room, who) else { return Reply::not_found() };
            let (held, muted, ends) = (params.flag("Hold"), params.flag("Muted"), params.flag("EndConferenceOnExit"));
            exchange.change(|moves| moves.reseat(&sid, held, muted, ends));
            read_seated(exchange, room, sid.as_str(), 200)
        }
        Ask::RemoveParticipant(room, who) => {
            let Some(sid) = seated(exchange, room, who) else { return Reply::not_found() };
            exchange.change(|moves| moves.remove(&sid));
            Reply { status: 204, body: Value::Null }
        }
        Ask::ListCalls => exchange.read(|state| list_calls(state, account, params)),
        Ask::ReadCall(sid) => read_call(exchange, &CallSid::new(sid.clone())),
        Ask::ChangeCall(sid) => change_call(exchange, &CallSid::new(sid.clone()), params),
        Ask::CreateMessage => messages::create(exchange, params),
        Ask::ListMessages => messages::list(exchange, params),
        Ask::ReadMessage(sid) => messages::read(exchange, sid),
    }
}

pub(super) fn found(row: Option<Value>) -> Reply {
    row.map_or_else(Reply::not_found, Reply::ok)
}

fn seated(exchange: &Exchange, room: &str, who: &str) -> Option<CallSid> {
    exchange.read(|state| {
        let room = state.find_room(room)?;
        state.find_seated(&room.sid, who).map(|call| call.sid.clone())
    })
}

fn read_seated(exchange: &Exchange, room: &str, who: &str, status: u16) -> Reply {
    let account = &exchange.settings.account_sid;
    let row = exchange.read(|state| {
        let room = state.find_room(room)?;
        state.find_seated(&room.sid, who).map(|call| seat_json(account, call))
    });
    row.map_or_else(Reply::not_found, |body| Reply { status, body })
}

fn end_room(exchange: &Arc<Exchange>, room: &str, params: &Params) -> Reply {
    let Some(sid) = exchange.read(|state| state.find_room(room).map(|room| room.sid.clone())) else {
        return Reply::not_found();
    };
    if params.get("Status") == Some("completed") {
        exchange.change(|moves| moves.end_room(&sid, EndedBy::Rest, "conference-ended-via-api"));
    }
    let account = &exchange.settings.account_sid;
    exchange.read(|state| found(state.find_room(&sid).map(|room| room_json(account, room))))
}

fn dial(exchange: &Arc<Exchange>, room: &str, params: &Params) -> Reply {
    let Some(to) = params.get("To") else { return Reply::error(400, 21_201, "No 'To' number is specified") };
    let Some(from) = params.get("From") else { return Reply::error(400, 21_213, "No 'From' number is specified") };
    let label = params.get("Label");
    if label.is_some_and(|label| label.len() > 128 || label.contains('/')) {
        return Reply::error(400, 16_023, "Invalid participant label");
    }
    let listener = |url: &str, events: &str, unless_given: &str| {
        let events = params.joined(events).unwrap_or_else(|| unless_given.to_owned());
        params.get(url).map(|url| Listener::new(url.to_owned(), &events))
    };
    let alerts_s = params.get("Timeout").and_then(|value| value.parse().ok()).unwrap_or(ALERTS_DEFAULT_S);
    let order = DialOrder {
        room: room.to_owned(),
        from: from.to_owned(),
        to: to.to_owned(),
        label: label.map(str::to_owned),
        alerts_at_most_ms: alerts_s.clamp(1, ALERTS_MOST_S).saturating_mul(1_000),
        starts: params.flag("StartConferenceOnEnter").unwrap_or(true),
        ends_on_exit: params.flag("EndConferenceOnExit").unwrap_or(false),
        muted: params.flag("Muted").unwrap_or(false),
        listener: listener("StatusCallback", "StatusCallbackEvent", "completed"),
        room_listener: listener("ConferenceStatusCallback", "ConferenceStatusCallbackEvent", "start end"),
    };
    let (sid, earlier_dials) = match exchange.change(|moves| moves.dial(&order)) {
        Ok(dialed) => dialed,
        Err(CallRefusal::TooMany) => return Reply::too_many(),
        Err(CallRefusal::NoSuchRoom) => return Reply::not_found(),
        Err(CallRefusal::LabelTaken) => {
            return Reply::error(400, 16_026, "Participant label must be unique among active participants");
        }
    };
    let room = exchange.read(|state| state.calls.get(&sid)?.seat.as_ref().map(|seat| seat.room.clone()));
    let room = room.unwrap_or_default();
    let reply = read_seated(exchange, &room, sid.as_str(), 201);
    if is_person(order.label.as_deref()) {
        let dial = CallbackDial { line: order.from, room, earlier_dials };
        exchange.spawn(callback::live(Arc::clone(exchange), sid, dial, order.alerts_at_most_ms));
    } else {
        let dial = Dial { to: order.to, label: order.label, room, earlier_dials };
        exchange.spawn(leg::live(Arc::clone(exchange), sid, dial, order.alerts_at_most_ms));
    }
    reply
}

fn read_call(exchange: &Exchange, sid: &CallSid) -> Reply {
    let account = &exchange.settings.account_sid;
    exchange.read(|state| found(state.calls.get(sid).map(|call| call_json(account, call))))
}

fn change_call(exchange: &Arc<Exchange>, sid: &CallSid, params: &Params) -> Reply {
    let Some(over) = exchange.read(|state| state.calls.get(sid).map(|call| call.status.is_over())) else {
        return Reply::not_found();
    };
    if over {
        return Reply::error(400, 21_220, "Call is not in-progress. Cannot redirect.");
    }
    let detour = params.get("Twiml").map(|text| Detour::Document(text.to_owned()));
    let detour = detour.or_else(|| params.get("Url").map(|url| Detour::Url(url.to_owned())));
    match (params.get("Status"), detour) {
        (Some("completed" | "canceled"), _) => exchange.change(|moves| moves.end(sid, EndedBy::Rest)),
        (_, Some(detour)) => {
            exchange.change(|moves| moves.send_elsewhere(sid, detour));
        }
        _ => {}
    }
    read_call(exchange, sid)
}

fn list_rooms(state: &State, account: &str, params: &Params) -> Reply {
    let paging = params.paging();
    let (name, status) = (params.get("FriendlyName"), params.get("Status"));
    let mut rooms: Vec<&Room> = state
        .rooms
        .values()
        .filter(|room| name.is_none_or(|name| room.name == name))
        .filter(|room| status.is_none_or(|status| room.status.name() == status))
        .filter(|room| paging.before.is_none_or(|before| room.ordinal < before))
        .collect();
    rooms.sort_by_key(|room| std::cmp::Reverse(room.ordinal));
    let filters = params.filters(&["FriendlyName", "Status"]);
    let rows = rooms.iter().map(|room| (room.ordinal, room_json(account, room)));
    page("conferences", &format!("/2010-04-01/Accounts/{account}/Conferences.json"), &filters, &paging, rows)
}

fn list_seated(state: &State, account: &str, room: &str, params: &Params) -> Reply {
    let Some(room) = state.find_room(room) else { return Reply::not_found() };
    let path = format!("/2010-04-01/Accounts/{account}/Conferences/{}/Participants.json", room.sid);
    let seated = room.seats.iter().filter_map(|sid| state.calls.get(sid));
    list_of_calls(seated, "participants", &path, &[], &params.paging(), |call| seat_json(account, call))
}

fn list_calls(state: &State, account: &str, params: &Params) -> Reply {
    let (status, to) = (params.get("Status"), params.get("To"));
    let calls = state
        .calls
        .values()
        .filter(|call| status.is_none_or(|status| call.status.name() == status))
        .filter(|call| to.is_none_or(|to| call.to == to));
    let path = format!("/2010-04-01/Accounts/{account}/Calls.json");
    let filters = params.filters(&["Status", "To"]);
    list_of_calls(calls, "calls", &path, &filters, &params.paging(), |call| call_json(account, call))
}

fn list_of_calls<'a>(
    calls: impl Iterator<Item = &'a Call>,
    name: &str,
    path: &str,
    filters: &[(String, String)],
    paging: &Paging,
    row: impl Fn(&Call) -> Value,
) -> Reply {
    let mut calls: Vec<&Call> = calls.filter(|call| paging.before.is_none_or(|before| call.ordinal < before)).collect();
    calls.sort_by_key(|call| std::cmp::Reverse(call.ordinal));
    page(name, path, filters, paging, calls.iter().map(|call| (call.ordinal, row(call))))
}

fn room_json(account: &str, room: &Room) -> Value {
    let uri = format!("/2010-04-01/Accounts/{account}/Conferences/{}", room.sid);
    json!({
        "account_sid": account,
        "api_version": "2010-04-01",
        "call_sid_ending_conference": null,
        "date_created": stamp::rfc2822(room.made_s),
        "date_updated": stamp::rfc2822(room.made_s),
        "friendly_name": room.name,
        "reason_conference_ended": room.ended_reason,
        "region": "us1",
        "sid": room.sid,
        "status": if room.status == RoomStatus::Completed { "completed" } else { room.status.name() },
        "subresource_uris": {"participants": format!("{uri}/Participants.json")},
        "uri": format!("{uri}.json"),
    })
}

fn seat_json(account: &str, call: &Call) -> Value {
    let seat = call.seat.as_ref();
    let room_sid = seat.map_or("", |seat| seat.room_sid.as_str());
    let status = match (seat.is_some_and(|seat| seat.joined), call.status.name()) {
        (true, _) => "connected",
        (false, other) => other,
    };
    json!({
        "account_sid": account,
        "call_sid": call.sid,
        "call_sid_to_coach": null,
        "coaching": false,
        "conference_sid": room_sid,
        "date_created": stamp::rfc2822(call.made_s),
        "date_updated": stamp::rfc2822(call.made_s),
        "end_conference_on_exit": seat.is_some_and(|seat| seat.ends_on_exit),
        "hold": seat.is_some_and(|seat| seat.held),
        "label": call.label,
        "muted": seat.is_some_and(|seat| seat.muted),
        "queue_time": null,
        "start_conference_on_enter": seat.is_some_and(|seat| seat.starts),
        "status": status,
        "uri": format!("/2010-04-01/Accounts/{account}/Conferences/{room_sid}/Participants/{}.json", call.sid),
    })
}

fn call_json(account: &str, call: &Call) -> Value {
    json!({
        "account_sid": account,
        "answered_by": null,
        "api_version": "2010-04-01",
        "date_created": stamp::rfc2822(call.made_s),
        "date_updated": stamp::rfc2822(call.ended_s.unwrap_or(call.made_s)),
        "direction": if call.dialed { "outbound-api" } else { "inbound" },
        "duration": call.ended_s.map(|ended_s| ended_s.saturating_sub(call.made_s).to_string()),
        "end_time": call.ended_s.map(stamp::rfc2822),
        "from": call.from.reveal(),
        "parent_call_sid": null,
        "sid": call.sid,
        "start_time": stamp::rfc2822(call.made_s),
        "status": call.status.name(),
        "to": call.to,
        "uri": format!("/2010-04-01/Accounts/{account}/Calls/{}.json", call.sid),
    })
}
