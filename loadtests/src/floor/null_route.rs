//! The null route: one process with the same wire and the same durability as Holdfast, and no decision.
//!
//! The same webhook over the same HTTP server, the same signature check, one record appended and synced, an offer pushed to the desk that
//! has been idle longest over the same gRPC stream, its accept appended and synced, and answered. Nobody is remembered, sealed, queued or
//! given back; nothing is dialed; there are no refusals.

use super::append::Appender;
use crate::installation::PUBLIC_ORIGIN;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use holdfast_carrier_codec::secret::Secret;
use holdfast_carrier_codec::twilio::signature::{Keyring, SignatureHeaders};
use holdfast_proto::desk::v1::desk_service_server::{DeskService, DeskServiceServer};
use holdfast_proto::desk::v1::work_request::Say;
use holdfast_proto::desk::v1::work_response::{Answered, Hear, SignedIn};
use holdfast_proto::desk::v1::{WorkRequest, WorkResponse};
use holdfast_proto::router::v1::{
    ContactState, DeskContact, DeskDelta, DeskOffer, DeskSelf, OfferState, Position, Presence, Readiness,
};
use http::{HeaderMap, StatusCode, Uri};
use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tonic::{Request, Status, Streaming};

/// What one desk has not read yet.
const UNREAD_MOST: usize = 256;

type Mouth = mpsc::Sender<Result<WorkResponse, Status>>;

/// Who is idle, who has whom, and who waits because nobody was idle.
#[derive(Default)]
struct Hall {
    idle: VecDeque<Mouth>,
    waiting: VecDeque<String>,
    with: HashMap<String, (String, Mouth)>,
}

struct Floor {
    appender: Appender,
    keyring: Keyring,
    hall: Mutex<Hall>,
    sequence: AtomicU64,
}

impl Floor {
    fn response(&self, hear: Hear) -> WorkResponse {
        let sequence = self.sequence.fetch_add(1, Ordering::Relaxed);
        WorkResponse { position: Some(Position { epoch: 1, sequence }), at_ms: sequence, hear: Some(hear) }
    }

    /// Offers whoever waits to whoever is idle.
    fn push(&self, arrived: Option<String>, idle: Option<Mouth>) {
        let mut hall = self.hall.lock().unwrap_or_else(PoisonError::into_inner);
        hall.waiting.extend(arrived);
        hall.idle.extend(idle);
        while let (Some(contact), true) = (hall.waiting.front().cloned(), !hall.idle.is_empty()) {
            hall.waiting.pop_front();
            let Some(mouth) = hall.idle.pop_front() else { return };
            let offer = DeskOffer {
                offer_id: contact.clone(),
                contact_id: contact.clone(),
                state: OfferState::Open.into(),
                language: "en".to_owned(),
                ..DeskOffer::default()
            };
            let delta = DeskDelta { offers: vec![offer], ..DeskDelta::default() };
            // A desk that is gone or does not read is out of the floor's run.
            let _ = mouth.try_send(Ok(self.response(Hear::Delta(delta))));
            hall.with.insert(contact.clone(), (contact, mouth));
        }
    }

    fn hang_up(&self, contact: &str) {
        let taken = self.hall.lock().unwrap_or_else(PoisonError::into_inner).with.remove(contact);
        let Some((contact_id, mouth)) = taken else { return };
        let gone = DeskContact { contact_id, state: ContactState::Closed.into(), ..DeskContact::default() };
        let delta = DeskDelta { contacts: vec![gone], ..DeskDelta::default() };
        let _ = mouth.try_send(Ok(self.response(Hear::Delta(delta))));
        self.push(None, Some(mouth));
    }
}

/// A contact's id made of the carrier's id of the call, so that the hang-up finds it.
fn contact_of(call: &str) -> String {
    call.strip_prefix("CA").unwrap_or(call).to_owned()
}

async fn receive(State(floor): State<Arc<Floor>>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let path = uri.path_and_query().map_or("/", |it| it.as_str());
    let signed = SignatureHeaders::collect(headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())));
    let Ok(signed) = signed else { return StatusCode::BAD_REQUEST.into_response() };
    let Ok(verified) = floor.keyring.verify_form(&format!("{PUBLIC_ORIGIN}{path}"), &signed, &body) else {
        return StatusCode::FORBIDDEN.into_response();
    };
    let call = verified.form().pairs().iter().find(|(name, _)| name == "CallSid");
    let Some(contact) = call.map(|(_, call)| contact_of(call)) else { return StatusCode::BAD_REQUEST.into_response() };
    if path.ends_with("/status") {
        floor.hang_up(&contact);
        return StatusCode::NO_CONTENT.into_response();
    }
    let (tell, told) = oneshot::channel();
    let (pushed, of) = (Arc::clone(&floor), contact.clone());
    floor.appender.append(Box::new(move || {
        let _ = tell.send(());
        pushed.push(Some(of), None);
    }));
    if told.await.is_err() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let document = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response><Dial><Conference participantLabel=\"person-{contact}\" \
         beep=\"false\" startConferenceOnEnter=\"false\" endConferenceOnExit=\"true\">contact-{contact}</Conference></Dial></Response>"
    );
    ([(http::header::CONTENT_TYPE, "text/xml; charset=utf-8")], document).into_response()
}

