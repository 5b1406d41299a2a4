//! The one that holds the stream: connects, resumes, beats, and carries commands and events between the two sides.

use std::collections::BTreeSet;
use std::time::Duration;

use holdfast_chassis::backoff;
use holdfast_chassis::channel::Line;
use holdfast_proto::desk::v1::desk_service_client::DeskServiceClient;
use holdfast_proto::desk::v1::work_request::{Beat, Say, SignIn};
use holdfast_proto::desk::v1::work_response::Hear;
use holdfast_proto::desk::v1::{WorkRequest, WorkResponse};
use holdfast_proto::router::v1::{DeskContact, Position};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status, Streaming};

use super::pending::{Asked, Pending, Settled};
use super::{ClientSettings, DeskEvent, UNANSWERED_MAX};
use crate::pause::Pause;
use crate::refusal;
use crate::router::FRAME_BYTES_MAX;

/// Requests on their way to the wire, at most; what does not fit is said a little later.
const UNSENT_MAX: usize = 128;

/// How long a command waits when the wire takes no more.
const WIRE_FULL_WAIT: Duration = Duration::from_millis(50);

pub(super) struct Actor {
    client: DeskServiceClient<Line>,
    audio_address: String,
    settings: ClientSettings,
    asks: mpsc::Receiver<Asked>,
    events: mpsc::Sender<DeskEvent>,
    pending: Pending,
    position: Option<Position>,
    signed_in: bool,
    /// The contacts this desk is with, as far as it has heard.
    mine: BTreeSet<String>,
    pause: Pause,
}

/// Why a stream is over, as the client sees it.
enum Over {
    /// Whoever owned the client has gone.
    Abandoned,
    /// The shift is over.
    SignedOff,
    /// Coming back would not help.
    Final(Status),
    /// Try again.
    Broken(Status),
}

struct Stream {
    outbound: mpsc::Sender<WorkRequest>,
    inbound: Streaming<WorkResponse>,
    beat_at: Instant,
    silent_at: Instant,
}

impl Actor {
    pub(super) fn new(
        line: Line,
        audio_address: String,
        settings: ClientSettings,
        asks: mpsc::Receiver<Asked>,
        events: mpsc::Sender<DeskEvent>,
    ) -> Self {
        let pause =
            Pause::new(Duration::from_millis(settings.pause_first_ms), Duration::from_millis(settings.pause_most_ms));
        Self {
            client: DeskServiceClient::new(line).max_decoding_message_size(FRAME_BYTES_MAX),
            audio_address,
            settings,
            asks,
            events,
            pending: Pending::default(),
            position: None,
            signed_in: false,
            mine: BTreeSet::new(),
            pause,
        }
    }

    pub(super) async fn run(mut self) {
        loop {
            let over = match self.connect().await {
                Ok(mut stream) => Box::pin(self.converse(&mut stream)).await,
                Err(status) => over(status),
            };
            let (returns, status) = match over {
                Over::Abandoned => return,
                Over::SignedOff => (false, Status::new(Code::Ok, "signed off")),
                Over::Final(status) => (false, status),
                Over::Broken(status) => (true, status),
            };
            let told = backoff::told(&status);
            let began = std::mem::take(&mut self.signed_in);
            if !returns {
                for answer in self.pending.give_up() {
                    let _ = self.events.send(DeskEvent::Answered(answer)).await;
                }
            }
            if began || !returns {
                let event =
                    DeskEvent::Disconnected { returns, code: status.code(), message: status.message().to_owned() };
                if self.events.send(event).await.is_err() {
                    return;
                }
            }
            if !returns || self.rest(told).await.is_err() {
                return;
            }
        }
    }

    async fn connect(&mut self) -> Result<Stream, Status> {
        let (outbound, requests) = mpsc::channel(UNSENT_MAX);
        let sign_in = Say::SignIn(SignIn {
            audio_address: self.audio_address.clone(),
            from: self.position,
            has_contact: !self.mine.is_empty(),
        });
        let first = WorkRequest { request_id: uuid::Uuid::new_v4().to_string(), say: Some(sign_in) };
        // There is room: the queue was opened on the line above.
        drop(outbound.try_send(first));
        let silence = self.silence();
        let opening = self.client.work(ReceiverStream::new(requests));
        let inbound = match timeout(silence, opening).await {
            Ok(answer) => answer?.into_inner(),
            Err(_) => return Err(Status::deadline_exceeded("the desk service did not answer in time")),
        };
        self.pending.all_due();
        Ok(Stream {
            outbound,
            inbound,
            beat_at: Instant::now() + self.beat(),
            silent_at: Instant::now() + self.silence(),
        })
    }

