//! What is in a frame: the router's views of one desk, field by field.

use holdfast_proto::router::v1 as router;
use holdfast_proto::router::v1::{
    Acuity, Author, Channel, ContactState, Delivery, HandoffState, HandoffToward, HelpLevel, LegState, MemberKind,
    OfferState, OptOut, Outcome, Part, Presence, Readiness,
};
use serde::Serialize;

use super::word::{Word, maybe, word, words};

#[derive(Serialize)]
pub(crate) struct Help {
    level: Word,
    contact_id: String,
    asked_at_ms: u64,
    answered_by: String,
    answered_at_ms: u64,
}

#[derive(Serialize)]
pub(crate) struct DeskSelf {
    presence: Word,
    readiness: Word,
    channels: Vec<Word>,
    readiness_next: Option<Word>,
    session: u64,
    help: Option<Help>,
    kind: Word,
    name: String,
    reachable_by_voice: bool,
    may_take: Vec<Word>,
}

#[derive(Serialize)]
struct QueueKey {
    region: String,
    need: String,
    channel: Word,
}

#[derive(Serialize)]
pub(crate) struct DeskOffer {
    offer_id: String,
    contact_id: String,
    state: Word,
    queue: Option<QueueKey>,
    language: String,
    deadline_ms: u64,
    waited_ms: u64,
    reason: String,
    handoff: bool,
    from_id: String,
    acuity: Word,
    returning: bool,
    outbound: bool,
}

#[derive(Serialize)]
pub(crate) struct DeskMessage {
    contact_id: String,
    number: u32,
    author: Word,
    author_id: String,
    words: String,
    at_ms: u64,
    delivery: Option<Word>,
    code: String,
    opt_out: Option<Word>,
    request_id: String,
    media: u32,
}

#[derive(Serialize)]
struct DeskHandoff {
    number: u32,
    state: Word,
    from_id: String,
    to_id: String,
    toward: Word,
    started_at_ms: u64,
    since_ms: u64,
    reason: String,
    owner_id: String,
    note: String,
    deadline_ms: u64,
    joining_leg: Option<Word>,
    may_leave: bool,
    asking_id: String,
}

#[derive(Serialize)]
pub(crate) struct DeskContact {
    contact_id: String,
    state: Word,
    queue: Option<QueueKey>,
    language: String,
    person_leg: Option<Word>,
    counselor_leg: Option<Word>,
    held: bool,
    wrap_up_ends_at_ms: u64,
    notes: Vec<String>,
    outcome: Option<Word>,
    yours: bool,
    part: Option<Word>,
    messages: Vec<DeskMessage>,
    messages_total: u32,
    acuity: Word,
    opted_out: bool,
    handoff: Option<DeskHandoff>,
    connected_at_ms: u64,
    arrived_at_ms: u64,
    unanswered_since_ms: u64,
    outbound: bool,
    write_by_ms: u64,
}

#[derive(Serialize)]
pub(crate) struct DeskPeer {
    counselor_id: String,
    name: String,
    kind: Word,
    peer_types: Vec<String>,
    skills: Vec<String>,
    languages: Vec<String>,
    presence: Word,
    readiness: Word,
    channels: Vec<Word>,
    free: Vec<Word>,
}

impl From<router::HelpView> for Help {
    fn from(it: router::HelpView) -> Self {
        Self {
            level: word::<HelpLevel>(it.level, "QUESTION"),
            contact_id: it.contact_id,
            asked_at_ms: it.asked_at_ms,
            answered_by: it.answered_by,
            answered_at_ms: it.answered_at_ms,
        }
    }
}

impl From<router::DeskSelf> for DeskSelf {
    fn from(it: router::DeskSelf) -> Self {
        Self {
            presence: word::<Presence>(it.presence, "OFFLINE"),
            readiness: word::<Readiness>(it.readiness, "BREAK"),
            channels: words::<Channel>(&it.channels),
            readiness_next: maybe::<Readiness>(it.readiness_next),
            session: it.session,
            help: it.help.map(Into::into),
            kind: word::<MemberKind>(it.kind, "COUNSELOR"),
            name: it.name,
            reachable_by_voice: it.reachable_by_voice,
            may_take: words::<Channel>(&it.may_take),
        }
    }
}

