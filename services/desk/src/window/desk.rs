//! The session of a window that has the lease, as the window sees it.

use std::collections::BTreeSet;
use std::sync::Arc;

use holdfast_proto::desk::v1::work_request::Say;
use holdfast_proto::desk::v1::work_response::{Answered, Hear};
use holdfast_proto::desk::v1::{WorkRequest, WorkResponse};
use tokio::sync::mpsc;
use tonic::Code;

use super::{SignedIn, Window};
use crate::here::Here;
use crate::listen::ORDERS_MAX;
use crate::metrics;
use crate::outgoing::{Hearing, open};
use crate::refusal;
use crate::registry::{Full, Seat};
use crate::session::{End, Shared, Start};
use crate::wire::Frame;

/// A running session.
pub(super) struct Desk {
    say: mpsc::Sender<Result<WorkRequest, End>>,
    hearing: Hearing,
    here: Arc<Here>,
    pub(super) session: u64,
    /// Commands that are not answered yet. Bounded by the session, which takes [`ORDERS_MAX`] in its line and as many before it.
    asked: BTreeSet<String>,
    /// Why the next snapshot is one.
    resync: &'static str,
}

/// Where a seat comes from.
#[derive(Clone, Copy)]
pub(super) enum Wanted {
    /// Only if it is free.
    Free,
    /// From whoever has it.
    Taken,
}

impl Desk {
    /// Takes the seat and begins; none if another has it and it is not to be taken.
    pub(super) fn begin(
        shared: &Shared,
        who: &holdfast_chassis::access::Principal,
        signed_in: &mut SignedIn,
        wanted: Wanted,
    ) -> Result<Option<Self>, Full> {
        // A window beats in words of its own.
        let (out, last_word, hearing) = open(shared.settings.unread(), None);
        let here = Arc::clone(out.here());
        let seat: Option<Seat> = match wanted {
            Wanted::Free => shared.registry.seat_if_free(&who.name, &here)?,
            Wanted::Taken => Some(shared.registry.seat(&who.name, &here)?),
        };
        let Some(seat) = seat else { return Ok(None) };
        here.spoken();
        let session = seat.session;
        let from = signed_in.from.take();
        let audio_address = signed_in.audio_address.clone();
        let start = Start { who: who.clone(), seat, audio_address, from };
        let (say, said) = mpsc::channel(ORDERS_MAX);
        let guard = shared.shutdown.guard("desk");
        let shared = shared.clone();
        tokio::spawn(async move {
            let end = Box::pin(shared.sit(start, said, &out, guard)).await;
            metrics::ended(end.name());
            // Nobody listens any more if the window is gone.
            let _ = last_word.send(end);
        });
        let resync = if from.is_some() { "too_far" } else { "sign_in" };
        Ok(Some(Self { say, hearing, here, session, asked: BTreeSet::new(), resync }))
    }

    pub(super) fn here(&self) -> Arc<Here> {
        Arc::clone(&self.here)
    }

    pub(super) async fn hear(&mut self) -> Result<WorkResponse, End> {
        self.hearing.next().await
    }

    /// Gives a command to the session; false if its line is full.
    pub(super) fn say(&self, request: WorkRequest) -> bool {
        self.say.try_send(Ok(request)).is_ok()
    }

    /// Ends the session and waits until it has.
    pub(super) async fn end(mut self, how: End) {
        // A full line means that commands are before it; then the closed end says it.
        let _ = self.say.try_send(Err(how));
        drop(self.say);
        while self.hearing.next().await.is_ok() {}
    }
}

impl Window {
    /// Puts a command in the session's line; a text is remembered, so that its draft goes once it is sent.
    pub(super) fn command(&mut self, request_id: String, say: Say) -> Result<(), End> {
        let who = &self.pass.principal.name;
        // Their role is the table's at every command, not only when the window was opened.
        if !self.pass.stands() {
            return Err(End::Refused(refusal::access_ended()));
        }
        let Some(desk) = self.desk.as_mut() else { return self.quiet(request_id) };
        if let Say::SendText(text) = &say {
            self.shared.drafts.sending(who, &request_id, &text.contact_id);
        }
        let request = WorkRequest { request_id: request_id.clone(), say: Some(say) };
        if desk.say(request) {
            desk.asked.insert(request_id);
            return Ok(());
        }
        self.tell(&not_done(request_id, Code::ResourceExhausted, "DESK_QUEUE_FULL"))
    }

    /// Another window has the desk now. What this one asked may have been done or not: it is told so, and asks again.
    pub(super) fn gave_way(&mut self) -> Result<(), End> {
        let asked = self.desk.take().map(|desk| desk.asked).unwrap_or_default();
        self.tell(&Frame::Lease { held: false })?;
        for request_id in asked {
            self.tell(&not_done(request_id, Code::Unavailable, "LEASE_NOT_HELD"))?;
        }
        Ok(())
    }

    /// Passes on what the session says.
    pub(super) fn hears(&mut self, response: WorkResponse) -> Result<(), End> {
        let WorkResponse { position, at_ms, hear } = response;
        let place = position.unwrap_or_default();
        let (who, drafts) = (&self.pass.principal.name, &self.shared.drafts);
        let Some(desk) = self.desk.as_mut() else { return Ok(()) };
        match hear {
            Some(Hear::Snapshot(snapshot)) => {
                metrics::resync(std::mem::replace(&mut desk.resync, "router"));
                let has = |contact_id: &str| snapshot.contacts.iter().any(|contact| contact.contact_id == contact_id);
                let kept = drafts.of(who, has);
                let words = kept.iter().map(|(contact_id, words)| (contact_id.clone(), words.expose())).collect();
                self.tell(&Frame::snapshot(place, at_ms, snapshot, words))
            }
            Some(Hear::Delta(delta)) => {
                desk.resync = "router";
                for contact in delta.contacts.iter().filter(|contact| !contact.yours) {
                    drafts.gone(who, &contact.contact_id);
                }
                self.tell(&Frame::delta(place, at_ms, delta))
            }
            Some(Hear::Answered(answered)) => {
                desk.asked.remove(&answered.request_id);
                if answered.code == 0 {
                    drafts.sent(who, &answered.request_id);
                }
                self.tell(&Frame::answer(answered))
            }
            // The window was greeted when it took the seat, and beats come from it at their own pace.
            Some(Hear::SignedIn(_) | Hear::Beat(_)) | None => Ok(()),
        }
    }
}

fn not_done(request_id: String, code: Code, reason: &str) -> Frame<'static> {
    let (code, reason, message) = (code.into(), reason.to_owned(), String::new());
    Frame::answer(Answered { request_id, code, reason, message })
}
