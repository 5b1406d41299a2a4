//! Conversations, handoffs and requests for help made of bytes.

use crate::generate::Source;
use crate::parts::offer;
use holdfast_core::conversation::{Author, Conversation, Delivery, Message, OptOut, Words};
use holdfast_core::event::Event;
use holdfast_core::handoff::{Handoff, HandoffState, ReturnReason, Toward, Wish};

fn author(from: &mut Source<'_>) -> Author {
    let member = Author::Member(from.name());
    from.one_of(&[Author::Person, Author::Line, member])
}

fn words(from: &mut Source<'_>) -> Words {
    if from.flag() { Words::Said(from.name()) } else { Words::Sealed(from.sealed()) }
}

fn delivery(from: &mut Source<'_>) -> Delivery {
    use Delivery::{Delivered, Failed, InDoubt, Queued, Sent};
    from.one_of(&[Queued, InDoubt, Sent, Delivered, Failed])
}

fn opt_out(from: &mut Source<'_>) -> OptOut {
    from.one_of(&[OptOut::None, OptOut::Stop, OptOut::Start, OptOut::Help, OptOut::MaybeStop])
}

fn toward(from: &mut Source<'_>) -> Toward {
    from.one_of(&[Toward::Peer, Toward::Counselor])
}

fn wish(from: &mut Source<'_>) -> Wish {
    Wish { peer_type: from.maybe(Source::name), skills: from.some(Source::name), wanted: from.maybe(Source::name) }
}

fn return_reason(from: &mut Source<'_>) -> ReturnReason {
    use ReturnReason::{
        ConsentTimedOut, DeskLost, LegFailed, LegLost, NobodyFree, NotConfirmed, OwnerLost, PeerSilent, PersonLeft,
        Withdrew,
    };
    from.one_of(&[
        ConsentTimedOut,
        NobodyFree,
        PeerSilent,
        LegFailed,
        LegLost,
        DeskLost,
        NotConfirmed,
        Withdrew,
        PersonLeft,
        OwnerLost,
    ])
}

pub(crate) fn conversation(from: &mut Source<'_>) -> Conversation {
    Conversation {
        messages: from.some(message),
        total: from.small(),
        question: from.small(),
        opted_out: from.flag(),
        unanswered_since: from.maybe(Source::moment),
    }
}

fn message(from: &mut Source<'_>) -> Message {
    Message {
        number: from.small(),
        author: author(from),
        at: from.moment(),
        record: from.number(),
        delivery: from.maybe(delivery),
        code: from.maybe(Source::name),
        opt_out: opt_out(from),
        request: from.maybe(Source::request).map(Box::new),
        media: from.small(),
    }
}

pub(crate) fn handoff(from: &mut Source<'_>) -> Handoff {
    use HandoffState::{Briefing, Cancelled, Completed, Confirmed, Consenting, Joining, Returned, Seeking, Together};
    let states = [Consenting, Seeking, Briefing, Joining, Together, Confirmed, Completed, Cancelled, Returned];
    Handoff {
        number: from.small(),
        state: from.one_of(&states),
        toward: toward(from),
        wish: wish(from),
        from: from.name(),
        to: from.maybe(Source::name),
        offer: from.maybe(offer),
        rested: from.some(|from| (from.name(), from.moment())),
        started_at: from.moment(),
        since: from.moment(),
        deadline: from.maybe(Source::moment),
        leg: from.maybe(Source::small),
        note: from.maybe(Source::number),
        reason: from.maybe(return_reason),
    }
}

pub(crate) fn about_a_conversation(kind: &str, from: &mut Source<'_>) -> Option<Event> {
    let contact = from.contact();
    Some(match kind {
        "TextReceived" => Event::TextReceived {
            contact,
            message: from.small(),
            external: from.external(),
            words: from.sealed(),
            opt_out: opt_out(from),
            media: from.small(),
            idle_at: from.maybe(Source::moment),
            written_at: from.maybe(Source::moment),
        },
        "TextSent" => Event::TextSent {
            contact,
            message: from.small(),
            author: author(from),
            words: words(from),
            idle_at: from.maybe(Source::moment),
        },
        "TextMoved" => Event::TextMoved {
            contact,
            message: from.small(),
            delivery: delivery(from),
            code: from.maybe(Source::name),
        },
        "QuestionAnswered" => {
            Event::QuestionAnswered { contact, question: from.small(), need: from.maybe(Source::name) }
        }
        "AcuityRaised" => Event::AcuityRaised { contact, place: from.maybe(Source::place) },
        "ContactReopened" => Event::ContactReopened { contact },
        _ => return None,
    })
}

pub(crate) fn about_a_handoff(kind: &str, from: &mut Source<'_>) -> Option<Event> {
    let (contact, deadline) = (from.contact(), from.moment());
    Some(match kind {
        "HandoffStarted" => Event::HandoffStarted {
            contact,
            number: from.small(),
            from: from.name(),
            toward: toward(from),
            wish: wish(from),
            deadline,
        },
        "HandoffConsented" => Event::HandoffConsented { contact, note: from.maybe(Source::sealed), deadline },
        "HandoffTogether" => Event::HandoffTogether { contact, deadline },
        "HandoffConfirmed" => Event::HandoffConfirmed { contact, deadline },
        "HandoffCompleted" => Event::HandoffCompleted { contact, wrap_up_ends_at: deadline },
        "HandoffCancelled" => Event::HandoffCancelled { contact, by: from.name() },
        "HandoffReturned" => Event::HandoffReturned { contact, reason: return_reason(from) },
        "HandoffWrapUpExtended" => Event::HandoffWrapUpExtended { contact, counselor: from.name(), deadline },
        "HandoffWrittenUp" => Event::HandoffWrittenUp { contact, counselor: from.name() },
        _ => return None,
    })
}

pub(crate) fn about_a_peer(kind: &str, from: &mut Source<'_>) -> Option<Event> {
    let (contact, attempt, peer, deadline) = (from.contact(), from.small(), from.name(), from.moment());
    Some(match kind {
        "PeerOffered" => Event::PeerOffered {
            contact,
            attempt,
            peer,
            deadline,
            plan_version: from.number(),
            policy_version: from.small(),
        },
        "PeerOfferClosed" => Event::PeerOfferClosed {
            contact,
            attempt,
            peer,
            became: from.offer_state(),
            reason: from.maybe(Source::rescind_reason),
            again_at: from.maybe(Source::moment),
        },
        "PeerReserved" => Event::PeerReserved { contact, attempt, peer, deadline },
        "PeerJoining" => Event::PeerJoining { contact, leg: from.small(), deadline },
        _ => return None,
    })
}

pub(crate) fn about_help(kind: &str, from: &mut Source<'_>) -> Option<Event> {
    let counselor = from.name();
    Some(match kind {
        "HelpAsked" => Event::HelpAsked { counselor, contact: from.maybe(Source::contact), level: from.help_level() },
        "HelpAnswered" => Event::HelpAnswered { counselor, by: from.name() },
        "HelpEnded" => Event::HelpEnded { counselor },
        _ => return None,
    })
}
