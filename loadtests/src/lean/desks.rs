//! Desks that answer at once: each a real stream of its own, many of them over few connections.
//!
//! A desk accepts what is offered, in the moment it is told, and says what it was told and when. What is measured with it is for
//! [`crate::compare`] to say.

use crate::installation::Member;
use holdfast_proto::desk::v1::desk_service_client::DeskServiceClient;
use holdfast_proto::desk::v1::work_request::{Beat, Say, SignIn};
use holdfast_proto::desk::v1::work_response::Hear;
use holdfast_proto::desk::v1::{WorkRequest, WorkResponse};
use holdfast_proto::router::v1::{
    AcceptOffer, ContactState, DeskContact, DeskOffer, FinishWrapUp, OfferState, Readiness, SetReadiness,
};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio_stream::wrappers::ReceiverStream;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status, Streaming};

/// Desks that share a connection.
const DESKS_A_CONNECTION: usize = 250;
/// Requests on their way to the wire.
const UNSENT_MOST: usize = 8;
/// How often a desk shows that it is there.
const BEAT: Duration = Duration::from_secs(2);
/// How long everybody's sign-in may take.
const SIGN_IN_MOST: Duration = Duration::from_secs(60);
/// What desks have said and nobody has heard yet; beyond it they wait, and are late.
pub const HEARD_MOST: usize = 65_536;

/// What a desk says of itself.
#[derive(Clone, Debug)]
pub enum Heard {
    /// Somebody was offered.
    Told {
        /// Which desk, by its number.
        desk: usize,
        /// Who.
        contact: String,
        /// When the desk knew.
        at: Instant,
    },
    /// The accept is durable.
    Taken {
        /// Which desk.
        desk: usize,
        /// Who.
        contact: String,
        /// When the desk knew.
        at: Instant,
    },
    /// The contact is to be written up.
    WritingUp {
        /// Which desk.
        desk: usize,
        /// Who.
        contact: String,
    },
    /// The desk has nobody any more.
    Free {
        /// Which desk.
        desk: usize,
    },
    /// An accept was refused, or the stream broke.
    Failed {
        /// Which desk.
        desk: usize,
        /// Why: a reason of the wire, never of a person.
        why: String,
    },
}

/// Desks at work until dropped.
#[derive(Debug)]
pub struct Desks {
    says: Vec<mpsc::Sender<WorkRequest>>,
    names: Vec<String>,
    signed_in: Arc<AtomicUsize>,
    _streams: JoinSet<()>,
}

