//! Telling events as sentences, for stories: ids become the short names the story gave them.

use holdfast_core::contact::{Channel, Direction};
use holdfast_core::conversation::{Author, OptOut, Words};
use holdfast_core::directive::{Directive, Measure, Subject};
use holdfast_core::effect::Settlement;
use holdfast_core::event::Event;
use holdfast_core::id::ContactId;
use holdfast_core::leg::Party;
use holdfast_core::plan::QueueKey;
use holdfast_core::time::Timestamp;

/// A contact's short name: stories number contacts from 1.
pub(crate) fn short(contact: ContactId) -> String {
    format!("c{}", contact.0)
}

fn queue(of: &QueueKey) -> String {
    format!("{} / {} / {:?}", of.region, of.need, of.channel)
}

fn clock(at: Timestamp) -> String {
    let ms = at.0.saturating_sub(super::story::START_MS);
    format!("{}.{:03}s", ms / 1_000, ms % 1_000)
}

/// One event as one sentence.
pub(crate) fn event(event: &Event) -> String {
    contact(event)
        .or_else(|| offer(event))
        .or_else(|| leg_or_effect(event))
        .or_else(|| conversation(event))
        .or_else(|| handoff(event))
        .or_else(|| handed_over(event))
        .or_else(|| help(event))
        .unwrap_or_else(|| network(event))
}

fn contact(event: &Event) -> Option<String> {
    Some(match event {
        Event::ContactArrived {
            contact,
            direction: Direction::Outbound,
            region,
            need: Some(need),
            follows: Some(of),
            ..
        } => {
            format!("{} is to be called back, for {}: {region}, need {need}", short(*contact), short(*of))
        }
        Event::ContactArrived {
            contact,
            channel,
            region,
            region_method,
            need,
            language,
            menu_ends_at,
            follows,
            ..
        } => {
            let asked = if *channel == Channel::Voice { "menu" } else { "survey" };
            let follows = follows.map_or(String::new(), |of| format!(", follows {}", short(of)));
            let need = need.as_ref().map_or(String::from("need not known yet"), |need| format!("need {need}"));
            let menu = menu_ends_at.map_or(String::new(), |at| format!(", {asked} until {}", clock(at)));
            format!("{} arrived: {region} by {region_method:?}, {need}, {language}{menu}{follows}", short(*contact))
        }
        Event::SearchWidened { contact, reach_ms } => {
            format!("{} has waited {} s: further rings are asked", short(*contact), reach_ms / 1_000)
        }
        Event::ContactQueued { contact, queue, language, .. } => {
            format!("{} queued: {} / {} / {:?}, {language}", short(*contact), queue.region, queue.need, queue.channel)
        }
        Event::ContactConnected { contact, counselor } => format!("{} connected with {counselor}", short(*contact)),
        Event::PersonHeld { contact } => format!("{} on hold", short(*contact)),
        Event::PersonResumed { contact } => format!("{} off hold", short(*contact)),
        Event::ContactRequeued { contact, reason, .. } => {
            format!("{} back at its place in the queue: {reason:?}", short(*contact))
        }
        Event::WrapUpStarted { contact, deadline } => {
            format!("{} being written up until {}", short(*contact), clock(*deadline))
        }
        Event::WrapUpExtended { contact, deadline } => {
            format!("{} being written up until {} now", short(*contact), clock(*deadline))
        }
        Event::ContactClosed { contact, outcome, .. } => format!("{} closed: {outcome:?}", short(*contact)),
        Event::ContactArchived { contact } => format!("{} archived", short(*contact)),
        Event::NoteWritten { contact, counselor, note } => {
            format!("{counselor} wrote a note about {}: {note:?}", short(*contact))
        }
        _ => return None,
    })
}

fn offer(event: &Event) -> Option<String> {
    Some(match event {
        Event::ContactOffered { contact, attempt, counselor, deadline, ring, .. } => format!(
            "{} offered to {counselor}: offer {attempt}, ring {ring}, until {}",
            short(*contact),
            clock(*deadline)
        ),
        Event::OfferAccepted { contact, counselor, write_by, .. } => {
            let write_by = write_by.map_or(String::new(), |at| format!(", and has to write by {}", clock(at)));
            format!("{counselor} accepted {}{write_by}", short(*contact))
        }
        Event::OfferDeclined { contact, counselor, .. } => format!("{counselor} declined {}", short(*contact)),
        Event::OfferExpired { contact, counselor, .. } => {
            format!("{counselor} did not answer the offer of {}", short(*contact))
        }
        Event::OfferRescinded { contact, counselor, reason, .. } => {
            format!("offer of {} taken back from {counselor}: {reason:?}", short(*contact))
        }
        _ => return None,
    })
}

