//! The carrier's REST in a run: dials and is answered, drops, sends texts to phones, and tells of all of it by callbacks.
//!
//! It keeps no list of calls: once anybody is here, whoever asks for one is told to come back, so that nothing is compared with a list
//! that is not kept.

use super::ledger::contact_of;
use super::posts::Form;
use super::world::World;
use crate::installation::{ACCOUNT_SID, PUBLIC_ORIGIN};
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode, Uri, header};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// From a text's request to the phone that has it, milliseconds.
const DELIVERED_AFTER_MS: u64 = 300;

/// A counselor's leg.
#[derive(Clone)]
struct Leg {
    call: String,
    label: String,
    contact: String,
    status_hook: String,
    room_hook: String,
}

#[derive(Default)]
struct Legs {
    by_call: HashMap<String, Leg>,
    by_label: HashMap<String, String>,
}

/// The carrier of a run.
#[derive(Default)]
pub(crate) struct Exchange {
    world: OnceLock<Arc<World>>,
    legs: Mutex<Legs>,
    numbers: AtomicU64,
    used: AtomicBool,
}

impl Exchange {
    /// Listens on a free port of this machine until the runtime ends; the base URL of its REST.
    ///
    /// # Errors
    /// If nothing can be listened on.
    pub(crate) async fn start(self: &Arc<Self>) -> std::io::Result<String> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let routes = axum::Router::new().fallback(answer).with_state(Arc::clone(self));
        tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, routes).await {
                tracing::error!(%error, "the carrier ended");
            }
        });
        Ok(base_url)
    }

    /// From now on there is somebody to tell.
    pub(crate) fn tell(&self, world: Arc<World>) {
        // Said once, at the start.
        let _ = self.world.set(world);
    }

    fn take_leg(&self, who: &str) -> Option<Leg> {
        let mut legs = self.legs.lock().unwrap_or_else(PoisonError::into_inner);
        let call = legs.by_label.get(who).cloned().unwrap_or_else(|| who.to_owned());
        let leg = legs.by_call.remove(&call)?;
        legs.by_label.remove(&leg.label);
        Some(leg)
    }
}

