//! Plans and snapshots made of bytes.

use crate::generate::Source;
use crate::texts_and_handoffs::{conversation, handoff};
use holdfast_core::answered::Answered;
use holdfast_core::contact::{Contact, ContactState};
use holdfast_core::conversation::Acuity;
use holdfast_core::counselor::{Counselor, Help, Presence, SlotUse};
use holdfast_core::directive::{Directive, Door, Measure};
use holdfast_core::effect::{EffectState, OutboxEntry};
use holdfast_core::hours::{Hours, Opening, Span};
use holdfast_core::leg::Leg;
use holdfast_core::offer::Offer;
use holdfast_core::plan::{
    Handoffs, Line, Member, Names, Need, Peer, Plan, Question, Queue, Region, Ring, Texts, Timing,
};
use holdfast_core::state::Parts;

pub(crate) fn plan(from: &mut Source<'_>) -> Plan {
    Plan {
        version: from.number(),
        network: from.name(),
        timing: Timing {
            menu_ms: from.number(),
            ring_ms: from.number(),
            join_ms: from.number(),
            desk_grace_ms: from.number(),
            rest_ms: from.number(),
            ageing_ms: from.number(),
            closed_keep_ms: from.number(),
            external_keep_ms: from.number(),
            short_abandon_ms: from.number(),
        },
        lines: from.some(|from| (from.name(), line(from))),
        regions: from.some(|from| (from.name(), Region { parent: from.maybe(Source::name) })),
        area_codes: from.some(|from| (200 + u16::from(from.byte()), from.name())),
        needs: from.some(|from| (from.name(), need(from))),
        queues: from.some(|from| (from.queue_key(), queue(from))),
        default_region: from.name(),
        default_need: from.name(),
        default_language: from.name(),
        centers: from.some(Source::name),
        members: from.some(|from| (from.name(), member(from))),
        texts: from.maybe(texts),
        handoffs: from.maybe(handoffs),
        names: from.maybe(names),
        hours: from.some(|from| (from.name(), hours(from))),
    }
}

fn texts(from: &mut Source<'_>) -> Texts {
    Texts {
        reply: from.some(|from| (from.name(), from.name())),
        questions: from.some(|from| Question {
            words: from.some(|from| (from.name(), from.name())),
            choices: from.some(|from| (from.byte(), from.name())),
        }),
        keywords: from.some(|from| (from.name(), from.name())),
        survey_ms: from.number(),
        first_reply_ms: from.number(),
        idle_ms: from.number(),
        reopens: from.flag(),
        reopen_ms: from.number(),
    }
}

fn handoffs(from: &mut Source<'_>) -> Handoffs {
    Handoffs {
        consent_ms: from.number(),
        seek_ms: from.number(),
        offer_ms: from.number(),
        brief_ms: from.number(),
        together_ms: from.number(),
        leave_ms: from.number(),
    }
}

fn names(from: &mut Source<'_>) -> Names {
    Names {
        regions: from.some(|from| (from.name(), from.name())),
        needs: from.some(|from| (from.name(), from.name())),
        centers: from.some(|from| (from.name(), from.name())),
        members: from.some(|from| (from.name(), from.name())),
    }
}

fn hours(from: &mut Source<'_>) -> Hours {
    let span = |from: &mut Source<'_>| Span { from_min: from.small(), to_min: from.small() };
    Hours {
        time_zone: from.name(),
        weekly: from.some(|from| {
            (from.channel(), from.some(|from| Opening { days: u32::from(from.byte()), span: span(from) }))
        }),
        holidays: from.some(|from| (from.small(), from.some(span))),
    }
}

pub(crate) fn directive(from: &mut Source<'_>) -> Directive {
    let measure = if from.flag() {
        Measure::Center { center: from.name(), door: from.one_of(&[Door::Taking, Door::Draining, Door::Closed]) }
    } else {
        Measure::Queue { queue: from.queue_key(), to: from.queue_key() }
    };
    Directive { measure, until: from.moment(), by: from.name(), reason: from.name() }
}

fn line(from: &mut Source<'_>) -> Line {
    Line {
        account: from.name(),
        number: from.name(),
        need: from.maybe(Source::name),
        language: from.maybe(Source::name),
        menu: from.some(|from| (from.byte(), from.name())),
    }
}

fn need(from: &mut Source<'_>) -> Need {
    Need {
        skills: from.some(Source::name),
        language: from.maybe(Source::name),
        priority: from.byte(),
        regions: from.some(Source::name),
        channels: from.some(Source::channel),
    }
}

fn queue(from: &mut Source<'_>) -> Queue {
    Queue {
        rings: from.some(|from| Ring {
            centers: from.some(Source::name),
            after_ms: from.number(),
            below_answered_percent: from.maybe(Source::byte),
        }),
        offer_ms: from.number(),
        wrap_up_ms: from.number(),
    }
}

