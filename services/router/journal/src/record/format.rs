//! The lowest format that can hold a record, so that an older standby follows until something new is really used.
//!
//! Deliberately absent: reading. A reader takes whatever format it knows.

use holdfast_core::counselor::ReadinessReason;
use holdfast_core::effect::Effect;
use holdfast_core::event::{Event, RequeueReason};
use holdfast_core::leg::LegState;
use holdfast_core::offer::RescindReason;
use holdfast_core::plan::{Member, Plan, Ring};

/// The format of a record of these events.
pub(super) fn of(events: &[Event]) -> u32 {
    if events.iter().any(needs_3) {
        3
    } else if events.iter().any(needs_2) {
        2
    } else {
        1
    }
}

/// Whether format 2 has no place for something in this event.
fn needs_3(event: &Event) -> bool {
    match event {
        Event::SearchWidened { .. }
        | Event::DirectiveGiven { .. }
        | Event::DirectiveEnded { .. }
        | Event::HoursChanged { .. }
        | Event::OfferRescinded { reason: RescindReason::CenterClosed, .. } => true,
        Event::PlanActivated { plan } => plan_needs_3(plan),
        _ => false,
    }
}

fn plan_needs_3(plan: &Plan) -> bool {
    let gained = |ring: &Ring| ring.after_ms > 0 || ring.below_answered_percent.is_some();
    let in_queues = plan.queues.values().flat_map(|it| &it.rings).any(gained);
    let in_needs = plan.needs.values().any(|need| !need.regions.is_empty() || !need.channels.is_empty());
    plan.timing.short_abandon_ms > 0 || !plan.hours.is_empty() || in_queues || in_needs
}

/// Whether format 1 has no place for something in this event.
fn needs_2(event: &Event) -> bool {
    match event {
        Event::ContactArrived { follows, .. } => follows.is_some(),
        Event::OfferAccepted { write_by, .. } => write_by.is_some(),
        Event::OfferRescinded { reason, .. } => {
            matches!(reason, RescindReason::HandoffEnded | RescindReason::AcuityRaised | RescindReason::PersonCalls)
        }
        Event::LegMoved { state, .. } => *state == LegState::Planned,
        Event::ContactRequeued { reason, .. } => {
            matches!(reason, RequeueReason::NobodyWrote | RequeueReason::DeskSilent)
        }
        Event::EffectAsked { effect, .. } => matches!(effect, Effect::DialPerson | Effect::Send { .. }),
        Event::ReadinessChanged { reason, .. } => *reason == ReadinessReason::DidNotWrite,
        Event::PlanActivated { plan } => plan_needs_2(plan),
        Event::ContactQueued { .. }
        | Event::ContactOffered { .. }
        | Event::OfferDeclined { .. }
        | Event::OfferExpired { .. }
        | Event::LegStarted { .. }
        | Event::ContactConnected { .. }
        | Event::PersonHeld { .. }
        | Event::PersonResumed { .. }
        | Event::WrapUpStarted { .. }
        | Event::WrapUpExtended { .. }
        | Event::ContactClosed { .. }
        | Event::ContactArchived { .. }
        | Event::EffectSettled { .. }
        | Event::EffectDoubted { .. }
        | Event::EffectBarred { .. }
        | Event::NoteWritten { .. }
        | Event::DeskConnected { .. }
        | Event::DeskLost { .. }
        | Event::CounselorLeft { .. }
        | Event::ReadinessRequested { .. }
        | Event::PersonErased { .. }
        | Event::LeadingStarted { .. }
        | Event::ClockAdvanced { .. }
        | Event::FormatRaised { .. } => false,
        Event::TextReceived { .. }
        | Event::TextSent { .. }
        | Event::TextMoved { .. }
        | Event::QuestionAnswered { .. }
        | Event::AcuityRaised { .. }
        | Event::ContactReopened { .. }
        | Event::HandoffStarted { .. }
        | Event::HandoffConsented { .. }
        | Event::PeerOffered { .. }
        | Event::PeerOfferClosed { .. }
        | Event::PeerReserved { .. }
        | Event::PeerJoining { .. }
        | Event::HandoffTogether { .. }
        | Event::HandoffConfirmed { .. }
        | Event::HandoffCompleted { .. }
        | Event::HandoffCancelled { .. }
        | Event::HandoffReturned { .. }
        | Event::HandoffWrapUpExtended { .. }
        | Event::HandoffWrittenUp { .. }
        | Event::HelpAsked { .. }
        | Event::HelpAnswered { .. }
        | Event::HelpEnded { .. }
        | Event::SearchWidened { .. }
        | Event::DirectiveGiven { .. }
        | Event::DirectiveEnded { .. }
        | Event::HoursChanged { .. } => true,
    }
}

fn plan_needs_2(plan: &Plan) -> bool {
    let Plan { texts, handoffs, names, members, .. } = plan;
    let gained = |member: &Member| member.peer.is_some() || !member.credentials.is_empty();
    texts.is_some() || handoffs.is_some() || names.is_some() || members.values().any(gained)
}
