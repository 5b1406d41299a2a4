//! The core's contacts, offers, messages and people as one desk sees them. Words are unsealed by the caller and given in.

use super::{talk, terms, views};
use holdfast_core::contact::{Contact, ContactState, Direction, Part};
use holdfast_core::conversation::{Author, Message};
use holdfast_core::counselor::{Counselor, Presence};
use holdfast_core::handoff::HandoffState;
use holdfast_core::id::{CounselorId, OfferId, RequestId};
use holdfast_core::offer::Offer;
use holdfast_core::plan::Plan;
use holdfast_proto::router::v1 as wire;

/// An offer as its counselor sees it.
#[must_use]
pub fn offer(contact: &Contact, offer: &Offer) -> wire::DeskOffer {
    let handoff = contact.handoff.as_ref().filter(|_| offer.of_handoff(contact));
    wire::DeskOffer {
        offer_id: OfferId { contact: contact.id, attempt: offer.attempt }.to_string(),
        contact_id: contact.id.to_string(),
        state: terms::offer_state(offer.state) as i32,
        queue: contact.queue.as_ref().map(terms::queue),
        language: contact.language.to_string(),
        deadline_ms: offer.deadline.0,
        waited_ms: offer.offered_at.since_ms(handoff.map_or(contact.arrived_at, |it| it.started_at)),
        reason: offer.rescinded.map(terms::rescind_reason).unwrap_or_default().to_owned(),
        handoff: handoff.is_some(),
        from_id: handoff.map(|it| it.from.to_string()).unwrap_or_default(),
        acuity: talk::acuity(contact.acuity) as i32,
        returning: contact.follows.is_some(),
        outbound: contact.direction == Direction::Outbound,
    }
}

/// A counselor's own state.
#[must_use]
pub fn own(known: &Counselor, plan: Option<&Plan>) -> wire::DeskSelf {
    let (readiness, channels) = terms::readiness(&known.readiness);
    let next = known.readiness_next.as_ref().map_or(wire::Readiness::Unspecified, |it| terms::readiness(it).0);
    let member = plan.and_then(|plan| plan.members.get(&known.id));
    wire::DeskSelf {
        presence: terms::presence(known.presence) as i32,
        readiness: readiness as i32,
        channels,
        readiness_next: next as i32,
        session: known.session,
        help: known.help.as_ref().map(views::help),
        kind: plan.map_or(wire::MemberKind::Unspecified, |plan| views::member_kind(plan, &known.id)) as i32,
        name: plan.map_or_else(|| known.id.to_string(), |plan| views::member_name(plan, &known.id)),
        reachable_by_voice: known.audio.is_some(),
        may_take: member.into_iter().flat_map(|it| it.capacity.keys()).map(|it| terms::channel(*it) as i32).collect(),
    }
}

/// What was unsealed for one desk.
#[derive(Default)]
pub struct Unsealed {
    /// The notes.
    pub notes: Vec<String>,
    /// What the person agreed to share in the latest handoff.
    pub handoff_note: String,
    /// The conversation, if it is to be shown whole.
    pub messages: Vec<wire::DeskMessage>,
}

/// A contact as somebody with a part in it sees it, or had until now.
#[must_use]
pub fn contact(contact: &Contact, who: &CounselorId, unsealed: Unsealed) -> wire::DeskContact {
    let part = contact.part(who);
    let writing_up = contact.state == ContactState::WrappingUp;
    let wrap_up_ends_at = match part {
        Some(Part::WritingUp) => contact.writing_up.get(who).copied(),
        _ => contact.deadline.filter(|_| writing_up),
    };
    let talk = contact.conversation.as_ref();
    let write_by = contact.deadline.filter(|_| talk.is_some() && contact.state == ContactState::Connecting);
    wire::DeskContact {
        contact_id: contact.id.to_string(),
        state: terms::contact_state(contact.state) as i32,
        queue: contact.queue.as_ref().map(terms::queue),
        language: contact.language.to_string(),
        person_leg: leg(contact.legs.first().map(|it| it.state)),
        counselor_leg: leg(contact.leg_of(who).map(|(_, it)| it.state)),
        held: contact.held,
        wrap_up_ends_at_ms: wrap_up_ends_at.map_or(0, |at| at.0),
        notes: unsealed.notes,
        outcome: terms::outcome(contact.outcome) as i32,
        yours: part.is_some(),
        part: talk::part(part) as i32,
        messages: unsealed.messages,
        messages_total: talk.map_or(0, |it| it.total),
        acuity: talk::acuity(contact.acuity) as i32,
        opted_out: talk.is_some_and(|it| it.opted_out),
        handoff: contact.handoff.as_ref().map(|_| handoff(contact, who, unsealed.handoff_note)),
        connected_at_ms: contact.connected_at.map_or(0, |at| at.0),
        arrived_at_ms: contact.arrived_at.0,
        unanswered_since_ms: views::unanswered_since_ms(contact),
        outbound: contact.direction == Direction::Outbound,
        write_by_ms: write_by.map_or(0, |at| at.0),
    }
}

fn leg(state: Option<holdfast_core::leg::LegState>) -> i32 {
    state.map_or(wire::LegState::Unspecified, terms::leg_state) as i32
}