fn leg_or_effect(event: &Event) -> Option<String> {
    Some(match event {
        Event::LegStarted { contact, leg, party, .. } => {
            let who = match party {
                Party::Person => String::from("the person"),
                Party::Counselor(who) => who.to_string(),
            };
            format!("leg {leg} of {} started: {who}", short(*contact))
        }
        Event::LegMoved { contact, leg, state, cause, .. } => {
            let cause = cause.map_or(String::new(), |cause| format!(" ({cause:?})"));
            format!("leg {leg} of {}: {state:?}{cause}", short(*contact))
        }
        Event::EffectAsked { contact, number, effect } => {
            format!("to do at the carrier, {} #{number}: {effect:?}", short(*contact))
        }
        Event::EffectSettled { contact, number, settlement } => {
            let how = match settlement {
                Settlement::Accepted(_) => String::from("done"),
                Settlement::Refused(code) => format!("refused, {code}"),
            };
            format!("carrier, {} #{number}: {how}", short(*contact))
        }
        Event::EffectDoubted { contact, number } => format!("carrier, {} #{number}: in doubt", short(*contact)),
        Event::EffectBarred { contact, number, by } => {
            format!("carrier, {} #{number}: must not start any more, barred by #{by}", short(*contact))
        }
        _ => return None,
    })
}

fn conversation(event: &Event) -> Option<String> {
    Some(match event {
        Event::TextReceived { contact, message, opt_out, media, written_at, .. } => {
            let opt_out = if *opt_out == OptOut::None { String::new() } else { format!(", opt-out word: {opt_out:?}") };
            let media = if *media == 0 { String::new() } else { format!(", with {media} pictures") };
            let late = written_at.map_or(String::new(), |_| String::from(", some time ago"));
            format!("message {message} of {}: the person wrote{late}{opt_out}{media}", short(*contact))
        }
        Event::TextSent { contact, message, author, words, .. } => {
            let author = match author {
                Author::Person => String::from("the person"),
                Author::Line => String::from("the line"),
                Author::Member(who) => who.to_string(),
            };
            let words = if let Words::Said(words) = words { format!(": {words}") } else { String::new() };
            format!("message {message} of {}: {author} wrote{words}", short(*contact))
        }
        Event::TextMoved { contact, message, delivery, code } => {
            let code = code.as_ref().map_or(String::new(), |code| format!(" ({code})"));
            format!("message {message} of {}: {delivery:?}{code}", short(*contact))
        }
        Event::QuestionAnswered { contact, question, need } => {
            let says = need.as_ref().map_or(String::from("for the counselor to read"), |need| format!("need {need}"));
            format!("{} answered question {question}: {says}", short(*contact))
        }
        Event::AcuityRaised { contact, place } => {
            let nearer = if place.is_some() { ", and nearer to the front" } else { "" };
            format!("{} is taken to carry high risk{nearer}", short(*contact))
        }
        Event::ContactReopened { contact } => format!("{} goes on: the person wrote again", short(*contact)),
        _ => return None,
    })
}

fn handoff(event: &Event) -> Option<String> {
    Some(match event {
        Event::HandoffStarted { contact, number, from, toward, deadline, .. } => format!(
            "handoff {number} of {}: {from} asks the person about a {toward:?}, until {}",
            short(*contact),
            clock(*deadline)
        ),
        Event::HandoffConsented { contact, note, deadline } => {
            let note = if note.is_some() { ", with a note" } else { "" };
            format!("the person of {} agreed{note}: somebody is looked for until {}", short(*contact), clock(*deadline))
        }
        Event::PeerOffered { contact, attempt, peer, deadline, .. } => {
            format!("{peer} is asked to take over {}: offer {attempt}, until {}", short(*contact), clock(*deadline))
        }
        Event::PeerOfferClosed { contact, peer, became, reason, .. } => {
            let reason = reason.map_or(String::new(), |reason| format!(": {reason:?}"));
            format!("{peer} does not take over {}: {became:?}{reason}", short(*contact))
        }
        Event::PeerReserved { contact, peer, deadline, .. } => {
            format!("{peer} is reserved for {} and reads the note, until {}", short(*contact), clock(*deadline))
        }
        Event::PeerJoining { contact, leg, deadline } => {
            format!("leg {leg} of {} has to join by {}", short(*contact), clock(*deadline))
        }
        _ => return None,
    })
}

