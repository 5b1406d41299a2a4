//! One counselor's line to the desk service: connects, resumes, beats, and carries words both ways until the shift is stopped.

use super::mind::Mind;
use super::{CounselorScript, Tally};
use crate::clock::RunClock;
use crate::prng::Prng;
use holdfast_proto::desk::v1::desk_service_client::DeskServiceClient;
use holdfast_proto::desk::v1::work_request::{Beat, Say, SignIn};
use holdfast_proto::desk::v1::{WorkRequest, WorkResponse};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, sleep_until, timeout};
use tokio_stream::wrappers::ReceiverStream;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::Endpoint;
use tonic::{Code, Request, Status, Streaming};

/// Requests on their way to the wire, at most; what does not fit is said a little later.
const UNSENT_MOST: usize = 64;
/// How often a desk shows that it is there.
const BEAT_MS: u64 = 2_000;
/// How long a service may be silent before the desk leaves the stream and comes back; also how long it may take to connect.
const SILENCE_MS: u64 = 6_000;
/// How long a desk rests before it connects anew: at first, and at most.
const REST_MS: (u64, u64) = (50, 2_000);

/// What the run tells its counselors.
pub(super) struct Signals {
    pub(super) uri: watch::Receiver<String>,
    pub(super) hurry: watch::Receiver<bool>,
    pub(super) stop: watch::Receiver<bool>,
}

pub(super) struct Line {
    script: CounselorScript,
    mind: Mind,
    clock: RunClock,
    signals: Signals,
    tally: Arc<Tally>,
    counted_in: bool,
    counted_busy: bool,
    rest_ms: u64,
    /// For how long the desk leaves its line of its own accord.
    away_ms: Option<u64>,
    jitter: Prng,
}

struct Stream {
    outbound: mpsc::Sender<WorkRequest>,
    inbound: Streaming<WorkResponse>,
    beat_at_ms: u64,
    silent_at_ms: u64,
}

impl Line {
    pub(super) fn new(
        script: CounselorScript,
        mind: Mind,
        clock: RunClock,
        signals: Signals,
        tally: Arc<Tally>,
    ) -> Self {
        let jitter = Prng::keyed(0, &["line", &script.name]);
        let rest_ms = REST_MS.0;
        Self {
            script,
            mind,
            clock,
            signals,
            tally,
            counted_in: false,
            counted_busy: false,
            rest_ms,
            away_ms: None,
            jitter,
        }
    }

    /// Works until the run stops its counselors, or is gone.
    pub(super) async fn run(mut self) {
        let Ok(token) = format!("Bearer {}", self.script.token).parse::<MetadataValue<Ascii>>() else {
            tracing::error!(counselor = self.script.name, "this counselor's token does not fit into a header");
            return;
        };
        let mut stop = self.signals.stop.clone();
        tokio::select! {
            () = stopped(&mut stop) => {}
            () = Box::pin(self.work(&token)) => {}
        }
        self.leave();
    }

    async fn work(&mut self, token: &MetadataValue<Ascii>) {
        loop {
            let uri = self.signals.uri.borrow_and_update().clone();
            let over = match self.connect(uri, token).await {
                Ok(stream) => self.converse(stream).await,
                Err(status) => Some(status),
            };
            self.leave();
            if let Some(status) = over {
                tracing::debug!(counselor = self.script.name, code = ?status.code(), "a desk's stream is over");
                // Many came at once, and the service says whose turn is when.
                let told =
                    status.metadata().get("grpc-retry-pushback-ms").and_then(|told| told.to_str().ok()?.parse().ok());
                self.away_ms = self.away_ms.or(told);
                if matches!(status.code(), Code::OutOfRange | Code::InvalidArgument) {
                    self.mind.forget_position();
                }
            }
            let rest_ms = self.jitter.between(self.rest_ms / 2, self.rest_ms);
            let rest_ms = self.away_ms.take().unwrap_or(rest_ms);
            self.rest_ms = self.rest_ms.saturating_mul(2).min(REST_MS.1);
            tokio::select! {
                () = sleep(Duration::from_millis(rest_ms)) => {}
                _ = self.signals.uri.changed() => self.rest_ms = REST_MS.0,
            }
        }
    }