async fn answer(State(exchange): State<Arc<Exchange>>, method: Method, uri: Uri, body: Bytes) -> Response {
    let json = [(header::CONTENT_TYPE, "application/json")];
    let parts: Vec<&str> = uri.path().split('/').collect();
    if method == Method::GET {
        if exchange.used.load(Ordering::Relaxed) {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        return (json, "{\"calls\":[],\"conferences\":[],\"participants\":[],\"messages\":[]}").into_response();
    }
    exchange.used.store(true, Ordering::Relaxed);
    let form: HashMap<String, String> =
        form_urlencoded::parse(&body).map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    match (method, parts.get(4..).unwrap_or_default()) {
        (Method::POST, ["Conferences", room, "Participants.json"]) => dial(&exchange, room, &form),
        (Method::POST, ["Messages.json"]) => send(&exchange, &form),
        (Method::DELETE, [_, _, "Participants", who]) => {
            drop_leg(&exchange, who.trim_end_matches(".json"));
            StatusCode::NO_CONTENT.into_response()
        }
        (_, ["Calls", call]) => {
            drop_leg(&exchange, call.trim_end_matches(".json"));
            (json, "{\"sid\":\"CA00000000000000000000000000000000\",\"status\":\"completed\"}").into_response()
        }
        _ => (json, "{\"sid\":\"CF00000000000000000000000000000000\",\"status\":\"completed\"}").into_response(),
    }
}

/// The part of one of our webhooks' addresses that names the hook.
fn hook_of(form: &HashMap<String, String>, name: &str) -> String {
    let base = format!("{PUBLIC_ORIGIN}/v1/carriers/{}/", crate::installation::ACCOUNT);
    form.get(name).and_then(|url| url.strip_prefix(&base)).unwrap_or_default().to_owned()
}

fn dial(exchange: &Arc<Exchange>, room: &str, form: &HashMap<String, String>) -> Response {
    let number = exchange.numbers.fetch_add(1, Ordering::Relaxed);
    let call = format!("CA{:08x}{number:024x}", u32::MAX);
    let contact = room.strip_prefix("contact-").unwrap_or_default().to_owned();
    let leg = Leg {
        call: call.clone(),
        label: form.get("Label").cloned().unwrap_or_default(),
        contact: contact.clone(),
        status_hook: hook_of(form, "StatusCallback"),
        room_hook: hook_of(form, "ConferenceStatusCallback"),
    };
    {
        let mut legs = exchange.legs.lock().unwrap_or_else(PoisonError::into_inner);
        legs.by_label.insert(leg.label.clone(), call.clone());
        legs.by_call.insert(call.clone(), leg.clone());
    }
    if let Some(world) = exchange.world.get() {
        tokio::spawn(ring(Arc::clone(exchange), Arc::clone(world), leg));
    }
    let body = format!(
        "{{\"call_sid\":\"{call}\",\"conference_sid\":\"CF{contact}\",\"label\":null,\"status\":\"queued\",\"hold\":false,\
         \"muted\":false}}"
    );
    (StatusCode::CREATED, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

fn leg_form(leg: &Leg, status: &str, sequence: u32) -> Form {
    vec![
        ("AccountSid", ACCOUNT_SID.to_owned()),
        ("ApiVersion", "2010-04-01".to_owned()),
        ("CallSid", leg.call.clone()),
        ("CallStatus", status.to_owned()),
        ("CallbackSource", "call-progress-events".to_owned()),
        ("Direction", "outbound-api".to_owned()),
        ("From", crate::installation::LINE.to_owned()),
        ("SequenceNumber", sequence.to_string()),
        ("To", "sip:desk@phones.example".to_owned()),
    ]
}

/// The counselor's phone: rings, is answered, is in the room.
async fn ring(exchange: Arc<Exchange>, world: Arc<World>, leg: Leg) {
    world.human(&["phone", &leg.call], world.scenario.desks.phone_s, 15.0).await;
    let alive = || exchange.legs.lock().unwrap_or_else(PoisonError::into_inner).by_call.contains_key(&leg.call);
    if !alive() {
        return;
    }
    // A callback that is not answered changes nothing: the room tells too.
    let _ = world.posts.post(None, &leg.status_hook, &leg_form(&leg, "in-progress", 2)).await;
    if alive() {
        let form = crate::webhook::room_form(&leg.contact, &leg.call, leg.label.clone(), "participant-join", 3);
        world.insist(&leg.room_hook, &form).await;
        if let Some(contact) = contact_of(&leg.contact) {
            world.connected(contact);
        }
    }
}

fn drop_leg(exchange: &Arc<Exchange>, who: &str) {
    let (Some(leg), Some(world)) = (exchange.take_leg(who), exchange.world.get()) else { return };
    let world = Arc::clone(world);
    tokio::spawn(async move {
        let _ = world.posts.post(None, &leg.status_hook, &leg_form(&leg, "completed", 4)).await;
    });
}

fn send(exchange: &Arc<Exchange>, form: &HashMap<String, String>) -> Response {
    let sid = format!("SM{:08x}{:024x}", u32::MAX, exchange.numbers.fetch_add(1, Ordering::Relaxed));
    if let (Some(world), Some(to)) = (exchange.world.get(), form.get("To")) {
        let (world, to, from) = (Arc::clone(world), to.clone(), form.get("From").cloned().unwrap_or_default());
        let (hook, message) = (hook_of(form, "StatusCallback"), sid.clone());
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(DELIVERED_AFTER_MS)).await;
            let contact = hook.split_once("contact=").and_then(|(_, rest)| contact_of(rest.get(..32)?));
            world.delivered(&to, contact);
            let receipt = vec![
                ("AccountSid", ACCOUNT_SID.to_owned()),
                ("ApiVersion", "2010-04-01".to_owned()),
                ("From", from),
                ("MessageSid", message.clone()),
                ("MessageStatus", "delivered".to_owned()),
                ("SmsSid", message),
                ("SmsStatus", "delivered".to_owned()),
                ("To", to),
            ];
            world.insist(&hook, &receipt).await;
        });
    }
    let body = format!("{{\"sid\":\"{sid}\",\"status\":\"queued\",\"error_code\":null}}");
    (StatusCode::CREATED, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
