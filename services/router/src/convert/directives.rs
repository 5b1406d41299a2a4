//! What operators have decided for a while, on the wire.

use super::terms;
use holdfast_core::contact::Channel;
use holdfast_core::directive::{Directive, Door, Measure};
use holdfast_core::state::State;
use holdfast_proto::router::v1 as wire;

/// All of it, and what is closed by the hour.
#[must_use]
pub fn list(state: &State) -> wire::ListDirectivesResponse {
    let parts = state.parts();
    let closed = |open: &std::collections::BTreeSet<Channel>| {
        let each = [Channel::Voice, Channel::Text, Channel::Chat].into_iter().filter(|it| !open.contains(it));
        each.map(|it| terms::channel(it) as i32).collect::<Vec<_>>()
    };
    let out_of_hours = parts.open.iter().map(|(center, open)| (center, closed(open)));
    wire::ListDirectivesResponse {
        at_ms: parts.now.0,
        directives: state.directives().map(directive).collect(),
        out_of_hours: out_of_hours
            .filter(|(_, closed)| !closed.is_empty())
            .map(|(center, closed)| wire::OutOfHours { center: center.to_string(), closed })
            .collect(),
    }
}

fn directive(it: &Directive) -> wire::Directive {
    use wire::directive::Measure as Wire;
    let measure = match &it.measure {
        Measure::Center { center, door } => {
            Wire::Center(wire::CenterMeasure { center: center.to_string(), door: door_out(*door) as i32 })
        }
        Measure::Queue { queue, to } => {
            Wire::Queue(wire::QueueMeasure { queue: Some(terms::queue(queue)), to: Some(terms::queue(to)) })
        }
    };
    wire::Directive {
        measure: Some(measure),
        until_at_ms: it.until.0,
        by: it.by.to_string(),
        reason: it.reason.to_string(),
    }
}

const fn door_out(door: Door) -> wire::Door {
    match door {
        Door::Taking => wire::Door::Taking,
        Door::Draining => wire::Door::Draining,
        Door::Closed => wire::Door::Closed,
    }
}
