//! The two lines a desk can have: a gRPC stream, and a browser's WebSocket. Above it nobody sees which.

use crate::installation::Member;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::{SinkExt as _, StreamExt as _};
use holdfast_proto::desk::v1::desk_service_client::DeskServiceClient;
use holdfast_proto::desk::v1::work_request::{Beat, Say, SignIn};
use holdfast_proto::desk::v1::work_response::Hear;
use holdfast_proto::desk::v1::{WorkRequest, WorkResponse};
use holdfast_proto::router::v1::{
    AcceptOffer, Author, Channel, ContactState, DeskContact, DeskOffer, EndContact, FinishWrapUp, OfferState, Position,
    Readiness, SendText, SetReadiness,
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::{Mutex, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Channel as Connection, Endpoint};
use tonic::{Request, Status, Streaming};

/// Bytes read at a time from a socket.
const READ_BYTES: usize = 8 * 1_024;

/// Requests on their way to the wire.
const UNSENT_MOST: usize = 64;

/// What a desk says.
pub(crate) enum Order<'a> {
    SignIn { address: &'a str, from: Option<(u64, u64)>, has_contact: bool },
    Beat,
    Available { text: bool },
    Accept { offer: &'a str },
    Finish { contact: &'a str },
    End { contact: &'a str },
    Write { contact: &'a str, words: &'a str },
}

/// What a desk hears.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// The line is up.
    SignedIn,
    /// Whether offers may come.
    Ready(bool),
    /// All that this desk has; what it had and is not here it has no more.
    All {
        offers: Vec<String>,
        contacts: Vec<String>,
    },
    /// Somebody is held out to this desk, or no longer. What it accepted is neither: the answer to its accept says so.
    Offer {
        offer: String,
        contact: String,
        open: bool,
    },
    Contact {
        contact: String,
        state: At,
    },
    /// A person wrote.
    Written {
        contact: String,
    },
    Answer {
        request: String,
        refused: Option<String>,
    },
}

/// Where a contact is for this desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    Here,
    WrappingUp,
    Closed,
    Elsewhere,
}

/// Why a line is over, and after how long it may be opened again, if that was said.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) why: String,
    pub(crate) back_after: Option<Duration>,
}

impl From<String> for Broken {
    fn from(why: String) -> Self {
        Self { why, back_after: None }
    }
}

impl From<Status> for Broken {
    fn from(status: Status) -> Self {
        let told = status.metadata().get("grpc-retry-pushback-ms");
        let told_ms = told.and_then(|it| it.to_str().ok()?.parse().ok());
        Self {
            why: format!("{:?}: {}", status.code(), status.message()),
            back_after: told_ms.map(Duration::from_millis),
        }
    }
}

/// How a desk's line is made.
#[derive(Clone)]
pub(crate) enum Way {
    Stream(Arc<Shared>),
    Socket(SocketAddr),
}

/// One connection that some desks share, made anew after every cut by whoever comes back first.
pub(crate) struct Shared {
    at: SocketAddr,
    connection: Mutex<Option<(u32, Connection)>>,
}

impl Shared {
    pub(crate) fn new(at: SocketAddr) -> Self {
        Self { at, connection: Mutex::new(None) }
    }

    /// The connection since so many cuts.
    async fn since(&self, cuts: u32) -> Result<Connection, String> {
        let mut connection = self.connection.lock().await;
        if let Some((made, connection)) = &*connection
            && *made >= cuts
        {
            return Ok(connection.clone());
        }
        // Without its last holder the old one is closed.
        *connection = None;
        let made = connect(self.at).await?;
        *connection = Some((cuts, made.clone()));
        Ok(made)
    }
}

/// A desk's line.
pub(crate) enum Line {
    Stream {
        say: mpsc::Sender<WorkRequest>,
        hear: Box<Streaming<WorkResponse>>,
        name: String,
        place: Option<(u64, u64)>,
    },
    Socket {
        socket: Box<WebSocketStream<MaybeTlsStream<TcpStream>>>,
        place: Option<(u64, u64)>,
    },
}

async fn connect(at: SocketAddr) -> Result<Connection, String> {
    let endpoint = Endpoint::from_shared(format!("http://{at}")).map_err(|error| error.to_string())?;
    endpoint.tcp_nodelay(true).connect().await.map_err(|error| error.to_string())
}

/// Opens a WebSocket as a browser does: with the cookie of the sign-in.
pub(crate) async fn open_socket(
    at: SocketAddr,
    path: &str,
    cookie: &str,
    token: &str,
) -> Result<WebSocketStream<MaybeTlsStream<TcpStream>>, String> {
    let mut request = format!("ws://{at}{path}").into_client_request().map_err(|error| error.to_string())?;
    let cookie = format!("{cookie}={}", URL_SAFE_NO_PAD.encode(token));
    for (name, value) in [("cookie", cookie), ("origin", format!("http://{at}"))] {
        let value = value.parse().map_err(|_| "the cookie does not fit into a header".to_owned())?;
        request.headers_mut().insert(name, value);
    }
    // As a browser's: the library's own buffer is wiped before each read, and is far larger than what is read.
    let config = WebSocketConfig::default().read_buffer_size(READ_BYTES);
    let opened = tokio_tungstenite::connect_async_with_config(request, Some(config), true).await;
    opened.map(|(socket, _)| socket).map_err(|error| error.to_string())
}

impl Line {
    /// Opens it; `cuts` is how often all lines were cut until now.
    pub(crate) async fn open(way: &Way, member: &Member, cuts: u32) -> Result<Self, Broken> {
        match way {
            Way::Stream(shared) => {
                let token = format!("Bearer {}", member.token).parse::<MetadataValue<Ascii>>();
                let token = token.map_err(|_| "the token does not fit into a header".to_owned())?;
                let (say, requests) = mpsc::channel(UNSENT_MOST);
                let mut request = Request::new(ReceiverStream::new(requests));
                request.metadata_mut().insert("authorization", token);
                let opened = DeskServiceClient::new(shared.since(cuts).await?).work(request).await;
                Ok(Self::Stream { say, hear: Box::new(opened?.into_inner()), name: member.name.clone(), place: None })
            }
            Way::Socket(at) => {
                let socket = open_socket(*at, "/ui/v1/desk", "holdfast-desk", &member.token).await?;
                Ok(Self::Socket { socket: Box::new(socket), place: None })
            }
        }
    }

    /// Where this line stands, for the next one to go on from.
    pub(crate) fn place(&self) -> Option<(u64, u64)> {
        match self {
            Self::Stream { place, .. } | Self::Socket { place, .. } => *place,
        }
    }

    /// Says something; the id under which it is answered.
    pub(crate) async fn say(&mut self, order: Order<'_>) -> Result<String, String> {
        let id = uuid::Uuid::new_v4().to_string();
        match self {
            Self::Stream { say, name, .. } => {
                let request = WorkRequest { request_id: id.clone(), say: Some(in_proto(order, name)) };
                say.send(request).await.map_err(|_| "the stream is over".to_owned())?;
            }
            Self::Socket { socket, .. } => {
                let mut said = in_json(&order);
                if let Value::Object(fields) = &mut said {
                    fields.insert("request_id".to_owned(), Value::String(id.clone()));
                }
                socket.send(Message::text(said.to_string())).await.map_err(|error| error.to_string())?;
            }
        }
        Ok(id)
    }

    /// What is heard next. Nothing is lost if this is not awaited to its end.
    pub(crate) async fn hear(&mut self) -> Result<Vec<News>, Broken> {
        match self {
            Self::Stream { hear, place, .. } => match hear.message().await {
                Ok(Some(response)) => {
                    if let Some(at) = response.position {
                        *place = Some((at.epoch, at.sequence));
                    }
                    Ok(response.hear.map(of_proto).unwrap_or_default())
                }
                Ok(None) => Err("the stream ended".to_owned().into()),
                Err(status) => Err(status.into()),
            },
            Self::Socket { socket, place } => match socket.next().await {
                Some(Ok(Message::Text(text))) => {
                    let frame: Frame = serde_json::from_str(&text).map_err(|error| error.to_string())?;
                    if let (Some(epoch), Some(seq)) = (frame.epoch, frame.seq) {
                        *place = Some((epoch, seq));
                    }
                    frame.news()
                }
                Some(Ok(Message::Close(why))) => {
                    Err(why.map_or_else(|| "closed".to_owned(), |why| why.reason.to_string()).into())
                }
                Some(Ok(_)) => Ok(Vec::new()),
                Some(Err(error)) => Err(error.to_string().into()),
                None => Err("the socket ended".to_owned().into()),
            },
        }
    }
}

fn in_proto(order: Order<'_>, name: &str) -> Say {
    let counselor_id = name.to_owned();
    match order {
        Order::SignIn { address, from, has_contact } => {
            let from = from.map(|(epoch, sequence)| Position { epoch, sequence });
            Say::SignIn(SignIn { audio_address: address.to_owned(), from, has_contact })
        }
        Order::Beat => Say::Beat(Beat {}),
        Order::Available { text } => {
            let channel = if text { Channel::Text } else { Channel::Voice };
            let (readiness, channels) = (Readiness::AvailableFor.into(), vec![channel.into()]);
            Say::SetReadiness(SetReadiness { counselor_id, readiness, channels })
        }
        Order::Accept { offer } => Say::AcceptOffer(AcceptOffer { counselor_id, offer_id: offer.to_owned() }),
        Order::Finish { contact } => Say::FinishWrapUp(FinishWrapUp { counselor_id, contact_id: contact.to_owned() }),
        Order::End { contact } => Say::EndContact(EndContact { counselor_id, contact_id: contact.to_owned() }),
        Order::Write { contact, words } => {
            Say::SendText(SendText { counselor_id, contact_id: contact.to_owned(), words: words.to_owned() })
        }
    }
}

fn in_json(order: &Order<'_>) -> Value {
    match order {
        Order::SignIn { address, from, has_contact } => {
            let from = from.map(|(epoch, seq)| json!({"epoch": epoch, "seq": seq}));
            json!({"say": "sign_in", "audio_address": address, "from": from, "take": true, "has_contact": has_contact})
        }
        Order::Beat => json!({"say": "beat"}),
        Order::Available { text } => {
            let channels = [if *text { "text" } else { "voice" }];
            json!({"say": "set_readiness", "readiness": "available_for", "channels": channels})
        }
        Order::Accept { offer } => json!({"say": "accept_offer", "offer_id": offer}),
        Order::Finish { contact } => json!({"say": "finish_wrap_up", "contact_id": contact}),
        Order::End { contact } => json!({"say": "end_contact", "contact_id": contact}),
        Order::Write { contact, words } => json!({"say": "send_text", "contact_id": contact, "words": words}),
    }
}

fn of_proto(hear: Hear) -> Vec<News> {
    let mut news = Vec::new();
    let mut look = |offers: Vec<DeskOffer>, contacts: Vec<DeskContact>| {
        let told = offers.into_iter().filter(|it| it.state() != OfferState::Accepted);
        news.extend(told.map(|it| {
            let open = it.state() == OfferState::Open;
            News::Offer { offer: it.offer_id, contact: it.contact_id, open }
        }));
        news.extend(contacts.into_iter().map(|it| {
            let state = match it.state() {
                ContactState::WrappingUp => At::WrappingUp,
                ContactState::Closed => At::Closed,
                ContactState::Connecting | ContactState::Connected if it.yours => At::Here,
                _ => At::Elsewhere,
            };
            News::Contact { contact: it.contact_id, state }
        }));
    };
    let ready = |it: &holdfast_proto::router::v1::DeskSelf| {
        News::Ready(matches!(it.readiness(), Readiness::Available | Readiness::AvailableFor))
    };
    match hear {
        Hear::SignedIn(_) => vec![News::SignedIn],
        Hear::Snapshot(it) => {
            let all = News::All {
                offers: it.offers.iter().map(|it| it.offer_id.clone()).collect(),
                contacts: it.contacts.iter().map(|it| it.contact_id.clone()).collect(),
            };
            look(it.offers, it.contacts);
            news.insert(0, all);
            news.extend(it.self_.as_ref().map(ready));
            news
        }
        Hear::Delta(it) => {
            look(it.offers, it.contacts);
            news.extend(it.self_.as_ref().map(ready));
            let theirs = it.messages.into_iter().filter(|it| it.author() == Author::Person);
            news.extend(theirs.map(|it| News::Written { contact: it.contact_id }));
            news
        }
        Hear::Answered(it) => {
            vec![News::Answer { request: it.request_id, refused: (it.code != 0).then_some(it.reason) }]
        }
        Hear::Beat(_) => Vec::new(),
    }
}

/// A frame of the page's contract, as far as a desk of a run reads it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Frame {
    r#type: String,
    epoch: Option<u64>,
    seq: Option<u64>,
    #[serde(rename = "self")]
    own: Option<FrameSelf>,
    offers: Vec<FrameOffer>,
    contacts: Vec<FrameContact>,
    messages: Vec<FrameMessage>,
    request_id: String,
    code: String,
    reason: String,
    retry_ms: u64,
}

