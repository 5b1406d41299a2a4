//! As much of Twilio's REST interface as we use: conferences, participants, calls and messages, with scripted faults.

pub(crate) mod messages;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::world::{ACCOUNT_SID, PATIENCE};

/// What comes of the next dial.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Dial {
    /// Made, and answered 500.
    MadeThen500,
    /// Not made, and answered 500.
    Only500,
    /// Not made, and answered with this status and code.
    Refused(u16, u32),
    /// Not made; to be asked again after so many seconds.
    Later(u32),
    /// Made, and answered later than anyone waits.
    MadeAndSilent,
}

/// A participant or a person's call.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) sid: String,
    pub(crate) room: String,
    pub(crate) label: Option<String>,
    pub(crate) status: &'static str,
    pub(crate) inbound: bool,
    /// Whether the room ends when this one leaves it.
    pub(crate) ends_room: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Exchange {
    pub(crate) calls: Vec<Call>,
    pub(crate) ended_rooms: Vec<String>,
    pub(crate) dials: VecDeque<Dial>,
    /// Every write, in order.
    pub(crate) writes: Vec<String>,
    pub(crate) lists: usize,
    /// Dials are held back while this is on.
    pub(crate) holds_dials: bool,
    pub(crate) texting: messages::Texting,
}

/// Clones are one exchange.
#[derive(Clone)]
pub(crate) struct FakeTwilio {
    pub(crate) origin: String,
    exchange: Arc<watch::Sender<Exchange>>,
}

impl FakeTwilio {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let twilio = Self { origin, exchange: Arc::default() };
        let routes = Router::new().fallback(answer).with_state(twilio.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        twilio
    }

    pub(crate) fn script(&self, change: impl FnOnce(&mut Exchange)) {
        self.exchange.send_modify(change);
    }

    pub(crate) fn look<T>(&self, look: impl FnOnce(&Exchange) -> T) -> T {
        look(&self.exchange.borrow())
    }

    pub(crate) async fn until(&self, shows: impl FnMut(&Exchange) -> bool) {
        let mut watched = self.exchange.subscribe();
        let waiting = watched.wait_for(shows);
        assert!(tokio::time::timeout(PATIENCE, waiting).await.is_ok(), "the carrier never saw it");
    }

    pub(crate) fn writes(&self) -> Vec<String> {
        self.look(|exchange| exchange.writes.clone())
    }

    /// Somebody is in a room, or was dialed into it.
    pub(crate) fn seat(&self, sid: &str, room: &str, label: Option<&str>, status: &'static str) {
        let inbound = label.is_none_or(|label| label.starts_with("person-"));
        self.enter(sid, room, label, status, inbound);
    }

    fn enter(&self, sid: &str, room: &str, label: Option<&str>, status: &'static str, ends_room: bool) {
        let inbound = label.is_none_or(|label| label.starts_with("person-"));
        let (sid, room, label) = (sid.into(), room.into(), label.map(str::to_owned));
        self.script(|exchange| exchange.calls.push(Call { sid, room, label, status, inbound, ends_room }));
    }

    /// Somebody hangs up, and the room ends with them if theirs is the leaving that ends it.
    pub(crate) fn hang_up(&self, sid: &str) {
        self.script(|exchange| exchange.leave(sid));
    }

    /// Who is in a room, by label.
    pub(crate) fn inside(&self, room: &str) -> Vec<String> {
        let here = |call: &&Call| call.room == room && call.status == "connected";
        self.look(|exchange| exchange.calls.iter().filter(here).filter_map(|call| call.label.clone()).collect())
    }
}

impl Exchange {
    fn leave(&mut self, sid: &str) {
        let Some(room) = self.calls.iter().find(|call| call.sid == sid).map(|call| call.room.clone()) else { return };
        let ends = self.calls.iter().any(|call| call.sid == sid && call.ends_room && call.status == "connected");
        let gone = |call: &&mut Call| call.sid == sid || (ends && call.room == room);
        self.calls.iter_mut().filter(gone).for_each(|call| call.status = "completed");
        if ends {
            self.ended_rooms.push(room);
        }
    }
}

/// A made-up call id.
pub(crate) fn call_sid(number: usize) -> String {
    format!("CA{number:032x}")
}