struct Reception {
    floor: Arc<Floor>,
}

#[tonic::async_trait]
impl DeskService for Reception {
    type WorkStream = ReceiverStream<Result<WorkResponse, Status>>;

    async fn work(
        &self,
        request: Request<Streaming<WorkRequest>>,
    ) -> Result<tonic::Response<Self::WorkStream>, Status> {
        let (mouth, said) = mpsc::channel(UNREAD_MOST);
        let floor = Arc::clone(&self.floor);
        tokio::spawn(async move {
            let mut inbound = request.into_inner();
            while let Ok(Some(WorkRequest { request_id, say: Some(say) })) = inbound.message().await {
                hear(&floor, &mouth, request_id, say);
            }
        });
        Ok(tonic::Response::new(ReceiverStream::new(said)))
    }
}

fn hear(floor: &Arc<Floor>, mouth: &Mouth, request_id: String, say: Say) {
    let answered = Answered { request_id, code: 0, reason: String::new(), message: String::new() };
    match say {
        Say::SignIn(_) => {
            let signed_in = SignedIn { session: 1, counselor_id: "floor".to_owned() };
            let _ = mouth.try_send(Ok(floor.response(Hear::SignedIn(signed_in))));
        }
        Say::SetReadiness(_) => {
            let (presence, readiness) = (Presence::Connected.into(), Readiness::Available.into());
            let own = DeskSelf { presence, readiness, session: 1, ..DeskSelf::default() };
            let delta = DeskDelta { self_: Some(own), ..DeskDelta::default() };
            let _ = mouth.try_send(Ok(floor.response(Hear::Delta(delta))));
            floor.push(None, Some(mouth.clone()));
        }
        Say::AcceptOffer(_) => {
            let (floor, mouth) = (Arc::clone(floor), mouth.clone());
            let told = Arc::clone(&floor);
            floor.appender.append(Box::new(move || {
                let _ = mouth.try_send(Ok(told.response(Hear::Answered(answered))));
            }));
        }
        // What is measured of the wire alone.
        Say::WriteNote(_) => drop(mouth.try_send(Ok(floor.response(Hear::Answered(answered))))),
        _ => {}
    }
}

/// Serves until the process ends; `say` is told where HTTP and gRPC are.
///
/// # Errors
/// If the file cannot be made, the token is of no use, or nothing can be listened on.
pub async fn serve(
    file: &Path,
    record_bytes: usize,
    auth_token: &str,
    say: impl FnOnce(SocketAddr, SocketAddr),
) -> io::Result<()> {
    let refused = |error: &dyn std::fmt::Display| io::Error::new(io::ErrorKind::InvalidInput, error.to_string());
    let secret = Secret::new(auth_token).map_err(|error| refused(&error))?;
    let keyring = Keyring::new(vec![secret], Vec::new()).map_err(|error| refused(&error))?;
    let floor = Arc::new(Floor {
        appender: Appender::start(file, record_bytes)?,
        keyring,
        hall: Mutex::default(),
        sequence: AtomicU64::new(1),
    });
    let web = TcpListener::bind("127.0.0.1:0").await?;
    let desks = TcpListener::bind("127.0.0.1:0").await?;
    say(web.local_addr()?, desks.local_addr()?);
    let routes = axum::Router::new().fallback(receive).with_state(Arc::clone(&floor));
    let service = DeskServiceServer::new(Reception { floor });
    let grpc = tonic::transport::Server::builder().add_service(service);
    // The builder's own setting is not for connections that are given to it.
    let desks = TcpListenerStream::new(desks).map(|stream| {
        let stream = stream?;
        stream.set_nodelay(true)?;
        io::Result::Ok(stream)
    });
    let grpc = grpc.serve_with_incoming(desks);
    // Without it a small answer waits for the acknowledgement of the one before.
    let prompt = |stream: &mut tokio::net::TcpStream| drop(stream.set_nodelay(true));
    let web = axum::serve(axum::serve::ListenerExt::tap_io(web, prompt), routes);
    tokio::try_join!(async { web.await }, async { grpc.await.map_err(io::Error::other) }).map(drop)
}
