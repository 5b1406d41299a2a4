//! A webhook as the carrier makes it: a signed form on a kept connection. Who sends which, when, and what follows is elsewhere.

use crate::installation::{ACCOUNT, ACCOUNT_SID, PUBLIC_ORIGIN};
use bytes::Bytes;
use holdfast_carrier_codec::secret::Secret;
use holdfast_carrier_codec::twilio::signature::{Algorithm, sign_form};
use http::{Method, Request, header};
use http_body_util::Full;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use std::io;
use std::net::SocketAddr;
use tokio::net::TcpStream;

/// A connection that is kept between webhooks.
pub(crate) type Connection = SendRequest<Full<Bytes>>;

/// A form's pairs.
pub(crate) type Form = Vec<(&'static str, String)>;

/// Opens a connection to the webhooks.
///
/// # Errors
/// If there is none to be had.
pub(crate) async fn connect(at: SocketAddr) -> io::Result<Connection> {
    let stream = TcpStream::connect(at).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    tokio::spawn(async move {
        // Whoever sends on it learns that it is over.
        let _ = connection.await;
    });
    Ok(sender)
}

/// A form for a hook, signed over the public address.
///
/// # Errors
/// If the hook does not fit into a path.
pub(crate) fn signed(secret: &Secret, hook: &str, form: &[(&str, String)]) -> http::Result<Request<Full<Bytes>>> {
    let path = format!("/v1/carriers/{ACCOUNT}/{hook}");
    let signature = sign_form(Algorithm::HmacSha1, secret, &format!("{PUBLIC_ORIGIN}{path}"), form);
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::HOST, "line.example.org")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded; charset=UTF-8")
        .header("x-twilio-signature", signature)
        .body(Full::new(Bytes::from(body)))
}

/// What a room tells of somebody in it.
pub(crate) fn room_form(contact: &str, call: &str, label: String, event: &str, sequence: u32) -> Form {
    vec![
        ("AccountSid", ACCOUNT_SID.to_owned()),
        ("CallSid", call.to_owned()),
        ("ConferenceSid", format!("CF{contact}")),
        ("EndConferenceOnExit", "false".to_owned()),
        ("FriendlyName", format!("contact-{contact}")),
        ("Hold", "false".to_owned()),
        ("Muted", "false".to_owned()),
        ("ParticipantLabel", label),
        ("SequenceNumber", sequence.to_string()),
        ("StatusCallbackEvent", event.to_owned()),
    ]
}