impl Desks {
    /// Signs everybody in and makes them available. What they hear comes out of the receiver; one permit is added to `room` with each
    /// accept that is durable.
    ///
    /// # Errors
    /// If there is no connection, or not all are signed in within a minute.
    pub async fn sign_in(
        at: SocketAddr,
        members: &[Member],
        room: Option<Arc<Semaphore>>,
    ) -> Result<(Self, mpsc::Receiver<Heard>), Status> {
        let (tell, mut heard) = mpsc::channel(HEARD_MOST);
        let signed_in = Arc::new(AtomicUsize::new(0));
        let mut streams = JoinSet::new();
        let mut says = Vec::with_capacity(members.len());
        let mut channel = connect(at).await?;
        for (number, member) in members.iter().enumerate() {
            if number % DESKS_A_CONNECTION == 0 && number > 0 {
                channel = connect(at).await?;
            }
            let (say, requests) = mpsc::channel(UNSENT_MOST);
            let desk = Desk {
                number,
                name: member.name.clone(),
                say: say.clone(),
                tell: tell.clone(),
                room: room.clone(),
                signed_in: Arc::clone(&signed_in),
                counted: false,
                open: None,
            };
            says.push(say);
            let stream = open(channel.clone(), member, requests);
            streams.spawn(desk.work(member.address.clone(), stream));
        }
        let names = members.iter().map(|it| it.name.clone()).collect();
        let desks = Self { says, names, signed_in, _streams: streams };
        let began = Instant::now();
        while desks.signed_in.load(Ordering::Relaxed) < members.len() {
            if let Ok(Heard::Failed { desk, why }) = heard.try_recv() {
                return Err(Status::aborted(format!("desk {desk} could not sign in: {why}")));
            }
            if began.elapsed() > SIGN_IN_MOST {
                let had = desks.signed_in.load(Ordering::Relaxed);
                return Err(Status::deadline_exceeded(format!("only {had} desks are signed in after a minute")));
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok((desks, heard))
    }

    /// A desk has written up.
    pub async fn finish(&self, desk: usize, contact: String) {
        let (Some(say), Some(name)) = (self.says.get(desk), self.names.get(desk)) else { return };
        let finish = FinishWrapUp { counselor_id: name.clone(), contact_id: contact };
        // A desk whose stream is over has said so.
        let _ = say.send(request(Say::FinishWrapUp(finish))).await;
    }
}

/// A connection to a desk service.
pub(crate) async fn connect(at: SocketAddr) -> Result<Channel, Status> {
    let endpoint = Endpoint::from_shared(format!("http://{at}"));
    let endpoint = endpoint.map_err(|_| Status::invalid_argument("the desk address is no address"))?;
    let connected = endpoint.tcp_nodelay(true).connect().await;
    connected.map_err(|error| Status::unavailable(error.to_string()))
}

fn request(say: Say) -> WorkRequest {
    WorkRequest { request_id: uuid::Uuid::new_v4().to_string(), say: Some(say) }
}

fn open(
    channel: Channel,
    member: &Member,
    requests: mpsc::Receiver<WorkRequest>,
) -> impl Future<Output = Result<Streaming<WorkResponse>, Status>> + use<> {
    let token = format!("Bearer {}", member.token).parse::<MetadataValue<Ascii>>();
    async move {
        let token = token.map_err(|_| Status::invalid_argument("the token does not fit into a header"))?;
        let mut request = Request::new(ReceiverStream::new(requests));
        request.metadata_mut().insert("authorization", token);
        Ok(DeskServiceClient::new(channel).work(request).await?.into_inner())
    }
}

struct Desk {
    number: usize,
    name: String,
    say: mpsc::Sender<WorkRequest>,
    tell: mpsc::Sender<Heard>,
    room: Option<Arc<Semaphore>>,
    signed_in: Arc<AtomicUsize>,
    counted: bool,
    /// The accept on its way: its request and whom it is for.
    open: Option<(String, String)>,
}

impl Desk {
    async fn work(
        mut self,
        address: String,
        stream: impl Future<Output = Result<Streaming<WorkResponse>, Status>> + Send,
    ) {
        // There is room: nothing was said yet.
        let _ = self.say.try_send(request(Say::SignIn(SignIn { audio_address: address, ..SignIn::default() })));
        if let Err(status) = self.converse(stream).await {
            let why = format!("{:?} {}", status.code(), status.message());
            let _ = self.tell.send(Heard::Failed { desk: self.number, why }).await;
        }
    }

    async fn converse(
        &mut self,
        stream: impl Future<Output = Result<Streaming<WorkResponse>, Status>> + Send,
    ) -> Result<(), Status> {
        let mut stream = stream.await?;
        let mut beat = tokio::time::interval(BEAT);
        loop {
            tokio::select! {
                heard = stream.message() => match heard? {
                    Some(response) => self.hear(response).await,
                    None => return Err(Status::aborted("the stream ended")),
                },
                _ = beat.tick() => drop(self.say.try_send(request(Say::Beat(Beat {})))),
            }
        }
    }

    async fn hear(&mut self, response: WorkResponse) {
        match response.hear {
            Some(Hear::SignedIn(_)) => {
                let ready = SetReadiness {
                    counselor_id: self.name.clone(),
                    readiness: Readiness::Available.into(),
                    channels: Vec::new(),
                };
                let _ = self.say.send(request(Say::SetReadiness(ready))).await;
            }
            Some(Hear::Snapshot(snapshot)) => self.look(snapshot.offers, snapshot.contacts).await,
            Some(Hear::Delta(delta)) => {
                if delta.self_.is_some_and(|it| it.readiness() == Readiness::Available) {
                    self.count_in();
                }
                self.look(delta.offers, delta.contacts).await;
            }
            Some(Hear::Answered(answered)) => {
                let Some((_, contact)) = self.open.take_if(|(id, _)| *id == answered.request_id) else { return };
                let said = if answered.code == 0 {
                    if let Some(room) = &self.room {
                        room.add_permits(1);
                    }
                    Heard::Taken { desk: self.number, contact, at: Instant::now() }
                } else {
                    Heard::Failed { desk: self.number, why: answered.reason }
                };
                let _ = self.tell.send(said).await;
            }
            Some(Hear::Beat(_)) | None => {}
        }
    }

    fn count_in(&mut self) {
        if !std::mem::replace(&mut self.counted, true) {
            self.signed_in.fetch_add(1, Ordering::Relaxed);
        }
    }

    async fn look(&mut self, offers: Vec<DeskOffer>, contacts: Vec<DeskContact>) {
        for offer in offers.into_iter().filter(|it| it.state() == OfferState::Open) {
            let at = Instant::now();
            let accept = AcceptOffer { counselor_id: self.name.clone(), offer_id: offer.offer_id };
            let accept = request(Say::AcceptOffer(accept));
            self.open = Some((accept.request_id.clone(), offer.contact_id.clone()));
            let _ = self.say.send(accept).await;
            let _ = self.tell.send(Heard::Told { desk: self.number, contact: offer.contact_id, at }).await;
        }
        for contact in contacts {
            let said = match contact.state() {
                ContactState::WrappingUp => Heard::WritingUp { desk: self.number, contact: contact.contact_id },
                ContactState::Closed => Heard::Free { desk: self.number },
                _ => continue,
            };
            let _ = self.tell.send(said).await;
        }
    }
}