#[derive(Deserialize)]
struct FrameSelf {
    readiness: String,
}

#[derive(Deserialize)]
struct FrameOffer {
    offer_id: String,
    contact_id: String,
    state: String,
}

#[derive(Deserialize)]
struct FrameContact {
    contact_id: String,
    state: String,
    yours: bool,
}

#[derive(Deserialize)]
struct FrameMessage {
    contact_id: String,
    author: String,
}

impl Frame {
    fn news(self) -> Result<Vec<News>, Broken> {
        let mut news = Vec::new();
        match self.r#type.as_str() {
            "hello" => news.push(News::SignedIn),
            "answer" => {
                let refused = (self.code != "ok").then_some(self.reason);
                return Ok(vec![News::Answer { request: self.request_id, refused }]);
            }
            "end" => return Err(self.reason.into()),
            "later" => {
                return Err(Broken { why: "later".to_owned(), back_after: Some(Duration::from_millis(self.retry_ms)) });
            }
            "snapshot" => news.push(News::All {
                offers: self.offers.iter().map(|it| it.offer_id.clone()).collect(),
                contacts: self.contacts.iter().map(|it| it.contact_id.clone()).collect(),
            }),
            _ => {}
        }
        let told = self.offers.into_iter().filter(|it| it.state != "accepted");
        news.extend(told.map(|it| News::Offer {
            open: it.state == "open",
            offer: it.offer_id,
            contact: it.contact_id,
        }));
        news.extend(self.contacts.into_iter().map(|it| {
            let state = match it.state.as_str() {
                "wrapping_up" => At::WrappingUp,
                "closed" => At::Closed,
                "connecting" | "connected" if it.yours => At::Here,
                _ => At::Elsewhere,
            };
            News::Contact { contact: it.contact_id, state }
        }));
        news.extend(self.own.map(|it| News::Ready(it.readiness.starts_with("available"))));
        let theirs = self.messages.into_iter().filter(|it| it.author == "person");
        news.extend(theirs.map(|it| News::Written { contact: it.contact_id }));
        Ok(news)
    }
}

