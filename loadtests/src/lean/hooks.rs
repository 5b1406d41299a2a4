//! Webhooks as the carrier signs and posts them, over a fixed number of kept connections.
//!
//! A request waits for a free connection when all are in use: the number of connections bounds what is in flight, as it does at a carrier.

use crate::installation::{ACCOUNT, ACCOUNT_SID, LINE, PUBLIC_ORIGIN};
use bytes::Bytes;
use holdfast_carrier_codec::secret::{Secret, SecretRefusal};
use holdfast_carrier_codec::twilio::signature::{Algorithm, sign_form};
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use tokio::net::TcpStream;
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

type Connection = SendRequest<Full<Bytes>>;

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

async fn connect(at: SocketAddr) -> Result<Connection, HookError> {
    let stream = TcpStream::connect(at).await.map_err(HookError::Connect)?;
    stream.set_nodelay(true).map_err(HookError::Connect)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(async move {
        // Whoever sends on it learns that it is over.
        let _ = connection.await;
    });
    Ok(sender)
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
            let _ = give.try_send(connect(at).await?);
        }
        Ok(Self { secret: Secret::new(auth_token)?, at, give, take: Mutex::new(take) })
    }

    /// Posts one signed form; the answer's body.
    ///
    /// # Errors
    /// If the connection breaks, or the answer is not 2xx.
    pub async fn post(&self, hook: &str, form: &[(&str, String)]) -> Result<Bytes, HookError> {
        let path = format!("/v1/carriers/{ACCOUNT}/{hook}");
        let signature = sign_form(Algorithm::HmacSha1, &self.secret, &format!("{PUBLIC_ORIGIN}{path}"), form);
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::HOST, "line.example.org")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded; charset=UTF-8")
            .header("x-twilio-signature", signature)
            .body(Full::new(Bytes::from(body)));
        // Everything above is our own and well formed.
        let request = request.map_err(|_| HookError::NoContact)?;
        let taken = self.take.lock().await.recv().await;
        let mut connection = match taken {
            Some(kept) if !kept.is_closed() => kept,
            _ => connect(self.at).await?,
        };
        let answered = exchange(&mut connection, request).await;
        let kept = if connection.is_closed() { connect(self.at).await.ok() } else { Some(connection) };
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
        let form = [
            ("AccountSid", ACCOUNT_SID.to_owned()),
            ("CallSid", call.to_owned()),
            ("ConferenceSid", format!("CF{contact}")),
            ("EndConferenceOnExit", "false".to_owned()),
            ("FriendlyName", format!("contact-{contact}")),
            ("Hold", "false".to_owned()),
            ("Muted", "false".to_owned()),
            ("ParticipantLabel", label),
            ("SequenceNumber", sequence.to_string()),
            ("StatusCallbackEvent", "participant-join".to_owned()),
        ];
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