    async fn connect(&self, uri: String, token: &MetadataValue<Ascii>) -> Result<Stream, Status> {
        let endpoint = Endpoint::from_shared(uri)
            .map_err(|_| Status::invalid_argument("the desk address is no address"))?
            .tcp_nodelay(true);
        let (outbound, requests) = mpsc::channel(UNSENT_MOST);
        let sign_in = SignIn {
            audio_address: self.script.audio_address.clone(),
            from: self.mind.position(),
            has_contact: self.mind.is_busy(),
        };
        let request_id = uuid::Uuid::new_v4().to_string();
        let first = WorkRequest { request_id, say: Some(Say::SignIn(sign_in)) };
        // There is room: the queue was opened above.
        drop(outbound.try_send(first));
        let mut request = Request::new(ReceiverStream::new(requests));
        request.metadata_mut().insert("authorization", token.clone());
        let opening = async {
            let channel = endpoint.connect().await.map_err(|error| Status::unavailable(error.to_string()))?;
            DeskServiceClient::new(channel).work(request).await
        };
        let inbound = timeout(Duration::from_millis(SILENCE_MS), opening)
            .await
            .map_err(|_| Status::deadline_exceeded("the desk service did not answer in time"))??
            .into_inner();
        let now_ms = self.clock.now_ms();
        Ok(Stream { outbound, inbound, beat_at_ms: now_ms + BEAT_MS, silent_at_ms: now_ms + SILENCE_MS })
    }

    /// Until the stream is over; with a status if the service or the wire ended it.
    async fn converse(&mut self, mut stream: Stream) -> Option<Status> {
        loop {
            if *self.signals.hurry.borrow_and_update() {
                self.mind.hurry();
            }
            self.mind.act();
            if let Some(away_ms) = self.mind.loses_line() {
                self.away_ms = Some(away_ms);
                return None;
            }
            self.mind.say_due(|request| stream.outbound.try_send(request).is_ok());
            self.count();
            let moment_ms = stream.beat_at_ms.min(stream.silent_at_ms);
            let moment_ms = self.mind.next_ms().map_or(moment_ms, |next_ms| next_ms.min(moment_ms));
            tokio::select! {
                heard = stream.inbound.message() => match heard {
                    Ok(Some(response)) => {
                        stream.silent_at_ms = self.clock.now_ms() + SILENCE_MS;
                        self.mind.hear(response);
                        if self.mind.is_signed_in() {
                            self.rest_ms = REST_MS.0;
                        }
                    }
                    Ok(None) => return None,
                    Err(status) => return Some(status),
                },
                _ = self.signals.uri.changed() => {
                    // The new place is tried at once.
                    self.signals.uri.mark_changed();
                    return None;
                }
                Ok(()) = self.signals.hurry.changed() => {}
                () = sleep_until(self.clock.instant_at(moment_ms).into()) => {
                    let now_ms = self.clock.now_ms();
                    if now_ms >= stream.silent_at_ms {
                        return Some(Status::deadline_exceeded("no word from the desk service"));
                    }
                    if now_ms >= stream.beat_at_ms {
                        stream.beat_at_ms = now_ms + BEAT_MS;
                        let beat = WorkRequest { request_id: String::new(), say: Some(Say::Beat(Beat {})) };
                        // Where the wire is full, other words show that the desk is there.
                        drop(stream.outbound.try_send(beat));
                    }
                }
            }
        }
    }

    fn leave(&mut self) {
        self.mind.stream_over();
        self.count();
    }

    fn count(&mut self) {
        let signed_in = self.mind.is_signed_in();
        let busy = self.mind.is_busy();
        tally(&self.tally.signed_in, &mut self.counted_in, signed_in);
        tally(&self.tally.busy, &mut self.counted_busy, busy);
    }
}

fn tally(number: &AtomicUsize, counted: &mut bool, now: bool) {
    match (std::mem::replace(counted, now), now) {
        (false, true) => drop(number.fetch_add(1, Ordering::Relaxed)),
        (true, false) => drop(number.fetch_sub(1, Ordering::Relaxed)),
        _ => {}
    }
}

/// Resolves once the run has stopped its counselors or is gone.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    drop(stop.wait_for(|stop| *stop).await);
}
