//! A gRPC stream at a desk: its first word takes the seat, its last word is a status.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use holdfast_chassis::access::Principal;
use holdfast_proto::desk::v1::work_request::Say;
use holdfast_proto::desk::v1::{WorkRequest, WorkResponse};
use tonic::{Status, Streaming};

use crate::inbound::{Inbound, Stream};
use crate::metrics;
use crate::outgoing::{Hearing, Outgoing, open};
use crate::refusal;
use crate::session::{End, Shared, Start};
use crate::validate;

/// What a gRPC desk hears.
pub struct Responses(Hearing);

/// Begins a session and answers what the desk will hear.
pub(crate) fn begin(shared: &Shared, who: Principal, requests: Streaming<WorkRequest>) -> Responses {
    let (out, last_word, hearing) = open(shared.settings.unread(), Some(shared.settings.beat()));
    let guard = shared.shutdown.guard("desk");
    let shared = shared.clone();
    let mut inbound = Stream { requests, silence: shared.settings.silence() };
    tokio::spawn(async move {
        let end = match sign_in(&shared, who, &mut inbound, &out).await {
            Ok(start) => Box::pin(shared.sit(start, inbound, &out, guard)).await,
            Err(end) => end,
        };
        metrics::ended(end.name());
        // Nobody listens any more if the connection is gone.
        let _ = last_word.send(end);
    });
    Responses(hearing)
}

async fn sign_in(shared: &Shared, who: Principal, inbound: &mut Stream, out: &Outgoing) -> Result<Start, End> {
    let first = tokio::select! {
        first = inbound.next() => first?.ok_or(End::Left)?,
        () = shared.shutdown.wait() => return Err(End::Restarting),
    };
    let Some(Say::SignIn(sign_in)) = first.say else {
        return Err(End::Refused(refusal::field("sign_in", "must be the first word of a stream")));
    };
    let checked = validate::request_id(&first.request_id).and_then(|()| validate::sign_in(&sign_in));
    if let Err(wrong) = checked {
        return Err(End::Refused(refusal::field(wrong.field, wrong.message)));
    }
    shared.pace.enter(sign_in.has_contact).map_err(End::Later)?;
    let Ok(seat) = shared.registry.seat(&who.name, out.here()) else {
        return Err(End::Refused(refusal::desks_full(shared.settings.desks_max)));
    };
    Ok(Start { who, seat, audio_address: sign_in.audio_address, from: sign_in.from })
}

fn last_word(end: End) -> Option<Status> {
    match end {
        End::Left | End::SignedOff => None,
        End::Silent => Some(refusal::silent()),
        End::TooSlow => Some(refusal::too_slow()),
        End::Superseded | End::Elsewhere => Some(refusal::superseded()),
        End::Restarting => Some(refusal::restarting()),
        End::Later(after) => Some(refusal::later(after)),
        End::Refused(status) => Some(status),
    }
}

impl futures_util::Stream for Responses {
    type Item = Result<WorkResponse, Status>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match ready!(self.0.poll(context)) {
            Some(Ok(response)) => Poll::Ready(Some(Ok(response))),
            Some(Err(end)) => Poll::Ready(last_word(end).map(Err)),
            None => Poll::Ready(None),
        }
    }
}
