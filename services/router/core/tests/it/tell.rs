//! Telling events as sentences, for stories: ids become the short names the story gave them.

use holdfast_core::effect::Settlement;
use holdfast_core::event::Event;
use holdfast_core::id::ContactId;
use holdfast_core::leg::Party;
use holdfast_core::time::Timestamp;

/// A contact's short name: stories number contacts from 1.
pub(crate) fn short(contact: ContactId) -> String {
    format!("c{}", contact.0)
}

fn clock(at: Timestamp) -> String {
    let ms = at.0.saturating_sub(super::story::START_MS);
    format!("{}.{:03}s", ms / 1_000, ms % 1_000)
}

/// One event as one sentence.
pub(crate) fn event(event: &Event) -> String {
    contact(event).or_else(|| offer(event)).or_else(|| leg_or_effect(event)).unwrap_or_else(|| network(event))
}

fn contact(event: &Event) -> Option<String> {
    Some(match event {
        Event::ContactArrived { contact, region, region_method, need, language, menu_ends_at, .. } => {
            let need = need.as_ref().map_or(String::from("need not known yet"), |need| format!("need {need}"));
            let menu = menu_ends_at.map_or(String::new(), |at| format!(", menu until {}", clock(at)));
            format!("{} arrived: {region} by {region_method:?}, {need}, {language}{menu}", short(*contact))
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
        Event::OfferAccepted { contact, counselor, .. } => format!("{counselor} accepted {}", short(*contact)),
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