impl From<router::QueueKey> for QueueKey {
    fn from(it: router::QueueKey) -> Self {
        Self { region: it.region, need: it.need, channel: word::<Channel>(it.channel, "VOICE") }
    }
}

impl From<router::DeskOffer> for DeskOffer {
    fn from(it: router::DeskOffer) -> Self {
        Self {
            offer_id: it.offer_id,
            contact_id: it.contact_id,
            state: word::<OfferState>(it.state, "RESCINDED"),
            queue: it.queue.map(Into::into),
            language: it.language,
            deadline_ms: it.deadline_ms,
            waited_ms: it.waited_ms,
            reason: it.reason,
            handoff: it.handoff,
            from_id: it.from_id,
            acuity: word::<Acuity>(it.acuity, "ROUTINE"),
            returning: it.returning,
            outbound: it.outbound,
        }
    }
}

impl From<router::DeskMessage> for DeskMessage {
    fn from(it: router::DeskMessage) -> Self {
        Self {
            contact_id: it.contact_id,
            number: it.number,
            author: word::<Author>(it.author, "LINE"),
            author_id: it.author_id,
            words: it.words,
            at_ms: it.at_ms,
            delivery: maybe::<Delivery>(it.delivery),
            code: it.code,
            opt_out: maybe::<OptOut>(it.opt_out),
            request_id: it.request_id,
            media: it.media,
        }
    }
}

impl From<router::DeskHandoff> for DeskHandoff {
    fn from(it: router::DeskHandoff) -> Self {
        let view = it.view.unwrap_or_default();
        Self {
            number: view.number,
            state: word::<HandoffState>(view.state, "CANCELLED"),
            from_id: view.from_id,
            to_id: view.to_id,
            toward: word::<HandoffToward>(view.toward, "PEER"),
            started_at_ms: view.started_at_ms,
            since_ms: view.since_ms,
            reason: view.reason,
            owner_id: view.owner_id,
            note: it.note,
            deadline_ms: it.deadline_ms,
            joining_leg: maybe::<LegState>(it.joining_leg),
            may_leave: it.may_leave,
            asking_id: it.asking_id,
        }
    }
}

impl From<router::DeskContact> for DeskContact {
    fn from(it: router::DeskContact) -> Self {
        Self {
            contact_id: it.contact_id,
            state: word::<ContactState>(it.state, "WAITING"),
            queue: it.queue.map(Into::into),
            language: it.language,
            person_leg: maybe::<LegState>(it.person_leg),
            counselor_leg: maybe::<LegState>(it.counselor_leg),
            held: it.held,
            wrap_up_ends_at_ms: it.wrap_up_ends_at_ms,
            notes: it.notes,
            outcome: maybe::<Outcome>(it.outcome),
            yours: it.yours,
            part: maybe::<Part>(it.part),
            messages: it.messages.into_iter().map(Into::into).collect(),
            messages_total: it.messages_total,
            acuity: word::<Acuity>(it.acuity, "ROUTINE"),
            opted_out: it.opted_out,
            handoff: it.handoff.map(Into::into),
            connected_at_ms: it.connected_at_ms,
            arrived_at_ms: it.arrived_at_ms,
            unanswered_since_ms: it.unanswered_since_ms,
            outbound: it.outbound,
            write_by_ms: it.write_by_ms,
        }
    }
}

impl From<router::DeskPeer> for DeskPeer {
    fn from(it: router::DeskPeer) -> Self {
        Self {
            counselor_id: it.counselor_id,
            name: it.name,
            kind: word::<MemberKind>(it.kind, "COUNSELOR"),
            peer_types: it.peer_types,
            skills: it.skills,
            languages: it.languages,
            presence: word::<Presence>(it.presence, "OFFLINE"),
            readiness: word::<Readiness>(it.readiness, "BREAK"),
            channels: words::<Channel>(&it.channels),
            free: words::<Channel>(&it.free),
        }
    }
}
