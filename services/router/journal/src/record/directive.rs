//! What operators decide for a while.

use super::DecodeError;
use super::field::{Field, choice, message, required};
use super::tell::{Tell, Told};
use holdfast_core::directive::{Directive, Door, Measure, Subject};
use holdfast_proto::journal::v1;

choice!(Door: Taking, Draining, Closed);

message!(Directive => Directive { measure, by, reason; until: until_at_ms });

impl Field<v1::Measure> for Measure {
    fn store(&self) -> v1::Measure {
        use v1::measure::What;
        let what = match self {
            Self::Center { center, door } => {
                What::Center(v1::CenterMeasure { center: center.store(), door: door.store() })
            }
            Self::Queue { queue, to } => What::Queue(v1::QueueMeasure { queue: queue.store(), to: to.store() }),
        };
        v1::Measure { what: Some(what) }
    }
    fn load(wire: v1::Measure, _: &'static str) -> Result<Self, DecodeError> {
        use v1::measure::What;
        match wire.what.ok_or(DecodeError::Malformed { field: "Measure.what" })? {
            What::Center(v1::CenterMeasure { center, door }) => Ok(Self::Center {
                center: Field::load(center, "CenterMeasure.center")?,
                door: Field::load(door, "CenterMeasure.door")?,
            }),
            What::Queue(v1::QueueMeasure { queue, to }) => Ok(Self::Queue {
                queue: Field::load(queue, "QueueMeasure.queue")?,
                to: Field::load(to, "QueueMeasure.to")?,
            }),
        }
    }
}
required!(Measure => v1::Measure);

impl Tell for Measure {
    fn tell(&self) -> Told {
        match self {
            Self::Center { center, door } => Told::Fields(vec![("center", center.tell()), ("door", door.tell())]),
            Self::Queue { queue, to } => Told::Fields(vec![("queue", queue.tell()), ("to", to.tell())]),
        }
    }
}

impl Field<v1::Subject> for Subject {
    fn store(&self) -> v1::Subject {
        use v1::subject::About;
        let about = match self {
            Self::Center(center) => About::Center(center.store()),
            Self::Queue(queue) => About::Queue(queue.store()),
        };
        v1::Subject { about: Some(about) }
    }
    fn load(wire: v1::Subject, _: &'static str) -> Result<Self, DecodeError> {
        use v1::subject::About;
        match wire.about.ok_or(DecodeError::Malformed { field: "Subject.about" })? {
            About::Center(center) => Field::load(center, "Subject.center").map(Self::Center),
            About::Queue(queue) => Field::load(queue, "Subject.queue").map(Self::Queue),
        }
    }
}
required!(Subject => v1::Subject);

impl Tell for Subject {
    fn tell(&self) -> Told {
        match self {
            Self::Center(center) => center.tell(),
            Self::Queue(queue) => queue.tell(),
        }
    }
}
