//! Wishes of operators about centers and queues, checked field by field. What the plan knows of them is the core's to say.

use super::{BadField, bad, name};
use crate::convert::terms;
use holdfast_core::command::Command;
use holdfast_core::directive::{Door, Measure, Subject};
use holdfast_core::id::{CenterId, NeedId, RegionId};
use holdfast_core::plan::QueueKey;
use holdfast_proto::router::v1 as wire;

pub(super) fn give(it: wire::GiveDirective, by: &str) -> Result<Command, BadField> {
    use wire::give_directive::Measure as Wire;
    let measure = match it.measure.ok_or(bad("command.give_directive.measure", "is required"))? {
        Wire::Center(wire::CenterMeasure { center, door }) => Measure::Center {
            center: CenterId::from(name("command.give_directive.center.center", &center)?),
            door: door_in(door).ok_or(bad("command.give_directive.center.door", "is required"))?,
        },
        Wire::Queue(wire::QueueMeasure { queue, to }) => Measure::Queue {
            queue: queue_in("command.give_directive.queue.queue", queue)?,
            to: queue_in("command.give_directive.queue.to", to)?,
        },
    };
    Ok(Command::GiveDirective { measure, for_ms: it.for_ms, by: by.into(), reason: it.reason.as_str().into() })
}

pub(super) fn end(it: wire::EndDirective) -> Result<Command, BadField> {
    use wire::end_directive::Subject as Wire;
    let subject = match it.subject.ok_or(bad("command.end_directive.subject", "is required"))? {
        Wire::Center(center) => Subject::Center(CenterId::from(name("command.end_directive.center", &center)?)),
        Wire::Queue(queue) => Subject::Queue(queue_in("command.end_directive.queue", Some(queue))?),
    };
    Ok(Command::EndDirective { subject })
}

fn door_in(door: i32) -> Option<Door> {
    match wire::Door::try_from(door).ok()? {
        wire::Door::Taking => Some(Door::Taking),
        wire::Door::Draining => Some(Door::Draining),
        wire::Door::Closed => Some(Door::Closed),
        wire::Door::Unspecified => None,
    }
}

fn queue_in(field: &'static str, queue: Option<wire::QueueKey>) -> Result<QueueKey, BadField> {
    let wire::QueueKey { region, need, channel } = queue.ok_or(bad(field, "is required"))?;
    Ok(QueueKey {
        region: RegionId::from(name(field, &region)?),
        need: NeedId::from(name(field, &need)?),
        channel: terms::channel_in(channel).ok_or(bad(field, "names no channel"))?,
    })
}