    async fn converse(&mut self, stream: &mut Stream) -> Over {
        loop {
            self.say_due(&stream.outbound);
            let moment = self.pending.next_moment().unwrap_or(stream.beat_at).min(stream.beat_at);
            tokio::select! {
                heard = stream.inbound.message() => {
                    stream.silent_at = Instant::now() + self.silence();
                    let result = match heard {
                        Ok(Some(response)) => self.hear(response).await,
                        Ok(None) => Err(Over::Broken(Status::unavailable("the desk service ended the stream"))),
                        Err(status) => Err(over(status)),
                    };
                    if let Err(over) = result {
                        return over;
                    }
                    // Reading may have waited for the owner of the events; that was not the service's silence.
                    stream.silent_at = Instant::now() + self.silence();
                }
                asked = self.asks.recv(), if self.pending.len() < UNANSWERED_MAX => match asked {
                    Some(asked) => self.pending.push(asked),
                    None => return Over::Abandoned,
                },
                () = self.events.closed() => return Over::Abandoned,
                () = sleep_until(stream.silent_at) => {
                    return Over::Broken(Status::deadline_exceeded("no word from the desk service"));
                }
                () = sleep_until(moment) => {
                    if Instant::now() >= stream.beat_at {
                        stream.beat_at = Instant::now() + self.beat();
                        let beat = WorkRequest { request_id: String::new(), say: Some(Say::Beat(Beat {})) };
                        // Where the wire is full, other words show that we are there.
                        drop(stream.outbound.try_send(beat));
                    }
                    if let Err(over) = self.expire().await {
                        return over;
                    }
                }
            }
        }
    }

    fn say_due(&mut self, outbound: &mpsc::Sender<WorkRequest>) {
        while let Some(request) = self.pending.due() {
            let request = request.clone();
            let request_id = request.request_id.clone();
            if outbound.try_send(request).is_err() {
                self.pending.postpone(Instant::now() + WIRE_FULL_WAIT);
                return;
            }
            self.pending.said(&request_id);
        }
    }

    async fn hear(&mut self, response: WorkResponse) -> Result<(), Over> {
        let WorkResponse { position, at_ms, hear } = response;
        let event = match hear {
            Some(Hear::SignedIn(signed_in)) => {
                self.signed_in = true;
                self.pause.reset();
                let session = signed_in.session;
                if self.position.is_some() {
                    DeskEvent::Resumed { session }
                } else {
                    let counselor_id = signed_in.counselor_id;
                    DeskEvent::SignedIn { session, counselor_id }
                }
            }
            Some(Hear::Snapshot(snapshot)) => {
                self.mine.clear();
                self.note(&snapshot.contacts);
                DeskEvent::Snapshot { position: position.unwrap_or_default(), at_ms, snapshot }
            }
            Some(Hear::Delta(delta)) => {
                self.note(&delta.contacts);
                DeskEvent::Delta { position: position.unwrap_or_default(), at_ms, delta }
            }
            Some(Hear::Answered(answered)) => match self.pending.settle(answered) {
                Settled::Quietly => return Ok(()),
                Settled::Aloud(answer) => DeskEvent::Answered(answer),
                Settled::ShiftOver(answer) => {
                    if let Some(answer) = answer {
                        self.tell(DeskEvent::Answered(answer)).await?;
                    }
                    return Err(Over::SignedOff);
                }
            },
            Some(Hear::Beat(_)) | None => {
                self.position = position.or(self.position);
                return Ok(());
            }
        };
        self.tell(event).await?;
        // Only what the owner has been given counts as heard.
        self.position = position.or(self.position);
        Ok(())
    }

    /// Keeps in mind whom this desk is with.
    fn note(&mut self, contacts: &[DeskContact]) {
        for contact in contacts {
            if contact.yours {
                self.mine.insert(contact.contact_id.clone());
            } else {
                self.mine.remove(&contact.contact_id);
            }
        }
    }

    async fn tell(&self, event: DeskEvent) -> Result<(), Over> {
        self.events.send(event).await.map_err(|_| Over::Abandoned)
    }

    async fn expire(&mut self) -> Result<(), Over> {
        for answer in self.pending.expire() {
            self.tell(DeskEvent::Answered(answer)).await?;
        }
        Ok(())
    }

    /// Waits before connecting anew, as long as the service asks if it does; commands may be given meanwhile.
    async fn rest(&mut self, told: Option<Duration>) -> Result<(), Over> {
        let until = Instant::now() + told.unwrap_or_else(|| self.pause.next());
        while Instant::now() < until {
            tokio::select! {
                () = sleep_until(until) => {}
                () = self.events.closed() => return Err(Over::Abandoned),
                asked = self.asks.recv(), if self.pending.len() < UNANSWERED_MAX => match asked {
                    Some(asked) => self.pending.push(asked),
                    None => return Err(Over::Abandoned),
                },
            }
        }
        self.expire().await
    }

    fn beat(&self) -> Duration {
        Duration::from_millis(self.settings.beat_ms)
    }

    fn silence(&self) -> Duration {
        Duration::from_millis(self.settings.silence_ms)
    }
}

fn over(status: Status) -> Over {
    let is_final = match status.code() {
        // A newer desk of the same person is at work: coming back would take it away from them.
        Code::Aborted => refusal::reason(&status) == refusal::SUPERSEDED,
        code => crate::router::is_final(code),
    };
    if is_final { Over::Final(status) } else { Over::Broken(status) }
}