fn member(from: &mut Source<'_>) -> Member {
    Member {
        center: from.name(),
        skills: from.some(Source::name),
        languages: from.some(Source::name),
        capacity: from.some(|from| (from.channel(), from.small())),
        peer: from.maybe(|from| Peer { types: from.some(Source::name) }),
        credentials: from.some(|from| (from.name(), from.moment())),
    }
}

pub(crate) fn parts(from: &mut Source<'_>) -> Parts {
    Parts {
        sequence: from.number(),
        epoch: from.number(),
        format: from.small(),
        now: from.moment(),
        contacts: from.some(|from| (from.contact(), contact(from))),
        counselors: from.some(|from| (from.name(), counselor(from))),
        externals: from.some(|from| (from.external(), (from.contact(), from.moment()))),
        requests: from.some(|from| (from.request(), from.number())),
        plan: from.maybe(plan),
        directives: from.some(|from| (directive(from).measure.subject(), directive(from))),
        open: from.some(|from| (from.name(), from.some(Source::channel))),
        answered: from.some(|from| (from.queue_key(), Answered { bits: from.id(), count: from.small() })),
    }
}

fn contact(from: &mut Source<'_>) -> Contact {
    use ContactState::{Arriving, Closed, Connected, Connecting, Offered, Waiting, WrappingUp};
    Contact {
        id: from.contact(),
        person: from.person(),
        external: from.external(),
        line: from.name(),
        channel: from.channel(),
        direction: from.direction(),
        state: from.one_of(&[Arriving, Waiting, Offered, Connecting, Connected, WrappingUp, Closed]),
        arrived_at: from.moment(),
        region: from.name(),
        region_method: from.region_method(),
        need: from.maybe(Source::name),
        language: from.name(),
        queue: from.maybe(Source::queue_key),
        enqueued_at: from.maybe(Source::moment),
        place: from.maybe(Source::place),
        offer: from.maybe(offer).map(Box::new),
        holder: from.maybe(Source::name),
        connected_at: from.maybe(Source::moment),
        rested: from.some(|from| (from.name(), from.moment())),
        legs: from.some(leg),
        held: from.flag(),
        outbox: from.some(|from| (from.small(), outbox_entry(from))),
        next_effect: from.small(),
        slot: from.maybe(Source::slot),
        notes: from.some(Source::number),
        deadline: from.maybe(Source::moment),
        outcome: from.maybe(Source::outcome),
        follows: from.maybe(Source::contact),
        acuity: from.one_of(&[Acuity::Routine, Acuity::High]),
        attempts: from.small(),
        number: from.maybe(Source::sealed),
        conversation: from.maybe(conversation).map(Box::new),
        handoff: from.maybe(handoff).map(Box::new),
        writing_up: from.some(|from| (from.name(), from.moment())),
        reach_ms: from.number(),
    }
}

pub(crate) fn offer(from: &mut Source<'_>) -> Offer {
    Offer {
        attempt: from.small(),
        counselor: from.name(),
        state: from.offer_state(),
        offered_at: from.moment(),
        deadline: from.moment(),
        rescinded: from.maybe(Source::rescind_reason),
    }
}

fn leg(from: &mut Source<'_>) -> Leg {
    Leg {
        party: from.party(),
        state: from.leg_state(),
        external: from.maybe(Source::name),
        cause: from.maybe(Source::leg_cause),
        deadline: from.maybe(Source::moment),
    }
}

fn outbox_entry(from: &mut Source<'_>) -> OutboxEntry {
    OutboxEntry {
        effect: from.effect(),
        state: from.one_of(&[EffectState::Asked, EffectState::Doubted]),
        epoch: from.number(),
    }
}

fn counselor(from: &mut Source<'_>) -> Counselor {
    let uses = [SlotUse::Offered, SlotUse::Held, SlotUse::WrappingUp];
    Counselor {
        id: from.name(),
        presence: from.one_of(&[Presence::Connected, Presence::Unsure, Presence::Offline]),
        presence_since: from.moment(),
        readiness: from.readiness(),
        readiness_next: from.maybe(Source::readiness),
        session: from.number(),
        audio: from.maybe(Source::sealed),
        idle_since: from.moment(),
        load: from.some(|from| (from.contact(), (from.channel(), from.one_of(&uses)))),
        help: from.maybe(|from| Help {
            level: from.help_level(),
            contact: from.maybe(Source::contact),
            asked_at: from.moment(),
            answered_by: from.maybe(Source::name),
            answered_at: from.maybe(Source::moment),
        }),
    }
}
