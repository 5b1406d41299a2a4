//! What goes to the desk: one bounded queue, a last word, and the patience after which a desk that does not read is cut.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::FutureExt;
use holdfast_proto::desk::v1::work_response::Hear;
use holdfast_proto::desk::v1::{WorkResponse, work_response};
use holdfast_proto::router::v1::Position;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout};

use crate::here::Here;
use crate::session::End;

/// Messages that wait for one desk, at most. A desk that lets them stand is cut and resumes: nothing is dropped in between.
pub(crate) const UNREAD_MAX: usize = 256;

/// The service's end.
pub(crate) struct Outgoing {
    queue: mpsc::Sender<WorkResponse>,
    here: Arc<Here>,
    unread: Duration,
    beat: Option<Duration>,
    sent: Mutex<Instant>,
}

/// The wire's end: the queue, then the last word.
pub(crate) struct Hearing {
    queue: mpsc::Receiver<WorkResponse>,
    last: Option<oneshot::Receiver<End>>,
    /// How it ended, while there is something to be heard before.
    ended: Option<End>,
}

/// Opens both ends. Beats go out every `beat` if nothing else does; without one the wire beats by itself. What is sent to the last-word
/// sender is heard after everything queued; dropping it ends it well.
pub(crate) fn open(unread: Duration, beat: Option<Duration>) -> (Outgoing, oneshot::Sender<End>, Hearing) {
    let (queue, receiver) = mpsc::channel(UNREAD_MAX);
    let (last, last_receiver) = oneshot::channel();
    let outgoing = Outgoing { queue, here: Arc::default(), unread, beat, sent: Mutex::new(Instant::now()) };
    let hearing = Hearing { queue: receiver, last: Some(last_receiver), ended: None };
    (outgoing, last, hearing)
}

impl Outgoing {
    /// Where the desk stands.
    pub(crate) fn here(&self) -> &Arc<Here> {
        &self.here
    }

    /// Says something that moves nothing.
    pub(crate) async fn say(&self, hear: Hear) -> Result<(), End> {
        self.put(None, hear).await
    }

    /// Says something that leaves the desk at a new place.
    pub(crate) async fn advance(&self, place: Position, at_ms: u64, hear: Hear) -> Result<(), End> {
        self.put(Some((place, at_ms)), hear).await
    }

    async fn put(&self, step: Option<(Position, u64)>, hear: Hear) -> Result<(), End> {
        // The place is read only once there is room, so that what goes out never says an older place than what went before.
        let room = match timeout(self.unread, self.queue.reserve()).await {
            Ok(Ok(room)) => room,
            Ok(Err(_)) => return Err(End::Left),
            Err(_) => return Err(End::TooSlow),
        };
        if let Some((place, at_ms)) = step {
            self.here.advance(place, at_ms);
        }
        room.send(WorkResponse { position: self.here.place(), at_ms: self.here.at_ms(), hear: Some(hear) });
        *self.sent.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        Ok(())
    }

    /// Beats because the router did, unless something was said just now: the session is awake already, and ten thousand of them are
    /// woken once for a beat and not twice.
    pub(crate) async fn beat_along(&self) -> Result<(), End> {
        match self.beat {
            Some(every) if self.sent().elapsed() >= every / 2 => self.beat().await,
            _ => Ok(()),
        }
    }

    /// Beats whenever nothing else was said for a little longer than that, as when the router is silent; ends when the desk is gone.
    pub(crate) async fn keep_beating(&self) -> End {
        let Some(every) = self.beat else {
            self.queue.closed().await;
            return End::Left;
        };
        let longest = every + every / 4;
        loop {
            tokio::select! {
                () = self.queue.closed() => return End::Left,
                () = tokio::time::sleep_until(self.sent() + longest) => {}
            }
            if self.sent().elapsed() >= longest
                && let Err(end) = self.beat().await
            {
                return end;
            }
        }
    }

    async fn beat(&self) -> Result<(), End> {
        self.say(Hear::Beat(work_response::Beat {})).await
    }

    fn sent(&self) -> Instant {
        *self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hearing {
    /// The next response, then once how it ended, then nothing.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<WorkResponse, End>>> {
        if let Some(response) = ready!(self.queue.poll_recv(context)) {
            return Poll::Ready(Some(Ok(response)));
        }
        let Some(last) = self.last.as_mut() else {
            return Poll::Ready(None);
        };
        let end = ready!(last.poll_unpin(context));
        self.last = None;
        Poll::Ready(end.ok().map(Err))
    }

    /// The same to wait for, but for a desk that another has taken: it hears nothing more, also not what was on its way.
    /// Cancel-safe.
    pub(crate) async fn next(&mut self) -> Result<WorkResponse, End> {
        poll_fn(|context| {
            if let Some(last) = self.last.as_mut()
                && let Poll::Ready(end) = last.poll_unpin(context)
            {
                self.last = None;
                self.ended = end.ok();
            }
            match (&self.ended, self.last.is_some()) {
                (Some(End::Superseded | End::Elsewhere), _) => Poll::Ready(self.ended.take().map(Err)),
                (_, true) => match self.queue.poll_recv(context) {
                    Poll::Ready(Some(response)) => Poll::Ready(Some(Ok(response))),
                    // How it ended is still to come.
                    Poll::Ready(None) | Poll::Pending => Poll::Pending,
                },
                (_, false) => {
                    let response = ready!(self.queue.poll_recv(context));
                    Poll::Ready(response.map(Ok).or_else(|| self.ended.take().map(Err)))
                }
            }
        })
        .await
        .unwrap_or(Err(End::Left))
    }
}
