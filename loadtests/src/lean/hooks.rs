//! Webhooks as the carrier signs and posts them, over a fixed number of kept connections.
//!
//! A request waits for a free connection when all are in use: the number of connections bounds what is in flight, as it does at a carrier.

use crate::installation::{ACCOUNT_SID, LINE};
use crate::webhook::{self, Connection};
use bytes::Bytes;
use holdfast_carrier_codec::secret::{Secret, SecretRefusal};
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use std::net::SocketAddr;
use tokio::sync::{Mutex, mpsc};

/// Area codes of the example plan, so that callers come from all its regions.
const AREAS: [&str; 8] = ["206", "253", "213", "303", "214", "312", "212", "305"];

/// Why a webhook has no answer.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// No connection could be made.
    #[error("no connection to the webhooks: {0}")]
    Connect(std::io::Error),
    /// The exchange broke off.
    #[error("the exchange broke off: {0}")]
    Broken(#[from] hyper::Error),
    /// Another status than 2xx.
    #[error("the webhook was answered {0}")]
    Status(StatusCode),
    /// 200 without the room of a contact.
    #[error("the answer names no contact")]
    NoContact,
    /// The secret is of no use.
    #[error("the auth token is of no use: {0}")]
    Token(#[from] SecretRefusal),
}

/// A call that has arrived.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// The contact's id, 32 hexadecimal digits.
    pub contact: String,
    /// The carrier's id of the person's call.
    pub call: String,
}

/// The way to the webhooks.
pub struct Hooks {
    secret: Secret,
    at: SocketAddr,
    give: mpsc::Sender<Connection>,
    take: Mutex<mpsc::Receiver<Connection>>,
}

impl std::fmt::Debug for Hooks {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Hooks").field("at", &self.at).finish_non_exhaustive()
    }
}

impl Hooks {
    /// Opens this many connections.
    ///
    /// # Errors
    /// If one cannot be opened, or the token cannot be a secret.
    pub async fn open(at: SocketAddr, auth_token: &str, connections: usize) -> Result<Self, HookError> {
        let (give, take) = mpsc::channel(connections.max(1));
        for _ in 0..connections.max(1) {
            // There is room: as many as the channel holds are made.
            let _ = give.try_send(webhook::connect(at).await.map_err(HookError::Connect)?);
        }
        Ok(Self { secret: Secret::new(auth_token)?, at, give, take: Mutex::new(take) })
    }

    /// Posts one signed form; the answer's body.
    ///
    /// # Errors
    /// If the connection breaks, or the answer is not 2xx.
    pub async fn post(&self, hook: &str, form: &[(&str, String)]) -> Result<Bytes, HookError> {
        // Everything in it is our own and well formed.
        let request = webhook::signed(&self.secret, hook, form).map_err(|_| HookError::NoContact)?;
        let taken = self.take.lock().await.recv().await;
        let mut connection = match taken {
            Some(kept) if !kept.is_closed() => kept,
            _ => webhook::connect(self.at).await.map_err(HookError::Connect)?,
        };
        let answered = exchange(&mut connection, request).await;
        let kept = if connection.is_closed() { webhook::connect(self.at).await.ok() } else { Some(connection) };
        if let Some(kept) = kept {
            let _ = self.give.try_send(kept);
        }
        answered
    }

    /// A person calls, for the `number`th time in this run: each number is another person.
    ///
    /// # Errors
    /// As [`Hooks::post`], or if the answer puts nobody into a room.
    pub async fn call(&self, run: u32, number: u64) -> Result<Arrived, HookError> {
        let call = call_sid(run, number);
        let body = self.post("voice", &call_form(&call, number, "ringing")).await?;
        let text = String::from_utf8_lossy(&body);
        let contact = text.split_once("person-").and_then(|(_, after)| after.get(..32));
        Ok(Arrived { contact: contact.ok_or(HookError::NoContact)?.to_owned(), call })
    }

    /// The person hangs up.
    ///
    /// # Errors
    /// As [`Hooks::post`].
    pub async fn hang_up(&self, call: &str, number: u64) -> Result<(), HookError> {
        self.post("status", &call_form(call, number, "completed")).await.map(drop)
    }

    /// Somebody has joined the room: the person, or the leg with this number.
    ///
    /// # Errors
    /// As [`Hooks::post`].
    pub async fn join(&self, contact: &str, call: &str, label: String, sequence: u32) -> Result<(), HookError> {
        let form = webhook::room_form(contact, call, label, "participant-join", sequence);
        self.post(&format!("room?contact={contact}"), &form).await.map(drop)
    }
}

async fn exchange(connection: &mut Connection, request: Request<Full<Bytes>>) -> Result<Bytes, HookError> {
    connection.ready().await?;
    let response = connection.send_request(request).await?;
    let status = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    if status.is_success() { Ok(body) } else { Err(HookError::Status(status)) }
}

fn call_sid(run: u32, number: u64) -> String {
    format!("CA{run:08x}{number:024x}")
}

fn call_form(call: &str, number: u64, status: &str) -> [(&'static str, String); 9] {
    let index = usize::try_from(number).unwrap_or(0);
    let area = AREAS.get(index % AREAS.len()).copied().unwrap_or("206");
    // Exchanges begin with 2 to 9.
    let rest = 2_000_000 + number / 8 % 8_000_000;
    [
        ("AccountSid", ACCOUNT_SID.to_owned()),
        ("ApiVersion", "2010-04-01".to_owned()),
        ("CallSid", call.to_owned()),
        ("CallStatus", status.to_owned()),
        ("Called", LINE.to_owned()),
        ("Direction", "inbound".to_owned()),
        ("From", format!("+1{area}{rest}")),
        ("FromState", String::new()),
        ("To", LINE.to_owned()),
    ]
}