fn handed_over(event: &Event) -> Option<String> {
    Some(match event {
        Event::HandoffTogether { contact, deadline } => {
            format!("three together in {}, to be confirmed by {}", short(*contact), clock(*deadline))
        }
        Event::HandoffConfirmed { contact, deadline } => {
            format!("confirmed: whoever joined owns {} now; the other leaves by {}", short(*contact), clock(*deadline))
        }
        Event::HandoffCompleted { contact, wrap_up_ends_at } => {
            format!(
                "handoff of {} completed: whoever handed over writes up until {}",
                short(*contact),
                clock(*wrap_up_ends_at)
            )
        }
        Event::HandoffCancelled { contact, by } => format!("handoff of {} cancelled by {by}", short(*contact)),
        Event::HandoffReturned { contact, reason } => format!("handoff of {} returned: {reason:?}", short(*contact)),
        Event::HandoffWrapUpExtended { contact, counselor, deadline } => {
            format!("{counselor} writes up {} until {} now", short(*contact), clock(*deadline))
        }
        Event::HandoffWrittenUp { contact, counselor } => {
            format!("{counselor} no longer writes up {}", short(*contact))
        }
        _ => return None,
    })
}

fn help(event: &Event) -> Option<String> {
    Some(match event {
        Event::HelpAsked { counselor, contact, level } => {
            let about = contact.map_or(String::new(), |contact| format!(" about {}", short(contact)));
            format!("{counselor} asks for help{about}: {level:?}")
        }
        Event::HelpAnswered { counselor, by } => format!("{by} answers {counselor}"),
        Event::HelpEnded { counselor } => format!("the request of {counselor} is over"),
        _ => return None,
    })
}

fn network(event: &Event) -> String {
    match event {
        Event::DeskConnected { counselor, session, .. } => format!("{counselor} is at their desk (session {session})"),
        Event::DeskLost { counselor } => format!("{counselor} is unsure: desk lost"),
        Event::CounselorLeft { counselor } => format!("{counselor} is off shift"),
        Event::ReadinessChanged { counselor, readiness, reason } => {
            format!("{counselor} is {readiness:?}: {reason:?}")
        }
        Event::ReadinessRequested { counselor, readiness } => {
            format!("{counselor} will be {readiness:?} after this contact")
        }
        Event::DirectiveGiven { directive } => {
            let Directive { measure, until, by, reason } = &**directive;
            let what = match measure {
                Measure::Center { center, door } => format!("{center} is {door:?}"),
                Measure::Queue { queue: of, to } => format!("{} is searched for as {}", queue(of), queue(to)),
            };
            format!("{what} until {}, says {by}: {reason}", clock(*until))
        }
        Event::DirectiveEnded { subject: Subject::Center(center) } => format!("{center} is as the plan has it again"),
        Event::DirectiveEnded { subject: Subject::Queue(of) } => format!("{} is as the plan has it again", queue(of)),
        Event::HoursChanged { center, open } if open.is_empty() => format!("{center} closes by its hours"),
        Event::HoursChanged { center, open } => format!("{center} is open by its hours for {open:?}"),
        Event::PlanActivated { plan } => format!("plan {} of network {} in force", plan.version, plan.network),
        Event::PersonErased { person, slots } => {
            format!("person {} erased: {} key slots to zero", person.0, slots.len())
        }
        Event::LeadingStarted { epoch } => format!("router leads, epoch {epoch}"),
        Event::ClockAdvanced { gap_ms } => format!("nobody led for {gap_ms} ms"),
        Event::FormatRaised { format } => format!("format {format}"),
        other => format!("{other:?}"),
    }
}