#[cfg(test)]
mod tests {
    use super::{At, Frame, News};
    use std::time::Duration;

    fn news(text: &str) -> Vec<News> {
        serde_json::from_str::<Frame>(text).unwrap().news().unwrap()
    }

    #[test]
    fn a_page_s_frames_are_read() {
        let own = |word: &str| word.to_owned();
        let delta = r#"{"type":"delta","at_ms":5,"epoch":1,"seq":9,"self":{"readiness":"available_for","name":"c1"},
            "offers":[{"offer_id":"o","contact_id":"c","state":"open","language":"en"},
                {"offer_id":"p","contact_id":"d","state":"accepted","language":"en"}],
            "contacts":[{"contact_id":"d","state":"wrapping_up","yours":true}],
            "messages":[{"contact_id":"d","author":"person"},{"contact_id":"d","author":"line"}],"peers":[]}"#;
        let heard = news(delta);
        assert_eq!(heard[0], News::Offer { offer: own("o"), contact: own("c"), open: true });
        assert_eq!(heard[1], News::Contact { contact: own("d"), state: At::WrappingUp });
        assert_eq!(heard[2..], [News::Ready(true), News::Written { contact: own("d") }]);
        let refused = r#"{"type":"answer","request_id":"r","code":"refused","reason":"OFFER_NOT_OPEN","message":""}"#;
        assert_eq!(news(refused), [News::Answer { request: own("r"), refused: Some(own("OFFER_NOT_OPEN")) }]);
        assert!(news(r#"{"type":"beat","at_ms":1,"router_ms":2}"#).is_empty());
        let over = serde_json::from_str::<Frame>(r#"{"type":"end","reason":"superseded","message":"m"}"#).unwrap();
        assert_eq!(over.news().unwrap_err().why, "superseded");
        let later = serde_json::from_str::<Frame>(r#"{"type":"later","retry_ms":700}"#).unwrap().news().unwrap_err();
        assert_eq!(later.back_after, Some(Duration::from_millis(700)));
    }
}