fn handoff(contact: &Contact, who: &CounselorId, note: String) -> wire::DeskHandoff {
    let Some(it) = contact.handoff.as_ref() else { return wire::DeskHandoff::default() };
    let joining = it.leg.and_then(|leg| contact.legs.get(usize::try_from(leg).ok()?)).map(|it| it.state);
    wire::DeskHandoff {
        view: Some(views::handoff(contact, it)),
        note,
        deadline_ms: it.deadline.filter(|_| it.state.is_open()).map_or(0, |at| at.0),
        joining_leg: leg(joining),
        may_leave: it.is_leaving(who) && it.to.as_ref().is_some_and(|to| contact.is_in_room(to)),
        asking_id: it.open_offer().map(|offer| offer.counselor.to_string()).unwrap_or_default(),
    }
}

/// Whether somebody with this part in a contact sees a message of it. Whoever is reserved sees the conversation once three are
/// together; whoever has handed over and left sees what was written while they were there, and nothing after.
#[must_use]
pub fn sees_message(contact: &Contact, who: &CounselorId, message: &Message) -> bool {
    match contact.part(who) {
        Some(Part::Owner | Part::Leaving) => true,
        Some(Part::Joining) => contact.open_handoff().is_some_and(|it| it.state == HandoffState::Together),
        Some(Part::WritingUp) => contact
            .handoff
            .as_ref()
            .is_some_and(|it| it.from == *who && it.state == HandoffState::Completed && message.at <= it.since),
        None => false,
    }
}

/// Whether somebody sees a note, by who wrote it. Counselors who own or hand over the person see all; a peer, and whoever has left,
/// only their own: what the person agreed to share stands in the handoff's note.
#[must_use]
pub fn sees_note(contact: &Contact, who: &CounselorId, plan: Option<&Plan>, author: &CounselorId) -> bool {
    let peer = plan.is_some_and(|plan| views::member_kind(plan, who) == wire::MemberKind::Peer);
    author == who || (!peer && matches!(contact.part(who), Some(Part::Owner | Part::Leaving)))
}

/// Whether somebody sees what the person agreed to share: both sides of the handoff it was shared for.
#[must_use]
pub fn sees_handoff_note(contact: &Contact, who: &CounselorId) -> bool {
    contact.handoff.as_ref().is_some_and(|it| it.from == *who || it.to.as_ref() == Some(who))
}

/// A request id as its sender wrote it: a UUID.
fn uuid(RequestId(id): RequestId) -> String {
    let part = |shift: u32, mask: u128| (id >> shift) & mask;
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        part(96, 0xffff_ffff),
        part(80, 0xffff),
        part(64, 0xffff),
        part(48, 0xffff),
        part(0, 0xffff_ffff_ffff)
    )
}

/// One message, with its words, as `who` sees it: only its own sender knows it by their request.
#[must_use]
pub fn message(
    contact: &Contact,
    it: &Message,
    who: &CounselorId,
    words: String,
    plan: Option<&Plan>,
) -> wire::DeskMessage {
    let theirs = matches!(&it.author, Author::Member(author) if author == who);
    let (author, author_id) = match &it.author {
        Author::Person => (wire::Author::Person, String::new()),
        Author::Line => (wire::Author::Line, String::new()),
        Author::Member(id) => {
            let peer = plan.is_some_and(|plan| views::member_kind(plan, id) == wire::MemberKind::Peer);
            (if peer { wire::Author::Peer } else { wire::Author::Counselor }, id.to_string())
        }
    };
    wire::DeskMessage {
        contact_id: contact.id.to_string(),
        number: it.number,
        author: author as i32,
        author_id,
        words,
        at_ms: it.at.0,
        delivery: it.delivery.map_or(wire::Delivery::Unspecified, talk::delivery) as i32,
        code: it.code.as_deref().unwrap_or_default().to_owned(),
        opt_out: talk::opt_out(it.opt_out) as i32,
        request_id: it.request.as_deref().filter(|_| theirs).copied().map(uuid).unwrap_or_default(),
        media: it.media,
    }
}

/// Somebody a contact could be handed to.
#[must_use]
pub fn peer(plan: &Plan, id: &CounselorId, known: Option<&Counselor>) -> wire::DeskPeer {
    let member = plan.members.get(id);
    let (readiness, channels) =
        known.map_or((wire::Readiness::Break, Vec::new()), |it| terms::readiness(&it.readiness));
    let free = |channel: &holdfast_core::contact::Channel| {
        known.is_some_and(|it| {
            it.presence == Presence::Connected && it.readiness.takes(*channel) && plan.has_room(it, *channel)
        })
    };
    wire::DeskPeer {
        counselor_id: id.to_string(),
        name: views::member_name(plan, id),
        kind: views::member_kind(plan, id) as i32,
        peer_types: member
            .and_then(|it| it.peer.as_ref())
            .into_iter()
            .flat_map(|it| &it.types)
            .map(ToString::to_string)
            .collect(),
        skills: member.into_iter().flat_map(|it| &it.skills).map(ToString::to_string).collect(),
        languages: member.into_iter().flat_map(|it| &it.languages).map(ToString::to_string).collect(),
        presence: known.map_or(wire::Presence::Offline, |it| terms::presence(it.presence)) as i32,
        readiness: readiness as i32,
        channels,
        free: member
            .into_iter()
            .flat_map(|it| it.capacity.keys())
            .filter(|it| free(it))
            .map(|it| terms::channel(*it) as i32)
            .collect(),
    }
}
