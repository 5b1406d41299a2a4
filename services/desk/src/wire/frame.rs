//! What a window hears: one frame, one JSON text.

use std::collections::BTreeMap;

use holdfast_proto::desk::v1::work_response::Answered;
use holdfast_proto::router::v1::{self as router, Position};
use serde::Serialize;
use tonic::Code;

use super::view::{DeskContact, DeskMessage, DeskOffer, DeskPeer, DeskSelf};
use crate::spoken;

/// Everything a window can hear.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Frame<'a> {
    Hello(Hello<'a>),
    Lease { held: bool },
    Snapshot(Snapshot<'a>),
    Delta(Delta),
    Beat { at_ms: u64, router_ms: u64 },
    Answer(Answer),
    End { reason: &'static str, message: String },
}

#[derive(Serialize)]
pub(crate) struct Hello<'a> {
    pub(crate) me: Me<'a>,
    pub(crate) lease: bool,
    pub(crate) session: u64,
    pub(crate) build: &'static str,
    pub(crate) at_ms: u64,
    pub(crate) names: &'a NamesView,
    pub(crate) texts: TextsView,
}

#[derive(Serialize)]
pub(crate) struct Me<'a> {
    pub(crate) name: &'a str,
    pub(crate) role: &'static str,
}

/// Screen names of the plan's ids.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct NamesView {
    pub(crate) regions: BTreeMap<String, String>,
    pub(crate) needs: BTreeMap<String, String>,
    pub(crate) centers: BTreeMap<String, String>,
}

/// Bounds of this desk.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct TextsView {
    pub(crate) words_bytes_max: usize,
    pub(crate) note_bytes_max: usize,
    pub(crate) draft_bytes_max: usize,
}

#[derive(Serialize)]
pub(crate) struct Snapshot<'a> {
    at_ms: u64,
    #[serde(rename = "self")]
    mine: DeskSelf,
    offers: Vec<DeskOffer>,
    contacts: Vec<DeskContact>,
    peers: Vec<DeskPeer>,
    drafts: BTreeMap<String, &'a str>,
    epoch: u64,
    seq: u64,
}

#[derive(Serialize)]
pub(crate) struct Delta {
    at_ms: u64,
    #[serde(rename = "self")]
    mine: Option<DeskSelf>,
    offers: Vec<DeskOffer>,
    contacts: Vec<DeskContact>,
    messages: Vec<DeskMessage>,
    peers: Vec<DeskPeer>,
    epoch: u64,
    seq: u64,
}

#[derive(Serialize)]
pub(crate) struct Answer {
    request_id: String,
    code: &'static str,
    reason: String,
    message: String,
}

fn all<A, B: From<A>>(views: Vec<A>) -> Vec<B> {
    views.into_iter().map(Into::into).collect()
}

impl<'a> Frame<'a> {
    pub(crate) fn snapshot(
        place: Position,
        at_ms: u64,
        it: router::DeskSnapshot,
        drafts: BTreeMap<String, &'a str>,
    ) -> Self {
        Self::Snapshot(Snapshot {
            at_ms,
            mine: it.self_.unwrap_or_default().into(),
            offers: all(it.offers),
            contacts: all(it.contacts),
            peers: all(it.peers),
            drafts,
            epoch: place.epoch,
            seq: place.sequence,
        })
    }

    pub(crate) fn delta(place: Position, at_ms: u64, it: router::DeskDelta) -> Self {
        Self::Delta(Delta {
            at_ms,
            mine: it.self_.map(Into::into),
            offers: all(it.offers),
            contacts: all(it.contacts),
            messages: all(it.messages),
            peers: all(it.peers),
            epoch: place.epoch,
            seq: place.sequence,
        })
    }

    /// What became of a command, in words for whoever sits there.
    pub(crate) fn answer(it: Answered) -> Self {
        let code = match Code::from_i32(it.code) {
            Code::Ok => "ok",
            // Nothing has been decided: the same request id again is safe, and is what the window does.
            Code::Unavailable | Code::ResourceExhausted => "unavailable",
            _ => "refused",
        };
        let message = spoken::sentence(&it.reason, &it.message);
        Self::Answer(Answer { request_id: it.request_id, code, reason: it.reason, message })
    }

    pub(crate) fn done(request_id: String) -> Self {
        Self::answer(Answered { request_id, ..Answered::default() })
    }

    pub(crate) fn refused(request_id: String, reason: &'static str) -> Self {
        let (code, message) = (Code::FailedPrecondition.into(), String::new());
        Self::answer(Answered { request_id, code, reason: reason.to_owned(), message })
    }

    /// The frame as it goes over the wire. None of our views can fail to be written.
    pub(crate) fn text(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }
}
