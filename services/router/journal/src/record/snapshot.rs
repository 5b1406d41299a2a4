//! The parts of the state that a snapshot holds.

use super::DecodeError;
use super::field::{Entry, Field, choice, entry, message, required};
use super::tell::{Tell, Told};
use holdfast_core::answered::Answered;
use holdfast_core::contact::{Channel, Contact, ContactState};
use holdfast_core::contacts::Contacts;
use holdfast_core::conversation::{Acuity, Conversation, Message};
use holdfast_core::counselor::{Counselor, Help, Presence, SlotUse};
use holdfast_core::directive::{Directive, Subject};
use holdfast_core::effect::{EffectState, OutboxEntry};
use holdfast_core::handoff::{Handoff, HandoffState};
use holdfast_core::id::{CenterId, ContactId, CounselorId, ExternalId, RequestId};
use holdfast_core::leg::Leg;
use holdfast_core::offer::Offer;
use holdfast_core::plan::QueueKey;
use holdfast_core::state::Parts;
use holdfast_core::time::Timestamp;
use holdfast_proto::journal::v1;
use std::collections::BTreeSet;

choice!(ContactState: Arriving, Waiting, Offered, Connecting, Connected, WrappingUp, Closed);
choice!(
    HandoffState: Consenting, Seeking, Briefing, Joining, Together, Confirmed, Completed, Cancelled, Returned
);
choice!(Acuity: Routine, High);
choice!(EffectState: Asked, Doubted);
choice!(Presence: Connected, Unsure, Offline);
choice!(SlotUse: Offered, Held, WrappingUp);

message!(Parts => Snapshot {
    sequence, epoch, format, plan, contacts, counselors, externals, requests, answered,
    directives, open;
    now: now_ms
});
impl Field<Vec<v1::ContactEntry>> for Contacts {
    fn store(&self) -> Vec<v1::ContactEntry> {
        self.iter().map(|(id, contact)| v1::ContactEntry::of(id, contact)).collect()
    }
    fn load(wire: Vec<v1::ContactEntry>, field: &'static str) -> Result<Self, DecodeError> {
        let mut contacts = Self::default();
        for entry in wire {
            add_contact(&mut contacts, entry, field)?;
        }
        Ok(contacts)
    }
}

/// Adds what one entry holds; each id comes once.
fn add_contact(contacts: &mut Contacts, entry: v1::ContactEntry, field: &'static str) -> Result<(), DecodeError> {
    let (id, contact): (ContactId, Contact) = entry.split()?;
    if contacts.insert(id, contact) { Ok(()) } else { Err(DecodeError::Malformed { field }) }
}

message!(Contact => Contact {
    id, person, external, line, channel, direction, state, region, region_method, need, language, queue, place, offer,
    holder, rested, legs, held, outbox, next_effect, slot, notes, outcome, follows, acuity, attempts, number,
    conversation, handoff, writing_up, reach_ms;
    arrived_at: arrived_at_ms, enqueued_at: enqueued_at_ms, connected_at: connected_at_ms, deadline: deadline_at_ms
});
message!(Offer => Offer {
    attempt, counselor, state, rescinded;
    offered_at: offered_at_ms, deadline: deadline_at_ms
});
message!(Conversation => Conversation {
    messages, total, question, opted_out;
    unanswered_since: unanswered_since_at_ms
});
message!(Message => TextMessage { number, author, record, delivery, code, opt_out, request, media; at: had_at_ms });
message!(Handoff => Handoff {
    number, state, toward, wish, from, to, offer, rested, leg, note, reason;
    started_at: started_at_ms, since: since_at_ms, deadline: deadline_at_ms
});
message!(Help => Help { level, contact, answered_by; asked_at: asked_at_ms, answered_at: answered_at_ms });
message!(Leg => Leg { party, state, external, cause; deadline: deadline_at_ms });
message!(OutboxEntry => OutboxEntry { effect, state, epoch });
message!(Answered => Answered { bits, count });
message!(Counselor => Counselor {
    id, presence, readiness, readiness_next, session, audio, load, help;
    presence_since: presence_since_at_ms, idle_since: idle_since_at_ms
});

entry!(ContactEntry { id: ContactId => contact: Contact });
entry!(RestedEntry { counselor: CounselorId => rested_until_ms: Timestamp });
entry!(WritingUpEntry { counselor: CounselorId => writing_until_ms: Timestamp });
entry!(OutboxItem { number: u32 => entry: OutboxEntry });
entry!(CounselorEntry { id: CounselorId => counselor: Counselor });
entry!(LoadEntry { contact: ContactId => channel: Channel, slot_use: SlotUse });
entry!(ExternalEntry { external: ExternalId => contact: ContactId, seen_at_ms: Timestamp });
entry!(DirectiveEntry { subject: Subject => directive: Directive });
entry!(OpenEntry { center: CenterId => channels: BTreeSet<Channel> });
entry!(AnsweredEntry { queue: QueueKey => answered: Answered });
entry!(RequestEntry { request: RequestId => sequence: u64 });