fn room_sid(room: &str) -> String {
    let sum = room.bytes().fold(7_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
    format!("CF{sum:032x}")
}

async fn answer(State(twilio): State<FakeTwilio>, request: Request<Body>) -> Response {
    let (head, body) = request.into_parts();
    assert!(head.headers.contains_key("authorization"), "credentials are needed");
    let body = axum::body::to_bytes(body, 65_536).await.unwrap();
    let form = String::from_utf8(body.to_vec()).unwrap();
    let path = head.uri.path().strip_prefix(&format!("/2010-04-01/Accounts/{ACCOUNT_SID}/")).unwrap().to_owned();
    let query = head.uri.query().unwrap_or_default().to_owned();
    let segments: Vec<&str> = path.trim_end_matches(".json").split('/').collect();
    match (&head.method, segments.as_slice()) {
        (&Method::GET, ["Calls"]) => twilio.list_calls(&value(&query, "Status").unwrap()),
        (&Method::GET, ["Conferences"]) => twilio.list_rooms(&query),
        (&Method::GET, ["Conferences", room, "Participants"]) => twilio.list_members(room),
        (&Method::POST, ["Conferences", room, "Participants"]) => twilio.dial(room, &form).await,
        (&Method::POST, ["Conferences", _, "Participants", who]) => {
            twilio.script(|exchange| exchange.writes.push(format!("hold {who} {form}")));
            Json(json!({"call_sid": call_sid(1)})).into_response()
        }
        (&Method::POST, ["Conferences", room]) => twilio.end_room(room),
        (&Method::POST, ["Calls", sid]) => twilio.end_call(sid),
        (&Method::POST, ["Messages"]) => twilio.send(&form).await,
        (&Method::GET, ["Messages"]) => twilio.list_messages(&query),
        _ => StatusCode::NOT_IMPLEMENTED.into_response(),
    }
}

impl FakeTwilio {
    fn list_calls(&self, status: &str) -> Response {
        let named = |call: &&Call| match call.status {
            "connected" => status == "in-progress",
            other => other == status,
        };
        let rows = self.look(|exchange| {
            exchange
                .calls
                .iter()
                .filter(named)
                .map(|call| {
                    let direction = if call.inbound { "inbound" } else { "outbound-api" };
                    json!({"sid": call.sid, "status": status, "direction": direction, "from": null, "to": null})
                })
                .collect::<Vec<Value>>()
        });
        self.listing("calls", rows)
    }

    fn list_rooms(&self, query: &str) -> Response {
        let (name, status) = (value(query, "FriendlyName"), value(query, "Status"));
        let rows = self.look(|exchange| {
            let mut rooms: Vec<String> = exchange.calls.iter().map(|call| call.room.clone()).collect();
            rooms.sort();
            rooms.dedup();
            let wanted = |room: &String| {
                let over = exchange.ended_rooms.contains(room);
                let listed = !over || status.is_none();
                listed && !room.is_empty() && name.as_ref().is_none_or(|name| name == room)
            };
            let row = |room: String| {
                let status = if exchange.ended_rooms.contains(&room) { "completed" } else { "in-progress" };
                json!({"sid": room_sid(&room), "friendly_name": room, "status": status})
            };
            rooms.into_iter().filter(wanted).map(row).collect()
        });
        self.listing("conferences", rows)
    }

    fn list_members(&self, sid: &str) -> Response {
        let rows = self.look(|exchange| {
            let inside = exchange.calls.iter().filter(|call| room_sid(&call.room) == sid && call.status != "completed");
            inside
                .map(|call| {
                    json!({
                        "call_sid": call.sid, "conference_sid": sid, "label": call.label, "status": call.status,
                        "hold": false, "muted": false,
                    })
                })
                .collect()
        });
        self.listing("participants", rows)
    }

    fn listing(&self, name: &str, rows: Vec<Value>) -> Response {
        self.script(|exchange| exchange.lists += 1);
        Json(json!({ name: rows, "next_page_uri": null })).into_response()
    }

    async fn dial(&self, room: &str, form: &str) -> Response {
        let label = value(form, "Label").unwrap();
        self.script(|exchange| exchange.writes.push(format!("dial {label}")));
        self.until(|exchange| !exchange.holds_dials).await;
        let mut script = None;
        self.script(|exchange| script = exchange.dials.pop_front());
        let refused = |status, code| {
            (StatusCode::from_u16(status).unwrap(), Json(json!({"code": code, "status": status}))).into_response()
        };
        let taken = |exchange: &Exchange| {
            exchange.calls.iter().any(|call| call.label.as_ref() == Some(&label) && call.status != "completed")
        };
        if self.look(taken) {
            return refused(400, 16_026);
        }
        match script {
            Some(Dial::Only500) => return refused(500, 0),
            Some(Dial::Refused(status, code)) => return refused(status, code),
            Some(Dial::Later(seconds)) => {
                let mut answer = refused(429, 20_429);
                answer.headers_mut().insert("retry-after", seconds.into());
                return answer;
            }
            _ => {}
        }
        let sid = call_sid(1_000 + self.look(|exchange| exchange.calls.len()));
        self.enter(&sid, room, Some(&label), "ringing", value(form, "EndConferenceOnExit").as_deref() == Some("true"));
        match script {
            Some(Dial::MadeThen500) => refused(500, 0),
            Some(Dial::MadeAndSilent) => {
                tokio::time::sleep(Duration::from_secs(60)).await;
                refused(500, 0)
            }
            _ => (StatusCode::CREATED, Json(json!({"call_sid": sid, "label": label}))).into_response(),
        }
    }

    fn end_room(&self, sid: &str) -> Response {
        self.script(|exchange| {
            let room = exchange.calls.iter().map(|call| call.room.clone()).find(|room| room_sid(room) == sid).unwrap();
            exchange.writes.push(format!("end {room}"));
            exchange.calls.iter_mut().filter(|call| call.room == room).for_each(|call| call.status = "completed");
            exchange.ended_rooms.push(room);
        });
        Json(json!({"sid": sid})).into_response()
    }

    fn end_call(&self, sid: &str) -> Response {
        self.script(|exchange| {
            exchange.writes.push(format!("hang up {sid}"));
            exchange.leave(sid);
        });
        Json(json!({"sid": sid})).into_response()
    }
}

/// The value of a field in an encoded form.
fn value(form: &str, name: &str) -> Option<String> {
    let pairs = reqwest::Url::parse(&format!("http://form.invalid/?{form}")).unwrap();
    pairs.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}
